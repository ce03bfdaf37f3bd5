use crate::Run;
use crate::log::parsed;
use serde_json::Value;
use serde_json::value::RawValue;
use std::cmp::Reverse;
use std::collections::HashMap;

/// How urgent a result is, the most urgent first: by whether it counts, its level, its rule's severity, its own rank.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Urgency(bool, u8, Reverse<u32>, Reverse<u32>);

/// The levels and severities that the rules of a run give to results that say nothing else.
pub(crate) struct Defaults<'a> {
    rules: &'a [Value],
    by_id: HashMap<&'a str, usize>,
}

impl<'a> Defaults<'a> {
    pub(crate) fn of(run: &'a Run) -> Defaults<'a> {
        let rules = run.rules();
        let ids = rules.iter().enumerate().rev();
        let by_id = ids.filter_map(|(at, rule)| Some((rule["id"].as_str()?, at))).collect();
        Defaults { rules, by_id }
    }

    /// The place of the rule of a result among the rules of the tool itself.
    pub(crate) fn index(&self, result: &Value) -> Option<usize> {
        if result["rule"]["toolComponent"].is_object() {
            return None;
        }
        let index = result["ruleIndex"].as_u64().or(result["rule"]["index"].as_u64());
        let index = index.and_then(|index| usize::try_from(index).ok()).filter(|index| *index < self.rules.len());
        index.or_else(|| {
            let id = result["ruleId"].as_str().or(result["rule"]["id"].as_str())?;
            self.by_id.get(id).copied().or_else(|| self.by_id.get(id.rsplit_once('/')?.0).copied())
        })
    }

    pub(crate) fn urgency(&self, result: &Value) -> Urgency {
        let rule = self.index(result).map(|index| &self.rules[index]);
        let of_rule = |pointer: &str| rule.and_then(|rule| rule.pointer(pointer));
        let level = result["level"].as_str();
        let level = level.or(of_rule("/defaultConfiguration/level").and_then(Value::as_str)).unwrap_or("warning");
        let level = match level {
            "error" => 0,
            "warning" => 1,
            "note" => 2,
            _ => 3,
        };
        let severity = of_rule("/properties/security-severity");
        let severity = severity.and_then(|score| score.as_str().and_then(|text| text.parse().ok()).or(score.as_f64()));
        let suppressed = is_suppressed(result);
        let counts = !suppressed && result["baselineState"] != "absent";
        let hundredths = |score: f64| if score > 0.0 { (score.min(1e6) * 100.0) as u32 } else { 0 };
        let rank = result["rank"].as_f64().unwrap_or_default();
        Urgency(!counts, level, Reverse(hundredths(severity.unwrap_or_default())), Reverse(hundredths(rank)))
    }
}

/// Whether a result is suppressed: it has suppressions, and none of them is rejected or still being looked at.
pub fn is_suppressed(result: &Value) -> bool {
    let speaks = |one: &Value| !matches!(one["status"].as_str(), Some("rejected" | "underReview"));
    result["suppressions"].as_array().is_some_and(|all| !all.is_empty() && all.iter().all(speaks))
}

/// How urgent a result of a run is.
pub fn urgency(run: &Run, result: &RawValue) -> Urgency {
    Defaults::of(run).urgency(&parsed(result))
}
