//! Turns policy files (`.deadkey.toml`, `.gitleaksignore`) and the lines around a credential into a decision about it: it
//! counts, it is let be and by what, or nobody asked for it.
//!
//! It knows no source, no rules and no git: files are read through [`Files`], from a folder or from a commit, and a
//! credential is what a [`Subject`] says. It has no clock; the day is a parameter.
//!
//! The entry point is [`Policy::open`], then [`Policy::judge_of`] for each credential at each place. [`Settings`] is what
//! the files say of a run, each value with the file and line that said so.

mod allow;
mod date;
mod document;
mod fault;
mod files;
mod former;
mod glob;
mod ignore_file;
mod layers;
mod nearest;
mod policy;
mod pragma;
mod settings;
mod subject;
mod suggest;

pub use allow::AllowEntry;
pub use date::Date;
pub use fault::Fault;
pub use files::Files;
pub use layers::Lookup;
pub use policy::{Options, Policy, Root, Ruling};
pub use pragma::Pragma;
pub use settings::{FAIL_ON, Setting, Settings};
pub use subject::{Around, Subject};

/// Bytes behind a credential that have a say in whether it is let be, at most.
pub const LOOKAHEAD: usize = pragma::BEHIND;
/// The name of a policy file.
pub const FILE_NAME: &str = ".deadkey.toml";
/// The names of files of fingerprints that other tools read.
pub const IGNORE_FILES: &[&str] = &[".gitleaksignore", ".betterleaksignore"];
