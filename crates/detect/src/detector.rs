//! Joins the lanes with the hit functions: candidates to hits, encoded units to hits in what they decode to.

use crate::delta::carry::Parts;
use crate::delta::marks::{Anchored, Class, Marks, Near};
use crate::familiar::{Familiar, Page, Plan};
use crate::hit::{Decoded, Hit, View};
use crate::judgement::Judgement;
use crate::lanes::{Candidates, Lanes};
use crate::literals::Literals;
use crate::masks::Masks;
use crate::names::Covered;
use crate::patterns::Patterns;
use crate::prefixes::Prefixes;
use crate::tokens::{Seen, Tokens};
use crate::units::{self, Trigger, Unit};
use crate::{armour, assignment, boundary, formats, patterns, userinfo};
use model::{Secret, Span};
use rules::shape::ShapeMatch;
use rules::{Anchor, Assignment, Matcher, Reach, Rule, Ruleset};
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::thread;

/// How a detector works; the defaults are those of the command line.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many encodings deep text is decoded; 0: not at all.
    pub decode_depth: usize,
    /// Whether to do without SIMD; for tests.
    pub portable: bool,
    /// Whether hits that are taken back at once (unlikely values, references) are handed out, too; for explanations.
    pub keep_refuted: bool,
    /// Bounds of the decoders.
    pub units: units::Limits,
    /// How many times the length of a piece of an encoded unit may be decoded of it, all that is nested in it included.
    /// Real text shrinks to a hundredth at most; compressed streams in one another can grow a thousandfold each time. What
    /// it cuts off is told: see [`Hit::is_cut_short`].
    pub growth: usize,
}

/// So many bytes may be decoded of the smallest unit, whatever [`Options::growth`] says.
const LEAST_DECODED: usize = 16 << 10;

impl Default for Options {
    fn default() -> Options {
        Options { decode_depth: 5, portable: false, keep_refuted: false, units: units::Limits::default(), growth: 200 }
    }
}

impl Options {
    /// The defaults, but with another [`Options::growth`], and [`units::Limits::inflate`] in proportion; never less than by
    /// default, since small streams are no danger.
    pub fn with_growth(growth: usize) -> Options {
        let options = Options::default();
        let inflate = (options.units.inflate / options.growth).saturating_mul(growth).max(options.units.inflate);
        Options { growth, units: units::Limits { inflate, ..options.units }, ..options }
    }
}

/// A ruleset, ready to look for hits. Shared by all threads; each brings its own [`Scratch`].
pub struct Detector {
    ruleset: Arc<Ruleset>,
    lanes: Lanes,
    patterns: Patterns,
    judgement: Judgement,
    options: Options,
    margin: Reach,
    near: OnceLock<Near>,
    familiar: OnceLock<Familiar>,
}

/// What a thread needs to scan; reused, so that scanning does not allocate.
#[derive(Default)]
pub struct Scratch {
    levels: Vec<Level>,
    plan: Plan,
    pages: Vec<Page>,
    pub(crate) parts: Parts,
}

impl Scratch {
    /// The level of text that is not decoded, the plan, and whether encoded units in it are decoded.
    fn top(&mut self, depth: usize) -> (&mut Level, &mut Plan, bool) {
        (self.levels.first_mut().expect("one level for each depth"), &mut self.plan, depth > 0)
    }
}

/// One level of decoding.
#[derive(Default)]
struct Level {
    masks: Box<Masks>,
    rules: Vec<u32>,
    seen: Seen,
    units: Vec<(Trigger, usize)>,
    decoded: Vec<u8>,
    hits: Vec<Hit>,
    /// Bytes that may still be decoded here and in deeper levels.
    left: usize,
    /// Whether that or the bound of a compressed stream ended a decoding, here or deeper.
    cut_short: bool,
}

/// Whether a view is of an object, of which more may come into view, or of what was decoded, of which all is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    Top,
    Decoded,
}

/// What the scan of a part has found out about the part's end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The encoded units that go on beyond a view that is not the object's end: their hits are still to be looked for,
    /// in a longer view.
    pub open: Vec<(Trigger, usize)>,
}

impl Detector {
    /// Builds the tables for a ruleset, on this thread and another one: about a microsecond a rule.
    pub fn new(ruleset: Arc<Ruleset>, options: Options) -> Detector {
        let rules = ruleset.rules();
        // Every run waits for this, the one of a hook that looks at one file, too: with two threads it starts 2 ms sooner.
        let others = || (Literals::new(rules, options.portable), Patterns::new(rules), Judgement::new(rules));
        let (prefixes, tokens, (literals, patterns, judgement)) = thread::scope(|scope| {
            let beside = thread::Builder::new().spawn_scoped(scope, others);
            let (prefixes, tokens) = (Prefixes::new(rules), Tokens::new(rules));
            // Where there can be no thread, this one does it.
            (prefixes, tokens, beside.map_or_else(|_| others(), |beside| beside.join().expect("no table panics")))
        });
        let lanes = Lanes::new(prefixes, tokens, literals, options.portable);
        let longest = rules.iter().fold(Reach::default(), |reach, rule| reach.max(rule.reach));
        let margin = longest.max(Reach { before: units::LOOKBACK as u32, after: crate::lanes::LANE_AFTER as u32 });
        let (near, familiar) = (OnceLock::new(), OnceLock::new());
        Detector { lanes, patterns, judgement, options, margin, near, familiar, ruleset }
    }

    /// The rules it looks for.
    pub fn ruleset(&self) -> &Arc<Ruleset> {
        &self.ruleset
    }

    /// How it works.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What a view that is not a whole object must hold around the anchors asked for, encoded units not counted.
    pub fn margin(&self) -> Reach {
        self.margin
    }

    /// Whether the ruleset needs the slow literal lane (foreign rules with keywords compared without case).
    pub fn has_slow_lane(&self) -> bool {
        self.lanes.literals.is_slow()
    }

    /// Adds to `hits` every hit whose anchor lies in `anchors`, and those in encoded units that start there, and a result
    /// for each of these that was cut short (see [`Hit::is_cut_short`]). No order is promised, and a hit may be added twice. Takes time linear in the length of `anchors` and of those units.
    ///
    /// # Panics
    /// If `anchors` does not lie in the view.
    pub fn scan(&self, scratch: &mut Scratch, view: View<'_>, anchors: Range<usize>, hits: &mut Vec<Hit>) -> Outcome {
        assert!(anchors.end <= view.bytes.len());
        scratch.levels.resize_with(self.options.decode_depth + 1, Level::default);
        self.scan_level(&mut scratch.levels, view, anchors, Depth::Top, hits)
    }

    /// The same, for text of which much repeats what was looked at before by this function: what held nothing then, with the
    /// same text around it, is passed over. Keeps four megabytes for it, shared by all threads.
    ///
    /// # Panics
    /// If `anchors` does not lie in the view.
    pub fn scan_repeated(
        &self,
        scratch: &mut Scratch,
        view: View<'_>,
        anchors: Range<usize>,
        hits: &mut Vec<Hit>,
    ) -> Outcome {
        let mut pages = std::mem::take(&mut scratch.pages);
        self.pages(view, anchors, false, &mut pages);
        let outcome = self.scan_pages(scratch, view, &pages, hits);
        pages.clear();
        scratch.pages = pages;
        outcome
    }

    /// Adds to `pages` all of `anchors` in parts that adjoin, for [`Detector::scan_pages`]: which of them are known to hold nothing is told.
    /// `is_open`: whether the text goes on. Then what is to begin the next page is left out, unless nothing stands before it.
    ///
    /// # Panics
    /// If `anchors` does not lie in the view.
    pub fn pages(&self, view: View<'_>, anchors: Range<usize>, is_open: bool, pages: &mut Vec<Page>) {
        assert!(anchors.end <= view.bytes.len());
        self.familiar().pages(view, anchors, self.near().page_reach(), is_open, pages);
    }

    /// So many bytes behind a page are covered by its key.
    pub fn page_reach(&self) -> usize {
        self.near().page_reach().after as usize
    }

    /// The second half of [`Detector::scan_repeated`]: some of the pages in a row that [`Detector::pages`] gave for the same view, or all.
    /// Known ones are passed over.
    pub fn scan_pages(&self, scratch: &mut Scratch, view: View<'_>, pages: &[Page], hits: &mut Vec<Hit>) -> Outcome {
        let mut outcome = Outcome::default();
        let is_same = |page: &Page, next: &Page| page.range.end == next.range.start && page.is_known == next.is_known;
        for run in pages.chunk_by(is_same).filter(|run| !run[0].is_known) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            let known = hits.len();
            let all = first.range.start..last.range.end;
            let has_keys = run.iter().any(|page| page.key.is_some());
            outcome.open.extend(self.scan_blocks(scratch, view, all, hits, has_keys).open);
            for page in run.iter().filter(|page| page.key.is_some()) {
                self.learn_page(&scratch.plan, view, page, &hits[known..]);
            }
        }
        outcome
    }

    /// Remembers a page that was scanned, if nothing is to be found in it wherever it comes again. `hits`: those found.
    fn learn_page(&self, plan: &Plan, view: View<'_>, page: &Page, hits: &[Hit]) {
        let reach = self.near().page_reach();
        let before = (page.range.start).saturating_sub(reach.before as usize);
        let near = before..(page.range.end + reach.after as usize).min(view.bytes.len());
        if plan.is_barren(view, &page.range, &near, &self.options.units, hits) {
            self.familiar().learn_page(page);
        }
    }

    /// The same, and adds to `marks` the anchors among these from which rules read far, and the triggers of units.
    pub(crate) fn scan_marking(
        &self,
        scratch: &mut Scratch,
        view: View<'_>,
        anchors: Range<usize>,
        hits: &mut Vec<Hit>,
        marks: &mut Marks,
    ) -> Outcome {
        let outcome = self.scan_blocks(scratch, view, anchors, hits, true);
        marks.take(&mut scratch.plan.found);
        marks.take(&mut scratch.plan.recalled);
        outcome
    }

    /// Scans the blocks that are not known. `marks`: whether the plan is to have the marks of all that was scanned, also of what is not
    /// looked up.
    fn scan_blocks(
        &self,
        scratch: &mut Scratch,
        view: View<'_>,
        anchors: Range<usize>,
        hits: &mut Vec<Hit>,
        marks: bool,
    ) -> Outcome {
        assert!(anchors.end <= view.bytes.len());
        scratch.levels.resize_with(self.options.decode_depth + 1, Level::default);
        self.familiar().plan(view, anchors, self.near().block_reach(), &mut scratch.plan);
        let known = hits.len();
        let (level, plan, decode) = scratch.top(self.options.decode_depth);
        let mut units = std::mem::take(&mut level.units);
        units.clear();
        for (range, is_looked_up) in &plan.unknown {
            if *is_looked_up || marks {
                self.run_marking(level, view, range.clone(), decode, (&mut units, hits), &mut plan.found);
            } else {
                self.run_lanes(level, view, range.clone(), decode, (&mut units, hits), None);
            }
        }
        let plain = hits.len();
        let mut outcome = self.decode_found(scratch, view, hits);
        self.familiar().learn(&mut scratch.plan, &Marks::default(), &hits[known..plain]);
        outcome.open.extend(self.recall(scratch, view, units, hits).open);
        outcome
    }

    /// Looks up which of the blocks are known in which `ranges` lie, which are in order and apart; those closer than `close` belong
    /// together.
    pub(crate) fn plan_around<'s>(
        &self,
        scratch: &'s mut Scratch,
        view: View<'_>,
        ranges: &[Range<usize>],
        close: usize,
    ) -> &'s Plan {
        scratch.levels.resize_with(self.options.decode_depth + 1, Level::default);
        self.familiar().plan_around(view, (ranges, close), self.near().block_reach(), &mut scratch.plan);
        &scratch.plan
    }

    /// Adds the hits whose anchors lie in `parts` or in what is known of the last plan, and to `marks` what stands there. All
    /// else in the plan is as in another object: `old` has its marks, and its hits are among `hits`, but for the anchors in `far`.
    pub(crate) fn scan_changed(
        &self,
        scratch: &mut Scratch,
        view: View<'_>,
        (parts, old, far): (&[Range<usize>], &Marks, &[(usize, Anchored)]),
        hits: &mut Vec<Hit>,
        marks: &mut Marks,
    ) {
        let (level, plan, decode) = scratch.top(self.options.decode_depth);
        let mut units = std::mem::take(&mut level.units);
        units.clear();
        for part in parts {
            self.run_marking(level, view, part.clone(), decode, (&mut units, hits), &mut plan.found);
        }
        for (at, anchored) in far {
            self.anchor(level, view, *at, !anchored.by_run, (&mut units, hits));
        }
        let plain = hits.len();
        self.decode_found(scratch, view, hits);
        self.familiar().learn(&mut scratch.plan, old, &hits[..plain]);
        self.recall(scratch, view, units, hits);
        marks.take(&mut scratch.plan.found);
        marks.take(&mut scratch.plan.recalled);
    }

    /// Adds the hits of a range, and to `found` its marks. Of units those are found that are not empty.
    fn run_marking(
        &self,
        level: &mut Level,
        view: View<'_>,
        range: Range<usize>,
        decode: bool,
        (units, hits): (&mut Vec<(Trigger, usize)>, &mut Vec<Hit>),
        found: &mut Marks,
    ) {
        let before = units.len();
        self.run_lanes(level, view, range, decode, (units, hits), Some((self.near(), found)));
        let limits = &self.options.units;
        let alive = units.drain(before..).filter(|(trigger, at)| !units::is_dead(*trigger, view, *at, limits));
        found.triggers.extend(alive.map(|(trigger, at)| (at, trigger)));
    }

    /// Decodes the units that were found in what was scanned, and forgets those that hold nothing and never will.
    fn decode_found(&self, scratch: &mut Scratch, view: View<'_>, hits: &mut Vec<Hit>) -> Outcome {
        let Scratch { levels, plan, .. } = scratch;
        let (level, deeper) = levels.split_first_mut().expect("one level for each depth");
        let mut outcome = Outcome::default();
        plan.found.triggers.retain(|(at, trigger)| {
            let known = hits.len();
            let own = self.decode(level, deeper, view, &[(*trigger, *at)], Depth::Top, hits);
            let is_empty = own.open.is_empty() && hits.len() == known;
            outcome.open.extend(own.open);
            !(is_empty && units::is_local(*trigger, view, *at))
        });
        outcome
    }

    /// Evaluates what the last plan recalled, but for what the fingerprints of blocks cover, and decodes `units` and those that were
    /// recalled.
    fn recall(
        &self,
        scratch: &mut Scratch,
        view: View<'_>,
        mut units: Vec<(Trigger, usize)>,
        hits: &mut Vec<Hit>,
    ) -> Outcome {
        let Scratch { levels, plan, .. } = scratch;
        let (level, deeper) = levels.split_first_mut().expect("one level for each depth");
        let is_open = |(_, anchored): &&(usize, Anchored)| anchored.class > Class::Middle;
        for (at, anchored) in plan.recalled.anchors.iter().filter(is_open) {
            self.anchor(level, view, *at, !anchored.by_run, (&mut units, hits));
        }
        units.extend(plan.recalled.triggers.iter().map(|(at, trigger)| (*trigger, *at)));
        let outcome = self.decode(level, deeper, view, &units, Depth::Top, hits);
        level.units = units;
        outcome
    }

    /// Evaluates one anchor. `by_literal`: none of a prefix or token.
    fn anchor(
        &self,
        level: &mut Level,
        view: View<'_>,
        at: usize,
        by_literal: bool,
        (units, hits): (&mut Vec<(Trigger, usize)>, &mut Vec<Hit>),
    ) {
        let Level { masks, rules, seen, .. } = level;
        seen.clear();
        let mut collect = Collect { detector: self, view, rules, seen, units, hits, marks: None };
        if by_literal {
            self.lanes.literals.at(view.bytes, at, &mut |pattern| collect.literal(pattern, at));
        } else {
            self.lanes.run_at(masks, view.bytes, at, &mut collect);
        }
    }

    /// What was looked at by [`Detector::scan_repeated`].
    pub(crate) fn familiar(&self) -> &Familiar {
        self.familiar.get_or_init(Familiar::new)
    }

    /// How far the rules read.
    pub(crate) fn near(&self) -> &Near {
        self.near.get_or_init(|| Near::new(self.ruleset.rules()))
    }

    /// The hit of a rule whose value the caller has found, such as one of [`Matcher::Log`]; `None` if the value is no
    /// secret after all.
    pub fn value(&self, rule: u32, view: View<'_>, secret: Span, name: Option<Span>) -> Option<Hit> {
        let found = crate::judgement::Match {
            anchor: secret.start,
            whole: secret,
            secret,
            identity: None,
            name,
            only_in_configuration: false,
            loose: false,
        };
        let hit = self.judgement.judge(rule, self.rule(rule), view, found, false)?;
        hit.refuted.is_none().then_some(hit)
    }

    /// Adds the hits in the encoded units at these triggers.
    pub fn scan_units(
        &self,
        scratch: &mut Scratch,
        view: View<'_>,
        triggers: &[(Trigger, usize)],
        hits: &mut Vec<Hit>,
    ) -> Outcome {
        scratch.levels.resize_with(self.options.decode_depth + 1, Level::default);
        let (level, deeper) = scratch.levels.split_first_mut().expect("resized to one or more");
        self.decode(level, deeper, view, triggers, Depth::Top, hits)
    }

    /// Adds the hits in `pieces` of a unit. `at_hand`: the bytes in view, and the unit's position of the first of them.
    pub fn scan_pieces(
        &self,
        scratch: &mut Scratch,
        unit: &Unit,
        pieces: Range<usize>,
        at_hand: (View<'_>, usize),
        hits: &mut Vec<Hit>,
    ) {
        scratch.levels.resize_with(self.options.decode_depth + 1, Level::default);
        let (level, deeper) = scratch.levels.split_first_mut().expect("resized to one or more");
        for piece in pieces {
            self.scan_top_piece(level, deeper, at_hand, unit, piece, hits);
        }
    }

    /// A piece that stands in no other: with an allowance of its own, and a word where that was not enough.
    fn scan_top_piece(
        &self,
        level: &mut Level,
        deeper: &mut [Level],
        at_hand: (View<'_>, usize),
        unit: &Unit,
        piece: usize,
        hits: &mut Vec<Hit>,
    ) {
        (level.left, level.cut_short) = (self.allowance(unit, piece), false);
        self.scan_piece(level, deeper, at_hand, unit, piece, hits);
        if level.cut_short {
            hits.push(Hit::cut_short(Span::from(unit.encoded_range(piece)), unit.span()));
        }
    }

    /// How many bytes may be decoded of a piece that stands in no other.
    fn allowance(&self, unit: &Unit, piece: usize) -> usize {
        unit.encoded_range(piece).len().saturating_mul(self.options.growth).max(LEAST_DECODED)
    }

    fn scan_level(
        &self,
        levels: &mut [Level],
        view: View<'_>,
        anchors: Range<usize>,
        depth: Depth,
        hits: &mut Vec<Hit>,
    ) -> Outcome {
        let (level, deeper) = levels.split_first_mut().expect("one level for each depth");
        let mut units = std::mem::take(&mut level.units);
        units.clear();
        self.run_lanes(level, view, anchors, !deeper.is_empty(), (&mut units, hits), None);
        if depth == Depth::Decoded && !deeper.is_empty() {
            units.extend(units::head(view));
        }
        let outcome = self.decode(level, deeper, view, &units, depth, hits);
        level.units = units;
        outcome
    }

    /// Adds the triggers of units, if they are wanted, and the hits of all other candidates.
    fn run_lanes(
        &self,
        level: &mut Level,
        view: View<'_>,
        anchors: Range<usize>,
        decode: bool,
        (units, hits): (&mut Vec<(Trigger, usize)>, &mut Vec<Hit>),
        marks: Option<(&Near, &mut Marks)>,
    ) {
        let Level { masks, rules, seen, .. } = level;
        seen.clear();
        let mut collect = Collect { detector: self, view, rules, seen, units, hits, marks };
        self.lanes.run(masks, view.bytes, anchors, decode, &mut collect);
    }

    fn decode(
        &self,
        level: &mut Level,
        deeper: &mut [Level],
        view: View<'_>,
        triggers: &[(Trigger, usize)],
        depth: Depth,
        hits: &mut Vec<Hit>,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        for (trigger, at) in triggers {
            let inflate = if depth == Depth::Top { usize::MAX } else { level.left };
            let limits = units::Limits { inflate: self.options.units.inflate.min(inflate), ..self.options.units };
            let mut each = |unit: &Unit| {
                for piece in 0..unit.pieces() {
                    if depth == Depth::Top {
                        self.scan_top_piece(level, deeper, (view, 0), unit, piece, hits);
                    } else {
                        self.scan_piece(level, deeper, (view, 0), unit, piece, hits);
                    }
                }
            };
            if depth == Depth::Decoded {
                units::at_cut(*trigger, view, *at, &limits, &mut each);
            } else if units::at(*trigger, view, *at, &limits, &mut each) {
                outcome.open.push((*trigger, *at));
            }
        }
        outcome
    }

    fn scan_piece(
        &self,
        level: &mut Level,
        deeper: &mut [Level],
        (view, base): (View<'_>, usize),
        unit: &Unit,
        piece: usize,
        hits: &mut Vec<Hit>,
    ) {
        if level.left == 0 || deeper.is_empty() {
            level.cut_short |= level.left == 0;
            return;
        }
        let mut decoded = std::mem::take(&mut level.decoded);
        decoded.clear();
        let mut inner = std::mem::take(&mut level.hits);
        if let Some(text) = unit.decode(piece, view.bytes, base, &mut decoded) {
            let inner_view = View { bytes: &decoded, is_start: text.is_start, is_end: text.is_end };
            (deeper[0].left, deeper[0].cut_short) = (level.left.saturating_sub(decoded.len()), false);
            self.scan_level(deeper, inner_view, 0..decoded.len(), Depth::Decoded, &mut inner);
            level.left = deeper[0].left;
            level.cut_short |= text.is_cut_short || deeper[0].cut_short;
            let secrets = Covered::by(inner.iter().filter(|hit| hit.refuted.is_none()).map(|hit| hit.secret));
            for hit in inner.drain(..) {
                if text.own.contains(&hit.secret.start) {
                    let hit = Hit { name: hit.name.filter(|name| !secrets.overlap(*name)), ..hit };
                    hits.push(lift(hit, unit, &text, &decoded));
                }
            }
        }
        inner.clear();
        level.hits = inner;
        level.decoded = decoded;
    }

    fn rule(&self, index: u32) -> &Rule {
        &self.ruleset.rules()[index as usize]
    }

    fn shape(&self, index: u32, view: View<'_>, at: usize, hits: &mut Vec<Hit>) {
        let rule = self.rule(index);
        let Matcher::Shape(shape) = &rule.matcher else { return };
        let bytes = view.bytes;
        let is_token = matches!(rule.anchor, Anchor::Token { .. });
        let ends = |found: &ShapeMatch| boundary::ends_shape(view, at + found.len, shape, is_token);
        let Some(found) = shape.match_where(&bytes[at..], ends) else { return };
        if !boundary::before(view, at, &shape.not_before)
            || is_token && (boundary::is_of_digest(bytes, at) || boundary::is_of_base64(bytes, at))
        {
            return;
        }
        let end = at + found.len;
        if !rule.takes_len(found.len) {
            return;
        }
        if is_of_longer_prefix(rule, bytes, at) || rule.alone && !boundary::is_alone(view, at, end) {
            return;
        }
        // Last, since it costs most; of tokens the lane has seen to it.
        if !is_token && !boundary::keyword_near(view, at, rule) {
            return;
        }
        let matched = crate::judgement::Match {
            anchor: at,
            whole: Span::new(at, end),
            secret: Span::new(at + found.secret.0, at + found.secret.1),
            identity: found.identity.map(|(start, stop)| Span::new(at + start, at + stop)),
            name: None,
            only_in_configuration: false,
            loose: false,
        };
        self.push(index, view, matched, hits);
    }

    fn push(&self, index: u32, view: View<'_>, matched: crate::judgement::Match, hits: &mut Vec<Hit>) {
        let keep = self.options.keep_refuted;
        hits.extend(self.judgement.judge(index, self.rule(index), view, matched, keep));
    }
}

/// Whether what begins at `at` like a rule's matches is the end of another's prefix, such as the `api_` of `lin_api_…`: a prefix of
/// nobody in particular, behind a word that is no common one. A token of a prefix that somebody owns stands within names, too (the
/// branch `fix-ghp_…`), and one is named after where it is used (`prod-sk-…`) or whose it is (`mailgun_key-…`).
pub(crate) fn is_of_longer_prefix(rule: &Rule, bytes: &[u8], at: usize) -> bool {
    let Some(word) = boundary::name_before(bytes, at) else { return false };
    let is_here = |prefix: &&String| bytes[at..].starts_with(prefix.as_bytes());
    let own = match &rule.anchor {
        Anchor::Prefix(all) => all.iter().filter(is_here).max_by_key(|prefix| prefix.len()),
        _ => None,
    };
    let is_nobodys = || rule.proof.is_none() && own.is_some_and(|prefix| formats::is_nobodys(prefix.as_bytes()));
    let is_provider = || word.eq_ignore_ascii_case(rule.provider.as_bytes());
    (rule.generic || is_nobodys()) && !formats::is_common(word) && !is_provider()
}

/// A hit in decoded text as a hit of the text it was decoded from.
fn lift(hit: Hit, unit: &Unit, text: &units::Text, decoded: &[u8]) -> Hit {
    let of = |span: Span| Secret::new(span.of(decoded));
    let found = match hit.decoded {
        Some(mut inner) => {
            inner.chain.insert(0, text.decoder);
            inner
        }
        None => Box::new(Decoded {
            chain: vec![text.decoder],
            at: hit.secret.start,
            secret: of(hit.secret),
            identity: hit.identity.map(of),
            parts: hit.parts.iter().map(|(part, span)| (*part, of(*span))).collect(),
            name: hit.name.map(|name| name.of(decoded).into()),
        }),
    };
    Hit {
        whole: text.encoded_span(hit.whole),
        secret: text.encoded_span(hit.secret),
        identity: hit.identity.map(|span| text.encoded_span(span)),
        parts: hit.parts.iter().map(|(part, span)| (*part, text.encoded_span(*span))).collect(),
        // It is text of the decoded, which nobody has when the hit is told.
        name: None,
        reads: unit.span(),
        decoded: Some(found),
        ..hit
    }
}

struct Collect<'a> {
    detector: &'a Detector,
    view: View<'a>,
    rules: &'a mut Vec<u32>,
    seen: &'a mut Seen,
    units: &'a mut Vec<(Trigger, usize)>,
    hits: &'a mut Vec<Hit>,
    /// What is remembered, where it is.
    marks: Option<(&'a Near, &'a mut Marks)>,
}

impl Collect<'_> {
    #[inline]
    fn mark(&mut self, at: usize, rule: usize) {
        if let Some((near, marks)) = &mut self.marks {
            marks.anchor(at, near.class(rule));
        }
    }

    /// Most addresses are without credentials, which shows near by.
    fn userinfo(&mut self, index: u32, schemes: &[String], at: usize) {
        let found = userinfo::at(schemes, &self.detector.judgement.schemes, self.view, at);
        if self.marks.is_some() && (found.is_some() || userinfo::reads_far(self.view, at)) {
            self.mark(at, index as usize);
        }
        if let Some(found) = found {
            self.detector.push(index, self.view, found, self.hits);
        }
    }

    /// Most of what reads like a piece of a name is none, which little shows; only what is one reads on.
    fn assignment(&mut self, index: u32, (names, of): (&Assignment, &[u16]), at: usize) {
        let Some(end) = assignment::fragment_end(names, of, self.view, at) else { return };
        self.mark(at, index as usize);
        if let Some(found) = assignment::bound(names, self.view, at, end) {
            self.detector.push(index, self.view, found, self.hits);
        }
    }
}

impl Candidates for Collect<'_> {
    fn prefix(&mut self, _masks: &Masks, at: usize) {
        let detector = self.detector;
        for rule in detector.lanes.prefixes.at(self.view.bytes, at) {
            if let Some((near, marks)) = &mut self.marks {
                marks.run(at, near.class(rule));
            }
            detector.shape(rule as u32, self.view, at, self.hits);
        }
    }

    fn token(&mut self, masks: &Masks, at: usize) {
        let (detector, view) = (self.detector, self.view);
        // No rule takes it, and logs have many.
        if boundary::is_named_digest(view.bytes, at, || masks.run(|word| masks.alnum[word], at)) {
            return;
        }
        let rules = detector.ruleset.rules();
        let lens = detector.lanes.tokens.rules(masks, view.bytes, rules, at, self.seen, self.rules);
        if let Some((near, marks)) = &mut self.marks {
            marks.run(at, near.token(self.rules, lens));
        }
        for rule in self.rules.drain(..) {
            let Anchor::Token { class, .. } = &detector.rule(rule).anchor else { continue };
            if boundary::before(view, at, &class.bytes()) {
                detector.shape(rule, view, at, self.hits);
            }
        }
    }

    fn literal(&mut self, pattern: usize, at: usize) {
        let (detector, view) = (self.detector, self.view);
        for (place, index) in detector.lanes.literals.rules(pattern).iter().enumerate() {
            let rule = detector.rule(*index);
            match &rule.matcher {
                Matcher::Shape(_) => {
                    self.mark(at, *index as usize);
                    detector.shape(*index, view, at, self.hits);
                }
                Matcher::Path | Matcher::Log(_) => {}
                Matcher::Pattern(expression) => {
                    self.mark(at, *index as usize);
                    let regex = detector.patterns.get(*index, expression);
                    let literal = detector.lanes.literals.len(pattern);
                    patterns::matches(regex, expression, view, at, literal, &mut |found| {
                        if expression.before > 0 || boundary::keyword_near(view, at, rule) {
                            detector.push(*index, view, found, self.hits);
                        }
                    });
                }
                Matcher::Assignment(names) => {
                    self.assignment(*index, (names, detector.lanes.literals.names(pattern, place)), at);
                }
                Matcher::UserInfo { schemes } => self.userinfo(*index, schemes, at),
                Matcher::Armour { labels } => {
                    self.mark(at, *index as usize);
                    if let Some(found) = armour::at(labels, view, at) {
                        detector.push(*index, view, found, self.hits);
                    }
                }
            }
        }
    }

    fn unit(&mut self, trigger: Trigger, at: usize) {
        self.units.push((trigger, at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_of_nobody_is_the_end_of_another_s_within_a_name() {
        let mut ruleset = Ruleset::empty();
        let text = "provider = 'Acme'\n[[rule]]\nid = 'acme-key'\nname = 'Acme key'\nseverity = 'high'\n\
            shape = 'sk-[0-9a-z]{24}'\n[[rule]]\nid = 'acme-pair'\nname = 'Acme pair'\nseverity = 'high'\n\
            shape = 'acpat-[0-9a-z]{24}'\n";
        ruleset.add_text("acme.toml", text).expect("two rules");
        let detector = Detector::new(Arc::new(ruleset), Options::default());
        let body = "7kq2w9xz4mtb5rhp8vnc3jdy";
        let is_found = |before: &str| {
            let (text, mut hits) = (format!("{before}{body}\n"), Vec::new());
            detector.scan(&mut Scratch::default(), View::whole(text.as_bytes()), 0..text.len(), &mut hits);
            !hits.is_empty()
        };
        for before in ["sk-", "key=sk-", "prod-sk-", "live_sk-", "acme-sk-", "acpat-", "fix-acpat-"] {
            assert!(is_found(before), "{before}");
        }
        for before in ["lin-sk-", "lin_sk-"] {
            assert!(!is_found(before), "{before}");
        }
    }
}
