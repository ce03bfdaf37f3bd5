//! What is to be done: the ledger beside what the tracker has.

use super::issue::{Draft, Group, is_to_do};
use super::{Change, Issue, Tracker};
use crate::ledger::{Filter, KnownIssue, Ledger, Sort, Ticket};
use crate::life::State;
use crate::moment::{self, DAY};
use crate::{Error, Result};
use model::Severity;
use std::collections::{BTreeMap, HashMap, HashSet};

/// How many tickets are named of an issue that tells of none any more.
const LEFT: usize = 50;

/// What is wanted of a plan.
#[derive(Clone, Debug)]
pub struct PlanSettings {
    /// New issues at most.
    pub max_new: usize,
    /// One issue for each owner, instead of one for each ticket.
    pub by_owner: bool,
    /// Whether a place that anybody can read is meant.
    pub allow_public: bool,
    /// No new issues for what is less severe.
    pub least: Option<Severity>,
    /// Seconds after which a list shows what was opened; waited for only where an answer was lost before.
    pub settle: u64,
}

impl Default for PlanSettings {
    fn default() -> PlanSettings {
        PlanSettings { max_new: 25, by_owner: false, allow_public: false, least: None, settle: 10 }
    }
}

/// One thing to do.
#[derive(Clone, Debug)]
pub enum Action {
    /// Open an issue.
    Open {
        /// As it should be.
        draft: Box<Draft>,
        /// What it is about.
        tickets: Vec<i64>,
    },
    /// Change an issue.
    Change {
        /// As it is.
        issue: Box<Issue>,
        /// As it should be.
        draft: Box<Draft>,
        /// How.
        change: Change,
        /// Why, in a few words.
        why: String,
        /// What it is about.
        tickets: Vec<i64>,
    },
    /// Somebody closed an issue: their word that the tickets are rotated.
    Rotated {
        /// The issue.
        issue: Box<Issue>,
        /// The tickets that were open.
        tickets: Vec<i64>,
    },
}

/// What is to be done.
#[derive(Debug, Default)]
pub struct Plan {
    /// In order.
    pub actions: Vec<Action>,
    /// What is left for a later run, a phrase each.
    pub waiting: Vec<String>,
    /// Issues as they are that tell of tickets: for the ledger.
    pub seen: Vec<(KnownIssue, Vec<i64>)>,
    /// Issues in which nothing is to be done.
    pub unchanged: usize,
}

impl Plan {
    /// How many issues it opens.
    pub fn opens(&self) -> usize {
        self.actions.iter().filter(|action| matches!(action, Action::Open { .. })).count()
    }
}

/// Asks the tracker what it has, and plans what is to be done. Nothing is changed.
///
/// # Errors
/// If the tracker cannot be asked, may be read by anybody and that was not meant, or more issues would be opened than may be.
pub fn sync_plan(ledger: &Ledger, tracker: &mut dyn Tracker, settings: &PlanSettings) -> Result<Plan> {
    ledger.check_key()?;
    let public = tracker.is_public()?;
    if public && !settings.allow_public {
        return Err(Error::Tracker(format!(
            "{} can be read by anybody, and issues tell where credentials are; name a private one, or say --allow-public, \
             which names kinds and numbers only",
            tracker.name()
        )));
    }
    let known = ledger.known_issues(&tracker.name())?;
    let groups = groups(ledger, settings.by_owner)?;
    let issues = issues(tracker, &known, &groups, settings, ledger.now())?;
    let mut planner = Planner { ledger, public, plan: Plan::default() };
    for group in &groups {
        let issues = issues.get(&group.key).map(Vec::as_slice).unwrap_or_default();
        match issues.split_first() {
            None if group.waits_for_somebody(settings.least) => {
                if let Some(there) = known.get(&group.key).filter(|known| is_fresh(known, ledger.now())) {
                    let why = "it was opened a while ago, and the list of the tracker does not show it";
                    planner.plan.waiting.push(format!("{} ({why})", there.number));
                    continue;
                }
                let draft = Box::new(Draft::of(ledger, group, public)?);
                planner.plan.actions.push(Action::Open { draft, tickets: group.ids() });
            }
            None => {}
            Some((issue, copies)) => {
                planner.of_issue(group, issue)?;
                for copy in copies.iter().filter(|copy| copy.is_open) {
                    planner.close_copy(group, issue, copy)?;
                }
            }
        }
    }
    let keys: HashSet<&str> = groups.iter().map(|group| group.key.as_str()).collect();
    let left = issues.iter().filter(|(key, _)| known.contains_key(*key) && !keys.contains(key.as_str()));
    planner.leave(left, &untold(&groups, &issues, &planner.plan), &tracker.name())?;
    let opens = planner.plan.opens();
    if opens > settings.max_new {
        return Err(Error::Tracker(format!(
            "{opens} new issues would be opened, and no more than {} may be; nothing was done: --max-new {opens} lets them, \
             --severity or --group owner makes fewer",
            settings.max_new
        )));
    }
    Ok(planner.plan)
}

/// The tickets, as issues tell of them.
fn groups(ledger: &Ledger, by_owner: bool) -> Result<Vec<Group>> {
    let filter = Filter { all: true, sort: Sort::Id, ..Filter::default() };
    let tickets = ledger.tickets(&filter)?;
    if !by_owner {
        let group = |ticket: Ticket| {
            let key = ledger.issue_key(&format!("ticket {}", ticket.fingerprint))?;
            Ok(Group { key, of_owner: None, tickets: vec![ticket] })
        };
        return tickets.into_iter().map(group).collect();
    }
    let mut owners: BTreeMap<String, Vec<Ticket>> = BTreeMap::new();
    for ticket in tickets.into_iter().filter(|ticket| ticket.state != State::Merged) {
        owners.entry(ticket.owner.clone().unwrap_or_default()).or_default().push(ticket);
    }
    let group = |(owner, mut tickets): (String, Vec<Ticket>)| {
        tickets.sort_by_key(|ticket| (!ticket.state.is_open(), std::cmp::Reverse(ticket.severity), ticket.id));
        Ok(Group { key: ledger.issue_key(&format!("owner {owner}"))?, of_owner: Some(owner), tickets })
    };
    owners.into_iter().map(group).collect()
}

/// What the tracker has of ours, by key; the oldest first.
fn issues(
    tracker: &mut dyn Tracker,
    known: &HashMap<String, KnownIssue>,
    groups: &[Group],
    settings: &PlanSettings,
    now: i64,
) -> Result<HashMap<String, Vec<Issue>>> {
    let by_number: HashMap<&str, &str> =
        known.values().filter(|issue| !issue.number.is_empty()).map(|i| (i.number.as_str(), i.key.as_str())).collect();
    let Some(mut all) = tracker.list()? else { return Ok(delivered(known)) };
    // What was opened just now may not be in the list yet, whether its answer came or not.
    let wanted: HashSet<&str> = groups.iter().map(|group| group.key.as_str()).collect();
    let is_there = |all: &[Issue], key: &str| all.iter().any(|i| i.marker.as_ref().is_some_and(|m| m.key == key));
    let mut young = known.values().filter(|issue| issue.number.is_empty() || is_fresh(issue, now));
    if young.any(|issue| wanted.contains(issue.key.as_str()) && !is_there(&all, &issue.key)) {
        tracker.pause(settings.settle);
        all = tracker.list()?.unwrap_or_default();
    }
    let mut issues: HashMap<String, Vec<Issue>> = HashMap::new();
    for issue in all {
        // Somebody may have taken the marker out of the text.
        let key = match &issue.marker {
            Some(marker) => marker.key.clone(),
            None => match by_number.get(issue.number.as_str()) {
                Some(key) => (*key).to_owned(),
                None => continue,
            },
        };
        issues.entry(key).or_default().push(issue);
    }
    Ok(issues)
}

/// Whether an issue was opened or changed so short a while ago that no list needs to show it: one that is missing from the list
/// later was deleted.
fn is_fresh(known: &KnownIssue, now: i64) -> bool {
    const FRESH: i64 = 3600;
    !known.number.is_empty() && now < known.at + FRESH
}

/// For trackers that cannot list: what they were told.
fn delivered(known: &HashMap<String, KnownIssue>) -> HashMap<String, Vec<Issue>> {
    let mut issues = HashMap::new();
    for known in known.values() {
        let Some(marker) = super::Marker::find(&known.marker) else { continue };
        let (number, url, is_open) = (known.number.clone(), known.url.clone(), !marker.closed);
        let issue = Issue { number, url, is_open, marker: Some(marker), told_at: known.at, ..Issue::default() };
        issues.insert(known.key.clone(), vec![issue]);
    }
    issues
}

/// Open tickets that no issue tells of, and none is to be opened for (see [`PlanSettings::least`]).
fn untold(groups: &[Group], issues: &HashMap<String, Vec<Issue>>, plan: &Plan) -> HashSet<i64> {
    let opened: HashSet<&str> = plan
        .actions
        .iter()
        .filter_map(|action| match action {
            Action::Open { draft, .. } => Some(draft.marker.key.as_str()),
            Action::Change { .. } | Action::Rotated { .. } => None,
        })
        .collect();
    let silent = groups.iter().filter(|group| !issues.contains_key(&group.key) && !opened.contains(group.key.as_str()));
    silent.flat_map(|group| &group.tickets).filter(|ticket| ticket.state.is_open()).map(|ticket| ticket.id).collect()
}

struct Planner<'a> {
    ledger: &'a Ledger,
    public: bool,
    plan: Plan,
}

impl Planner<'_> {
    fn of_issue(&mut self, group: &Group, issue: &Issue) -> Result<()> {
        let marker = issue.marker.as_ref();
        let known = KnownIssue {
            key: group.key.clone(),
            number: issue.number.clone(),
            url: issue.url.clone(),
            marker: marker.map(ToString::to_string).unwrap_or_default(),
            at: self.ledger.now(),
        };
        self.plan.seen.push((known, group.ids()));
        let by_us = marker.is_some_and(|marker| marker.closed);
        match (issue.is_open, by_us) {
            // Opened again, and the text that tells of it was lost; or by somebody.
            (true, true) if group.is_open() => self.reopen(group, issue, "a ticket of it is open again"),
            (true, _) if group.is_open() => self.update(group, issue),
            (true, _) => self.change(group, issue, Change::Close, "every ticket of it has ended"),
            (false, true) if group.is_open() => self.reopen(group, issue, "a ticket of it is open again"),
            (false, true) => {
                self.plan.unchanged += 1;
                Ok(())
            }
            // Its end is written into it, so that what comes later is told apart.
            (false, false) if !group.is_open() => self.change(group, issue, Change::Close, "its end is proven"),
            (false, false) => self.closed_by_somebody(group, issue),
        }
    }

    /// An issue that a person closed, and whose tickets have not ended.
    fn closed_by_somebody(&mut self, group: &Group, issue: &Issue) -> Result<()> {
        let closed_at = issue.closed_at.unwrap_or(i64::MAX);
        if issue.not_planned && group.tickets.iter().any(is_to_do) {
            let why = "it was closed as not planned; `deadkey tickets accept` and `false-positive` say so of a ticket";
            return self.reopen(group, issue, why);
        }
        let is_said = |ticket: &&Ticket| is_to_do(ticket) && ticket.opened <= closed_at;
        let rotated: Vec<i64> = group.tickets.iter().filter(is_said).map(|ticket| ticket.id).collect();
        let is_later = group.tickets.iter().any(|ticket| is_to_do(ticket) && ticket.opened > closed_at);
        let works = |ticket: &Ticket| {
            ticket.state.is_open() && ticket.verdict == "live" && ticket.verdict_at.is_some_and(|at| at > closed_at)
        };
        let alive = group.tickets.iter().find(|ticket| works(ticket));
        let is_quiet = rotated.is_empty() && !is_later && alive.is_none();
        if !rotated.is_empty() {
            self.plan.actions.push(Action::Rotated { issue: Box::new(issue.clone()), tickets: rotated });
        }
        if let Some(ticket) = alive {
            let at = moment::text(ticket.verdict_at.unwrap_or_default());
            let by = ticket.verdict_by.as_deref().unwrap_or("a check");
            return self.reopen(group, issue, &format!("ticket {} works still: {by} at {at}", ticket.id));
        }
        if is_later {
            return self.reopen(group, issue, "a ticket was opened after it had been closed");
        }
        self.plan.unchanged += usize::from(is_quiet);
        Ok(())
    }

    fn reopen(&mut self, group: &Group, issue: &Issue, why: &str) -> Result<()> {
        let last = issue.marker.as_ref().map_or(0, |marker| marker.reopened);
        if last > 0 && (last..last.saturating_add(DAY)).contains(&self.ledger.now()) {
            self.plan.waiting.push(format!("{} was opened again within the last day ({why})", issue.number));
            return Ok(());
        }
        self.change(group, issue, Change::Reopen, why)
    }

    fn update(&mut self, group: &Group, issue: &Issue) -> Result<()> {
        let draft = Draft::of(self.ledger, group, self.public)?;
        let (off, on) = super::label_changes(issue, &draft.labels);
        let is_same =
            issue.marker.as_ref().is_some_and(|m| m.content == draft.marker.content && m.owner == draft.marker.owner);
        if is_same && off.is_empty() && on.is_empty() {
            self.plan.unchanged += 1;
            return Ok(());
        }
        self.push(draft, group, issue, Change::Update, "its tickets have changed")
    }

    fn change(&mut self, group: &Group, issue: &Issue, change: Change, why: &str) -> Result<()> {
        let draft = Draft::of(self.ledger, group, self.public)?;
        self.push(draft, group, issue, change, why)
    }

    fn push(&mut self, mut draft: Draft, group: &Group, issue: &Issue, change: Change, why: &str) -> Result<()> {
        let before = issue.marker.as_ref();
        draft.assign = before.is_none_or(|marker| marker.owner != draft.marker.owner) && change != Change::Close;
        draft.marker.reopened = before.map_or(0, |marker| marker.reopened);
        match change {
            Change::Close => draft.marker.closed = true,
            Change::Reopen => {
                draft.marker.reopened = self.ledger.now();
                let why = if self.public { "it is not done" } else { why };
                let told = format!("Opened again on {}: {why}.", moment::day(self.ledger.now()));
                draft.blocks.insert(0, super::markup::Block::words(&told));
            }
            Change::Update => {}
        }
        let (issue, tickets, why) = (Box::new(issue.clone()), group.ids(), why.to_owned());
        self.plan.actions.push(Action::Change { issue, draft: Box::new(draft), change, why, tickets });
        Ok(())
    }

    /// Closes what no ticket is told of in any more: the last one has changed hands, or tickets are grouped in another way now.
    /// Last of all, so that no ticket is without an issue in between.
    fn leave<'i>(
        &mut self,
        left: impl Iterator<Item = (&'i String, &'i Vec<Issue>)>,
        untold: &HashSet<i64>,
        tracker: &str,
    ) -> Result<()> {
        let of_issues = self.ledger.tickets_of_issues(tracker)?;
        let mut left: Vec<_> = left.collect();
        left.sort_by_key(|(key, _)| *key);
        for (key, issues) in left {
            let tickets = of_issues.get(key).map(Vec::as_slice).unwrap_or_default();
            for issue in issues.iter().filter(|issue| issue.is_open) {
                if tickets.iter().any(|ticket| untold.contains(ticket)) {
                    let why = "its tickets belong to somebody else now, and no other issue tells of them";
                    self.plan.waiting.push(format!("{} ({why})", issue.number));
                } else {
                    self.close_left(key, tickets, issue)?;
                }
            }
        }
        Ok(())
    }

    fn close_left(&mut self, key: &str, tickets: &[i64], issue: &Issue) -> Result<()> {
        let group = Group { key: key.to_owned(), of_owner: None, tickets: Vec::new() };
        let numbers: Vec<String> = tickets.iter().take(LEFT).map(i64::to_string).collect();
        let more = if tickets.len() > LEFT { " and more" } else { "" };
        let told =
            format!("Its tickets ({}{more}) are told of in other issues now; this one has ended.", numbers.join(", "));
        let mut draft = Draft::of(self.ledger, &group, self.public)?;
        draft.title = "Leaked credentials that other issues tell of".to_owned();
        draft.not_planned = true;
        draft.blocks = vec![super::markup::Block::words(&told)];
        self.push(draft, &group, issue, Change::Close, "its tickets are told of in other issues")?;
        // The ledger remembers that it was closed, by what it was about.
        if let Some(Action::Change { tickets: about, .. }) = self.plan.actions.last_mut() {
            *about = tickets.to_vec();
        }
        Ok(())
    }

    /// Two issues tell of the same: the younger is closed.
    fn close_copy(&mut self, group: &Group, first: &Issue, copy: &Issue) -> Result<()> {
        let mut draft = Draft::of(self.ledger, group, self.public)?;
        draft.not_planned = true;
        draft.blocks = vec![super::markup::Block::words(&format!("The same as {}, which goes on.", first.number))];
        let nothing = Group { tickets: Vec::new(), ..group.clone() };
        self.push(draft, &nothing, copy, Change::Close, "an older one tells of the same")
    }
}
