//! Values that are counted up, repeated, or typed along a keyboard row.

/// Bytes of a value that are looked at.
const LOOKED_AT: usize = 256;

/// How much regularity is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bar {
    /// Four regular characters are enough: for generic values.
    Low,
    /// What random text of 16 characters, even of digits alone, is with a probability below one in 100,000.
    Chance,
    /// That, and what nobody could take for random either.
    Obvious,
}

/// Whether `tail` is too regular.
pub(super) fn is_sequence(tail: &[u8], bar: Bar) -> bool {
    let mut buffer = [0u8; LOOKED_AT];
    let mut len = 0;
    for b in tail.iter().filter(|b| !b"-_./:+= ".contains(b)).take(LOOKED_AT) {
        buffer[len] = b.to_ascii_lowercase();
        len += 1;
    }
    let text = &buffer[..len];
    if len < if bar == Bar::Low { 4 } else { 8 } {
        return false;
    }
    let interleaved = match bar {
        Bar::Low => len >= 8 && is_counted(text, 2, bar),
        Bar::Chance => is_counted(text, 2, bar),
        Bar::Obvious => false,
    };
    let in_runs = bar == Bar::Low && is_counted_in_runs(text);
    has_few_bytes(text, bar) || is_periodic(text, bar) || is_counted(text, 1, bar) || interleaved || in_runs
}

/// Two or three different bytes, or one that makes up most.
fn has_few_bytes(text: &[u8], bar: Bar) -> bool {
    let mut counts = [0u16; 256];
    text.iter().for_each(|b| counts[usize::from(*b)] += 1);
    let different = counts.iter().filter(|c| **c > 0).count();
    let most = usize::from(counts.into_iter().max().unwrap_or(0));
    match text.len() {
        0..8 => different == 1,
        8..16 => different == 1 || bar == Bar::Low && different == 2,
        len => different <= 3 || most * 10 >= len * 7 || longest_run(text) * 2 >= len,
    }
}

fn longest_run(text: &[u8]) -> usize {
    text.chunk_by(|a, b| a == b).map(<[u8]>::len).max().unwrap_or(0)
}

/// A period of up to a third of the text; up to a half where the text is long enough for that to be no chance. More than
/// eight characters repeated are no obvious placeholder, four in a token: test data is made that way.
fn is_periodic(text: &[u8], bar: Bar) -> bool {
    let len = text.len();
    // `123123`
    let digits = bar == Bar::Low && len <= 8 && text.iter().all(u8::is_ascii_digit);
    let longest = if len >= 16 || digits { len / 2 } else { len / 3 };
    let longest = longest.min(match bar {
        Bar::Low => 8,
        Bar::Chance => longest,
        Bar::Obvious => 4,
    });
    (1..=longest).any(|period| {
        let compared = len - period;
        let allowed = if compared >= 32 { compared / 16 } else { 0 };
        let differing = text.iter().zip(&text[period..]).filter(|(a, b)| a != b).take(allowed + 1).count();
        differing <= allowed && (compared >= 8 || bar == Bar::Low)
    })
}

/// `abc123`, `qwe123`: letters and digits in turn, three or more of each, every run counted.
fn is_counted_in_runs(text: &[u8]) -> bool {
    let mut runs = text.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
    text.len() <= 9 && runs.all(|run| run.len() >= 3 && run.windows(2).all(|w| follows(w[0], w[1])))
}

/// Whether most bytes follow from the one `stride` before: the same, one up, one down, or the next key of the keyboard.
fn is_counted(text: &[u8], stride: usize, bar: Bar) -> bool {
    let steps = text.len() - stride.min(text.len());
    let regular = text.iter().zip(&text[stride..]).filter(|(a, b)| follows(**a, **b)).count();
    // Three in ten digits follow by chance; five standard deviations above that are none.
    let by_no_chance = regular >= (3 * steps + 22 * (steps * 100).isqrt() / 10) / 10 + 2;
    let nearly_all = regular * 20 >= steps * 17;
    match bar {
        Bar::Low => by_no_chance || nearly_all,
        Bar::Chance => by_no_chance,
        Bar::Obvious => by_no_chance && nearly_all,
    }
}

fn follows(a: u8, b: u8) -> bool {
    let counted = a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric() && a.abs_diff(b) <= 1;
    let wrapped = matches!((a, b), (b'9', b'0' | b'a') | (b'z' | b'f', b'0' | b'a' | b'1'));
    counted || wrapped || a == b || a.is_ascii_lowercase() && NEXT_KEY[usize::from(a - b'a')] == b
}

/// For each letter, the one to its right on the keyboard, or 0.
const NEXT_KEY: [u8; 26] = {
    let rows = b"qwertyuiop asdfghjkl zxcvbnm ";
    let mut next = [0; 26];
    let mut at = 0;
    while at + 1 < rows.len() {
        if rows[at] != b' ' && rows[at + 1] != b' ' {
            next[(rows[at] - b'a') as usize] = rows[at + 1];
        }
        at += 1;
    }
    next
};
