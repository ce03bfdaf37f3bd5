//! The crate against repositories that the real `git` built.

mod attribution;
mod index;
mod work_tree;
