//! `[rule.verify]` as people write it, checked.

use crate::template::{Address, CLOCK_NAMES, HostKind, Template};
use crate::verify::{Condition, Extract, Reach, Request, Spot, Step, Verify};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Names that stand in every rule's templates.
pub const NAMES: [&str; 3] = ["secret", "identity", "host"];
/// Requests of one check, at most.
pub const MAX_STEPS: usize = 4;

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
    doubt_when: Vec<ConditionText>,
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
pub struct StepText {
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
pub struct ConditionText {
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
pub struct ReachText {
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
    let steps = steps("verify", &text.steps, &mut known)?;
    let (method, headers) = (text.method.clone(), text.headers.clone());
    let request = Request { method, url: text.url.clone(), headers, body: text.body.clone() };
    check_request("verify", &request, &known)?;
    check_hosts(&request, &text.hosts)?;
    for step in steps.iter().map(|step| &step.request) {
        check_same_secret_hosts(step, &request, &text.hosts)?;
    }
    let reach = reach("verify.reach", &text.reach, &known)?;
    Ok(Verify {
        steps,
        live: text.live.clone(),
        dead: text.dead.clone(),
        live_body: text.live_body.clone(),
        dead_body: text.dead_body.clone(),
        live_when: conditions(&text.live_when)?,
        dead_when: conditions(&text.dead_when)?,
        doubt_when: conditions(&text.doubt_when)?,
        extract: extract(&text.extract)?,
        reach,
        source: text.source.clone(),
        self_hosted: text.self_hosted || Address::parse(&text.url).is_some_and(|at| is_open(&at, &text.hosts)),
        hosts: text.hosts.clone(),
        experimental: text.experimental,
        request,
    })
}

/// Checks the requests before the one that counts; what they take is known behind them.
pub fn steps(what: &str, written: &[StepText], known: &mut Vec<String>) -> Result<Vec<Step>, String> {
    if written.len() >= MAX_STEPS {
        return Err(format!("{what} has more than {MAX_STEPS} requests"));
    }
    let mut steps = Vec::new();
    for step in written {
        let (method, headers) = (step.method.clone(), step.headers.clone());
        let request = Request { method, url: step.url.clone(), headers, body: step.body.clone() };
        check_request(&format!("{what}.step"), &request, known)?;
        let mut take = Vec::new();
        for (name, place) in &step.take {
            known.push(name.clone());
            take.push((name.clone(), spot(place)?));
        }
        let (live, dead) = (step.live.clone(), step.dead.clone());
        steps.push(Step { request, live, dead, dead_when: conditions(&step.dead_when)?, take });
    }
    Ok(steps)
}

/// A secret in the place of a host goes only to hosts that the rule lists.
fn check_hosts(request: &Request, hosts: &[String]) -> Result<(), String> {
    let authority = Address::parse(&request.url).map_or("", |address| address.authority);
    if authority.contains("{secret}") && hosts.is_empty() {
        return Err(
            "verify.url has {secret} in the place of a host; list the hosts it may name in verify.hosts".to_owned()
        );
    }
    Ok(())
}

/// Checks further read-only requests.
pub fn reach(what: &str, written: &[ReachText], known: &[String]) -> Result<Vec<Reach>, String> {
    let one = |reach: &ReachText| {
        let asked = Request { method: "GET".into(), url: reach.url.clone(), ..Request::default() };
        check_request(what, &asked, known)?;
        Ok(Reach { kind: reach.kind.clone(), url: reach.url.clone(), names: spot(&reach.names)? })
    };
    written.iter().map(one).collect()
}

/// Whether nobody but the user can say which host it is.
pub fn is_open(address: &Address<'_>, hosts: &[String]) -> bool {
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

pub fn check_request(what: &str, request: &Request, known: &[String]) -> Result<(), String> {
    check_method(what, &request.method, &["GET", "POST", "HEAD"])?;
    check_templates(what, request, known)
}

pub fn check_method(what: &str, method: &str, methods: &[&str]) -> Result<(), String> {
    if methods.contains(&method) {
        return Ok(());
    }
    Err(format!("{what}.method is '{method}'; one of {}", methods.join(", ")))
}

pub fn check_templates(what: &str, request: &Request, known: &[String]) -> Result<(), String> {
    if Address::parse(&request.url).is_none_or(|address| address.authority.is_empty()) {
        return Err(format!("{what}.url must start with https:// and name a host"));
    }
    if let Some(odd) = request.url.chars().find(|c| !c.is_ascii_graphic() || "\"<>\\^`".contains(*c)) {
        return Err(format!("{what}.url has '{odd}' in it; write it percent-encoded"));
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

pub fn conditions(written: &[ConditionText]) -> Result<Vec<Condition>, String> {
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
pub fn spot(text: &str) -> Result<Spot, String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Verify, String> {
        let written: VerifyText = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        verify(&written, &["client_id"])
    }

    /// A check with `more` in it, of this address.
    fn of(url: &str, more: &str) -> Result<Verify, String> {
        read(&format!("method = \"GET\"\nurl = \"{url}\"\nlive = [200]\n{more}"))
    }

    #[test]
    fn conditions_and_spots_are_read() {
        let more = r#"
            live_when = [{ json = "/ok", is = true }]
            dead_when = [{ status = [400, 401], header = "X-Error", is = ["a", 3] }, { has = "gone" }]
            extract = { identity = ["/login", "header:X-User"], scopes = "/scopes", expires = "/end" }
            [[step]]
            method = "POST"
            url = "https://login.example.com/token"
            live = [200]
            take = { token = "/access_token" }
        "#;
        let verify = of("https://api.example.com/me?t={token}&c={client_id}", more).unwrap();
        assert_eq!(verify.live_when[0].is, ["true"]);
        assert_eq!(verify.dead_when[0].at, Some(Spot::Header("x-error".into())));
        assert_eq!(verify.dead_when[0].is, ["a", "3"]);
        assert_eq!(verify.extract.identity[1], Spot::Header("x-user".into()));
        assert_eq!(verify.requests().count(), 2);
        assert_eq!(verify.dead_when[0].to_string(), "the status is 400 or 401 and the header x-error is a or 3");
    }

    #[test]
    fn faults_name_the_key_and_the_way_out() {
        let fault = |url: &str, more: &str| of(url, more).unwrap_err();
        let fine = "https://api.example.com/";
        assert!(fault("http://api.example.com/", "").contains("must start with https://"));
        assert!(fault("https://api.example.com/{token}", "").contains("uses '{token}'; known are secret"));
        assert!(fault("https://{secret}", "").contains("list the hosts"));
        assert!(fault("https://api.example.com/?q= x", "").contains("percent-encoded"));
        assert!(fault(fine, "headers = [\"Bearer {secret}\"]").contains("no `Name: value`"));
        assert!(fault(fine, "headers = [\"A: {base64:{secret}\"]").contains("has no '}'"));
        assert!(fault(fine, "body = '{\"a\":{id}}'").contains("a space behind the brace"));
        assert!(fault(fine, "dead_when = [{ json = \"ok\" }]").contains("no JSON pointer"));
        assert!(fault(fine, "dead_when = [{ is = \"x\" }]").contains("a condition needs"));
        assert!(fault(fine, "dead_when = [{ json = \"/a\", header = \"b\" }]").contains("not at both"));
        assert!(fault(fine, "lives = [200]").contains("unknown field"));
        assert!(
            read("method = \"DELETE\"\nurl = \"https://a.example\"\nlive = [200]").unwrap_err().contains("one of GET")
        );
        assert!(
            read("method = \"GET\"\nurl = \"https://a.example\"\nlive = []").unwrap_err().contains("names no status")
        );
    }

    #[test]
    fn a_host_of_the_users_own_makes_a_check_self_hosted() {
        assert!(of("https://{host}/api", "").unwrap().self_hosted);
        assert!(!of("https://{client_id}.example.com/api", "").unwrap().self_hosted);
        assert!(!of("https://{secret}", "hosts = [\"hooks.example.com\"]").unwrap().self_hosted);
        let step = "[[step]]\nmethod = \"GET\"\nurl = \"https://elsewhere.example/\"\nlive = [200]";
        assert!(of("https://{host}/api", step).unwrap_err().contains("must have the host of verify.url"));
    }
}
