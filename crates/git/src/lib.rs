//! Turns a repository into what it holds: every object, rebuilt once in the order of its deltas; single objects; refs and
//! where they have been; ranges of commits and what each brought; what is staged; the paths that a work tree's index
//! tracks; the texts of a clone itself.
//!
//! It reads git's files itself, and asks the `git` program only where it must ([`GitBinary`]). It does not know rules,
//! hits, or who asks, and it reads no environment variable (`GIT_DIR` and its like are without effect).
//!
//! The entry points are [`Repository::open`], [`Objects::walk`], [`References::read`], [`Walker`], [`staged()`] and
//! [`index::tracked_paths`].

pub mod attribution;
mod beside;
mod config;
mod error;
mod files;
#[doc(hidden)]
pub mod fuzzing;
mod git_binary;
mod hook_input;
pub mod index;
mod layout;
mod lfs;
mod loose;
mod mailmap;
mod map;
mod metadata;
mod objects;
mod oid;
mod pack;
mod parse;
mod range;
mod refs;
mod repository;
mod revision;
mod signature;
mod staged;
mod submodules;

pub use beside::both;
pub use error::{Error, ErrorKind};
pub use files::path_from;
pub use git_binary::{CloneOptions, GitBinary, GitError, mask_urls};
pub use hook_input::{HookInputError, RefUpdate, hook_input};
pub use layout::is_repository_root;
pub use lfs::LfsPointer;
pub use mailmap::Mailmap;
pub use map::Map;
pub use metadata::{MetadataText, metadata, reflog_text};
pub use objects::{Forest, Objects, Reader, Unreadable};
pub use oid::{HashKind, Kind, Oid, is_sound};
pub use pack::{Instruction, Node, TOO_LARGE, Tally, Visitor, WalkOptions, Walked};
pub use parse::{CommitText, Entries, Entry, Mode, TagText};
pub use range::{Change, Changes, Paths, Selection, Walker, WalkerLimits};
pub use refs::{Head, RefKind, Reference, References, Reflog, ReflogEntry, Reflogs, Target};
pub use repository::{RefStorage, Repository};
pub use revision::{RevisionError, Revisions};
pub use signature::signature;
pub use staged::{EntryKind, StagedEntry, staged};
pub use submodules::Submodule;
