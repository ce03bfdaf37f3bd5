//! Turns bytes and a range of anchors into hits.
//!
//! It does not know files, git, paths or the network. A hit is a pure function of the bytes within reach of its anchor,
//! so whole files, windows of a stream, threads and deltas are only different partitions of the anchors. The one entry
//! point is [`Detector::scan`].

mod hit;
pub mod judge;
pub mod proofs;
pub mod units;

pub use hit::{Decoded, Evidence, Hit, Refutation, View};
