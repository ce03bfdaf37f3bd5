//! The vocabulary of deadkey, as plain data: what a rule, a blob, a place, a finding, a verdict and a gap *are*.
//!
//! It turns nothing into anything and knows nobody: no input, no regular expression, no clock, no network.
//! There is no entry point; start reading at [`Finding`], which ties the other words together.

mod blob;
mod finding;
mod fingerprint;
mod gap;
mod history;
mod level;
mod log;
mod report;
mod secret;
mod span;
mod suppression;
mod verdict;

pub use blob::{Blob, Origin, Packed, Recall, Visitor};
pub use finding::{Decoder, Expires, ExpiryBasis, Finding, Part, Place, PlaceKind, RuleRef, Snippet};
pub use fingerprint::{Fingerprint, FingerprintKey};
pub use gap::{Gap, GapKind};
pub use history::{Commit, History, Passage, Signature, Time};
pub use level::{Confidence, Severity};
pub use log::{LogPlace, LogStep};
pub use report::{Category, Checkout, Report, Stats};
pub use secret::Secret;
pub use span::Span;
pub use suppression::{Suppression, SuppressionKind};
pub use verdict::{Live, Reachable, Verdict};
