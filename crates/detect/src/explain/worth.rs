//! From a match to a conclusion: what the judgement asks, with the figures it saw.

use super::trace::Trace;
use super::{Candidate, Conclusion, Step, values};
use crate::hit::{Hit, Refutation};
use crate::judge;
use crate::judgement::{Match, least_plausible};
use crate::{proofs, userinfo};
use model::Span;
use rules::Matcher;

impl Trace<'_> {
    /// The candidate that a match is.
    pub(super) fn weigh(&self, found: &Match, mut steps: Vec<Step>) -> Candidate {
        let hit = self.explainer.judgement.judge(self.index, self.rule, self.view, found.clone(), true);
        let refuted = hit.as_ref().and_then(|hit| hit.refuted);
        let value = found.secret.of(self.view.bytes);
        let shown = values::secret(value, self.rule.public_prefix as usize, self.show.secrets);
        steps.push(Step::yes(format!("the value has {}: {shown}", values::bytes(value.len()))));
        self.worth(found, refuted, &mut steps);
        if refuted.is_none() {
            self.companions(found, hit.as_ref(), &mut steps);
        }
        let conclusion = match &hit {
            None => Conclusion::Nothing,
            Some(hit) => hit.refuted.map_or(Conclusion::Finding(hit.confidence), Conclusion::Refuted),
        };
        if let (Conclusion::Finding(confidence), Some(hit)) = (conclusion, &hit) {
            let evidence: Vec<&str> = hit.evidence.iter().map(|e| e.phrase()).collect();
            steps.push(Step::yes(format!("confidence {confidence}: {}", evidence.join(", "))));
        }
        let secret = (self.level.outer)(found.secret);
        Candidate {
            place: self.place(found.whole),
            decoded: self.level.chain.clone(),
            secret: Some(secret),
            conditions: self.conditions(found),
            steps,
            conclusion,
        }
    }

    /// Entropy, placeholders, likelihood, allowlists and proof, as far as the first that takes the match back.
    fn worth(&self, found: &Match, refuted: Option<Refutation>, steps: &mut Vec<Step>) {
        let rule = self.rule;
        let value = found.secret.of(self.view.bytes);
        let name = found.name.map(|name| name.of(self.view.bytes)).unwrap_or_default();
        if rule.min_entropy > 0 {
            let (has, least) = (bits(judge::entropy(value)), bits(rule.min_entropy));
            let text = format!("its entropy is {has} bits a byte, at least {least} wanted");
            steps.push(Step { ok: refuted != Some(Refutation::LowEntropy), text });
        }
        match refuted {
            Some(Refutation::LowEntropy) => return,
            Some(
                why @ (Refutation::KnownExample
                | Refutation::Placeholder
                | Refutation::Reference
                | Refutation::Sequence
                | Refutation::Claimed),
            ) => {
                return steps.push(Step::no(format!("it is {}", why.phrase())));
            }
            _ if matches!(rule.matcher, Matcher::Armour { .. }) => {}
            _ => steps.push(Step::yes("it is no placeholder, documented example or reference")),
        }
        if matches!(rule.matcher, Matcher::UserInfo { .. }) {
            let has = judge::likelihood(b"password", &userinfo::plain(value), true);
            let least = rule.min_likelihood;
            let text = format!("its likelihood is {has} of 100; below {least} its confidence is low");
            steps.push(Step { ok: has >= least, text });
        } else if rule.min_likelihood > 0 {
            let (has, least) = (judge::likelihood(name, value, !found.only_in_configuration), rule.min_likelihood);
            let plausible = least_plausible(least);
            let doubted = if (plausible..least).contains(&has) { ", so its confidence is low" } else { "" };
            let text = format!("its likelihood is {has} of 100, at least {least} wanted{doubted}");
            steps.push(Step { ok: has >= least && refuted != Some(Refutation::Unlikely), text });
        }
        match refuted {
            Some(Refutation::Unlikely) => return,
            Some(Refutation::Allowed) => return steps.push(Step::no("an allowlist entry of the rule takes it back")),
            _ if rule.allow.is_empty() => {}
            _ => steps.push(Step::yes("no allowlist entry of the rule takes it back")),
        }
        if let Some(proof) = rule.proof {
            let name = proof.name();
            steps.push(match proofs::check(proof, value) {
                proofs::Outcome::Passed => {
                    let told = proofs::describe(proof, value).map_or(String::new(), |what| format!(": {what}"));
                    Step::yes(format!("its offline proof {name} passed{told}"))
                }
                proofs::Outcome::Failed if !proofs::is_certain(proof) => Step::no(format!(
                    "its offline proof {name} failed, which rests on the tokens seen so far; its confidence is medium at most"
                )),
                proofs::Outcome::Failed => {
                    Step::no(format!("its offline proof {name} failed, so its confidence is low"))
                }
                proofs::Outcome::Impossible => Step::no(format!("its offline proof {name} says that it cannot be one")),
            });
        }
    }

    fn companions(&self, found: &Match, hit: Option<&Hit>, steps: &mut Vec<Step>) {
        let none: &[(u8, Span)] = &[];
        let parts = hit.map_or(none, |hit| &hit.parts);
        for (i, companion) in self.rule.companions.iter().enumerate() {
            let name = values::quoted(companion.name.as_bytes());
            let distance = values::bytes(companion.distance as usize);
            match parts.iter().find(|(part, _)| usize::from(*part) == i) {
                Some((_, span)) => {
                    let (far, side) = match span.start.checked_sub(found.whole.end) {
                        Some(far) => (far, "behind"),
                        None => (found.whole.start.saturating_sub(span.end), "before"),
                    };
                    let (len, far) = (values::bytes(span.len()), values::bytes(far));
                    steps.push(Step::yes(format!("its companion {name} ({len}) stands {far} {side}")));
                }
                // Where a required one is missing nothing is known of the others.
                None if hit.is_none() && !companion.required => {}
                None if companion.required => {
                    steps.push(Step::no(format!(
                        "its companion {name}, which the rule requires, does not stand within {distance}"
                    )));
                    return;
                }
                None => steps.push(Step::yes(format!(
                    "its companion {name} does not stand within {distance}; it may be missing"
                ))),
            }
        }
    }

    fn conditions(&self, found: &Match) -> Vec<String> {
        let mut conditions = Vec::new();
        if found.only_in_configuration {
            conditions.push("a value without quotes is low but in files that look like configuration".to_owned());
        }
        if let Some(path) = &self.rule.path {
            conditions.push(format!("it counts only in paths that match {}", values::quoted(path.as_bytes())));
        }
        if self.rule.allow.iter().any(|allow| !allow.paths.is_empty()) {
            conditions.push("the rule's allowlist leaves some paths out; `deadkey rules show` names them".to_owned());
        }
        conditions
    }
}

fn bits(hundredths: u16) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
