//! `[rule.verify]` as people write it, checked.

use crate::rule::Revoke;
use crate::template::{Address, CLOCK_NAMES, HostKind, Template};
use crate::verify::{Condition, Extract, Reach, Request, Spot, Step, Verify};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Names that stand in every rule's templates.
const NAMES: [&str; 3] = ["secret", "identity", "host"];
/// Requests of one check, at most.
const MAX_STEPS: usize = 4;

/// See [`Verify`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyText {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<String>,
    #[serde(default)]
    body: String,
    live: Vec<u16>,
    #[serde(default)]
    dead: Vec<u16>,
    #[serde(default)]
    live_body: String,
    #[serde(default)]
    dead_body: String,
    #[serde(default)]
    live_when: Vec<ConditionText>,
    #[serde(default)]
    dead_when: Vec<ConditionText>,
    #[serde(default)]
    extract: ExtractText,
    #[serde(default)]
    reach: Vec<ReachText>,
    #[serde(default, rename = "step")]
    steps: Vec<StepText>,
    #[serde(default)]
    source: String,
    #[serde(default)]
    self_hosted: bool,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    experimental: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepText {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<String>,
    #[serde(default)]
    body: String,
    live: Vec<u16>,
    #[serde(default)]
    dead: Vec<u16>,
    #[serde(default)]
    dead_when: Vec<ConditionText>,
    #[serde(default)]
    take: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionText {
    #[serde(default)]
    status: OneOrMore,
    #[serde(default)]
    json: Option<String>,
    #[serde(default)]
    header: Option<String>,
    #[serde(default)]
    is: OneOrMore,
    #[serde(default)]
    has: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtractText {
    #[serde(default)]
    identity: OneOrMore,
    #[serde(default)]
    scopes: OneOrMore,
    #[serde(default)]
    expires: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReachText {
    kind: String,
    url: String,
    names: String,
}

/// `true`, `"x"`, `3`, or a list of such.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    #[default]
    None,
    One(Scalar),
    More(Vec<Scalar>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Scalar {
    Bool(bool),
    Number(i64),
    Text(String),
}

impl OneOrMore {
    fn texts(&self) -> Vec<String> {
        let text = |scalar: &Scalar| match scalar {
            Scalar::Bool(flag) => flag.to_string(),
            Scalar::Number(number) => number.to_string(),
            Scalar::Text(text) => text.clone(),
        };
        match self {
            OneOrMore::None => Vec::new(),
            OneOrMore::One(one) => vec![text(one)],
            OneOrMore::More(more) => more.iter().map(text).collect(),
        }
    }
}

/// Checks a written check of a rule whose companions are `companions`.
///
/// # Errors
/// The first fault, a sentence that names the key.
pub fn verify(text: &VerifyText, companions: &[&str]) -> Result<Verify, String> {
    let mut known: Vec<String> =
        NAMES.iter().chain(&CLOCK_NAMES).chain(companions).map(|name| (*name).to_owned()).collect();
    if text.live.is_empty() {
        return Err("verify.live names no status of a live key".to_owned());
    }
    if text.steps.len() >= MAX_STEPS {
        return Err(format!("verify has more than {MAX_STEPS} requests"));
    }
    let mut steps = Vec::new();
    for step in &text.steps {
        let (method, headers) = (step.method.clone(), step.headers.clone());
        let request = Request { method, url: step.url.clone(), headers, body: step.body.clone() };
        check_request("verify.step", &request, &known)?;
        let mut take = Vec::new();
        for (name, place) in &step.take {
            known.push(name.clone());
            take.push((name.clone(), spot(place)?));
        }
        let (live, dead) = (step.live.clone(), step.dead.clone());
        steps.push(Step { request, live, dead, dead_when: conditions(&step.dead_when)?, take });
    }
    let (method, headers) = (text.method.clone(), text.headers.clone());
    let request = Request { method, url: text.url.clone(), headers, body: text.body.clone() };
    check_request("verify", &request, &known)?;
    for step in steps.iter().map(|step| &step.request) {
        check_same_secret_hosts(step, &request, &text.hosts)?;
    }
    let reach = text.reach.iter().map(|reach| {
        let asked = Request { method: "GET".into(), url: reach.url.clone(), ..Request::default() };
        check_request("verify.reach", &asked, &known)?;
        Ok(Reach { kind: reach.kind.clone(), url: reach.url.clone(), names: spot(&reach.names)? })
    });
    Ok(Verify {
        steps,
        live: text.live.clone(),
        dead: text.dead.clone(),
        live_body: text.live_body.clone(),
        dead_body: text.dead_body.clone(),
        live_when: conditions(&text.live_when)?,
        dead_when: conditions(&text.dead_when)?,
        extract: extract(&text.extract)?,
        reach: reach.collect::<Result<_, String>>()?,
        source: text.source.clone(),
        self_hosted: text.self_hosted || Address::parse(&text.url).is_some_and(|at| is_open(&at, &text.hosts)),
        hosts: text.hosts.clone(),
        experimental: text.experimental,
        request,
    })
}

/// Whether nobody but the user can say which host it is.
fn is_open(address: &Address<'_>, hosts: &[String]) -> bool {
    address.host_kind() == HostKind::Open && hosts.is_empty()
}

/// A step may ask another host than the check (an issuer of tokens), but not one that the rule does not fix.
fn check_same_secret_hosts(step: &Request, last: &Request, hosts: &[String]) -> Result<(), String> {
    let (step, last) = (Address::parse(&step.url), Address::parse(&last.url));
    let open = |address: &Option<Address<'_>>| address.as_ref().is_some_and(|at| is_open(at, hosts));
    let authority = |address: &Option<Address<'_>>| address.as_ref().map(|at| at.authority.to_owned());
    if (open(&step) || open(&last)) && authority(&step) != authority(&last) {
        return Err("verify.step.url must have the host of verify.url where that is the user's to name".to_owned());
    }
    Ok(())
}

/// Checks the request of `[rule.revoke]`.
///
/// # Errors
/// As [`verify()`].
pub fn revoke(revoke: &Revoke, companions: &[&str]) -> Result<(), String> {
    match revoke.how.as_str() {
        "api" => {
            let known: Vec<String> = NAMES.iter().chain(companions).map(|name| (*name).to_owned()).collect();
            check_method("revoke", &revoke.method, &["POST", "DELETE", "PUT", "PATCH", "GET"])?;
            let (method, headers) = (revoke.method.clone(), revoke.headers.clone());
            check_templates(
                "revoke",
                &Request { method, url: revoke.url.clone(), headers, body: revoke.body.clone() },
                &known,
            )
        }
        "console" | "none" => Ok(()),
        other => Err(format!("revoke.how is '{other}'; one of api, console, none")),
    }
}

fn check_request(what: &str, request: &Request, known: &[String]) -> Result<(), String> {
    check_method(what, &request.method, &["GET", "POST", "HEAD"])?;
    check_templates(what, request, known)
}

fn check_method(what: &str, method: &str, methods: &[&str]) -> Result<(), String> {
    if methods.contains(&method) {
        return Ok(());
    }
    Err(format!("{what}.method is '{method}'; one of {}", methods.join(", ")))
}

fn check_templates(what: &str, request: &Request, known: &[String]) -> Result<(), String> {
    if Address::parse(&request.url).is_none_or(|address| address.authority.is_empty()) {
        return Err(format!("{what}.url must start with https:// and name a host"));
    }
    if let Some(line) = request.headers.iter().find(|line| !line.contains(':')) {
        return Err(format!("{what}.headers: '{line}' is no `Name: value`"));
    }
    let templates = [(&request.url, "url"), (&request.body, "body")];
    let headers = request.headers.iter().map(|header| (header, "headers"));
    for (template, key) in templates.into_iter().chain(headers) {
        let parsed = Template::parse(template).map_err(|fault| format!("{what}.{key}: {fault}"))?;
        if let Some(name) = parsed.names().into_iter().find(|name| !known.iter().any(|k| k == name)) {
            let known = known.join(", ");
            return Err(format!(
                "{what}.{key} uses '{{{name}}}'; known are {known}; a space behind the brace makes it text"
            ));
        }
    }
    Ok(())
}

fn conditions(written: &[ConditionText]) -> Result<Vec<Condition>, String> {
    written.iter().map(condition).collect()
}

fn condition(text: &ConditionText) -> Result<Condition, String> {
    let at = match (&text.json, &text.header) {
        (Some(_), Some(_)) => return Err("a condition looks at json or at a header, not at both".to_owned()),
        (Some(pointer), None) => Some(json(pointer)?),
        (None, header) => header.as_ref().map(|name| Spot::Header(name.to_ascii_lowercase())),
    };
    let status = text.status.texts().iter().map(|code| code.parse()).collect::<Result<Vec<u16>, _>>();
    let status = status.map_err(|_| "a condition's status is a number or a list of numbers".to_owned())?;
    let is = text.is.texts();
    if status.is_empty() && at.is_none() && text.has.is_empty() {
        return Err("a condition needs status, json, header or has".to_owned());
    }
    if at.is_none() && !is.is_empty() {
        return Err("a condition with `is` needs json or header".to_owned());
    }
    Ok(Condition { status, at, is, has: text.has.clone() })
}

fn extract(text: &ExtractText) -> Result<Extract, String> {
    let spots = |written: &OneOrMore| written.texts().iter().map(|place| spot(place)).collect::<Result<Vec<_>, _>>();
    Ok(Extract {
        identity: spots(&text.identity)?,
        scopes: spots(&text.scopes)?,
        expires: text.expires.as_deref().map(spot).transpose()?,
    })
}

/// `/json/pointer` or `header:Name`.
fn spot(text: &str) -> Result<Spot, String> {
    match text.strip_prefix("header:") {
        Some(name) if !name.trim().is_empty() => Ok(Spot::Header(name.trim().to_ascii_lowercase())),
        Some(_) => Err("'header:' names no header".to_owned()),
        None => json(text),
    }
}

fn json(pointer: &str) -> Result<Spot, String> {
    if pointer.is_empty() || pointer.starts_with('/') {
        return Ok(Spot::Json(pointer.to_owned()));
    }
    Err(format!("'{pointer}' is no JSON pointer, such as /user/login, and no 'header:Name'"))
}
