//! Reading the ledger: tickets, their places, their verdicts.

use super::Ledger;
use crate::canonical::hex;
use crate::life::State;
use crate::urgency::Danger;
use crate::{Result, moment};
use model::{Confidence, Severity};
use rusqlite::{Row, params};
use serde::{Serialize, Serializer};
use std::cmp::Reverse;

/// A ticket, as it is at the time of asking.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ticket {
    /// Its number.
    pub id: i64,
    /// The credential's fingerprint.
    pub fingerprint: String,
    /// What it is.
    pub state: State,
    /// Since when.
    #[serde(serialize_with = "moment")]
    pub state_at: i64,
    /// How bad it is, now.
    pub severity: Severity,
    /// Why that differs from what the rule says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub severity_why: Vec<&'static str>,
    /// The rule's id.
    pub rule: String,
    /// What kind of credential it is.
    pub title: String,
    /// Who issues it.
    pub provider: String,
    /// What the rule says an abuser could do.
    pub rule_severity: Severity,
    /// How sure the scanner was.
    pub confidence: Confidence,
    /// Its masked form.
    pub hint: String,
    /// The name that it goes by where it was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What its provider said last.
    pub verdict: String,
    /// Why that decides nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict_why: Option<String>,
    /// When that was.
    #[serde(serialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub verdict_at: Option<i64>,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict_by: Option<String>,
    /// Who is to rotate it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// How that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_by: Option<String>,
    /// Until when it is to be done; none where nothing is.
    #[serde(serialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub due: Option<i64>,
    /// Whether that has passed.
    pub overdue: bool,
    /// When it was opened, the last time.
    #[serde(serialize_with = "moment")]
    pub opened: i64,
    /// How often it was opened again.
    pub reopened: i64,
    /// When somebody took it on.
    #[serde(serialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<i64>,
    /// When its owner said that it was rotated.
    #[serde(serialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub rotated_at: Option<i64>,
    /// When it was withdrawn.
    #[serde(serialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<i64>,
    /// When it ended, whatever the end.
    #[serde(serialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
    /// Until when the risk is accepted.
    #[serde(serialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub accepted_until: Option<i64>,
    /// When it ends by itself.
    #[serde(serialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    /// When it was first exposed, as far as histories and logs tell.
    #[serde(serialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub exposed_from: Option<i64>,
    /// When a report named it first.
    #[serde(serialize_with = "moment")]
    pub first_seen: i64,
    /// When a report named it last.
    #[serde(serialize_with = "moment")]
    pub last_seen: i64,
    /// Who committed it first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introducer: Option<String>,
    /// In how many places it was seen.
    pub places: i64,
    /// Whether what is checked out holds it.
    pub at_head: bool,
    /// Whether a log holds it.
    pub in_log: bool,
    /// Whether anybody can read one of its sources.
    pub public: bool,
    /// Whether its value can be read again, to be checked.
    pub provable: bool,
    /// What a vault has of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
    /// The tools that reported it.
    pub tools: String,
    /// Framework tags.
    pub tags: String,
    /// Where and how to rotate.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rotate: String,
    /// How to revoke.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub revoke: String,
    /// How it is checked.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub verify: String,
    /// The ticket that this one went into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<i64>,
    /// The ticket in another tracker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracker: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn moment<S: Serializer>(seconds: &i64, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&moment::text(*seconds))
}

fn optional<S: Serializer>(seconds: &Option<i64>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(&seconds.map_or_else(String::new, moment::text))
}

/// Which tickets, and in which order. What is not asked for lets everything through.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these numbers.
    pub ids: Vec<i64>,
    /// Only these states; none: those that are open.
    pub states: Vec<State>,
    /// Every state.
    pub all: bool,
    /// At least this severity.
    pub severity: Option<Severity>,
    /// This provider, without case.
    pub provider: Option<String>,
    /// This rule.
    pub rule: Option<String>,
    /// In a source whose name holds this.
    pub repository: Option<String>,
    /// Whose owner's name holds this; empty: without an owner.
    pub owner: Option<String>,
    /// This verdict.
    pub verdict: Option<String>,
    /// Only what is past its day.
    pub overdue: bool,
    /// The order.
    pub sort: Sort,
    /// So many at most.
    pub limit: Option<usize>,
    /// Without the long texts (rule, steps, tags), which a table does not show.
    pub brief: bool,
}

/// Orders of tickets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The worst first, of equals the one that is due first.
    #[default]
    Severity,
    /// What is due first.
    Due,
    /// What was opened first.
    Age,
    /// By owner.
    Owner,
    /// By number.
    Id,
}

impl Sort {
    /// All, with the names users write.
    pub const ALL: [(&'static str, Sort); 5] = [
        ("severity", Sort::Severity),
        ("due", Sort::Due),
        ("age", Sort::Age),
        ("owner", Sort::Owner),
        ("id", Sort::Id),
    ];
}

/// A place of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceRow {
    /// The repository or log store.
    pub source: String,
    /// What it lies in.
    pub kind: String,
    /// The path.
    pub path: String,
    /// The line; 0 if it is not known.
    pub line: i64,
    /// The column; 0 if it is not known.
    pub column: i64,
    /// The commit that brought it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub commit: String,
    /// The object in which it stands.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub object: String,
    /// When it came there.
    #[serde(serialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// A link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// A verdict of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerdictRow {
    /// When.
    #[serde(serialize_with = "moment")]
    pub at: i64,
    /// What.
    pub verdict: String,
    /// Why that decides nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// How it came about.
    pub evidence: serde_json::Value,
}

const COLUMNS: &str = "id, fingerprint, state, state_at, rule, title, provider, rule_severity, confidence, hint, name,
    verdict, verdict_why, verdict_at, verdict_by, owner, owner_by, due, clock, reopened, acknowledged_at, rotated_at,
    revoked_at, ended_at, accepted_until, expires, exposed_from, first_seen, last_seen, introducer, places, at_head,
    in_log, public, provable, vault, tools, tags, rotate, revoke, verify, merged_into, tracker";

impl Ledger {
    /// The tickets that a filter lets through, in its order.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn tickets(&self, filter: &Filter) -> Result<Vec<Ticket>> {
        let mut clauses = vec!["1 = 1".to_owned()];
        let mut values: Vec<String> = Vec::new();
        if !filter.ids.is_empty() {
            let ids: Vec<String> = filter.ids.iter().map(i64::to_string).collect();
            clauses.push(format!("id IN ({})", ids.join(", ")));
        } else if !filter.all {
            let is_asked = |state: &State| match filter.states.as_slice() {
                [] => state.is_open(),
                states => states.contains(state),
            };
            let names: Vec<_> = State::ALL.iter().filter(|s| is_asked(s)).map(|s| format!("'{s}'")).collect();
            clauses.push(format!("state IN ({})", names.join(", ")));
        }
        let mut like = |clause: &str, value: &Option<String>| {
            if let Some(value) = value {
                values.push(value.clone());
                clauses.push(clause.replace('?', &format!("?{}", values.len())));
            }
        };
        like("provider = ? COLLATE NOCASE", &filter.provider);
        like("rule = ?", &filter.rule);
        like("verdict = ?", &filter.verdict);
        like(
            "id IN (SELECT ticket FROM appearances JOIN sources ON sources.id = source WHERE instr(sources.name, ?) > 0)",
            &filter.repository,
        );
        like("(CASE WHEN ? = '' THEN owner IS NULL ELSE instr(lower(owner), lower(?)) > 0 END)", &filter.owner);
        let order = if filter.limit.is_some() || filter.sort == Sort::Id { " ORDER BY id" } else { "" };
        let long = "tags, rotate, revoke, verify";
        let columns = if filter.brief { COLUMNS.replace(long, "'', '', '', ''") } else { COLUMNS.to_owned() };
        let sql = format!("SELECT {columns} FROM tickets WHERE {}{order}", clauses.join(" AND "));
        let mut query = self.sql(self.db.prepare(&sql))?;
        let rows = self.sql(query.query_map(rusqlite::params_from_iter(&values), |row| self.ticket(row)))?;
        let mut tickets = Vec::new();
        for ticket in rows {
            let ticket = self.sql(ticket)?;
            let fits =
                filter.severity.is_none_or(|least| ticket.severity >= least) && (!filter.overdue || ticket.overdue);
            if fits {
                tickets.push(ticket);
            }
        }
        sort(&mut tickets, filter.sort);
        tickets.truncate(filter.limit.unwrap_or(usize::MAX));
        Ok(tickets)
    }

    fn ticket(&self, row: &Row<'_>) -> rusqlite::Result<Ticket> {
        let fingerprint = hex(row.get_ref(1)?.as_blob()?);
        let state: State = row.get_ref(2)?.as_str()?.parse().unwrap_or(State::Open);
        let (danger, confidence) = self.danger(row)?;
        let (severity, severity_why) = danger.severity();
        let clock: i64 = row.get(18)?;
        let by_table = clock.saturating_add(self.sla.seconds(severity, danger.live));
        let due = state.is_open().then_some(row.get::<_, Option<i64>>(17)?.unwrap_or(by_table));
        Ok(Ticket {
            id: row.get(0)?,
            fingerprint: ["dk1:", self.key_id(), ":", &fingerprint].concat(),
            state,
            state_at: row.get(3)?,
            severity,
            severity_why,
            rule: row.get(4)?,
            title: row.get(5)?,
            provider: row.get(6)?,
            rule_severity: danger.rule,
            confidence,
            hint: row.get(9)?,
            name: row.get(10)?,
            verdict: row.get(11)?,
            verdict_why: row.get(12)?,
            verdict_at: row.get(13)?,
            verdict_by: row.get(14)?,
            owner: row.get(15)?,
            owner_by: row.get(16)?,
            due,
            overdue: due.is_some_and(|due| due < self.actor.now),
            opened: clock,
            reopened: row.get(19)?,
            acknowledged_at: row.get(20)?,
            rotated_at: row.get(21)?,
            revoked_at: row.get(22)?,
            ended_at: row.get(23)?,
            accepted_until: row.get(24)?,
            expires: row.get(25)?,
            exposed_from: row.get(26)?,
            first_seen: row.get(27)?,
            last_seen: row.get(28)?,
            introducer: row.get(29)?,
            places: row.get(30)?,
            at_head: danger.at_head,
            in_log: danger.in_log,
            public: danger.public,
            provable: row.get(34)?,
            vault: row.get(35)?,
            tools: row.get(36)?,
            tags: row.get(37)?,
            rotate: row.get(38)?,
            revoke: row.get(39)?,
            verify: row.get(40)?,
            merged_into: row.get(41)?,
            tracker: row.get(42)?,
        })
    }

    /// What the severity of a row is made of, and how sure its scanner was.
    fn danger(&self, row: &Row<'_>) -> rusqlite::Result<(Danger, Confidence)> {
        let now = self.actor.now;
        let level = |at: usize| row.get::<_, i64>(at).map(|at| at.clamp(0, 3) as usize);
        let confidence = Confidence::ALL[level(8)?];
        let verdict = row.get_ref(11)?.as_str()?;
        let (expires, exposed_from): (Option<i64>, Option<i64>) = (row.get(25)?, row.get(26)?);
        let first_seen = row.get(27)?;
        let danger = Danger {
            rule: Severity::ALL[level(7)?],
            live: verdict == "live",
            ended: verdict == "dead" || expires.is_some_and(|end| end <= now) && verdict != "live",
            at_head: row.get(31)?,
            in_log: row.get(32)?,
            public: row.get(33)?,
            doubtful: confidence == Confidence::Low,
            age: now - exposed_from.unwrap_or(first_seen),
        };
        Ok((danger, confidence))
    }

    /// The places of a ticket, so many at most.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn places_of(&self, ticket: i64, limit: usize) -> Result<Vec<PlaceRow>> {
        let mut query = self.sql(self.db.prepare_cached(
            "SELECT sources.name, kind, path, line, col, commit_id, object_id, at, link FROM places
             JOIN sources ON sources.id = source WHERE ticket = ?1 ORDER BY kind = 'file' DESC, at, path, line LIMIT ?2",
        ))?;
        let id = |id: Option<Vec<u8>>| id.map(|id| hex(&id)).unwrap_or_default();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.sql(query.query_map(params![ticket, limit], |row| {
            Ok(PlaceRow {
                source: row.get(0)?,
                kind: row.get(1)?,
                path: row.get(2)?,
                line: row.get(3)?,
                column: row.get(4)?,
                commit: id(row.get(5)?),
                object: id(row.get(6)?),
                at: row.get(7)?,
                link: row.get(8)?,
            })
        }))?;
        self.sql(rows.collect())
    }

    /// The verdicts of a ticket, oldest first.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn verdicts_of(&self, ticket: i64) -> Result<Vec<VerdictRow>> {
        let mut query = self.sql(
            self.db.prepare_cached("SELECT at, verdict, why, evidence FROM verdicts WHERE ticket = ?1 ORDER BY id"),
        )?;
        let rows = self.sql(query.query_map([ticket], |row| {
            let evidence: String = row.get(3)?;
            Ok(VerdictRow {
                at: row.get(0)?,
                verdict: row.get(1)?,
                why: row.get(2)?,
                evidence: serde_json::from_str(&evidence).unwrap_or_default(),
            })
        }))?;
        self.sql(rows.collect())
    }

    /// The sources of every ticket that is open: pairs of a name and a ticket.
    pub(crate) fn appearances(&self) -> Result<Vec<(String, i64)>> {
        let mut query = self.sql(self.db.prepare(
            "SELECT sources.name, ticket FROM appearances JOIN sources ON sources.id = source ORDER BY 1, 2",
        ))?;
        let rows = self.sql(query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))))?;
        self.sql(rows.collect())
    }
}

fn sort(tickets: &mut [Ticket], by: Sort) {
    let due = |ticket: &Ticket| ticket.due.unwrap_or(i64::MAX);
    match by {
        Sort::Severity => tickets.sort_by_key(|t| (Reverse(t.severity), due(t), t.id)),
        Sort::Due => tickets.sort_by_key(|t| (due(t), Reverse(t.severity), t.id)),
        Sort::Age => tickets.sort_by_key(|t| (t.opened, t.id)),
        Sort::Owner => tickets.sort_by(|a, b| {
            let key = |t: &Ticket| (t.owner.is_none(), Reverse(t.severity), due(t), t.id);
            (a.owner.as_deref()).cmp(&b.owner.as_deref()).then_with(|| key(a).cmp(&key(b)))
        }),
        Sort::Id => tickets.sort_by_key(|t| t.id),
    }
}
