use crate::detach::{Lists, detach_rule};
use crate::log::{parsed, raw};
use crate::{Log, Run};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

/// One log made of several.
#[derive(Debug, Default)]
pub struct Merged {
    /// The log.
    pub log: Log,
    /// How many runs became part of another of the same tool and category.
    pub joined: usize,
    /// How many results were there before, to the letter.
    pub repeated: usize,
    /// The ids of runs that could not be joined to another of their category, and have a category of their own now.
    pub renamed: Vec<String>,
}

/// Lists of a run that are put behind one another; what points into them stands for itself by then, except parents.
const LISTS: [&str; 5] =
    ["artifacts", "logicalLocations", "threadFlowLocations", "invocations", "versionControlProvenance"];
/// What a run may hold that cannot be joined: it is pointed at by number from places that are not looked at.
const BARRED: [&str; 9] = [
    "addresses",
    "conversion",
    "externalPropertyFileReferences",
    "graphs",
    "policies",
    "runAggregates",
    "translations",
    "webRequests",
    "webResponses",
];

/// Joins logs: runs of one version of a tool with one id become one run, all others stay runs. Nothing is lost but what is there
/// twice to the letter.
pub fn merge(logs: Vec<Log>) -> Merged {
    let mut merged = Merged::default();
    let mut runs: Vec<Joint> = Vec::new();
    for log in logs {
        take_over(&mut merged.log.properties, log.properties);
        for run in log.runs {
            match runs.iter_mut().find(|joint| joint.takes(&run)) {
                Some(joint) => {
                    merged.joined += 1;
                    merged.repeated += joint.join(run);
                }
                None => runs.push(Joint { run, seen: None }),
            }
        }
    }
    let mut taken: HashSet<(String, String)> = HashSet::new();
    for Joint { run, seen } in runs {
        let mut run = if seen.is_some() { indexed(run) } else { run };
        let before = run.id().map(str::to_owned);
        let mut number = 2;
        while !taken.insert(run.category()) {
            // From the first name on, not from the last: -2, -3.
            restore(&mut run, before.as_deref());
            run.number(number);
            number += 1;
        }
        if run.id() != before.as_deref() {
            merged.renamed.push(run.id().unwrap_or_default().to_owned());
        }
        merged.log.runs.push(run);
    }
    merged
}

fn restore(run: &mut Run, id: Option<&str>) {
    match (id, run.properties.get_mut("automationDetails")) {
        (Some(id), Some(details)) => details["id"] = id.into(),
        (None, Some(Value::Object(details))) => drop(details.remove("id")),
        (_, _) => {}
    }
}

/// A run that others are joined to.
struct Joint {
    run: Run,
    /// The results that it has, once something was joined: they stand for themselves then.
    seen: Option<HashSet<Box<str>>>,
}

impl Joint {
    fn takes(&self, other: &Run) -> bool {
        let (one, other) = (&self.run.properties, &other.properties);
        let same = |key: &String| one.get(key) == other.get(key);
        let is_joined = |key: &str| LISTS.contains(&key) || matches!(key, "tool" | "taxonomies" | "properties");
        let key = |run: &Map<String, Value>| run.get("properties").map(|properties| properties["keyId"].clone());
        one.keys().chain(other.keys()).all(|name| !BARRED.contains(&name.as_str()) && (is_joined(name) || same(name)))
            && same_tool(one.get("tool"), other.get("tool"))
            && key(one) == key(other)
    }

    /// Takes the other run in; answers how many of its results were there before.
    fn join(&mut self, other: Run) -> usize {
        if self.seen.is_none() {
            let results = detached(&self.run);
            self.seen = Some(results.iter().map(|result| result.get().into()).collect());
            self.run.results = self.run.results.is_some().then_some(results);
            for (key, items) in lists(&self.run) {
                let mut list = Vec::new();
                append(&mut list, items);
                self.run.properties.insert(key, list.into());
            }
        }
        let seen = self.seen.get_or_insert_default();
        let results = detached(&other);
        let all = results.len();
        let new: Vec<_> = results.into_iter().filter(|result| seen.insert(result.get().into())).collect();
        let repeated = all - new.len();
        if other.results.is_some() {
            self.run.results.get_or_insert_default().extend(new);
        }
        let lists = lists(&other);
        join_properties(&mut self.run.properties, other.properties, lists);
        repeated
    }
}

fn detached(run: &Run) -> Vec<Box<RawValue>> {
    let lists = Lists::of(run);
    let stand_alone = |result: &RawValue| {
        let mut value = parsed(result);
        lists.detach(&mut value);
        raw(&value)
    };
    run.results().iter().map(|result| stand_alone(result)).collect()
}

/// The same tool in the same version, whatever rules it names.
fn same_tool(one: Option<&Value>, other: Option<&Value>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    if !one["driver"].is_object() || !other["driver"].is_object() {
        return false;
    }
    let has_extensions = |tool: &Value| tool["extensions"].as_array().is_some_and(|list| !list.is_empty());
    let bare = |tool: &Value| {
        let mut driver = tool["driver"].clone();
        driver.as_object_mut().map(|driver| driver.remove("rules"));
        driver
    };
    !has_extensions(one) && !has_extensions(other) && bare(one) == bare(other)
}

/// The lists of a run that are put behind those of another, standing for themselves.
fn lists(run: &Run) -> Vec<(String, Vec<Value>)> {
    let all = Lists::of(run);
    let there = LISTS.into_iter().filter(|key| run.properties.contains_key(*key));
    there.map(|key| (key.to_owned(), all.list(key))).collect()
}

/// Adds the items of a list that are not there, parents before their children. Takes time linear in both lists.
fn append(list: &mut Vec<Value>, items: Vec<Value>) {
    let mut known: HashMap<String, usize> = list.iter().enumerate().map(|(at, item)| (item.to_string(), at)).collect();
    let parent = |at: usize| {
        let parent = items[at].get("parentIndex").and_then(Value::as_u64)?;
        usize::try_from(parent).ok().filter(|parent| *parent < items.len())
    };
    let mut places: Vec<Option<usize>> = vec![None; items.len()];
    // On the line of which item each was put last.
    let mut lines: Vec<usize> = vec![usize::MAX; items.len()];
    for at in 0..items.len() {
        let (mut line, mut next) = (Vec::new(), Some(at));
        // A circle of parents is cut where it closes.
        while let Some(one) = next.filter(|one| places[*one].is_none() && lines[*one] != at) {
            line.push(one);
            lines[one] = at;
            next = parent(one);
        }
        for at in line.into_iter().rev() {
            let mut item = items[at].clone();
            match parent(at).and_then(|parent| places[parent]) {
                Some(place) => item["parentIndex"] = place.into(),
                None => drop(item.as_object_mut().map(|item| item.remove("parentIndex"))),
            }
            let place = *known.entry(item.to_string()).or_insert_with(|| {
                list.push(item);
                list.len() - 1
            });
            places[at] = Some(place);
        }
    }
}

fn join_properties(into: &mut Map<String, Value>, mut from: Map<String, Value>, lists: Vec<(String, Vec<Value>)>) {
    for (key, items) in lists {
        from.remove(&key);
        if let Value::Array(list) = into.entry(key).or_insert_with(|| json!([])) {
            append(list, items);
        }
    }
    let name = |item: &Value| item["name"].as_str().or(item["guid"].as_str()).unwrap_or_default().to_owned();
    let taxa: Vec<Value> = from.get("taxonomies").and_then(Value::as_array).cloned().unwrap_or_default();
    union(into, &mut from, "taxonomies", name);
    for taxonomy in taxa {
        let ours = into.get_mut("taxonomies").and_then(Value::as_array_mut);
        let ours = ours.and_then(|all| all.iter_mut().find(|ours| name(ours) == name(&taxonomy)));
        add_by_id(ours.and_then(|ours| ours.get_mut("taxa")), taxonomy["taxa"].as_array());
    }
    if let (Some(ours), Some(mut tool)) = (into.get_mut("tool"), from.remove("tool")) {
        for rules in [&mut ours["driver"]["rules"], &mut tool["driver"]["rules"]] {
            rules.as_array_mut().into_iter().flatten().for_each(detach_rule);
        }
        if ours["driver"]["rules"].is_null() && tool["driver"]["rules"].is_array() {
            ours["driver"]["rules"] = json!([]);
        }
        if ours["driver"]["rules"].is_null() {
            ours["driver"].as_object_mut().map(|driver| driver.remove("rules"));
        }
        add_by_id(ours["driver"].get_mut("rules"), tool["driver"]["rules"].as_array());
    }
    if let Some(properties) = from.remove("properties") {
        take_over(into, Map::from_iter([("properties".to_owned(), properties)]));
    }
}

/// Adds the items of a list that are not there, by what names them.
fn union(into: &mut Map<String, Value>, from: &mut Map<String, Value>, key: &str, name: impl Fn(&Value) -> String) {
    let Some(Value::Array(items)) = from.remove(key) else { return };
    let Value::Array(list) = into.entry(key).or_insert_with(|| json!([])) else { return };
    let known: HashSet<String> = list.iter().map(&name).collect();
    list.extend(items.into_iter().filter(|item| !known.contains(&name(item))));
}

fn add_by_id(into: Option<&mut Value>, from: Option<&Vec<Value>>) {
    let Some(Value::Array(list)) = into else { return };
    let id = |item: &Value| item["id"].as_str().unwrap_or_default().to_owned();
    let mut known: HashSet<String> = list.iter().map(id).collect();
    list.extend(from.into_iter().flatten().filter(|item| known.insert(id(item))).cloned());
}

/// Adds what is not there. Of what differs, property bags are kept side by side under `merged`, lists one behind the other.
fn take_over(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (key, value) in from {
        match into.get_mut(&key) {
            None => drop(into.insert(key, value)),
            Some(ours) if *ours == value => {}
            Some(Value::Object(ours)) if key == "properties" => match ours.get_mut("merged") {
                Some(Value::Array(all)) if all.contains(&value) => {}
                Some(Value::Array(all)) => all.push(value),
                _ => drop(ours.insert("merged".to_owned(), json!([value]))),
            },
            Some(Value::Array(ours)) => {
                let Value::Array(theirs) = value else { continue };
                ours.extend(theirs);
            }
            // `$schema` and `version` of the first.
            Some(_) => {}
        }
    }
}

/// Gives the results of a run their rules' places again.
fn indexed(mut run: Run) -> Run {
    let ids = run.rules().iter().enumerate().rev();
    let by_id: HashMap<String, usize> =
        ids.filter_map(|(at, rule)| Some((rule["id"].as_str()?.to_owned(), at))).collect();
    for result in run.results.iter_mut().flatten() {
        let mut value = parsed(result);
        let Some(at) = value["ruleId"].as_str().and_then(|id| by_id.get(id)) else { continue };
        value["ruleIndex"] = (*at).into();
        *result = raw(&value);
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn log(id: &str, rules: &[&str], results: &[(&str, &str)]) -> Log {
        let rules: Vec<Value> = rules.iter().map(|id| json!({"id": id})).collect();
        let place = |id: &str| rules.iter().position(|rule| rule["id"] == *id);
        // No list of a run holds an item twice.
        let mut files: Vec<&str> = results.iter().map(|(_, uri)| *uri).collect();
        files.sort_unstable();
        files.dedup();
        let artifacts: Vec<Value> = files.iter().map(|uri| json!({"location": {"uri": uri}})).collect();
        let result = |(rule, uri): &(&str, &str)| {
            let index = files.iter().position(|file| file == uri);
            json!({"ruleIndex": place(rule), "message": {"text": "m"},
                "locations": [{"physicalLocation": {"artifactLocation": {"index": index}}}]})
        };
        let results: Vec<Value> = results.iter().map(result).collect();
        let text = json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t", "rules": rules}},
            "automationDetails": {"id": id}, "artifacts": artifacts, "results": results}]});
        Log::read(text.to_string().as_bytes()).expect("SARIF")
    }

    #[test]
    fn runs_of_one_category_become_one_and_their_numbers_are_right() {
        let merged = merge(vec![
            log("c/", &["a", "b"], &[("b", "x"), ("a", "y")]),
            log("c/", &["b", "d"], &[("d", "z"), ("b", "x")]),
            log("other/", &["a"], &[("a", "x")]),
        ]);
        assert_eq!((merged.joined, merged.repeated, merged.log.runs.len()), (1, 1, 2));
        let run = &merged.log.runs[0];
        let told: Vec<String> = run
            .results()
            .iter()
            .map(|result| {
                let result = parsed(result);
                let rule = &run.rules()[result["ruleIndex"].as_u64().expect("a rule") as usize]["id"];
                assert_eq!(rule, &result["ruleId"]);
                format!("{rule} {}", result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
            })
            .collect();
        assert_eq!(told, [r#""b" "x""#, r#""a" "y""#, r#""d" "z""#]);
        assert_eq!(run.properties["artifacts"].as_array().map(Vec::len), Some(3));
    }

    #[test]
    fn what_cannot_be_joined_keeps_a_run_and_a_category_of_its_own() {
        let mut with_graphs = log("c/", &["a"], &[("a", "x")]);
        with_graphs.runs[0].properties.insert("graphs".to_owned(), json!([{}]));
        let merged = merge(vec![log("c/", &["a"], &[("a", "x")]), with_graphs, log("c/", &["a"], &[("a", "y")])]);
        let ids: Vec<_> = merged.log.runs.iter().map(|run| run.id().unwrap_or_default()).collect();
        assert_eq!((ids, merged.log.results()), (vec!["c/", "c-2/"], 3));
        assert_eq!(merged.renamed, ["c-2/"]);
    }

    #[test]
    fn lists_are_joined_with_their_parents() {
        let mut list = vec![json!({"name": "a"}), json!({"name": "b", "parentIndex": 0})];
        append(
            &mut list,
            vec![
                json!({"name": "b", "parentIndex": 2}),
                json!({"name": "c", "parentIndex": 0}),
                json!({"name": "a"}),
                json!({"name": "round", "parentIndex": 4}),
                json!({"name": "about", "parentIndex": 3}),
            ],
        );
        let expected = [
            json!({"name": "a"}),
            json!({"name": "b", "parentIndex": 0}),
            json!({"name": "c", "parentIndex": 1}),
            json!({"name": "about"}),
            json!({"name": "round", "parentIndex": 3}),
        ];
        assert_eq!(list, expected);
    }

    /// What results say once all that they take from their run by number is written out.
    fn told(logs: &[Log]) -> Vec<String> {
        let of_run = |run: &Run| -> Vec<String> {
            let lists = Lists::of(run);
            let one = |result: &RawValue| {
                let mut value = parsed(result);
                lists.detach(&mut value);
                value.to_string()
            };
            run.results().iter().map(|result| one(result)).collect()
        };
        let mut all: Vec<String> = logs.iter().flat_map(|log| &log.runs).flat_map(of_run).collect();
        all.sort();
        all
    }

    proptest! {
        /// Nothing is lost but what was there to the letter, and every number leads to where it led.
        #[test]
        fn merging_loses_nothing(
            shards in proptest::collection::vec((0usize..3, proptest::collection::vec((0usize..4, 0usize..6), 0..12)), 1..6),
        ) {
            const RULES: [&str; 4] = ["a", "b", "c", "d"];
            const FILES: [&str; 6] = ["u", "v", "w", "x", "y", "z"];
            let logs = || -> Vec<Log> {
                let one = |(n, (category, results)): (usize, &(usize, Vec<(usize, usize)>))| {
                    let results: Vec<_> = results.iter().map(|(rule, file)| (RULES[*rule], FILES[*file])).collect();
                    // The rules of each stand in another order.
                    let mut rules = RULES;
                    rules.rotate_left(n % 4);
                    log(&format!("c{category}/"), &rules, &results)
                };
                shards.iter().enumerate().map(one).collect()
            };
            let before = told(&logs());
            let merged = merge(logs());
            let after = told(std::slice::from_ref(&merged.log));
            prop_assert_eq!(before.len(), after.len() + merged.repeated);
            let set = |all: &[String]| all.iter().cloned().collect::<BTreeSet<_>>();
            prop_assert_eq!(set(&before), set(&after));
            let verdict = crate::validate(&merged.log, crate::Rules { github: false, most: 5 }, None);
            prop_assert_eq!(verdict, crate::Verdict::default());
            let categories: BTreeSet<_> = merged.log.runs.iter().map(Run::category).collect();
            prop_assert_eq!(categories.len(), merged.log.runs.len());
            for run in &merged.log.runs {
                let defaults = crate::order::Defaults::of(run);
                for result in run.results() {
                    let value = parsed(result);
                    let rule = defaults.index(&value).map(|at| run.rules()[at]["id"].clone());
                    prop_assert_eq!(rule, Some(Lists::of(run).rule(&value).into()));
                }
            }
        }
    }
}
