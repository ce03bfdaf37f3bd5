//! Taking a report into the ledger: one transaction a report.

use super::audit::{Act, Trail};
use super::change::{Note, Step, reopen_reason};
use super::identity;
use super::resolve::{self, Resolved};
use super::sealed::{self, SealTo};
use super::{Actor, Ledger, inner};
use crate::Result;
use crate::canonical::hex;
use crate::life::State;
use crate::owner::CodeOwners;
use crate::ports::{Reread, Rulebook};
use crate::sighting::{PlaceSeen, Reading};
use model::{PlaceKind, Verdict};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use std::collections::HashMap;

/// Where a report comes from, and what surrounds it.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The report's file name, for the audit trail.
    pub name: String,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// The name of the repository or log store that it is about; see [`crate::source_name`].
    pub source: String,
    /// Whether the user named the source, so that what the report says of it does not count.
    pub is_named: bool,
    /// The folder in which its places can be read again.
    pub root: Option<String>,
    /// Whether anybody can read the source.
    pub public: bool,
    /// Who owns the paths.
    pub owners: CodeOwners,
    /// Who owns what nobody owns.
    pub default_owner: Option<String>,
    /// Whom values are sealed to that no commit holds; none are sealed without it.
    pub seal: Option<SealTo>,
}

/// What taking in a report came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TakenIn {
    /// The report's file name.
    pub report: String,
    /// Who wrote it.
    pub tool: String,
    /// Whether this very report had been taken in before; nothing was done then.
    pub already: bool,
    /// Credentials in it.
    pub credentials: usize,
    /// Tickets opened for them.
    pub opened: usize,
    /// Tickets opened again.
    pub reopened: usize,
    /// Tickets that turned out to be parts of others.
    pub merged: usize,
    /// Places that the ledger did not know.
    pub new_places: usize,
    /// Credentials that a suppression speaks for, and that were left out.
    pub suppressed: usize,
    /// Credentials whose end nobody will be able to prove: the value cannot be read again.
    pub unprovable: usize,
    /// Credentials that only logs hold, which may go.
    pub fleeting: usize,
    /// Values that were sealed.
    pub sealed: usize,
    /// What could not be taken in, a sentence each.
    pub left_out: Vec<String>,
}

impl Ledger {
    /// Takes a report in. All of it, or, if anything fails, nothing.
    ///
    /// # Errors
    /// If the ledger is under another key or cannot be written, or the report is under another key and none of its places
    /// can be read again.
    pub fn take_in(
        &mut self,
        reading: Reading,
        origin: &Origin,
        reread: &mut dyn Reread,
        rules: &dyn Rulebook,
    ) -> Result<TakenIn> {
        self.check_key()?;
        let mut taken = TakenIn { report: origin.name.clone(), tool: reading.tool.clone(), ..TakenIn::default() };
        let by =
            ReportBy { tool: reading.tool.clone(), version: reading.version.clone(), ruleset: reading.ruleset.clone() };
        // A report that was taken in before is read again only to seal what it holds.
        taken.already = self.knows(origin)?;
        if taken.already && origin.seal.is_none() {
            return Ok(taken);
        }
        let key = self.key.clone();
        let outcome = resolve::resolve(reading, origin, &key, reread, rules)?;
        taken.suppressed = outcome.suppressed;
        taken.left_out = outcome.left_out;
        taken.credentials = outcome.resolved.len();
        let is_lost = |resolved: &&Resolved| !resolved.provable && resolved.sealable.is_none();
        taken.unprovable = outcome.resolved.iter().filter(is_lost).count();
        let is_fleeting = |resolved: &&Resolved| resolved.fleeting && resolved.sealable.is_none();
        taken.fleeting = outcome.resolved.iter().filter(is_fleeting).count();
        let resolved = outcome.resolved;
        self.change(|changes, actor| {
            // Another process may have taken it in while this one read.
            if known(changes, origin)? {
                let (report, tool) = (taken.report, taken.tool);
                let sealed = sealed::seal_known(changes, actor, origin, &resolved)?;
                return Ok(TakenIn { already: true, sealed, report, tool, ..TakenIn::default() });
            }
            Intake::open(changes, actor, origin, &by, taken.credentials)?.run(&resolved, taken)
        })
    }

    fn knows(&self, origin: &Origin) -> Result<bool> {
        known(&self.db, origin)
    }
}

/// Who wrote a report.
pub(super) struct ReportBy {
    pub(super) tool: String,
    version: String,
    ruleset: String,
}

fn known(db: &Connection, origin: &Origin) -> Result<bool> {
    db.query_row(
        "SELECT 1 FROM reports JOIN sources ON sources.id = source WHERE digest = ?1 AND sources.name = ?2",
        params![origin.digest.as_slice(), origin.source],
        |_| Ok(()),
    )
    .optional()
    .map(|row| row.is_some())
    .map_err(inner)
}

/// A report on its way into the tables.
pub(super) struct Intake<'a> {
    pub(super) db: &'a Connection,
    pub(super) actor: &'a Actor,
    pub(super) origin: &'a Origin,
    pub(super) by: &'a ReportBy,
    pub(super) trail: Trail<'a>,
    pub(super) report: i64,
    sources: HashMap<String, i64>,
}

impl<'a> Intake<'a> {
    fn open(
        db: &'a Connection,
        actor: &'a Actor,
        origin: &'a Origin,
        by: &'a ReportBy,
        credentials: usize,
    ) -> Result<Intake<'a>> {
        let mut intake = Intake {
            db,
            actor,
            origin,
            by,
            trail: Trail::open(db, actor).map_err(inner)?,
            report: 0,
            sources: HashMap::new(),
        };
        let source = intake.source(&origin.source)?;
        db.execute(
            "INSERT INTO reports(digest, source, name, tool, version, ruleset, taken_in, credentials, places)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0)",
            params![
                origin.digest.as_slice(),
                source,
                origin.name,
                by.tool,
                by.version,
                by.ruleset,
                actor.now,
                credentials as i64
            ],
        )
        .map_err(inner)?;
        intake.report = db.last_insert_rowid();
        Ok(intake)
    }

    fn run(mut self, resolved: &[Resolved], mut taken: TakenIn) -> Result<TakenIn> {
        for credential in resolved {
            self.take(credential, &mut taken)?;
        }
        let act = Act::new("ingested", None)
            .with("report", self.origin.name.as_str())
            .with("digest", hex(&self.origin.digest))
            .with("source", self.origin.source.as_str())
            .with("by", format!("{} {}", self.by.tool, self.by.version).trim())
            .with("report_ruleset", self.by.ruleset.as_str())
            .with("credentials", taken.credentials)
            .with("opened", taken.opened)
            .with("reopened", taken.reopened)
            .with("new_places", taken.new_places)
            .with("suppressed", taken.suppressed)
            .with("left_out", taken.left_out.len())
            .with("unprovable", taken.unprovable)
            .with("sealed", taken.sealed);
        self.trail.write(act).map_err(inner)?;
        self.db
            .execute("UPDATE reports SET places = ?2 WHERE id = ?1", params![self.report, taken.new_places as i64])
            .map_err(inner)?;
        Ok(taken)
    }

    pub(super) fn source(&mut self, name: &str) -> Result<i64> {
        if let Some(id) = self.sources.get(name) {
            return Ok(*id);
        }
        let is_own = name == self.origin.source;
        let root = self.origin.root.as_ref().filter(|_| is_own);
        self.db
            .execute(
                "INSERT INTO sources(name, root, public) VALUES(?1, ?2, ?3)
                 ON CONFLICT(name) DO UPDATE SET root = coalesce(excluded.root, root), public = max(public, excluded.public)",
                params![name, root, is_own && self.origin.public],
            )
            .map_err(inner)?;
        let id =
            self.db.query_row("SELECT id FROM sources WHERE name = ?1", [name], |row| row.get(0)).map_err(inner)?;
        self.sources.insert(name.to_owned(), id);
        Ok(id)
    }

    fn take(&mut self, credential: &Resolved, taken: &mut TakenIn) -> Result<()> {
        let tickets = identity::tickets_of(self.db, &credential.hash, &credential.parts)?;
        let ticket = match tickets.split_first() {
            None => {
                taken.opened += 1;
                self.open_ticket(credential)?
            }
            Some((oldest, others)) => {
                for other in others {
                    self.merge(*other, *oldest)?;
                    taken.merged += 1;
                }
                *oldest
            }
        };
        let is_new = tickets.is_empty();
        if sealed::seal_value(self.db, self.actor, &mut self.trail, self.origin, ticket, credential)? {
            taken.sealed += 1;
        }
        identity::remember(self.db, ticket, &credential.hash, &credential.parts)?;
        let fresh = self.place_all(ticket, credential)?;
        taken.new_places += fresh.len();
        self.update(ticket, credential, fresh.len())?;
        if !is_new {
            self.adopt(ticket, credential)?;
        }
        if !is_new && self.judge(ticket, credential, &fresh)? {
            taken.reopened += 1;
        }
        Ok(())
    }

    pub(super) fn evidence(&self) -> crate::ports::Evidence {
        crate::ports::Evidence {
            by: format!("{} {}", self.by.tool, self.by.version).trim().to_owned(),
            request: "as its report says".to_owned(),
            ..crate::ports::Evidence::default()
        }
    }

    pub(super) fn evidence_text(&self) -> String {
        format!("report {} of {} {}", self.origin.name, self.by.tool, self.by.version).trim().to_owned()
    }

    /// CODEOWNERS of what is checked out, then whoever committed it first, then the default.
    pub(super) fn owner(&self, credential: &Resolved) -> (Option<String>, Option<&'static str>) {
        let is_path =
            |place: &&PlaceSeen| matches!(place.kind, PlaceKind::File | PlaceKind::Commit | PlaceKind::Archive);
        let mut paths: Vec<&PlaceSeen> = credential.sighting.places.iter().filter(is_path).collect();
        paths.sort_by_key(|place| place.kind != PlaceKind::File);
        for place in paths {
            let owners = self.origin.owners.of(&place.path);
            if !owners.is_empty() {
                return (Some(owners.join(" ")), Some("CODEOWNERS"));
            }
        }
        match (&credential.sighting.introducer, &self.origin.default_owner) {
            (Some(introducer), _) => (Some(introducer.clone()), Some("introducer")),
            (None, Some(default)) => (Some(default.clone()), Some("default")),
            (None, None) => (None, None),
        }
    }

    /// A ticket that nobody owns gets the owner that a later report tells of.
    fn adopt(&mut self, ticket: i64, credential: &Resolved) -> Result<()> {
        let (Some(owner), Some(by)) = self.owner(credential) else { return Ok(()) };
        let given = self
            .db
            .prepare_cached(
                "UPDATE tickets SET owner = ?2, owner_by = ?3 WHERE id = ?1 AND owner IS NULL AND owner_by IS NULL",
            )
            .and_then(|mut update| update.execute(params![ticket, owner, by]))
            .map_err(inner)?;
        if given == 0 {
            return Ok(());
        }
        let act = Act::new("assigned", ticket).with("owner", owner).with("owner_by", by);
        self.trail.write(act).map_err(inner)
    }

    /// What the report says of the credential as a whole.
    fn update(&mut self, ticket: i64, credential: &Resolved, fresh: usize) -> Result<()> {
        let sighting = &credential.sighting;
        let has = |kind: PlaceKind| sighting.places.iter().any(|place| place.kind == kind);
        let at_head = sighting.at_head.unwrap_or(false)
            || has(PlaceKind::File)
            || has(PlaceKind::Archive) && sighting.at_head.is_none();
        // A log says nothing of what is checked out.
        let says_head = sighting.at_head.is_some() || has(PlaceKind::File) || has(PlaceKind::Archive);
        let earliest = sighting.places.iter().filter_map(|place| place.at).chain(sighting.exposed_from).min();
        self.db
            .prepare_cached(
                "UPDATE tickets SET last_seen = max(last_seen, ?2), places = places + ?3,
                    at_head = CASE WHEN ?4 THEN ?5 ELSE at_head END, in_log = max(in_log, ?6), public = max(public, ?7),
                    provable = max(provable, ?8), exposed_from = min(coalesce(exposed_from, ?9), coalesce(?9, exposed_from)),
                    expires = coalesce(?10, expires), introducer = coalesce(introducer, ?11),
                    tools = CASE WHEN instr(' ' || tools || ' ', ' ' || ?12 || ' ') > 0 THEN tools ELSE tools || ' ' || ?12 END
                 WHERE id = ?1",
            )
            .and_then(|mut update| {
                update.execute(params![
                    ticket,
                    self.actor.now,
                    fresh as i64,
                    says_head,
                    at_head,
                    has(PlaceKind::Log),
                    self.origin.public,
                    credential.provable || credential.sealable.is_some(),
                    earliest,
                    sighting.expires,
                    sighting.introducer,
                    self.by.tool,
                ])
            })
            .map_err(inner)?;
        Ok(())
    }

    /// What verdict and places mean for a ticket that was there before; whether it was opened again.
    fn judge(&mut self, ticket: i64, credential: &Resolved, fresh: &[Option<i64>]) -> Result<bool> {
        let (state, verdict, ended): (String, String, i64) = self
            .db
            .query_row("SELECT state, verdict, state_at FROM tickets WHERE id = ?1", [ticket], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .map_err(inner)?;
        let mut state: State = state.parse().unwrap_or(State::Open);
        let told = &credential.sighting.verdict;
        let is_news = *told != Verdict::NotChecked && told.name() != verdict;
        if is_news {
            let evidence = self.evidence();
            super::check::note_verdict(self.db, &mut self.trail, ticket, self.actor.now, told, &evidence)?;
        }
        let is_proven = is_news && told.is_dead() && self.by.tool == "deadkey" && state.can_become(State::Dead);
        if is_proven {
            let step = Step { to: State::Dead, at: self.actor.now, until: None };
            let note = Note { evidence: Some(self.evidence_text()), ..Note::default() };
            step.take(self.db, &mut self.trail, ticket, state, &note)?;
            state = State::Dead;
        }
        // What had come there before the end tells nothing new.
        let new_place = !is_proven && fresh.iter().any(|at| at.is_none_or(|at| at > ended));
        let Some(reason) = reopen_reason(state, told.is_live(), is_news, new_place) else {
            return Ok(false);
        };
        let step = Step { to: State::Open, at: self.actor.now, until: None };
        let note = Note { reason: Some(reason.to_owned()), evidence: Some(self.evidence_text()), ..Note::default() };
        step.take(self.db, &mut self.trail, ticket, state, &note)?;
        Ok(true)
    }
}
