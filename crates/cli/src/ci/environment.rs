use super::names::{Commit, RefName};
use super::refusal::Refusal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// What a CI tells the programs it runs. Whoever calls reads both parts, so that deciding is a pure function.
#[derive(Clone, Default)]
pub struct Environment {
    /// The environment variables.
    pub variables: BTreeMap<String, String>,
    /// The payload in the file that `GITHUB_EVENT_PATH` names (GitHub, Gitea, Forgejo), if it can be read.
    pub event: Option<Value>,
}

impl Environment {
    /// The variable, unless it is unset or empty, which platforms do not tell apart.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether the variable has this value, compared without case (`TF_BUILD` is `True`).
    pub fn says(&self, name: &str, value: &str) -> bool {
        self.text(name).is_some_and(|text| text.eq_ignore_ascii_case(value))
    }

    /// Whether the variable is `true`.
    pub fn is_true(&self, name: &str) -> bool {
        self.says(name, "true")
    }

    /// The commit that the variable names; `None` also for all zeros.
    ///
    /// # Errors
    /// If it holds something else.
    pub fn commit(&self, name: &str) -> Result<Option<Commit>, Refusal> {
        commit(name, self.text(name))
    }

    /// The branch or tag that the variable names.
    ///
    /// # Errors
    /// If it holds something else.
    pub fn ref_name(&self, name: &str) -> Result<Option<RefName>, Refusal> {
        ref_name(name, self.text(name))
    }

    /// A text of the event payload, by JSON pointer.
    pub fn event_text(&self, pointer: &str) -> Option<&str> {
        self.event.as_ref()?.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
    }

    /// A number of the event payload, as text.
    pub fn event_number(&self, pointer: &str) -> Option<String> {
        Some(self.event.as_ref()?.pointer(pointer)?.as_u64()?.to_string())
    }

    /// Whether a field of the event payload is `true`.
    pub fn event_is_true(&self, pointer: &str) -> bool {
        self.event.as_ref().and_then(|event| event.pointer(pointer)) == Some(&Value::Bool(true))
    }

    /// A commit of the event payload; `None` also for all zeros.
    ///
    /// # Errors
    /// If it is something else.
    pub fn event_commit(&self, pointer: &str) -> Result<Option<Commit>, Refusal> {
        commit(&field(pointer), self.event_text(pointer))
    }

    /// A branch or tag of the event payload.
    ///
    /// # Errors
    /// If it is something else.
    pub fn event_ref_name(&self, pointer: &str) -> Result<Option<RefName>, Refusal> {
        ref_name(&field(pointer), self.event_text(pointer))
    }
}

/// The names only: values are secrets as often as not.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.variables.keys().collect();
        f.debug_struct("Environment").field("variables", &names).field("event", &self.event.is_some()).finish()
    }
}

fn field(pointer: &str) -> String {
    format!("{} of the event payload", pointer.trim_start_matches('/').replace('/', "."))
}

fn commit(name: &str, text: Option<&str>) -> Result<Option<Commit>, Refusal> {
    let malformed = |wanted| Refusal::Malformed { name: name.to_owned(), wanted };
    text.map_or(Ok(None), |text| Commit::parse(text).map_err(malformed))
}

fn ref_name(name: &str, text: Option<&str>) -> Result<Option<RefName>, Refusal> {
    let malformed = |wanted| Refusal::Malformed { name: name.to_owned(), wanted };
    text.map(RefName::parse).transpose().map_err(malformed)
}
