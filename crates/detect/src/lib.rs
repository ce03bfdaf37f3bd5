//! Turns bytes and a range of anchors into hits.
//!
//! It does not know files, git, paths or the network. A hit is a pure function of the bytes within reach of its anchor,
//! so whole files, windows of a stream, threads and deltas are only different partitions of the anchors. The one entry
//! point is [`Detector::scan`].

mod armour;
mod assignment;
mod boundary;
pub mod delta;
mod detector;
mod expiry;
pub mod explain;
mod familiar;
mod formats;
mod hit;
pub mod judge;
mod judgement;
pub mod known;
mod lanes;
mod literals;
mod masks;
mod names;
mod patterns;
mod prefixes;
pub mod proofs;
pub mod selftest;
pub mod stream;
mod tokens;
pub mod units;
mod userinfo;
mod windows;

pub use detector::{Detector, Options, Outcome, Scratch};
pub use familiar::Page;
pub use hit::{CUT_SHORT, Decoded, Evidence, Hit, Refutation, View};
pub use patterns::check as check_expression;
