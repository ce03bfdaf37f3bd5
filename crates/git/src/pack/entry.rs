//! The head of an entry of a pack, and the instructions of a delta.
//!
//! Format: <https://git-scm.com/docs/pack-format#_pack_pack_files_have_the_following_format>.

use crate::oid::Kind;

/// What stands before an entry's compressed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) form: Form,
    /// Length of the entry's own bytes after inflating: the object's, or the delta's.
    pub(crate) size: u64,
    /// Where the compressed bytes begin, counted from the entry's first byte.
    pub(crate) len: usize,
}

/// How an entry stores its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it is.
    Whole(Kind),
    /// As a delta against the entry so many bytes before.
    Offset(u64),
    /// As a delta against the object whose id stands at this place, counted from the entry's first byte.
    Reference(usize),
}

/// Reads the head of an entry; `id_len` is the length of ids in bytes.
pub(crate) fn head(bytes: &[u8], id_len: usize) -> Option<Head> {
    let first = *bytes.first()?;
    let mut size = u64::from(first & 15);
    let (mut at, mut shift, mut more) = (1, 4, first & 0x80 != 0);
    while more {
        let byte = *bytes.get(at)?;
        let part = u64::from(byte & 0x7f);
        if shift > 60 || part.leading_zeros() < shift {
            return None;
        }
        size |= part << shift;
        (at, shift, more) = (at + 1, shift + 7, byte & 0x80 != 0);
    }
    let form = match first >> 4 & 7 {
        1 => Form::Whole(Kind::Commit),
        2 => Form::Whole(Kind::Tree),
        3 => Form::Whole(Kind::Blob),
        4 => Form::Whole(Kind::Tag),
        6 => {
            let (back, len) = distance(bytes.get(at..)?)?;
            at += len;
            Form::Offset(back)
        }
        7 => {
            let id = at;
            at += id_len;
            bytes.get(id..at)?;
            Form::Reference(id)
        }
        _ => return None,
    };
    Some(Head { form, size, len: at })
}

/// The distance to a base: a number in base 128, each digit but the first counted one higher.
fn distance(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (at, byte) in bytes.iter().enumerate() {
        value = value.checked_shl(7)?.checked_add(u64::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
        value = value.checked_add(1)?;
        if value >> 56 != 0 {
            return None;
        }
    }
    None
}

/// What a stretch of a target is, in the order of the target: of a delta's instructions those that go on are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// `len` bytes of the base, from `base` on.
    Copy {
        /// Offset in the base.
        base: usize,
        /// How many bytes.
        len: usize,
    },
    /// New bytes.
    Insert {
        /// How many bytes.
        len: usize,
    },
}

/// Lengths that a delta says of its base and of its target, and where its instructions begin.
pub(crate) fn delta_head(delta: &[u8]) -> Option<(usize, usize, usize)> {
    let (base, at) = number(delta, 0)?;
    let (target, at) = number(delta, at)?;
    Some((base, target, at))
}

fn number(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let (mut value, mut shift) = (0u64, 0);
    loop {
        let byte = *bytes.get(at)?;
        let part = u64::from(byte & 0x7f);
        if shift > 63 || part.leading_zeros() < shift {
            return None;
        }
        value |= part << shift;
        (at, shift) = (at + 1, shift + 7);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, at));
        }
    }
}

/// Makes the target of a delta: its bytes behind those in `target`, which is empty; `script` becomes its instructions, where copies
/// of at most `short` bytes count as new, but for those that begin or end the target. Time and memory are bounded by `limit`, the most
/// bytes that a target may have.
pub(crate) fn apply(
    delta: &[u8],
    base: &[u8],
    target: &mut Vec<u8>,
    (script, short): (&mut Vec<Instruction>, usize),
    limit: usize,
) -> Result<(), &'static str> {
    let (base_len, target_len, mut at) = delta_head(delta).ok_or("a delta without lengths")?;
    if base_len != base.len() {
        return Err("a delta against a base of another length");
    }
    if target_len > limit {
        return Err("an object larger than the limit");
    }
    // Larger memory that is asked for would take over what is in this, which is nothing.
    if target.capacity() < target_len + BLOCK {
        *target = Vec::with_capacity(target_len + target_len / 8 + BLOCK);
    }
    script.clear();
    let mut stretches = Stretches { script, short, new: 0, copy: (0, 0) };
    while let Some(code) = delta.get(at) {
        at += 1;
        let left = target_len - target.len();
        if code & 0x80 == 0 {
            let len = usize::from(*code);
            let bytes = delta.get(at..at + len).filter(|_| len > 0).ok_or("a delta that ends early")?;
            if len > left {
                return Err("a delta longer than its target");
            }
            append(target, bytes, &delta[at..]);
            stretches.insert(len);
            at += len;
            continue;
        }
        let (offset, len, next) = copy(*code, delta, at).ok_or("a delta that ends early")?;
        at = next;
        let bytes = base.get(offset..offset.wrapping_add(len)).ok_or("a delta that copies beyond its base")?;
        if len > left {
            return Err("a delta longer than its target");
        }
        append(target, bytes, &base[offset..]);
        stretches.copy(offset, len);
    }
    stretches.end();
    if target.len() == target_len { Ok(()) } else { Err("a delta shorter than its target") }
}

/// Most stretches are no longer than this: they are copied with what stands behind them, which is cut off again, since to copy by
/// length costs a call and a guess each.
const BLOCK: usize = 64;

/// Appends `bytes`, which `rest` begins with.
#[inline(always)]
fn append(target: &mut Vec<u8>, bytes: &[u8], rest: &[u8]) {
    match rest.first_chunk::<BLOCK>() {
        Some(block) if bytes.len() <= BLOCK => {
            let len = target.len() + bytes.len();
            target.extend_from_slice(block);
            target.truncate(len);
        }
        _ => target.extend_from_slice(bytes),
    }
}

/// A script that is being written. Most deltas have many instructions and few long copies.
struct Stretches<'s> {
    script: &'s mut Vec<Instruction>,
    short: usize,
    /// New bytes behind what is written.
    new: usize,
    /// What is copied behind these, as offset and length: it may go on.
    copy: (usize, usize),
}

impl Stretches<'_> {
    #[inline]
    fn insert(&mut self, len: usize) {
        self.end_copy(false);
        self.new += len;
    }

    #[inline]
    fn copy(&mut self, base: usize, len: usize) {
        if self.copy.1 > 0 && self.copy.0 + self.copy.1 == base {
            self.copy.1 += len;
        } else {
            self.end_copy(false);
            self.copy = (base, len);
        }
    }

    #[inline]
    fn end_copy(&mut self, is_last: bool) {
        let (base, len) = std::mem::take(&mut self.copy);
        let is_first = self.new == 0 && self.script.is_empty();
        if len > self.short || len > 0 && (is_first || is_last) {
            self.end_new();
            self.script.push(Instruction::Copy { base, len });
        } else {
            self.new += len;
        }
    }

    fn end_new(&mut self) {
        let len = std::mem::take(&mut self.new);
        if len > 0 {
            self.script.push(Instruction::Insert { len });
        }
    }

    fn end(mut self) {
        self.end_copy(true);
        self.end_new();
    }
}

/// Offset, length and the place behind a copy instruction.
#[inline]
fn copy(code: u8, delta: &[u8], at: usize) -> Option<(usize, usize, usize)> {
    let mut rest = [0; 8];
    match delta.get(at..)?.first_chunk::<8>() {
        Some(next) => rest = *next,
        None => rest[..delta.len() - at].copy_from_slice(&delta[at..]),
    }
    let next = u64::from_le_bytes(rest);
    // Left out are bytes that are 0: mostly those above all others.
    let (of_offset, of_len) = (code & 15, code >> 4 & 7);
    let (offset, len, used) = if of_offset & (of_offset + 1) == 0 && of_len & (of_len + 1) == 0 {
        let (first, second) = (of_offset.trailing_ones(), of_len.trailing_ones());
        let low = |value: u64, bytes: u32| value & !(u64::MAX << (8 * bytes));
        (low(next, first), low(next >> (8 * first), second), first + second)
    } else {
        spread(code, next)
    };
    let end = at + used as usize;
    (end <= delta.len()).then_some((offset as usize, if len == 0 { 0x1_0000 } else { len as usize }, end))
}

/// Offset and length of a copy instruction whichever of their bytes are there, and how many are.
#[cold]
fn spread(code: u8, next: u64) -> (u64, u64, u32) {
    let (mut word, mut used) = (0, 0);
    for bit in (0..7).filter(|bit| code >> bit & 1 == 1) {
        word |= (next >> (8 * used) & 0xff) << (8 * bit);
        used += 1;
    }
    (word & 0xffff_ffff, word >> 32, used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read() {
        let head_of = |bytes: &[u8]| head(bytes, 20);
        assert_eq!(head_of(&[0x35]), Some(Head { form: Form::Whole(Kind::Blob), size: 5, len: 1 }));
        assert_eq!(head_of(&[0x95, 0x81, 0x01]).map(|h| h.size), Some(5 | 1 << 4 | 1 << 11));
        assert_eq!(head_of(&[0x61, 0x80, 0x00]).map(|h| h.form), Some(Form::Offset(128)));
        let reference = [&[0x70][..], &[9; 20]].concat();
        assert_eq!(head_of(&reference), Some(Head { form: Form::Reference(1), size: 0, len: 21 }));
        for broken in [&[][..], &[0x80], &[0x05], &[0x55], &reference[..20], &[0x61, 0x80], &[0xff; 30]] {
            assert_eq!(head_of(broken), None, "{broken:?}");
        }
        assert_eq!(head_of(&[&[0x61][..], &[0xff; 20], &[0]].concat()), None, "a distance beyond all bounds");
    }

    fn made(delta: &[u8], base: &[u8]) -> Result<(Vec<u8>, Vec<Instruction>), &'static str> {
        let (mut target, mut script) = (Vec::new(), Vec::new());
        apply(delta, base, &mut target, (&mut script, 0), 1 << 20).map(|()| (target, script))
    }

    #[test]
    fn deltas_make_their_targets() {
        let delta = [6, 8, 0x91, 2, 4, 2, b'x', b'y', 0x90, 2];
        let (target, script) = made(&delta, b"abcdef").expect("a delta");
        assert_eq!(target, b"cdefxyab");
        let copy = |base, len| Instruction::Copy { base, len };
        assert_eq!(script, [copy(2, 4), Instruction::Insert { len: 2 }, copy(0, 2)]);
        let base = vec![b'z'; 0x1_0000];
        let (target, _) = made(&[0x80, 0x80, 0x04, 0x80, 0x80, 0x04, 0x80], &base).expect("a delta");
        assert_eq!(target, base, "no length means 64 KiB");
    }

    #[test]
    fn copies_are_read_whichever_of_their_bytes_are_there() {
        let bytes = [0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde];
        for code in 0x80..=0xff_u8 {
            let mut expected = [0_usize; 7];
            let mut used = 0;
            for (place, byte) in expected.iter_mut().enumerate().filter(|(place, _)| code >> place & 1 == 1) {
                (*byte, used) = (usize::from(bytes[used]) << (8 * (place % 4)), used + 1);
            }
            let (offset, len) = (expected[..4].iter().sum::<usize>(), expected[4..].iter().sum::<usize>());
            let len = if len == 0 { 0x1_0000 } else { len };
            for behind in [0, 1, 9] {
                let delta = [&[code][..], &bytes[..used], &vec![0xff; behind]].concat();
                assert_eq!(copy(code, &delta, 1), Some((offset, len, 1 + used)), "{code:x}, {behind} bytes behind");
            }
            let short = [&[code][..], &bytes[..used.saturating_sub(1)]].concat();
            assert_eq!(copy(code, &short, 1).is_none(), used > 0, "{code:x} cut short");
        }
    }

    #[test]
    fn copies_that_are_short_count_as_new() {
        let base: Vec<u8> = (0..200).collect();
        // Two bytes, three of which two are copied on from there, one new, 50, four and 40, one, all of them elsewhere in the base.
        let delta = [
            &[200, 1, 101, 0x91, 9, 2, 0x91, 30, 1, 0x91, 31, 2, 1, b'x'][..],
            &[0x91, 40, 50, 0x91, 100, 4, 0x91, 120, 40, 0x91, 7, 1],
        ]
        .concat();
        let copy = |base, len| Instruction::Copy { base, len };
        let new = |len| Instruction::Insert { len };
        let scripts = [
            (0, vec![copy(9, 2), copy(30, 3), new(1), copy(40, 50), copy(100, 4), copy(120, 40), copy(7, 1)]),
            (2, vec![copy(9, 2), copy(30, 3), new(1), copy(40, 50), copy(100, 4), copy(120, 40), copy(7, 1)]),
            (3, vec![copy(9, 2), new(4), copy(40, 50), copy(100, 4), copy(120, 40), copy(7, 1)]),
            (49, vec![copy(9, 2), new(4), copy(40, 50), new(44), copy(7, 1)]),
            (usize::MAX, vec![copy(9, 2), new(98), copy(7, 1)]),
        ];
        let (exact, _) = made(&delta, &base).expect("a delta");
        for (short, expected) in scripts {
            let (mut target, mut script) = (Vec::new(), vec![new(5)]);
            apply(&delta, &base, &mut target, (&mut script, short), 1 << 20).expect("a delta");
            assert_eq!((&script, &target), (&expected, &exact), "shorter than {short}");
        }
    }

    #[test]
    fn broken_deltas_are_refused() {
        for delta in [
            &[][..],
            &[5, 1, 0x90, 1],
            &[6, 1, 0x90, 7],
            &[6, 1, 0x91, 6, 1],
            &[6, 1, 2, b'a'],
            &[6, 1, 2, b'a', b'b'],
            &[6, 2, 1, b'a'],
            &[6, 1, 0],
            &[6, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x90, 1],
            &[6, 0x80],
            &[6, 1, 0x91],
        ] {
            assert!(made(delta, b"abcdef").is_err(), "{delta:?}");
        }
    }
}
