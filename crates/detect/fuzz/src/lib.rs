//! Turns arbitrary bytes into work for the rule compiler and the detector, and holds what must be true of the answer.
//!
//! Every target is one function from bytes, which panics where something does not hold. The fuzzer runs them on what it
//! invents, `tests/replay` on what it generates and on the committed corpus; see `docs/fuzzing.md`.

pub mod accepted;
pub mod decoders;
pub mod delta;
pub mod detector;
pub mod hits;
pub mod input;
pub mod partitions;
pub mod plants;
pub mod rule_text;
pub mod setup;
pub mod stream;
