//! Whether rules find what they say they find: their examples, and not their near misses.
//!
//! Turns a ruleset into [`Checked`]: every template of every rule is rendered several times and scanned by all rules
//! together. The one entry point is [`check`].

use crate::explain::{Conclusion, Explainer, Explanation, Show};
use crate::literals::spellings;
use crate::{Detector, Evidence, Hit, Options, Refutation, judge, proofs};
use model::Confidence;
use rules::sample::{self, Rendered};
use rules::{Anchor, Matcher, Ruleset};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// How often each template is rendered: chance must not decide whether a rule passes.
///
/// Where a rule asks for a likelihood, some random values are refused by design (one in thirty passwords looks like
/// words). Such an example passes if it is found in more than half of the rounds; how many are refused is a matter of
/// benchmarks.
pub const ROUNDS: usize = 8;

/// A near miss is missed as long as nothing of this confidence or above is found in it.
const COUNTS: Confidence = Confidence::Medium;

/// A template that did not do what its rule says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// Id of the rule.
    pub rule: String,
    /// Which template: `example 2`, `near miss 1`.
    pub what: String,
    /// One line: what happened, and the step that decided. Holds no credential.
    pub why: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.rule, self.what, self.why)
    }
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many examples there are.
    pub examples: usize,
    /// How many near misses.
    pub near_misses: usize,
    /// Rules without any example, by id: nothing shows that they work. Foreign rules have none.
    pub untested: Vec<String>,
    /// What failed, in the order of rules and templates; one entry a template.
    pub failures: Vec<Failure>,
}

/// Renders every example and near miss of every rule and holds them against a scan. Takes about 50 microseconds a
/// template and round; explaining a failure takes longer.
pub fn check(ruleset: &Arc<Ruleset>) -> Checked {
    let explainer = Explainer::new(ruleset.clone(), Options::default());
    let mut checked = Checked::default();
    for (index, rule) in ruleset.rules().iter().enumerate() {
        let details = ruleset.details(index);
        let probe = Probe { explainer: &explainer, ruleset, index };
        checked.examples += details.examples.len();
        checked.near_misses += details.near_misses.len();
        if details.examples.is_empty() && !matches!(rule.matcher, Matcher::Path | Matcher::Log(_)) {
            checked.untested.push(rule.id.clone());
        }
        let mut add = |what: &str, templates: &[String], look: &dyn Fn(&Rendered) -> Option<Fault>| {
            for (i, template) in templates.iter().enumerate() {
                let failure = |why| Failure { rule: rule.id.clone(), what: format!("{what} {}", i + 1), why };
                checked.failures.extend(probe.rounds(template, i, look).map(failure));
            }
        };
        if matches!(rule.matcher, Matcher::Path | Matcher::Log(_)) {
            // Found by their path or by what a log says, which nothing here has; tests of `scan` have the latter.
            continue;
        }
        add("example", &details.examples, &|rendered| probe.example(rendered));
        add("near miss", &details.near_misses, &|rendered| probe.near_miss(rendered));
    }
    checked
}

/// The literals for which rules need the slow lane, if they do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slow {
    /// Ids of rules whose literals are compared without case.
    pub any_case: Vec<String>,
    /// Where there are too many literals for the quick lane: how many different ones, and the rules' ids with how many
    /// each brings, most first.
    pub too_many: Option<(usize, Vec<(String, usize)>)>,
}

/// Why a ruleset needs the slow lane; `None` if it does not.
pub fn slow(detector: &Detector) -> Option<Slow> {
    if !detector.has_slow_lane() {
        return None;
    }
    let mut slow = Slow::default();
    let mut exact: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for rule in detector.ruleset().rules() {
        match (&rule.anchor, &rule.matcher) {
            (Anchor::Literal { literals, .. }, Matcher::Assignment(_)) => {
                exact.insert(&rule.id, literals.iter().flat_map(|name| spellings(name)).collect());
            }
            (Anchor::Literal { ignore_case: true, .. }, _) => slow.any_case.push(rule.id.clone()),
            (Anchor::Literal { literals, .. }, _) => drop(exact.insert(&rule.id, literals.clone())),
            _ => {}
        }
    }
    if slow.any_case.is_empty() {
        let different: BTreeSet<&String> = exact.values().flatten().collect();
        let mut counts: Vec<_> = exact.iter().map(|(id, words)| ((*id).to_owned(), words.len())).collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        slow.too_many = Some((different.len(), counts));
    }
    Some(slow)
}

/// What is wrong with a rendered template.
struct Fault {
    why: String,
    /// Whether only the likelihood of its random value decided.
    by_likelihood: bool,
}

/// Tries the templates of one rule.
struct Probe<'a> {
    explainer: &'a Explainer,
    ruleset: &'a Ruleset,
    index: usize,
}

impl Probe<'_> {
    /// What is wrong with a template; `None` if it does what it says.
    fn rounds(&self, template: &str, number: usize, look: &dyn Fn(&Rendered) -> Option<Fault>) -> Option<String> {
        let mut unlikely = Vec::new();
        for round in 0..ROUNDS {
            match self.render(template, number, round).map(|rendered| look(&rendered)) {
                Err(why) => return Some(why),
                Ok(Some(fault)) if fault.by_likelihood => unlikely.push(fault.why),
                Ok(Some(fault)) => return Some(fault.why),
                Ok(None) => {}
            }
        }
        let count = unlikely.len();
        (2 * count >= ROUNDS).then(|| format!("{} (in {count} of {ROUNDS} texts)", unlikely.swap_remove(0)))
    }

    fn render(&self, template: &str, number: usize, round: usize) -> Result<Rendered, String> {
        let rule = &self.ruleset.rules()[self.index];
        // By id, so that one rule more changes nothing for the others.
        let seed = judge::fnv64(rule.id.as_bytes()) ^ ((round as u64) << 32 | number as u64);
        let rendered = sample::render(template, rule, &self.ruleset.details(self.index), &proofs::seal, seed);
        rendered.map_err(|error| format!("cannot be rendered: {error}"))
    }

    /// The rule's hits, those taken back included.
    fn hits(&self, text: &[u8]) -> Vec<Hit> {
        let mut hits = self.explainer.hits(text);
        hits.retain(|hit| hit.rule as usize == self.index);
        hits
    }

    fn explain(&self, text: &[u8]) -> Explanation {
        self.explainer.explain(self.index, text, Show::default())
    }

    /// What is wrong with an example; `None` if it is found with the secret that was planted, and not doubted.
    fn example(&self, rendered: &Rendered) -> Option<Fault> {
        let mut hits = self.hits(&rendered.text);
        let doubted = |hit: &Hit| hit.evidence.contains(&Evidence::Doubtful);
        let by_likelihood = hits.iter().any(|hit| hit.refuted == Some(Refutation::Unlikely) || doubted(hit));
        hits.retain(|hit| hit.refuted.is_none() && !doubted(hit));
        if hits.is_empty() {
            let explanation = self.explain(&rendered.text);
            let objection = explanation.objection().unwrap_or("no step of the explanation objects");
            return Some(Fault { why: format!("not found: {objection}"), by_likelihood });
        }
        let planted = rendered.secret.as_deref()?;
        let found = |hit: &Hit| match &hit.decoded {
            Some(decoded) => decoded.secret.expose() == planted,
            None => hit.secret.of(&rendered.text) == planted,
        };
        if let Some(hit) = hits.iter().find(|hit| found(hit)) {
            return self.missing_part(rendered, hit);
        }
        let at = memchr::memmem::find(&rendered.text, planted).map(|at| format!("{at}..{}", at + planted.len()));
        let planted = at.unwrap_or_else(|| format!("{} bytes, not written out", planted.len()));
        let found: Vec<String> = hits.iter().map(|hit| format!("{}..{}", hit.secret.start, hit.secret.end)).collect();
        let why = format!("another secret is found: bytes {} in place of {planted}", found.join(", "));
        Some(Fault { why, by_likelihood: false })
    }

    /// Whether a companion that was planted is none of the hit's parts.
    fn missing_part(&self, rendered: &Rendered, hit: &Hit) -> Option<Fault> {
        let companions = &self.ruleset.rules()[self.index].companions;
        let is_found = |name: &String| hit.parts.iter().any(|(part, _)| companions[usize::from(*part)].name == *name);
        let missing = rendered.parts.iter().find(|name| !is_found(name))?;
        let why = format!("found without its companion '{missing}', which stands in it");
        Some(Fault { why, by_likelihood: true })
    }

    /// What is wrong with a near miss; `None` if nothing that counts is found in it.
    fn near_miss(&self, rendered: &Rendered) -> Option<Fault> {
        let counts = |hit: &Hit| hit.refuted.is_none().then_some(hit.confidence);
        let worst = self.hits(&rendered.text).iter().filter_map(counts).max()?;
        if worst < COUNTS {
            return None;
        }
        let explanation = self.explain(&rendered.text);
        let story = explanation.candidates.iter().find(|c| c.conclusion >= Conclusion::Finding(COUNTS));
        let steps = story.map(|c| [c.steps.first(), c.steps.last()]).into_iter().flatten().flatten();
        let told: Vec<&str> = steps.map(|step| step.text.as_str()).collect();
        Some(Fault { why: format!("found with confidence {worst}: {}", told.join("; ")), by_likelihood: false })
    }
}

#[cfg(test)]
mod tests;
