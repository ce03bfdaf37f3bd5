//! Merge bases: the best commits that lie before both sides.

use super::Walker;
use super::queue::Queue;
use crate::oid::Oid;

const ONE: u8 = 1;
const OTHER: u8 = 2;
/// Before a commit that both sides have, and so no best one.
const STALE: u8 = 4;
const FOUND: u8 = 8;

/// The state of painting a history with the colours of its two sides.
#[derive(Default)]
struct Paint {
    flags: Vec<u8>,
    /// How often a commit stands in the queue.
    queued: Vec<u32>,
    /// Entries of the queue that are not stale.
    fresh: usize,
    queue: Queue,
}

impl Paint {
    fn flags(&mut self, at: u32) -> &mut u8 {
        if self.flags.len() <= at as usize {
            self.flags.resize(at as usize + 1, 0);
            self.queued.resize(at as usize + 1, 0);
        }
        &mut self.flags[at as usize]
    }

    /// Adds colours to a commit, and puts it into the queue.
    fn add(&mut self, at: u32, colours: u8, time: i64) {
        let before = *self.flags(at);
        self.flags[at as usize] |= colours;
        let was = self.queued[at as usize] as usize;
        if (before | colours) & STALE == 0 {
            self.fresh += 1;
        } else if before & STALE == 0 {
            self.fresh -= was;
        }
        self.queued[at as usize] += 1;
        self.queue.push(time, at);
    }

    fn pop(&mut self) -> Option<u32> {
        let (_, at) = self.queue.pop()?;
        self.queued[at as usize] -= 1;
        self.fresh -= usize::from(self.flags[at as usize] & STALE == 0);
        Some(at)
    }
}

impl Walker<'_> {
    /// The merge bases of a commit and others taken together, as `git merge-base --all` finds them: commits that lie
    /// before (or are) both sides, and before no other such commit. Sorted; none if the histories are unrelated.
    pub fn merge_bases(&mut self, one: Oid, others: &[Oid]) -> Vec<Oid> {
        let one = self.number(one);
        let others: Vec<u32> = others.iter().map(|oid| self.number(*oid)).collect();
        if others.contains(&one) {
            return vec![self.commits[one as usize].oid];
        }
        let (found, paint) = self.paint(one, &others);
        let found: Vec<u32> = found.into_iter().filter(|at| paint.flags[*at as usize] & STALE == 0).collect();
        let mut bases: Vec<Oid> = self.best(&found).into_iter().map(|at| self.commits[at as usize].oid).collect();
        bases.sort_unstable();
        bases
    }

    /// Whether a commit lies before another one, or is it.
    pub fn is_ancestor(&mut self, ancestor: Oid, of: Oid) -> bool {
        let (ancestor, of) = (self.number(ancestor), self.number(of));
        ancestor == of || self.paint(ancestor, &[of]).1.flags.get(ancestor as usize).is_some_and(|f| f & OTHER != 0)
    }

    /// Those commits that lie before no other one of them.
    fn best(&mut self, found: &[u32]) -> Vec<u32> {
        let mut best = found.to_vec();
        for at in found {
            let others: Vec<u32> = best.iter().copied().filter(|other| other != at).collect();
            if others.is_empty() || !best.contains(at) {
                continue;
            }
            let (_, paint) = self.paint(*at, &others);
            let is = |at: u32, colour: u8| paint.flags.get(at as usize).is_some_and(|flags| flags & colour != 0);
            let dropped_itself = is(*at, OTHER);
            best.retain(|other| if other == at { !dropped_itself } else { !is(*other, ONE) });
        }
        best
    }

    /// Paints what lies before each side, until all that is left lies before both.
    fn paint(&mut self, one: u32, others: &[u32]) -> (Vec<u32>, Paint) {
        let mut paint = Paint::default();
        let mut found = Vec::new();
        for (at, colour) in [(one, ONE)].into_iter().chain(others.iter().map(|at| (*at, OTHER))) {
            if self.load(at).is_ok() {
                paint.add(at, colour, self.commits[at as usize].time);
            }
        }
        while paint.fresh > 0 {
            let Some(at) = paint.pop() else { break };
            let mut colours = paint.flags[at as usize] & (ONE | OTHER | STALE);
            if colours == ONE | OTHER {
                if paint.flags[at as usize] & FOUND == 0 {
                    paint.flags[at as usize] |= FOUND;
                    found.push(at);
                }
                colours |= STALE;
            }
            for next in 0..self.commits[at as usize].parents.len() {
                let parent = self.commits[at as usize].parents[next];
                if *paint.flags(parent) & colours != colours && self.load(parent).is_ok() {
                    paint.add(parent, colours, self.commits[parent as usize].time);
                }
            }
        }
        (found, paint)
    }
}
