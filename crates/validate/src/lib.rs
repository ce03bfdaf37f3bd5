//! Turns credentials into verdicts: asks their providers, read-only and with manners, and says live, dead or unknown and why.
//!
//! It does not know scans, reports or tickets, reads no environment and prints nothing: proxies, certificates, limits and
//! endpoints are parameters ([`Options`]). The one entry point is [`Validator`]; [`document()`] writes what is sent where.
//!
//! What a rule file can say (`[rule.verify]`) is asked by [`declared::Declared`]. What needs code (a signature, a protocol
//! of its own) is a [`Check`], handed to [`Validator::with_check`]: it names the rules it is for and replaces what their
//! files say. The engine around it is the same for both: the control before the first credential of a type, one check per
//! credential, the cache, Ctrl-C. A check asks through [`Net`] alone ([`Net::send`] for HTTP, [`Net::connect`] for anything
//! else), which sees to addresses, proxies, time-outs, rates and retries; so a check cannot forget its manners.
//! `tests/code.rs` has one that speaks a protocol of its own.
//!
//! What changes something (a revocation) is no check: [`Validator::prospect`] says what would be sent,
//! [`Validator::withdraw`] sends it, and [`Validator::verify`] says what came of it, with [`Candidate::was_live`] set and no
//! cache.

mod address;
mod answer;
mod aws;
mod azure_storage;
mod cache;
mod candidate;
mod check;
mod control;
mod cover;
pub mod declared;
mod der;
mod destination;
mod document;
mod engine;
mod entra;
mod error;
mod gcp;
mod http_answer;
mod jwt;
mod key_file;
mod moment;
mod net;
mod options;
mod pace;
mod private_key;
mod proxy;
mod resolve;
mod revoke;
mod servers;
mod ssh;
mod stream;
mod tls;
mod token;
pub mod unchecked;
mod values;

pub use address::is_public;
pub use cache::Cache;
pub use candidate::Candidate;
pub use check::{Asked, Check, Future, Kind, Place, Ruling, Sent};
pub use document::document;
pub use engine::{Validator, run_to_end};
pub use error::Error;
pub use http_answer::Answer;
pub use net::{Call, Net, NoAnswer, Trust};
pub use options::{Account, Base, Certificates, Endpoint, Issuer, Operator, Options, Proxy, Rates, Seal};
pub use resolve::{Addresses, Hosts, Resolve, System};
pub use revoke::{Act, Prospect, Withdrawal};
pub use stream::Stream;
pub use values::{Context, Values, base64};
