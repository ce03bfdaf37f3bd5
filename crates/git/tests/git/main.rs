//! The crate against repositories that the real `git` built.

mod history;
mod index;
mod mailmap;
mod mutated;
mod packs;
mod range;
mod refs;
mod repository;
mod revision;
mod staged;
mod work_tree;
