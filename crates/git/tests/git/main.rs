//! The crate against repositories that the real `git` built.

mod attribution;
mod history;
mod hostile;
mod index;
mod mailmap;
mod metadata;
mod mutated;
mod packs;
mod range;
mod refs;
mod replay;
mod repository;
mod revision;
mod staged;
mod work_tree;
