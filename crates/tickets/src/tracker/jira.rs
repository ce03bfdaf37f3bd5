//! Issues of a Jira project: Cloud (version 3 of its interface) and Data Center or Server (version 2).

use super::issue::Draft;
use super::marker::Marker;
use super::markup;
use super::wire::{Courier, Line, Patience, encoded};
use super::{Change, Issue, Opened, Tracker, label_changes};
use crate::{Error, Result, moment};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Bytes of a description at most. Jira takes 32,767 characters; of a document it counts what it makes of it, which is no longer than
/// its JSON.
const LONGEST: usize = 30_000;
/// Issues of a page.
const PAGE: u64 = 100;
/// Resolutions that say that something is not going to be done.
const NOT_DONE: [&str; 7] =
    ["won't do", "won't fix", "declined", "duplicate", "cannot reproduce", "rejected", "incomplete"];

/// A project's issues.
pub struct Jira {
    line: Line,
    /// The project's key.
    project: String,
    /// The type of new issues.
    kind: String,
    /// Account ids (Cloud) or names (Server) by the names that the ledger knows owners by.
    logins: HashMap<String, String>,
    /// Whether it is Jira Cloud, once it has been asked.
    is_cloud: Option<bool>,
}

impl Jira {
    /// Of a project, at the site's base address (`https://acme.atlassian.net`). `authorization`: the whole header: `Basic …` of
    /// mail and token (Cloud), `Bearer …` (Server).
    ///
    /// # Errors
    /// If the key is none of a project.
    pub fn new(
        courier: Box<dyn Courier>,
        patience: Patience,
        base: &str,
        authorization: &str,
        project: &str,
        kind: &str,
        logins: HashMap<String, String>,
    ) -> Result<Jira> {
        let is_key = !project.is_empty() && project.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !is_key {
            return Err(Error::Tracker(format!("'{project}' is no project of Jira; write --tracker jira:KEY")));
        }
        let line = Line::new(courier, patience, base, vec![("Authorization".to_owned(), authorization.to_owned())]);
        Ok(Jira { line, project: project.to_owned(), kind: kind.to_owned(), logins, is_cloud: None })
    }

    fn is_cloud(&mut self) -> Result<bool> {
        if let Some(known) = self.is_cloud {
            return Ok(known);
        }
        let answer = self.line.get("/rest/api/2/serverInfo")?;
        let info = self.line.expect(&answer, "the server's facts", &[200])?;
        let is_cloud = info["deploymentType"] == "Cloud";
        self.is_cloud = Some(is_cloud);
        Ok(is_cloud)
    }

    fn target(&mut self, rest: &str) -> Result<String> {
        Ok(format!("/rest/api/{}{rest}", if self.is_cloud()? { 3 } else { 2 }))
    }

    /// A page of issues with our label, and where the next one begins.
    fn page(&mut self, next: &Value) -> Result<(Vec<Issue>, Option<Value>)> {
        // Every text of ours has the word; a label may have been taken off.
        let ours = "(labels = deadkey OR description ~ \"deadkey\")";
        let jql = format!("project = \"{}\" AND {ours} ORDER BY created ASC", self.project);
        let closed = ["resolutiondate", "statuscategorychangedate", "updated"];
        let fields = json!(["description", "labels", "status", "resolution", closed[0], closed[1], closed[2]]);
        let mut query = json!({"jql": jql, "fields": fields, "maxResults": PAGE});
        let is_cloud = self.is_cloud()?;
        let target = if is_cloud { "/rest/api/3/search/jql" } else { "/rest/api/2/search" };
        if !next.is_null() {
            query[if is_cloud { "nextPageToken" } else { "startAt" }] = next.clone();
        }
        let answer = self.line.query(target, &query)?;
        let page = self.line.expect(&answer, "a search", &[200])?;
        let no_list = || Error::Tracker("the search of Jira answers with no list of issues".to_owned());
        let items = page["issues"].as_array().ok_or_else(no_list)?;
        let issues = items.iter().map(|item| issue(item, self.line.base())).collect();
        let next = if is_cloud {
            page.get("nextPageToken").filter(|token| token.is_string()).cloned()
        } else {
            let behind = page["startAt"].as_u64().unwrap_or(0) + items.len() as u64;
            (behind < page["total"].as_u64().unwrap_or(0) && !items.is_empty()).then(|| behind.into())
        };
        Ok((issues, next))
    }

    fn text(&mut self, draft: &Draft) -> Result<Value> {
        let marker = draft.marker.to_string();
        Ok(match self.is_cloud()? {
            true => markup::document_within(&draft.blocks, &marker, LONGEST),
            false => format!("{}\n{marker}\n", markup::shortened(&markup::wiki(&draft.blocks), LONGEST)).into(),
        })
    }

    fn assignee(&mut self, draft: &Draft) -> Result<Option<Value>> {
        let Some(login) = draft.owner.as_ref().and_then(|owner| self.logins.get(owner)).cloned() else {
            return Ok(None);
        };
        Ok(Some(json!({ if self.is_cloud()? { "accountId" } else { "name" }: login })))
    }

    /// Moves an issue to a status that is done, or to one that is not.
    fn transition(&mut self, issue: &Issue, done: bool) -> Result<()> {
        let target = self.target(&format!("/issue/{}/transitions", encoded(&issue.number)))?;
        let answer = self.line.get(&target)?;
        let there = self.line.expect(&answer, "the transitions", &[200])?;
        let all = there["transitions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let category =
            |way: &Value| way.pointer("/to/statusCategory/key").and_then(Value::as_str).unwrap_or_default().to_owned();
        let fits = |wanted: &str| all.iter().find(|way| category(way) == wanted);
        let way = if done { fits("done") } else { fits("new").or_else(|| fits("indeterminate")) };
        let Some(way) = way else {
            let wanted = if done { "done" } else { "to do" };
            return Err(Error::TrackerRefused(format!(
                "the workflow of {} has no way to a status that is {wanted}",
                issue.number
            )));
        };
        let answer = self.line.send("POST", &target, &json!({"transition": {"id": way["id"]}}))?;
        self.line.expect(&answer, "a transition", &[204, 200])?;
        Ok(())
    }
}

impl Tracker for Jira {
    fn name(&self) -> String {
        format!("jira:{}", self.project)
    }

    fn is_public(&mut self) -> Result<bool> {
        let target = self.target(&format!("/project/{}", self.project))?;
        let answer = self.line.get(&target)?;
        if answer.status == 404 {
            return Err(Error::Tracker(format!(
                "the project {} is not there, or the token may not see it",
                self.project
            )));
        }
        self.line.expect(&answer, "the project", &[200])?;
        self.line.is_open_to_all(&target)
    }

    fn list(&mut self) -> Result<Option<Vec<Issue>>> {
        let (mut all, mut next) = (Vec::new(), Value::Null);
        loop {
            let (page, more) = self.page(&next)?;
            all.extend(page);
            match more {
                Some(more) if more != next => next = more,
                Some(_) => return Err(Error::Tracker("the search leads to the same page again".to_owned())),
                None => return Ok(Some(all)),
            }
        }
    }

    fn open(&mut self, draft: &Draft) -> Result<Opened> {
        let mut fields = json!({
            "project": {"key": self.project}, "issuetype": {"name": self.kind}, "summary": draft.title,
            "description": self.text(draft)?, "labels": draft.labels,
        });
        if let Some(due) = &draft.due {
            fields["duedate"] = due.as_str().into();
        }
        if let Some(assignee) = self.assignee(draft)? {
            fields["assignee"] = assignee;
        }
        let target = self.target("/issue")?;
        let answer = self.line.send("POST", &target, &json!({ "fields": fields }))?;
        let opened = self.line.expect(&answer, "a new issue", &[201])?;
        let number = opened["key"].as_str().unwrap_or_default().to_owned();
        Ok(Opened { url: format!("{}/browse/{number}", self.line.base()), number })
    }

    fn change(&mut self, issue: &Issue, draft: &Draft, change: Change) -> Result<()> {
        let (off, on) = label_changes(issue, &draft.labels);
        let mut fields = json!({
            "summary": draft.title, "description": self.text(draft)?, "duedate": draft.due,
        });
        if draft.assign
            && let Some(assignee) = self.assignee(draft)?
        {
            fields["assignee"] = assignee;
        }
        let labels: Vec<Value> =
            off.iter().map(|l| json!({"remove": l})).chain(on.iter().map(|l| json!({"add": l}))).collect();
        let mut body = json!({ "fields": fields });
        if !labels.is_empty() {
            body["update"] = json!({ "labels": labels });
        }
        let text = |jira: &mut Jira| -> Result<()> {
            let target = jira.target(&format!("/issue/{}", encoded(&issue.number)))?;
            let answer = jira.line.send("PUT", &target, &body)?;
            jira.line.expect(&answer, "a changed issue", &[204, 200]).map(|_| ())
        };
        match change {
            Change::Update => text(self),
            // The text first: it says who closed it, and an issue that is open and said to be closed is closed again.
            Change::Close => {
                text(self)?;
                if issue.is_open { self.transition(issue, true) } else { Ok(()) }
            }
            // The status first, for the same reason: what is open and said to be closed by us is not.
            Change::Reopen => {
                if !issue.is_open {
                    self.transition(issue, false)?;
                }
                text(self)
            }
        }
    }

    fn pause(&mut self, seconds: u64) {
        self.line.pause(seconds as f64);
    }
}

fn issue(item: &Value, base: &str) -> Issue {
    let fields = &item["fields"];
    let text = |pointer: &str| fields.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let number = item["key"].as_str().unwrap_or_default().to_owned();
    let labels = fields["labels"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
    let description = match &fields["description"] {
        Value::String(text) => text.clone(),
        document => markup::document_text(document),
    };
    let resolution = text("/resolution/name").unwrap_or_default().to_lowercase();
    Issue {
        url: format!("{base}/browse/{number}"),
        is_open: text("/status/statusCategory/key").as_deref() != Some("done"),
        // Not every way to be done sets a resolution.
        closed_at: ["/resolutiondate", "/statuscategorychangedate", "/updated"]
            .iter()
            .find_map(|at| text(at))
            .and_then(|at| moment::parse(&at)),
        closed_by: None,
        not_planned: NOT_DONE.contains(&resolution.as_str()),
        labels: Some(labels.filter_map(Value::as_str).map(str::to_owned).collect()),
        // What was scanned stands on lines of its own there, too, before ours.
        marker: Marker::find_last(&description),
        told_at: 0,
        number,
    }
}
