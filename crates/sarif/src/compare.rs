use crate::detach::{Lists, detach_rule};
use crate::identity::{identity, substance};
use crate::log::{parsed, raw};
use crate::{Log, Run};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// What a result is beside an earlier log; `baselineState` in SARIF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It was not there.
    New,
    /// It was there, with other places, another level or another verdict.
    Updated,
    /// It was there.
    Unchanged,
    /// It is there no longer.
    Absent,
}

impl State {
    /// The name that SARIF gives it.
    pub const fn name(self) -> &'static str {
        match self {
            State::New => "new",
            State::Updated => "updated",
            State::Unchanged => "unchanged",
            State::Absent => "absent",
        }
    }
}

/// How many results are what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// See [`State::New`].
    pub new: usize,
    /// See [`State::Updated`].
    pub updated: usize,
    /// See [`State::Unchanged`].
    pub unchanged: usize,
    /// See [`State::Absent`].
    pub absent: usize,
}

/// A result of the earlier log.
struct Earlier {
    run: usize,
    result: usize,
    substance: String,
    /// Of its run.
    kind: (String, String),
}

/// What becomes of results that are in the earlier log alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// They are added to the later log.
    Added,
    /// They are counted.
    Counted,
}

/// Writes into each result of `log` what it is beside an earlier one. What is absent belongs to the run of the same tool and category,
/// so that what a later run did not look at does not count as gone. `each` is told the state of every result and its rule, which a
/// result may name by its number alone.
///
/// A result is known again by its fingerprints, or by rule, file and message (see `docs/sarif.md`).
pub fn compare(earlier: &Log, log: &mut Log, gone: Gone, mut each: impl FnMut(State, &str, &Value)) -> Comparison {
    let mut known = known(earlier);
    let mut counts = Comparison::default();
    for run in &mut log.runs {
        let states: Vec<_> = {
            let lists = Lists::of(run);
            let kind = kind(run);
            let state = |result: &Box<_>| {
                let result = parsed(result);
                (state(&lists, &result, &kind, &mut known), lists.rule(&result))
            };
            run.results().iter().map(state).collect()
        };
        for (result, (state, rule)) in run.results.iter_mut().flatten().zip(states) {
            let Some(state) = state else { continue };
            *counts.of(state) += 1;
            let mut value = parsed(result);
            each(state, &rule, &value);
            value["baselineState"] = state.name().into();
            *result = raw(&value);
        }
    }
    let mut left: Vec<Earlier> = known.into_values().flatten().collect();
    left.sort_by_key(|earlier| (earlier.run, earlier.result));
    let lists: Vec<_> = earlier.runs.iter().map(Lists::of).collect();
    for Earlier { run, result, .. } in left {
        let (from, lists) = (&earlier.runs[run], &lists[run]);
        let Some(into) = log.runs.iter_mut().find(|run| kind(run) == kind(from)) else { continue };
        *counts.of(State::Absent) += 1;
        let value = parsed(&from.results()[result]);
        let rule = lists.rule(&value);
        if gone == Gone::Counted {
            each(State::Absent, &rule, &value);
            continue;
        }
        let value = absent(from, lists, value, &rule, into);
        each(State::Absent, &rule, &value);
        into.results.get_or_insert_default().push(raw(&value));
    }
    counts
}

impl Comparison {
    fn of(&mut self, state: State) -> &mut usize {
        match state {
            State::New => &mut self.new,
            State::Updated => &mut self.updated,
            State::Unchanged => &mut self.unchanged,
            State::Absent => &mut self.absent,
        }
    }
}

/// The results of a log by what they are known by, those that were absent already left out.
fn known(earlier: &Log) -> HashMap<String, VecDeque<Earlier>> {
    let mut known: HashMap<String, VecDeque<Earlier>> = HashMap::new();
    for (at, run) in earlier.runs.iter().enumerate() {
        let lists = Lists::of(run);
        for (index, result) in run.results().iter().enumerate() {
            let mut value = parsed(result);
            if value["baselineState"] == "absent" {
                continue;
            }
            lists.detach(&mut value);
            let rule = lists.rule(&value);
            let entry = Earlier { run: at, result: index, substance: substance(&value, &rule), kind: kind(run) };
            known.entry(identity(&value, &rule)).or_default().push_back(entry);
        }
    }
    known
}

fn state(
    lists: &Lists<'_>,
    result: &Value,
    kind: &(String, String),
    known: &mut HashMap<String, VecDeque<Earlier>>,
) -> Option<State> {
    if result["baselineState"] == "absent" {
        return None;
    }
    let mut result = result.clone();
    lists.detach(&mut result);
    let rule = lists.rule(&result);
    let Some(entries) = known.get_mut(&identity(&result, &rule)) else { return Some(State::New) };
    // Of several that look alike the one of the same kind of run is meant, and of these the one that has not changed.
    let own = substance(&result, &rule);
    let is_own = |earlier: &Earlier| earlier.kind == *kind;
    let is_same = |earlier: &Earlier| earlier.substance == own;
    let at = entries.iter().position(|earlier| is_own(earlier) && is_same(earlier));
    let at = at.or_else(|| entries.iter().position(is_own)).or_else(|| entries.iter().position(is_same));
    if let Some(at) = at {
        entries.swap(0, at);
    }
    Some(match entries.pop_front() {
        Some(earlier) if earlier.substance == own => State::Unchanged,
        Some(_) => State::Updated,
        None => State::New,
    })
}

/// The tool of a run and the kind of thing it looks at. Runs that hold what another had no room for count as that one.
fn kind(run: &Run) -> (String, String) {
    let (tool, category) = run.category();
    let whole = category.rsplit_once('-').filter(|(_, number)| number.parse::<u32>().is_ok());
    (tool, whole.map_or(category.clone(), |(whole, _)| whole.to_owned()))
}

/// A result of an earlier run, to stand in a later one.
fn absent(from: &Run, lists: &Lists<'_>, mut value: Value, rule: &str, into: &mut Run) -> Value {
    lists.detach(&mut value);
    value["baselineState"] = State::Absent.name().into();
    let there: BTreeSet<&str> = into.rules().iter().filter_map(|rule| rule["id"].as_str()).collect();
    if !there.contains(rule)
        && let Some(mut descriptor) = from.rules().iter().find(|one| one["id"] == rule).cloned()
        && let Some(rules) = into
            .properties
            .get_mut("tool")
            .and_then(|tool| tool.pointer_mut("/driver/rules"))
            .and_then(Value::as_array_mut)
    {
        detach_rule(&mut descriptor);
        rules.push(descriptor);
    }
    if let Some(index) = into.rules().iter().position(|one| one["id"] == rule) {
        value["ruleIndex"] = index.into();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn log(results: &[Value]) -> Log {
        let rules: BTreeSet<&str> = results.iter().filter_map(|result| result["ruleId"].as_str()).collect();
        let rules: Vec<Value> = rules.into_iter().map(|id| json!({"id": id})).collect();
        let text = json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t", "rules": rules}},
            "automationDetails": {"id": "t/tree/"}, "results": results}]});
        Log::read(text.to_string().as_bytes()).expect("SARIF")
    }

    fn result(rule: &str, uri: &str, line: u64, fingerprint: &str) -> Value {
        json!({"ruleId": rule, "message": {"text": "m"}, "level": "error",
            "partialFingerprints": {"deadkey/credential/v1": fingerprint},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}}]})
    }

    /// What another category had is not taken for what this one had.
    #[test]
    fn a_result_is_known_again_by_the_run_of_its_own_category_first() {
        let of = |categories: &[&str]| {
            let run = |category: &&str| {
                json!({"tool": {"driver": {"name": "t"}}, "automationDetails": {"id": format!("{category}/")},
                    "results": [result("a", "x", 1, "f1")]})
            };
            let runs: Vec<Value> = categories.iter().map(run).collect();
            Log::read(json!({"version": "2.1.0", "runs": runs}).to_string().as_bytes()).expect("SARIF")
        };
        let counts = compare(&of(&["linux", "windows"]), &mut of(&["windows"]), Gone::Added, |_, _, _| {});
        assert_eq!(counts, Comparison { unchanged: 1, ..Comparison::default() });
    }

    /// Nothing is added to a log that it must not have, and nothing ends the program.
    #[test]
    fn runs_without_rules_stay_so() {
        let earlier = log(&[result("gone", "z", 3, "f3")]);
        let text = json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}},
            "automationDetails": {"id": "t/tree/"}, "results": []}]});
        let mut later = Log::read(text.to_string().as_bytes()).expect("SARIF");
        assert_eq!(compare(&earlier, &mut later, Gone::Added, |_, _, _| {}).absent, 1);
        assert!(later.runs[0].properties["tool"]["driver"].get("rules").is_none());
        let odd = json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": [1]}]});
        assert!(Log::read(odd.to_string().as_bytes()).is_err());
    }

    #[test]
    fn results_are_new_unchanged_updated_or_absent() {
        let earlier = log(&[result("a", "x", 1, "f1"), result("a", "y", 2, "f2"), result("gone", "z", 3, "f3")]);
        let mut later = log(&[result("a", "x", 9, "f1"), result("a", "moved", 2, "f2"), result("b", "x", 5, "f4")]);
        let mut told = Vec::new();
        let counts = compare(&earlier, &mut later, Gone::Added, |state, rule, _| told.push((state, rule.to_owned())));
        assert_eq!(counts, Comparison { new: 1, updated: 1, unchanged: 1, absent: 1 });
        let run = &later.runs[0];
        let states: Vec<Value> = run.results().iter().map(|result| parsed(result)["baselineState"].clone()).collect();
        assert_eq!(states, ["unchanged", "updated", "new", "absent"]);
        let absent = parsed(&run.results()[3]);
        assert_eq!(run.rules()[absent["ruleIndex"].as_u64().expect("a rule") as usize]["id"], "gone");
        assert_eq!(told.len(), 4);
        // What is absent is not compared again.
        let mut third = log(&[result("b", "x", 5, "f4")]);
        assert_eq!(
            compare(&later, &mut third, Gone::Added, |_, _, _| ()),
            Comparison { unchanged: 1, absent: 2, ..Comparison::default() }
        );
    }

    #[test]
    fn what_was_not_looked_at_is_not_gone() {
        let earlier = log(&[result("a", "x", 1, "f1")]);
        let mut later = log(&[]);
        later.runs[0].properties["automationDetails"]["id"] = "t/history/".into();
        assert_eq!(compare(&earlier, &mut later, Gone::Added, |_, _, _| ()), Comparison::default());
        // The rest of a category that was divided is the category.
        later.runs[0].properties["automationDetails"]["id"] = "t/tree-2/".into();
        assert_eq!(compare(&earlier, &mut later, Gone::Added, |_, _, _| ()).absent, 1);
    }

    #[test]
    fn without_fingerprints_results_that_look_alike_are_counted() {
        let plain = |line: u64| {
            let mut result = result("a", "x", line, "");
            result.as_object_mut().expect("an object").remove("partialFingerprints");
            result
        };
        let earlier = log(&[plain(1), plain(2)]);
        let mut later = log(&[plain(7), plain(8), plain(9)]);
        let counts = compare(&earlier, &mut later, Gone::Added, |_, _, _| ());
        assert_eq!(counts, Comparison { new: 1, unchanged: 2, ..Comparison::default() });
    }
}
