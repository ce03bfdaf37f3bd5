//! How a credential is withdrawn at its provider, what that breaks, and what outlives it.

use crate::verify::{Condition, Reach, Request, Step};
use serde::{Deserialize, Serialize};

/// How a credential is withdrawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Revoke {
    /// By whom.
    pub how: How,
    /// Read-only requests before, which fetch what the request needs.
    pub steps: Vec<Step>,
    /// The request that withdraws it; without an address unless `how` is [`How::Api`].
    pub request: Request,
    /// Status codes of an answer that says so.
    pub done: Vec<u16>,
    /// What must hold besides, all of it.
    pub done_when: Vec<Condition>,
    /// Takes it back, as long as it is not deleted.
    pub undo: Option<Request>,
    /// Deletes what the request has switched off.
    pub delete: Option<Request>,
    /// Whether it can be taken back, here or at the provider's console.
    pub reversible: bool,
    /// Seconds after which the provider refuses it everywhere; a refusal before may be the word of one server.
    pub lag: u32,
    /// Read-only requests that tell what it is used for.
    pub tells: Vec<Reach>,
    /// What ends with it, besides it; empty: nothing that is known.
    pub breaks: String,
    /// What goes on to work after it.
    pub outlives: Vec<String>,
    /// Address of the page where people do it; may be empty.
    pub page: String,
    /// The steps for people; may be empty for [`How::Api`].
    pub by_hand: String,
    /// The provider's page that the request rests on; may be empty.
    pub source: String,
}

/// By whom a credential is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// By requests that the rule describes.
    Api,
    /// By requests that are code.
    Code,
    /// By people alone.
    Console,
    /// By nobody: it ends by itself, or with something else.
    None,
}

impl How {
    /// The name rule files use.
    pub const fn name(self) -> &'static str {
        match self {
            How::Api => "api",
            How::Code => "code",
            How::Console => "console",
            How::None => "none",
        }
    }

    /// Whether deadkey can do it.
    pub const fn is_requests(self) -> bool {
        matches!(self, How::Api | How::Code)
    }
}
