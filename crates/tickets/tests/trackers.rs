//! Trackers, against doubles of their interfaces: the network cut before and after every request, rates, refusals, people who
//! close issues. Whatever happens, the next run ends where one that was not disturbed ends.

use model::{Confidence, Finding, FingerprintKey, PlaceKind, RuleRef, Secret, Severity, Verdict};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};
use testkit::double::{Received, Reply};
use testkit::trackers::{GitHubDouble, GitLabDouble, JiraDouble, Kept, PERSON, Platform, TOKEN, WebhookDouble};
use tickets::tracker::{
    Applied, Courier, GitHub, GitLab, Jira, Lost, Patience, PlanSettings, Request, Response, Tracker, Webhook, apply,
    sync_plan,
};
use tickets::{
    Access, Actor, Address, Answer, Error, Evidence, Filter, Identity, Ledger, NoRules, Note, Origin, PlaceSeen,
    Reading, Reread, Sighting, Sla, State, Verify,
};

/// 2026-06-01.
const NOW: i64 = 1_780_272_000;
const DAY: i64 = 86_400;
/// Where the doubles believe they are.
const BASE: &str = "https://tracker.example/api";

/// The values, as they must appear nowhere.
fn value(number: usize) -> String {
    format!("{}-{number:03}-{}", "synthetic-value".repeat(2), "abcdefghij")
}

struct Values;

impl Reread for Values {
    fn read(&mut self, address: &Address) -> Result<Vec<Finding>, String> {
        let number: usize = address.path.trim_matches(|c: char| !c.is_ascii_digit()).parse().map_err(|_| "gone")?;
        let rule = RuleRef {
            id: "acme-token".to_owned(),
            name: "Acme token".to_owned(),
            provider: "Acme".to_owned(),
            severity: Severity::High,
            tags: Vec::new(),
            rotate: String::new(),
        };
        Ok(vec![Finding {
            rule: rule.into(),
            fingerprint: FingerprintKey::public().fingerprint(value(number).as_bytes()),
            confidence: Confidence::High,
            reasons: Vec::new(),
            secret: Secret::new(value(number)),
            public_prefix: 0,
            parts: Vec::new(),
            expires: None,
            verdict: Verdict::NotChecked,
            places: Vec::new(),
            histories: Vec::new(),
            suppressions: Vec::new(),
            remarks: Vec::new(),
        }])
    }

    fn is_reachable(&mut self, _: &Address) -> bool {
        true
    }

    fn recognise(&mut self, _: &[u8]) -> Vec<Finding> {
        Vec::new()
    }
}

struct Says(Verdict);

impl Verify for Says {
    fn verify(&mut self, findings: &[Finding]) -> Vec<Answer> {
        let evidence = Evidence { by: "a check".to_owned(), request: "GET /user".to_owned(), ..Evidence::default() };
        findings.iter().map(|_| Answer { verdict: self.0.clone(), evidence: evidence.clone() }).collect()
    }
}

fn open_at(folder: &Path, now: i64) -> Ledger {
    let access = Access { create: true, read_only: false, wait: Duration::from_secs(1) };
    let actor = Actor {
        who: "Kim".to_owned(),
        known_by: "a test".to_owned(),
        host: "here".to_owned(),
        tool: "deadkey test".to_owned(),
        ruleset: String::new(),
        now,
    };
    let key = FingerprintKey::new(b"a key of the tests, of no one else");
    Ledger::open(&folder.join("ledger.db"), &access, key, actor, Sla::default()).expect("a ledger")
}

/// Takes in credentials with these numbers.
fn take_in(ledger: &mut Ledger, numbers: &[usize]) {
    let sighting = |number: &usize| Sighting {
        identity: Identity::Value(Secret::new(value(*number))),
        rule: "acme-token".to_owned(),
        title: "Acme token".to_owned(),
        provider: "Acme".to_owned(),
        hint: "acme_Nq12…".to_owned(),
        introducer: Some(format!("@{PERSON}")),
        places: vec![PlaceSeen {
            line: 3,
            kind: PlaceKind::File,
            ..PlaceSeen::file(format!("conf/`@all`/\n/close {number}.env"))
        }],
        ..Sighting::default()
    };
    let reading = Reading {
        tool: "gitleaks".to_owned(),
        sightings: numbers.iter().map(sighting).collect(),
        ..Reading::default()
    };
    let digest = tickets::sha256(format!("{numbers:?}").as_bytes());
    let origin = Origin { name: "report.json".to_owned(), digest, source: "acme/app".to_owned(), ..Origin::default() };
    ledger.take_in(reading, &origin, &mut Values, &NoRules).expect("taken in");
}

/// When the network is cut.
#[derive(Clone, Copy, Debug)]
struct Cut {
    /// At this request, counted from 0.
    at: usize,
    /// Whether the request takes effect before its answer is lost.
    takes_effect: bool,
    /// Whether it stays cut.
    lasting: bool,
}

struct Wire<P> {
    platform: Rc<RefCell<P>>,
    sent: Rc<RefCell<Vec<Request>>>,
    paused: Rc<RefCell<f64>>,
    cut: Option<Cut>,
    /// Every so many requests are refused for their rate first.
    limit: Option<usize>,
    clock: i64,
}

impl<P: Platform> Courier for Wire<P> {
    fn send(&mut self, request: &Request) -> Result<Response, Lost> {
        let number = self.sent.borrow().len();
        self.sent.borrow_mut().push(request.clone());
        let is_cut = self.cut.filter(|cut| number == cut.at || cut.lasting && number > cut.at);
        if is_cut.is_some_and(|cut| !cut.takes_effect || number > cut.at) {
            return Err(Lost("the connection broke".to_owned()));
        }
        if self.limit.is_some_and(|every| number % every == every - 1) {
            return Ok(Response { status: 429, retry_after: Some(7), ..Response::default() });
        }
        let headers = request.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
        let received = Received {
            at: Instant::now(),
            method: request.method.to_owned(),
            target: request.url.strip_prefix(BASE).expect("nobody else is asked").to_owned(),
            host: "tracker.example".to_owned(),
            headers,
            body: request.body.clone(),
        };
        let Reply::Answer { status, headers, body, .. } = self.platform.borrow_mut().answer(&received) else {
            return Err(Lost("closed".to_owned()));
        };
        if is_cut.is_some() {
            return Err(Lost("the answer was lost".to_owned()));
        }
        let headers = headers.iter().filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        Ok(Response { status, headers, body, retry_after: None })
    }

    fn pause(&mut self, seconds: f64) {
        *self.paused.borrow_mut() += seconds;
        self.clock += seconds.ceil() as i64;
        self.platform.borrow_mut().clock(self.clock);
    }
}

/// A ledger and a tracker.
struct World<P> {
    folder: tempfile::TempDir,
    platform: Rc<RefCell<P>>,
    make: fn(Box<dyn Courier>, Patience) -> Box<dyn Tracker>,
    settings: PlanSettings,
}

struct Ran {
    result: Result<Applied, Error>,
    sent: Vec<Request>,
    paused: f64,
    planned: usize,
}

impl<P: Platform + Clone + 'static> World<P> {
    fn new(mut platform: P, make: fn(Box<dyn Courier>, Patience) -> Box<dyn Tracker>) -> World<P> {
        platform.clock(NOW);
        let folder = tempfile::tempdir().expect("a folder");
        World { folder, platform: Rc::new(RefCell::new(platform)), make, settings: PlanSettings::default() }
    }

    fn copy(&self) -> World<P> {
        let mut copy = World::new(self.platform.borrow().clone(), self.make);
        copy.settings = self.settings.clone();
        for entry in std::fs::read_dir(self.folder.path()).expect("a folder") {
            let path = entry.expect("a file").path();
            std::fs::copy(&path, copy.folder.path().join(path.file_name().expect("a name"))).expect("copied");
        }
        copy
    }

    fn ledger(&self, now: i64) -> Ledger {
        open_at(self.folder.path(), now)
    }

    fn sync(&self, now: i64) -> Applied {
        let ran = self.sync_with(now, None, None);
        let applied = ran.result.expect("it goes well");
        assert_eq!((&applied.refused, &applied.broken), (&Vec::new(), &None));
        applied
    }

    fn sync_with(&self, now: i64, cut: Option<Cut>, limit: Option<usize>) -> Ran {
        self.platform.borrow_mut().clock(now);
        let (sent, paused) = (Rc::new(RefCell::new(Vec::new())), Rc::new(RefCell::new(0.0)));
        let wire = Wire {
            platform: self.platform.clone(),
            sent: sent.clone(),
            paused: paused.clone(),
            cut,
            limit,
            clock: now,
        };
        let mut tracker = (self.make)(Box::new(wire), Patience { between_changes: 0.0, ..Patience::default() });
        let mut ledger = self.ledger(now);
        let plan = sync_plan(&ledger, tracker.as_mut(), &self.settings);
        let planned = plan.as_ref().map_or(0, |plan| plan.actions.len());
        let result = plan.and_then(|plan| apply(&mut ledger, tracker.as_mut(), &plan, |_| ()));
        drop(tracker);
        let (sent, paused) = (sent.take(), *paused.borrow());
        Ran { result, sent, paused, planned }
    }

    fn kept(&self) -> Vec<Kept> {
        self.platform.borrow().issues()
    }

    /// All that two runs must agree in: times of the tracker aside.
    fn end(&self, now: i64) -> (Vec<Kept>, Vec<String>) {
        let mut kept = self.kept();
        for issue in &mut kept {
            issue.created = 0;
            // The time of the run that opened it again.
            if let Some(at) = issue.text.find("reopened:178") {
                issue.text.replace_range(at + 9..at + 19, "1");
            }
            issue.labels.sort();
            if let Some(closed) = &mut issue.closed {
                closed.0 = 0;
            }
        }
        let ledger = self.ledger(now);
        let tickets = ledger.tickets(&Filter { all: true, ..Filter::default() }).expect("tickets");
        let tickets = tickets.iter().map(|t| format!("{} {} {:?} {:?}", t.id, t.state, t.owner, t.tracker)).collect();
        ledger.verify_trail(None).expect("the trail is whole");
        (kept, tickets)
    }

    fn state(&self, ticket: i64) -> State {
        let ids = vec![ticket];
        self.ledger(NOW).tickets(&Filter { ids, ..Filter::default() }).expect("tickets")[0].state
    }
}

fn github() -> World<GitHubDouble> {
    World::new(GitHubDouble { base: BASE.to_owned(), ..GitHubDouble::default() }, |courier, patience| {
        Box::new(GitHub::new(courier, patience, BASE, TOKEN, "acme/leaks", HashMap::new()).expect("a repository"))
    })
}

fn gitlab() -> World<GitLabDouble> {
    World::new(GitLabDouble { base: BASE.to_owned(), ..GitLabDouble::default() }, |courier, patience| {
        Box::new(GitLab::new(courier, patience, BASE, TOKEN, "acme/leaks", HashMap::new()).expect("a project"))
    })
}

fn jira(cloud: bool) -> World<JiraDouble> {
    World::new(JiraDouble { cloud, lag: 5, ..JiraDouble::default() }, |courier, patience| {
        let authorization = format!("Bearer {TOKEN}");
        let logins = [(format!("@{PERSON}"), PERSON.to_owned())].into_iter().collect();
        Box::new(Jira::new(courier, patience, BASE, &authorization, "SEC", "Task", logins).expect("a project"))
    })
}

fn webhook() -> World<WebhookDouble> {
    World::new(WebhookDouble::default(), |courier, patience| {
        Box::new(Webhook::new(courier, patience, BASE, b"a key of the webhook", Box::new(|| NOW)))
    })
}

fn is_question(request: &Request) -> bool {
    request.method == "GET" || request.url.contains("/search")
}

/// Cuts the network at each request, in each way; then runs again, and once more.
fn cut_everywhere<P: Platform + Clone + 'static>(name: &str, before: &World<P>, now: i64) {
    let whole = before.copy();
    let requests = whole.sync_with(now, None, None);
    let applied = requests.result.expect("it goes well");
    assert!(applied.broken.is_none() && applied.refused.is_empty(), "{applied:?}");
    let wanted = whole.end(now);
    for at in 0..requests.sent.len() {
        for (takes_effect, lasting) in [(false, false), (true, false), (false, true), (true, true)] {
            let cut = Cut { at, takes_effect, lasting };
            let world = before.copy();
            world.sync_with(now, Some(cut), None);
            let second = world.sync_with(now + 1, None, None).result.expect("the second run goes well");
            assert!(second.broken.is_none() && second.refused.is_empty(), "{name} {cut:?}: {second:?}");
            assert_eq!(world.end(now), wanted, "{name} {cut:?}");
            let third = world.sync_with(now + 120, None, None);
            assert_eq!(third.planned, 0, "{name} {cut:?}");
            assert!(third.sent.iter().all(is_question), "{name} {cut:?}: {:?}", third.sent);
        }
    }
}

/// New tickets only.
fn opening<P: Platform + Clone + 'static>(name: &str, world: World<P>) {
    take_in(&mut world.ledger(NOW), &[1, 2, 3]);
    cut_everywhere(name, &world, NOW + 100);
}

/// Somebody closed an issue, a ticket ended, one has another owner, one is alive again, one is new.
fn moving<P: Platform + Clone + 'static>(name: &str, world: World<P>) {
    let mut ledger = world.ledger(NOW);
    take_in(&mut ledger, &[1, 2, 3, 5]);
    drop(ledger);
    assert_eq!(world.sync(NOW + 10).opened, 4);
    check(&mut world.ledger(NOW + 20), &[4], Verdict::dead("401"));
    assert_eq!((world.sync(NOW + 30).closed, world.kept().len()), (1, 4), "{name}");
    world.platform.borrow_mut().clock(NOW + 1000);
    world.platform.borrow_mut().close(1, "completed");
    let mut ledger = world.ledger(NOW + 2000);
    check(&mut ledger, &[2], Verdict::dead("401"));
    ledger.assign(&[3], "Somebody Else <else@example.invalid>", &Note::default()).expect("assigned");
    check(&mut ledger, &[4], Verdict::live());
    take_in(&mut ledger, &[4]);
    drop(ledger);
    cut_everywhere(name, &world, NOW + 3000);
}

/// A check of tickets that says the same of all.
fn check(ledger: &mut Ledger, tickets: &[i64], verdict: Verdict) {
    ledger.verify(tickets, &mut Values, &mut Says(verdict), |_| ()).expect("checked");
}

#[test]
fn cut_between_any_two_requests_github_ends_in_the_same_state() {
    opening("opening", github());
    moving("moving", github());
}

#[test]
fn cut_between_any_two_requests_gitlab_ends_in_the_same_state() {
    opening("opening", gitlab());
    moving("moving", gitlab());
}

#[test]
fn cut_between_any_two_requests_jira_ends_in_the_same_state_though_its_search_lags() {
    for cloud in [true, false] {
        opening("opening", jira(cloud));
        moving("moving", jira(cloud));
    }
}

#[test]
fn cut_between_any_two_requests_a_webhook_has_each_event_once() {
    opening("opening", webhook());
    moving("moving", webhook());
}

#[test]
fn rates_are_waited_for_and_change_nothing() {
    let world = github();
    take_in(&mut world.ledger(NOW), &[1, 2, 3]);
    let quiet = world.copy();
    quiet.sync(NOW + 10);
    let ran = world.sync_with(NOW + 10, None, Some(2));
    assert_eq!(ran.result.expect("it goes well").opened, 3);
    assert!(ran.paused >= 3.0 * 7.0, "{}", ran.paused);
    assert_eq!(world.end(NOW), quiet.end(NOW));
}

#[test]
fn a_closed_issue_is_a_word_a_verdict_an_end_and_life_opens_it_again_once_a_day() {
    let world = github();
    take_in(&mut world.ledger(NOW), &[1]);
    world.sync(NOW);
    world.platform.borrow_mut().clock(NOW + 100);
    world.platform.borrow_mut().close(1, "completed");
    let applied = world.sync(NOW + 200);
    assert_eq!((applied.rotated, applied.reopened, world.state(1)), (1, 0, State::Rotated));
    let entries = world.ledger(NOW).entries(Some(1)).expect("entries");
    let evidence = entries.last().map(|entry| entry.body["details"]["evidence"].to_string()).unwrap_or_default();
    assert!(evidence.contains("issues/1 closed by octo at 2026-06-01T00:01:40Z"), "{evidence}");
    // It works still.
    check(&mut world.ledger(NOW + 300), &[1], Verdict::live());
    assert_eq!(world.sync(NOW + 400).reopened, 1);
    let kept = &world.kept()[0];
    assert!(
        kept.closed.is_none() && kept.text.contains("works still: a check at 2026-06-01T00:05:00Z"),
        "{}",
        kept.text
    );
    assert_eq!(world.sync(NOW + 500).unchanged, 1);
    // Closed again, and checked again on the same day.
    world.platform.borrow_mut().clock(NOW + 600);
    world.platform.borrow_mut().close(1, "completed");
    check(&mut world.ledger(NOW + 700), &[1], Verdict::live());
    assert_eq!(world.sync(NOW + 800).reopened, 0);
    assert_eq!(world.sync(NOW + 401 + DAY).reopened, 1);
    // Then it is proven.
    world.platform.borrow_mut().clock(NOW + 2 * DAY);
    world.platform.borrow_mut().close(1, "completed");
    check(&mut world.ledger(NOW + 3 * DAY), &[1], Verdict::dead("401"));
    assert_eq!(world.sync(NOW + 3 * DAY + 10).closed, 1);
    let kept = &world.kept()[0];
    assert!(
        kept.closed.is_some() && kept.text.contains("rotated to **dead**; evidence: `a check, GET /user"),
        "{}",
        kept.text
    );
    assert_eq!(world.state(1), State::Dead);
    assert_eq!(world.sync(NOW + 3 * DAY + 20), Applied { unchanged: 1, ..Applied::default() });
    // And alive once more: the ticket is open again, and so is the issue.
    check(&mut world.ledger(NOW + 5 * DAY), &[1], Verdict::live());
    assert_eq!((world.state(1), world.sync(NOW + 5 * DAY + 10).reopened), (State::Open, 1));
    world.ledger(NOW + 6 * DAY).verify_trail(None).expect("the trail is whole");
}

#[test]
fn closed_as_not_planned_is_no_word_that_it_is_rotated() {
    let world = github();
    take_in(&mut world.ledger(NOW), &[1]);
    world.sync(NOW);
    world.platform.borrow_mut().close(1, "not_planned");
    let applied = world.sync(NOW + 200);
    assert_eq!((applied.rotated, applied.reopened, world.state(1)), (0, 1, State::Open));
    assert!(world.kept()[0].text.contains("`deadkey tickets accept`"), "{}", world.kept()[0].text);
}

#[test]
fn more_issues_than_may_be_are_refused_before_anything_is_done() {
    let mut world = gitlab();
    let numbers: Vec<usize> = (1..=26).collect();
    take_in(&mut world.ledger(NOW), &numbers);
    let ran = world.sync_with(NOW, None, None);
    let why = ran.result.expect_err("refused").to_string();
    assert!(why.starts_with("26 new issues would be opened, and no more than 25 may be; nothing was done"), "{why}");
    assert!(world.kept().is_empty());
    world.settings.by_owner = true;
    assert_eq!(world.sync(NOW).opened, 1);
    let kept = &world.kept()[0];
    assert!(kept.title == "Leaked credentials of octo" && kept.text.contains("Ticket 26"), "{}", kept.text);
    assert_eq!((kept.assignees.as_slice(), kept.due.is_some()), (["7".to_owned()].as_slice(), true));
    // Everybody's word for all of them.
    world.platform.borrow_mut().clock(NOW + 50);
    world.platform.borrow_mut().close(1, "");
    assert_eq!(world.sync(NOW + 100).rotated, 26);
}

/// Two owners; the only ticket of the first goes to the second.
fn changing_hands<P: Platform + Clone + 'static>(name: &str, mut world: World<P>) {
    world.settings.by_owner = true;
    take_in(&mut world.ledger(NOW), &[1, 2]);
    world.ledger(NOW).assign(&[2], "Somebody Else", &Note::default()).expect("assigned");
    assert_eq!(world.sync(NOW + 10).opened, 2);
    world.ledger(NOW + 20).assign(&[1], "Somebody Else", &Note::default()).expect("assigned");
    cut_everywhere(name, &world, NOW + 100);
}

#[test]
fn an_owners_issue_ends_when_its_last_ticket_changes_hands() {
    let mut world = github();
    world.settings.by_owner = true;
    take_in(&mut world.ledger(NOW), &[1]);
    assert_eq!(world.sync(NOW).opened, 1);
    world.ledger(NOW + 10).assign(&[1], "Somebody Else", &Note::default()).expect("assigned");
    let applied = world.sync(NOW + 20);
    assert_eq!((applied.opened, applied.closed, applied.rotated), (1, 1, 0));
    let kept = world.kept();
    assert!(
        kept[0].closed.is_some() && kept[0].text.contains("Its tickets (1) are told of in other issues"),
        "{kept:?}"
    );
    assert!(kept[1].closed.is_none() && kept[1].title == "Leaked credentials of Somebody Else", "{kept:?}");
    let urls = world.ledger(NOW).tickets(&Filter::default()).expect("tickets")[0].tracker.clone();
    assert_eq!(urls.as_deref(), Some("https://github.example/acme/leaks/issues/2"));
    assert_eq!(world.sync(NOW + 30), Applied { unchanged: 1, ..Applied::default() });
    // And back: the first goes on.
    world.ledger(NOW + 40).assign(&[1], "@octo", &Note::default()).expect("assigned");
    let applied = world.sync(NOW + 50);
    assert_eq!((applied.opened, applied.closed, applied.reopened), (0, 1, 1));
    assert_eq!(world.sync(NOW + 60), Applied { unchanged: 1, ..Applied::default() });
    // What is not severe enough for an issue of its own keeps the one that tells of it.
    world.ledger(NOW + 70).assign(&[1], "Kim", &Note::default()).expect("assigned");
    world.settings.least = Some(Severity::Critical);
    assert_eq!(world.sync(NOW + 80), Applied::default());
    assert!(world.kept()[0].closed.is_none());
}

#[test]
fn cut_between_any_two_requests_a_ticket_that_changes_hands_has_one_issue() {
    changing_hands("github", github());
    changing_hands("gitlab", gitlab());
    changing_hands("jira", jira(true));
    changing_hands("webhook", webhook());
}

#[test]
fn a_description_of_jira_is_no_longer_than_it_takes() {
    for cloud in [true, false] {
        let mut world = jira(cloud);
        world.settings.by_owner = true;
        let numbers: Vec<usize> = (1..=200).collect();
        take_in(&mut world.ledger(NOW), &numbers);
        assert_eq!(world.sync(NOW).opened, 1);
        let text = world.kept()[0].text.clone();
        assert!(text.len() > 20_000 && text.contains("deadkey:"), "{}", text.len());
        assert_eq!(world.sync(NOW + 10).unchanged, 1);
    }
}

#[test]
fn what_anybody_can_read_is_refused_and_else_names_no_place() {
    fn both<P: Platform + Clone + 'static>(mut world: World<P>) {
        take_in(&mut world.ledger(NOW), &[1]);
        let why = world.sync_with(NOW, None, None).result.expect_err("refused").to_string();
        assert!(why.contains("can be read by anybody") && world.kept().is_empty(), "{why}");
        world.settings.allow_public = true;
        assert_eq!(world.sync(NOW).opened, 1);
        let kept = format!("{:?}", world.kept());
        for hidden in ["conf/", "acme/app", "acme_", "verdict"] {
            assert!(!kept.to_lowercase().contains(hidden), "{hidden}: {kept}");
        }
    }
    both(World::new(GitHubDouble { public: true, base: BASE.to_owned(), ..GitHubDouble::default() }, github().make));
    both(World::new(GitLabDouble { public: true, base: BASE.to_owned(), ..GitLabDouble::default() }, gitlab().make));
    both(World::new(JiraDouble { public: true, cloud: true, ..JiraDouble::default() }, jira(true).make));
}

#[test]
fn no_value_and_no_masked_form_is_sent_and_the_input_commands_nothing() {
    fn sent<P: Platform + Clone + 'static>(world: World<P>) {
        take_in(&mut world.ledger(NOW), &[1, 2]);
        let ran = world.sync_with(NOW, None, None);
        ran.result.expect("it goes well");
        for request in &ran.sent {
            let body = String::from_utf8_lossy(&request.body);
            assert!(!body.contains(&value(1)[30..]) && !body.contains("synthetic") && !body.contains("Nq12"), "{body}");
        }
        for kept in world.kept() {
            assert!(kept.closed.is_none(), "a path closed it: {kept:?}");
        }
    }
    sent(github());
    sent(gitlab());
    sent(jira(true));
    sent(jira(false));
    sent(webhook());
}

#[test]
fn an_issue_whose_marker_somebody_took_out_is_known_by_its_number() {
    let world = github();
    take_in(&mut world.ledger(NOW), &[1]);
    world.sync(NOW);
    world.platform.borrow_mut().issues[0].text = "rewritten by somebody".to_owned();
    let applied = world.sync(NOW + 10);
    assert_eq!((applied.opened, applied.updated, world.kept().len()), (0, 1, 1));
}

#[test]
fn two_issues_of_one_ticket_become_one_and_labels_of_people_stay() {
    let world = github();
    take_in(&mut world.ledger(NOW), &[1]);
    world.sync(NOW);
    let mut copy = world.platform.borrow().issues[0].clone();
    copy.labels.push("of-people".to_owned());
    world.platform.borrow_mut().issues.push(copy);
    world.platform.borrow_mut().issues[0].labels = vec!["of-people".to_owned(), "severity-low".to_owned()];
    let applied = world.sync(NOW + 10);
    assert_eq!((applied.closed, applied.updated), (1, 1));
    let kept = world.kept();
    assert!(kept[0].closed.is_none() && kept[1].closed.is_some(), "{kept:?}");
    assert!(kept[0].labels.contains(&"of-people".to_owned()) && !kept[0].labels.contains(&"severity-low".to_owned()));
    assert_eq!(world.sync(NOW + 20).unchanged, 1);
}

#[test]
fn what_is_refused_of_one_issue_keeps_no_other() {
    let world = github();
    take_in(&mut world.ledger(NOW), &[1, 2]);
    world.sync(NOW);
    let mut ledger = world.ledger(NOW);
    ledger.assign(&[1, 2], "nobody in particular", &Note::default()).expect("assigned");
    drop(ledger);
    // The first was deleted while the plan was made: the double answers 404.
    let (sent, paused) = (Rc::new(RefCell::new(Vec::new())), Rc::new(RefCell::new(0.0)));
    let wire = Wire { platform: world.platform.clone(), sent, paused, cut: None, limit: None, clock: NOW };
    let mut tracker = (world.make)(Box::new(wire), Patience { between_changes: 0.0, ..Patience::default() });
    let mut ledger = world.ledger(NOW);
    let mut plan = sync_plan(&ledger, tracker.as_mut(), &world.settings).expect("a plan");
    for action in &mut plan.actions {
        if let tickets::tracker::Action::Change { issue, .. } = action
            && issue.number == "1"
        {
            issue.number = "99".to_owned();
        }
    }
    let applied = apply(&mut ledger, tracker.as_mut(), &plan, |_| ()).expect("applied");
    assert_eq!((applied.updated, applied.refused.len(), applied.broken), (1, 1, None));
    assert!(applied.refused[0].contains("tracker.example answered 404 to"), "{:?}", applied.refused);
}

#[test]
fn a_webhooks_events_are_signed() {
    let world = webhook();
    take_in(&mut world.ledger(NOW), &[1]);
    world.sync(NOW);
    let double = world.platform.borrow();
    let (signature, body) = &double.signatures[0];
    assert_eq!(*signature, Webhook::signature(b"a key of the webhook", NOW, body));
    assert!(signature.starts_with(&format!("t={NOW},v1=")) && signature.len() == 16 + 64, "{signature}");
    assert_ne!(*signature, Webhook::signature(b"another key", NOW, body));
    let tickets = world.ledger(NOW).tickets(&Filter::default()).expect("tickets");
    assert_eq!(tickets[0].tracker.as_deref(), Some("https://tickets.example/1"));
}

/// Answers 429 once, and its clock goes on while it is waited for.
struct Slow {
    clock: Rc<RefCell<i64>>,
    signatures: Rc<RefCell<Vec<(String, Vec<u8>)>>>,
}

impl Courier for Slow {
    fn send(&mut self, request: &Request) -> Result<Response, Lost> {
        let signatures: Vec<_> = request.headers.iter().filter(|(name, _)| name == "Deadkey-Signature").collect();
        assert_eq!(signatures.len(), 1);
        self.signatures.borrow_mut().push((signatures[0].1.clone(), request.body.clone()));
        let is_first = self.signatures.borrow().len() == 1;
        let (status, retry_after) = if is_first { (429, Some(90)) } else { (202, None) };
        Ok(Response { status, retry_after, ..Response::default() })
    }

    fn pause(&mut self, seconds: f64) {
        *self.clock.borrow_mut() += seconds as i64;
    }
}

#[test]
fn a_webhooks_signature_tells_the_time_at_which_it_is_sent() {
    let world = webhook();
    take_in(&mut world.ledger(NOW), &[1, 2]);
    let (clock, signatures) = (Rc::new(RefCell::new(NOW)), Rc::new(RefCell::new(Vec::new())));
    let courier = Slow { clock: clock.clone(), signatures: signatures.clone() };
    let patience = Patience { between_changes: 600.0, ..Patience::default() };
    let key = b"a key of the webhook";
    let mut hook = Webhook::new(Box::new(courier), patience, BASE, key, Box::new(move || *clock.borrow()));
    let mut ledger = world.ledger(NOW);
    let plan = sync_plan(&ledger, &mut hook, &world.settings).expect("a plan");
    assert_eq!(apply(&mut ledger, &mut hook, &plan, |_| ()).expect("applied").opened, 2);
    let told: Vec<String> = signatures.borrow().iter().map(|(signature, _)| signature.clone()).collect();
    let made = |at: i64, sent: usize| Webhook::signature(key, at, &signatures.borrow()[sent].1);
    // Refused for its rate, sent again after a pause, and the next one after another.
    assert_eq!(told, [made(NOW, 0), made(NOW + 90, 1), made(NOW + 690, 2)]);
}

#[test]
fn a_webhooks_event_that_comes_back_to_what_was_told_before_is_another_event() {
    let world = webhook();
    take_in(&mut world.ledger(NOW), &[1]);
    world.sync(NOW);
    for (at, owner) in [(10, "Jo"), (20, "Kim"), (30, "Jo"), (40, "Kim")] {
        world.ledger(NOW + at).assign(&[1], owner, &Note::default()).expect("assigned");
        assert_eq!(world.sync(NOW + at).updated, 1);
    }
    // The receiver drops an id that it has had.
    assert_eq!(world.platform.borrow().events.len(), 5);
}

#[test]
fn the_ledger_tells_sarif_where_people_read_of_a_credential() {
    let world = github();
    take_in(&mut world.ledger(NOW), &[1]);
    let fingerprint = world.ledger(NOW).tickets(&Filter::default()).expect("tickets")[0].fingerprint.clone();
    assert_eq!(world.ledger(NOW).work_item_uris(&fingerprint).expect("read"), Vec::<String>::new());
    world.sync(NOW);
    let uris = world.ledger(NOW).work_item_uris(&fingerprint).expect("read");
    assert_eq!(uris, ["https://github.example/acme/leaks/issues/1"]);
    assert_eq!(world.ledger(NOW).work_item_uris("dk1:x:no").expect("read"), Vec::<String>::new());
}

#[test]
fn two_runs_take_turns() {
    let world = github();
    let ledger = world.ledger(NOW);
    let first = ledger.lock_for_sync().expect("nobody is there");
    let why = ledger.lock_for_sync().expect_err("somebody is").to_string();
    assert!(why.contains("another `tickets sync`"), "{why}");
    drop(first);
    ledger.lock_for_sync().expect("it ended");
}

#[test]
fn a_token_that_is_none_and_a_page_elsewhere_end_the_run() {
    let world = World::new(GitHubDouble { base: BASE.to_owned(), ..GitHubDouble::default() }, |courier, patience| {
        Box::new(GitHub::new(courier, patience, BASE, "another", "acme/leaks", HashMap::new()).expect("a repository"))
    });
    let why = world.sync_with(NOW, None, None).result.expect_err("refused").to_string();
    assert_eq!(why, "tracker.example does not know the token (401): Bad credentials");
    let world = github();
    take_in(&mut world.ledger(NOW), &[1, 2, 3]);
    world.sync(NOW);
    world.platform.borrow_mut().base = "https://elsewhere.example".to_owned();
    let why = world.sync_with(NOW, None, None).result.expect_err("refused").to_string();
    assert!(why.contains("its next page is at another address"), "{why}");
}

#[test]
fn a_ledger_of_version_1_becomes_one_of_version_2_and_keeps_what_it_has() {
    let world = github();
    take_in(&mut world.ledger(NOW), &[1, 2]);
    let db = rusqlite::Connection::open(world.folder.path().join("ledger.db")).expect("a ledger");
    db.execute_batch(
        "DROP TABLE issues; DROP TABLE sealed; DELETE FROM facts WHERE name = 'ledger'; PRAGMA user_version = 1",
    )
    .expect("as it was");
    drop(db);
    assert_eq!(world.ledger(NOW).tickets(&Filter::default()).expect("tickets").len(), 2);
    assert_eq!(world.sync(NOW).opened, 2);
    world.ledger(NOW).verify_trail(None).expect("the trail is whole");
}
