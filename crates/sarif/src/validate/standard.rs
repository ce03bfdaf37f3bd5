//! What the standard asks for and its schema cannot say: numbers that lead somewhere, regions that end after they begin.

use super::Faults;
use crate::Run;
use crate::order::Defaults;
use serde_json::Value;

const CHECK: &str = "standard";

pub(super) fn run(run: &Run, at: &str, faults: &mut Faults) {
    let taxonomies = run.at("/taxonomies").and_then(Value::as_array).map_or(0, Vec::len);
    let supported = run.at("/tool/driver/supportedTaxonomies").and_then(Value::as_array);
    for (index, one) in supported.into_iter().flatten().enumerate() {
        if one["index"].as_u64().is_some_and(|index| index >= taxonomies as u64) {
            let place = || format!("{at}.tool.driver.supportedTaxonomies[{index}].index");
            faults.error(CHECK, place, "leads to no taxonomy of the run");
        }
    }
}

pub(super) fn result(run: &Run, defaults: &Defaults<'_>, result: &Value, at: &dyn Fn() -> String, faults: &mut Faults) {
    let rules = run.rules();
    let index = result["ruleIndex"].as_i64().filter(|index| *index >= 0);
    match index.and_then(|index| usize::try_from(index).ok()) {
        Some(index) if index >= rules.len() && !result["rule"]["toolComponent"].is_object() => {
            faults.error(CHECK, || format!("{}.ruleIndex", at()), "leads to no rule of the tool");
        }
        Some(_) => {
            let named = defaults.index(result).and_then(|index| rules[index]["id"].as_str());
            let own = result["ruleId"].as_str();
            // `CA1000/1` is a result of the rule `CA1000`.
            let same = |own: &str, named: &str| {
                own == named || own.strip_prefix(named).is_some_and(|rest| rest.starts_with('/'))
            };
            if let (Some(own), Some(named)) = (own, named)
                && !same(own, named)
            {
                faults.error(CHECK, || format!("{}.ruleIndex", at()), "leads to another rule than `ruleId` names");
            }
        }
        None => {}
    }
    if let Some(kind) = result["kind"].as_str()
        && kind != "fail"
        && result["level"].as_str().is_some_and(|level| level != "none")
    {
        faults.error(CHECK, || format!("{}.level", at()), "is not none, though the kind is not fail");
    }
    let artifacts = run.at("/artifacts").and_then(Value::as_array).map_or(0, Vec::len);
    for (key, location) in locations(result) {
        let place = |rest: &str| format!("{}.{key}.physicalLocation.{rest}", at());
        let physical = &location["physicalLocation"];
        if physical["artifactLocation"]["index"].as_u64().is_some_and(|index| index >= artifacts as u64) {
            faults.error(CHECK, || place("artifactLocation.index"), "leads to no artifact of the run");
        }
        if ends_before_it_begins(&physical["region"]) {
            faults.error(CHECK, || place("region"), "ends before it begins");
        }
    }
}

/// All locations of a result, those of its flows among them, each with its place.
pub(super) fn locations(result: &Value) -> impl Iterator<Item = (String, &Value)> {
    let listed = ["locations", "relatedLocations"].into_iter().flat_map(|key| {
        let all = result[key].as_array().into_iter().flatten().enumerate();
        all.map(move |(index, location)| (format!("{key}[{index}]"), location))
    });
    let flows = result["codeFlows"].as_array().into_iter().flatten().enumerate();
    let stepped = flows.flat_map(|(flow, code_flow)| {
        let threads = code_flow["threadFlows"].as_array().into_iter().flatten().enumerate();
        threads.flat_map(move |(thread, thread_flow)| {
            let steps = thread_flow["locations"].as_array().into_iter().flatten().enumerate();
            steps.map(move |(step, location)| {
                let place = format!("codeFlows[{flow}].threadFlows[{thread}].locations[{step}].location");
                (place, &location["location"])
            })
        })
    });
    listed.chain(stepped)
}

fn ends_before_it_begins(region: &Value) -> bool {
    let number = |key: &str| region[key].as_u64();
    let Some(start) = number("startLine") else { return false };
    let end = number("endLine").unwrap_or(start);
    let columns = number("startColumn").zip(number("endColumn"));
    end < start || end == start && columns.is_some_and(|(from, to)| to < from)
}
