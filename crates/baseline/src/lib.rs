//! Turns a baseline file and a [`model::Report`] into the same report with what is old marked as such; and findings, or
//! the baselines of other tools, into a baseline file. `docs/baseline.md` in the project describes the file.
//!
//! It does not know how findings come about, what a report looks like, or where files lie: bytes come in and go out, and
//! the day and the random salt are parameters. What it keeps of a credential is its fingerprint, or the hash by which
//! another tool knew it; never a value, a path or a line.
//!
//! The entry point is [`Baseline`]: [`Baseline::parse`], [`Baseline::key`], [`Baseline::mark`], [`Baseline::to_bytes`].

mod date;
mod entry;
mod error;
mod file;
mod foreign;
mod import;
mod mark;
mod update;

pub use date::Date;
pub use entry::{Entry, Id};
pub use error::Error;
pub use file::{Baseline, VERSION};
pub use import::{Imported, Tool, Unusable, read as import};
pub use mark::Marked;
pub use update::{Added, Pruned, TakenOver};
