//! Issues of a GitHub repository (REST, version 2022-11-28; GitHub Enterprise Server alike).

use super::issue::Draft;
use super::marker::Marker;
use super::markup::markdown;
use super::wire::{Courier, Line, Patience, encoded};
use super::{Change, Issue, Opened, Tracker, label_changes};
use crate::{Error, Result, moment};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Characters of an issue's text, at most (the documented 65,536), less the marker.
const LONGEST: usize = 65_000;

/// A repository's issues.
pub struct GitHub {
    line: Line,
    /// `owner/name`.
    repository: String,
    /// Logins by the names that the ledger knows owners by.
    logins: HashMap<String, String>,
    /// Whether a login can be assigned, once it has been asked.
    assignable: HashMap<String, bool>,
}

impl GitHub {
    /// Of `owner/name`, at the interface's base address (`https://api.github.com`). `logins`: whom owners of the ledger are.
    ///
    /// # Errors
    /// If the name is none of a repository.
    pub fn new(
        courier: Box<dyn Courier>,
        patience: Patience,
        base: &str,
        token: &str,
        repository: &str,
        logins: HashMap<String, String>,
    ) -> Result<GitHub> {
        let is_name = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) && part != ".."
        };
        let fits = repository.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name));
        if !fits {
            return Err(Error::Tracker(format!(
                "'{repository}' is no repository of GitHub; write --tracker github:OWNER/NAME"
            )));
        }
        let headers = vec![
            ("Accept".to_owned(), "application/vnd.github+json".to_owned()),
            ("X-GitHub-Api-Version".to_owned(), "2022-11-28".to_owned()),
            ("Authorization".to_owned(), format!("Bearer {token}")),
        ];
        let line = Line::new(courier, patience, base, headers);
        Ok(GitHub { line, repository: repository.to_owned(), logins, assignable: HashMap::new() })
    }

    fn target(&self, rest: &str) -> String {
        format!("/repos/{}{rest}", self.repository)
    }

    /// The login of an owner, if issues can be assigned to it.
    fn assignee(&mut self, owner: Option<&str>) -> Result<Option<String>> {
        let Some(login) = owner.and_then(|owner| login(owner, &self.logins)) else { return Ok(None) };
        let may = match self.assignable.get(&login) {
            Some(may) => *may,
            None => {
                let answer = self.line.get(&self.target(&format!("/assignees/{}", encoded(&login))))?;
                let may = answer.status == 204;
                if !may && answer.status != 404 {
                    self.line.expect(&answer, "an assignee", &[204])?;
                }
                self.assignable.insert(login.clone(), may);
                may
            }
        };
        Ok(may.then_some(login))
    }

    fn relabel(&mut self, issue: &Issue, draft: &Draft) -> Result<()> {
        let (off, on) = label_changes(issue, &draft.labels);
        let target = self.target(&format!("/issues/{}/labels", issue.number));
        // One by one, so that what people put on meanwhile stays.
        if !on.is_empty() {
            let answer = self.line.send("POST", &target, &json!({"labels": on}))?;
            self.line.expect(&answer, "a label", &[200])?;
        }
        for label in off {
            let answer = self.line.send("DELETE", &format!("{target}/{}", encoded(&label)), &Value::Null)?;
            // 404: somebody else took it off.
            self.line.expect(&answer, "a label", &[200, 204]).or_else(|error| match answer.status {
                404 => Ok(Value::Null),
                _ => Err(error),
            })?;
        }
        Ok(())
    }
}

impl Tracker for GitHub {
    fn name(&self) -> String {
        format!("github:{}", self.repository)
    }

    fn is_public(&mut self) -> Result<bool> {
        let answer = self.line.get(&self.target(""))?;
        if answer.status == 404 {
            let why = "is not there, or the token may not see it";
            return Err(Error::Tracker(format!("the repository {} {why}", self.repository)));
        }
        let repository = self.line.expect(&answer, "the repository", &[200])?;
        for (field, is, why) in [("has_issues", false, "has issues switched off"), ("archived", true, "is archived")] {
            if repository[field] == is {
                return Err(Error::Tracker(format!("the repository {} {why}", self.repository)));
            }
        }
        // What it does not say is not known to be private.
        Ok(repository["private"] != true)
    }

    fn list(&mut self) -> Result<Option<Vec<Issue>>> {
        let mut issues = Vec::new();
        let target = self.target("/issues?state=all&sort=created&direction=asc&per_page=100");
        // Requests to merge are listed among the issues.
        self.line.pages(&target, |item| {
            if item.get("pull_request").is_none() {
                issues.push(issue(item));
            }
        })?;
        Ok(Some(issues))
    }

    fn open(&mut self, draft: &Draft) -> Result<Opened> {
        let assignee = self.assignee(draft.owner.as_deref())?;
        let mut body = json!({"title": draft.title, "body": text(draft), "labels": draft.labels});
        if let Some(login) = assignee {
            body["assignees"] = json!([login]);
        }
        let answer = self.line.send("POST", &self.target("/issues"), &body)?;
        let opened = issue(&self.line.expect(&answer, "a new issue", &[201])?);
        Ok(Opened { number: opened.number, url: opened.url })
    }

    fn change(&mut self, issue: &Issue, draft: &Draft, change: Change) -> Result<()> {
        let mut body = json!({"title": draft.title, "body": text(draft)});
        match change {
            Change::Update => {}
            Change::Close => {
                body["state"] = "closed".into();
                body["state_reason"] = if draft.not_planned { "not_planned" } else { "completed" }.into();
            }
            Change::Reopen => {
                body["state"] = "open".into();
                body["state_reason"] = "reopened".into();
            }
        }
        if draft.assign
            && let Some(login) = self.assignee(draft.owner.as_deref())?
        {
            body["assignees"] = json!([login]);
        }
        // First the labels: the text's marker says that all is done.
        self.relabel(issue, draft)?;
        let answer = self.line.send("PATCH", &self.target(&format!("/issues/{}", issue.number)), &body)?;
        self.line.expect(&answer, "a changed issue", &[200])?;
        Ok(())
    }

    fn closed_by(&mut self, issue: &Issue) -> Result<Option<String>> {
        if issue.closed_by.is_some() {
            return Ok(issue.closed_by.clone());
        }
        let answer = self.line.get(&self.target(&format!("/issues/{}", issue.number)))?;
        let whole = self.line.expect(&answer, "the issue", &[200])?;
        Ok(whole.pointer("/closed_by/login").and_then(Value::as_str).map(str::to_owned))
    }

    fn pause(&mut self, seconds: u64) {
        self.line.pause(seconds as f64);
    }
}

fn issue(item: &Value) -> Issue {
    let text = |pointer: &str| item.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let labels = item["labels"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
    let label = |label: &Value| label["name"].as_str().or(label.as_str()).map(str::to_owned);
    Issue {
        number: item["number"].as_u64().map(|number| number.to_string()).unwrap_or_default(),
        url: text("/html_url").unwrap_or_default(),
        is_open: item["state"] == "open",
        closed_at: text("/closed_at").and_then(|at| moment::parse(&at)),
        closed_by: text("/closed_by/login"),
        not_planned: matches!(item["state_reason"].as_str(), Some("not_planned" | "duplicate")),
        labels: Some(labels.filter_map(label).collect()),
        marker: text("/body").and_then(|body| Marker::find(&body)),
        told_at: 0,
    }
}

/// The text with its marker, at most as long as it may be.
pub fn text(draft: &Draft) -> String {
    let text = markdown(&draft.blocks);
    let text = super::markup::shortened(&text, LONGEST);
    format!("<!-- {} -->\n{text}", draft.marker)
}

/// The login that an owner of the ledger is: as it was said, or by its handle.
pub fn login(owner: &str, logins: &HashMap<String, String>) -> Option<String> {
    if let Some(login) = logins.get(owner) {
        return Some(login.clone());
    }
    let first = owner.split_whitespace().next()?;
    let login = first.strip_prefix('@')?;
    // `@org/team` is nobody to assign to.
    let is_login = !login.is_empty() && login.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    is_login.then(|| login.to_owned())
}
