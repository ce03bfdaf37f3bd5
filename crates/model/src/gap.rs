use serde::{Deserialize, Serialize};

/// Whether a gap came about while scanning or was in the input before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GapKind {
    /// Something asked for could not be read, or a limit was reached. It is part of the exit code.
    Happened,
    /// What the input was made with (an archive that does not open, a shallow clone). A notice; counts with `--strict`.
    Input,
}

/// Something asked for that was not scanned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Gap {
    /// Whether it counts as a failure or as a notice.
    pub kind: GapKind,
    /// The thing that was not scanned, as the user knows it (a path, `outer.zip!inner`).
    pub what: String,
    /// One sentence: why, and the way out where there is one. Holds no secret.
    pub why: String,
}

impl Gap {
    /// A gap that happened: unreadable, corrupt, a limit reached.
    pub fn happened(what: impl Into<String>, why: impl Into<String>) -> Gap {
        Gap { kind: GapKind::Happened, what: what.into(), why: why.into() }
    }

    /// A notice on what the input was made with.
    pub fn input(what: impl Into<String>, why: impl Into<String>) -> Gap {
        Gap { kind: GapKind::Input, what: what.into(), why: why.into() }
    }
}
