//! What a check is.

use crate::net::{Net, NoAnswer};
use crate::options::Base;
use crate::values::Values;
use model::{Live, Verdict};
use rules::{Details, Rule};
use std::pin::Pin;
use std::sync::Arc;

/// Something that will be known.
pub type Future<'a, T> = Pin<Box<dyn std::future::Future<Output = T> + 'a>>;

/// Asks about the credentials of some rules. What a rule file can say is asked by [`crate::declared::Declared`]; implement
/// this for what needs code, and hand it to [`crate::Validator::with_check`].
pub trait Check: Send + Sync {
    /// The ids of the rules it is for.
    fn rules(&self) -> Vec<String>;

    /// Where it would ask about this credential.
    ///
    /// # Errors
    /// Why it cannot be asked at all, one phrase: a part is missing, or the host is the user's to name.
    fn place(&self, asked: &Asked) -> Result<Place, String>;

    /// What would be sent, redacted. Opens no connection.
    ///
    /// # Errors
    /// As [`Check::place`].
    fn plan(&self, asked: &Asked) -> Result<Vec<Sent>, String>;

    /// Asks. All it does is read-only, and over `net` alone.
    fn ask<'a>(&'a self, asked: &'a Asked, net: &'a Net) -> Future<'a, Ruling>;

    /// The made-up credential that is asked about first: `made_up` has a made-up value for the secret and for every part.
    /// What says where to ask must be taken from `asked`. `None`: there is none of this type.
    fn control(&self, asked: &Asked, made_up: Values) -> Option<Values> {
        let _ = asked;
        Some(made_up)
    }

    /// Names of parts that are no secrets: they say whose it is, and may be told.
    fn open_parts(&self) -> &[&str] {
        &[]
    }

    /// What a ruling means, beside that of the control. Further requests may tell an endpoint that refuses everything.
    fn settle<'a>(
        &'a self,
        ruling: Ruling,
        control: &'a Ruling,
        asked: &'a Asked,
        net: &'a Net,
    ) -> Future<'a, Verdict> {
        let _ = (asked, net);
        Box::pin(std::future::ready(ruling.verdict(control)))
    }
}

/// A rule, and where the user wants it asked.
#[derive(Debug)]
pub struct Kind {
    /// The rule.
    pub rule: Rule,
    /// Its details, the check in its file among them.
    pub details: Details,
    /// The base address that the user named for it.
    pub endpoint: Option<Base>,
}

/// A credential, as a check sees it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What it is.
    pub kind: Arc<Kind>,
    /// `secret`, and the parts by their names.
    pub values: Values,
    /// Hosts that were seen beside it: to propose, not to contact.
    pub seen_hosts: Vec<String>,
    /// Whether it was live before where it is asked now.
    pub was_live: bool,
    /// Names of parts of which several were seen beside it, so that nobody knows which belongs to it. The first is asked
    /// with; a refusal may be meant for that.
    pub unclear: Vec<String>,
    /// Names of parts that any word fits, and that stand on no line with it. A refusal may be meant for those, too.
    pub guessed: Vec<String>,
}

/// Where a credential is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// What tells it apart from other places; the control is sent once to each.
    pub key: String,
    /// The host, for people.
    pub host: String,
}

/// A request as it may be shown: every secret replaced by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Method, or the protocol.
    pub method: String,
    /// The address.
    pub url: String,
    /// Header lines.
    pub headers: Vec<String>,
    /// The body; empty: none.
    pub body: String,
}

/// What an answer says of a credential by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It was taken.
    Live {
        /// What was told.
        live: Live,
        /// Whether the answer says so by itself; if not, it counts only where the made-up value was refused.
        by_itself: bool,
    },
    /// It was refused.
    Refused {
        /// The refusal, one phrase.
        why: String,
        /// Whether it is one that nobody else would make: a documented error in the body, a code of the protocol.
        by_itself: bool,
    },
    /// A status of refusal without the words that its provider documents for it. That can be about something else, such as the
    /// network it came from; where a made-up credential is told the same it is not.
    Bare {
        /// The refusal, one phrase.
        why: String,
        /// What was told, without what differs from answer to answer.
        gist: String,
    },
    /// An answer that decides nothing.
    Unknown {
        /// Why not, one phrase.
        why: String,
    },
    /// It was not taken, which may be meant for something else than the credential, such as the way it came: that decides
    /// nothing about it, but where a made-up one is told so, not everything is taken.
    Doubtful {
        /// What it may be meant for, one phrase.
        why: String,
    },
    /// No answer. Where the made-up credential gets none, no other is sent.
    NoAnswer(NoAnswer),
}

impl Ruling {
    /// Nothing that decides, for this reason.
    pub fn unknown(why: impl Into<String>) -> Ruling {
        Ruling::Unknown { why: why.into() }
    }

    fn is_refusal(&self) -> bool {
        matches!(self, Ruling::Refused { .. } | Ruling::Bare { .. } | Ruling::Doubtful { .. })
    }

    /// What it means beside the ruling on a made-up value, which was not live.
    pub fn verdict(self, control: &Ruling) -> Verdict {
        match self {
            Ruling::Live { live, by_itself } if by_itself || control.is_refusal() => Verdict::Live(Box::new(live)),
            Ruling::Live { live, .. } => {
                Verdict::unknown(format!("{}, and a made-up value was not refused either", live.evidence))
            }
            Ruling::Refused { why, .. } => Verdict::dead(why),
            Ruling::Bare { why, gist } => match control {
                Ruling::Bare { gist: made_up, .. } if *made_up == gist => Verdict::dead(why),
                _ => Verdict::unknown(format!("{why}, in other words than its provider documents for dead ones")),
            },
            Ruling::Unknown { why } | Ruling::Doubtful { why } => Verdict::unknown(why),
            Ruling::NoAnswer(none) => none.into(),
        }
    }
}

impl From<NoAnswer> for Ruling {
    fn from(none: NoAnswer) -> Ruling {
        Ruling::NoAnswer(none)
    }
}

impl From<NoAnswer> for Verdict {
    fn from(none: NoAnswer) -> Verdict {
        Verdict::Unknown { why: none.why, retry_after: none.retry_after }
    }
}
