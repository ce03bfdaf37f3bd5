//! Revoking credentials with care: whose it is, what will be done, whether it may be, the request, and the proof.

mod args;
mod consent;
mod outcome;
mod plan;
mod proof;

pub use args::RevokeSettings;

use crate::args::CommonArgs;
use crate::print::print;
use crate::tickets_command::{Providers, now};
use crate::verification::Verification;
use crate::{exit, request, tell};
use anyhow::{Result, bail};
use model::{Finding, Verdict};
use outcome::{Job, Outcome};
use rules::Ruleset;
use std::sync::Arc;
use tickets::{Consent, Deed, Ledger, Revoke, Revoked, Verify, Withdrawn};
use validate::Candidate;

/// What the help of `deadkey tickets revoke` gives as examples.
pub const TICKETS_EXAMPLES: &str = "Examples:
  deadkey tickets revoke 12 --dry-run
  deadkey tickets revoke 12
  deadkey tickets revoke 12 14 --max 2 --yes

docs/revoke.md tells what is sent where, and what makes a revoked credential dead.";

/// The code if something works: what was to end and lives is a finding.
const LIVE: u8 = 1;

/// Revokes credentials, and writes down what came of it where there is a ledger.
pub struct Revocation<'a> {
    settings: &'a RevokeSettings,
    providers: Providers,
    ledger: Option<Ledger>,
    json: bool,
}

impl<'a> Revocation<'a> {
    /// With these settings.
    ///
    /// # Errors
    /// If the settings name what is none.
    pub fn of(
        settings: &'a RevokeSettings,
        ruleset: &Arc<Ruleset>,
        ledger: Option<Ledger>,
        json: bool,
    ) -> Result<Revocation<'a>> {
        settings.check()?;
        let verification = Verification::of(&settings.verify, &CommonArgs::usual())?;
        let validator = verification.with_operator(settings.operator()?).into_validator(ruleset)?;
        Ok(Revocation { settings, providers: Providers { validator }, ledger, json })
    }

    /// Does it with these credentials; gives the exit code.
    ///
    /// # Errors
    /// If it may not be done: nothing has been sent then.
    pub fn run(mut self, findings: Vec<Finding>) -> Result<u8> {
        if findings.is_empty() {
            bail!("there is no credential to revoke");
        }
        let findings = self.once_each(findings)?;
        if findings.len() > self.settings.max {
            bail!(
                "there are {0} credentials to revoke; --fingerprint or a ticket names one, --max {0} does them all",
                findings.len()
            );
        }
        let deed = self.settings.deed();
        let mut jobs = self.jobs(findings)?;
        if self.settings.dry_run || self.settings.verify.verify_dry_run {
            jobs.iter().for_each(|job| plan::show(job, deed, &[]));
            tell!("nothing was sent to anybody");
            return Ok(exit::CLEAN);
        }
        request::stop_on_interrupt();
        // Before anybody is asked anything: what may not be done is not begun.
        if let Some(ledger) = &self.ledger {
            for ticket in jobs.iter().filter_map(|job| job.ticket) {
                ledger.may_revoke(ticket, deed, self.settings.now)?;
            }
        }
        self.look(&mut jobs);
        self.show(&jobs);
        self.leave_out(&mut jobs)?;
        let count = jobs.iter().filter(|job| job.outcome.is_none()).count();
        if count > 0 && !request::is_stopped() {
            let many = if count == 1 { "it".to_owned() } else { format!("these {count} credentials") };
            if !self.settings.yes && !consent::given(&format!("{} {many}?", capital(deed.name())))? {
                tell!("deadkey: nothing was done");
                return Ok(LIVE);
            }
            self.carry_out(&mut jobs)?;
            self.prove(&mut jobs)?;
        }
        self.report(&jobs)
    }

    /// The two halves of a pair, each with the other as its part, are one credential: the one that has a ticket stays.
    fn once_each(&self, findings: Vec<Finding>) -> Result<Vec<Finding>> {
        let mut kept: Vec<Finding> = Vec::new();
        for finding in findings {
            let Some(other) = kept.iter_mut().find(|other| are_halves(other, &finding)) else {
                kept.push(finding);
                continue;
            };
            if let Some(ledger) = &self.ledger
                && ledger.ticket_of(other)?.is_none()
                && ledger.ticket_of(&finding)?.is_some()
            {
                *other = finding;
            }
        }
        Ok(kept)
    }

    /// The credentials with their tickets and what can be done about them.
    fn jobs(&mut self, findings: Vec<Finding>) -> Result<Vec<Job>> {
        let act = crate::tickets_command::act(self.settings.deed());
        let mut jobs = Vec::new();
        for finding in findings {
            let (ticket, state) = match &self.ledger {
                Some(ledger) => ledger.ticket_of(&finding)?.unzip(),
                None => (None, None),
            };
            let rows = match ticket.zip(self.ledger.as_ref()) {
                Some((ticket, ledger)) => ledger.places_of(ticket, usize::MAX)?,
                None => Vec::new(),
            };
            let stands = plan::places(&finding, &rows);
            let candidate = Candidate::of(&finding);
            let has_check = self.providers.validator.plan(&candidate).is_ok();
            let prospect = self.providers.validator.prospect(&candidate, act).map_err(anyhow::Error::msg)?;
            jobs.push(Job { finding, ticket, state, stands, prospect, has_check, outcome: None, first_refusal: None });
        }
        Ok(jobs)
    }

    /// Asks whether they work, and whose they are.
    fn look(&mut self, jobs: &mut [Job]) {
        let findings: Vec<Finding> = jobs.iter().map(|job| job.finding.clone()).collect();
        for (job, answer) in jobs.iter_mut().zip(self.providers.verify(&findings)) {
            job.finding.verdict = answer.verdict;
        }
    }

    fn show(&mut self, jobs: &[Job]) {
        let deed = self.settings.deed();
        for job in jobs {
            let candidate = Candidate::of(&job.finding);
            let asks = job.prospect.requests.is_some() && !job.finding.verdict.is_dead() || deed != Deed::Withdraw;
            let used = if asks { self.providers.validator.told_of_use(&candidate) } else { Ok(Vec::new()) };
            plan::show(job, deed, &used.unwrap_or_default());
        }
    }

    /// What is not done: what is dead, what people must do, what nobody knows.
    fn leave_out(&mut self, jobs: &mut [Job]) -> Result<()> {
        for job in jobs {
            let outcome = self.left_out(job);
            if matches!(outcome, Some(Outcome::WasDead(_) | Outcome::Live(_))) {
                self.record(job, self.settings.settle.as_secs())?;
            }
            job.outcome = outcome;
        }
        Ok(())
    }

    /// Why nothing is sent for a credential; `None` where something is.
    fn left_out(&self, job: &Job) -> Option<Outcome> {
        let why = job.finding.verdict.details().join("; ");
        let prospect = &job.prospect;
        match (&job.finding.verdict, self.settings.deed()) {
            (Verdict::Dead { .. }, Deed::Withdraw) => Some(Outcome::WasDead(why)),
            (Verdict::Live(_), Deed::Undo) => Some(Outcome::Undone("it works; there is nothing to undo".into())),
            (_, _) if prospect.is_for_people => {
                let steps = if prospect.by_hand.is_empty() { &prospect.why_not } else { &prospect.by_hand };
                let page = if prospect.page.is_empty() { String::new() } else { format!(" ({})", prospect.page) };
                Some(Outcome::ByHand(format!("{steps}{page}")))
            }
            (Verdict::Live(_), _) if prospect.requests.is_none() => Some(Outcome::Live(prospect.why_not.clone())),
            (_, _) if prospect.requests.is_none() => Some(Outcome::Unknown(prospect.why_not.clone())),
            (Verdict::Live(_), Deed::Delete) => Some(Outcome::Live(
                "it is still on; revoke it first (without --delete), see that nothing breaks, then delete it".into(),
            )),
            (Verdict::Unknown { .. } | Verdict::NotChecked, Deed::Withdraw | Deed::Delete)
                if !self.settings.even_if_unknown =>
            {
                Some(Outcome::Unknown(format!(
                    "{why}; --even-if-unknown {}s it all the same",
                    self.settings.deed().name()
                )))
            }
            _ => None,
        }
    }

    /// Sends the requests.
    fn carry_out(&mut self, jobs: &mut [Job]) -> Result<()> {
        let deed = self.settings.deed();
        for job in jobs.iter_mut().filter(|job| job.outcome.is_none()) {
            if request::is_stopped() {
                job.outcome = Some(Outcome::Unknown("interrupted before anything was sent".to_owned()));
                continue;
            }
            let Withdrawn { outcome, why, .. } = match (job.ticket, &mut self.ledger) {
                (Some(ticket), Some(ledger)) => {
                    ledger.set_now(now());
                    let consent = Consent { now: self.settings.now, reason: self.settings.reason.clone() };
                    ledger.revoke(ticket, &job.finding, deed, &consent, &mut self.providers)?
                }
                _ => self.providers.revoke(&job.finding, deed),
            };
            tell!("{}: {}: {why}", job.name(), said(outcome, deed));
            job.outcome = match outcome {
                // What was switched off before refuses, deleted or not.
                Revoked::Unclear if deed == Deed::Delete => {
                    Some(Outcome::Unknown(format!("whether it is deleted nobody knows: {why}")))
                }
                Revoked::Done | Revoked::Unclear => Some(Outcome::Revoked(why)),
                Revoked::NotDone => Some(self.refused(job, why)),
            };
        }
        Ok(())
    }

    /// What a refusal to do it means: a request that was sent twice is refused the second time, since it is done.
    fn refused(&mut self, job: &mut Job, why: String) -> Outcome {
        let deed = self.settings.deed();
        let answer = self.providers.verify(std::slice::from_ref(&job.finding)).pop().unwrap_or_default();
        let steps = if job.prospect.by_hand.is_empty() {
            String::new()
        } else {
            format!("; by hand: {}", job.prospect.by_hand)
        };
        match (answer.verdict, deed) {
            (Verdict::Dead { .. }, Deed::Withdraw) => Outcome::Revoked(format!("{why}, and it is refused")),
            (Verdict::Live(_), _) => Outcome::Live(format!("the provider did not {} it: {why}{steps}", deed.name())),
            (_, _) => Outcome::Unknown(format!("the provider did not {} it: {why}{steps}", deed.name())),
        }
    }

    /// Writes down the last verdict on a credential, where it has a ticket.
    fn record(&mut self, job: &Job, settle: u64) -> Result<()> {
        let (Some(ticket), Some(ledger)) = (job.ticket, &mut self.ledger) else { return Ok(()) };
        ledger.set_now(now());
        let answer = self.providers.answer(&Candidate::of(&job.finding), job.finding.verdict.clone());
        ledger.answered(ticket, &answer, i64::try_from(settle).unwrap_or(i64::MAX))?;
        Ok(())
    }

    /// Prints what came of it, and gives the exit code.
    fn report(&self, jobs: &[Job]) -> Result<u8> {
        let outcomes = || jobs.iter().filter_map(|job| job.outcome.as_ref());
        let code = match () {
            () if request::is_stopped() => exit::INTERRUPTED,
            () if outcomes().any(Outcome::is_live) => LIVE,
            () if outcomes().any(Outcome::is_open) => exit::GAPS,
            () => exit::CLEAN,
        };
        let deed = self.settings.deed();
        print(code, |out| {
            jobs.iter().try_for_each(|job| {
                if self.json { writeln!(out, "{}", job.object(deed)) } else { writeln!(out, "{}", job.line()) }
            })
        })
    }
}

fn are_halves(one: &Finding, other: &Finding) -> bool {
    let has = |whole: &Finding, half: &Finding| whole.parts.iter().any(|part| part.value == half.secret);
    one.rule.provider == other.rule.provider && has(one, other) && has(other, one)
}

const fn said(outcome: Revoked, deed: Deed) -> &'static str {
    match (outcome, deed) {
        (Revoked::Done, Deed::Withdraw) => "the provider says that it is revoked",
        (Revoked::Done, Deed::Delete) => "the provider says that it is deleted",
        (Revoked::Done, Deed::Undo) => "the provider says that it is on again",
        (Revoked::NotDone, _) => "the provider did not do it",
        (Revoked::Unclear, _) => "the provider's answer decides nothing",
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
