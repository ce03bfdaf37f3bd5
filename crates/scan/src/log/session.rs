//! One log, from its first byte to its last, as it comes.

mod early;
mod halves;
mod reported;
mod searched;

use self::halves::split;
use self::reported::Reported;
use self::searched::{Heard, Searched, Seen};
use super::LogScanner;
use super::hold;
use super::kept::Kept;
use super::known::KnownInLog;
use super::mask::Masker;
use super::quiet::Quiet;
use super::source::Source;
use super::text::LogText;
use crate::collect::{Collected, Held};
use crate::cut_short::CutShort;
use crate::masked::Masked;
use crate::visitor::Pending;
use detect::stream::{Feed, ScanBy, Window};
use detect::{Hit, Scratch};
use logs::{CleanText, Framing, LineEnds, Member, Reading, Unframer};
use model::{Confidence, Finding, Fingerprint, Gap, Origin, Report, Span, Stats};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Mutex;

/// A log that is being read. Feed it, and take what was found from time to time; findings come in the order of the log,
/// each with one place or several of one window. Memory is constant: a window of about a megabyte, and what is held back.
pub struct LogScan<'a> {
    scanner: &'a LogScanner,
    origin: Origin,
    scratch: Scratch,
    unframer: Unframer,
    feed: Feed<'a>,
    /// How far clean text has been pushed to `feed`.
    pushed: u64,
    searched: Searched,
    pending: Pending,
    /// Hits of what the log says that no window has settled.
    signs: Vec<Hit>,
    known: KnownInLog,
    quiet: Quiet,
    cut_short: CutShort,
    collected: Collected,
    /// What was handed out last.
    taken: Collected,
    /// What was handed out before, for the report at the end.
    kept: Kept,
    is_told: bool,
    gaps: Vec<Gap>,
    reported: Reported,
    /// Where masking is asked for.
    masker: Option<Masker>,
    /// Up to here of the log is masked whole, since what was held back grew too long.
    over: u64,
    /// Whether a window has been decided on.
    has_decided: bool,
    is_finished: bool,
}

/// Clean text is looked at when so much of it waits, in bytes.
const WINDOW: usize = 256 << 10;
/// So much of it is looked at early, at most, besides what cannot be decided on, in bytes.
const GUESSED: usize = 32 << 10;
/// The log is fed on in parts of this many bytes at most.
const PART: usize = 512 << 10;

/// What a window has found, without its bytes, which the feed still has.
struct Found {
    hits: Vec<Hit>,
    cut: Vec<Hit>,
    base: u64,
    settled_to: u64,
    next_base: u64,
    is_last: bool,
}

impl Found {
    fn of(window: Window<'_>) -> Found {
        let (mut cut, hits): (Vec<Hit>, Vec<Hit>) = window.hits.iter().cloned().partition(Hit::is_cut_short);
        cut.iter_mut().for_each(|hit| hit.whole.start -= window.base as usize);
        let Window { base, settled_to, next_base, is_last, .. } = window;
        Found { hits, cut, base, settled_to, next_base, is_last }
    }

    fn window<'b>(&self, bytes: &'b [u8]) -> Window<'b> {
        let (base, settled_to, next_base, is_last) = (self.base, self.settled_to, self.next_base, self.is_last);
        Window { bytes, base, hits: &[], settled_to, next_base, is_last }
    }
}

impl<'a> LogScan<'a> {
    /// A log of which nothing has been read. Its path may tell job and step.
    pub fn new(scanner: &'a LogScanner, origin: Origin) -> LogScan<'a> {
        let limits = scanner.log.limits;
        let mut unframer = match &scanner.log.framings {
            Some(framings) => Unframer::new(framings, limits),
            None => Unframer::recognising(limits),
        }
        .marking_values();
        let inner = match &origin {
            Origin::Member(_, name) => Some(name.clone()),
            Origin::File(path) => Some(path.clone()),
            Origin::Stdin | Origin::History(..) => None,
        };
        if let Some(member) = inner.and_then(|path| Member::from_path(&path)) {
            unframer.set_member(&member);
        }
        LogScan {
            scanner,
            origin,
            scratch: Scratch::default(),
            unframer,
            feed: Feed::new(&scanner.detector),
            pushed: 0,
            searched: Searched::default(),
            pending: Pending::default(),
            signs: Vec::new(),
            known: KnownInLog::new(&scanner.log.known, scanner.signs.known_value),
            quiet: Quiet::default(),
            cut_short: CutShort::default(),
            collected: Collected::new(scanner.detector.ruleset().clone()),
            taken: Collected::new(scanner.detector.ruleset().clone()),
            kept: Kept::new(scanner.detector.ruleset().clone(), scanner.log.places),
            is_told: false,
            gaps: Vec::new(),
            reported: Reported::default(),
            masker: None,
            over: 0,
            has_decided: false,
            is_finished: false,
        }
    }

    /// The same, holding the log back to mask what is found: see [`LogScan::take_passed`].
    pub fn masking(self) -> LogScan<'a> {
        LogScan { masker: Some(Masker::default()), ..self }
    }

    /// The same, of which everything is told as it comes, so that a report at the end need not hold all of it.
    pub fn telling(self) -> LogScan<'a> {
        LogScan { is_told: true, ..self }
    }

    /// Takes the next bytes of the log.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.feed_all([(bytes, None)]);
    }

    /// The same, in pieces: what [`LogScan::feed`] does with one after the other. Of a piece it may be known already where its lines
    /// end, which is of use if it has 512 KiB at most.
    pub fn feed_all<'b>(&mut self, pieces: impl IntoIterator<Item = (&'b [u8], Option<&'b LineEnds>)>) {
        let in_parts = |(bytes, ends): (&'b [u8], Option<&'b LineEnds>)| {
            let ends = ends.filter(|_| bytes.len() <= PART);
            bytes.chunks(PART).map(move |part| (part, ends))
        };
        let mut parts = pieces.into_iter().flat_map(in_parts).peekable();
        let mut cut = None;
        while let Some((part, known)) = parts.next() {
            let own = cut.take();
            let ends = known.or(own.as_ref());
            if let Some(masker) = &mut self.masker {
                masker.push(part);
            }
            let is_full = self.feed.waiting() >= WINDOW + self.feed.margin();
            let heard = if is_full && self.scanner.options.jobs.get() > 1 {
                let unknown = parts.peek().filter(|(_, known)| known.is_none());
                self.window_beside(part, ends, unknown.map(|(next, _)| *next), &mut cut)
            } else {
                if is_full {
                    self.window(false);
                }
                self.unframer.feed_cut(part, ends);
                self.hear()
            };
            self.push_clean(heard);
        }
    }

    /// The log pauses: what is at hand is looked at. Anything that depends on what comes next is left open.
    pub fn pause(&mut self) {
        if self.is_finished {
            return;
        }
        self.search();
        // What can be decided on now is not guessed at: a log that never pauses is looked at once.
        if self.feed.waiting() >= GUESSED + self.feed.margin() {
            self.window(false);
        }
        loop {
            let known = self.known.len();
            self.peek_lines();
            self.peek_open_line();
            if self.known.len() == known {
                break;
            }
            // What has come to be known may stand there again.
        }
    }

    /// The log has ended. Nothing may be fed any more.
    pub fn finish(&mut self) {
        if !std::mem::replace(&mut self.is_finished, true) {
            self.unframer.finish();
            let heard = self.hear();
            self.push_clean(heard);
            self.window(true);
        }
    }

    /// Whether all that had been fed before was decided on since the last call, but for the end of it that depends on what comes.
    pub fn has_decided(&mut self) -> bool {
        std::mem::take(&mut self.has_decided)
    }

    /// What was found since the last call and counts, as a report of its own.
    pub fn take_report(&mut self) -> Report {
        let mut findings = self.take_findings();
        findings.retain(|finding| finding.suppressions.is_empty());
        self.scanner.sum_up(findings, Vec::new(), Stats::default())
    }

    /// What was found since the last call, of any confidence.
    fn take_findings(&mut self) -> Vec<Finding> {
        self.keep(|_| true);
        let empty = Collected::new(self.scanner.detector.ruleset().clone());
        self.taken = std::mem::replace(&mut self.collected, empty);
        self.taken.clone().into_findings()
    }

    /// Keeps what was taken last for the report at the end, as far as there is room. `counts` says which of the credentials
    /// do: there is always room for the first of each rule that counts.
    pub fn keep(&mut self, counts: impl Fn(&Fingerprint) -> bool) {
        let empty = Collected::new(self.scanner.detector.ruleset().clone());
        self.kept.take(std::mem::replace(&mut self.taken, empty), counts);
    }

    /// All that was found, as a report, as far as it has been kept: see [`super::LogOptions::places`].
    pub fn into_report(mut self, stats: Stats, mut gaps: Vec<Gap>) -> Report {
        self.take_findings();
        self.keep(|_| true);
        gaps.append(&mut self.gaps);
        let (total, left_out) = self.kept.into_parts();
        if left_out > 0 {
            gaps.push(beyond(&self.origin.path(), left_out, self.scanner.log.places, self.is_told));
        }
        self.scanner.sum_up(total.into_findings(), gaps, stats)
    }

    /// What could not be looked at, since the last call.
    pub fn take_gaps(&mut self) -> Vec<Gap> {
        std::mem::take(&mut self.gaps)
    }

    /// What was found and not been taken, and the gaps.
    pub(crate) fn into_parts(mut self) -> (Collected, Vec<Gap>) {
        let gaps = self.take_gaps();
        (self.collected, gaps)
    }

    /// Adds to `out` what of the log may pass, masked; all of it once finished. Call it after [`LogScan::feed`], and after
    /// [`LogScan::pause`] if the log pauses: only what has been looked at passes.
    pub fn take_passed(&mut self, out: &mut Vec<u8>) {
        let Some(end) = self.masker.as_ref().map(Masker::end) else { return };
        let open = if self.is_finished { end } else { self.held_from() };
        let hold = self.scanner.log.hold as u64;
        let Some(masker) = &mut self.masker else { return };
        let to = if self.over > 0 && open > self.over {
            masker.unmask_from(open);
            self.over = 0;
            open
        } else if self.over > 0 || end.saturating_sub(open) > hold {
            // What is open for so long is masked whole, up to where it ends.
            if self.over == 0 {
                masker.mask(open..u64::MAX);
            }
            self.over = end;
            end
        } else {
            open
        };
        masker.release(to, out);
    }

    /// What new clean text says.
    fn hear(&mut self) -> Heard {
        Heard::of(&mut self.unframer, self.scanner)
    }

    /// Hands new clean text on to the detector.
    fn push_clean(&mut self, heard: Heard) {
        let clean = self.unframer.clean();
        if let Some(fresh) = clean.get(self.pushed..clean.end()) {
            self.feed.push(fresh);
        }
        self.pushed = clean.end();
        self.take_signs(heard.signs);
        match heard.seen {
            Some(seen) if seen.known.values == self.known.len() => self.take_seen(seen),
            // It may pass before a window looks at it.
            _ if self.masker.is_some() => self.search(),
            _ => {}
        }
    }

    /// Searches what has come since the last search.
    fn search(&mut self) {
        let clean = self.unframer.clean();
        let seen = self.searched.on(&self.known, self.scanner, (clean.bytes(), clean.base()));
        self.take_seen(seen);
    }

    fn take_seen(&mut self, seen: Seen) {
        self.searched = seen.to;
        self.quiet.remember(seen.quiet);
        self.take_known(seen.known.from, seen.known.hits);
        self.take_signs(seen.rests);
    }

    /// Looks for the values that came when `known` were known: they may stand in what is at hand again, where the others were found
    /// before. `taught`: the places that told them, as positions of the clean text.
    fn find_learnt(&mut self, known: usize, taught: &[Span]) {
        let clean = self.unframer.clean();
        let from = clean.base();
        if self.known.len() > known && from < clean.end() {
            // What was told in a preview stands behind all of it.
            let taught: Vec<Span> = taught.iter().filter_map(|span| span.shift(-(from as isize))).collect();
            let text = clean.get(from..clean.end()).unwrap_or_default();
            let (before, others) = self.known.hits_since(known, text, &taught);
            if let Some(masker) = &mut self.masker {
                mask(masker, clean, text, from, &before);
            }
            self.take_known(from, others);
        }
    }

    /// Takes known values that were found.
    fn take_known(&mut self, from: u64, hits: Vec<Hit>) {
        let clean = self.unframer.clean();
        if let Some(masker) = &mut self.masker {
            mask(masker, clean, clean.get(from..clean.end()).unwrap_or_default(), from, &hits);
        }
        self.take_signs(hits.into_iter().filter_map(|hit| hit.moved(from as isize)).collect());
    }

    /// Takes hits that no window finds.
    fn take_signs(&mut self, hits: Vec<Hit>) {
        self.pending.hits.extend(hits.iter().cloned());
        self.signs.extend(hits);
    }

    /// Decides on what can be decided of what has come before, while framing is taken off what has come now, whose line ends are
    /// `ends`, if they are known; and then cuts what comes `next` into lines.
    fn window_beside(
        &mut self,
        part: &[u8],
        ends: Option<&LineEnds>,
        next: Option<&[u8]>,
        cut: &mut Option<LineEnds>,
    ) -> Heard {
        let Self { unframer, known, quiet, feed, scratch, scanner, searched, masker, .. } = self;
        let is_masking = masker.is_some();
        let base = feed.at_hand().1;
        let seen = Mutex::new(None);
        let by: ScanBy<'_> = &|scratch, view, pages, hits| {
            let mut scan = || split(&scanner.detector, scratch, view, pages, hits);
            if is_masking {
                return scan();
            }
            let search = || searched.on_by_pages((known, quiet), scanner, (view.bytes, base), pages);
            rayon::join(scan, || *seen.lock().expect("nobody else has it") = Some(search())).0
        };
        let unframe = || {
            unframer.feed_cut(part, ends);
            let heard = Heard::of(unframer, scanner);
            let clean = unframer.clean();
            Heard { seen: is_masking.then(|| searched.on(known, scanner, (clean.bytes(), clean.base()))), ..heard }
        };
        let window = || Found::of(feed.window_by(scratch, false, by));
        let cut_next = || *cut = next.map(LineEnds::of);
        // This thread has had framing's text and map in its cache, and will have what comes next: another one takes the window.
        let ((heard, ()), found) = rayon::join(|| rayon::join(unframe, cut_next), window);
        if let Some(seen) = seen.into_inner().expect("no thread panicked") {
            self.take_seen(seen);
        }
        self.settle(found);
        heard
    }

    /// Decides on what can be decided.
    fn window(&mut self, is_end: bool) {
        if self.masker.is_some() {
            self.search();
        }
        let Self { known, quiet, feed, scratch, scanner, searched, masker, .. } = self;
        let base = feed.at_hand().1;
        let seen = Mutex::new(None);
        let by: ScanBy<'_> = &|scratch, view, pages, hits| {
            if masker.is_none() {
                let found = searched.on_by_pages((known, quiet), scanner, (view.bytes, base), pages);
                *seen.lock().expect("nobody else has it") = Some(found);
            }
            scanner.detector.scan_pages(scratch, view, pages, hits)
        };
        let found = Found::of(feed.window_by(scratch, is_end, by));
        if let Some(seen) = seen.into_inner().expect("no thread panicked") {
            self.take_seen(seen);
        }
        self.settle(found);
        if is_end {
            self.gaps.extend(self.cut_short.gap(&self.origin.path(), self.scanner.detector.options()));
        }
    }

    /// Takes in what a window has found.
    fn settle(&mut self, mut found: Found) {
        self.has_decided = true;
        let origin = self.origin.path();
        let scanner = self.scanner;
        let (base, next_base) = (found.base, found.next_base);
        self.signs.retain(|hit| hit.secret.start as u64 >= next_base);
        // Its bytes are asked for while all else changes.
        let feed = std::mem::replace(&mut self.feed, Feed::new(&scanner.detector));
        let (bytes, _) = feed.in_window();
        let held = Held { base, ..Held::whole(&self.origin, bytes) };
        self.cut_short.take(&mut found.cut, &held);
        self.pending.hits.append(&mut found.hits);
        let window = found.window(bytes);
        loop {
            let known = self.known.len();
            let (hits, hidden) = self.pending.resolved(&window, &origin, &scanner.options, &scanner.detector);
            self.place(bytes, base, (hits, Confidence::Low), &hidden, None);
            if self.known.len() == known {
                break;
            }
            // What has come to be known may stand in this window again, which is then settled with it.
        }
        self.pending.pass(&window);
        self.feed = feed;
        for limit in self.unframer.take_limits() {
            self.gaps.push(Gap::input(format!("{origin}:{}", limit.line), limit.kind.phrase()));
        }
        if let Some(first) = self.unframer.clean().place(next_base..next_base + 1) {
            self.reported.forget(first.start.offset);
        }
        self.unframer.forget(next_base);
    }

    /// Places hits of a text, which is the log's clean text or a preview of it; positions are those of `bytes`. All that are shown
    /// are masked, and those below `told` are then left to the window that decides.
    fn place(
        &mut self,
        bytes: &[u8],
        base: u64,
        (mut hits, told): (Vec<Hit>, Confidence),
        hidden: &Masked,
        preview: Option<&CleanText>,
    ) {
        if hits.is_empty() {
            return;
        }
        let scanner = self.scanner;
        let framing = self.unframer.outermost().unwrap_or(Framing::plain());
        let source = Source { framing, page: scanner.log.page.as_deref(), detector: &scanner.detector };
        let clean = preview.unwrap_or(self.unframer.clean());
        let text = LogText { clean, source: &source };
        let mut held = Held { base, ..Held::whole(&self.origin, bytes) };
        held.log = Some(&text);
        let place = |hit: &Hit| {
            let span = hit.identity.unwrap_or(hit.secret);
            let start = base + span.start as u64;
            Some((clean.place(start..base + span.end as u64)?, clean.context(start).reading))
        };
        let blocks = blocks(hits.iter().filter_map(place));
        hits.retain(|hit| !place(hit).is_some_and(|(place, reading)| is_mixed(&blocks, &place, reading)));
        // What was told before may be wider now.
        let least = scanner.options.policy.confidence(&self.origin.path());
        let shown: Vec<Hit> = hits.iter().filter(|hit| hit.confidence >= least).cloned().collect();
        if let Some(masker) = &mut self.masker {
            mask(masker, clean, bytes, base, &shown);
        }
        hits.retain(|hit| hit.confidence >= told);
        let reported = &mut self.reported;
        // Of two rules that say the same of the same bytes both count: which is surer shows when they are joined.
        let mut new: HashSet<(Fingerprint, u64)> = HashSet::new();
        hits.retain(|hit| {
            let identity = crate::collect::identity_of(hit, bytes);
            let fingerprint = scanner.options.key.fingerprint(identity.expose().trim_ascii());
            place(hit).is_some_and(|(place, reading)| {
                let is_new = reported.is_new(&fingerprint, &place, reading);
                let key = (fingerprint, place.start.offset);
                if is_new { new.insert(key) } else { new.contains(&key) }
            })
        });
        let taught: Vec<Span> = hits.iter().filter_map(|hit| hit.secret.shift(base as isize)).collect();
        let mut fresh = Collected::new(scanner.detector.ruleset().clone());
        fresh.place(&held, &hits, hidden, &scanner.detector, &scanner.options);
        let known = self.known.len();
        self.known.learn(&fresh);
        if self.known.len() > known {
            self.quiet.forget();
        }
        self.collected.merge(fresh);
        self.find_learnt(known, &taught);
    }
}

/// What a report has no room for.
fn beyond(path: &str, places: u64, most: usize, is_told: bool) -> Gap {
    let beyond = format!("{places} more places were found; of a log that is watched, {most} credentials are kept");
    if is_told {
        return Gap::input(path, format!("{beyond}, and those beyond were told as they came"));
    }
    let way_out = "--report jsonl=FILE tells each as it comes";
    Gap::happened(path, format!("{beyond}, and this report has no more: {way_out}, and a file has no such limit"))
}

/// Where the armoured blocks begin that are read without the lines of another stream.
fn blocks(places: impl Iterator<Item = (logs::Place, Reading)>) -> Vec<u64> {
    places.filter(|(_, reading)| *reading == Reading::Armour).map(|(place, _)| place.start.offset).collect()
}

/// Whether a place is that of one of these blocks with the lines of another stream in it.
fn is_mixed(blocks: &[u64], place: &logs::Place, reading: Reading) -> bool {
    reading == Reading::Plain && blocks.contains(&place.start.offset)
}

/// Where the first byte of a range stands in the log.
fn input_of(clean: &CleanText, range: Range<u64>) -> Option<u64> {
    clean.pieces(range).into_iter().map(|piece| piece.input.start).min()
}

/// Masks the hits of `bytes`, which stand at `base` of the clean text. Line ends pass, so that the lines keep their numbers.
fn mask(masker: &mut Masker, clean: &CleanText, bytes: &[u8], base: u64, hits: &[Hit]) {
    for span in Masked::of(hits).spans() {
        for (at, line) in hold::lines(&bytes[span.start..span.end]) {
            let start = base + (span.start + at) as u64;
            let end = start + line.strip_suffix(b"\n").unwrap_or(line).len() as u64;
            clean.pieces(start..end).into_iter().for_each(|piece| masker.mask(piece.input));
        }
    }
}

#[cfg(test)]
mod learnt;
#[cfg(test)]
mod paused;
