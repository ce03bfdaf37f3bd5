//! Why a text is or is not a finding of a rule, step by step.
//!
//! Turns a rule and a text into [`Candidate`]s: the places where the rule's anchor stands, each with what was asked
//! there and what came out. The steps call the detector's own functions, and what they come to is held against a scan
//! of the same text, so that an explanation never tells another story than the scan. The one entry point is
//! [`Explainer::explain`].

mod anchors;
mod breaks;
mod decoded;
mod nearby;
mod trace;
mod values;
mod worth;

use crate::hit::{Hit, Refutation, View};
use crate::judgement::Judgement;
use crate::patterns::Patterns;
use crate::{Detector, Options, Scratch};
use anchors::Anchors;
use decoded::Level;
use model::{Confidence, Decoder, Span};
use rules::Ruleset;
use std::sync::Arc;

/// Something that was asked, and whether the answer speaks for a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// Whether it speaks for a finding.
    pub ok: bool,
    /// The answer, in one line. Holds no secret unless [`Show::secrets`] asks for it.
    pub text: String,
}

impl Step {
    fn yes(text: impl Into<String>) -> Step {
        Step { ok: true, text: text.into() }
    }

    fn no(text: impl Into<String>) -> Step {
        Step { ok: false, text: text.into() }
    }
}

/// Where in the text something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Offset in bytes.
    pub offset: usize,
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted from 1 in UTF-16 code units; a byte that is no UTF-8 counts one.
    pub column: usize,
}

/// The lines of a text, so that places are found without going through all of it.
struct Lines<'a> {
    text: &'a [u8],
    /// Where lines end.
    ends: Vec<usize>,
}

impl Lines<'_> {
    fn new(text: &[u8]) -> Lines<'_> {
        Lines { text, ends: memchr::memchr_iter(b'\n', text).collect() }
    }

    /// The place of the byte at `offset`. Linear in the length of its line.
    fn place(&self, offset: usize) -> Place {
        let line = self.ends.partition_point(|end| *end < offset);
        let start = line.checked_sub(1).map_or(0, |before| self.ends[before] + 1);
        let before = &self.text[start..offset.min(self.text.len())];
        let units = before.utf8_chunks().map(|c| c.valid().encode_utf16().count() + c.invalid().len());
        Place { offset, line: line + 1, column: units.sum::<usize>() + 1 }
    }
}

/// What the steps at a candidate came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conclusion {
    /// No hit: the rule does not match there.
    Nothing,
    /// A hit that is taken back.
    Refuted(Refutation),
    /// A hit.
    Finding(Confidence),
}

/// A place where the rule's anchor stands, and what was asked there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where the anchor stands; of decoded text, where the encoded text begins.
    pub place: Place,
    /// The decoders passed, outermost first.
    pub decoded: Vec<Decoder>,
    /// The secret part, in the text as given (of decoded text, the encoded part); where the rule matched.
    pub secret: Option<Span>,
    /// What was asked, in order; after an answer that rules a finding out nothing more is asked. A failed proof speaks
    /// against a finding and does not rule it out.
    pub steps: Vec<Step>,
    /// Where and when it counts, beyond its content: a sentence each.
    pub conditions: Vec<String>,
    /// What it came to.
    pub conclusion: Conclusion,
}

impl Candidate {
    /// Whether it is a hit that nothing takes back.
    pub fn is_finding(&self) -> bool {
        matches!(self.conclusion, Conclusion::Finding(_))
    }

    /// The last step that speaks against it.
    pub fn objection(&self) -> Option<&str> {
        self.steps.iter().rfind(|step| !step.ok).map(|step| step.text.as_str())
    }

    /// Whether nothing is lost without the other: the same hit, or a refusal for the same reason.
    fn tells_the_same(&self, other: &Candidate) -> bool {
        if self.secret.is_some() {
            return (self.secret, &self.decoded, self.conclusion) == (other.secret, &other.decoded, other.conclusion);
        }
        other.secret.is_none() && self.objection() == other.objection()
    }

    /// How near it is to a finding; greater is nearer.
    fn nearness(&self) -> (Conclusion, usize, usize) {
        let passed = self.steps.iter().filter(|step| step.ok).count();
        (self.conclusion, passed, usize::MAX - self.decoded.len())
    }
}

/// Why a text is or is not a finding of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Places where the rule's anchor stands, nearest to a finding first.
    pub candidates: Vec<Candidate>,
    /// How many further candidates were left off: refused for a reason that one of those here was refused for, too, or
    /// farther from a finding than they.
    pub left_off: usize,
    /// Where there is no candidate: what was looked for and does not stand in the text.
    pub missing: Option<Step>,
    /// Indices of other rules that find something overlapping a finding of this one.
    pub others: Vec<u32>,
}

impl Explanation {
    /// Whether the text holds a finding of the rule.
    pub fn is_finding(&self) -> bool {
        self.candidates.iter().any(Candidate::is_finding)
    }

    /// In one line, what decided against the candidate that is nearest to a finding; `None` if there is a finding.
    pub fn objection(&self) -> Option<&str> {
        match self.candidates.first() {
            Some(first) => first.objection(),
            None => self.missing.as_ref().map(|step| step.text.as_str()),
        }
    }
}

/// What explanations show.
#[derive(Clone, Copy, Debug)]
pub struct Show {
    /// Whether secrets are written as they are.
    pub secrets: bool,
    /// How many candidates are kept, at most; findings are always kept.
    pub candidates: usize,
}

impl Default for Show {
    fn default() -> Show {
        Show { secrets: false, candidates: 5 }
    }
}

/// A ruleset, ready to explain.
pub struct Explainer {
    detector: Detector,
    judgement: Judgement,
    patterns: Patterns,
}

impl Explainer {
    /// Builds the tables for a ruleset. Hits that are taken back are kept whatever `options` say.
    pub fn new(ruleset: Arc<Ruleset>, options: Options) -> Explainer {
        let rules = ruleset.rules();
        let (judgement, patterns) = (Judgement::new(rules), Patterns::new(rules));
        let detector = Detector::new(ruleset, Options { keep_refuted: true, ..options });
        Explainer { detector, judgement, patterns }
    }

    /// The detector that scans are held against.
    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    /// The hits of all rules in `text`, those taken back included; sorted, each once.
    pub fn hits(&self, text: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.detector.scan(&mut Scratch::default(), View::whole(text), 0..text.len(), &mut hits);
        hits.retain(|hit| !hit.is_cut_short());
        hits.sort();
        hits.dedup();
        hits
    }

    /// Explains what the rule with this index makes of `text`, a whole object. Takes time linear in the text's length,
    /// and for every place where the rule's anchor stands the time of a hit.
    ///
    /// # Panics
    /// If the ruleset has no rule with this index.
    pub fn explain(&self, rule: usize, text: &[u8], show: Show) -> Explanation {
        let hits = self.hits(text);
        let lines = Lines::new(text);
        let anchors = Anchors::new(&self.detector.ruleset().rules()[rule]);
        let mut search = decoded::Search {
            explainer: self,
            rule,
            lines: &lines,
            show,
            anchors: &anchors,
            candidates: Vec::new(),
            dropped: 0,
        };
        search.level(&Level::whole(text));
        let (mut candidates, dropped) = (search.candidates, search.dropped);
        compare(&mut candidates, hits.iter().filter(|hit| hit.rule as usize == rule), &lines);
        let before = candidates.len();
        let (kept, others) = (nearest(candidates, show.candidates), self.others(rule, &hits));
        Explanation {
            missing: kept.is_empty().then(|| anchors.missing(&lines)),
            left_off: dropped + before - kept.len(),
            candidates: kept,
            others,
        }
    }

    fn others(&self, rule: usize, hits: &[Hit]) -> Vec<u32> {
        let sound = |hit: &&Hit| hit.refuted.is_none();
        let own: Vec<Span> = hits.iter().filter(sound).filter(|h| h.rule as usize == rule).map(|h| h.secret).collect();
        let overlaps = |hit: &&Hit| hit.rule as usize != rule && own.iter().any(|span| span.overlaps(hit.secret));
        let mut others: Vec<u32> = hits.iter().filter(sound).filter(overlaps).map(|hit| hit.rule).collect();
        others.sort_unstable();
        others.dedup();
        others
    }
}

/// The candidates in the order of their nearness, one for each reason: all findings, and as many of the rest as are asked
/// for.
fn nearest(mut candidates: Vec<Candidate>, limit: usize) -> Vec<Candidate> {
    candidates.sort_by(|a, b| b.nearness().cmp(&a.nearness()).then(a.place.cmp(&b.place)));
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let wanted = candidate.is_finding() || kept.len() < limit;
        if wanted && !kept.iter().any(|k| k.tells_the_same(&candidate)) {
            kept.push(candidate);
        }
    }
    kept
}

/// Holds the candidates against what a scan finds, and says where they differ.
fn compare<'a>(candidates: &mut Vec<Candidate>, hits: impl Iterator<Item = &'a Hit>, lines: &Lines<'_>) {
    let chain = |hit: &Hit| hit.decoded.as_ref().map(|d| d.chain.clone()).unwrap_or_default();
    let conclusion = |hit: &Hit| hit.refuted.map_or(Conclusion::Finding(hit.confidence), Conclusion::Refuted);
    let hits: Vec<_> = hits.map(|hit| (Some(hit.secret), chain(hit), conclusion(hit))).collect();
    let seen = |c: &Candidate| hits.iter().any(|hit| (c.secret, &c.decoded, c.conclusion) == (hit.0, &hit.1, hit.2));
    // What stands in decoded text as it does in the text itself is one hit, not two.
    let plain: Vec<_> = candidates.iter().map(|c| (c.secret, c.decoded.len())).collect();
    let twice = |c: &Candidate| plain.iter().any(|(secret, depth)| *secret == c.secret && *depth < c.decoded.len());
    candidates.retain(|c| c.conclusion == Conclusion::Nothing || seen(c) || !twice(c));
    for candidate in candidates.iter_mut() {
        if candidate.conclusion != Conclusion::Nothing && !seen(candidate) {
            candidate.steps.push(Step::no("a scan does not come to look here: none of its lanes stops at this anchor"));
            candidate.conclusion = Conclusion::Nothing;
        }
    }
    for (secret, decoded, conclusion) in hits {
        let told = |c: &Candidate| (c.secret, &c.decoded, c.conclusion) == (secret, &decoded, conclusion);
        if candidates.iter().any(told) {
            continue;
        }
        candidates.push(Candidate {
            place: lines.place(secret.map_or(0, |span| span.start)),
            decoded,
            secret,
            steps: vec![Step::yes("a scan finds it, by a way that is not retraced here")],
            conditions: Vec::new(),
            conclusion,
        });
    }
}

#[cfg(test)]
mod tests;
