//! Hits to findings: one for each credential, with every place it was seen.

use crate::Options;
use crate::lines::{Lines, Start, snippet};
use crate::log::LogText;
use crate::masked::Masked;
use crate::ruling;
use crate::{expiry, overlap, path};
use detect::{Detector, Evidence, Hit};
use model::{
    Confidence, Finding, Fingerprint, History, Origin, Part, Passage, Place, PlaceKind, RuleRef, Secret, Span,
};
use rules::{Matcher, Rule, Ruleset};
use std::collections::HashMap;
use std::sync::Arc;

/// What one thread, or all of them, have seen. The order in which things come in does not matter.
#[derive(Clone)]
pub(crate) struct Collected {
    ruleset: Arc<Ruleset>,
    seen: HashMap<Fingerprint, Vec<Seen>>,
    histories: HashMap<Fingerprint, Vec<History>>,
}

/// Which commit brought a credential to a place of a history, and where that stands among the others.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    pub(crate) passage: Passage,
    /// Counts up with time, from 1; files, which have no past, stand before all.
    pub(crate) order: u64,
}

/// For each credential that is to be placed in an object, its pasts there.
pub(crate) type Pasts = HashMap<Fingerprint, Vec<Past>>;

/// A credential at one place.
#[derive(Clone)]
pub(crate) struct Seen {
    rule: u32,
    order: u64,
    pub(crate) place: Place,
    pub(crate) secret: Secret,
    evidence: Vec<Evidence>,
    parts: Vec<Part>,
    /// When it ends by what its text says, in seconds since 1970.
    expires: Option<i64>,
    sample: bool,
    /// What of a policy would have let it be and did not count.
    pub(crate) remark: Option<String>,
}

/// An object, or the part of a stream that is at hand, in which hits lie.
pub(crate) struct Held<'a> {
    /// Where it came from.
    pub(crate) origin: &'a Origin,
    /// The bytes at hand.
    pub(crate) bytes: &'a [u8],
    /// Offset of the first of them in the object.
    pub(crate) base: u64,
    /// Where it stands.
    pub(crate) start: Start,
    /// Of an object of a history: only these credentials are placed.
    pub(crate) pasts: Option<&'a Pasts>,
    /// Of a log: what places in its clean text are in the log.
    pub(crate) log: Option<&'a LogText<'a>>,
}

impl<'a> Held<'a> {
    /// All bytes of an object that is no part of a history.
    pub(crate) fn whole(origin: &'a Origin, bytes: &'a [u8]) -> Held<'a> {
        Held { origin, bytes, base: 0, start: Start::default(), pasts: None, log: None }
    }
}

impl Collected {
    pub(crate) fn new(ruleset: Arc<Ruleset>) -> Collected {
        Collected { ruleset, seen: HashMap::new(), histories: HashMap::new() }
    }

    pub(crate) fn merge(&mut self, other: Collected) {
        for (fingerprint, seen) in other.seen {
            self.seen.entry(fingerprint).or_default().extend(seen);
        }
        for (fingerprint, histories) in other.histories {
            self.histories.entry(fingerprint).or_default().extend(histories);
        }
    }

    /// Adds what a repository's history says of a credential.
    pub(crate) fn add_history(&mut self, fingerprint: &Fingerprint, history: History) {
        self.histories.entry(fingerprint.clone()).or_default().push(history);
    }

    /// Shows each finding with the index of its rule.
    pub(crate) fn each(&self, mut show: impl FnMut(&Finding, u32)) {
        let mut all: Vec<_> = self.seen.iter().collect();
        all.sort_by_key(|(fingerprint, _)| *fingerprint);
        for (fingerprint, seen) in all {
            let rule = seen.first().map_or(0, |seen| seen.rule);
            show(&finding(&self.ruleset, fingerprint.clone(), seen.clone()), rule);
        }
    }

    /// How many credentials have been seen.
    pub(crate) fn credentials(&self) -> usize {
        self.seen.len()
    }

    /// How many places of a credential have been seen.
    pub(crate) fn places_of(&self, fingerprint: &Fingerprint) -> usize {
        self.seen.get(fingerprint).map_or(0, Vec::len)
    }

    /// The places of each credential.
    pub(crate) fn into_seen(self) -> impl Iterator<Item = (Fingerprint, Vec<Seen>)> {
        self.seen.into_iter()
    }

    /// Adds what the complete list of an object's hits amounts to.
    pub(crate) fn add(&mut self, held: &Held<'_>, hits: Vec<Hit>, detector: &Detector, options: &Options) {
        let hidden = Masked::of(&hits);
        let path = held.origin.path();
        let hits = admitted(hits, &path, options, &self.ruleset);
        let rules = self.ruleset.rules();
        let mut hits = overlap::resolve_with_parts(hits, rules);
        // A file that any credential may be in says nothing more where one is found.
        if hits.iter().any(|hit| !hit.is_of_path()) {
            hits.retain(|hit| !(hit.is_of_path() && rules[hit.rule as usize].generic));
        }
        self.place(held, &hits, &hidden, detector, options);
    }

    /// Adds hits that have been resolved; `hidden` is masked in what is shown of their lines.
    pub(crate) fn place(
        &mut self,
        held: &Held<'_>,
        hits: &[Hit],
        hidden: &Masked,
        detector: &Detector,
        options: &Options,
    ) {
        let mut lines = Lines::new(held.bytes, held.start);
        let path = held.origin.path();
        for hit in hits {
            let rule = &detector.ruleset().rules()[hit.rule as usize];
            let identity = identity_of(hit, held.bytes);
            let fingerprint = options.key.fingerprint(identity.expose().trim_ascii());
            match held.pasts.map(|pasts| pasts.get(&fingerprint)) {
                Some(None) => continue,
                Some(Some(pasts)) => {
                    let seen = see(held, &mut lines, hit, rule, &path, hidden, options);
                    let ruled = pasts.iter().filter_map(|past| {
                        ruling::of(seen.at(past), &fingerprint, held, (hit, detector.ruleset()), hidden, options)
                    });
                    let ruled: Vec<Seen> = ruled.collect();
                    self.add_seen(fingerprint, ruled);
                }
                None => {
                    let seen = see(held, &mut lines, hit, rule, &path, hidden, options);
                    let ruled = ruling::of(seen, &fingerprint, held, (hit, detector.ruleset()), hidden, options);
                    self.add_seen(fingerprint, ruled);
                }
            }
        }
    }

    /// Adds places of a credential.
    pub(crate) fn add_seen(&mut self, fingerprint: Fingerprint, seen: impl IntoIterator<Item = Seen>) {
        let mut seen = seen.into_iter().peekable();
        // What nobody asked for leaves nothing behind.
        if seen.peek().is_some() {
            self.seen.entry(fingerprint).or_default().extend(seen);
        }
    }

    /// The findings, sorted; each with its places sorted.
    pub(crate) fn into_findings(self) -> Vec<Finding> {
        let (ruleset, mut histories) = (self.ruleset, self.histories);
        let mut rules: HashMap<String, Arc<RuleRef>> = HashMap::new();
        let of = |(fingerprint, seen)| {
            let mut histories = histories.remove(&fingerprint).unwrap_or_default();
            histories.sort();
            let finding = finding(&ruleset, fingerprint, seen);
            let rule = rules.entry(finding.rule.id.clone()).or_insert_with(|| finding.rule.clone()).clone();
            Finding { histories, rule, ..finding }
        };
        let mut findings: Vec<Finding> = self.seen.into_iter().map(of).collect();
        findings.sort_by(|a, b| {
            fn key(finding: &Finding) -> (&str, u64, &str, &Fingerprint) {
                (&finding.places[0].path, finding.places[0].offset, &finding.rule.id, &finding.fingerprint)
            }
            key(a).cmp(&key(b))
        });
        findings
    }
}

/// The hits that the path lets through.
pub(crate) fn admitted(mut hits: Vec<Hit>, path: &str, options: &Options, ruleset: &Ruleset) -> Vec<Hit> {
    let bare_values = options.logs || path::has_bare_values(path);
    hits.retain(|hit| {
        let allowed = || options.paths.allows(hit, path);
        is_admitted(hit, bare_values, ruleset) && options.paths.wanted(hit.rule, path) && !allowed()
    });
    hits
}

/// Whether a hit counts at a path, as far as it is asked for by no rule's own conditions: `bare_values` says whether what
/// stands there without quotes may be a value ([`path::has_bare_values`]).
pub(crate) fn is_admitted(hit: &Hit, bare_values: bool, ruleset: &Ruleset) -> bool {
    (!hit.only_in_configuration || bare_values || hit.decoded.is_some()) && (hit.rule as usize) < ruleset.rules().len()
}

fn see(
    held: &Held<'_>,
    lines: &mut Lines<'_>,
    hit: &Hit,
    rule: &Rule,
    path: &str,
    hidden: &Masked,
    options: &Options,
) -> Seen {
    let span = hit.identity.unwrap_or(hit.secret);
    let at = locate(held, lines, span);
    let sample = !options.logs && path::is_sample(path);
    let is_settings = options.logs || path::is_configuration(path);
    let misplaced = hit.only_in_configuration && hit.decoded.is_none() && !is_settings;
    let proven = hit.confidence == Confidence::Confirmed;
    let confidence = if (sample || misplaced) && !proven { Confidence::Low } else { hit.confidence };
    let secret = match (&hit.decoded, hit.identity) {
        (Some(decoded), _) => decoded.identity.clone().unwrap_or_else(|| decoded.secret.clone()),
        (None, Some(identity)) => Secret::new(identity.of(held.bytes)),
        (None, None) => Secret::new(hit.secret.of(held.bytes)),
    };
    let shown = match hit.decoded {
        Some(_) => "…".to_owned(),
        None => secret.redacted(rule.public_prefix as usize),
    };
    Seen {
        rule: hit.rule,
        order: 0,
        place: Place {
            path: path.to_owned(),
            decoded: hit.decoded.as_ref().map(|d| d.chain.clone()).unwrap_or_default(),
            rule: None,
            name: name_of(hit, held.bytes, hidden),
            confidence,
            // Where the file as a whole is the credential, no line of it may be shown.
            snippet: (!hit.is_of_path()).then(|| snippet(held.bytes, span, &shown, hidden)),
            ..at
        },
        secret,
        evidence: hit.evidence.clone(),
        parts: parts(hit, rule, held.bytes, options),
        expires: hit.expires,
        sample: sample && !proven,
        remark: None,
    }
}

/// Where a span stands: in the object, or in the log of which the object is the text.
fn locate(held: &Held<'_>, lines: &mut Lines<'_>, span: Span) -> Place {
    let in_log = held.log.and_then(|log| log.locate(held.base, span));
    let place = |line: (u64, u64), end: (u64, u64), offset: u64, length: u64| Place {
        path: String::new(),
        kind: kind(held.origin),
        line: line.0,
        column: line.1,
        end_line: end.0,
        end_column: end.1,
        offset,
        length,
        decoded: Vec::new(),
        rule: None,
        name: None,
        confidence: Confidence::Low,
        snippet: None,
        line_hash: None,
        history: None,
        log: None,
        suppression: None,
    };
    match in_log {
        Some(at) => Place {
            kind: PlaceKind::Log,
            log: Some(Box::new(at.log)),
            ..place((at.line, at.column), (at.end_line, at.end_column), at.offset, at.length)
        },
        None => {
            let (start, end) = (lines.place(span.start), lines.place(span.end));
            place(start, end, held.base + span.start as u64, span.len() as u64)
        }
    }
}

impl Seen {
    /// Its rule, how sure we are of it, and whether it counts if its credential does.
    pub(crate) fn kind(&self, counts: bool) -> (u32, Confidence, bool) {
        (self.rule, self.place.confidence, counts && self.place.suppression.is_none())
    }

    /// The same in a history.
    fn at(&self, past: &Past) -> Seen {
        let history = Some(Box::new(past.passage.clone()));
        Seen { order: past.order, place: Place { history, ..self.place.clone() }, ..self.clone() }
    }
}

/// The name that a hit goes by, unless it shows a part of a secret.
fn name_of(hit: &Hit, bytes: &[u8], hidden: &Masked) -> Option<String> {
    let inner = hit.decoded.as_ref().and_then(|decoded| decoded.name.as_deref());
    let outer = || hit.name.filter(|name| hidden.over(*name).next().is_none()).map(|name| name.of(bytes));
    let name = inner.or_else(outer)?;
    Some(String::from_utf8_lossy(name).into_owned())
}

fn kind(origin: &Origin) -> PlaceKind {
    match origin {
        Origin::File(_) => PlaceKind::File,
        // In a history, the commit says more than the archive, whose name is in the path.
        Origin::Member(outer, _) => match kind(outer) {
            PlaceKind::File | PlaceKind::Stdin => PlaceKind::Archive,
            other => other,
        },
        Origin::Stdin => PlaceKind::Stdin,
        Origin::History(kind, _) => *kind,
    }
}

pub(crate) fn identity_of(hit: &Hit, bytes: &[u8]) -> Secret {
    match &hit.decoded {
        Some(decoded) => decoded.identity.clone().unwrap_or_else(|| decoded.secret.clone()),
        None if hit.is_of_path() => Secret::new(bytes),
        None => Secret::new(hit.identity.unwrap_or(hit.secret).of(bytes)),
    }
}

fn parts(hit: &Hit, rule: &Rule, bytes: &[u8], options: &Options) -> Vec<Part> {
    let keywords = |part: u8| rule.companions[usize::from(part)].keywords.as_slice();
    let values: Vec<(u8, Secret, bool)> = match &hit.decoded {
        // Where they stood in the decoded text is not known any more.
        Some(decoded) => decoded.parts.iter().map(|(part, value)| (*part, value.clone(), true)).collect(),
        None => {
            let value = |(part, span): &(u8, Span)| {
                (*part, Secret::new(span.of(bytes)), is_apart(bytes, hit.secret, *span, keywords(*part)))
            };
            hit.parts.iter().map(value).collect()
        }
    };
    let part = |(index, value, is_apart): (u8, Secret, bool)| Part {
        name: rule.companions[usize::from(index)].name.clone(),
        fingerprint: options.key.fingerprint(value.expose().trim_ascii()),
        value,
        is_apart,
    };
    values.into_iter().map(part).collect()
}

/// Whether a part stands on another line than its secret, or than the word that makes it one.
fn is_apart(bytes: &[u8], secret: Span, part: Span, keywords: &[String]) -> bool {
    let between = part.end.min(secret.end)..part.start.max(secret.start);
    let before = &bytes[..part.start];
    let line = &before[before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1)..];
    let is_named = |word: &String| line.windows(word.len().max(1)).any(|w| w.eq_ignore_ascii_case(word.as_bytes()));
    bytes.get(between).is_some_and(|between| between.contains(&b'\n'))
        || (!keywords.is_empty() && !keywords.iter().any(is_named))
}

fn finding(ruleset: &Ruleset, fingerprint: Fingerprint, mut seen: Vec<Seen>) -> Finding {
    let rules = ruleset.rules();
    ruling::carry(&mut seen);
    let counts = |seen: &Seen| seen.place.suppression.is_none();
    seen.sort_by(|a, b| {
        (!counts(a), a.order, &a.place)
            .cmp(&(!counts(b), b.order, &b.place))
            .then_with(|| rules[a.rule as usize].id.cmp(&rules[b.rule as usize].id))
    });
    seen.dedup_by(|a, b| a.place == b.place && a.rule == b.rule);
    let rank = |seen: &Seen| {
        let rule = &rules[seen.rule as usize];
        (counts(seen), !rule.generic, seen.place.confidence, rule.severity, std::cmp::Reverse(rule.id.clone()))
    };
    // The first of the best, so that the order in which threads came in does not matter.
    let mut best = 0;
    for i in 1..seen.len() {
        if rank(&seen[i]) > rank(&seen[best]) {
            best = i;
        }
    }
    // What is let be says nothing of what counts.
    let any = counts(&seen[0]);
    let confidence = seen.iter().filter(|s| counts(s) == any).map(|s| s.place.confidence).max();
    let confidence = confidence.expect("a finding has a place");
    let mut remarks: Vec<String> = seen.iter().filter(|s| counts(s)).filter_map(|s| s.remark.clone()).collect();
    remarks.sort();
    remarks.dedup();
    let suppressions = ruling::all(&seen);
    let rule = &rules[seen[best].rule as usize];
    let mut parts: Vec<Part> = seen.iter_mut().flat_map(|s| std::mem::take(&mut s.parts)).collect();
    parts.sort();
    // Of the same one that which stood nearer comes first.
    parts.dedup_by(|a, b| (&a.name, &a.value, &a.fingerprint) == (&b.name, &b.value, &b.fingerprint));
    let best_rule = seen[best].rule;
    let expires = expiry::of(rule, seen.iter().map(|seen| (seen.expires, &seen.place)));
    Finding {
        rule: Arc::new(rule_ref(rule)),
        fingerprint,
        confidence,
        reasons: reasons(&seen[best]),
        secret: seen[best].secret.clone(),
        public_prefix: rule.public_prefix as usize,
        parts,
        expires,
        verdict: model::Verdict::NotChecked,
        places: places(seen, best_rule, rules),
        histories: Vec::new(),
        suppressions,
        remarks,
    }
}

fn places(seen: Vec<Seen>, best: u32, rules: &[Rule]) -> Vec<Place> {
    let named = |s: Seen| Place { rule: (s.rule != best).then(|| rules[s.rule as usize].id.clone()), ..s.place };
    seen.into_iter().map(named).collect()
}

fn reasons(seen: &Seen) -> Vec<String> {
    let mut reasons: Vec<String> = seen.evidence.iter().map(|e| e.phrase().to_owned()).collect();
    if seen.sample {
        reasons.push("in a test, a sample or documentation".to_owned());
    }
    reasons
}

fn rule_ref(rule: &Rule) -> RuleRef {
    RuleRef {
        id: rule.id.clone(),
        name: rule.name.clone(),
        provider: rule.provider.clone(),
        severity: rule.severity,
        tags: rule.tags.clone(),
        rotate: rule.rotate.clone(),
    }
}

/// A finding that a path alone is.
pub(crate) fn is_path_rule(rule: &Rule) -> bool {
    matches!(rule.matcher, Matcher::Path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_apart_on_another_line_than_its_secret_or_its_word() {
        let words = ["docker_user".to_owned(), "login -u".to_owned()];
        let apart = |text: &str, part: &str, keywords: &[String]| {
            let span = |word: &str| {
                let at = text.find(word).expect("it stands there");
                Span::new(at, at + word.len())
            };
            is_apart(text.as_bytes(), span("SECRET"), span(part), keywords)
        };
        assert!(!apart("docker login -u acme -p SECRET", "acme", &words));
        assert!(!apart("K=SECRET; DOCKER_USER=acme", "acme", &words));
        assert!(apart("DOCKER_USER=acme\nTOKEN=SECRET", "acme", &words));
        assert!(apart("DOCKER_USER=acme\nexport TOKEN=SECRET", "export", &words));
        assert!(!apart("id=acme key=SECRET", "acme", &[]));
    }
}
