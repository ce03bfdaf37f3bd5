//! Placeholders: what people write where a credential belongs.

use super::examples::names_itself;
use super::vocabulary::{FILLER, MARKER, topics};
use super::words::Words;

/// Bytes of a value that are looked at.
const LOOKED_AT: usize = 256;

/// Texts of seven letters or more that no random token holds, separators dropped; sorted.
#[rustfmt::skip]
const TELLING: &[&[u8]] = &[
    b"censored", b"changeit", b"changeme", b"changethis", b"dummykey", b"dummypass", b"dummysecret", b"dummytoken",
    b"enteryour", b"example", b"fakefake", b"fakekey", b"fakepass", b"fakepwd", b"fakesecret", b"faketoken", b"foobarbaz",
    b"goeshere", b"insertyour", b"keygoes", b"keyhere", b"loremipsum", b"mysecretkey", b"notareal", b"notasecret",
    b"notreal", b"passwordhere", b"placeholder", b"putyour", b"redacted", b"replaceme", b"replacethis",
    b"replacewith", b"replaceyour", b"samplekey", b"samplesecret", b"sampletoken", b"secrethere", b"somesecret",
    b"sometoken", b"testtest", b"thisisa", b"thisisnot", b"tokengoes", b"tokenhere", b"youraccess", b"yourapi",
    b"yourapp", b"yourauth", b"yourclient", b"yourkey", b"yourown", b"yourpass", b"yourprivate", b"yoursecret",
    b"yourstrong", b"yourtoken",
];

/// Whether `tail`, the value without its rule's public prefix, stands for a value.
pub(super) fn is_placeholder(tail: &[u8], name: Option<&[u8]>) -> bool {
    if tail.len() > LOOKED_AT {
        return false;
    }
    if is_crossed_out(tail, name.is_some()) || holds_telling_text(tail) || is_made_of_words(tail, name.is_some()) {
        return true;
    }
    name.is_some_and(|name| {
        is_marks_alone(tail)
            || is_bracketed(tail)
            || repeats(name, tail)
            || names_itself(tail)
            || is_spelled_in_hexadecimal(tail)
    })
}

/// `…` and `•` in UTF-8.
const ELLIPSIS: &[u8] = "\u{2026}".as_bytes();
const BULLET: &[u8] = "\u{2022}".as_bytes();

/// `xxxx`, `****`, `....`, `____`, `<...>`: the whole, a run of six, or four at either end.
fn is_crossed_out(tail: &[u8], strict: bool) -> bool {
    let is_cross = |b: &u8| matches!(b, b'x' | b'X');
    let run = |text: &mut dyn Iterator<Item = &u8>| text.take_while(|b| is_cross(b)).count();
    let longest = tail.chunk_by(|a, b| is_cross(a) && is_cross(b)).map(|c| run(&mut c.iter())).max().unwrap_or(0);
    let at_ends = run(&mut tail.iter()).max(run(&mut tail.iter().rev()));
    longest >= 6
        || at_ends >= 4
        || strict && longest == tail.len() && longest >= 2
        || tail.windows(3).any(|three| matches!(three, b"***" | b"..." | ELLIPSIS | BULLET))
        || strict && tail.iter().all(|b| b"*.-_?#!xX ".contains(b))
}

/// Whether one of [`TELLING`] is in `tail`, whatever separates its words.
fn holds_telling_text(tail: &[u8]) -> bool {
    let mut buffer = [0u8; LOOKED_AT];
    let mut len = 0;
    for b in tail.iter().filter(|b| !b"-_. ".contains(b)) {
        buffer[len] = b.to_ascii_lowercase();
        len += 1;
    }
    let text = &buffer[..len];
    (0..len).any(|at| {
        let rest = &text[at..];
        let tells = |word: &[u8]| rest.starts_with(word) && !is_host(&rest[word.len()..]);
        rest.len() >= 7 && telling(rest[0]).iter().any(|word| tells(word))
    })
}

/// Whether a host name's last label comes next: `db.example.com` in a connection string says nothing of its password.
fn is_host(rest: &[u8]) -> bool {
    [b"com", b"org", b"net"].iter().any(|label| rest.starts_with(*label))
}

/// The part of the sorted [`TELLING`] that begins with `first`.
fn telling(first: u8) -> &'static [&'static [u8]] {
    match first {
        b'a'..=b'z' => {
            &TELLING[usize::from(STARTS[usize::from(first - b'a')])..usize::from(STARTS[usize::from(first - b'a') + 1])]
        }
        _ => &[],
    }
}

/// For each letter, how many of [`TELLING`] begin with an earlier one.
const STARTS: [u8; 27] = {
    let mut starts = [0; 27];
    let mut at = 0;
    while at < TELLING.len() {
        let mut letter = (TELLING[at][0] - b'a') as usize + 1;
        while letter < starts.len() {
            starts[letter] += 1;
            letter += 1;
        }
        at += 1;
    }
    starts
};

/// Whether `tail` is made of the words above alone, at least one of them a marker; one digit may stand at the end. Without
/// `strict`, there must be three words or more.
fn is_made_of_words(tail: &[u8], strict: bool) -> bool {
    if strict && !tail.is_ascii() {
        return without_accents(tail).is_some_and(|text| is_made_of_words(&text, strict));
    }
    let tail = match tail {
        [head @ .., b'0'..=b'9'] if strict => head,
        tail => tail,
    };
    let is_fitting = |b: &u8| b.is_ascii_alphabetic() || b"-_. /:!'".contains(b);
    if !tail.iter().all(is_fitting) || tail.len() > 64 {
        return false;
    }
    let (mut count, mut marked) = (0, false);
    for word in Words::of(tail).iter() {
        match spelled(word) {
            Some((words, has_marker)) => (count, marked) = (count + words, marked | has_marker),
            None => return false,
        }
    }
    marked && (strict || count >= 3)
}

/// A text of Latin letters with its accents dropped, as people write where they have none; `None` for other letters.
fn without_accents(text: &[u8]) -> Option<Vec<u8>> {
    const ACCENTED: [(&str, char); 14] = [
        ("àáâãäåą", 'a'),
        ("çćč", 'c'),
        ("ďđ", 'd'),
        ("èéêëęě", 'e'),
        ("ğ", 'g'),
        ("ìíîïıİ", 'i'),
        ("ł", 'l'),
        ("ñńň", 'n'),
        ("òóôõöøő", 'o'),
        ("řŕ", 'r'),
        ("śşšß", 's'),
        ("ťţ", 't'),
        ("ùúûüůű", 'u'),
        ("ýźżž", 'z'),
    ];
    let plain = |c: char| match c {
        _ if c.is_ascii() => Some(c),
        _ => {
            let small = c.to_lowercase().next()?;
            ACCENTED.iter().find(|(letters, _)| letters.contains(small)).map(|(_, plain)| *plain)
        }
    };
    let text: Option<String> = std::str::from_utf8(text).ok()?.chars().map(plain).collect();
    text.map(String::into_bytes)
}

/// Words that hexadecimal digits spell, and people write where some number must stand.
const SPELLED: [&[u8]; 10] = [
    b"baadf00d",
    b"badc0de",
    b"badc0ffee",
    b"c0ffee",
    b"cafebabe",
    b"cafe",
    b"deadbeef",
    b"deadc0de",
    b"facefeed",
    b"feedface",
];

/// Whether a value is such words alone: `deadbeef`, `deadbeefcafebabe`.
fn is_spelled_in_hexadecimal(value: &[u8]) -> bool {
    let mut rest = value;
    while let Some(word) =
        SPELLED.iter().find(|word| rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word))
    {
        rest = &rest[word.len()..];
    }
    rest.is_empty() && !value.is_empty()
}

/// How many known words `word` is put together from, and whether a marker is among them; the longest fitting word is
/// taken first, and given back where the rest does not come out.
fn spelled(word: &[u8]) -> Option<(usize, bool)> {
    if word.is_empty() {
        return Some((0, false));
    }
    let longest = word.len().min(13);
    (1..=longest).rev().find_map(|len| {
        let (head, rest) = word.split_at(len);
        let said = topics(head);
        // Single letters inside a run of letters are no words.
        let fits = said & MARKER != 0 || said & FILLER != 0 && (len > 1 || word.len() == 1);
        let (count, marked) = if fits { spelled(rest)? } else { return None };
        Some((count + 1, marked | (said & MARKER != 0)))
    })
}

/// Whether no letter and no digit stands in it, of any script.
fn is_marks_alone(tail: &[u8]) -> bool {
    std::str::from_utf8(tail).is_ok_and(|text| !text.chars().any(char::is_alphanumeric))
}

/// `<your-key>`, `[token]`, `{password}`, `((secret))`, `__KEY__`: words between brackets.
fn is_bracketed(tail: &[u8]) -> bool {
    let inner = match tail {
        [b'<', inner @ .., b'>'] | [b'[', inner @ .., b']'] | [b'{', inner @ .., b'}'] | [b'(', inner @ .., b')'] => {
            inner
        }
        [b'_', b'_', inner @ .., b'_', b'_'] | [b'@', b'@', inner @ .., b'@', b'@'] => inner,
        _ => return false,
    };
    !inner.is_empty() && inner.iter().all(|b| b.is_ascii_alphanumeric() || b"-_. :|,'/()<>[]{}".contains(b))
}

/// Whether the value is its own name, or the name's last words, written in whatever way.
fn repeats(name: &[u8], value: &[u8]) -> bool {
    let is_wordy = |b: &u8| b.is_ascii_alphabetic() || b"-_. ".contains(b);
    value.len() > 2 && value.iter().all(is_wordy) && {
        let mut name = name.iter().rev().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase);
        value.iter().rev().filter(|b| b.is_ascii_alphabetic()).all(|b| name.next() == Some(b.to_ascii_lowercase()))
    }
}
