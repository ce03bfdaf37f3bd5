//! Turns a folder into what git knows of it. For now that is one thing: the paths that a work tree's index holds, so
//! that a committed file is never taken for an ignored one. Packs, loose objects and refs come with the issue on
//! history.
//!
//! It reads git's files itself and never starts the `git` program. It does not know rules, hits, or who asks, and it
//! reads no environment variable (`GIT_DIR` and its like are without effect).
//!
//! The entry point is [`index::tracked_paths`].

mod config;
mod error;
pub mod index;
mod repository;

pub use error::{Error, ErrorKind};
pub use repository::is_repository_root;
