//! Doubles of trackers, after their documentation: what they keep, what they refuse, how they page.
//!
//! A double is asked with a request and gives a reply, over a connection ([`crate::double::Double`]) or without one. Its
//! clock stands until it is moved.

use crate::double::{Received, Reply};
use serde_json::{Value, json};

/// What a double keeps of an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Title or summary.
    pub title: String,
    /// Text, as it was sent.
    pub text: String,
    /// Labels.
    pub labels: Vec<String>,
    /// Assignees.
    pub assignees: Vec<String>,
    /// Day.
    pub due: Option<String>,
    /// Whether it is closed, since when, by whom, and as what.
    pub closed: Option<(i64, String, String)>,
    /// When it was opened.
    pub created: i64,
}

/// A tracker that stands in for a real one.
pub trait Platform: Send {
    /// Answers.
    fn answer(&mut self, request: &Received) -> Reply;
    /// The issues, oldest first.
    fn issues(&self) -> Vec<Kept>;
    /// Somebody closes an issue, from 1, as something.
    fn close(&mut self, number: usize, as_what: &str);
    /// The clock goes on to this second.
    fn clock(&mut self, now: i64);
}

/// The token that doubles take; visibly none.
pub const TOKEN: &str = "token-of-the-tests";
/// Who closes what a person closes.
pub const PERSON: &str = "octo";
/// Issues of a page, so that few issues make several.
const PAGE: usize = 2;

fn header<'a>(request: &'a Received, name: &str) -> &'a str {
    request.header(name).unwrap_or_default()
}

fn body(request: &Received) -> Value {
    serde_json::from_slice(&request.body).unwrap_or_default()
}

fn path(request: &Received) -> (String, String) {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    (path.to_owned(), query.to_owned())
}

fn query(query: &str, name: &str) -> Option<usize> {
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(n, _)| *n == name)?.1.parse().ok()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

fn moment(seconds: i64) -> String {
    model::Time { seconds, offset: 0 }.to_string()
}

/// GitHub's issues of `acme/leaks`.
#[derive(Clone, Debug, Default)]
pub struct GitHubDouble {
    /// Whether anybody can read it.
    pub public: bool,
    /// The address that it believes it has.
    pub base: String,
    /// What it keeps.
    pub issues: Vec<Kept>,
    /// Its clock.
    pub now: i64,
}

impl GitHubDouble {
    fn json(&self, number: usize, alone: bool) -> Value {
        let kept = &self.issues[number - 1];
        let (state, reason) = match &kept.closed {
            Some((_, _, reason)) => ("closed", Value::from(reason.as_str())),
            None => ("open", Value::Null),
        };
        let mut issue = json!({
            "number": number, "html_url": format!("https://github.example/acme/leaks/issues/{number}"), "state": state,
            "state_reason": reason, "title": kept.title, "body": kept.text, "created_at": moment(kept.created),
            "labels": kept.labels.iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
            "assignees": kept.assignees.iter().map(|login| json!({"login": login})).collect::<Vec<_>>(),
            "closed_at": kept.closed.as_ref().map(|(at, ..)| moment(*at)),
        });
        // Only a single issue tells who closed it.
        if alone {
            issue["closed_by"] = kept.closed.as_ref().map_or(Value::Null, |(_, by, _)| json!({"login": by}));
        }
        issue
    }

    fn list(&self, rest: &str) -> Reply {
        let page = query(rest, "page").unwrap_or(1);
        // A request to merge is an issue, too.
        let merge = json!({"number": 900, "pull_request": {}, "state": "open", "labels": [], "body": null});
        let all: Vec<Value> =
            std::iter::once(merge).chain((1..=self.issues.len()).map(|n| self.json(n, false))).collect();
        let from = (page - 1) * PAGE;
        let items: Vec<Value> = all.iter().skip(from).take(PAGE).cloned().collect();
        let reply = Reply::json(200, Value::Array(items).to_string());
        if from + PAGE >= all.len() {
            return reply;
        }
        let next = format!("{}/repositories/1/issues?state=all&per_page=100&page={}", self.base, page + 1);
        reply.with(&format!("Link: <{next}>; rel=\"next\", <{next}>; rel=\"last\""))
    }

    fn invalid(why: &str) -> Reply {
        Reply::json(422, json!({"message": "Validation Failed", "errors": [{"message": why}]}).to_string())
    }

    fn take(&mut self, number: usize, sent: &Value) -> Result<(), Reply> {
        if sent["body"].as_str().is_some_and(|text| text.chars().count() > 65_536) {
            return Err(GitHubDouble::invalid("body is too long (maximum is 65536 characters)"));
        }
        if sent.get("assignees").is_some_and(|logins| texts(logins).iter().any(|login| login != PERSON)) {
            return Err(GitHubDouble::invalid("assignees is invalid"));
        }
        let now = self.now;
        let kept = &mut self.issues[number - 1];
        if let Some(title) = sent["title"].as_str() {
            title.clone_into(&mut kept.title);
        }
        if let Some(text) = sent["body"].as_str() {
            text.clone_into(&mut kept.text);
        }
        if sent.get("assignees").is_some() {
            kept.assignees = texts(&sent["assignees"]);
        }
        match sent["state"].as_str() {
            Some("closed") if kept.closed.is_none() => {
                kept.closed =
                    Some((now, "bot".to_owned(), sent["state_reason"].as_str().unwrap_or("completed").to_owned()));
            }
            Some("open") => kept.closed = None,
            _ => {}
        }
        Ok(())
    }

    fn labels(&mut self, number: usize, method: &str, label: Option<&str>, sent: &Value) -> Reply {
        let labels = &mut self.issues[number - 1].labels;
        match (method, label) {
            ("POST", None) => {
                for label in
                    texts(&sent["labels"]).into_iter().filter(|label| !labels.contains(label)).collect::<Vec<_>>()
                {
                    labels.push(label);
                }
                Reply::json(200, "[]")
            }
            ("DELETE", Some(label)) => {
                let before = labels.len();
                labels.retain(|known| known != label);
                if labels.len() < before {
                    Reply::json(200, "[]")
                } else {
                    Reply::json(404, r#"{"message":"Label does not exist"}"#)
                }
            }
            _ => Reply::json(404, r#"{"message":"Not Found"}"#),
        }
    }
}

impl Platform for GitHubDouble {
    fn answer(&mut self, request: &Received) -> Reply {
        let none = || Reply::json(404, r#"{"message":"Not Found"}"#);
        if header(request, "authorization") != format!("Bearer {TOKEN}") {
            return Reply::json(401, r#"{"message":"Bad credentials"}"#);
        }
        let ((path, rest), sent, method) = (path(request), body(request), request.method.as_str());
        if (method, path.as_str()) == ("GET", "/repositories/1/issues") {
            return self.list(&rest);
        }
        let Some(inner) = path.strip_prefix("/repos/acme/leaks") else { return none() };
        let words: Vec<&str> = inner.split('/').skip(1).collect();
        let number =
            words.get(1).and_then(|word| word.parse::<usize>().ok()).filter(|n| (1..=self.issues.len()).contains(n));
        match (method, words.as_slice(), number) {
            ("GET", [], _) => {
                Reply::json(200, json!({"private": !self.public, "has_issues": true, "archived": false}).to_string())
            }
            ("GET", ["assignees", login], _) => Reply::json(if *login == PERSON { 204 } else { 404 }, ""),
            ("GET", ["issues"], _) => self.list(&rest),
            ("POST", ["issues"], _) => {
                let kept = Kept { labels: texts(&sent["labels"]), created: self.now, ..Kept::default() };
                self.issues.push(kept);
                let number = self.issues.len();
                match self.take(number, &sent) {
                    Ok(()) => Reply::json(201, self.json(number, true).to_string()),
                    Err(refused) => {
                        self.issues.pop();
                        refused
                    }
                }
            }
            ("GET", ["issues", _], Some(number)) => Reply::json(200, self.json(number, true).to_string()),
            ("PATCH", ["issues", _], Some(number)) => match self.take(number, &sent) {
                Ok(()) => Reply::json(200, self.json(number, true).to_string()),
                Err(refused) => refused,
            },
            (_, ["issues", _, "labels", rest @ ..], Some(number)) => {
                self.labels(number, method, rest.first().copied(), &sent)
            }
            _ => none(),
        }
    }

    fn issues(&self) -> Vec<Kept> {
        self.issues.clone()
    }

    fn close(&mut self, number: usize, as_what: &str) {
        self.issues[number - 1].closed = Some((self.now, PERSON.to_owned(), as_what.to_owned()));
    }

    fn clock(&mut self, now: i64) {
        self.now = now;
    }
}

/// GitLab's issues of `acme/leaks`.
#[derive(Clone, Debug, Default)]
pub struct GitLabDouble {
    /// Whether anybody can read it.
    pub public: bool,
    /// The address that it believes it has.
    pub base: String,
    /// What it keeps.
    pub issues: Vec<Kept>,
    /// Its clock.
    pub now: i64,
}

impl GitLabDouble {
    fn json(&self, number: usize) -> Value {
        let kept = &self.issues[number - 1];
        let by = |(_, by, _): &(i64, String, String)| json!({"username": by});
        json!({
            "iid": number, "web_url": format!("https://gitlab.example/acme/leaks/-/issues/{number}"),
            "state": if kept.closed.is_some() { "closed" } else { "opened" }, "title": kept.title,
            "description": kept.text, "labels": kept.labels, "due_date": kept.due,
            "closed_at": kept.closed.as_ref().map(|(at, ..)| moment(*at)), "closed_by": kept.closed.as_ref().map(by),
        })
    }

    fn take(&mut self, number: usize, sent: &Value) {
        let now = self.now;
        let kept = &mut self.issues[number - 1];
        let list = |name: &str| -> Vec<String> {
            sent[name]
                .as_str()
                .into_iter()
                .flat_map(|text| text.split(','))
                .filter(|l| !l.is_empty())
                .map(str::to_owned)
                .collect()
        };
        if let Some(title) = sent["title"].as_str() {
            title.clone_into(&mut kept.title);
        }
        if let Some(text) = sent["description"].as_str() {
            text.clone_into(&mut kept.text);
            // Lines that begin with a slash are commands.
            if text.lines().any(|line| line.starts_with("/close")) {
                kept.closed = Some((now, "a command in the text".to_owned(), String::new()));
            }
        }
        if sent.get("due_date").is_some() {
            kept.due = sent["due_date"].as_str().map(str::to_owned);
        }
        if let Some(ids) = sent["assignee_ids"].as_array() {
            kept.assignees = ids.iter().map(ToString::to_string).collect();
        }
        kept.labels.extend(list("labels"));
        let (off, on) = (list("remove_labels"), list("add_labels"));
        kept.labels.retain(|label| !off.contains(label));
        for label in on {
            if !kept.labels.contains(&label) {
                kept.labels.push(label);
            }
        }
        match sent["state_event"].as_str() {
            Some("close") => kept.closed = Some((now, "bot".to_owned(), String::new())),
            Some("reopen") => kept.closed = None,
            _ => {}
        }
    }
}

impl Platform for GitLabDouble {
    fn answer(&mut self, request: &Received) -> Reply {
        let none = || Reply::json(404, r#"{"message":"404 Not Found"}"#);
        if header(request, "private-token") != TOKEN {
            return Reply::json(401, r#"{"message":"401 Unauthorized"}"#);
        }
        let ((path, rest), sent, method) = (path(request), body(request), request.method.as_str());
        if (method, path.as_str()) == ("GET", "/users") {
            return Reply::json(200, if rest == format!("username={PERSON}") { r#"[{"id":7}]"# } else { "[]" });
        }
        let Some(inner) = path.strip_prefix("/projects/acme%2Fleaks") else { return none() };
        let words: Vec<&str> = inner.split('/').skip(1).collect();
        let number =
            words.get(1).and_then(|word| word.parse::<usize>().ok()).filter(|n| (1..=self.issues.len()).contains(n));
        match (method, words.as_slice(), number) {
            ("GET", [], _) => {
                let visibility = if self.public { "public" } else { "private" };
                Reply::json(
                    200,
                    json!({"id": 1, "visibility": visibility, "issues_access_level": "enabled"}).to_string(),
                )
            }
            ("GET", ["issues"], _) => {
                let page = query(&rest, "page").unwrap_or(1);
                let from = (page - 1) * PAGE;
                let items: Vec<Value> = (1..=self.issues.len()).skip(from).take(PAGE).map(|n| self.json(n)).collect();
                let reply = Reply::json(200, Value::Array(items).to_string());
                if from + PAGE >= self.issues.len() {
                    return reply;
                }
                let next = format!("{}/projects/acme%2Fleaks/issues?scope=all&page={}", self.base, page + 1);
                reply.with(&format!("Link: <{next}>; rel=\"next\""))
            }
            ("POST", ["issues"], _) => {
                self.issues.push(Kept { created: self.now, ..Kept::default() });
                self.take(self.issues.len(), &sent);
                Reply::json(201, self.json(self.issues.len()).to_string())
            }
            ("PUT", ["issues", _], Some(number)) => {
                if sent["state_event"] == "close" && self.issues[number - 1].closed.is_some() {
                    return Reply::json(400, r#"{"message":"state_event close is not valid"}"#);
                }
                self.take(number, &sent);
                Reply::json(200, self.json(number).to_string())
            }
            _ => none(),
        }
    }

    fn issues(&self) -> Vec<Kept> {
        self.issues.clone()
    }

    fn close(&mut self, number: usize, _: &str) {
        self.issues[number - 1].closed = Some((self.now, PERSON.to_owned(), String::new()));
    }

    fn clock(&mut self, now: i64) {
        self.now = now;
    }
}

/// Jira's project `SEC`, in the cloud or on a server.
#[derive(Clone, Debug, Default)]
pub struct JiraDouble {
    /// Whether it is in the cloud.
    pub cloud: bool,
    /// Whether anybody can read it.
    pub public: bool,
    /// Seconds after which a search finds what is new.
    pub lag: i64,
    /// What it keeps.
    pub issues: Vec<Kept>,
    /// Its clock.
    pub now: i64,
}

impl JiraDouble {
    fn json(&self, number: usize) -> Value {
        let kept = &self.issues[number - 1];
        let category = if kept.closed.is_some() { "done" } else { "new" };
        let description = if self.cloud {
            serde_json::from_str(&kept.text).unwrap_or_default()
        } else {
            Value::from(kept.text.as_str())
        };
        let resolution = kept.closed.as_ref().map(|(_, _, as_what)| json!({"name": as_what}));
        json!({"id": (10_000 + number).to_string(), "key": format!("SEC-{number}"), "fields": {
            "summary": kept.title, "description": description, "labels": kept.labels, "resolution": resolution,
            "status": {"name": category, "statusCategory": {"key": category}}, "duedate": kept.due,
            "resolutiondate": kept.closed.as_ref().map(|(at, ..)| moment(*at).replace('Z', ".000+0000")),
        }})
    }

    fn take(&mut self, number: usize, sent: &Value) -> Result<(), Reply> {
        let fields = &sent["fields"];
        let wrong = |field: &str, why: &str| {
            Err(Reply::json(400, json!({"errorMessages": [], "errors": {field: why}}).to_string()))
        };
        match &fields["description"] {
            Value::String(_) if self.cloud => {
                return wrong("description", "Operation value must be an Atlassian Document");
            }
            Value::Object(_) if !self.cloud => return wrong("description", "Operation value must be a string"),
            _ => {}
        }
        let description = &fields["description"];
        let length =
            description.as_str().map_or_else(|| description.to_string().chars().count(), |text| text.chars().count());
        if length > 32_767 {
            return wrong(
                "description",
                "The entered text is too long. It exceeds the allowed limit of 32,767 characters.",
            );
        }
        if texts(&fields["labels"]).iter().any(|label| label.contains(' ')) {
            return wrong("labels", "The label can't contain spaces.");
        }
        let kept = &mut self.issues[number - 1];
        if let Some(title) = fields["summary"].as_str() {
            title.clone_into(&mut kept.title);
        }
        match &fields["description"] {
            Value::String(text) => text.clone_into(&mut kept.text),
            Value::Null => {}
            document => kept.text = document.to_string(),
        }
        if fields.get("duedate").is_some() {
            kept.due = fields["duedate"].as_str().map(str::to_owned);
        }
        if let Some(account) = fields.pointer("/assignee/accountId").or(fields.pointer("/assignee/name")) {
            kept.assignees = vec![account.as_str().unwrap_or_default().to_owned()];
        }
        kept.labels.extend(texts(&fields["labels"]));
        for change in sent.pointer("/update/labels").and_then(Value::as_array).into_iter().flatten() {
            if let Some(label) = change["add"].as_str() {
                kept.labels.push(label.to_owned());
            }
            kept.labels.retain(|label| change["remove"].as_str() != Some(label));
        }
        Ok(())
    }

    fn search(&self, sent: &Value) -> Reply {
        let token = |text: &str| text.strip_prefix("page-").and_then(|n| n.parse::<usize>().ok());
        let from = match self.cloud {
            true => sent["nextPageToken"].as_str().and_then(token).unwrap_or(0),
            false => sent["startAt"].as_u64().unwrap_or(0) as usize,
        };
        let is_found = |n: &usize| self.issues[n - 1].created + self.lag <= self.now;
        let all: Vec<usize> = (1..=self.issues.len()).filter(is_found).collect();
        let items: Vec<Value> = all.iter().skip(from).take(PAGE).map(|n| self.json(*n)).collect();
        let mut page = json!({"issues": items});
        if self.cloud {
            if from + PAGE < all.len() {
                page["nextPageToken"] = format!("page-{}", from + PAGE).into();
            }
        } else {
            page["startAt"] = from.into();
            page["total"] = all.len().into();
        }
        Reply::json(200, page.to_string())
    }
}

impl Platform for JiraDouble {
    fn answer(&mut self, request: &Received) -> Reply {
        let ((path, _), sent, method) = (path(request), body(request), request.method.as_str());
        let is_known = header(request, "authorization") == format!("Bearer {TOKEN}")
            || header(request, "authorization").starts_with("Basic ");
        let version = if self.cloud { "/rest/api/3" } else { "/rest/api/2" };
        if path == "/rest/api/2/serverInfo" {
            let kind = if self.cloud { "Cloud" } else { "Server" };
            return Reply::json(200, json!({ "deploymentType": kind }).to_string());
        }
        let Some(inner) = path.strip_prefix(version) else { return Reply::json(404, "{}") };
        if inner == "/project/SEC" && (is_known || self.public) {
            return Reply::json(200, r#"{"key":"SEC"}"#);
        }
        if !is_known {
            return Reply::json(401, r#"{"errorMessages":["You are not authenticated."]}"#);
        }
        let words: Vec<&str> = inner.split('/').skip(1).collect();
        let number = words.get(1).and_then(|key| key.strip_prefix("SEC-")?.parse::<usize>().ok());
        let number = number.filter(|n| (1..=self.issues.len()).contains(n));
        match (method, words.as_slice(), number) {
            ("POST", ["search", "jql"], _) if self.cloud => self.search(&sent),
            ("POST", ["search"], _) if !self.cloud => self.search(&sent),
            ("POST", ["issue"], _) => {
                self.issues.push(Kept { created: self.now, ..Kept::default() });
                let number = self.issues.len();
                if let Err(refused) = self.take(number, &sent) {
                    self.issues.pop();
                    return refused;
                }
                Reply::json(201, json!({"id": "1", "key": format!("SEC-{number}")}).to_string())
            }
            ("PUT", ["issue", _], Some(number)) => {
                self.take(number, &sent).map_or_else(|r| r, |()| Reply::json(204, ""))
            }
            ("GET", ["issue", _, "transitions"], Some(_)) => {
                let way = |id: &str, key: &str| json!({"id": id, "to": {"statusCategory": {"key": key}}});
                Reply::json(
                    200,
                    json!({"transitions": [way("11", "new"), way("21", "indeterminate"), way("31", "done")]})
                        .to_string(),
                )
            }
            ("POST", ["issue", _, "transitions"], Some(number)) => {
                let is_end = sent.pointer("/transition/id") == Some(&json!("31"));
                self.issues[number - 1].closed = is_end.then(|| (self.now, "bot".to_owned(), "Done".to_owned()));
                Reply::json(204, "")
            }
            _ => Reply::json(404, r#"{"errorMessages":["Issue does not exist"]}"#),
        }
    }

    fn issues(&self) -> Vec<Kept> {
        self.issues.clone()
    }

    fn close(&mut self, number: usize, as_what: &str) {
        self.issues[number - 1].closed = Some((self.now, PERSON.to_owned(), as_what.to_owned()));
    }

    fn clock(&mut self, now: i64) {
        self.now = now;
    }
}

/// A program that takes events: checks what whoever signs them says, and drops what it has had.
#[derive(Clone, Debug, Default)]
pub struct WebhookDouble {
    /// The events, each once: id and body.
    pub events: Vec<(String, Value)>,
    /// The lines that were to sign them.
    pub signatures: Vec<(String, Vec<u8>)>,
    now: i64,
}

impl Platform for WebhookDouble {
    fn answer(&mut self, request: &Received) -> Reply {
        let id = header(request, "deadkey-event").to_owned();
        self.signatures.push((header(request, "deadkey-signature").to_owned(), request.body.clone()));
        if !self.events.iter().any(|(known, _)| *known == id) {
            self.events.push((id, body(request)));
        }
        Reply::json(202, r#"{"url":"https://tickets.example/1"}"#)
    }

    /// What the events say that is open and closed, by issue in the order of their opening.
    fn issues(&self) -> Vec<Kept> {
        let mut issues: Vec<(String, Kept)> = Vec::new();
        for (_, event) in &self.events {
            let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
            if event["event"] == "opened" {
                issues.push((text("issue"), Kept { created: self.now, ..Kept::default() }));
            }
            let Some((_, kept)) = issues.iter_mut().find(|(key, _)| *key == text("issue")) else { continue };
            (kept.title, kept.text, kept.labels) = (text("title"), text("text"), texts(&event["labels"]));
            kept.closed = (event["event"] == "closed").then(|| (self.now, "bot".to_owned(), String::new()));
        }
        issues.into_iter().map(|(_, kept)| kept).collect()
    }

    fn close(&mut self, _: usize, _: &str) {}

    fn clock(&mut self, now: i64) {
        self.now = now;
    }
}
