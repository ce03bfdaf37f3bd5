//! Turns SARIF 2.1.0 logs, ours and other tools', into one log ([`merge()`]), a log with what is new in it marked ([`compare()`]),
//! logs that a platform takes ([`split()`]), or a list of what is wrong with them ([`validate()`]).
//!
//! It does not know our findings, what a credential is, or where logs lie: bytes come in, logs come out. Results are kept as the text
//! they are and read one at a time, so that a log of 100,000 takes little more memory than its text. Messages name places in the log
//! and never quote it: other tools' logs may hold the secrets that they found.
//!
//! The entry point is [`Log`]: [`Log::read`], [`Log::write`].

mod compare;
mod detach;
mod error;
mod identity;
mod log;
mod merge;
mod order;
mod split;
mod validate;

pub use compare::{Comparison, Gone, State, compare};
pub use error::Error;
pub use log::{Log, Run};
pub use merge::{Merged, merge};
pub use order::{Urgency, is_suppressed, urgency};
pub use split::{Limits, Oversize, split};
pub use validate::{Fault, Level, Rules, Verdict, validate};
