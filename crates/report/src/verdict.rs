//! What a provider said, in words and as an object.

use crate::veil::Veil;
use model::{Reachable, Verdict};
use serde::Serialize;
use std::borrow::Cow;

/// A verdict in JSON.
#[derive(Serialize)]
pub(crate) struct VerdictObject<'a> {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reach: Vec<ReachObject<'a>>,
}

#[derive(Serialize)]
struct ReachObject<'a> {
    kind: Cow<'a, str>,
    count: u64,
    names: Vec<Cow<'a, str>>,
}

impl<'a> VerdictObject<'a> {
    /// The verdict, what it holds of secrets covered.
    pub(crate) fn new(verdict: &'a Verdict, veil: &Veil<'_>) -> VerdictObject<'a> {
        let text = |text: &'a String| (!text.is_empty()).then(|| veil.cover(text));
        let object = VerdictObject {
            state: verdict.name(),
            why: None,
            retry_after: None,
            identity: None,
            scopes: Vec::new(),
            expires: None,
            evidence: None,
            reach: Vec::new(),
        };
        match verdict {
            Verdict::NotChecked => object,
            Verdict::Dead { why } => VerdictObject { why: text(why), ..object },
            Verdict::Unknown { why, retry_after } => {
                VerdictObject { why: Some(veil.cover(why)), retry_after: *retry_after, ..object }
            }
            Verdict::Live(live) => {
                let reached = |one: &'a Reachable| ReachObject {
                    kind: veil.cover(&one.kind),
                    count: one.count,
                    names: one.names.iter().map(|name| veil.cover(name)).collect(),
                };
                VerdictObject {
                    identity: live.identity.as_ref().and_then(text),
                    scopes: live.scopes.iter().map(|scope| veil.cover(scope)).collect(),
                    expires: live.expires.as_ref().and_then(text),
                    evidence: text(&live.evidence),
                    reach: live.reach.iter().map(reached).collect(),
                    ..object
                }
            }
        }
    }
}

/// What there is to say beyond the verdict's name, in one line; empty where there is nothing.
pub(crate) fn details(verdict: &Verdict, veil: &Veil<'_>) -> String {
    veil.cover(&verdict.details().join("; ")).into_owned()
}

/// `live: octocat; scopes repo; 200 from api.github.com`.
pub(crate) fn phrase(verdict: &Verdict, veil: &Veil<'_>) -> String {
    let details = details(verdict, veil);
    let colon = if details.is_empty() { "" } else { ": " };
    format!("{}{colon}{details}", verdict.name())
}
