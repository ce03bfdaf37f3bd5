//! What rule files declare: requests, and what of the answers decides.

use crate::answer::{Read, gist};
use crate::check::{Asked, Check, Future, Place, Ruling, Sent};
use crate::cover::Cover;
use crate::http_answer::Answer;
use crate::net::{Call, Net, NoAnswer, Trust};
use crate::options::{Base, authority_parts, slug};
use crate::values::{Context, Values, base64, hex};
use model::{Reachable, Verdict};
use rules::template::{Address, CLOCK_NAMES, HostKind, Template};
use rules::{ReachRequest, Request, Spot, Verify, VerifyStep};

/// Names of what is reached that are told, at most.
const NAMED: usize = 5;

/// Asks what the rule's file says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Declared;

impl Check for Declared {
    fn rules(&self) -> Vec<String> {
        // It is asked for every rule that says how, and that nothing else is for.
        Vec::new()
    }

    fn place(&self, asked: &Asked) -> Result<Place, String> {
        let verify = verify(asked)?;
        let target = target(asked, &verify.request, &asked.values)?;
        has_all_parts(asked, verify)?;
        let Base { tls, host, port, path } = &target.base;
        let scheme = if *tls { "https" } else { "http" };
        Ok(Place { key: format!("{scheme}://{host}:{port}{path}"), host: host.clone() })
    }

    fn plan(&self, asked: &Asked) -> Result<Vec<Sent>, String> {
        let verify = verify(asked)?;
        let (mut sent, mut values) = (Vec::new(), asked.values.clone());
        for step in &verify.steps {
            sent.push(planned(asked, &step.request, &values)?);
            step.take.iter().for_each(|(name, _)| values.set(name, format!("<{name}>")));
        }
        sent.push(planned(asked, &verify.request, &values)?);
        Ok(sent)
    }

    fn ask<'a>(&'a self, asked: &'a Asked, net: &'a Net) -> Future<'a, Ruling> {
        Box::pin(async move {
            match ask(asked, net).await {
                Ok(ruling) | Err(ruling) => ruling,
            }
        })
    }

    fn control(&self, asked: &Asked, made_up: Values) -> Option<Values> {
        let verify = verify(asked).ok()?;
        let mut values = made_up;
        keep_places(&mut values, asked, verify);
        Some(values)
    }

    fn settle<'a>(
        &'a self,
        ruling: Ruling,
        control: &'a Ruling,
        asked: &'a Asked,
        net: &'a Net,
    ) -> Future<'a, Verdict> {
        Box::pin(async move {
            let Ok(verify) = verify(asked) else { return ruling.verdict(control) };
            let refused = match &ruling {
                Ruling::Refused { why, by_itself } => Some((why, *by_itself)),
                Ruling::Bare { why, .. } => Some((why, false)),
                _ => None,
            };
            if let Some((why, by_itself)) = refused {
                if let Some(doubt) = doubt(verify, asked, why) {
                    return Verdict::unknown(doubt);
                }
                let place = self.place(asked).map_or_else(|_| String::new(), |place| place.key);
                let question = format!("{} at {place} refuses everything", asked.kind.rule.id);
                if !by_itself {
                    match net.once_for_all(&question, refuses_everything(asked, verify, net)).await {
                        Ok(false) => {}
                        Ok(true) => {
                            let doubt = "and refuses also what needs no credential, so that nothing tells a dead one";
                            return Verdict::unknown(format!("{why}, {doubt}"));
                        }
                        Err(NoAnswer { why: none, retry_after }) => {
                            let why = format!("{why}; whether it refuses everything nobody could ask: {none}");
                            return Verdict::Unknown { why, retry_after };
                        }
                    }
                }
            }
            let mut verdict = ruling.verdict(control);
            if let Verdict::Live(live) = &mut verdict
                && net.options().blast_radius
            {
                live.reach = reached(asked, verify, net).await;
            }
            verdict
        })
    }
}

/// Whether every part that the requests need is there; else nothing is sent at all.
fn has_all_parts(asked: &Asked, verify: &Verify) -> Result<(), String> {
    let steps = verify.steps.iter().map(|step| (&step.request, step.take.as_slice()));
    missing_part(asked, steps.chain([(&verify.request, &[][..])]))
}

/// Says which part requests need that is not there. Each request stands beside what is taken from its answer.
pub(crate) fn missing_part<'a>(
    asked: &'a Asked,
    requests: impl Iterator<Item = (&'a Request, &'a [(String, Spot)])>,
) -> Result<(), String> {
    let mut known: Vec<&str> = asked.values.names().chain(["identity"]).chain(CLOCK_NAMES).collect();
    for (request, taken) in requests {
        let texts = request.headers.iter().chain([&request.url, &request.body]);
        for text in texts {
            let template = Template::parse(text)?;
            // A host is the user's to name.
            let absent = template.names().into_iter().find(|name| *name != "host" && !known.contains(name));
            if let Some(name) = absent {
                return Err(missing(asked, name));
            }
        }
        known.extend(taken.iter().map(|(name, _)| name.as_str()));
    }
    Ok(())
}

/// Takes over what says where to ask.
fn keep_places(values: &mut Values, asked: &Asked, verify: &Verify) {
    for request in verify.requests() {
        let authority = Address::parse(&request.url).and_then(|address| Template::parse(address.authority).ok());
        let names: Vec<&str> = authority.iter().flat_map(Template::names).filter(|name| *name != "secret").collect();
        for name in names {
            if let Some(value) = asked.values.get(name) {
                values.set(name, value.expose().to_vec());
            }
        }
    }
}

fn verify(asked: &Asked) -> Result<&Verify, String> {
    asked.kind.details.verify.as_ref().ok_or_else(|| "its rule says no way to check it".to_owned())
}

/// Why a refusal is no proof, whatever it says.
fn doubt(verify: &Verify, asked: &Asked, why: &str) -> Option<String> {
    if verify.experimental {
        return Some(format!("{why}; the check is experimental, so that a refusal proves nothing"));
    }
    if !verify.self_hosted || asked.was_live {
        return None;
    }
    let seen: Vec<&str> = asked.seen_hosts.iter().map(String::as_str).collect();
    let provider = slug(&asked.kind.rule.provider);
    match &asked.kind.endpoint {
        None => {
            let own = Address::parse(&verify.request.url).map_or("HOST", |address| address.authority);
            let own = own.rsplit('@').next().unwrap_or(own);
            let proposed = seen.first().copied().unwrap_or(own);
            let beside =
                if seen.is_empty() { String::new() } else { format!(" (seen beside it: {})", seen.join(", ")) };
            Some(format!(
                "{why}, but others run this service, too{beside}; name whose it is: \
                 --verify-endpoint {provider}=https://{proposed}"
            ))
        }
        Some(base) if !seen.is_empty() && !seen.iter().any(|host| is_expected(host, base, verify)) => {
            Some(format!("{why}, but beside it stands {}: the wrong instance was asked", seen.join(", ")))
        }
        Some(_) => None,
    }
}

/// Whether a host beside a credential is no reason to doubt the endpoint that the user named: it is of the same domain, or
/// the provider's own, for which the endpoint may stand in.
fn is_expected(host: &str, base: &Base, verify: &Verify) -> bool {
    let own = Address::parse(&verify.request.url).map_or("", |address| address.authority);
    domain(host) == domain(&base.host) || (!own.contains('{') && domain(host) == domain(own))
}

/// The last two labels of a name; an address is itself.
fn domain(host: &str) -> &str {
    if host.parse::<std::net::IpAddr>().is_ok() {
        return host;
    }
    let dots = host.rmatch_indices('.').nth(1);
    dots.map_or(host, |(at, _)| &host[at + 1..])
}

async fn ask(asked: &Asked, net: &Net) -> Result<Ruling, Ruling> {
    let verify = verify(asked).map_err(Ruling::unknown)?;
    let values = fetched(asked, &verify.steps, net).await?;
    let call = call(asked, &verify.request, &values).map_err(Ruling::unknown)?;
    let answer = net.send(&call).await?;
    Ok(match Read::of(&answer).rule_by(verify, &Cover::of(&values)) {
        // It could be asked here before, so it is not that it never could.
        Ruling::Doubtful { why } if asked.was_live => Ruling::Refused { why, by_itself: true },
        Ruling::Bare { why, .. } if asked.was_live => Ruling::Refused { why, by_itself: false },
        Ruling::Doubtful { why } => Ruling::Doubtful { why: format!("{why}, which some live ones are told, too") },
        ruling => ruling,
    })
}

/// The values of a credential, and those that its steps fetch.
pub(crate) async fn fetched(asked: &Asked, steps: &[VerifyStep], net: &Net) -> Result<Values, Ruling> {
    let mut values = asked.values.clone();
    for (number, step) in steps.iter().enumerate() {
        let call = call(asked, &step.request, &values).map_err(Ruling::unknown)?;
        let answer = net.send(&call).await?;
        let read = Read::of(&answer);
        if let Some(refusal) = read.refusal(&step.dead, "", &step.dead_when) {
            return Err(refusal);
        }
        if !step.live.contains(&answer.status) {
            return Err(Ruling::unknown(format!("{} in step {}, which decides nothing", read.said(), number + 1)));
        }
        for (name, spot) in &step.take {
            // An empty one in an address would mean another thing.
            let Some(value) = read.texts(spot).into_iter().next().filter(|value| !value.is_empty()) else {
                return Err(Ruling::unknown(format!("{} in step {} without {spot}", read.said(), number + 1)));
            };
            values.set(name, value);
        }
    }
    Ok(values)
}

/// Whether the host refuses what needs no credential just as it refused this one: then a refusal says nothing. Two things
/// may tell that it does not: a path that nobody has is answered otherwise; or the same request without a credential is.
async fn refuses_everything(asked: &Asked, verify: &Verify, net: &Net) -> Result<bool, NoAnswer> {
    let Ok(first) = call(asked, &verify.request, &asked.values) else { return Ok(true) };
    let with = net.send(&first).await?;
    let base = asked.kind.endpoint.as_ref().map_or("", |base| base.path.as_str());
    let nowhere = format!("{base}/deadkey-{}", hex(&net.options().seed.to_be_bytes()));
    let probe = Call { method: "GET".into(), target: nowhere, headers: Vec::new(), body: Vec::new(), ..first };
    if net.send(&probe).await?.status != with.status {
        return Ok(false);
    }
    let mut without = Values::new();
    asked.values.names().for_each(|name| without.set(name, ""));
    keep_places(&mut without, asked, verify);
    let Ok(bare) = call(asked, &verify.request, &without) else { return Ok(true) };
    let bare = net.send(&bare).await?;
    Ok(with.status == bare.status && gist(&with) == gist(&bare))
}

async fn reached(asked: &Asked, verify: &Verify, net: &Net) -> Vec<Reachable> {
    let mut reached = Vec::new();
    for ReachRequest { kind, url, names } in &verify.reach {
        let headers = verify.request.headers.clone();
        let request = Request { method: "GET".into(), url: url.clone(), headers, body: String::new() };
        let Ok(call) = call(asked, &request, &asked.values) else { continue };
        let Ok(answer) = net.send(&call).await else { continue };
        if answer.status != 200 {
            continue;
        }
        let cover = Cover::of(&asked.values);
        let found = Read::of(&answer).texts(names);
        let names = found.iter().take(NAMED).map(|name| cover.text(name)).collect();
        reached.push(Reachable { kind: kind.clone(), count: found.len() as u64, names });
        reached.extend(behind_sign_on(&answer));
    }
    reached
}

/// Organisations that are left out of a list until a single sign-on, as GitHub says (`X-GitHub-SSO`).
fn behind_sign_on(answer: &Answer) -> Option<Reachable> {
    let ids = answer.header("x-github-sso")?.split_once("organizations=")?.1;
    let ids: Vec<&str> = ids.split(',').map(str::trim).filter(|id| id.bytes().all(|b| b.is_ascii_digit())).collect();
    let names = ids.iter().take(NAMED).map(|id| (*id).to_owned()).collect();
    let kind = "organisations that want single sign-on".to_owned();
    Some(Reachable { kind, count: ids.len() as u64, names })
}

/// Where a request goes.
struct Target {
    base: Base,
    trust: Trust,
    /// `user:password` of the address.
    userinfo: Vec<u8>,
    /// Path and query, with what stands before them.
    target: String,
}

fn target(asked: &Asked, request: &Request, values: &Values) -> Result<Target, String> {
    let fault = |what: String| format!("the rule's address is none: {what}");
    let address = Address::parse(&request.url).ok_or_else(|| fault("no https".to_owned()))?;
    let parse = |text: &str| Template::parse(text).map_err(fault);
    let missing = |name: String| missing(asked, &name);
    let hosts = asked.kind.details.verify.as_ref().map_or(&[][..], |verify| &verify.hosts);
    let userinfo = values.fill(&parse(address.userinfo)?, Context::Plain).map_err(missing)?;
    if address.host_kind() == HostKind::Open && !hosts.is_empty() {
        return within_secret(asked, request, values, hosts);
    }
    let (path, query) = address.rest.find('?').map_or((address.rest, ""), |at| address.rest.split_at(at));
    let mut filled = values.fill(&parse(path)?, Context::Path).map_err(missing)?;
    filled.extend(values.fill(&parse(query)?, Context::Query).map_err(missing)?);
    let rest = String::from_utf8(filled).map_err(|_| fault("not text".to_owned()))?;
    let slash = if rest.starts_with('/') { "" } else { "/" };
    if let Some(base) = &asked.kind.endpoint {
        let target = format!("{}{slash}{rest}", base.path);
        return Ok(Target { base: base.clone(), trust: Trust::User, userinfo, target });
    }
    if address.host_kind() == HostKind::Open {
        return Err(unnamed(asked));
    }
    let authority = values.fill(&parse(address.authority)?, Context::Plain).map_err(missing)?;
    let authority = String::from_utf8(authority).map_err(|_| fault("not text".to_owned()))?;
    let (host, port) =
        authority_parts(&authority, 443).ok_or_else(|| "a part of it is no part of a host's name".to_owned())?;
    // What the credential gives must not lead out of the rule's domain.
    let domain = address.authority.rsplit('}').next().unwrap_or_default().split(':').next().unwrap_or_default();
    if !host.ends_with(&domain.to_ascii_lowercase()) {
        return Err("a part of it leads to another host than the rule's".to_owned());
    }
    let base = Base { tls: true, host, port, path: String::new() };
    Ok(Target { base, trust: Trust::Rule, userinfo, target: format!("{slash}{rest}") })
}

/// The target of a credential that is an address itself: at one of the rule's hosts, or nowhere.
fn within_secret(asked: &Asked, request: &Request, values: &Values, hosts: &[String]) -> Result<Target, String> {
    let template = Template::parse(request.url.trim_start_matches("https://"))?;
    let filled = values.fill(&template, Context::Plain).map_err(|name| missing(asked, &name))?;
    let url = String::from_utf8(filled).map_err(|_| "the address is no text".to_owned())?;
    let url = url.trim_start_matches("https://").trim_start_matches("http://");
    let (authority, rest) = url.find(['/', '?']).map_or((url, ""), |at| url.split_at(at));
    let (host, port) = authority_parts(authority, 443).ok_or_else(|| "the address names no host".to_owned())?;
    let fits = |known: &String| match known.strip_prefix('*') {
        Some(suffix) => host.ends_with(suffix) && host.len() > suffix.len(),
        None => host == *known,
    };
    if !hosts.iter().any(fits) || port != 443 {
        return Err("the address leads to none of the rule's hosts".to_owned());
    }
    if !rest.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("the address is no address".to_owned());
    }
    let slash = if rest.starts_with('/') { "" } else { "/" };
    let (base, trust, path) = match &asked.kind.endpoint {
        Some(base) => (base.clone(), Trust::User, base.path.clone()),
        None => (Base { tls: true, host, port, path: String::new() }, Trust::Rule, String::new()),
    };
    Ok(Target { base, trust, userinfo: Vec::new(), target: format!("{path}{slash}{rest}") })
}

fn missing(asked: &Asked, name: &str) -> String {
    if name == "host" { unnamed(asked) } else { format!("its {name} was not found beside it") }
}

fn unnamed(asked: &Asked) -> String {
    let provider = slug(&asked.kind.rule.provider);
    let seen = asked.seen_hosts.first().map(String::as_str);
    let beside = seen.map_or(String::new(), |host| format!("; seen beside it: {host}"));
    let proposed = seen.unwrap_or("HOST");
    format!("its host is yours to name: --verify-endpoint {provider}=https://{proposed}{beside}")
}

/// A request of a rule's file (of its check, or its revocation) for a credential, whose values are those of `asked` or more.
///
/// # Errors
/// Why it cannot be sent, one phrase: a part is missing, or the host is the user's to name.
pub fn call(asked: &Asked, request: &Request, values: &Values) -> Result<Call, String> {
    let values = &values.stopped();
    let target = target(asked, request, values)?;
    let mut headers = Vec::new();
    if !target.userinfo.is_empty() {
        headers.push(("authorization".to_owned(), format!("Basic {}", base64(&target.userinfo, false)).into_bytes()));
    }
    for line in &request.headers {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = values.fill(&Template::parse(value.trim())?, Context::Plain).map_err(|n| missing(asked, &n))?;
        headers.push((name.trim().to_owned(), value));
    }
    let body = values.fill(&Template::parse(&request.body)?, context(request)).map_err(|n| missing(asked, &n))?;
    let Base { tls, host, port, .. } = target.base;
    Ok(Call {
        provider: asked.kind.rule.provider.clone(),
        tls,
        host,
        port,
        trust: target.trust,
        method: request.method.clone(),
        target: target.target,
        headers,
        body,
    })
}

/// How values are written in the body of a request.
fn context(request: &Request) -> Context {
    let lower: Vec<String> = request.headers.iter().map(|line| line.to_ascii_lowercase()).collect();
    let kind = lower.iter().find(|line| line.starts_with("content-type:")).map_or("", String::as_str);
    match () {
        () if kind.contains("json") => Context::Json,
        () if kind.contains("x-www-form-urlencoded") => Context::Query,
        () if request.body.trim_start().starts_with(['{', '[']) => Context::Json,
        () => Context::Plain,
    }
}

/// A request with names in the place of secrets.
pub(crate) fn planned(asked: &Asked, request: &Request, values: &Values) -> Result<Sent, String> {
    // Where it goes depends on the values themselves.
    let target = target(asked, request, values)?;
    let address = Address::parse(&request.url).ok_or("no address")?;
    let Base { tls, host, port, path } = target.base;
    let scheme = if tls { "https" } else { "http" };
    let port = if port == if tls { 443 } else { 80 } { String::new() } else { format!(":{port}") };
    let rest = if address.host_kind() == HostKind::Open && address.authority.contains("{secret}") {
        "/<secret>"
    } else {
        address.rest
    };
    let shown = |text: &str| shown(text, asked);
    let mut headers: Vec<String> = request.headers.iter().map(|line| shown(line)).collect();
    if !target.userinfo.is_empty() {
        headers.insert(0, format!("Authorization: Basic {}", shown(address.userinfo)));
    }
    Ok(Sent {
        method: request.method.clone(),
        url: format!("{scheme}://{host}{port}{path}{}", shown(rest)),
        headers,
        body: shown(&request.body),
    })
}

/// A template as people read it: `<secret>` in the place of a secret's value.
fn shown(template: &str, asked: &Asked) -> String {
    let names = asked.values.names().chain(["secret"]);
    // What is signed may have lines.
    let line = template.replace('\n', "\\n");
    names.fold(line, |text, name| text.replace(&format!("{{{name}}}"), &format!("<{name}>")))
}
