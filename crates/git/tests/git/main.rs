//! The crate against repositories that the real `git` built.

mod index;
mod work_tree;
