//! Results that stand for themselves: what they take from their run by number is written into them, so that they can move to another
//! run.

use crate::Run;
use crate::order::Defaults;
use serde_json::{Map, Value};

/// The lists of a run that its results point into.
pub(crate) struct Lists<'a> {
    run: &'a Run,
    defaults: Defaults<'a>,
}

impl<'a> Lists<'a> {
    pub(crate) fn of(run: &'a Run) -> Lists<'a> {
        Lists { run, defaults: Defaults::of(run) }
    }

    /// The id of the rule of a result; empty where nothing tells.
    pub(crate) fn rule(&self, result: &Value) -> String {
        let said = result["ruleId"].as_str().or(result["rule"]["id"].as_str());
        let named = || self.defaults.index(result).and_then(|index| self.run.rules()[index]["id"].as_str());
        said.or_else(named).unwrap_or_default().to_owned()
    }

    /// Makes a result stand for itself.
    pub(crate) fn detach(&self, result: &mut Value) {
        let rule = self.rule(result);
        let Some(object) = result.as_object_mut() else { return };
        object.remove("ruleIndex");
        if !rule.is_empty() {
            object.insert("ruleId".to_owned(), rule.into());
        }
        for key in ["rule", "provenance"] {
            if let Some(Value::Object(part)) = object.get_mut(key) {
                part.remove("index");
                part.remove("invocationIndex");
            }
        }
        self.walk(result);
    }

    /// What a list of the run holds, standing for itself.
    pub(crate) fn list(&self, key: &str) -> Vec<Value> {
        let mut items = self.run.properties.get(key).cloned().unwrap_or_default();
        self.walk(&mut items);
        let Value::Array(mut items) = items else { return Vec::new() };
        // Where it stands in its list: no longer, by then.
        for item in &mut items {
            for place in [Some("/location"), (key == "logicalLocations").then_some("")].into_iter().flatten() {
                if let Some(Value::Object(object)) = item.pointer_mut(place) {
                    object.remove("index");
                }
            }
        }
        items
    }

    fn walk(&self, value: &mut Value) {
        if let Value::Array(items) = value {
            items.iter_mut().for_each(|item| self.walk(item));
        }
        let Value::Object(object) = value else { return };
        for (key, member) in object.iter_mut() {
            match key.as_str() {
                "artifactLocation" | "analysisTarget" | "mappedTo" | "executableLocation" | "workingDirectory"
                | "stdin" | "stdout" | "stderr" | "stdoutStderr" => self.fill(member, "artifacts", Some("location")),
                "responseFiles" => member.as_array_mut().into_iter().flatten().for_each(|file| {
                    self.fill(file, "artifacts", Some("location"));
                }),
                "associatedRule" => unnumbered(member),
                "ruleConfigurationOverrides" => member.as_array_mut().into_iter().flatten().for_each(|one| {
                    one.get_mut("descriptor").into_iter().for_each(unnumbered);
                }),
                "webRequest" => self.fill(member, "webRequests", None),
                "webResponse" => self.fill(member, "webResponses", None),
                "logicalLocations" => self.fill_all(member, "logicalLocations"),
                "threadFlows" => member.as_array_mut().into_iter().flatten().for_each(|flow| {
                    if let Some(steps) = flow.get_mut("locations") {
                        self.fill_all(steps, "threadFlowLocations");
                    }
                }),
                "taxa" => member.as_array_mut().into_iter().flatten().for_each(|taxon| self.name_taxonomy(taxon)),
                _ => {}
            }
            self.walk(member);
        }
    }

    fn fill_all(&self, members: &mut Value, list: &str) {
        members.as_array_mut().into_iter().flatten().for_each(|member| self.fill(member, list, None));
    }

    /// Adds what the list holds at the member's index, and takes the index away. What the member says itself stays.
    fn fill(&self, member: &mut Value, list: &str, within: Option<&str>) {
        let Value::Object(member) = member else { return };
        let Some(index) = member.remove("index").and_then(|index| index.as_u64()) else { return };
        let item = self.run.properties.get(list).and_then(|list| list.get(usize::try_from(index).ok()?));
        let item = within.map_or(item, |key| item.and_then(|item| item.get(key)));
        for (key, value) in item.and_then(Value::as_object).into_iter().flatten() {
            if key != "index" && key != "parentIndex" && !member.contains_key(key) {
                member.insert(key.clone(), value.clone());
            }
        }
    }

    fn name_taxonomy(&self, taxon: &mut Value) {
        let index = taxon["toolComponent"]["index"].as_u64().and_then(|index| usize::try_from(index).ok());
        let taxonomy = index.and_then(|index| self.run.properties.get("taxonomies")?.get(index));
        if let (Some(Value::Object(component)), Some(taxonomy)) = (taxon.get_mut("toolComponent"), taxonomy) {
            if !component.contains_key("name") {
                component.insert("name".to_owned(), taxonomy["name"].clone());
            }
            component.remove("index");
        }
        if let Value::Object(taxon) = taxon
            && taxon.contains_key("id")
        {
            taxon.remove("index");
        }
    }
}

/// A reference that leads to its descriptor by its id alone.
fn unnumbered(reference: &mut Value) {
    if let Value::Object(reference) = reference
        && reference.contains_key("id")
    {
        reference.remove("index");
    }
}

/// Makes a rule stand for itself: its relationships lead to taxonomies by name.
pub(crate) fn detach_rule(rule: &mut Value) {
    for relationship in rule.get_mut("relationships").and_then(Value::as_array_mut).into_iter().flatten() {
        let named = |component: &Map<String, Value>| component.contains_key("name") || component.contains_key("guid");
        let component = relationship.pointer_mut("/target/toolComponent").and_then(Value::as_object_mut);
        if let Some(component) = component.filter(|component| named(component)) {
            component.remove("index");
        }
    }
}
