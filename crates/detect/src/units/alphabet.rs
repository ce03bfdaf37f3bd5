//! The alphabets of runs, and how far runs go.

/// Letters, digits, `+` and `/`.
pub(super) const STANDARD: u8 = 1;
/// Letters, digits, `-` and `_`.
pub(super) const URL_SAFE: u8 = 1 << 1;
/// Hexadecimal digits.
pub(super) const HEX: u8 = 1 << 2;
/// Letters and digits.
pub(super) const ALNUM: u8 = 1 << 3;
/// Both base64 alphabets together.
pub(super) const EITHER: u8 = 1 << 4;
/// Printable ASCII and the white space of text.
pub(super) const TEXT: u8 = 1 << 5;
/// `%`, `\`, `&` and NUL: where the other encodings show.
pub(super) const SPECIAL: u8 = 1 << 6;
/// What tokens are made of, of whatever alphabet; no escape begins with it.
pub(super) const TOKEN: u8 = 1 << 7;

static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let byte = i as u8;
        table[i] = match byte {
            b'0'..=b'9' | b'A'..=b'F' | b'a'..=b'f' => STANDARD | URL_SAFE | HEX | ALNUM | EITHER,
            b'G'..=b'Z' | b'g'..=b'z' => STANDARD | URL_SAFE | ALNUM | EITHER,
            b'+' | b'/' => STANDARD | EITHER,
            b'-' | b'_' => URL_SAFE | EITHER,
            b'%' | b'\\' | b'&' | 0 => SPECIAL,
            _ => 0,
        };
        if matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~') {
            table[i] |= TEXT;
        }
        if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'.' | b'~' | b'=') {
            table[i] |= TOKEN;
        }
        i += 1;
    }
    table
}

/// Whether `byte` is of one of the classes in `mask`.
#[inline(always)]
pub(super) fn is(byte: u8, mask: u8) -> bool {
    CLASSES[byte as usize] & mask != 0
}

/// Where the run of bytes of the class `class` (one bit) that goes through `from` ends.
#[inline]
pub(super) fn run_end(bytes: &[u8], from: usize, class: u8) -> usize {
    let rest = &bytes[from..];
    let (blocks, tail) = rest.as_chunks::<8>();
    for (i, block) in blocks.iter().enumerate() {
        if block.iter().fold(class, |all, byte| all & CLASSES[*byte as usize]) == 0 {
            // Without branches: where runs end is not to be foreseen.
            let others = block.iter().rev().fold(0u32, |bits, byte| bits << 1 | u32::from(!is(*byte, class)));
            return from + 8 * i + others.trailing_zeros() as usize;
        }
    }
    bytes.len() - tail.len() + tail.iter().take_while(|byte| is(**byte, class)).count()
}

/// The same, not looking farther than `limit` bytes from `from`.
#[inline]
pub(super) fn run_end_within(bytes: &[u8], from: usize, class: u8, limit: usize) -> usize {
    run_end(&bytes[..from.saturating_add(limit).min(bytes.len())], from, class)
}

/// Where the run of bytes of the class `class` (one bit) that ends before `to` starts, not looking before `floor`.
#[inline]
pub(super) fn run_start(bytes: &[u8], to: usize, class: u8, floor: usize) -> usize {
    let before = &bytes[floor.min(to)..to];
    let (_, blocks) = before.as_rchunks::<8>();
    let all = |block: &&[u8; 8]| block.iter().fold(class, |all, byte| all & CLASSES[*byte as usize]) != 0;
    let whole = blocks.iter().rev().take_while(all).count() * 8;
    to - whole - before[..before.len() - whole].iter().rev().take_while(|byte| is(**byte, class)).count()
}

/// Whether `len` bytes of the class `class` stand at `at`.
#[inline]
pub(super) fn are(bytes: &[u8], at: usize, len: usize, class: u8) -> bool {
    bytes.get(at..at + len).is_some_and(|run| run.iter().all(|byte| is(*byte, class)))
}
