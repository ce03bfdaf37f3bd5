//! Who does something to the ledger, with what, and when.

/// Stands in every entry of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The person or job.
    pub who: String,
    /// How that is known: `--who`, `git config`, the name of a variable, `login name`. None of them is proof.
    pub known_by: String,
    /// The machine.
    pub host: String,
    /// Name and version of the program.
    pub tool: String,
    /// Digest of the rules that it has.
    pub ruleset: String,
    /// The time, in seconds since 1970.
    pub now: i64,
}
