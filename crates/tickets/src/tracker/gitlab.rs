//! Issues of a GitLab project (REST, version 4).

use super::github::{login, text};
use super::issue::Draft;
use super::marker::Marker;
use super::wire::{Courier, Line, Patience, encoded};
use super::{Change, Issue, Opened, Tracker, label_changes};
use crate::{Error, Result, moment};
use serde_json::{Value, json};
use std::collections::HashMap;

/// A project's issues.
pub struct GitLab {
    line: Line,
    /// `group/project`.
    project: String,
    /// Names of users by the names that the ledger knows owners by.
    logins: HashMap<String, String>,
    /// Ids of users, once they have been asked for.
    users: HashMap<String, Option<u64>>,
}

impl GitLab {
    /// Of `group/project`, at the interface's base address (`https://gitlab.com/api/v4`).
    ///
    /// # Errors
    /// If the name is none of a project.
    pub fn new(
        courier: Box<dyn Courier>,
        patience: Patience,
        base: &str,
        token: &str,
        project: &str,
        logins: HashMap<String, String>,
    ) -> Result<GitLab> {
        if !project.contains('/') || project.split('/').any(str::is_empty) {
            return Err(Error::Tracker(format!(
                "'{project}' is no project of GitLab; write --tracker gitlab:GROUP/PROJECT"
            )));
        }
        let line = Line::new(courier, patience, base, vec![("PRIVATE-TOKEN".to_owned(), token.to_owned())]);
        Ok(GitLab { line, project: project.to_owned(), logins, users: HashMap::new() })
    }

    fn target(&self, rest: &str) -> String {
        format!("/projects/{}{rest}", encoded(&self.project))
    }

    fn assignee(&mut self, owner: Option<&str>) -> Result<Option<u64>> {
        let Some(login) = owner.and_then(|owner| login(owner, &self.logins)) else { return Ok(None) };
        if let Some(user) = self.users.get(&login) {
            return Ok(*user);
        }
        let answer = self.line.get(&format!("/users?username={}", encoded(&login)))?;
        let found = self.line.expect(&answer, "a user", &[200])?;
        let user = found.pointer("/0/id").and_then(Value::as_u64);
        self.users.insert(login, user);
        Ok(user)
    }
}

impl Tracker for GitLab {
    fn name(&self) -> String {
        format!("gitlab:{}", self.project)
    }

    fn is_public(&mut self) -> Result<bool> {
        let answer = self.line.get(&self.target(""))?;
        if answer.status == 404 {
            let why = "is not there, or the token may not see it";
            return Err(Error::Tracker(format!("the project {} {why}", self.project)));
        }
        let project = self.line.expect(&answer, "the project", &[200])?;
        let access = project["issues_access_level"].as_str();
        if access == Some("disabled") || access.is_none() && project["issues_enabled"] == false {
            return Err(Error::Tracker(format!("the project {} has issues switched off", self.project)));
        }
        // Issues for members alone are private in a public project, too.
        Ok(!matches!(project["visibility"].as_str(), Some("private" | "internal")) && access != Some("private"))
    }

    fn list(&mut self) -> Result<Option<Vec<Issue>>> {
        let mut issues = Vec::new();
        let target = self.target("/issues?scope=all&order_by=created_at&sort=asc&per_page=100");
        self.line.pages(&target, |item| issues.push(issue(item)))?;
        Ok(Some(issues))
    }

    fn open(&mut self, draft: &Draft) -> Result<Opened> {
        let mut body = json!({
            "title": draft.title, "description": text(draft), "labels": draft.labels.join(","),
            "confidential": true, "due_date": draft.due,
        });
        if let Some(user) = self.assignee(draft.owner.as_deref())? {
            body["assignee_ids"] = json!([user]);
        }
        let answer = self.line.send("POST", &self.target("/issues"), &body)?;
        let opened = issue(&self.line.expect(&answer, "a new issue", &[201])?);
        Ok(Opened { number: opened.number, url: opened.url })
    }

    fn change(&mut self, issue: &Issue, draft: &Draft, change: Change) -> Result<()> {
        let (off, on) = label_changes(issue, &draft.labels);
        let mut body = json!({"title": draft.title, "description": text(draft), "due_date": draft.due});
        for (field, labels) in [("remove_labels", off), ("add_labels", on)] {
            if !labels.is_empty() {
                body[field] = labels.join(",").into();
            }
        }
        match change {
            Change::Update => {}
            // Closing what is closed is refused.
            Change::Close if !issue.is_open => {}
            Change::Close => body["state_event"] = "close".into(),
            Change::Reopen => body["state_event"] = "reopen".into(),
        }
        if draft.assign
            && let Some(user) = self.assignee(draft.owner.as_deref())?
        {
            body["assignee_ids"] = json!([user]);
        }
        let answer = self.line.send("PUT", &self.target(&format!("/issues/{}", issue.number)), &body)?;
        self.line.expect(&answer, "a changed issue", &[200])?;
        Ok(())
    }

    fn pause(&mut self, seconds: u64) {
        self.line.pause(seconds as f64);
    }
}

fn issue(item: &Value) -> Issue {
    let text = |pointer: &str| item.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let labels = item["labels"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
    Issue {
        number: item["iid"].as_u64().map(|number| number.to_string()).unwrap_or_default(),
        url: text("/web_url").unwrap_or_default(),
        is_open: item["state"] == "opened",
        closed_at: text("/closed_at").and_then(|at| moment::parse(&at)),
        closed_by: text("/closed_by/username"),
        // GitLab has one way to close; a label is how people say more.
        not_planned: false,
        labels: Some(labels.filter_map(Value::as_str).map(str::to_owned).collect()),
        marker: text("/description").and_then(|body| Marker::find(&body)),
        told_at: 0,
    }
}
