//! Hits of a base, to the hits of the target of a delta.

use super::marks::{Anchored, Class, Marks, Near};
use super::{Copy, Mismatch, Script};
use crate::delta::Fault;
use crate::detector::{Detector, Scratch};
use crate::hit::{Hit, View};
use crate::units::{self, Trigger};
use model::Span;
use rules::Reach;
use std::ops::Range;

/// Ranges closer than this are scanned in one go; to start a scan costs as much as to scan so many bytes.
const CLOSE: usize = 192;

/// What is kept of an object for its deltas.
#[derive(Clone, Debug, Default)]
pub struct Carried {
    hits: Vec<Hit>,
    marks: Marks,
}

impl Carried {
    /// The complete hits of the object, sorted, each once.
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }
}

/// Parts of a target; a thread's own, reused.
#[derive(Default)]
pub(crate) struct Parts {
    /// What is new or near it.
    dirty: Vec<Range<usize>>,
    /// What of blocks that are not known is scanned.
    changed: Vec<Range<usize>>,
    /// The rest of these.
    as_before: Vec<Range<usize>>,
    /// What was planned without that rest.
    looked_at: Vec<Range<usize>>,
    /// What is new, as far around it as units are decided.
    wide: Vec<Range<usize>>,
}

impl Parts {
    fn clear(&mut self) {
        let Parts { dirty, changed, as_before, looked_at, wide } = self;
        [dirty, changed, as_before, looked_at, wide].into_iter().for_each(Vec::clear);
    }
}

/// Carries hits; made once a detector.
pub struct Carrier<'d> {
    detector: &'d Detector,
    near: &'d Near,
}

impl<'d> Carrier<'d> {
    /// Sorts the detector's rules by how far they read.
    pub fn new(detector: &'d Detector) -> Carrier<'d> {
        Carrier { detector, near: detector.near() }
    }

    /// Copies of at most so many bytes that neither begin nor end the target are as good as new: every anchor in them is evaluated
    /// again.
    pub fn short(&self) -> usize {
        let Reach { before, after } = self.near.reach;
        before as usize + 1 + after as usize
    }

    /// Scans a whole object.
    pub fn whole(&self, scratch: &mut Scratch, bytes: &[u8]) -> Carried {
        let (mut hits, mut marks) = (Vec::new(), Marks::default());
        let view = View::whole(bytes);
        self.detector.scan_marking(scratch, view, 0..bytes.len(), &mut hits, &mut marks);
        hits.sort_unstable();
        hits.dedup();
        marks.sort();
        Carried { hits, marks }
    }

    /// What is to be kept of the target: the hits of the base that the delta keeps, and those around what is new.
    ///
    /// Every anchor near what is new is evaluated again. Of rules that read far, the anchors are remembered, so that only
    /// those are evaluated again that stand within their reach of what is new. Takes time linear in the number of
    /// instructions, hits and remembered anchors, and in the length of what is new, widened a little and to the bounds of
    /// encoded units.
    ///
    /// # Errors
    /// If `target` has not the length that the script makes.
    pub fn carry(
        &self,
        scratch: &mut Scratch,
        script: &Script,
        base: &Carried,
        target: &[u8],
    ) -> Result<Carried, Mismatch> {
        if target.len() != script.target_len {
            return Err(Mismatch(Fault::Target(script.target_len, target.len())));
        }
        let view = View::whole(target);
        let mut hits = kept(script, &base.hits);
        let mut marks = Marks::default();
        let mut parts = std::mem::take(&mut scratch.parts);
        parts.clear();
        let Parts { dirty, changed, as_before, looked_at, wide } = &mut parts;
        script.add_dirty_ranges(self.near.reach, dirty);
        join_close(dirty);
        let plan = self.detector.plan_around(scratch, view, dirty, CLOSE);
        // Of blocks that are not known, only what has changed is looked at; the rest is as in the base.
        for (range, _) in &plan.unknown {
            let before = as_before.len();
            as_before.extend(outside(range.clone(), dirty));
            changed.extend(outside(range.clone(), &as_before[before..]));
        }
        looked_at.extend(plan.all.iter().flat_map(|range| outside(range.clone(), as_before)));
        let (old, far) = self.kept_marks(script, &base.marks, looked_at);
        self.detector.scan_changed(scratch, view, (&*changed, &old, &far), &mut hits, &mut marks);
        let units = self.units(script, view, &old, (looked_at, wide));
        self.detector.scan_units(scratch, view, &units, &mut hits);
        scratch.parts = parts;
        hits.sort_unstable();
        hits.dedup();
        marks.append(old);
        Ok(Carried { hits, marks })
    }

    /// The marks of the base that stand in the target, outside of what is scanned; and the anchors among them from which a rule
    /// may read what is new.
    fn kept_marks(&self, script: &Script, marks: &Marks, scanned: &[Range<usize>]) -> (Marks, Vec<(usize, Anchored)>) {
        let (mut kept, mut far) = (Marks::with_room_for(marks), Vec::new());
        let (mut anchors, mut triggers) = (Finder::new(&marks.anchors), Finder::new(&marks.triggers));
        for copy in &script.copies {
            let clean = script.clean(*copy, self.near.reach);
            // Of large changes most copies are short.
            if clean.is_empty() {
                continue;
            }
            let known = kept.anchors.len();
            for clean in outside(clean, scanned) {
                let in_base = clean.start - copy.target + copy.base..clean.end - copy.target + copy.base;
                let moved = |at: usize| at - copy.base + copy.target;
                let anchors = anchors.within(&in_base);
                kept.anchors.extend(anchors.iter().map(|(at, anchored)| (moved(*at), *anchored)));
                let triggers = triggers.within(&in_base);
                kept.triggers.extend(triggers.iter().map(|(at, trigger)| (moved(*at), *trigger)));
            }
            if kept.anchors.len() > known {
                let clean = Class::MARKED.map(|class| (class, script.clean(*copy, self.near.reach_of(class))));
                let is_far = |(at, of): &&(usize, Anchored)| {
                    clean.iter().any(|(class, clean)| *class == of.class && !clean.contains(at))
                };
                far.extend(kept.anchors[known..].iter().filter(is_far));
            }
        }
        (kept, far)
    }

    /// The units of the target that are not the same in the base: those that touch what is new. Those that start where
    /// was scanned have been looked at.
    fn units(
        &self,
        script: &Script,
        view: View<'_>,
        marks: &Marks,
        (scanned, dirty): (&[Range<usize>], &mut Vec<Range<usize>>),
    ) -> Vec<(Trigger, usize)> {
        if self.detector.options().decode_depth == 0 {
            return Vec::new();
        }
        let reach = Reach { before: units::BEFORE as u32, after: units::BESIDE as u32 + 1 };
        script.add_dirty_ranges(reach, dirty);
        join_close(dirty);
        for range in dirty.iter_mut() {
            let wide = units::widened(view.bytes, Span::from(range.clone()));
            *range = wide.start..wide.end;
        }
        join_close(dirty);
        let mut triggers = Finder::new(&marks.triggers);
        let inside = dirty.iter().flat_map(|range| triggers.within(&(range.start..range.end.saturating_add(1))));
        let mut units: Vec<(Trigger, usize)> = inside.map(|(at, trigger)| (*trigger, *at)).collect();
        units.extend(units::reaching(view, dirty));
        units.retain(|(_, at)| !is_in(scanned, *at));
        units.sort_unstable();
        units.dedup();
        units
    }
}

/// Finds parts of a list that is sorted by position; soon, where they are asked for in order and lie close together.
struct Finder<'m, T> {
    list: &'m [(usize, T)],
    /// Where the part begins that was found last.
    last: usize,
}

impl<'m, T> Finder<'m, T> {
    fn new(list: &'m [(usize, T)]) -> Finder<'m, T> {
        Finder { list, last: 0 }
    }

    /// The part whose positions lie in a range.
    fn within(&mut self, range: &Range<usize>) -> &'m [(usize, T)] {
        let goes_back = self.last.checked_sub(1).is_some_and(|before| self.list[before].0 >= range.start);
        let from = self.first(if goes_back { 0 } else { self.last }, range.start);
        self.last = from;
        &self.list[from..self.first(from, range.end)]
    }

    /// Where from `from` on the first position is that is not before `at`: in steps that double, then halve.
    fn first(&self, from: usize, at: usize) -> usize {
        let (mut low, mut step) = (from, 1);
        while self.list.get(low + step - 1).is_some_and(|(other, _)| *other < at) {
            low += step;
            step *= 2;
        }
        let high = (low + step - 1).min(self.list.len());
        low + self.list[low..high].partition_point(|(other, _)| *other < at)
    }
}

/// The parts of a range outside of ranges that are in order and apart.
fn outside(range: Range<usize>, of: &[Range<usize>]) -> impl Iterator<Item = Range<usize>> {
    let first = of.partition_point(|other| other.end <= range.start);
    let mut others = of[first..].iter();
    let mut at = range.start;
    std::iter::from_fn(move || {
        while at < range.end {
            let next = others.next().filter(|other| other.start < range.end);
            let part = at..next.map_or(range.end, |other| other.start);
            at = next.map_or(range.end, |other| other.end);
            if !part.is_empty() {
                return Some(part);
            }
        }
        None
    })
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
        name: hit.name.map(moved),
        reads: moved(hit.reads),
        ..hit.clone()
    }
}

/// Whether one of the ranges, which are in order and apart, holds `at`.
fn is_in(ranges: &[Range<usize>], at: usize) -> bool {
    ranges.get(ranges.partition_point(|range| range.end <= at)).is_some_and(|range| range.start <= at)
}

/// Joins sorted ranges that overlap or lie close together.
fn join_close(ranges: &mut Vec<Range<usize>>) {
    ranges.dedup_by(|range, last| {
        let is_close = range.start <= last.end.saturating_add(CLOSE);
        if is_close {
            last.end = last.end.max(range.end);
        }
        is_close
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_in_ranges() {
        let ranges = [2..4, 7..8];
        let inside: Vec<usize> = (0..10).filter(|at| is_in(&ranges, *at)).collect();
        assert_eq!(inside, [2, 3, 7]);
    }

    #[test]
    fn parts_of_a_list_are_found_in_any_order() {
        let mut rng = testkit::Rng::new(9);
        for _ in 0..500 {
            let mut list: Vec<(usize, ())> = (0..rng.below(40)).map(|_| (rng.below(60), ())).collect();
            list.sort_unstable();
            let mut finder = Finder::new(&list);
            for _ in 0..20 {
                let start = rng.below(62);
                let range = start..start + rng.below(20);
                let expected: Vec<_> = list.iter().filter(|(at, ())| range.contains(at)).collect();
                assert_eq!(finder.within(&range).iter().collect::<Vec<_>>(), expected, "{range:?} of {list:?}");
            }
        }
    }

    #[test]
    fn what_lies_outside_of_ranges_is_all_the_rest() {
        let of = [2..4, 7..8, 9..12];
        for start in 0..14 {
            for end in 0..14 {
                let parts: Vec<usize> = outside(start..end, &of).flatten().collect();
                let rest: Vec<usize> = (start..end).filter(|at| !is_in(&of, *at)).collect();
                assert_eq!(parts, rest, "{start}..{end}");
            }
        }
    }

    #[test]
    fn close_ranges_are_joined() {
        let (a, b) = (0..10, 10 + CLOSE..600 + CLOSE);
        let joined = |ranges: &[Range<usize>]| {
            let mut ranges = ranges.to_vec();
            join_close(&mut ranges);
            ranges
        };
        assert_eq!(joined(&[a.clone(), b]), [0..600 + CLOSE]);
        assert_eq!(joined(&[a.clone(), 2000..2001]), [a.clone(), 2000..2001]);
        assert_eq!(joined(&[a, 2..3]), [0..10]);
    }
}
