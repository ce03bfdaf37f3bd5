//! Turns rule text into a checked, compiled [`Ruleset`]: anchors, shape programs, bounded expressions, and what the
//! later rooms need of a rule (proofs, checks, revocation).
//!
//! It does not know any source of bytes, and never opens a connection. The one entry point is [`Ruleset`].

pub mod compile;
mod error;
pub mod gitleaks;
pub mod pattern;
mod proof;
mod revoke;
mod revoke_text;
mod rule;
mod ruleset;
pub mod sample;
pub mod shape;
pub mod template;
mod text;
mod verify;
mod verify_text;

pub use error::Error;
pub use proof::Proof;
pub use revoke::{How, Revoke};
pub use rule::{
    Allow, AllowTarget, Anchor, Assignment, Companion, Details, Expiry, LogSign, MIN_RUN, Matcher, Pattern,
    QUERY_REACH, RUN_BYTES, Reach, Rule, SignedUrl, TokenClass,
};
pub use ruleset::{AllowedCommit, ReadExtended, Ruleset};
pub use verify::{Condition, Extract, Reach as ReachRequest, Request, Spot, Step as VerifyStep, Verify};
