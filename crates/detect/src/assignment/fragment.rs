//! Whether a rule's fragment stands at an anchor, as a name or the end of one and not as a piece of another word.

use rules::Assignment;

/// Short fragments that are a piece of no word.
const UNMISTAKEN: [&[u8]; 2] = [b"pwd", b"psk"];
/// Fragments up to this length are pieces of other words.
const SHORT: usize = 4;
/// What people write right before a short fragment, as one word: `dbpass`, `userpass`.
const COMPOUNDS: &[&[u8]] = &[
    b"account",
    b"acct",
    b"admin",
    b"api",
    b"app",
    b"archive",
    b"auth",
    b"bind",
    b"bot",
    b"cert",
    b"ci",
    b"client",
    b"crypt",
    b"db",
    b"default",
    b"docker",
    b"ds",
    b"enc",
    b"ftp",
    b"git",
    b"guest",
    b"host",
    b"http",
    b"imap",
    b"jdbc",
    b"jenkins",
    b"keystore",
    b"ldap",
    b"local",
    b"login",
    b"mail",
    b"master",
    b"mongo",
    b"mqtt",
    b"my",
    b"mysql",
    b"net",
    b"new",
    b"o",
    b"old",
    b"ora",
    b"oracle",
    b"pdf",
    b"pg",
    b"pop",
    b"postgres",
    b"proxy",
    b"rabbit",
    b"rdp",
    b"redis",
    b"registry",
    b"remote",
    b"repo",
    b"root",
    b"server",
    b"service",
    b"sign",
    b"sip",
    b"smb",
    b"smtp",
    b"sql",
    b"ssh",
    b"store",
    b"sudo",
    b"super",
    b"svn",
    b"sys",
    b"temp",
    b"test",
    b"tmp",
    b"trust",
    b"user",
    b"usr",
    b"vnc",
    b"vpn",
    b"web",
    b"wifi",
    b"wpa",
    b"zip",
];
/// A word before a fragment is at most this long.
const WORD: usize = 24;

/// Which of `names` may stand where `literal` does, by their places in the list: rules have many, of which few begin alike.
pub(crate) fn beginning(names: &Assignment, literal: &[u8]) -> Vec<u16> {
    let may_stand = |name: &String| {
        let mut here = 0;
        for wanted in name.bytes() {
            // Behind the literal anything may stand.
            let Some(byte) = literal.get(here) else { return true };
            let Some(len) = taken(wanted, *byte) else { return false };
            here += len;
        }
        true
    };
    (0..).zip(&names.names).filter(|(_, name)| may_stand(name)).map(|(place, _)| place).collect()
}

/// Length of the longest fragment of `names` at `at`; `None` if none stands there, or only as a piece of another word. `of`: which
/// of them are looked for.
pub(crate) fn len(names: &Assignment, of: &[u16], bytes: &[u8], at: usize) -> Option<usize> {
    let len = of.iter().filter_map(|place| spelled(bytes, at, &names.names[usize::from(*place)])).max()?;
    if goes_on(bytes, at, at + len) {
        return None;
    }
    let fragment = &bytes[at..at + len];
    let fits = if !fragment[0].is_ascii_alphabetic() && fragment[0].is_ascii() {
        agrees(bytes, at)
    } else if names.after.is_empty() {
        len > SHORT
            || UNMISTAKEN.iter().any(|word| fragment.eq_ignore_ascii_case(word))
            || begins_word(bytes, at)
            || is_compound(bytes, at)
    } else {
        is_qualified(bytes, at, &names.after)
    };
    fits.then_some(len)
}

/// Length of what stands at `at`, if it is one of the spellings of `name`.
fn spelled(bytes: &[u8], at: usize, name: &str) -> Option<usize> {
    let mut here = at;
    for wanted in name.bytes() {
        here += bytes.get(here).map_or((wanted == b'_').then_some(0), |byte| taken(wanted, *byte))?;
    }
    Some(here - at)
}

/// How many bytes of a text that goes on with `byte` stand for `wanted` of a name: one, or none where nothing may; `None` if
/// something else must stand there.
fn taken(wanted: u8, byte: u8) -> Option<usize> {
    match (wanted, byte) {
        (b'_', b'_' | b'-' | b'.') => Some(1),
        (b'_', _) => Some(0),
        (_, byte) => (byte.to_ascii_lowercase() == wanted).then_some(1),
    }
}

/// Whether the word of the fragment goes on behind it (`tokenizer`, `SECRETARY`), so that it is another word.
fn goes_on(bytes: &[u8], start: usize, end: usize) -> bool {
    let Some(next) = bytes.get(end) else { return false };
    let capitals = bytes[start..end].iter().all(|b| !b.is_ascii_lowercase());
    if capitals { next.is_ascii_uppercase() } else { next.is_ascii_lowercase() }
}

/// Whether what stands before the separator at `at` is written like what stands behind it: `BIND_PW`, `bind_pw`, not the
/// locales `en_PW` and `en-pw`.
fn agrees(bytes: &[u8], at: usize) -> bool {
    let word = word_before(bytes, at);
    if word.len() == 2 && !word.eq_ignore_ascii_case(b"db") && !word.eq_ignore_ascii_case(b"my") {
        return false;
    }
    let before = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
    before.is_ascii_digit()
        || before.is_ascii_alphabetic() && before.is_ascii_uppercase() == bytes[at + 1].is_ascii_uppercase()
}

/// Whether a word, or a hump of one, begins at `at`.
fn begins_word(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
    !before.is_ascii_alphabetic() || before.is_ascii_lowercase() && bytes[at].is_ascii_uppercase()
}

/// The letters right before `at`, at most [`WORD`].
fn word_before(bytes: &[u8], at: usize) -> &[u8] {
    let from = at.saturating_sub(WORD);
    let len = bytes[from..at].iter().rev().take_while(|b| b.is_ascii_alphabetic()).count();
    &bytes[at - len..at]
}

fn is_compound(bytes: &[u8], at: usize) -> bool {
    let before = word_before(bytes, at);
    let ends = |word: &[u8]| ends_with(before, word) && begins_word(bytes, at - word.len());
    COMPOUNDS.iter().any(|word| ends(word))
}

/// Whether one of `words` stands right before `at`: joined, or with one of `_-. ` between.
fn is_qualified(bytes: &[u8], at: usize, words: &[String]) -> bool {
    let end = match at.checked_sub(1).map(|before| bytes[before]) {
        Some(b'_' | b'-' | b'.' | b' ') => at - 1,
        Some(_) => at,
        None => return false,
    };
    let before = word_before(bytes, end);
    let ends = |word: &[u8]| ends_with(before, word) && (word.len() > SHORT || begins_word(bytes, end - word.len()));
    !before.is_empty() && words.iter().any(|word| ends(word.as_bytes()))
}

fn ends_with(text: &[u8], word: &[u8]) -> bool {
    // Most end in another letter.
    let last = |of: &[u8]| of.last().map(u8::to_ascii_lowercase);
    last(text) == last(word) && text.len() >= word.len() && text[text.len() - word.len()..].eq_ignore_ascii_case(word)
}
