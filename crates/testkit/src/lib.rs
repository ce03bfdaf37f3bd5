//! Turns a seed into what tests need: fake secrets assembled at run time, texts with secrets planted in them, encodings,
//! delta scripts, logs in every framing, git repositories; and labelled data and a scanner's results into figures.
//!
//! For tests only. It knows neither rules nor detector, and encodes with code of its own, so that a fault in a decoder
//! is not undone by the same fault here. Same seed, same bytes, on every machine. Start at [`Text`]; for git, at
//! [`history`] and [`oracle`]; for measurements, at [`evaluation`].

pub mod double;
pub mod dump;
pub mod encode;
pub mod evaluation;
mod filler;
mod framed;
pub mod history;
pub mod oracle;
mod repository;
mod rng;
mod script;
pub mod secrets;
mod sketch;
mod text;
pub mod trackers;

pub use encode::Encoding;
pub use filler::Filler;
pub use framed::{Framed, Page};
pub use repository::Repository;
pub use rng::Rng;
pub use script::{Op, Script, Step};
pub use sketch::{Draft, Entry, Mode, Signature, Sketch, Time};
pub use text::{Piece, Planted, Text};
