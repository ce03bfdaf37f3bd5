use crate::Error;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::fmt;
use std::io;

/// A SARIF log.
#[derive(Debug, Default)]
pub struct Log {
    /// Its runs.
    pub runs: Vec<Run>,
    /// Its other properties, `$schema` and `version` among them.
    pub properties: Map<String, Value>,
}

/// A run of a tool.
#[derive(Debug, Default)]
pub struct Run {
    /// Its results, each as the text it is; `None` where the run says that it has none to tell.
    pub results: Option<Vec<Box<RawValue>>>,
    /// Its other properties.
    pub properties: Map<String, Value>,
}

impl Log {
    /// Reads a log; a byte order mark may stand before it. Whether it keeps to the schema says [`crate::validate()`].
    ///
    /// # Errors
    /// If it is no JSON, has no list of runs, or is of another version.
    pub fn read(bytes: &[u8]) -> Result<Log, Error> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|_| Error::NotUtf8)?;
        if text.trim().is_empty() {
            return Err(Error::Empty);
        }
        match serde_json::from_str::<Log>(text) {
            Ok(log) if log.properties.get("version").is_some_and(|version| version != "2.1.0") => {
                Err(Error::OtherVersion)
            }
            Ok(log) if log.runs.iter().flat_map(Run::results).all(|result| is_readable(result)) => Ok(log),
            Ok(_) => {
                Err(Error::NotSarif("a result is no object, is nested too deeply, or holds a number that is too large"))
            }
            // The parts of a log are read first; whether the rest is JSON at all is the better thing to say.
            Err(error) => Err(match serde_json::from_str::<IgnoredAny>(text) {
                Err(error) => Error::of(&error),
                Ok(_) if !text.trim_start().starts_with('{') => Error::NotSarif("it is no object"),
                Ok(_) if error.to_string().starts_with(NO_RUNS) => Error::NotSarif(NO_RUNS),
                Ok(_) if error.to_string().starts_with(NO_LIST) => Error::NotSarif(NO_LIST),
                Ok(_) => Error::of(&error),
            }),
        }
    }

    /// Writes it, in one line.
    ///
    /// # Errors
    /// What `out` answers.
    pub fn write(&self, mut out: impl io::Write) -> io::Result<()> {
        serde_json::to_writer(&mut out, self)?;
        out.write_all(b"\n")
    }

    /// The results of all runs.
    pub fn results(&self) -> usize {
        self.runs.iter().map(|run| run.results().len()).sum()
    }
}

impl Run {
    /// Its results; none where it does not say.
    pub fn results(&self) -> &[Box<RawValue>] {
        self.results.as_deref().unwrap_or_default()
    }

    /// The name of the tool; empty where it has none.
    pub fn tool(&self) -> &str {
        self.at("/tool/driver/name").and_then(Value::as_str).unwrap_or_default()
    }

    /// The id of the run, such as `deadkey/tree/`; what stands before its last slash is its category.
    pub fn id(&self) -> Option<&str> {
        self.at("/automationDetails/id").and_then(Value::as_str)
    }

    /// The id of the key that its fingerprints were made with, where the tool says so (as deadkey does).
    pub fn key_id(&self) -> Option<&str> {
        self.at("/properties/keyId").and_then(Value::as_str)
    }

    /// The rules of the tool itself.
    pub(crate) fn rules(&self) -> &[Value] {
        self.at("/tool/driver/rules").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// What a pointer leads to.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Value> {
        let (first, rest) = pointer[1..].split_once('/').map_or((&pointer[1..], ""), |(first, rest)| (first, rest));
        let value = self.properties.get(first)?;
        if rest.is_empty() { Some(value) } else { value.pointer(&format!("/{rest}")) }
    }

    /// The category that platforms file it under, told apart by tool.
    pub(crate) fn category(&self) -> (String, String) {
        let id = self.id().unwrap_or_default();
        let category = id.rsplit_once('/').map_or(id, |(category, _)| category);
        (self.tool().to_owned(), category.to_owned())
    }

    /// Gives it another id: `deadkey/tree/` with 2 is `deadkey/tree-2/`.
    pub(crate) fn number(&mut self, number: usize) {
        let id = self.id().unwrap_or_default();
        let (category, run) = id.rsplit_once('/').unwrap_or((id, ""));
        let category = if category.is_empty() { "part" } else { category };
        let id = format!("{category}-{number}/{run}");
        let details = self.properties.entry("automationDetails").or_insert_with(|| Value::Object(Map::new()));
        if !details.is_object() {
            *details = Value::Object(Map::new());
        }
        details["id"] = id.into();
    }
}

/// Whether a result can be looked into. What is kept as text has only been seen to be JSON.
fn is_readable(result: &RawValue) -> bool {
    serde_json::from_str::<Value>(result.get()).is_ok_and(|value| value.is_object())
}

/// A result as it was written, to look into. Reading the log has seen that this works.
pub(crate) fn parsed(result: &RawValue) -> Value {
    serde_json::from_str(result.get()).unwrap_or_default()
}

/// A value as text of a log.
pub(crate) fn raw(value: &Value) -> Box<RawValue> {
    let text = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
    RawValue::from_string(text).unwrap_or_else(|_| unreachable!("a value is written as JSON"))
}

const NO_RUNS: &str = "it has no list of `runs`";
const NO_LIST: &str = "the `results` of a run are no list";

impl<'de> Deserialize<'de> for Log {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Log, D::Error> {
        struct LogVisitor;
        impl<'de> Visitor<'de> for LogVisitor {
            type Value = Log;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a SARIF log")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Log, M::Error> {
                let (mut runs, mut properties) = (None, Map::new());
                while let Some(key) = map.next_key::<String>()? {
                    if key == "runs" {
                        runs = map.next_value::<Option<Vec<Run>>>()?;
                    } else {
                        properties.insert(key, map.next_value()?);
                    }
                }
                let runs = runs.ok_or_else(|| M::Error::custom(NO_RUNS))?;
                Ok(Log { runs, properties })
            }
        }
        deserializer.deserialize_map(LogVisitor)
    }
}

impl<'de> Deserialize<'de> for Run {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Run, D::Error> {
        struct RunVisitor;
        impl<'de> Visitor<'de> for RunVisitor {
            type Value = Run;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a run of a SARIF log")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Run, M::Error> {
                let mut run = Run::default();
                while let Some(key) = map.next_key::<String>()? {
                    if key == "results" {
                        let list = map.next_value::<Option<Vec<Box<RawValue>>>>();
                        run.results = list.map_err(|_| M::Error::custom(NO_LIST))?;
                    } else {
                        run.properties.insert(key, map.next_value()?);
                    }
                }
                Ok(run)
            }
        }
        deserializer.deserialize_map(RunVisitor)
    }
}

impl Serialize for Log {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.properties.len() + 1))?;
        for (key, value) in &self.properties {
            map.serialize_entry(key, value)?;
        }
        map.serialize_entry("runs", &self.runs)?;
        map.end()
    }
}

impl Serialize for Run {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in &self.properties {
            map.serialize_entry(key, value)?;
        }
        if let Some(results) = &self.results {
            map.serialize_entry("results", results)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &[u8]) -> String {
        Log::read(text).expect_err("a fault").to_string()
    }

    #[test]
    fn a_log_comes_out_as_it_went_in() {
        let text = r#"{"$schema":"x","version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"results":[{"message":{"text":"a"}, "rank":1.0}]},{"tool":{"driver":{"name":"u"}}}]}"#;
        let log = Log::read(format!("\u{feff}{text}").as_bytes()).expect("SARIF");
        assert_eq!((log.results(), log.runs[0].tool(), log.runs[1].results.is_none()), (1, "t", true));
        let mut out = Vec::new();
        log.write(&mut out).expect("memory takes all");
        assert_eq!(String::from_utf8(out).expect("text").trim_end(), text);
    }

    #[test]
    fn bad_input_gets_one_sentence_that_quotes_nothing() {
        let value = "hunter2hunter2";
        assert!(fault(b"").contains("empty"));
        assert!(fault(b"\xff\xfe{").contains("UTF-8"));
        assert_eq!(fault(b"{\"runs\": [\n{]"), "it is no JSON (line 2, column 2): that is no JSON");
        assert!(fault(b"{\"runs\": [").contains("ends too early"));
        let nest = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for text in
            [format!("{{\"runs\": [], \"properties\": {nest}}}"), format!("{{\"runs\": [{{\"results\": [{nest}]}}]}}")]
        {
            assert!(fault(text.as_bytes()).contains("nested too deeply"), "{}", fault(text.as_bytes()));
        }
        assert!(fault(b"[]").contains("no object"));
        assert!(fault(b"{}").contains("`runs`"));
        assert!(fault(b"{\"runs\": null}").contains("`runs`"));
        assert!(fault(b"{\"runs\": [], \"version\": \"1.0.0\"}").contains("2.1.0"));
        assert!(fault(b"{\"runs\": [{\"results\": {}}]}").contains("no list"));
        for text in
            [format!("{{\"runs\": \"{value}\"}}"), format!("{{\"runs\": [\"{value}\"]}}"), format!("\"{value}\"")]
        {
            let said = fault(text.as_bytes());
            assert!(!said.contains(value) && said.contains("no SARIF"), "{said}");
        }
    }

    #[test]
    fn runs_are_numbered_by_category() {
        let mut run = Run::default();
        run.number(2);
        assert_eq!(run.id(), Some("part-2/"));
        run.properties.insert("automationDetails".to_owned(), serde_json::json!({"id": "a/b/42", "guid": "g"}));
        run.number(3);
        assert_eq!((run.id(), run.category().1.as_str()), (Some("a/b-3/42"), "a/b-3"));
        assert_eq!(run.at("/automationDetails/guid"), Some(&"g".into()));
    }
}
