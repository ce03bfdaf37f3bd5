//! Withdrawing credentials: what would be sent, what it is used for, and the requests that change something.
//!
//! Nothing here runs by itself, and nothing decides whether it should: whoever calls has shown whose the credential is and
//! has asked. Whether it is dead afterwards is [`Validator::verify`]'s to say.

mod akeyless;
mod aws;
mod declared;

use crate::candidate::Candidate;
use crate::check::{Asked, Future, Sent};
use crate::cover::Cover;
use crate::engine::{Validator, run_to_end};
use crate::error::Error;
use crate::net::{Net, NoAnswer};
use crate::options::Operator;
use crate::values::Values;
use rules::How;
use std::time::Duration;
use tokio::time::timeout;

/// What is to be done with a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Withdraw it, so that it can be taken back where the provider knows a way.
    Withdraw,
    /// Delete what has been withdrawn.
    Delete,
    /// Take the withdrawal back.
    Undo,
}

impl Act {
    /// The word for it.
    pub const fn verb(self) -> &'static str {
        match self {
            Act::Withdraw => "revoke",
            Act::Delete => "delete",
            Act::Undo => "undo",
        }
    }
}

/// What doing something with a credential would mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prospect {
    /// The requests, redacted; else why none can be sent.
    pub requests: Option<Vec<Sent>>,
    /// Why no request can be sent, one phrase; empty where one can.
    pub why_not: String,
    /// Whether the rule knows no request at all, so that only people can do it.
    pub is_for_people: bool,
    /// Whether it can be taken back.
    pub is_reversible: bool,
    /// Whether deleting it is a step of its own, after this one.
    pub has_delete: bool,
    /// After which a refusal can be believed.
    pub lag: Duration,
    /// What ends with it; may be empty.
    pub breaks: String,
    /// What goes on to work after it.
    pub outlives: Vec<String>,
    /// The page where people do it; may be empty.
    pub page: String,
    /// The steps for people; may be empty.
    pub by_hand: String,
}

/// What a provider answered to a request to withdraw something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withdrawal {
    /// That it is done.
    Done {
        /// The answer, one phrase.
        said: String,
    },
    /// That it is not.
    NotDone {
        /// The refusal, one phrase.
        why: String,
    },
    /// Nothing that decides: it may have been done.
    Unclear {
        /// Why not, one phrase.
        why: String,
    },
}

impl Withdrawal {
    /// Without these values in what the provider said.
    fn covered(mut self, values: &Values) -> Withdrawal {
        let (Withdrawal::Done { said: text } | Withdrawal::NotDone { why: text } | Withdrawal::Unclear { why: text }) =
            &mut self;
        *text = Cover::of(values).text(text);
        self
    }
}

impl From<NoAnswer> for Withdrawal {
    fn from(none: NoAnswer) -> Withdrawal {
        Withdrawal::Unclear { why: format!("{}; whether the request arrived nobody knows", none.why) }
    }
}

/// Withdraws credentials of some rules.
trait Revocation {
    /// What would be sent, redacted. Opens no connection.
    ///
    /// # Errors
    /// Why nothing would, one phrase.
    fn plan(&self, asked: &Asked, act: Act, operator: Option<&Operator>) -> Result<Vec<Sent>, String>;

    /// What it is used for, a phrase each, by read-only requests.
    fn tell<'a>(&'a self, asked: &'a Asked, net: &'a Net) -> Future<'a, Vec<String>>;

    /// Does it.
    fn carry_out<'a>(&'a self, asked: &'a Asked, act: Act, net: &'a Net) -> Future<'a, Withdrawal>;

    /// Whether deleting is a step of its own.
    fn has_delete(&self) -> bool {
        false
    }

    /// What is sent, for the documentation; empty where a rule's file says it.
    fn words(&self) -> &'static str {
        ""
    }
}

/// What is sent for a rule whose revocation is code, in words.
pub(crate) fn words(rule: &str) -> &'static str {
    of_code(rule).map_or("", Revocation::words)
}

fn of_code(rule: &str) -> Option<&'static dyn Revocation> {
    match rule {
        "aws-access-key" | "aws-secret-access-key" => Some(&aws::Aws),
        "akeyless-access-key" => Some(&akeyless::Akeyless),
        _ => None,
    }
}

fn revocation(asked: &Asked) -> &'static dyn Revocation {
    let is_code = asked.kind.details.revoke.as_ref().is_some_and(|revoke| revoke.how == How::Code);
    of_code(&asked.kind.rule.id).filter(|_| is_code).unwrap_or(&declared::Declared)
}

impl Validator {
    /// What doing this would mean. Opens no connection.
    ///
    /// # Errors
    /// If the credential's rule is not among those of this run.
    pub fn prospect(&mut self, candidate: &Candidate, act: Act) -> Result<Prospect, String> {
        let asked = self.credential(candidate)?;
        let Some(revoke) = &asked.kind.details.revoke else {
            let why_not = "its rule knows no way to revoke it".to_owned();
            let by_hand = asked.kind.rule.rotate.clone();
            return Ok(Prospect { why_not, by_hand, is_for_people: true, ..Prospect::default() });
        };
        let (requests, why_not) = match revocation(&asked).plan(&asked, act, self.options().operator.as_ref()) {
            Ok(sent) => (Some(sent), String::new()),
            Err(why) => (None, why),
        };
        Ok(Prospect {
            requests,
            why_not,
            is_for_people: !revoke.how.is_requests(),
            is_reversible: revoke.reversible && act == Act::Withdraw,
            has_delete: act == Act::Withdraw && (revocation(&asked).has_delete() || revoke.delete.is_some()),
            lag: Duration::from_secs(revoke.lag.into()),
            breaks: revoke.breaks.clone(),
            outlives: revoke.outlives.clone(),
            page: revoke.page.clone(),
            by_hand: revoke.by_hand.clone(),
        })
    }

    /// What the provider tells about the use of a credential, a phrase each; asks by read-only requests.
    ///
    /// # Errors
    /// If the options name what is none, or the system gives no runtime.
    pub fn told_of_use(&mut self, candidate: &Candidate) -> Result<Vec<String>, Error> {
        let Ok(asked) = self.credential(candidate) else { return Ok(Vec::new()) };
        if asked.kind.details.revoke.is_none() {
            return Ok(Vec::new());
        }
        let net = Net::new(self.options())?;
        let limit = net.options().total_timeout;
        let told = run_to_end(async { timeout(limit, revocation(&asked).tell(&asked, &net)).await })?;
        let cover = Cover::of(&asked.values);
        Ok(told.unwrap_or_default().iter().map(|text| cover.text(text)).collect())
    }

    /// Does it: sends the request that changes something. Nobody is asked before, and nothing verified after.
    ///
    /// # Errors
    /// If the options name what is none, or the system gives no runtime.
    pub fn withdraw(&mut self, candidate: &Candidate, act: Act) -> Result<Withdrawal, Error> {
        let asked = match self.credential(candidate) {
            Ok(asked) => asked,
            Err(why) => return Ok(Withdrawal::NotDone { why }),
        };
        let net = Net::new(self.options())?;
        let limit = net.options().total_timeout;
        let late = |_| Withdrawal::Unclear { why: format!("no answer within {} s", limit.as_secs_f32()) };
        let carried_out = async { timeout(limit, revocation(&asked).carry_out(&asked, act, &net)).await };
        Ok(run_to_end(carried_out)?.unwrap_or_else(late).covered(&asked.values))
    }
}
