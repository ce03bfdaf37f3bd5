//! What an issue says of its tickets: enough to end them, nothing of their values.

use super::marker::{Marker, digest};
use super::markup::{Block, Span, shortened, spans};
use crate::ledger::{Ledger, PlaceRow, Ticket};
use crate::life::State;
use crate::{Result, moment, playbook};
use model::Severity;
use serde_json::Value;

/// How many places of a ticket are named.
const PLACES: usize = 20;
/// How many tickets of a group are told of at length.
const TICKETS: usize = 50;
/// How many steps of a life are told.
const STEPS: usize = 30;
/// Characters of a text that a report or a person gave.
const LONGEST: usize = 300;

/// The tickets that one issue is about.
#[derive(Clone, Debug)]
pub struct Group {
    /// What the issue is found by.
    pub key: String,
    /// The owner, where tickets are grouped by owner.
    pub of_owner: Option<String>,
    /// The tickets: those that are open first.
    pub tickets: Vec<Ticket>,
}

impl Group {
    /// Whether there is something left to do.
    pub fn is_open(&self) -> bool {
        self.tickets.iter().any(|ticket| ticket.state.is_open())
    }

    /// Whether a person has something to do.
    pub fn waits_for_somebody(&self, least: Option<Severity>) -> bool {
        self.tickets.iter().any(|ticket| is_to_do(ticket) && least.is_none_or(|least| ticket.severity >= least))
    }

    /// The numbers of the tickets.
    pub fn ids(&self) -> Vec<i64> {
        self.tickets.iter().map(|ticket| ticket.id).collect()
    }
}

/// Whether nobody has said yet that it is done.
pub fn is_to_do(ticket: &Ticket) -> bool {
    matches!(ticket.state, State::Open | State::Acknowledged)
}

/// An issue as it should be.
#[derive(Clone, Debug)]
pub struct Draft {
    /// One line.
    pub title: String,
    /// Its text, without the marker.
    pub blocks: Vec<Block>,
    /// Our labels.
    pub labels: Vec<String>,
    /// Who it is for, as the ledger knows them.
    pub owner: Option<String>,
    /// Whether the owner is another one than the issue was assigned for.
    pub assign: bool,
    /// Until when it is to be done, as 2026-01-31.
    pub due: Option<String>,
    /// Whether it ended as something that was not to be done.
    pub not_planned: bool,
    /// Whether anybody can read it.
    pub public: bool,
    /// What is written into it to know it by.
    pub marker: Marker,
    /// What a program wants to know of it.
    pub facts: Value,
}

impl Draft {
    /// Of a group of tickets. `public`: whether anybody can read it; then it names kinds and numbers only.
    pub fn of(ledger: &Ledger, group: &Group, public: bool) -> Result<Draft> {
        let open: Vec<&Ticket> = group.tickets.iter().filter(|ticket| ticket.state.is_open()).collect();
        let title = title(group, public);
        let mut blocks = Vec::new();
        let told = if group.of_owner.is_some() {
            blocks.push(Block::words(&format!("{} open, {} ended.", open.len(), group.tickets.len() - open.len())));
            // Those that have ended are counted, as long as something is left to do.
            if open.is_empty() { group.tickets.iter().take(TICKETS).collect() } else { open.clone() }
        } else {
            group.tickets.iter().collect::<Vec<_>>()
        };
        for ticket in told.iter().take(TICKETS) {
            tell(ledger, ticket, group.of_owner.is_some(), public, &mut blocks)?;
        }
        if told.len() > TICKETS {
            blocks.push(Block::words(&format!("And {} more: `deadkey tickets list`.", told.len() - TICKETS)));
        }
        blocks.push(Block::Heading("When it is done".to_owned()));
        blocks.push(Block::words(CLOSING));
        let due = open.iter().filter_map(|ticket| ticket.due).min().map(moment::day);
        let owner = group.of_owner.clone().or_else(|| group.tickets.first().and_then(|ticket| ticket.owner.clone()));
        let owner = owner.filter(|owner| !owner.is_empty());
        let text = super::markup::markdown(&blocks);
        let labels = labels(group, &open);
        let marker = Marker {
            key: group.key.clone(),
            content: digest(&[&title, &text, due.as_deref().unwrap_or_default(), &labels.join(" ")]),
            // Under the organisation's key: a bare digest of a name and an address could be guessed.
            owner: ledger.issue_key(&format!("assigned {}", owner.as_deref().unwrap_or_default()))?[..16].to_owned(),
            closed: false,
            reopened: 0,
        };
        let not_planned =
            group.tickets.iter().all(|ticket| matches!(ticket.state, State::Accepted | State::FalsePositive));
        let facts = facts(ledger, group, public)?;
        Ok(Draft { title, blocks, labels, owner, assign: true, due, not_planned, public, marker, facts })
    }
}

const CLOSING: &str = "Close this issue: that is your word that what used the credential has another one. The ticket \
     ends when a check (`deadkey tickets verify`) says that the credential works no longer; as long as it works, the issue \
     is opened again.";

fn kind(ticket: &Ticket) -> &str {
    if ticket.title.is_empty() { &ticket.rule } else { &ticket.title }
}

fn title(group: &Group, public: bool) -> String {
    match (&group.of_owner, group.tickets.first()) {
        (Some(_), _) if public => "Leaked credentials of one owner".to_owned(),
        (Some(owner), _) if owner.is_empty() => "Leaked credentials that nobody owns".to_owned(),
        (Some(owner), _) => shortened(&format!("Leaked credentials of {}", mail_less(owner)), 120),
        (None, Some(ticket)) => shortened(&format!("Leaked credential: {} (ticket {})", kind(ticket), ticket.id), 120),
        (None, None) => "Leaked credential".to_owned(),
    }
}

/// `Jo Doe` of `Jo Doe <jo@example.org>`; handles are taken out of mentions.
fn mail_less(owner: &str) -> String {
    let name = owner.split('<').next().unwrap_or(owner).trim();
    let name = if name.is_empty() { owner } else { name };
    name.chars().filter(|c| !c.is_control() && *c != '@').collect()
}

fn labels(group: &Group, open: &[&Ticket]) -> Vec<String> {
    let mut labels = vec![super::LABEL.to_owned()];
    let told = if open.is_empty() { group.tickets.iter().collect() } else { open.to_vec() };
    if let Some(worst) = told.iter().map(|ticket| ticket.severity).max() {
        labels.push(format!("severity-{worst}"));
    }
    if group.of_owner.is_none()
        && let Some(ticket) = group.tickets.first()
    {
        labels.push(format!("deadkey-{}", ticket.state));
    }
    if open.iter().any(|ticket| ticket.overdue) {
        labels.push("deadkey-overdue".to_owned());
    }
    labels
}

fn tell(ledger: &Ledger, ticket: &Ticket, in_group: bool, public: bool, blocks: &mut Vec<Block>) -> Result<()> {
    if in_group {
        blocks.push(Block::Heading(format!("Ticket {}: {}", ticket.id, kind(ticket))));
    }
    blocks.extend(facts_of(ticket, public));
    if public {
        blocks.push(Block::words(&format!(
            "Seen in {} places; `deadkey tickets show {}` names them, where the ledger is.",
            ticket.places, ticket.id
        )));
        return Ok(());
    }
    let places = ledger.places_of(ticket.id, PLACES)?;
    blocks.push(Block::Heading("Where it is".to_owned()));
    blocks.extend(places.iter().map(place));
    let more = usize::try_from(ticket.places).unwrap_or(0).saturating_sub(places.len());
    if more > 0 {
        blocks.push(Block::Item(spans(&format!(
            "and {more} more places (`deadkey tickets show {} --all-places`)",
            ticket.id
        ))));
    }
    blocks.push(Block::Heading("How to end it".to_owned()));
    for step in playbook::steps(ticket) {
        let mut line = vec![Span::Bold(step.name.to_owned())];
        let gap = if step.text.starts_with(':') { "" } else { " " };
        line.extend(spans(&format!("{gap}{}", step.text)));
        blocks.push(Block::Item(line));
    }
    let story = story(ledger, ticket)?;
    if !story.is_empty() {
        blocks.push(Block::Heading("What was done".to_owned()));
        blocks.extend(story);
    }
    Ok(())
}

fn facts_of(ticket: &Ticket, public: bool) -> Vec<Block> {
    let item =
        |name: &str, value: String| Block::Item(vec![Span::Bold(name.to_owned()), Span::Plain(format!(": {value}"))]);
    let works = match ticket.verdict.as_str() {
        "live" => "a check said that it works",
        "dead" => "a check said that it works no longer",
        "unknown" => "a check decided nothing",
        _ => "not checked",
    };
    let why = ticket.severity_why.join(", ");
    let why = if public || why.is_empty() { String::new() } else { format!(" ({why})") };
    let mut items = vec![
        item("What", format!("{} of {}", kind(ticket), ticket.provider)),
        item("Severity", format!("{}{why}", ticket.severity)),
        item("State", format!("{} since {}", ticket.state, moment::day(ticket.state_at))),
    ];
    items.extend(ticket.due.map(|due| item("Due", moment::day(due))));
    if public {
        return items;
    }
    items.insert(3, item("Verdict", works.to_owned()));
    for (name, value) in [("Owner", ticket.owner.as_deref()), ("Known as", ticket.name.as_deref())] {
        if let Some(value) = value {
            let code = Span::Code(shortened(value, LONGEST));
            items.push(Block::Item(vec![Span::Bold(name.to_owned()), Span::Plain(": ".to_owned()), code]));
        }
    }
    items.extend(ticket.exposed_from.map(|from| item("Exposed since", moment::day(from))));
    items.push(Block::Item(spans(&format!("More: `deadkey tickets show {}`", ticket.id))));
    items
}

fn place(place: &PlaceRow) -> Block {
    let line = if place.line > 0 { format!(":{}", place.line) } else { String::new() };
    let commit = place.commit.get(..12).map(|commit| format!(", commit {commit}")).unwrap_or_default();
    Block::Item(vec![
        Span::Code(shortened(&format!("{}{line}", place.path), LONGEST)),
        Span::Plain(format!(" ({}{commit}) in ", place.kind)),
        Span::Code(shortened(&place.source, LONGEST)),
    ])
}

/// What became of it, with what proves it.
fn story(ledger: &Ledger, ticket: &Ticket) -> Result<Vec<Block>> {
    let mut items = Vec::new();
    for entry in ledger.entries(Some(ticket.id))? {
        let (body, details) = (&entry.body, &entry.body["details"]);
        let (Some(from), Some(to)) = (details["from"].as_str(), details["to"].as_str()) else { continue };
        let day = body["time"].as_str().and_then(|time| time.get(..10)).unwrap_or_default();
        let mut line = vec![Span::Plain(format!("{day}: {from} to ")), Span::Bold(to.to_owned())];
        for name in ["reason", "evidence"] {
            if let Some(text) = details[name].as_str().filter(|text| !text.is_empty()) {
                line.push(Span::Plain(format!("; {name}: ")));
                line.push(Span::Code(shortened(text, LONGEST)));
            }
        }
        items.push(Block::Item(line));
    }
    let from = items.len().saturating_sub(STEPS);
    Ok(items.split_off(from))
}

/// For programs (the webhook).
fn facts(ledger: &Ledger, group: &Group, public: bool) -> Result<Value> {
    let mut tickets = Vec::new();
    for ticket in group.tickets.iter().take(TICKETS) {
        let mut facts = serde_json::json!({
            "ticket": ticket.id, "state": ticket.state, "severity": ticket.severity, "rule": ticket.rule,
            "title": kind(ticket), "provider": ticket.provider, "verdict": ticket.verdict,
            "due": ticket.due.map(moment::day), "places": ticket.places,
        });
        if !public {
            let places = ledger.places_of(ticket.id, PLACES)?;
            facts["owner"] = ticket.owner.clone().into();
            facts["seen_at"] = serde_json::to_value(places).unwrap_or_default();
        }
        tickets.push(facts);
    }
    Ok(Value::Array(tickets))
}
