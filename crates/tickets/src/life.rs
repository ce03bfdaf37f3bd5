//! The life of a ticket: what it can be, and what it can become.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody has taken it on.
    Open,
    /// Somebody works on it.
    Acknowledged,
    /// Its owner says that what uses it has another one now.
    Rotated,
    /// Its owner says, or a provider's answer to a request to revoke it, that it is withdrawn.
    Revoked,
    /// A check says that it works no longer.
    Dead,
    /// Somebody answers for leaving it, until a day.
    Accepted,
    /// It is no credential.
    FalsePositive,
    /// It ended by itself, as far as the clock tells.
    Expired,
    /// Its owner says that it is done, and nothing is left to check it with.
    Unprovable,
    /// It turned out to be part of another ticket's credential.
    Merged,
}

impl State {
    /// All, in the order of a life.
    pub const ALL: [State; 10] = [
        State::Open,
        State::Acknowledged,
        State::Rotated,
        State::Revoked,
        State::Dead,
        State::Accepted,
        State::FalsePositive,
        State::Expired,
        State::Unprovable,
        State::Merged,
    ];

    /// The name users write.
    pub const fn name(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Acknowledged => "acknowledged",
            State::Rotated => "rotated",
            State::Revoked => "revoked",
            State::Dead => "dead",
            State::Accepted => "accepted",
            State::FalsePositive => "false-positive",
            State::Expired => "expired",
            State::Unprovable => "unprovable",
            State::Merged => "merged",
        }
    }

    /// Whether something is still to be done: only `dead` proves an end, and the others are ends of another kind.
    pub const fn is_open(self) -> bool {
        matches!(self, State::Open | State::Acknowledged | State::Rotated | State::Revoked)
    }

    /// Whether a ticket that is this can become `next`.
    pub const fn can_become(self, next: State) -> bool {
        use State::{Accepted, Acknowledged, Dead, Expired, FalsePositive, Merged, Open, Revoked, Rotated, Unprovable};
        match next {
            // Reopening.
            Open => !matches!(self, Open | Merged),
            Acknowledged => matches!(self, Open),
            Rotated => matches!(self, Open | Acknowledged | Accepted),
            Revoked => matches!(self, Open | Acknowledged | Rotated | Accepted),
            Dead => !matches!(self, Dead | FalsePositive | Merged),
            Accepted => matches!(self, Open | Acknowledged | Accepted),
            FalsePositive => matches!(self, Open | Acknowledged | Accepted),
            Expired => matches!(self, Open | Acknowledged | Rotated | Revoked | Accepted),
            Unprovable => matches!(self, Rotated | Revoked),
            Merged => !matches!(self, Merged),
        }
    }

    /// What can be done with a ticket that is this, as the end of a sentence.
    pub const fn way(self) -> &'static str {
        match self {
            State::Open => "acknowledge it, rotate it, accept the risk, or say that it is a false positive",
            State::Acknowledged => "it goes on with `rotated`, `accept` or `false-positive`",
            State::Rotated => "`tickets verify` proves its end, `reopen` takes the word back",
            State::Revoked => "`tickets verify` proves its end, `reopen` takes the word back",
            State::Dead => "it can only be reopened (`tickets reopen`)",
            State::Accepted => "it ends with its day; `rotated` and `reopen` end it earlier",
            State::FalsePositive | State::Expired | State::Unprovable => "reopen it first (`tickets reopen`)",
            State::Merged => "`tickets show` names the ticket that it went into",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<State, String> {
        State::ALL
            .into_iter()
            .find(|state| state.name() == text)
            .ok_or_else(|| format!("'{text}' is not one of {}", State::ALL.map(State::name).join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for state in State::ALL {
            assert_eq!(state.name().parse(), Ok(state));
        }
        assert!("closed".parse::<State>().is_err());
    }

    #[test]
    fn the_straight_life_is_legal_and_no_word_alone_makes_dead() {
        let life = [State::Open, State::Acknowledged, State::Rotated, State::Revoked, State::Dead];
        assert!(life.windows(2).all(|step| step[0].can_become(step[1])));
        assert!(State::Dead.can_become(State::Open));
        for state in State::ALL {
            assert!(!state.can_become(state) || state == State::Accepted, "{state} twice");
            assert!(!State::Merged.can_become(state), "merged is an end");
        }
        assert!(!State::Dead.can_become(State::Rotated) && !State::FalsePositive.can_become(State::Dead));
        assert!(!State::Open.can_become(State::Unprovable), "what nobody has rotated is not unprovable but open");
    }
}
