//! Every check of the built-in rules against a double that answers as the rule says the provider does: live, dead, limited,
//! odd. The host's name tells the double which rule is meant.

mod common;

use common::options;
use model::{FingerprintKey, Secret, Verdict};
use rules::sample::render;
use rules::template::{Address, HostKind, Template};
use rules::{Companion, Condition, Ruleset, Spot, Verify};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use testkit::double::{Double, Received, Reply};
use validate::{Candidate, Context, Endpoint, Options, Validator, Values};

/// What a double answers for the credential that is asked about; others are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Live,
    Dead,
    Limited,
    Page,
    Broken,
}

/// Words in paths that write, send, or spend what the account pays for.
const ACTS: [&str; 20] = [
    "/send/",
    "invalidate",
    "create",
    "delete",
    "notify",
    "publish",
    "identify-user",
    "callbackurl",
    "action=html2pdf",
    "purge",
    "trigger",
    "unsubscribe",
    "/scrape",
    "/capture",
    "/screenshot?",
    "logout",
    "/revoke",
    "/update",
    "/import",
    "/sms/send",
];

struct Case {
    rule: String,
    provider: String,
    verify: Verify,
    candidate: Candidate,
    secret: String,
}

impl Case {
    fn values(&self) -> Values {
        let mut values = Values::new();
        values.set("secret", self.secret.as_bytes());
        self.candidate.parts.iter().for_each(|(name, value)| values.set(name, value.expose()));
        values
    }
}

/// A credential of every rule that has a check. Its parts are made up, and differ from those of the control.
fn cases(ruleset: &Ruleset) -> Vec<Case> {
    let mut cases = Vec::new();
    for (at, rule) in ruleset.rules().iter().enumerate() {
        let details = ruleset.details(at);
        let Some(verify) = details.verify.clone() else { continue };
        let seal = |_, _: &mut Vec<u8>| true;
        let made = |template: &str| render(template, rule, &details, &seal, 4242).expect("a sample");
        let secret = made("{secret}").secret.expect("a secret");
        let part = |companion: &Companion| {
            let text = made(&format!("{{part:{}}}", companion.name)).text;
            // A word that tells what it is may stand before it.
            let (start, end) = companion.shape.match_where(&text, |_| true).expect("a part").secret;
            (companion.name.clone(), Secret::new(&text[start..end]))
        };
        let candidate = Candidate {
            rule: rule.id.clone(),
            secret: Secret::new(secret.clone()),
            parts: rule.companions.iter().map(part).collect(),
            fingerprint: FingerprintKey::public().fingerprint(format!("{} {at}", rule.id).as_bytes()),
            seen_hosts: Vec::new(),
            apart: Vec::new(),
            was_live: false,
        };
        let secret = String::from_utf8_lossy(&secret).into_owned();
        cases.push(Case { rule: rule.id.clone(), provider: rule.provider.clone(), verify, candidate, secret });
    }
    cases
}

/// The built-in rules, or those of the folder that `DEADKEY_TEST_RULES` names.
fn ruleset() -> Ruleset {
    let Some(folder) = std::env::var_os("DEADKEY_TEST_RULES") else { return Ruleset::builtin() };
    let mut ruleset = Ruleset::empty();
    ruleset.add_path(folder.as_ref()).expect("rules");
    ruleset
}

fn host(rule: &str) -> String {
    format!("{rule}.double.example")
}

fn set(root: &mut Value, pointer: &str, value: Value) {
    let Some(rest) = pointer.strip_prefix('/') else {
        *root = value;
        return;
    };
    let (word, behind) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    if word == "*" || word.parse::<usize>().is_ok() {
        if !root.is_array() {
            *root = json!([Value::Null]);
        }
        return set(&mut root[0], behind, value);
    }
    if !root.is_object() {
        *root = Value::Object(Map::new());
    }
    let word = if word == "#" { "key" } else { word };
    set(&mut root[word], behind, value);
}

fn scalar(text: &str) -> Value {
    match text {
        "true" => json!(true),
        "false" => json!(false),
        "null" => Value::Null,
        number if number.parse::<i64>().is_ok() => json!(number.parse::<i64>().unwrap()),
        text => json!(text),
    }
}

/// An answer that meets the conditions and holds the text.
fn answer(status: u16, conditions: &[&Condition], text: &str, others: &[(&Spot, &str)]) -> Reply {
    let mut body = json!({});
    let (mut lines, mut plain) = (Vec::new(), String::new());
    let mut place = |spot: &Spot, value: Value| match spot {
        Spot::Json(pointer) => set(&mut body, pointer, value),
        Spot::Header(name) => lines.push(format!("{name}: {}", value.as_str().unwrap_or("x"))),
    };
    others.iter().for_each(|(spot, value)| place(spot, json!(value)));
    for condition in conditions {
        match &condition.at {
            Some(at) => {
                let value = condition.is.first().map_or_else(|| json!(format!("x{}", condition.has)), |is| scalar(is));
                place(at, value);
            }
            None => plain.push_str(&condition.has),
        }
    }
    let texts = [text, plain.as_str()].into_iter().filter(|text| !text.is_empty());
    for text in texts {
        // A piece of an object, or a text that stands somewhere in it.
        let piece = serde_json::from_str::<Map<String, Value>>(&format!("{{{text}}}"));
        let word = serde_json::from_str::<Map<String, Value>>(&format!("{{{text}:{{\"id\":\"7\"}}}}"));
        match (piece.or(word), &mut body) {
            (Ok(piece), Value::Object(body)) => body.extend(piece),
            (_, body) if *body == json!({}) => {
                let reply = Reply::of(status, "text/plain", text);
                return lines.iter().fold(reply, |reply, line| reply.with(line));
            }
            (_, Value::Object(body)) => drop(body.insert("message".to_owned(), json!(text))),
            _ => {}
        }
    }
    lines.iter().fold(Reply::json(status, body.to_string()), |reply, line| reply.with(line))
}

fn live(verify: &Verify) -> Reply {
    let conditions: Vec<&Condition> = verify.live_when.iter().collect();
    let identity = verify.extract.identity.iter().map(|spot| (spot, "octo"));
    let scopes = verify.extract.scopes.iter().map(|spot| (spot, "read"));
    let expires = verify.extract.expires.iter().map(|spot| (spot, "2030-01-01"));
    let others: Vec<(&Spot, &str)> = identity.chain(scopes).chain(expires).collect();
    // Some APIs answer a live key with nothing wrong but the request.
    let status = verify.live_when.iter().find_map(|c| c.status.first()).unwrap_or(&verify.live[0]);
    answer(*status, &conditions, &verify.live_body, &others)
}

/// The refusal that the rule names first; `None` where it names none.
fn refusal(verify: &Verify) -> Option<Reply> {
    if let Some(condition) = verify.dead_when.first() {
        let status = condition.status.first().or(verify.dead.first()).copied().unwrap_or(200);
        return Some(answer(status, &[condition], "", &[]));
    }
    if !verify.dead_body.is_empty() {
        return Some(answer(verify.dead.first().copied().unwrap_or(400), &[], &verify.dead_body, &[]));
    }
    verify.dead.first().map(|status| answer(*status, &[], "", &[]))
}

/// The answer to a step: what the next request needs.
fn step_answer(verify: &Verify, received: &Received) -> Option<Reply> {
    let step = verify.steps.iter().find(|step| {
        let rest = Address::parse(&step.request.url).expect("an address").rest;
        let path = rest.split(['?', '{']).next().unwrap_or_default();
        let last = Address::parse(&verify.request.url).expect("an address").rest;
        step.request.method == received.method && received.target.starts_with(path) && !last.starts_with(rest)
    })?;
    let taken: Vec<(&Spot, &str)> = step.take.iter().map(|(_, spot)| (spot, "taken-0123456789")).collect();
    Some(answer(step.live[0], &[], "", &taken))
}

fn double(cases: &[Case], mood: Mood) -> Double {
    let of = |case: &Case| (case.verify.clone(), case.secret.clone(), case.values());
    let known: HashMap<String, (Verify, String, Values)> =
        cases.iter().map(|case| (host(&case.rule), of(case))).collect();
    Double::start(move |received| {
        let Some((verify, secret, values)) = known.get(&received.host) else { return Reply::json(500, "{}") };
        if received.target.contains("/deadkey-") {
            return Reply::json(404, r#"{"message":"no such path"}"#);
        }
        let text = received.text();
        // What a step took stands for the credential.
        let is_asked = match is_signed(verify) {
            true => has_signature(verify, values, &text),
            false => {
                let shows = text.contains(secret.as_str()) || is_part_of(secret, &text);
                shows || text.contains("taken-0123456789") || has_pieces(verify, values, &text)
            }
        };
        let refused = || refusal(verify).unwrap_or_else(|| Reply::json(400, r#"{"message":"no"}"#));
        match (is_asked, mood) {
            (false, _) => match verify.steps.first() {
                Some(step) if !step.dead_when.is_empty() || !step.dead.is_empty() => step_refusal(verify),
                _ => refused(),
            },
            (true, Mood::Dead) => match verify.steps.first() {
                Some(step) if !step.dead_when.is_empty() || !step.dead.is_empty() => step_refusal(verify),
                _ => refused(),
            },
            (true, Mood::Live) => step_answer(verify, received).unwrap_or_else(|| live(verify)),
            (true, Mood::Limited) => Reply::json(429, r#"{"message":"slow down"}"#).with("Retry-After: 120"),
            (true, Mood::Page) => Reply::of(verify.live[0], "text/html", "<!doctype html><title>Log in</title>"),
            (true, Mood::Broken) => Reply::json(verify.live[0], r#"{"ok":tru"#),
        }
    })
}

/// Whether what is sent proves the secret without showing it.
fn is_signed(verify: &Verify) -> bool {
    verify.request.headers.iter().chain([&verify.request.body]).any(|text| text.contains("{hmac-"))
}

/// Whether a request is signed as this credential signs it, at the moment that it says or one of the last seconds.
fn has_signature(verify: &Verify, values: &Values, text: &str) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let words = text.split(|c: char| !c.is_ascii_digit()).filter(|word| word.len() == 13);
    let said = words.filter_map(|word| word.parse().ok()).map(Duration::from_millis);
    let moments = said.chain((0..10).map(|ago| now - Duration::from_secs(ago)));
    let value = |header: &String| Template::parse(header.split_once(':').expect("a header").1.trim()).expect("parsed");
    let body = Template::parse(&verify.request.body).expect("parsed");
    let signed: Vec<Template> = verify.request.headers.iter().map(value).chain([body]).collect();
    let shows = |values: &Values, template: &Template| {
        let filled = values.fill(template, Context::Plain).expect("all parts");
        text.contains(&*String::from_utf8_lossy(&filled))
    };
    moments.map(|moment| values.at(moment)).any(|values| signed.iter().all(|template| shows(&values, template)))
}

/// Whether the pieces of a credential stand in the body, each in its place.
fn has_pieces(verify: &Verify, values: &Values, text: &str) -> bool {
    let body = Template::parse(&verify.request.body).expect("parsed");
    let filled = values.fill(&body, Context::Query).map(|body| String::from_utf8_lossy(&body).into_owned());
    verify.request.body.contains("{piece:") && filled.is_ok_and(|body| text.contains(&body))
}

fn step_refusal(verify: &Verify) -> Reply {
    let step = &verify.steps[0];
    match step.dead_when.first() {
        Some(condition) => answer(condition.status.first().copied().unwrap_or(400), &[condition], "", &[]),
        None => Reply::json(step.dead[0], "{}"),
    }
}

/// A credential that is an address is sent to it: its path is what the double sees of it.
fn is_part_of(secret: &str, text: &str) -> bool {
    let path = secret.trim_start_matches("https://").split_once('/').map(|(_, path)| path);
    path.is_some_and(|path| path.len() > 12 && text.contains(path))
}

fn ask(ruleset: &Arc<Ruleset>, cases: &[Case], mood: Mood, seed: u64) -> Vec<Verdict> {
    let double = double(cases, mood);
    let port = double.address().port();
    let base = |case: &Case| Endpoint::parse(&format!("{}=http://{}:{port}", case.rule, host(&case.rule)));
    let endpoints = cases.iter().map(|case| base(case).expect("an endpoint")).collect();
    let mut validator = Validator::new(ruleset.clone(), Options { endpoints, attempts: 1, seed, ..options() });
    let candidates: Vec<Candidate> = cases.iter().map(|case| case.candidate.clone()).collect();
    let verdicts = validator.verify(&candidates, &AtomicBool::new(false), &mut |_| ()).expect("it can be asked");
    for (case, verdict) in cases.iter().zip(&verdicts) {
        assert!(!format!("{verdict:?}").contains(&case.secret), "{}: {verdict:?}", case.rule);
    }
    verdicts
}

fn faults(mood: Mood, is_right: impl Fn(&Case, &Verdict) -> bool) {
    faults_of_seed(mood, 0, is_right);
}

/// The made-up credentials follow from the seed.
fn faults_of_seed(mood: Mood, seed: u64, is_right: impl Fn(&Case, &Verdict) -> bool) {
    let ruleset = Arc::new(ruleset());
    let cases = cases(&ruleset);
    let verdicts = ask(&ruleset, &cases, mood, seed);
    let wrong = cases.iter().zip(&verdicts).filter(|(case, verdict)| !is_right(case, verdict));
    let wrong: Vec<String> = wrong.map(|(case, verdict)| format!("{}: {verdict:?}", case.rule)).collect();
    assert!(wrong.is_empty(), "{mood:?}: {} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn at_least_250_types_are_checked() {
    let ruleset = ruleset();
    let count = cases(&ruleset).len();
    assert!(count >= 250, "{count}");
}

/// Whatever the made-up credential is, it can be asked about: a program has another seed in every run.
#[test]
fn every_rule_knows_a_live_key() {
    for seed in 0..8 {
        faults_of_seed(Mood::Live, seed << 40 | seed, |case, verdict| match verdict {
            Verdict::Live(live) => live.identity.is_some() != case.verify.extract.identity.is_empty(),
            _ => false,
        });
    }
}

#[test]
fn every_rule_that_may_knows_a_dead_key() {
    faults(Mood::Dead, |case, verdict| match verdict {
        Verdict::Dead { why } => !case.verify.experimental && !why.is_empty(),
        Verdict::Unknown { .. } => case.verify.experimental || refusal(&case.verify).is_none(),
        _ => false,
    });
}

#[test]
fn every_rule_waits_when_it_is_told_to() {
    faults(Mood::Limited, |_, verdict| matches!(verdict, Verdict::Unknown { retry_after: Some(120), .. }));
}

#[test]
fn no_rule_takes_a_page_for_an_answer() {
    faults(Mood::Page, |_, verdict| matches!(verdict, Verdict::Unknown { .. }));
}

#[test]
fn no_rule_takes_a_broken_answer_for_one() {
    faults(Mood::Broken, |_, verdict| matches!(verdict, Verdict::Unknown { .. }));
}

#[test]
fn every_check_names_its_host_and_nothing_that_writes() {
    let ruleset = ruleset();
    for case in cases(&ruleset) {
        for request in case.verify.requests() {
            let address = Address::parse(&request.url).expect("an address");
            let path = address.rest.to_ascii_lowercase();
            let acts = ACTS.iter().find(|word| path.contains(*word));
            assert_eq!(acts, None, "{}: {} does something", case.rule, request.url);
            let first =
                address.authority.rsplit('@').next().and_then(|host| host.split('.').next()).unwrap_or_default();
            let placeholder = ["example", "company", "yourdomain", "subdomain", "tenant", "acme"].contains(&first);
            assert!(!placeholder, "{}: somebody may be called so: {}", case.rule, request.url);
            let open = address.host_kind() == HostKind::Open && case.verify.hosts.is_empty();
            assert!(!open || case.verify.self_hosted, "{}: {}", case.provider, request.url);
        }
        assert!(!case.verify.live.is_empty());
    }
}
