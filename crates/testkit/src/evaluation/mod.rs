//! Turns labelled data and what a scanner said of it into figures: recall, precision, alarms, and the rows behind them.
//!
//! It knows the two formats of data ([`Set::read`]), how rows are laid out as files ([`layout`]), deadkey's JSON lines and
//! anybody's SARIF ([`Hits`]), and nothing of how a scanner works. Start at [`Set::score`].

mod data;
mod hits;
pub mod layout;
mod sarif;
mod score;
#[cfg(test)]
mod tests;

pub use data::{Half, Kind, Row, Set};
pub use hits::{Hit, Hits};
pub use score::{Outcome, Score, Tally, Total};

/// Why data or results are of no use.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line of data is not what the formats say.
    #[error("{path}, line {line}: {why}; the formats are described in docs/evaluation.md")]
    Row {
        /// The file.
        path: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// A file of data without rows.
    #[error("{path} holds no rows")]
    Empty {
        /// The file.
        path: String,
    },
    /// Results that are neither SARIF nor deadkey's JSON lines.
    #[error("{path}: {why}")]
    Results {
        /// The file.
        path: String,
        /// What is wrong.
        why: String,
    },
}
