//! Text that has been looked at before: versions of a file and runs of a job say mostly what others have said.
//!
//! Text is cut into blocks where its content says so, behind some of its line ends, so that the same text is cut the same
//! wherever it stands. Of a block that was looked at and held no hit, a fingerprint of it and of all that its anchors may have
//! read near by is kept, and where rules that read far are anchored and encoded units may start: what comes of these depends
//! on more, and is looked at anew. Everything else in the same block with the same surroundings is as it was. Names are remembered, too,
//! although the fingerprint covers what they read: a delta of the text asks for them.
//!
//! Where text proves to be new, only a sample of its blocks is looked up, until these are known.
//!
//! The table grows with what is written, up to a fixed size; what comes later takes the place of what was there. Threads share
//! it without locks: an entry of which two threads have written a half each matches nothing.

mod line_ends;
mod pages;

use crate::delta::marks::{Anchored, Class, Marks};
use crate::hit::{Hit, View};
use crate::units::{self, Trigger};
use pages::Pages;
use rules::Reach;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use twox_hash::XxHash3_128;

/// Fewest bytes of a block: measured on histories and logs; to look one up takes a few hundred nanoseconds.
const SHORTEST: usize = 1024;
/// Most bytes of a block; an offset in it takes twelve bits.
const LONGEST: usize = 4096;
/// Of this many line ends one ends a block, by the bytes before it.
const EVERY: u64 = 4;
/// Bytes before a line end that decide whether it ends a block.
const DECIDING: usize = 24;
/// Entries of the table, of 64 bytes: as many blocks as 70 megabytes of text have.
const ENTRIES: usize = 1 << 16;
/// Entries that are made together, when the first of them is written: little text touches little memory.
const TOGETHER: usize = 64;
/// As many such groups are used at first, twice as many whenever half of their entries may be written.
const AT_FIRST: usize = 32;
/// Words of an entry besides the fingerprint. Each holds four positions; a block with more of them is not remembered.
const WORDS: usize = 6;
/// Positions in a word.
const IN_WORD: usize = 4;
/// After so many blocks it is seen whether enough of them are known.
const ROUND: u64 = 64;
/// At first after so many, which are all looked up, as many as 28 megabytes have: real logs say most things twice soon.
const FIRST_ROUND: u64 = 1 << 14;
/// Once text proved to be known, after so many: what is known of it grows while it is looked up.
const LONG_ROUND: u64 = 1 << 15;
/// Where fewer than one in so many are known, only a sample is looked up: to look a block up and remember it costs more than to scan it.
const FEW: u64 = 5;
/// One block in so many is of the sample, by what stands before it, so that the same text gives the same sample.
const SAMPLE: u64 = 8;

/// Fewer anchors at a time are not looked up by pages.
const PAGED: usize = 64 << 10;

/// The positions of a block, of 16 bits each: an offset, and what it is.
type Packed = [u64; WORDS];

type Entry = [AtomicU64; 2 + WORDS];

/// What is known of blocks; shared by all threads.
pub(crate) struct Familiar {
    entries: Vec<OnceLock<Box<[Entry]>>>,
    /// How many of the groups are used: a power of two.
    used: AtomicUsize,
    /// How many were used before, while entries of that time may still be of use; then as many.
    former: AtomicUsize,
    pages: Pages,
    secret: [u8; 192],
    /// Whether few blocks were known of late.
    is_new: AtomicBool,
    counts: Counts,
}

/// What threads write for every text, in cache lines of its own: the rest they only read.
#[repr(align(128))]
struct Counts {
    asked: AtomicU64,
    known: AtomicU64,
    /// After how many blocks it is asked again whether text is new.
    round: AtomicU64,
    /// How many entries have been written; threads may lose each other's.
    written: AtomicUsize,
}

/// A part of a text.
#[derive(Clone, Debug)]
pub struct Page {
    pub(crate) range: Range<usize>,
    pub(crate) key: Option<u128>,
    pub(crate) is_known: bool,
}

impl Page {
    /// A part that is to be looked at, and not remembered.
    pub(crate) fn nameless(range: Range<usize>) -> Page {
        Page { range, key: None, is_known: false }
    }

    /// Where it is in the view.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// The fingerprint of the page and of [`crate::Detector::page_reach`] bytes behind it. What has none cannot be remembered.
    pub fn key(&self) -> Option<u128> {
        self.key
    }

    /// Whether it is known that the rules find nothing in it.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.range.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }
}

/// What is to be done with a range of anchors; a thread's own, reused.
#[derive(Default)]
pub(crate) struct Plan {
    /// What is to be scanned, in order and apart, and whether it is looked up: of what is not, nobody asks for the positions.
    pub(crate) unknown: Vec<(Range<usize>, bool)>,
    /// The positions in all other blocks that are remembered.
    pub(crate) recalled: Marks,
    /// Those in what was scanned.
    pub(crate) found: Marks,
    /// What was planned, in order and apart.
    pub(crate) all: Vec<Range<usize>>,
    /// The blocks, with their fingerprints; of those that cannot be looked up, 0.
    blocks: Vec<(Range<usize>, u128)>,
    /// For each of them, whether its entry's first word is there.
    likely: Vec<bool>,
}

impl Plan {
    fn clear(&mut self) {
        self.unknown.clear();
        self.all.clear();
        self.blocks.clear();
        self.recalled.clear();
        self.found.clear();
    }

    /// Whether nothing in a page of what was scanned or known depends on more than `near`, which holds the page: none of `hits`, no
    /// anchor of the farthest class, no unit that it does not decide.
    pub(crate) fn is_barren(
        &self,
        view: View<'_>,
        page: &Range<usize>,
        near: &Range<usize>,
        limits: &units::Limits,
        hits: &[Hit],
    ) -> bool {
        let is_near = |class: Class| class < Class::Farthest;
        let bytes = &view.bytes[near.clone()];
        let is_end = view.is_end && near.end == view.bytes.len();
        let cut = View { bytes, is_start: view.is_start && near.start == 0, is_end };
        let is_decided = |trigger: Trigger, at: usize| !units::at(trigger, cut, at - near.start, limits, &mut |_| {});
        let is_barren = |marks: &Marks| {
            within(&marks.anchors, page).iter().all(|(_, anchored)| is_near(anchored.class))
                && within(&marks.triggers, page).iter().all(|(at, trigger)| is_decided(*trigger, *at))
        };
        hits.iter().all(|hit| hit.reads.end <= page.start || page.end <= hit.reads.start)
            && is_barren(&self.found)
            && is_barren(&self.recalled)
    }
}

/// Adds a range to what is to be scanned.
fn scan(unknown: &mut Vec<(Range<usize>, bool)>, range: Range<usize>, is_looked_up: bool) {
    match unknown.last_mut() {
        Some((last, same)) if last.end == range.start && *same == is_looked_up => last.end = range.end,
        _ => unknown.push((range, is_looked_up)),
    }
}

impl Familiar {
    pub(crate) fn new() -> Familiar {
        // Nobody can make a text that is taken for another one.
        let random = RandomState::new();
        let mut secret = [0; 192];
        for (i, bytes) in secret.chunks_exact_mut(8).enumerate() {
            let mut hasher = random.build_hasher();
            hasher.write_usize(i);
            bytes.copy_from_slice(&hasher.finish().to_le_bytes());
        }
        let entries = (0..ENTRIES / TOGETHER).map(|_| OnceLock::new()).collect();
        let zero = || AtomicU64::new(0);
        Familiar {
            entries,
            used: AtomicUsize::new(AT_FIRST),
            former: AtomicUsize::new(AT_FIRST),
            pages: Pages::default(),
            secret,
            is_new: AtomicBool::new(false),
            counts: Counts {
                asked: zero(),
                known: zero(),
                round: AtomicU64::new(FIRST_ROUND),
                written: AtomicUsize::new(0),
            },
        }
    }

    /// Sorts the blocks of `anchors` into known ones and others. `reach`: how far the anchors read that are not remembered.
    pub(crate) fn plan(&self, view: View<'_>, anchors: Range<usize>, reach: Reach, plan: &mut Plan) {
        plan.clear();
        let is_new = self.is_new.load(Relaxed);
        // What begins elsewhere is not cut there when it comes again.
        let is_cut = anchors.start == 0 && view.is_start || ends_block(view.bytes, anchors.start);
        let mut cut = Cut { view, reach, is_new, at: anchors.start, is_cut };
        cut.blocks(self, anchors.end, anchors.end, &mut plan.blocks);
        plan.all.push(anchors);
        self.sort_out(plan);
    }

    /// Sorts the blocks in which `ranges` lie, which are in order and apart, into known ones and others; those closer than `close`
    /// belong together. Where text proves to be new, a range stands for its blocks, unless it is of the sample.
    pub(crate) fn plan_around(
        &self,
        view: View<'_>,
        (ranges, close): (&[Range<usize>], usize),
        reach: Reach,
        plan: &mut Plan,
    ) {
        plan.clear();
        let is_new = self.is_new.load(Relaxed);
        let mut cut = Cut { view, reach, is_new, at: 0, is_cut: false };
        for range in ranges {
            let last = plan.all.last().map(|last| last.end);
            let is_close = |start: usize| last.is_some_and(|end| start <= end.saturating_add(close));
            let begins = if is_close(range.start) { range.start } else { block_start(view.bytes, range.start) };
            let is_joined = is_close(begins);
            if !is_joined {
                (cut.at, cut.is_cut) = (begins, begins == 0 || ends_block(view.bytes, begins));
            }
            let mut start = cut.at;
            if !is_new || cut.is_cut && is_of_sample(view.bytes, cut.at) {
                cut.blocks(self, range.end, view.bytes.len(), &mut plan.blocks);
            } else if start < range.end {
                start = if is_joined { start } else { range.start };
                plan.blocks.push((start..range.end, 0));
                (cut.at, cut.is_cut) = (range.end, false);
            }
            match plan.all.last_mut().filter(|_| is_joined) {
                Some(last) => last.end = cut.at,
                None => plan.all.push(start..cut.at),
            }
        }
        self.sort_out(plan);
    }

    /// Looks the blocks of a plan up.
    fn sort_out(&self, plan: &mut Plan) {
        let mut blocks = std::mem::take(&mut plan.blocks);
        let looked_up = blocks.iter().filter(|(_, key)| *key != 0).count();
        // Nothing but this, so that memory is waited for many times together.
        plan.likely.clear();
        plan.likely.extend(blocks.iter().map(|(_, key)| *key != 0 && self.entry(*key).is_some()));
        let mut likely = plan.likely.iter();
        blocks.retain(|(block, key)| {
            let is_looked_up = *key != 0;
            let is_likely = likely.next().is_some_and(|is_likely| *is_likely);
            let is_known = is_likely && self.recall(*key, block.start, &mut plan.recalled);
            if !is_known {
                scan(&mut plan.unknown, block.clone(), is_looked_up);
            }
            is_looked_up && !is_known
        });
        self.count(looked_up as u64, (looked_up - blocks.len()) as u64);
        plan.blocks = blocks;
    }

    /// Whether pages are worth it: only of text of which much is known.
    fn has_pages(&self, anchors: &Range<usize>) -> bool {
        anchors.len() >= PAGED && !self.is_new.load(Relaxed)
    }

    /// Cuts `anchors` into pages, and what stands before and behind them into parts that belong to no page. `reach`: how far what is in
    /// them may read. `is_open`: the text goes on, so that the last page is left out if it has not ended, unless it is the first.
    pub(crate) fn pages(
        &self,
        view: View<'_>,
        anchors: Range<usize>,
        reach: Reach,
        is_open: bool,
        pages: &mut Vec<Page>,
    ) {
        let first = if self.has_pages(&anchors) { pages::first(view, &anchors) } else { anchors.end };
        // What belongs to no page is cut anywhere, so that threads can share it.
        let parts = (anchors.start..first).step_by(PAGED / 2);
        pages.extend(parts.map(|at| Page::nameless(at..(at + PAGED / 2).min(first))));
        let mut at = first;
        let mut known = 0;
        while at < anchors.end {
            let (end, is_page) = pages::next_end(view, at, anchors.end);
            if is_open && !is_page && at > anchors.start {
                break;
            }
            let key = if is_page { self.key(view, at..end, reach) } else { None };
            let is_known = key.is_some_and(|key| self.pages.knows(key));
            known += if is_known { (end - at) / SHORTEST } else { 0 };
            pages.push(Page { range: at..end, key, is_known });
            at = end;
        }
        self.count(known as u64, known as u64);
    }

    /// Remembers a page that was scanned and is [barren](Plan::is_barren).
    pub(crate) fn learn_page(&self, page: &Page) {
        if let Some(key) = page.key {
            self.pages.store(key);
        }
    }

    /// Remembers the blocks of a plan that were not known, but for those in which one of `hits` may be anchored. `old`: the
    /// positions in what was not scanned of them; sorted.
    pub(crate) fn learn(&self, plan: &mut Plan, old: &Marks, hits: &[Hit]) {
        plan.found.sort();
        let Plan { blocks, found, .. } = plan;
        for reads in hits.iter().map(|hit| hit.reads) {
            let first = blocks.partition_point(|(block, _)| block.end <= reads.start);
            let read = blocks[first..].iter_mut().take_while(|(block, _)| block.start < reads.end);
            read.for_each(|(_, key)| *key = 0);
        }
        for (block, key) in blocks.iter().filter(|(_, key)| *key != 0) {
            if let Some(marks) = packed([found, old], block) {
                self.store(*key, &marks);
            }
        }
    }

    /// The fingerprint of a block and of what its anchors may read; `None` where that is not in view.
    fn key(&self, view: View<'_>, block: Range<usize>, reach: Reach) -> Option<u128> {
        let (before, after) = (reach.before as usize + 1, reach.after as usize);
        let from = block.start.saturating_sub(before);
        let to = (block.end + after).min(view.bytes.len());
        // What is cut off by an end of the object is told by the lengths.
        let missing = (before - (block.start - from), after - (to - block.end));
        if missing.0 > 0 && !view.is_start || missing.1 > 0 && !view.is_end {
            return None;
        }
        let key = XxHash3_128::oneshot_with_secret(&self.secret, &view.bytes[from..to]).expect("a secret of 192 bytes");
        Some(key.wrapping_add((missing.0 as u128) << 64 | (missing.1 as u128) << 32))
    }

    /// The entry of a key, if its first word is the key's: where it is written now, or was while half of the groups were used.
    #[inline]
    fn entry(&self, key: u128) -> Option<&Entry> {
        let (used, former) = (self.used.load(Relaxed), self.former.load(Relaxed));
        let at = |used: usize| {
            let (group, index) = place(key, used);
            self.entries[group]
                .get()
                .map(|entries| &entries[index])
                .filter(|entry| entry[0].load(Relaxed) == key as u64)
        };
        at(used).or_else(|| if former == used { None } else { at(former) })
    }

    fn recall(&self, key: u128, start: usize, marks: &mut Marks) -> bool {
        let Some([_, high, packed @ ..]) = self.entry(key) else { return false };
        let packed = packed.each_ref().map(|word| word.load(Relaxed));
        let is_known = high.load(Relaxed) == check(key, &packed);
        if is_known {
            unpack(&packed, start, marks);
        }
        is_known
    }

    fn store(&self, key: u128, marks: &Packed) {
        let used = self.grown();
        let (group, index) = place(key, used);
        let made = || (0..TOGETHER).map(|_| Entry::default()).collect();
        let [low, high, packed @ ..] = &self.entries[group].get_or_init(made)[index];
        low.store(key as u64, Relaxed);
        high.store(check(key, marks), Relaxed);
        packed.iter().zip(marks).for_each(|(slot, word)| slot.store(*word, Relaxed));
    }

    /// Counts an entry that is written; how many groups are used for it.
    fn grown(&self) -> usize {
        let used = self.used.load(Relaxed);
        let is_settled = used == self.former.load(Relaxed);
        if is_settled && used == self.entries.len() {
            return used;
        }
        let written = self.counts.written.load(Relaxed) + 1;
        self.counts.written.store(written, Relaxed);
        if used < self.entries.len() && written > used * TOGETHER / 2 {
            self.former.store(used, Relaxed);
            self.used.store(used * 2, Relaxed);
        } else if written > used * TOGETHER * 2 {
            // Most of what was written before has been written over since, or come again.
            self.former.store(used, Relaxed);
        }
        used
    }

    /// Counts blocks; threads may lose each other's counts.
    fn count(&self, asked: u64, known: u64) {
        let asked = self.counts.asked.load(Relaxed) + asked;
        let known = self.counts.known.load(Relaxed) + known;
        let is_round = asked >= self.counts.round.load(Relaxed);
        self.counts.asked.store(if is_round { 0 } else { asked }, Relaxed);
        self.counts.known.store(if is_round { 0 } else { known }, Relaxed);
        if is_round {
            let is_new = known * FEW < asked;
            self.is_new.store(is_new, Relaxed);
            self.counts.round.store(if is_new { ROUND } else { LONG_ROUND }, Relaxed);
        }
    }
}

/// Cuts a view into blocks.
struct Cut<'v> {
    view: View<'v>,
    reach: Reach,
    /// Whether only a sample is looked up.
    is_new: bool,
    /// Where the next block begins.
    at: usize,
    /// Whether its content says that it begins there.
    is_cut: bool,
}

impl Cut<'_> {
    /// Adds blocks with their fingerprints until one ends at `to` or behind it; none ends behind `until`.
    fn blocks(&mut self, familiar: &Familiar, to: usize, until: usize, blocks: &mut Vec<(Range<usize>, u128)>) {
        while self.at < to {
            let end = next_cut(self.view, self.at, until);
            let is_looked_up = self.is_cut && (!self.is_new || is_of_sample(self.view.bytes, self.at));
            let key = end.filter(|_| is_looked_up).and_then(|end| familiar.key(self.view, self.at..end, self.reach));
            self.is_cut |= end.is_some();
            let block = self.at..end.unwrap_or(until);
            self.at = block.end;
            blocks.push((block, key.unwrap_or(0)));
        }
    }
}

/// Where the block begins that holds `at`: at the last place for it near by, or else at `at` itself.
fn block_start(bytes: &[u8], at: usize) -> usize {
    let floor = at.saturating_sub(LONGEST);
    let line_ends = memchr::memrchr_iter(b'\n', &bytes[floor..at]).map(|line_end| floor + line_end + 1);
    let cut = line_ends.into_iter().find(|cut| ends_block(bytes, *cut));
    cut.unwrap_or(if at < SHORTEST { 0 } else { at })
}

/// Where an entry stands if so many groups are used: in which, and where in it.
fn place(key: u128, used: usize) -> (usize, usize) {
    let entry = key as usize & (used * TOGETHER - 1);
    (entry / TOGETHER, entry % TOGETHER)
}

/// Ties the words of an entry to one another.
fn check(key: u128, marks: &Packed) -> u64 {
    (0..).zip(marks).fold((key >> 64) as u64, |check, (i, word)| check ^ word.rotate_left(8 * i))
}

/// Where the block ends that begins at `at`: at the first place for it from [`SHORTEST`] bytes on, or behind the last line that ends
/// within [`LONGEST`] (a line that comes again and again makes blocks that are the same), or there. `None` if that is behind `until`.
fn next_cut(view: View<'_>, at: usize, until: usize) -> Option<usize> {
    let bytes = view.bytes;
    let from = (at + SHORTEST).min(until);
    let to = until.min(at + LONGEST);
    match line_ends::first(bytes, from..to, |line_end| is_last_of_block(bytes, line_end)) {
        Ok(line_end) => Some(line_end + 1),
        Err(last) if to == at + LONGEST => Some(last.map_or(to, |line_end| line_end + 1)),
        Err(_) => (to == bytes.len() && view.is_end).then_some(to),
    }
}

/// Whether a block ends before `at`.
fn ends_block(bytes: &[u8], at: usize) -> bool {
    let Some(line_end) = at.checked_sub(1).filter(|line_end| bytes[*line_end] == b'\n') else { return false };
    is_last_of_block(bytes, line_end)
}

/// Whether a block ends behind this line end.
fn is_last_of_block(bytes: &[u8], line_end: usize) -> bool {
    mixed(bytes, line_end).is_some_and(|mixed| mixed.is_multiple_of(EVERY))
}

/// Whether the block that begins at `at` is of the sample.
fn is_of_sample(bytes: &[u8], at: usize) -> bool {
    let mixed = at.checked_sub(1).and_then(|line_end| mixed(bytes, line_end));
    mixed.is_none_or(|mixed| (mixed / EVERY).is_multiple_of(SAMPLE))
}

/// A number made of the bytes before a line end: of the last eight, and of eight farther away, since many lines of a log end alike.
fn mixed(bytes: &[u8], line_end: usize) -> Option<u64> {
    let (far, near) = bytes[..line_end].last_chunk::<DECIDING>()?.split_first_chunk()?;
    let spread = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let far = spread(u64::from_le_bytes(*far)).rotate_left(32);
    Some(spread(far ^ u64::from_le_bytes(*near.last_chunk()?)) >> 48)
}

/// The marks of a block. `None` if they are too many.
fn packed(marks: [&Marks; 2], block: &Range<usize>) -> Option<Packed> {
    let (mut list, mut len) = ([0; WORDS * IN_WORD], 0);
    for marks in marks {
        let anchors = within(&marks.anchors, block).iter().map(|(at, anchored)| (*at, of_anchor(*anchored)));
        let triggers = within(&marks.triggers, block).iter().map(|(at, trigger)| (*at, of_trigger(*trigger)));
        for (at, kind) in anchors.chain(triggers) {
            *list.get_mut(len)? = ((at - block.start) << 4) as u64 | kind;
            len += 1;
        }
    }
    let mut packed = [0; WORDS];
    for (i, mark) in list[..len].iter().enumerate() {
        packed[i / IN_WORD] |= mark << (16 * (i % IN_WORD));
    }
    Some(packed)
}

fn unpack(packed: &Packed, start: usize, marks: &mut Marks) {
    for mut word in packed.iter().copied() {
        while word != 0 {
            let at = start + usize::from(word as u16 >> 4);
            match word & 15 {
                kind @ 1..=8 => {
                    let class = Class::MARKED[(kind as usize - 1) / 2];
                    marks.anchors.push((at, Anchored { class, by_run: kind % 2 == 0 }));
                }
                9 => marks.triggers.push((at, Trigger::Base64Run)),
                10 => marks.triggers.push((at, Trigger::Percent)),
                11 => marks.triggers.push((at, Trigger::Backslash)),
                12 => marks.triggers.push((at, Trigger::Ampersand)),
                _ => marks.triggers.push((at, Trigger::Nul)),
            }
            word >>= 16;
        }
    }
}

fn of_anchor(anchored: Anchored) -> u64 {
    let class = match anchored.class {
        Class::Near => unreachable!("near anchors are not marked"),
        Class::Middle => 1,
        Class::Far => 3,
        Class::Farther => 5,
        Class::Farthest => 7,
    };
    class + u64::from(anchored.by_run)
}

fn of_trigger(trigger: Trigger) -> u64 {
    match trigger {
        Trigger::Base64Run => 9,
        Trigger::Percent => 10,
        Trigger::Backslash => 11,
        Trigger::Ampersand => 12,
        Trigger::Nul => 13,
        Trigger::Head => unreachable!("no lane reports it"),
    }
}

/// The part of a sorted list whose positions lie in a range.
fn within<'m, T>(list: &'m [(usize, T)], range: &Range<usize>) -> &'m [(usize, T)] {
    let from = list.partition_point(|(at, _)| *at < range.start);
    let len = list[from..].iter().take_while(|(at, _)| *at < range.end).count();
    &list[from..from + len]
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Span;

    /// Text in which a base64 run begins at 102 and has so many digits, and whether a page of it is barren with these marks.
    fn is_barren(run: usize, mark: impl Fn(&mut Marks), hits: &[Hit]) -> bool {
        let text = [&b"x \n".repeat(34)[..], &b"cGFzc3dvcmQ9".repeat(run / 12), &b"\nx ".repeat(3000)].concat();
        let view = View { bytes: &text, is_start: false, is_end: false };
        let mut plan = Plan::default();
        mark(&mut plan.recalled);
        plan.is_barren(view, &(50..4000), &(0..6000), &units::Limits::default(), hits)
    }

    /// The lengths of the blocks that a text is cut into.
    fn cuts(text: &str) -> Vec<usize> {
        let view = View::whole(text.as_bytes());
        let mut cuts = vec![0];
        while let Some(end) = cuts.last().filter(|at| **at < text.len()).and_then(|at| next_cut(view, *at, text.len()))
        {
            cuts.push(end);
        }
        cuts.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    #[test]
    fn lines_that_end_alike_are_cut_and_lines_that_are_alike_are_cut_alike() {
        let numbered: String =
            (0..2000).map(|n| format!("GET /package-{n} {}ms (cache miss)\n", n * 7919 % 997)).collect();
        let lens = cuts(&numbered);
        assert!(lens.iter().filter(|len| **len < LONGEST / 2).count() > lens.len() / 2, "{lens:?}");
        let line = "waiting for the database to come up ...\n";
        let lens = cuts(&line.repeat(2000));
        let (last, others) = lens.split_last().expect("some");
        assert!(others.iter().all(|len| *len == others[0]) && others[0].is_multiple_of(line.len()), "{lens:?}");
        assert!(*last <= others[0]);
    }

    #[test]
    fn what_is_written_is_found_while_the_table_grows_and_nothing_else_is() {
        let (familiar, mut rng) = (Familiar::new(), testkit::Rng::new(12));
        let half = |rng: &mut testkit::Rng| u128::from(rng.below(usize::MAX) as u64);
        let keys: Vec<u128> = (0..140_000).map(|_| half(&mut rng) << 64 | half(&mut rng)).collect();
        let marks = |n: usize| packed_at(n % 1000);
        let recalled = |key: u128| {
            let mut found = Marks::default();
            familiar.recall(key, 5, &mut found).then_some(found.triggers)
        };
        for (n, key) in keys.iter().enumerate() {
            assert_eq!(recalled(*key), None, "the {n}th before it is written");
            familiar.store(*key, &marks(n));
            let before = n.saturating_sub(200);
            let expected = |n: usize| Some(vec![(5 + n % 1000, Trigger::Percent)]);
            assert_eq!(recalled(*key), expected(n), "the {n}th");
            // Few lose their place so soon, also where the table has just grown.
            let lost = (before..n).step_by(20).filter(|n| recalled(keys[*n]) != expected(*n)).count();
            assert!(lost <= 5, "{lost} of ten before the {n}th");
        }
        let groups = familiar.entries.len();
        assert_eq!((familiar.used.load(Relaxed), familiar.former.load(Relaxed)), (groups, groups), "it is full");
        let known = keys.iter().filter(|key| recalled(**key).is_some()).count();
        assert!(known > ENTRIES / 3, "{known}");
    }

    /// One mark at a place of a block.
    fn packed_at(at: usize) -> Packed {
        let mut marks = Marks::default();
        marks.triggers.push((at, Trigger::Percent));
        packed([&marks, &Marks::default()], &(0..LONGEST)).expect("one fits")
    }

    #[test]
    fn a_page_is_barren_if_nothing_in_it_depends_on_what_is_farther_away() {
        let anchor =
            |class: Class| move |marks: &mut Marks| marks.anchors.push((60, Anchored { class, by_run: false }));
        let unit = |marks: &mut Marks| marks.triggers.push((102, Trigger::Base64Run));
        assert!(is_barren(84, |_| (), &[]));
        assert!(is_barren(84, anchor(Class::Farther), &[]) && is_barren(84, unit, &[]));
        assert!(!is_barren(84, anchor(Class::Farthest), &[]));
        assert!(!is_barren(5604, unit, &[]), "where it ends is not seen");
        let hit = |start: usize| Hit::cut_short(Span::new(start, start + 9), Span::new(start, start + 9));
        assert!(is_barren(84, |_| (), &[hit(40), hit(4000)]));
        assert!(!is_barren(84, |_| (), &[hit(43)]) && !is_barren(84, |_| (), &[hit(3999)]));
    }
}
