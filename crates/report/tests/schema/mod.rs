//! A checker for the subset of JSON Schema that our two schemas are written in. It panics at a keyword that it does not
//! know, so that it cannot be blind to one; `pattern` and `format` it leaves to the checks by hand.

use serde_json::Value;

/// What `value` violates, a line each; empty if it is valid.
pub fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut checker = Checker { root: schema, faults: Vec::new() };
    checker.check(schema, value, "$");
    checker.faults
}

struct Checker<'a> {
    root: &'a Value,
    faults: Vec<String>,
}

impl Checker<'_> {
    fn check(&mut self, schema: &Value, value: &Value, at: &str) {
        for (keyword, wanted) in schema.as_object().expect("a schema is an object") {
            let fine = match keyword.as_str() {
                "$schema" | "title" | "description" | "default" | "definitions" | "format" | "pattern" => true,
                "$ref" => {
                    let target =
                        wanted.as_str().and_then(|name| self.root.pointer(&name[1..])).expect("a known target");
                    self.check(&target.clone(), value, at);
                    true
                }
                "type" => is_of_type(value, wanted.as_str().expect("one type")),
                "enum" => wanted.as_array().unwrap().contains(value),
                "minimum" => value.as_f64().is_none_or(|n| n >= wanted.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|n| n <= wanted.as_f64().unwrap()),
                "minLength" => {
                    value.as_str().is_none_or(|text| text.chars().count() as u64 >= wanted.as_u64().unwrap())
                }
                "maxLength" => {
                    value.as_str().is_none_or(|text| text.chars().count() as u64 <= wanted.as_u64().unwrap())
                }
                "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= wanted.as_u64().unwrap()),
                "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= wanted.as_u64().unwrap()),
                "uniqueItems" => value.as_array().is_none_or(|items| is_unique(items)),
                "required" => value.as_object().is_none_or(|object| {
                    wanted.as_array().unwrap().iter().all(|key| object.contains_key(key.as_str().unwrap()))
                }),
                "anyOf" => self.alternatives(wanted, value) > 0,
                "oneOf" => self.alternatives(wanted, value) == 1,
                "items" => self.items(wanted, value, at),
                "properties" | "additionalProperties" => self.object(schema, value, keyword, at),
                unknown => panic!("the checker does not know the keyword {unknown}"),
            };
            if !fine {
                self.faults.push(format!("{at}: {keyword} {wanted}"));
            }
        }
    }

    fn alternatives(&self, schemas: &Value, value: &Value) -> usize {
        let fits = |schema: &Value| {
            let mut checker = Checker { root: self.root, faults: Vec::new() };
            checker.check(schema, value, "");
            checker.faults.is_empty()
        };
        schemas.as_array().unwrap().iter().filter(|schema| fits(schema)).count()
    }

    fn items(&mut self, schema: &Value, value: &Value, at: &str) -> bool {
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.check(schema, item, &format!("{at}[{index}]"));
        }
        true
    }

    fn object(&mut self, schema: &Value, value: &Value, keyword: &str, at: &str) -> bool {
        let mut fine = true;
        for (key, member) in value.as_object().into_iter().flatten() {
            let known = schema["properties"].get(key);
            match (keyword, known, &schema[keyword]) {
                ("properties", Some(known), _) => self.check(known, member, &format!("{at}.{key}")),
                ("additionalProperties", None, Value::Bool(allowed)) => fine &= allowed,
                ("additionalProperties", None, further) => self.check(further, member, &format!("{at}.{key}")),
                _ => {}
            }
        }
        fine
    }
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        unknown => panic!("the checker does not know the type {unknown}"),
    }
}

fn is_unique(items: &[Value]) -> bool {
    items.iter().enumerate().all(|(at, item)| !items[..at].contains(item))
}
