//! Carries hits along a delta: the hits of a base object and what changed, to the hits of the target.
//!
//! A hit that read nothing but bytes of one copied stretch is the same in the target. Every anchor that may read
//! anything else is evaluated again, on the whole target, so that nothing is ever judged by a part. The result is the set
//! that a scan of the whole target finds; the work is proportional to what is new.

pub(crate) mod carry;
pub(crate) mod marks;

pub use carry::{Carried, Carrier};

use model::Span;
use rules::Reach;
use std::fmt;
use std::ops::Range;

/// One instruction of a delta, in the order of the target.
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

/// A delta, its copies merged where they go on in base and target alike (git splits them).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    copies: Vec<Copy>,
    base_len: usize,
    target_len: usize,
}

/// A stretch that base and target share. The neighbouring copies are not a continuation of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Copy {
    base: usize,
    target: usize,
    len: usize,
}

/// A delta that does not fit its base or its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch(Fault);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Fault {
    /// Offset, length, length of the base.
    Base(usize, usize, usize),
    /// What the instructions make, what the target has.
    Target(usize, usize),
    /// More bytes than can be counted.
    Endless,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Fault::Base(at, len, base) => {
                write!(
                    f,
                    "the delta copies {len} bytes at {at} of a base of {base}; rebuild the object and scan it whole"
                )
            }
            Fault::Target(made, target) => {
                write!(f, "the delta makes {made} bytes, its target has {target}; rebuild the object and scan it whole")
            }
            Fault::Endless => f.write_str("the delta makes more bytes than memory can hold; it is broken"),
        }
    }
}

impl std::error::Error for Mismatch {}

impl Script {
    /// Checks the instructions and merges their copies. `base_len`: length of the base, in bytes.
    ///
    /// # Errors
    /// If a copy reaches beyond the base, or the target's length beyond `usize`.
    pub fn new(base_len: usize, instructions: impl IntoIterator<Item = Instruction>) -> Result<Script, Mismatch> {
        let instructions = instructions.into_iter();
        let mut copies: Vec<Copy> = Vec::with_capacity(instructions.size_hint().0);
        let mut target = 0usize;
        for instruction in instructions {
            let (base, len) = match instruction {
                Instruction::Copy { base, len } => (Some(base), len),
                Instruction::Insert { len } => (None, len),
            };
            if len == 0 {
                continue;
            }
            if let Some(base) = base {
                if base.checked_add(len).is_none_or(|end| end > base_len) {
                    return Err(Mismatch(Fault::Base(base, len, base_len)));
                }
                match copies.last_mut() {
                    Some(last) if last.base + last.len == base && last.target + last.len == target => last.len += len,
                    _ => copies.push(Copy { base, target, len }),
                }
            }
            target = target.checked_add(len).ok_or(Mismatch(Fault::Endless))?;
        }
        Ok(Script { copies, base_len, target_len: target })
    }

    /// Length of the target, in bytes.
    pub fn target_len(&self) -> usize {
        self.target_len
    }

    /// The anchors of the target, in order and apart, that may read something else than one copied stretch, if they
    /// read as far as `reach`: those near inserted bytes, near seams of copies, and near a start or end of the object
    /// that is another one than the base's. All others read the same in base and target.
    pub fn dirty_ranges(&self, reach: Reach) -> Vec<Range<usize>> {
        let mut dirty = Vec::new();
        self.add_dirty_ranges(reach, &mut dirty);
        dirty
    }

    fn add_dirty_ranges(&self, reach: Reach, dirty: &mut Vec<Range<usize>>) {
        let mut at = 0;
        for copy in &self.copies {
            let clean = self.clean(*copy, reach);
            if !clean.is_empty() {
                if at < clean.start {
                    dirty.push(at..clean.start);
                }
                at = clean.end;
            }
        }
        if at < self.target_len {
            dirty.push(at..self.target_len);
        }
    }

    /// The anchors of the target that read nothing but this copy. A read set that begins at 0 may have been clipped there,
    /// and one that ends with the object, too; whether it was is not known of a hit, so these do not count as clean unless
    /// the copy touches that end in both: hence one byte more on each side.
    fn clean(&self, copy: Copy, reach: Reach) -> Range<usize> {
        let end = copy.target + copy.len;
        let from = if self.shares_start(copy) {
            0
        } else {
            copy.target.saturating_add(reach.before as usize).saturating_add(1)
        };
        let to = if self.shares_end(copy) { end } else { end.saturating_sub(reach.after as usize) };
        from..to
    }

    fn shares_start(&self, copy: Copy) -> bool {
        copy.base == 0 && copy.target == 0
    }

    fn shares_end(&self, copy: Copy) -> bool {
        copy.base + copy.len == self.base_len && copy.target + copy.len == self.target_len
    }

    /// Whether a hit of the base that read `reads` is a hit in this copy of it.
    fn keeps(&self, copy: Copy, reads: Span) -> bool {
        Span::new(copy.base, copy.base + copy.len).contains(reads)
            && (reads.start > 0 || self.shares_start(copy))
            && (reads.end < self.base_len || self.shares_end(copy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REACH: Reach = Reach { before: 3, after: 5 };

    fn copy(base: usize, len: usize) -> Instruction {
        Instruction::Copy { base, len }
    }

    fn insert(len: usize) -> Instruction {
        Instruction::Insert { len }
    }

    fn dirty(base: usize, instructions: &[Instruction]) -> Vec<Range<usize>> {
        Script::new(base, instructions.iter().copied()).expect("a fitting script").dirty_ranges(REACH)
    }

    #[test]
    fn what_has_not_changed_is_clean() {
        let none: [Range<usize>; 0] = [];
        assert_eq!(dirty(100, &[copy(0, 100)]), none);
        assert_eq!(dirty(100, &[copy(0, 40), copy(40, 1), copy(41, 59)]), none, "git splits copies");
        assert_eq!(dirty(100, &[copy(0, 40), insert(0), copy(60, 0), copy(40, 60)]), none, "of nothing");
        assert_eq!(dirty(0, &[]), none);
        assert_eq!(dirty(100, &[]), none, "an empty target has no anchors");
    }

    #[test]
    fn an_insert_dirties_what_may_read_it() {
        // From the first anchor whose five bytes reach 50 (46; one byte more for what may be clipped: 45) to the last that
        // looks three bytes back on 51 (54; 55).
        assert_eq!(dirty(100, &[copy(0, 50), insert(2), copy(50, 50)]), [45..56]);
        assert_eq!(dirty(100, &[insert(2), copy(0, 100)]), [0..6]);
        assert_eq!(dirty(100, &[copy(0, 100), insert(2)]), [95..102]);
        assert_eq!(dirty(100, &[insert(30)]), [0..30]);
    }

    #[test]
    fn a_seam_dirties_without_an_insert() {
        assert_eq!(dirty(100, &[copy(0, 50), copy(60, 40)]), [45..54], "a deletion");
        assert_eq!(dirty(100, &[copy(50, 50), copy(0, 50)]), [0..4, 45..54, 95..100], "a rearrangement");
        assert_eq!(dirty(100, &[copy(0, 100), copy(0, 100)]), [95..104], "a repetition");
        assert_eq!(dirty(100, &[copy(0, 90)]), [85..90], "another end");
        assert_eq!(dirty(100, &[copy(10, 90)]), [0..4], "another start");
        assert_eq!(dirty(100, &[copy(0, 50), copy(50, 8), copy(70, 30)]), [53..62]);
        assert_eq!(dirty(100, &[copy(0, 50), copy(70, 8), copy(90, 10)]), [45..62], "a copy shorter than the reach");
    }

    #[test]
    fn dirty_is_what_no_single_copy_holds() {
        // Against the definition, anchor by anchor, over all scripts of three copies of a small base.
        let base = 12;
        let reach = Reach { before: 1, after: 2 };
        let stretches: Vec<Instruction> =
            (0..base).flat_map(|at| (1..=base - at).map(move |len| copy(at, len))).collect();
        for (i, first) in stretches.iter().enumerate() {
            for second in stretches.iter().skip(i % 3).step_by(3) {
                let script = Script::new(base, [*first, insert(i % 2), *second]).expect("a fitting script");
                let dirty = script.dirty_ranges(reach);
                assert!(dirty.windows(2).all(|pair| pair[0].end < pair[1].start), "in order and apart");
                for anchor in 0..script.target_len {
                    let is_dirty = dirty.iter().any(|range| range.contains(&anchor));
                    let held = script.copies.iter().any(|copy| holds(&script, *copy, anchor, reach));
                    assert_eq!(is_dirty, !held, "{script:?} at {anchor}");
                }
            }
        }
    }

    /// Whether a hit at `anchor` of the target that reads all it may is kept by this copy.
    fn holds(script: &Script, copy: Copy, anchor: usize, reach: Reach) -> bool {
        if anchor < copy.target || anchor >= copy.target + copy.len {
            return false;
        }
        let anchor = anchor - copy.target + copy.base;
        // The positions just before and behind tell a read set that was clipped from one that just fits.
        let wider = Reach { before: reach.before + 1, after: reach.after + 1 };
        let around = crate::hit::read_set(anchor, wider, script.base_len);
        let reads = crate::hit::read_set(anchor, reach, script.base_len);
        Span::new(copy.base, copy.base + copy.len).contains(around) && script.keeps(copy, reads)
    }

    #[test]
    fn a_script_that_does_not_fit_is_refused() {
        assert!(Script::new(10, [copy(5, 6)]).is_err());
        assert!(Script::new(10, [copy(usize::MAX, 2)]).is_err());
        assert!(Script::new(10, [insert(usize::MAX), insert(2)]).is_err());
        let error = Script::new(10, [copy(5, 6)]).expect_err("beyond the base").to_string();
        assert!(error.contains("6 bytes at 5 of a base of 10"), "{error}");
    }
}
