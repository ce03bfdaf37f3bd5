//! Which tool's a report is.

use crate::{Error, Result};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;

/// The kinds of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Sarif,
    DeadkeyJson,
    DeadkeyLines,
    Gitleaks,
    Betterleaks,
    BetterleaksLines,
    TruffleHog,
    Kingfisher,
    KingfisherLines,
    Alerts,
    Empty,
}

/// Looks at the names of the first object, or of the first object of an array.
pub(super) fn shape(bytes: &[u8]) -> Result<Shape> {
    if bytes.trim_ascii().is_empty() {
        return Ok(Shape::Empty);
    }
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<Names>();
    let first = values.next().and_then(|value| value.ok());
    let Some(first) = first else {
        return Err(Error::UnknownReport("it is no JSON, or is cut off".to_owned()));
    };
    let (names, inner) = match &first {
        Names::Object(names, inner) => (names, inner),
        Names::ArrayOf(names) => (names, &NO_NAMES),
        // gitleaks writes an empty array where there is nothing.
        Names::EmptyArray => return Ok(Shape::Gitleaks),
        Names::Other => return Err(Error::UnknownReport("it holds no object".to_owned())),
    };
    let has = |name: &str| names.contains(name);
    let has_inner = |name: &str| inner.contains(name);
    let is_array = matches!(first, Names::ArrayOf(_));
    Ok(match () {
        () if has("runs") => Shape::Sarif,
        () if has("SourceMetadata") => Shape::TruffleHog,
        () if has("RuleID") => Shape::Gitleaks,
        () if has("secret_type") || has("alert") => Shape::Alerts,
        () if has("schema_version") && has("findings") => Shape::Betterleaks,
        () if has("schema_version") && (has("finding") || has("scan")) => Shape::BetterleaksLines,
        () if has("findings") && has("ruleset") => Shape::DeadkeyJson,
        () if has("fingerprint") && has("places") => Shape::DeadkeyLines,
        () if has("findings") && (has("metadata") || has("audit")) => Shape::Kingfisher,
        () if !is_array && has("finding") && has("rule") && has_inner("snippet") => Shape::KingfisherLines,
        () if has("kingfisher") || has("audit") => Shape::KingfisherLines,
        () => {
            let known: Vec<&str> = names.iter().take(5).map(String::as_str).collect();
            return Err(Error::UnknownReport(format!("its first object has the names {}", known.join(", "))));
        }
    })
}

static NO_NAMES: BTreeSet<String> = BTreeSet::new();

/// The names in a value; everything else is passed over.
enum Names {
    /// Its own names, and those of its member `finding`.
    Object(BTreeSet<String>, BTreeSet<String>),
    ArrayOf(BTreeSet<String>),
    EmptyArray,
    Other,
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Names, D::Error> {
        deserializer.deserialize_any(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Names, A::Error> {
        let (mut names, mut inner) = (BTreeSet::new(), BTreeSet::new());
        while let Some(name) = map.next_key::<String>()? {
            if name == "finding" {
                if let Names::Object(of_finding, _) = map.next_value::<Names>()? {
                    inner = of_finding;
                }
            } else {
                map.next_value::<IgnoredAny>()?;
            }
            names.insert(name);
        }
        Ok(Names::Object(names, inner))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Names, A::Error> {
        let first = seq.next_element::<Names>()?;
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(match first {
            None => Names::EmptyArray,
            Some(Names::Object(names, _)) => Names::ArrayOf(names),
            Some(_) => Names::Other,
        })
    }

    fn visit_bool<E>(self, _: bool) -> std::result::Result<Names, E> {
        Ok(Names::Other)
    }

    fn visit_i64<E>(self, _: i64) -> std::result::Result<Names, E> {
        Ok(Names::Other)
    }

    fn visit_u64<E>(self, _: u64) -> std::result::Result<Names, E> {
        Ok(Names::Other)
    }

    fn visit_f64<E>(self, _: f64) -> std::result::Result<Names, E> {
        Ok(Names::Other)
    }

    fn visit_str<E>(self, _: &str) -> std::result::Result<Names, E> {
        Ok(Names::Other)
    }

    fn visit_unit<E>(self) -> std::result::Result<Names, E> {
        Ok(Names::Other)
    }
}
