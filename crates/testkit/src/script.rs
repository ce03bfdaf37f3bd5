use crate::rng::Rng;
use crate::text::Piece;
use std::ops::Range;

/// How one text becomes another: copies of stretches of a base, and inserts, in the order of the target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script(pub Vec<Step>);

/// One instruction.
#[derive(Clone, PartialEq, Eq)]
pub enum Step {
    /// A stretch of the base.
    Copy(Range<usize>),
    /// New bytes.
    Insert(Vec<u8>),
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Step::Copy(range) => write!(f, "Copy({range:?})"),
            // Inserts hold samples; those are not printed.
            Step::Insert(bytes) => write!(f, "Insert({} bytes)", bytes.len()),
        }
    }
}

/// A step before the base is known: places are fractions of the base, in 65536ths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// A stretch anywhere: where it starts, how long it is. Overlaps, repeats and reorders what other copies took.
    Copy(u16, u16),
    /// A stretch that follows the last copied one in the base, without a gap.
    CopyOn(u16),
    /// A stretch that starts after as many bytes left out: a deletion.
    Skip(u8, u16),
    /// From the base's first byte on.
    FromStart(u16),
    /// From after the last copied one to the base's end.
    ToEnd,
    /// The last copied stretch once more.
    Again,
    /// New bytes.
    Insert(Piece),
    /// One new byte.
    Byte(u8),
}

impl Script {
    /// The script of `ops` over a base of `base` bytes. Steps that would let the target grow over `limit` bytes, and
    /// empty ones, are left out.
    pub fn resolve(ops: &[Op], base: usize, limit: usize, samples: &[Vec<u8>]) -> Script {
        let mut steps = Vec::new();
        let mut last = 0..0;
        let mut size = 0;
        for op in ops {
            let part = |fraction: u16| (base * usize::from(fraction)).div_ceil(1 << 16);
            let stretch = |start: usize, len: usize| start.min(base)..start.saturating_add(len).min(base);
            let copy = match op {
                Op::Copy(at, len) => stretch(part(*at), part(*len)),
                Op::CopyOn(len) => stretch(last.end, part(*len)),
                Op::Skip(gap, len) => stretch(last.end + usize::from(*gap), part(*len)),
                Op::FromStart(len) => stretch(0, part(*len)),
                Op::ToEnd => last.end..base,
                Op::Again => last.clone(),
                Op::Insert(piece) => {
                    push(&mut steps, Step::Insert(piece.write(samples)), &mut size, limit);
                    continue;
                }
                Op::Byte(byte) => {
                    push(&mut steps, Step::Insert(vec![*byte]), &mut size, limit);
                    continue;
                }
            };
            last = copy.clone();
            push(&mut steps, Step::Copy(copy), &mut size, limit);
        }
        Script(steps)
    }

    /// The script of `edits` careful changes: everything is copied but a few bytes here and there, as between two
    /// versions of a file; `insert` gives new bytes.
    pub fn edits(rng: &mut Rng, base: usize, edits: usize, mut insert: impl FnMut(&mut Rng) -> Vec<u8>) -> Script {
        let mut cuts: Vec<usize> = (0..edits).map(|_| rng.below(base + 1)).collect();
        cuts.sort_unstable();
        let mut steps = Vec::new();
        let mut at = 0;
        let mut size = 0;
        for cut in cuts {
            push(&mut steps, Step::Copy(at..cut.max(at)), &mut size, usize::MAX);
            let deleted = if rng.chance(1, 2) { rng.below(30) } else { 0 };
            at = (cut.max(at) + deleted).min(base);
            if deleted == 0 || rng.chance(1, 2) {
                push(&mut steps, Step::Insert(insert(rng)), &mut size, usize::MAX);
            }
        }
        push(&mut steps, Step::Copy(at..base), &mut size, usize::MAX);
        Script(steps)
    }

    /// The target.
    ///
    /// # Panics
    /// If a copy does not lie in `base`.
    pub fn apply(&self, base: &[u8]) -> Vec<u8> {
        let bytes = |step: &Step| match step {
            Step::Copy(range) => base[range.clone()].to_vec(),
            Step::Insert(bytes) => bytes.clone(),
        };
        self.0.iter().flat_map(bytes).collect()
    }
}

fn push(steps: &mut Vec<Step>, step: Step, size: &mut usize, limit: usize) {
    let len = match &step {
        Step::Copy(range) => range.len(),
        Step::Insert(bytes) => bytes.len(),
    };
    if len > 0 && *size + len <= limit {
        *size += len;
        steps.push(step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ops_become_the_steps_they_name() {
        let base: Vec<u8> = (0..=99).collect();
        let half = 1 << 15;
        let ops = [
            Op::FromStart(half),
            Op::CopyOn(half / 5),
            Op::Skip(10, half / 5),
            Op::Byte(200),
            Op::Again,
            Op::ToEnd,
            Op::Copy(half, half),
            Op::Copy(0, 65535),
        ];
        let script = Script::resolve(&ops, base.len(), 210, &[]);
        let copies: Vec<_> =
            script.0.iter().filter_map(|s| if let Step::Copy(r) = s { Some(r.clone()) } else { None }).collect();
        assert_eq!(copies, [0..50, 50..60, 70..80, 70..80, 80..100, 50..100]);
        assert_eq!(script.apply(&base).len(), 50 + 10 + 10 + 1 + 10 + 20 + 50);
        assert!(Script::resolve(&[], 100, 100, &[]).apply(&base).is_empty());
    }

    #[test]
    fn edits_keep_most_of_the_base() {
        let base = Rng::new(1).bytes(5000);
        let target = Script::edits(&mut Rng::new(2), base.len(), 12, |rng| rng.bytes(7)).apply(&base);
        assert_ne!(base, target);
        assert!(target.len().abs_diff(base.len()) < 12 * 37);
    }
}
