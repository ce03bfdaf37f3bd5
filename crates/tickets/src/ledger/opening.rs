//! A ticket for a credential that the ledger does not know.

use super::audit::Act;
use super::change::{Note, Step};
use super::inner;
use super::resolve::Resolved;
use super::take_in::Intake;
use crate::Result;
use crate::canonical::hex;
use crate::life::State;
use model::{Confidence, Severity, Verdict};
use rusqlite::params;

impl Intake<'_> {
    pub(super) fn open_ticket(&mut self, credential: &Resolved) -> Result<i64> {
        let (sighting, facts) = (&credential.sighting, credential.facts.as_ref());
        let severity = facts.and_then(|facts| facts.severity).or(sighting.severity).unwrap_or(Severity::High);
        let pick = |ours: Option<&String>, theirs: &str| match ours {
            Some(ours) if !ours.is_empty() => ours.clone(),
            _ => theirs.to_owned(),
        };
        let rule = pick(facts.map(|f| &f.id), &sighting.rule);
        let provider = pick(facts.map(|f| &f.provider), &sighting.provider);
        let (owner, owner_by) = self.owner(credential);
        let verdict = sighting.verdict.name();
        let tags = facts.map_or(&sighting.tags, |facts| &facts.tags);
        let now = self.actor.now;
        let name = sighting.places.iter().find_map(|place| place.name.as_deref());
        self.db
            .prepare_cached(
                "INSERT INTO tickets(fingerprint, rule, title, provider, rule_severity, confidence, hint, name, rotate,
                    revoke, verify, tags, tools, expires, exposed_from, introducer, at_head, in_log, public, provable,
                    places, first_seen, last_seen, verdict, verdict_at, verdict_by, state, state_at, clock, owner,
                    owner_by)
                 VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 0, 0, 0, 0, 0, ?17, ?17,
                    ?18, ?19, ?20, 'open', ?17, ?17, ?21, ?22)",
            )
            .map_err(inner)?
            .execute(params![
                credential.hash.as_slice(),
                rule,
                pick(facts.map(|f| &f.name), &sighting.title),
                if provider.is_empty() { "unknown" } else { &provider },
                severity as i64,
                sighting.confidence.unwrap_or(Confidence::Medium) as i64,
                sighting.hint,
                name,
                pick(facts.map(|f| &f.rotate), &sighting.rotate),
                facts.map(|f| f.revoke.as_str()).unwrap_or_default(),
                facts.map(|f| f.verify.as_str()).unwrap_or_default(),
                tags.join(" "),
                self.by.tool,
                sighting.expires,
                sighting.exposed_from,
                sighting.introducer,
                now,
                verdict,
                (sighting.verdict != Verdict::NotChecked).then_some(now),
                (sighting.verdict != Verdict::NotChecked).then_some(&self.by.tool),
                owner,
                owner_by,
            ])
            .map_err(inner)?;
        let ticket = self.db.last_insert_rowid();
        self.opened(ticket, credential, &rule, owner, owner_by)?;
        Ok(ticket)
    }

    /// Writes down that a ticket was opened, and what a check said of it by then.
    fn opened(
        &mut self,
        ticket: i64,
        credential: &Resolved,
        rule: &str,
        owner: Option<String>,
        owner_by: Option<&str>,
    ) -> Result<()> {
        let (verdict, now) = (&credential.sighting.verdict, self.actor.now);
        let act = Act::new("opened", ticket)
            .with("to", State::Open.name())
            .with("fingerprint", hex(&credential.hash))
            .with("rule", rule)
            .with("verdict", verdict.name())
            .with("by", self.by.tool.as_str())
            .with_some("owner", owner)
            .with_some("owner_by", owner_by);
        self.trail.write(act).map_err(inner)?;
        if *verdict != Verdict::NotChecked {
            super::check::remember_verdict(self.db, ticket, now, verdict, &self.evidence())?;
        }
        if verdict.is_dead() && self.by.tool == "deadkey" {
            let step = Step { to: State::Dead, at: now, until: None };
            let note = Note { evidence: Some(self.evidence_text()), ..Note::default() };
            step.take(self.db, &mut self.trail, ticket, State::Open, &note)?;
        }
        Ok(())
    }
}
