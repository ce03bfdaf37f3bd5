//! The proof: refusals past the provider's lag, twice, as far apart as was asked for.

use super::Revocation;
use super::outcome::{Job, Outcome};
use crate::{request, tell};
use anyhow::Result;
use model::{Finding, Verdict};
use std::time::{Duration, Instant};
use tickets::{Deed, Verify};

/// The first pause between two questions; the next ones are twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause between two questions.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How often an interrupt is looked for.
const TICK: Duration = Duration::from_millis(100);

impl Revocation<'_> {
    /// Asks about what has been withdrawn until its provider refuses it past its lag, and once more after the settling time.
    /// The verdict cache is off, and each question has a control of its own.
    pub(super) fn prove(&mut self, jobs: &mut [Job]) -> Result<()> {
        let begun = Instant::now();
        let mut waiting = Vec::new();
        for (at, job) in jobs.iter_mut().enumerate() {
            let Some(Outcome::Revoked(why)) = &job.outcome else { continue };
            if !job.has_check {
                job.outcome = Some(Outcome::Revoked(format!("{why}; no check is known that could prove it")));
            } else if self.settings.no_wait {
                let later = job.ticket.map_or("`deadkey verify` asks later".to_owned(), |ticket| {
                    format!("`deadkey tickets verify {ticket}` asks later, twice")
                });
                job.outcome = Some(Outcome::Revoked(format!("{why}; {later}")));
            } else {
                waiting.push(at);
            }
        }
        let deed = self.settings.deed();
        let refused = self.until_believed(jobs, waiting, begun)?;
        if deed != Deed::Withdraw || refused.is_empty() {
            return Ok(());
        }
        let settle = self.settings.settle;
        if !settle.is_zero() {
            tell!("refused; asked once more in {} s, which proves it (Ctrl-C leaves it `revoked`)", settle.as_secs());
        }
        if sleep(settle) {
            self.until_believed(jobs, refused, begun)?;
        }
        Ok(())
    }

    /// Asks about these jobs until each is decided; gives those that were refused for the first time.
    fn until_believed(&mut self, jobs: &mut [Job], mut waiting: Vec<usize>, begun: Instant) -> Result<Vec<usize>> {
        let (mut refused, mut pause) = (Vec::new(), FIRST_PAUSE);
        let asked_since = Instant::now();
        while !waiting.is_empty() && !request::is_stopped() {
            let findings: Vec<Finding> = waiting.iter().map(|at| jobs[*at].finding.clone()).collect();
            let answers = self.providers.verify(&findings);
            let mut later = Vec::new();
            for (at, answer) in waiting.into_iter().zip(answers) {
                let lag = self.settings.lag.unwrap_or(jobs[at].prospect.lag);
                let limit = lag + self.settings.patience;
                let is_late = begun.elapsed() >= limit && asked_since.elapsed() >= self.settings.patience;
                if self.weigh(&mut jobs[at], answer.verdict, begun.elapsed() >= lag, is_late)? {
                    refused.extend(matches!(&jobs[at].outcome, Some(Outcome::Revoked(_))).then_some(at));
                } else {
                    later.push(at);
                }
            }
            waiting = later;
            if waiting.is_empty() || !sleep(pause) {
                break;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Ok(refused)
    }

    /// What an answer decides about a credential that was withdrawn; false where nothing yet. `is_believed`: the provider's
    /// lag is over. `is_late`: there is no more patience.
    fn weigh(&mut self, job: &mut Job, verdict: Verdict, is_believed: bool, is_late: bool) -> Result<bool> {
        let deed = self.settings.deed();
        let before = std::mem::replace(&mut job.finding.verdict, verdict);
        let why = job.finding.verdict.details().join("; ");
        let settle = self.settings.settle.as_secs();
        let outcome = match (&job.finding.verdict, deed) {
            (Verdict::Live(_), Deed::Undo) => Outcome::Undone(why),
            (Verdict::Dead { .. }, Deed::Undo) if is_late => Outcome::Revoked(format!("it is still refused: {why}")),
            (Verdict::Dead { .. }, Deed::Delete) if is_believed => Outcome::Dead(format!("deleted; {why}")),
            (Verdict::Dead { .. }, Deed::Withdraw) if is_believed => match job.first_refusal.take() {
                None => {
                    job.first_refusal = Some(why.clone());
                    Outcome::Revoked(format!("refused once: {why}"))
                }
                Some(_) => {
                    Outcome::Dead(format!("refused twice, {settle} s apart, and a made-up one was refused: {why}"))
                }
            },
            (Verdict::Live(_), _) if is_late => Outcome::Live(format!("it goes on to work: {why}")),
            (Verdict::Unknown { .. } | Verdict::NotChecked, _) if is_late => {
                Outcome::Revoked(format!("whether it is dead nobody could be asked: {why}"))
            }
            _ => {
                // A refusal before it was seen alive proves nothing any more.
                if job.finding.verdict.is_live() {
                    job.first_refusal = None;
                }
                // What was live counts as such at a host of one's own, until the end.
                if before.is_live() {
                    job.finding.verdict = before;
                }
                return Ok(false);
            }
        };
        self.record(job, settle)?;
        if !job.finding.verdict.is_live() && before.is_live() {
            job.finding.verdict = before;
        }
        job.outcome = Some(outcome);
        Ok(true)
    }
}

/// Waits so long; false where it was interrupted.
fn sleep(time: Duration) -> bool {
    let end = Instant::now() + time;
    while !request::is_stopped() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        std::thread::sleep(left.min(TICK));
    }
    false
}
