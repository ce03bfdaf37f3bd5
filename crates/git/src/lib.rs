//! Turns a repository into what it holds: every object, rebuilt once in the order of its deltas; single objects; the
//! paths that a work tree's index tracks.
//!
//! It reads git's files itself. It does not know rules, hits, or who asks, and it reads no environment variable
//! (`GIT_DIR` and its like are without effect).
//!
//! The entry points are [`Objects::walk`] and [`index::tracked_paths`].

pub mod attribution;
mod config;
mod error;
pub mod index;
mod loose;
mod map;
mod objects;
mod oid;
mod pack;
mod parse;
mod repository;

pub use error::{Error, ErrorKind};
pub use objects::{Forest, Objects, Reader, Unreadable};
pub use oid::{HashKind, Kind, Oid};
pub use pack::{Instruction, Node, Visitor, WalkOptions, Walked};
pub use parse::{CommitText, Entries, Entry, Mode, TagText};
pub use repository::is_repository_root;
