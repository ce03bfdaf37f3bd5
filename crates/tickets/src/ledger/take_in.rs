//! Taking a report into the ledger: one transaction a report.

use super::audit::{Act, Trail};
use super::change::{Note, Step, reopen_reason};
use super::identity::{self, Hash};
use super::resolve::{self, Resolved};
use super::{Actor, Ledger, inner};
use crate::Result;
use crate::canonical::{hex, sha256, unhex};
use crate::life::State;
use crate::owner::CodeOwners;
use crate::ports::{Reread, Rulebook};
use crate::sighting::{PlaceSeen, Reading};
use model::{Confidence, PlaceKind, Severity, Verdict};
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
        if self.knows(origin)? {
            taken.already = true;
            return Ok(taken);
        }
        let key = self.key.clone();
        let outcome = resolve::resolve(reading, origin, &key, reread, rules)?;
        taken.suppressed = outcome.suppressed;
        taken.left_out = outcome.left_out;
        taken.credentials = outcome.resolved.len();
        taken.unprovable = outcome.resolved.iter().filter(|resolved| !resolved.provable).count();
        let resolved = outcome.resolved;
        self.change(|changes, actor| {
            // Another process may have taken it in while this one read.
            if known(changes, origin)? {
                return Ok(TakenIn {
                    already: true,
                    ..TakenIn { report: taken.report, tool: taken.tool, ..TakenIn::default() }
                });
            }
            Intake::open(changes, actor, origin, &by, taken.credentials)?.run(&resolved, taken)
        })
    }

    fn knows(&self, origin: &Origin) -> Result<bool> {
        known(&self.db, origin)
    }
}

/// Who wrote a report.
struct ReportBy {
    tool: String,
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
struct Intake<'a> {
    db: &'a Connection,
    actor: &'a Actor,
    origin: &'a Origin,
    by: &'a ReportBy,
    trail: Trail<'a>,
    report: i64,
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
            .with("unprovable", taken.unprovable);
        self.trail.write(act).map_err(inner)?;
        self.db
            .execute("UPDATE reports SET places = ?2 WHERE id = ?1", params![self.report, taken.new_places as i64])
            .map_err(inner)?;
        Ok(taken)
    }

    fn source(&mut self, name: &str) -> Result<i64> {
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

    fn open_ticket(&mut self, credential: &Resolved) -> Result<i64> {
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

    fn evidence(&self) -> crate::ports::Evidence {
        crate::ports::Evidence {
            by: format!("{} {}", self.by.tool, self.by.version).trim().to_owned(),
            request: "as its report says".to_owned(),
            ..crate::ports::Evidence::default()
        }
    }

    fn evidence_text(&self) -> String {
        format!("report {} of {} {}", self.origin.name, self.by.tool, self.by.version).trim().to_owned()
    }

    /// CODEOWNERS of what is checked out, then whoever committed it first, then the default.
    fn owner(&self, credential: &Resolved) -> (Option<String>, Option<&'static str>) {
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

    /// Writes the places down; gives when each new one came there.
    fn place_all(&mut self, ticket: i64, credential: &Resolved) -> Result<Vec<Option<i64>>> {
        let mut fresh = Vec::new();
        let mut nth: HashMap<(i64, PlaceKind, &str, &str), u32> = HashMap::new();
        for place in &credential.sighting.places {
            let source = self.source(&self.origin.source_of(place))?;
            let count = nth.entry((source, place.kind, &place.path, &place.commit)).or_insert(0);
            let key = place_key(source, place, *count);
            *count += 1;
            let mut update = self
                .db
                .prepare_cached(
                    "UPDATE places SET line = ?3, col = ?4, offset = coalesce(?5, offset), last_report = ?6,
                        object_id = coalesce(?7, object_id) WHERE ticket = ?1 AND key = ?2",
                )
                .map_err(inner)?;
            let object = unhex(&place.object).filter(|id| !id.is_empty());
            let offset = place.offset.map(|offset| offset as i64);
            let (line, column) = (place.line as i64, place.column as i64);
            let there = update
                .execute(params![ticket, key.as_slice(), line, column, offset, self.report, object])
                .map_err(inner)?;
            if there > 0 {
                continue;
            }
            let mut insert = self
                .db
                .prepare_cached(
                    "INSERT INTO places(ticket, key, source, kind, path, line, col, offset, length, decoded, commit_id,
                        object_id, at, name, link, first_report, last_report)
                     VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?16)",
                )
                .map_err(inner)?;
            let decoded: Vec<&str> = place.decoded.iter().map(|decoder| decoder.name()).collect();
            insert
                .execute(params![
                    ticket,
                    key.as_slice(),
                    source,
                    kind_name(place.kind),
                    place.path,
                    line,
                    column,
                    offset,
                    place.length as i64,
                    (!decoded.is_empty()).then(|| decoded.join(" ")),
                    unhex(&place.commit).filter(|id| !id.is_empty()),
                    object,
                    place.at,
                    place.name,
                    place.link,
                    self.report,
                ])
                .map_err(inner)?;
            self.db
                .prepare_cached("INSERT OR IGNORE INTO appearances(ticket, source) VALUES(?1, ?2)")
                .and_then(|mut insert| insert.execute(params![ticket, source]))
                .map_err(inner)?;
            fresh.push(place.at);
        }
        Ok(fresh)
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
                    credential.provable,
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

    /// Two tickets turned out to be one: the places go to the older.
    fn merge(&mut self, from: i64, into: i64) -> Result<()> {
        let run =
            |sql: &str| self.db.prepare_cached(sql).and_then(|mut statement| statement.execute(params![from, into]));
        let count = "SELECT count(*) FROM places WHERE ticket = ?1";
        let places: i64 = self.db.query_row(count, [from], |row| row.get(0)).map_err(inner)?;
        let moved = run("UPDATE OR IGNORE places SET ticket = ?2 WHERE ticket = ?1").map_err(inner)?;
        for sql in [
            "DELETE FROM places WHERE ticket = ?1 AND ?2 > 0",
            "UPDATE OR IGNORE identities SET ticket = ?2 WHERE ticket = ?1",
            "DELETE FROM identities WHERE ticket = ?1 AND ?2 > 0",
            "UPDATE OR IGNORE appearances SET ticket = ?2 WHERE ticket = ?1",
            "DELETE FROM appearances WHERE ticket = ?1 AND ?2 > 0",
            "UPDATE tickets SET merged_into = ?2, places = 0 WHERE id = ?1",
        ] {
            run(sql).map_err(inner)?;
        }
        self.db
            .execute(
                "UPDATE tickets SET places = places + ?2,
                    at_head = max(at_head, (SELECT at_head FROM tickets WHERE id = ?3)),
                    in_log = max(in_log, (SELECT in_log FROM tickets WHERE id = ?3)),
                    public = max(public, (SELECT public FROM tickets WHERE id = ?3)),
                    provable = max(provable, (SELECT provable FROM tickets WHERE id = ?3)) WHERE id = ?1",
                params![into, moved as i64, from],
            )
            .map_err(inner)?;
        let state: String =
            self.db.query_row("SELECT state FROM tickets WHERE id = ?1", [from], |row| row.get(0)).map_err(inner)?;
        let step = Step { to: State::Merged, at: self.actor.now, until: None };
        let lost = places - moved as i64;
        let note = Note {
            reason: Some(format!("part of the credential of ticket {into}")),
            more: vec![("merged_into", into), ("lost_places", lost)],
            ..Note::default()
        };
        step.take(self.db, &mut self.trail, from, state.parse().unwrap_or(State::Open), &note)
    }
}

/// What makes a place the same in the next report: source, kind, path, commit, and which of several it is there. Not the
/// line: that moves with the text above it.
fn place_key(source: i64, place: &PlaceSeen, nth: u32) -> Hash {
    let mut text = Vec::with_capacity(place.path.len() + place.commit.len() + 40);
    for part in [
        &source.to_le_bytes()[..],
        kind_name(place.kind).as_bytes(),
        place.path.as_bytes(),
        place.commit.as_bytes(),
        &nth.to_le_bytes(),
    ] {
        text.extend((part.len() as u32).to_le_bytes());
        text.extend(part);
    }
    let hash = sha256(&text);
    std::array::from_fn(|at| hash[at])
}

/// The name reports use.
pub(crate) fn kind_name(kind: PlaceKind) -> &'static str {
    match kind {
        PlaceKind::File => "file",
        PlaceKind::Archive => "archive",
        PlaceKind::Stdin => "stdin",
        PlaceKind::Commit => "commit",
        PlaceKind::Message => "message",
        PlaceKind::Name => "name",
        PlaceKind::Metadata => "metadata",
        PlaceKind::Object => "object",
        PlaceKind::Log => "log",
    }
}

/// The kind that a name means.
pub(crate) fn kind_of(name: &str) -> PlaceKind {
    match name {
        "archive" => PlaceKind::Archive,
        "stdin" => PlaceKind::Stdin,
        "commit" => PlaceKind::Commit,
        "message" => PlaceKind::Message,
        "name" => PlaceKind::Name,
        "metadata" => PlaceKind::Metadata,
        "object" => PlaceKind::Object,
        "log" => PlaceKind::Log,
        _ => PlaceKind::File,
    }
}
