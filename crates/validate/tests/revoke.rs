//! Revoking at doubles: what is sent, and what an answer is worth.

mod common;

use common::{Leads, endpoint, options, secret};
use model::{FingerprintKey, Secret};
use rules::Ruleset;
use rules::sample::render;
use std::sync::{Arc, Mutex};
use testkit::double::{Double, Received, Reply};
use validate::{Act, Candidate, Endpoint, Options, Validator, Withdrawal};

/// `plain` revokes itself; `stepped` must learn its id; `off` is switched off first; `open` runs where the user says.
const RULES: &str = r#"
provider = "Acme"
[[rule]]
id = "plain"
name = "Plain key"
severity = "high"
shape = 'plain_[0-9A-Za-z]{32}'
[rule.revoke]
how = "api"
method = "POST"
url = "https://api.acme.example/revoke"
headers = ["Authorization: Bearer {secret}"]
done_when = [{ json = "/ok", is = true }]
outlives = ["sessions"]
lag = 60

[[rule]]
id = "stepped"
name = "Key that must learn its id"
severity = "high"
shape = 'stepped_[0-9A-Za-z]{32}'
[rule.revoke]
how = "api"
method = "DELETE"
url = "https://api.acme.example/keys/{id}"
headers = ["Authorization: Bearer {secret}"]
tells = [{ kind = "last used", url = "https://api.acme.example/keys/{id}", names = "/last_used" }]
[[rule.revoke.step]]
method = "GET"
url = "https://api.acme.example/me"
headers = ["Authorization: Bearer {secret}"]
live = [200]
take = { id = "/key/id" }

[[rule]]
id = "off"
name = "Key that is switched off"
severity = "high"
shape = 'off_[0-9A-Za-z]{32}'
[rule.revoke]
how = "api"
method = "POST"
url = "https://api.acme.example/off"
headers = ["Authorization: Bearer {secret}"]
undo = { method = "POST", url = "https://api.acme.example/on", headers = ["Authorization: Bearer {secret}"] }
delete = { method = "DELETE", url = "https://api.acme.example/me", headers = ["Authorization: Bearer {secret}"] }

[[rule]]
id = "open"
name = "Key of a service that anybody runs"
severity = "high"
shape = 'open_[0-9A-Za-z]{32}'
[rule.revoke]
how = "api"
method = "POST"
url = "https://{host}/revoke"
headers = ["X-Token: {secret}"]

[[rule]]
id = "hand"
name = "Key that people revoke"
severity = "high"
shape = 'hand_[0-9A-Za-z]{32}'
[rule.revoke]
how = "console"
steps = "Settings > Keys > Delete."
page = "https://acme.example/keys"
"#;

fn validator(double: Option<&Double>) -> Validator {
    let mut rules = Ruleset::empty();
    rules.add_text("invented.toml", RULES).expect("they compile");
    let endpoints = double.iter().map(|double| endpoint("acme", double)).collect();
    Validator::new(Arc::new(rules), Options { endpoints, ..options() })
}

fn withdraw(rule: &str, answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> (Withdrawal, Vec<Received>) {
    let double = Double::start(answer);
    let done = validator(Some(&double)).withdraw(&common::candidate(rule, &secret(rule, 1)), Act::Withdraw);
    (done.expect("it can be asked"), double.received())
}

fn said(withdrawal: &Withdrawal) -> &str {
    match withdrawal {
        Withdrawal::Done { said: text } | Withdrawal::NotDone { why: text } | Withdrawal::Unclear { why: text } => text,
    }
}

#[test]
fn what_an_answer_is_worth() {
    let done = |status: u16, body: &'static str| withdraw("plain", move |_| Reply::json(status, body)).0;
    assert!(matches!(done(200, r#"{"ok":true}"#), Withdrawal::Done { .. }));
    // A 200 that says no is no.
    let refused = done(200, r#"{"ok":false,"error":"not_allowed"}"#);
    assert!(matches!(&refused, Withdrawal::NotDone { why } if why.contains("not_allowed")), "{refused:?}");
    assert!(matches!(done(200, "{}"), Withdrawal::NotDone { .. }));
    let refused = done(403, r#"{"error":{"message":"needs the right keys:delete"}}"#);
    assert!(matches!(&refused, Withdrawal::NotDone { why } if why.contains("needs the right")), "{refused:?}");
    assert!(matches!(done(500, "{}"), Withdrawal::Unclear { .. }));
    let page = withdraw("plain", |_| Reply::of(200, "text/html", "<html>welcome")).0;
    assert!(matches!(&page, Withdrawal::Unclear { why } if why.contains("HTML")), "{page:?}");
    let moved = withdraw("plain", |_| Reply::json(302, "{}").with("Location: https://elsewhere.example/")).0;
    assert!(matches!(&moved, Withdrawal::Unclear { why } if why.contains("redirect")), "{moved:?}");
    let cut = withdraw("plain", |_| Reply::Close).0;
    assert!(matches!(&cut, Withdrawal::Unclear { why } if why.contains("whether the request arrived")), "{cut:?}");
}

#[test]
fn a_provider_that_echoes_the_secret_tells_nobody() {
    let key = secret("plain", 1);
    let echoed = key.clone();
    let answer = move |_: &Received| Reply::json(400, format!(r#"{{"error":"no such key {echoed}"}}"#));
    let (withdrawal, received) = withdraw("plain", answer);
    assert_eq!(received.len(), 1);
    assert!(received[0].text().contains(&key) && !said(&withdrawal).contains(&key), "{withdrawal:?}");
    assert!(said(&withdrawal).contains("no such key …"), "{withdrawal:?}");
}

#[test]
fn an_id_is_learnt_first_and_nothing_is_deleted_without_it() {
    let answer = |received: &Received| match (received.method.as_str(), received.target.as_str()) {
        ("GET", "/me") => Reply::json(200, r#"{"key":{"id":"k/1"}}"#),
        ("GET", "/keys/k%2F1") => Reply::json(200, r#"{"last_used":"2026-11-26"}"#),
        ("DELETE", "/keys/k%2F1") => Reply::json(204, ""),
        other => panic!("{other:?}"),
    };
    let (withdrawal, received) = withdraw("stepped", answer);
    assert!(matches!(withdrawal, Withdrawal::Done { .. }), "{withdrawal:?}");
    assert_eq!(received.len(), 2);
    let double = Double::start(answer);
    let candidate = common::candidate("stepped", &secret("stepped", 1));
    let told = validator(Some(&double)).told_of_use(&candidate).expect("asked");
    assert_eq!(told, ["last used: 2026-11-26"]);
    assert!(double.received().iter().all(|one| one.method == "GET"), "telling changes nothing");
    for body in ["{}", r#"{"key":{"id":""}}"#, "nonsense"] {
        let (withdrawal, received) = withdraw("stepped", move |_| Reply::json(200, body));
        assert!(matches!(&withdrawal, Withdrawal::NotDone { why } if why.contains("/key/id")), "{withdrawal:?}");
        assert!(received.iter().all(|one| one.method == "GET"), "{received:?}");
    }
}

#[test]
fn each_act_has_a_request_of_its_own() {
    let double = Double::start(|_| Reply::json(200, "{}"));
    let mut validator = validator(Some(&double));
    let candidate = common::candidate("off", &secret("off", 1));
    for act in [Act::Withdraw, Act::Undo, Act::Delete] {
        assert!(matches!(validator.withdraw(&candidate, act), Ok(Withdrawal::Done { .. })));
    }
    let sent: Vec<String> = double.received().iter().map(|one| format!("{} {}", one.method, one.target)).collect();
    assert_eq!(sent, ["POST /off", "POST /on", "DELETE /me"]);
    let prospect = validator.prospect(&candidate, Act::Withdraw).unwrap();
    assert!(prospect.is_reversible && prospect.has_delete && prospect.requests.is_some(), "{prospect:?}");
    let plain = common::candidate("plain", &secret("plain", 1));
    for (act, why) in [(Act::Undo, "cannot be undone"), (Act::Delete, "nothing to delete")] {
        assert!(validator.prospect(&plain, act).unwrap().why_not.contains(why));
        assert!(matches!(validator.withdraw(&plain, act), Ok(Withdrawal::NotDone { why: said }) if said.contains(why)));
    }
    assert_eq!(double.received().len(), 3);
}

#[test]
fn a_prospect_shows_no_secret_and_opens_no_connection() {
    let double = Double::start(|_| Reply::json(200, "{}"));
    let mut validator = validator(Some(&double));
    let key = secret("plain", 1);
    let prospect = validator.prospect(&common::candidate("plain", &key), Act::Withdraw).unwrap();
    let sent = &prospect.requests.as_ref().expect("a request")[0];
    assert_eq!(sent.url, format!("{}/revoke", double.url()));
    assert_eq!(sent.headers, ["Authorization: Bearer <secret>"]);
    assert!(!format!("{prospect:?}").contains(&key));
    assert_eq!((prospect.lag.as_secs(), prospect.outlives.as_slice()), (60, &["sessions".to_owned()][..]));
    let by_hand = validator.prospect(&common::candidate("hand", &secret("hand", 1)), Act::Withdraw).unwrap();
    assert!(
        by_hand.requests.is_none()
            && by_hand.is_for_people
            && by_hand.by_hand.contains("Delete")
            && by_hand.page.contains("acme")
    );
    assert_eq!(double.connections(), 0);
}

#[test]
fn a_host_that_nobody_named_gets_nothing() {
    let candidate = common::candidate("open", &secret("open", 1));
    let mut unnamed = validator(None);
    let prospect = unnamed.prospect(&candidate, Act::Withdraw).unwrap();
    assert!(prospect.why_not.contains("--verify-endpoint acme=https://"), "{prospect:?}");
    assert!(matches!(unnamed.withdraw(&candidate, Act::Withdraw), Ok(Withdrawal::NotDone { .. })));
    let double = Double::start(|_| Reply::json(204, ""));
    let mut named = validator(Some(&double));
    assert!(matches!(named.withdraw(&candidate, Act::Withdraw), Ok(Withdrawal::Done { .. })));
    assert_eq!(double.received()[0].header("x-token"), Some(secret("open", 1).as_str()));
}

#[test]
fn names_that_lead_to_private_addresses_get_nothing() {
    let mut rules = Ruleset::empty();
    rules.add_text("invented.toml", RULES).expect("they compile");
    let resolver = Arc::new(Leads(vec![[169, 254, 169, 254].into()]));
    let mut validator = Validator::new(Arc::new(rules), Options { resolver, ..options() });
    let withdrawal = validator.withdraw(&common::candidate("plain", &secret("plain", 1)), Act::Withdraw).unwrap();
    assert!(said(&withdrawal).contains("private address"), "{withdrawal:?}");
}

/// The credential of a built-in rule, with made-up parts.
fn sample(ruleset: &Ruleset, at: usize) -> Candidate {
    let (rule, details) = (&ruleset.rules()[at], ruleset.details(at));
    let made = |template: &str| render(template, rule, &details, &|_, _| true, 4242).expect("a sample");
    let part = |name: &String| (name.clone(), Secret::new(made(&format!("{{part:{name}}}")).text));
    let secret = made("{secret}").secret.expect("a secret");
    Candidate {
        rule: rule.id.clone(),
        parts: rule.companions.iter().map(|companion| part(&companion.name)).collect(),
        fingerprint: FingerprintKey::public().fingerprint(&secret),
        secret: Secret::new(secret),
        seen_hosts: Vec::new(),
        apart: Vec::new(),
        was_live: true,
    }
}

/// Every request of the built-in rules that revokes something, at a double that answers steps with what they look for.
#[test]
fn every_rule_that_revokes_by_a_request_sends_what_it_says() {
    let ruleset = Arc::new(Ruleset::builtin());
    let mut count = 0;
    for at in 0..ruleset.rules().len() {
        let Some(revoke) = ruleset.details(at).revoke.filter(|revoke| revoke.how == rules::How::Api) else { continue };
        let id = ruleset.rules()[at].id.clone();
        let (method, done) = (revoke.request.method.clone(), revoke.done[0]);
        let said = Arc::new(Mutex::new(done));
        let answers = said.clone();
        let double = Double::start(move |received| {
            // An answer in which everything that any rule looks for stands.
            let taken = r#""id":"1","result":{"id":"2"},"client_id":"3","token":{"user":"4","authorization":"5"},"tokenId":"6""#;
            let body = format!(r#"{{"ok":true,"revoked":true,"success":true,{taken}}}"#);
            match *answers.lock().unwrap() {
                _ if received.method == "GET" => Reply::json(200, body),
                204 => Reply::json(204, ""),
                status => Reply::json(status, body),
            }
        });
        let endpoints = vec![Endpoint { of: id.clone(), base: validate::Base::parse(&double.url()).unwrap() }];
        let mut validator = Validator::new(ruleset.clone(), Options { endpoints, ..options() });
        let candidate = sample(&ruleset, at);
        let prospect = validator.prospect(&candidate, Act::Withdraw).unwrap();
        let planned = prospect.requests.unwrap_or_else(|| panic!("{id}: {}", prospect.why_not));
        let shown = format!("{planned:?}");
        assert!(!shown.contains(&candidate.secret.expose_text()), "{id}");
        let withdrawal = validator.withdraw(&candidate, Act::Withdraw).expect("asked");
        assert!(matches!(withdrawal, Withdrawal::Done { .. }), "{id}: {withdrawal:?}");
        let received = double.received();
        assert_eq!(received.len(), planned.len(), "{id}");
        assert_eq!(received.last().map(|one| one.method.clone()), Some(method), "{id}");
        let secret = candidate.secret.expose_text();
        let whole = received.last().unwrap().text();
        assert!(whole.contains(&secret) || id == "discord-webhook-url", "{id}: {whole}");
        *said.lock().unwrap() = 401;
        let withdrawal = validator.withdraw(&candidate, Act::Withdraw).expect("asked");
        assert!(matches!(withdrawal, Withdrawal::NotDone { .. }), "{id}: {withdrawal:?}");
        count += 1;
    }
    assert!(count >= 50, "{count}");
}
