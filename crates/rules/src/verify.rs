//! How a credential is checked at its provider: requests, and what of an answer decides.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Read-only requests that tell a live credential from a dead one. The last request decides; steps before it fetch what it
/// needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verify {
    /// Requests before the one that decides.
    pub steps: Vec<Step>,
    /// The request that decides.
    pub request: Request,
    /// Status codes of a live key.
    pub live: Vec<u16>,
    /// Status codes of a dead one.
    pub dead: Vec<u16>,
    /// A text that the body of a live key's answer must contain, white space aside; empty: none.
    pub live_body: String,
    /// A text in the body that proves a dead key, white space aside; empty: none.
    pub dead_body: String,
    /// What must hold besides, all of it, for a key to be live.
    pub live_when: Vec<Condition>,
    /// What proves a dead key, any of it.
    pub dead_when: Vec<Condition>,
    /// What dead keys and some live ones are told alike, any of it: a refusal only where the key was live before.
    pub doubt_when: Vec<Condition>,
    /// What the answer tells about a live key.
    pub extract: Extract,
    /// What else a live key can be asked for.
    pub reach: Vec<Reach>,
    /// The provider's page, or the documented failure, that the check rests on; empty: none.
    pub source: String,
    /// Whether others than the provider may run the service: a refusal counts only at a host that the user named.
    pub self_hosted: bool,
    /// The hosts that may be asked where the secret itself holds the address; `*.example.com` for all below.
    pub hosts: Vec<String>,
    /// Whether it rests on another tool's habit rather than the provider's word: its refusals prove nothing.
    pub experimental: bool,
}

/// A request, as templates of [`crate::template`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `GET`, `POST` or `HEAD`.
    pub method: String,
    /// The address.
    pub url: String,
    /// Header lines.
    pub headers: Vec<String>,
    /// The body; empty: none.
    pub body: String,
}

/// A request that fetches values for the requests behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The request.
    pub request: Request,
    /// Status codes with which it goes on.
    pub live: Vec<u16>,
    /// Status codes that prove a dead key.
    pub dead: Vec<u16>,
    /// What proves a dead key besides, any of it.
    pub dead_when: Vec<Condition>,
    /// Names, and where in the answer their values stand.
    pub take: Vec<(String, Spot)>,
}

/// What an answer must be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// One of these status codes; empty: any.
    pub status: Vec<u16>,
    /// The place that is looked at; the whole body where none is given.
    pub at: Option<Spot>,
    /// What stands there is one of these; empty: anything but `null`.
    pub is: Vec<String>,
    /// What stands there contains this text; empty: not asked.
    pub has: String,
}

/// A place in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Spot {
    /// A JSON pointer into the body; `*` stands for every element of an array and every value of an object, `#` for every
    /// key of an object.
    Json(String),
    /// A header, its name in lower case.
    Header(String),
}

/// What an answer tells about a live key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extract {
    /// Whose it is; of several places all that are there are told.
    pub identity: Vec<Spot>,
    /// What it may do: lists, or words separated by commas or spaces.
    pub scopes: Vec<Spot>,
    /// When it ends.
    pub expires: Option<Spot>,
}

/// A further read-only request, which shows what can be reached with a live key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// What is counted, in the plural.
    pub kind: String,
    /// The address, asked with `GET` and the headers of the check.
    pub url: String,
    /// Where the names of what is counted stand.
    pub names: Spot,
}

impl Verify {
    /// All requests that decide, in order.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.steps.iter().map(|step| &step.request).chain([&self.request])
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.status.is_empty() {
            let codes: Vec<String> = self.status.iter().map(u16::to_string).collect();
            parts.push(format!("the status is {}", codes.join(" or ")));
        }
        let at = self.at.as_ref().map_or("the body".to_owned(), Spot::to_string);
        match (self.is.as_slice(), self.at.is_some()) {
            ([], true) if self.has.is_empty() => parts.push(format!("there is {at}")),
            ([], _) => {}
            (is, _) => parts.push(format!("{at} is {}", is.join(" or "))),
        }
        if !self.has.is_empty() {
            parts.push(format!("{at} holds {}", self.has));
        }
        f.write_str(&parts.join(" and "))
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spot::Json(pointer) if pointer.is_empty() => f.write_str("the body as JSON"),
            Spot::Json(pointer) => f.write_str(pointer),
            Spot::Header(name) => write!(f, "the header {name}"),
        }
    }
}
