//! Carries hits along a delta: the hits of a base object and what changed, to the hits of the target.
//!
//! A hit that read nothing but bytes of one copied stretch is the same in the target. Every anchor that may read
//! anything else is evaluated again, on the whole target, so that nothing is ever judged by a part. The result is the set
//! that a scan of the whole target finds; the work is proportional to what is new.

use crate::detector::{Detector, Scratch};
use crate::hit::{Hit, View};
use crate::units;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use model::Span;
use rules::{Anchor, Matcher, Reach, Rule};
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
        let mut copies: Vec<Copy> = Vec::new();
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
        dirty
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

/// Rules that read farther than this to a side are looked for by their literals around what is new, so that they do not
/// widen it for all the others.
const LONG: u32 = 1024;
/// Ranges closer than this are scanned in one go; to start a scan costs as much as to scan so many bytes.
const CLOSE: usize = 512;

/// Carries hits; made once a detector.
pub struct Carrier<'d> {
    detector: &'d Detector,
    short: Reach,
    long: Option<Long>,
}

/// The rules that read far.
struct Long {
    reach: Reach,
    literals: AhoCorasick,
    longest: usize,
}

impl<'d> Carrier<'d> {
    /// Sorts the detector's rules by how far they read.
    pub fn new(detector: &'d Detector) -> Carrier<'d> {
        Carrier::with_long(detector, LONG)
    }

    fn with_long(detector: &'d Detector, limit: u32) -> Carrier<'d> {
        let rules = detector.ruleset().rules();
        let (long, short): (Vec<&Rule>, Vec<&Rule>) = rules.iter().partition(|rule| {
            (rule.reach.before > limit || rule.reach.after > limit) && literals(rule).is_some_and(|l| !l.is_empty())
        });
        let most = |rules: &[&Rule]| rules.iter().fold(Reach::default(), |reach, rule| reach.max(rule.reach));
        Carrier { detector, short: most(&short), long: Long::new(&long, most(&long)) }
    }

    /// The complete hits of the target, sorted, each once: those of the base (`hits`, complete, found with the same
    /// detector) that the delta keeps, and those around what is new. Takes time linear in the number of instructions and
    /// hits, and in the length of what is new, widened by what rules read and to the bounds of encoded units.
    ///
    /// # Errors
    /// If `target` has not the length that the script makes.
    pub fn carry(
        &self,
        scratch: &mut Scratch,
        script: &Script,
        hits: &[Hit],
        target: &[u8],
    ) -> Result<Vec<Hit>, Mismatch> {
        if target.len() != script.target_len {
            return Err(Mismatch(Fault::Target(script.target_len, target.len())));
        }
        let mut found = kept(script, hits);
        let view = View::whole(target);
        let anchors = self.anchors(script, target);
        for range in &anchors {
            self.detector.scan(scratch, view, range.clone(), &mut found);
        }
        let mut units = self.units(script, view);
        // A scan has looked at the units that start at its anchors.
        units.retain(|(_, at)| !is_in(&anchors, *at));
        self.detector.scan_units(scratch, view, &units, &mut found);
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The anchors of the target to be evaluated, in order and apart.
    fn anchors(&self, script: &Script, target: &[u8]) -> Vec<Range<usize>> {
        let mut ranges = script.dirty_ranges(self.short);
        if let Some(long) = &self.long {
            for range in script.dirty_ranges(long.reach) {
                long.find(target, range, &mut ranges);
            }
            ranges.sort_unstable_by_key(|range| range.start);
        }
        join_close(&ranges)
    }

    /// The units of the target that are not the same in the base: those that touch what is new.
    fn units(&self, script: &Script, view: View<'_>) -> Vec<(units::Trigger, usize)> {
        if self.detector.options().decode_depth == 0 {
            return Vec::new();
        }
        let reach = Reach { before: units::BEFORE as u32, after: units::BESIDE as u32 + 1 };
        let near = join_close(&script.dirty_ranges(reach)).into_iter().map(Span::from);
        let wide = near.map(|span| units::widened(view.bytes, span)).map(|span| span.start..span.end);
        let spans: Vec<Span> = join_close(&wide.collect::<Vec<_>>()).into_iter().map(Span::from).collect();
        units::covering_all(view, &spans, &self.detector.options().units)
    }
}

/// The literals at which a rule is anchored, exactly as written or in any case; `None` if it is not anchored at such.
fn literals(rule: &Rule) -> Option<&[String]> {
    match (&rule.anchor, &rule.matcher) {
        // Names are written in more ways than the rule says.
        (_, Matcher::Assignment(_)) | (Anchor::Token { .. } | Anchor::Path, _) => None,
        (Anchor::Prefix(literals) | Anchor::Literal { literals, .. }, _) => Some(literals),
    }
}

impl Long {
    fn new(rules: &[&Rule], reach: Reach) -> Option<Long> {
        let mut words: Vec<&String> = rules.iter().filter_map(|rule| literals(rule)).flatten().collect();
        words.sort_unstable();
        words.dedup();
        let longest = words.iter().map(|word| word.len()).max()?;
        // Without case for all: finding more anchors than there are costs time, not truth.
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true).match_kind(MatchKind::Standard).kind(Some(AhoCorasickKind::DFA));
        Some(Long { reach, literals: builder.build(words).expect("literals are short and few"), longest })
    }

    /// Adds the anchors that stand in `range`.
    fn find(&self, target: &[u8], range: Range<usize>, into: &mut Vec<Range<usize>>) {
        let stop = range.end.saturating_add(self.longest - 1).min(target.len());
        let text = &target[range.start..stop];
        let starts = self.literals.find_overlapping_iter(text).map(|found| range.start + found.start());
        into.extend(starts.filter(|at| *at < range.end).map(|at| at..at + 1));
    }
}

/// The hits of the base that stand in the target, once for every copy.
fn kept(script: &Script, hits: &[Hit]) -> Vec<Hit> {
    let mut by_start: Vec<&Hit> = hits.iter().collect();
    by_start.sort_unstable_by_key(|hit| hit.reads.start);
    let mut kept = Vec::new();
    for copy in &script.copies {
        let from = by_start.partition_point(|hit| hit.reads.start < copy.base);
        let inside = by_start[from..].iter().take_while(|hit| hit.reads.start < copy.base + copy.len);
        let same = inside.filter(|hit| script.keeps(*copy, hit.reads));
        kept.extend(same.map(|hit| moved(hit, *copy)));
    }
    kept
}

fn moved(hit: &Hit, copy: Copy) -> Hit {
    let moved = |span: Span| Span::new(span.start + copy.target - copy.base, span.end + copy.target - copy.base);
    Hit {
        whole: moved(hit.whole),
        secret: moved(hit.secret),
        identity: hit.identity.map(moved),
        parts: hit.parts.iter().map(|(part, span)| (*part, moved(*span))).collect(),
        reads: moved(hit.reads),
        ..hit.clone()
    }
}

/// Whether one of the ranges, which are in order and apart, holds `at`.
fn is_in(ranges: &[Range<usize>], at: usize) -> bool {
    ranges.get(ranges.partition_point(|range| range.end <= at)).is_some_and(|range| range.start <= at)
}

/// Sorted ranges, those that overlap or lie close together joined.
fn join_close(ranges: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(CLOSE) => last.end = last.end.max(range.end),
            _ => joined.push(range.clone()),
        }
    }
    joined
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

    #[test]
    fn places_are_found_in_ranges() {
        let ranges = [2..4, 7..8];
        let inside: Vec<usize> = (0..10).filter(|at| is_in(&ranges, *at)).collect();
        assert_eq!(inside, [2, 3, 7]);
    }

    #[test]
    fn close_ranges_are_joined() {
        let (a, b) = (0..10, 10 + CLOSE..600 + CLOSE);
        assert_eq!(join_close(&[a.clone(), b]), [0..600 + CLOSE]);
        assert_eq!(join_close(&[a.clone(), 2000..2001]), [a.clone(), 2000..2001]);
        assert_eq!(join_close(&[a, 2..3]), [0..10]);
    }
}
