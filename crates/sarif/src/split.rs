use crate::log::{parsed, raw};
use crate::order::Defaults;
use crate::{Log, Run};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What a platform takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Results of a run.
    pub results: usize,
    /// Runs of a file.
    pub runs: usize,
    /// Bytes of a file, as the platform counts them: compressed by gzip for code scanning.
    pub bytes: usize,
}

impl Default for Limits {
    /// Those of GitHub's code scanning.
    fn default() -> Limits {
        Limits { results: 25_000, runs: 20, bytes: 10_000_000 }
    }
}

/// A run that is too large with a single result, or with none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a run takes {bytes} bytes with a single result, and {limit} are the limit; it cannot be divided further")]
pub struct Oversize {
    /// The tool of the run.
    pub tool: String,
    /// How many bytes it takes.
    pub bytes: usize,
    /// How many it may take.
    pub limit: usize,
}

/// Divides a log into logs within the limits: a run that is too long or too large becomes several, the most urgent results first, each
/// with a category of its own and the rules of its results. Runs within the limits stay as they are. `size` says how many bytes of a
/// platform's a text takes.
///
/// # Errors
/// If a run cannot be divided further.
pub fn split(log: Log, limits: Limits, mut size: impl FnMut(&[u8]) -> usize) -> Result<Vec<Log>, Oversize> {
    let Log { runs, properties } = log;
    let mut parts = Vec::new();
    let mut taken: BTreeSet<_> = runs.iter().map(Run::category).collect();
    for run in runs {
        divide(run, &properties, limits, &mut size, &mut taken, &mut parts)?;
    }
    let mut logs: Vec<(Log, usize)> = Vec::new();
    for (run, bytes) in parts {
        // Two texts compressed together take no more than each by itself.
        let fits =
            |(log, taken): &&mut (Log, usize)| log.runs.len() < limits.runs.max(1) && *taken + bytes <= limits.bytes;
        match logs.last_mut().filter(fits) {
            Some((log, taken)) => {
                log.runs.push(run);
                *taken += bytes;
            }
            None => logs.push((Log { runs: vec![run], properties: properties.clone() }, bytes)),
        }
    }
    if logs.is_empty() {
        logs.push((Log { runs: Vec::new(), properties }, 0));
    }
    Ok(logs.into_iter().map(|(log, _)| log).collect())
}

/// The parts of a run, each with its size as a log of its own, and with a category that is not `taken`: an upload replaces what
/// its category had.
fn divide(
    run: Run,
    properties: &Map<String, Value>,
    limits: Limits,
    size: &mut impl FnMut(&[u8]) -> usize,
    taken: &mut BTreeSet<(String, String)>,
    parts: &mut Vec<(Run, usize)>,
) -> Result<(), Oversize> {
    let bytes = bytes_of(&run, properties, size);
    let most = limits.results.max(1);
    if run.results().len() <= most && bytes <= limits.bytes {
        parts.push((run, bytes));
        return Ok(());
    }
    let ordered = ordered(run);
    let mut waiting: Vec<Vec<Box<RawValue>>> =
        ordered.results().chunks(most).rev().map(<[Box<RawValue>]>::to_vec).collect();
    let whole = Run { results: Some(Vec::new()), properties: ordered.properties };
    if waiting.is_empty() {
        waiting.push(Vec::new());
    }
    let mut number = 1;
    while let Some(mut results) = waiting.pop() {
        let part = with(&whole, &results, number);
        if number > 1 && taken.contains(&part.category()) {
            number += 1;
            waiting.push(results);
            continue;
        }
        let bytes = bytes_of(&part, properties, size);
        if bytes <= limits.bytes {
            taken.insert(part.category());
            parts.push((part, bytes));
            number += 1;
        } else if results.len() > 1 {
            let rest = results.split_off(results.len() / 2);
            waiting.extend([rest, results]);
        } else {
            return Err(Oversize { tool: whole.tool().to_owned(), bytes, limit: limits.bytes });
        }
    }
    Ok(())
}

fn bytes_of(run: &Run, properties: &Map<String, Value>, size: &mut impl FnMut(&[u8]) -> usize) -> usize {
    let mut text = serde_json::to_vec(properties).unwrap_or_default();
    text.extend(serde_json::to_vec(run).unwrap_or_default());
    size(&text)
}

/// The run with its results in the order of their urgency; in their own order where nothing tells them apart.
fn ordered(run: Run) -> Run {
    let order = {
        let defaults = Defaults::of(&run);
        let urgencies: Vec<_> = run.results().iter().map(|result| defaults.urgency(&parsed(result))).collect();
        let mut order: Vec<usize> = (0..urgencies.len()).collect();
        order.sort_by(|a, b| urgencies[*a].cmp(&urgencies[*b]));
        order
    };
    let mut results: Vec<Option<Box<RawValue>>> = run.results.into_iter().flatten().map(Some).collect();
    let results = order.into_iter().filter_map(|at| results[at].take()).collect();
    Run { results: Some(results), properties: run.properties }
}

/// The run with these results alone, and the rules that they name.
fn with(whole: &Run, results: &[Box<RawValue>], number: usize) -> Run {
    let defaults = Defaults::of(whole);
    let mut values: Vec<Value> = results.iter().map(|result| parsed(result)).collect();
    let used: Vec<Option<usize>> = values.iter().map(|result| defaults.index(result)).collect();
    let kept: Vec<usize> = used.iter().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
    for (value, index) in values.iter_mut().zip(&used) {
        let new = index.and_then(|index| kept.binary_search(&index).ok());
        for key in ["/ruleIndex", "/rule/index"] {
            if let (Some(place), Some(new)) = (value.pointer_mut(key), new) {
                *place = new.into();
            }
        }
    }
    let mut run = Run { results: Some(values.iter().map(raw).collect()), properties: whole.properties.clone() };
    // Rules that nothing names say nothing; those of extensions are found by their own numbers.
    if let Some(Value::Array(rules)) = run.properties.get_mut("tool").and_then(|tool| tool.pointer_mut("/driver/rules"))
    {
        *rules = kept.iter().map(|index| rules[*index].clone()).collect();
    }
    if number > 1 {
        run.number(number);
        // Notifications are told once.
        for invocation in run.properties.get_mut("invocations").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(invocation) = invocation.as_object_mut() {
                invocation.remove("toolExecutionNotifications");
                invocation.remove("toolConfigurationNotifications");
            }
        }
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn log(results: &[(u8, u8)]) -> Log {
        let rules: Vec<Value> = (0..4)
            .map(|n| json!({"id": format!("r{n}"), "properties": {"security-severity": format!("{n}.5")}}))
            .collect();
        let levels = ["error", "warning", "note"];
        let result = |(n, (rule, level)): (usize, &(u8, u8))| {
            json!({"ruleId": format!("r{}", rule % 4), "ruleIndex": rule % 4, "level": levels[usize::from(level % 3)],
                "message": {"text": format!("number {n}")}})
        };
        let results: Vec<Value> = results.iter().enumerate().map(result).collect();
        let text = json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t", "rules": rules}},
            "automationDetails": {"id": "t/tree/"}, "invocations": [{"executionSuccessful": true,
            "toolExecutionNotifications": [{"message": {"text": "gap"}}]}], "results": results}]});
        Log::read(text.to_string().as_bytes()).expect("SARIF")
    }

    proptest! {
        /// Within the limits, nothing lost, rules right, and no result before a more urgent one.
        #[test]
        fn parts_keep_the_limits_and_everything(
            results in proptest::collection::vec((any::<u8>(), any::<u8>()), 0..80),
            most in 1usize..20,
            runs in 1usize..4,
            bytes in 900usize..4000,
        ) {
            let whole = log(&results);
            let limits = Limits { results: most, runs, bytes };
            let logs = split(whole, limits, <[u8]>::len).expect("small results fit");
            let mut messages = Vec::new();
            let mut urgencies = Vec::new();
            let mut ids = BTreeSet::new();
            let mut told = 0;
            for log in &logs {
                prop_assert!(log.runs.len() <= runs);
                for run in &log.runs {
                    prop_assert!(run.results().len() <= most);
                    prop_assert!(serde_json::to_vec(run).expect("JSON").len() <= bytes);
                    prop_assert!(ids.insert(run.category()), "a category of its own");
                    told += run.at("/invocations/0/toolExecutionNotifications").map_or(0, |_| 1);
                    let defaults = Defaults::of(run);
                    for result in run.results() {
                        let value = parsed(result);
                        let rule = &run.rules()[value["ruleIndex"].as_u64().expect("a rule") as usize];
                        prop_assert_eq!(&rule["id"], &value["ruleId"]);
                        urgencies.push(defaults.urgency(&value));
                        messages.push(value["message"]["text"].as_str().expect("a message").to_owned());
                    }
                }
            }
            prop_assert_eq!(told, 1);
            if ids.len() > 1 {
                prop_assert!(urgencies.is_sorted());
            }
            messages.sort();
            let mut expected: Vec<String> = (0..results.len()).map(|n| format!("number {n}")).collect();
            expected.sort();
            prop_assert_eq!(messages, expected);
        }
    }

    #[test]
    fn a_result_that_is_too_large_alone_is_told() {
        let limits = Limits { bytes: 100, ..Limits::default() };
        let error = split(log(&[(0, 0), (1, 1)]), limits, <[u8]>::len).expect_err("too large");
        assert_eq!((error.tool.as_str(), error.limit), ("t", 100));
    }

    /// A part of one run must not replace another run at the platform.
    #[test]
    fn no_part_has_the_category_of_another_run() {
        let run = |category: &str, count: usize| {
            let result = |n| json!({"ruleId": "r", "message": {"text": format!("{category} {n}")}});
            json!({"tool": {"driver": {"name": "t"}}, "automationDetails": {"id": format!("t/{category}/")},
                "results": (0..count).map(result).collect::<Vec<Value>>()})
        };
        let text = json!({"version": "2.1.0", "runs": [run("tree", 4), run("tree-2", 2)]}).to_string();
        let whole = Log::read(text.as_bytes()).expect("SARIF");
        let logs = split(whole, Limits { results: 3, runs: 1, bytes: 1 << 20 }, <[u8]>::len).expect("small");
        let categories: Vec<_> = logs.iter().flat_map(|log| &log.runs).map(Run::category).collect();
        let names: BTreeSet<&str> = categories.iter().map(|(_, category)| category.as_str()).collect();
        assert_eq!((categories.len(), names.len()), (3, 3), "{categories:?}");
    }
}
