//! The crate against repositories that the real `git` built.

mod index;
mod mutated;
mod packs;
mod refs;
mod repository;
mod work_tree;
