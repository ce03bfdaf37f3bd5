//! A checker for the subset of JSON Schema that SARIF's schema is written in. A test holds that it knows every keyword and pattern of
//! it, so that it cannot be blind to one.

use super::{Faults, form};
use serde_json::Value;
use std::sync::OnceLock;

const CHECK: &str = "schema";

/// SARIF's schema.
pub(super) struct Schema {
    root: Value,
}

impl Schema {
    /// The schema of SARIF 2.1.0 (OASIS standard, errata 01), which the program carries with it.
    pub(super) fn embedded() -> &'static Schema {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| {
            let text = include_str!("../../../../fixtures/sarif/sarif-schema-2.1.0.json");
            Schema { root: serde_json::from_str(text).unwrap_or_else(|_| unreachable!("a test reads it")) }
        })
    }

    /// Checks a whole log.
    pub(super) fn check_log(&self, log: &Value, faults: &mut Faults) {
        self.node(&self.root, log, &Place::Root(&String::new), faults);
    }

    /// Checks a value by the definition of this name.
    pub(super) fn check(&self, definition: &str, value: &Value, at: &str, faults: &mut Faults) {
        self.check_lazily(definition, value, &|| at.to_owned(), faults);
    }

    /// The same, its place made only where something is wrong.
    pub(super) fn check_lazily(&self, definition: &str, value: &Value, at: &dyn Fn() -> String, faults: &mut Faults) {
        self.node(&self.root["definitions"][definition], value, &Place::Root(at), faults);
    }

    fn node(&self, schema: &Value, value: &Value, at: &Place<'_>, faults: &mut Faults) {
        for (keyword, wanted) in schema.as_object().into_iter().flatten() {
            match keyword.as_str() {
                "$ref" => {
                    let target = wanted.as_str().and_then(|name| self.root.pointer(name.strip_prefix('#')?));
                    self.node(target.unwrap_or(&Value::Null), value, at, faults);
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.node(wanted, item, &Place::Item(at, index), faults);
                    }
                }
                "properties" => {
                    for (key, member) in value.as_object().into_iter().flatten() {
                        if let Some(known) = wanted.get(key) {
                            self.node(known, member, &Place::Member(at, key), faults);
                        }
                    }
                }
                "additionalProperties" => self.further(schema, wanted, value, at, faults),
                "anyOf" | "oneOf" => self.alternatives(keyword, wanted, value, at, faults),
                "format" => {
                    let name = wanted.as_str().unwrap_or_default();
                    if let Some(what) = value.as_str().and_then(|text| form::format_fault(name, text)) {
                        // What a validator of schemas leaves to others.
                        faults.warning(CHECK, || at.path(), what);
                    }
                }
                _ => {
                    if let Some(what) = keyword_fault(keyword, wanted, value) {
                        faults.error(CHECK, || at.path(), what);
                    }
                }
            }
        }
    }

    fn further(&self, schema: &Value, wanted: &Value, value: &Value, at: &Place<'_>, faults: &mut Faults) {
        for (key, member) in value.as_object().into_iter().flatten() {
            if schema["properties"].get(key).is_some() {
                continue;
            }
            match wanted {
                Value::Bool(true) => {}
                // The key is a word of whoever wrote the log, and may be anything.
                Value::Bool(false) => faults.error(CHECK, || at.path(), "has a property that SARIF does not know"),
                further => self.node(further, member, &Place::Member(at, key), faults),
            }
        }
    }

    fn alternatives(&self, keyword: &str, schemas: &Value, value: &Value, at: &Place<'_>, faults: &mut Faults) {
        let fits = |schema: &&Value| {
            let mut own = Faults { verdict: super::Verdict::default(), most: 0 };
            self.node(schema, value, at, &mut own);
            own.verdict.errors == 0
        };
        let fitting = schemas.as_array().into_iter().flatten().filter(fits).count();
        if fitting == 0 || keyword == "oneOf" && fitting > 1 {
            faults.error(CHECK, || at.path(), "has none of the forms that it may have");
        }
    }
}

/// Where a value stands, put into words only when something is wrong with it.
enum Place<'a> {
    Root(&'a dyn Fn() -> String),
    Member(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

impl Place<'_> {
    fn path(&self) -> String {
        match self {
            Place::Root(name) => name(),
            Place::Item(parent, index) => format!("{}[{index}]", parent.path()),
            Place::Member(parent, key) => {
                // A key of the standard is a word; others belong to whoever wrote the log.
                let is_word = key.len() <= 40 && key.bytes().all(|b| b.is_ascii_alphabetic() || b == b'$');
                let key = if is_word { *key } else { "…" };
                let parent = parent.path();
                if parent.is_empty() { key.to_owned() } else { format!("{parent}.{key}") }
            }
        }
    }
}

/// What a value violates of a keyword that looks at it alone.
fn keyword_fault(keyword: &str, wanted: &Value, value: &Value) -> Option<String> {
    let number = || wanted.as_f64().unwrap_or_default();
    let count = || wanted.as_u64().unwrap_or_default();
    let words = |list: &Value| {
        let words: Vec<_> = list.as_array().into_iter().flatten().map(|word| word.as_str().unwrap_or("?")).collect();
        words.join(", ")
    };
    match keyword {
        "type" => (!is_of_type(value, wanted)).then(|| match wanted.as_str() {
            Some(name) => format!("is not of the type {name}"),
            None => format!("is not of one of the types {}", words(wanted)),
        }),
        "enum" => {
            let known = wanted.as_array().is_some_and(|all| all.contains(value));
            (!known).then(|| format!("is not one of {}", words(wanted)))
        }
        "minimum" => value.as_f64().filter(|n| *n < number()).map(|_| format!("is less than {wanted}")),
        "maximum" => value.as_f64().filter(|n| *n > number()).map(|_| format!("is more than {wanted}")),
        "minLength" => {
            let short = value.as_str().is_some_and(|text| (text.chars().count() as u64) < count());
            short.then(|| format!("is shorter than {wanted}"))
        }
        "minItems" => {
            let short = value.as_array().is_some_and(|items| (items.len() as u64) < count());
            short.then(|| format!("has fewer than {wanted} items"))
        }
        "uniqueItems" => {
            let repeated = wanted == true && value.as_array().is_some_and(|items| !is_unique(items));
            repeated.then(|| "holds the same item twice".to_owned())
        }
        "required" => {
            let object = value.as_object()?;
            let missing = wanted.as_array()?.iter().filter_map(Value::as_str).find(|key| !object.contains_key(*key))?;
            Some(format!("has no `{missing}`"))
        }
        "pattern" => {
            let pattern = wanted.as_str().unwrap_or_default();
            let broken = value.as_str().is_some_and(|text| form::keeps(pattern, text) == Some(false));
            broken.then(|| "has another form than the standard gives it".to_owned())
        }
        _ => None,
    }
}

fn is_of_type(value: &Value, wanted: &Value) -> bool {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0),
        "number" => value.is_number(),
        _ => true,
    };
    match wanted {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

/// Linear for texts and numbers, which is what long lists hold.
fn is_unique(items: &[Value]) -> bool {
    if items.len() < 32 {
        return items.iter().enumerate().all(|(at, item)| !items[..at].contains(item));
    }
    let mut seen = std::collections::HashSet::with_capacity(items.len());
    items.iter().all(|item| seen.insert(item.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Every keyword of the schema is looked at, or says nothing about values.
    #[test]
    fn no_keyword_and_no_pattern_is_unknown() {
        const SILENT: [&str; 7] = ["$schema", "$id", "title", "description", "default", "definitions", "id"];
        const KNOWN: [&str; 15] = [
            "$ref",
            "items",
            "properties",
            "additionalProperties",
            "anyOf",
            "oneOf",
            "format",
            "type",
            "enum",
            "minimum",
            "maximum",
            "minLength",
            "minItems",
            "uniqueItems",
            "required",
        ];
        let mut unknown = BTreeSet::new();
        let mut schemas = vec![&Schema::embedded().root];
        while let Some(schema) = schemas.pop() {
            for (keyword, value) in schema.as_object().into_iter().flatten() {
                match keyword.as_str() {
                    "properties" | "definitions" => {
                        schemas.extend(value.as_object().into_iter().flatten().map(|(_, v)| v))
                    }
                    "items" | "additionalProperties" => schemas.push(value),
                    "anyOf" | "oneOf" => schemas.extend(value.as_array().into_iter().flatten()),
                    "pattern" => {
                        let pattern = value.as_str().expect("a text");
                        assert!(form::keeps(pattern, "").is_some(), "{pattern}");
                    }
                    "format" => assert!(form::FORMATS.contains(&value.as_str().expect("a text")), "{value}"),
                    other if SILENT.contains(&other) || KNOWN.contains(&other) => {}
                    other => drop(unknown.insert(other.to_owned())),
                }
            }
        }
        assert_eq!(unknown, BTreeSet::new());
    }
}
