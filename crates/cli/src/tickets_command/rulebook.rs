//! What our rules know, also of rules as other tools name them.

use rules::Ruleset;
use std::collections::HashMap;
use std::sync::Arc;
use tickets::{RuleFacts, Rulebook};

/// Our rules, by their ids and by those of other tools.
pub struct Rules {
    ruleset: Arc<Ruleset>,
    known: HashMap<String, usize>,
}

impl Rules {
    /// Of a ruleset.
    pub fn of(ruleset: Arc<Ruleset>) -> Rules {
        let mut known = HashMap::new();
        for at in 0..ruleset.rules().len() {
            // An alias is that of the first rule that has it: the most usual one stands first.
            for alias in ruleset.details(at).aliases {
                known.entry(alias).or_insert(at);
            }
        }
        for (at, rule) in ruleset.rules().iter().enumerate() {
            known.insert(rule.id.clone(), at);
        }
        Rules { ruleset, known }
    }

    /// Kingfisher leads ids with where its rules come from; GitHub writes `_`, TruffleHog capitals.
    fn index(&self, rule: &str) -> Option<usize> {
        let last = rule.rsplit('.').next().unwrap_or(rule);
        let dashed = last.replace('_', "-").to_ascii_lowercase();
        [rule, last, &dashed].into_iter().find_map(|id| self.known.get(id).copied())
    }
}

impl Rulebook for Rules {
    fn facts(&self, rule: &str) -> Option<RuleFacts> {
        let at = self.index(rule)?;
        let (rule, details) = (&self.ruleset.rules()[at], self.ruleset.details(at));
        let revoke = details.revoke.map(|revoke| {
            let ours = if revoke.how.is_requests() { "`deadkey tickets revoke` does it; by hand: " } else { "" };
            match revoke.by_hand.is_empty() {
                false => format!("{ours}{}", revoke.by_hand),
                true => format!("`deadkey tickets revoke` sends {} {}", revoke.request.method, revoke.request.url),
            }
        });
        let verify = details.verify.map(|verify| format!("{} {}", verify.request.method, verify.request.url));
        Some(RuleFacts {
            id: rule.id.clone(),
            name: rule.name.clone(),
            provider: rule.provider.clone(),
            severity: Some(rule.severity),
            tags: rule.tags.clone(),
            rotate: rule.rotate.clone(),
            revoke: revoke.unwrap_or_default(),
            verify: verify.unwrap_or_default(),
        })
    }
}
