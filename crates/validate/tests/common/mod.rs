//! What the tests share: rules of invented providers, credentials of them, names that lead to loopback.
#![allow(dead_code, reason = "each test program uses its part")]

pub mod real;

use model::{FingerprintKey, Secret, Verdict};
use rules::Ruleset;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use testkit::Rng;
use testkit::double::Double;
use testkit::secrets::BASE62;
use validate::{Candidate, Endpoint, Options, Rates, Resolve, Validator};

/// Invented providers. `acme` documents its refusals, `beta` only their status; `gamma` can be self-hosted; `delta` rests on
/// habit; `epsilon` takes two steps; `zeta` is an address itself; `eta` has tenants.
pub const RULES: &str = r#"
provider = "Acme"
[[rule]]
id = "acme"
name = "Acme key"
severity = "high"
shape = 'acme_[0-9A-Za-z]{32}'
[rule.verify]
method = "GET"
url = "https://api.acme.example/me"
headers = ["Authorization: Bearer {secret}"]
live = [200]
live_when = [{ json = "/ok", is = true }]
dead_when = [{ json = "/ok", is = false }, { status = 401, json = "/error", is = ["bad_key"] }]
extract = { identity = ["/user/login", "/team"], scopes = "header:X-Scopes", expires = "/expires" }
reach = [{ kind = "projects", url = "https://api.acme.example/projects", names = "/*/name" }]
source = "https://acme.example/docs/errors"

[[rule]]
id = "beta"
name = "Beta key"
severity = "high"
shape = 'beta_[0-9A-Za-z]{32}'
[rule.verify]
method = "GET"
url = "https://api.beta.example/v1/me"
headers = ["X-Key: {secret}"]
live = [200, 403]
dead = [401]

[[rule]]
id = "gamma"
name = "Gamma key"
severity = "high"
shape = 'gamma_[0-9A-Za-z]{32}'
[rule.verify]
method = "GET"
url = "https://gamma.example/api/user"
headers = ["Private-Token: {secret}"]
live = [200]
dead_when = [{ status = 401, json = "/message", is = "401 Unauthorized" }]
self_hosted = true

[[rule]]
id = "delta"
name = "Delta key"
severity = "high"
shape = 'delta_[0-9A-Za-z]{32}'
[rule.verify]
method = "POST"
url = "https://api.delta.example/check"
headers = ["Content-Type: application/json"]
body = '{"key":"{secret}","query":"{ viewer { id } }"}'
live = [200]
dead = [401]
experimental = true

[[rule]]
id = "epsilon"
name = "Epsilon secret"
severity = "high"
shape = 'eps_[0-9A-Za-z]{32}'
[[rule.companion]]
name = "client_id"
shape = 'cid_[0-9a-f]{16}'
[rule.verify]
method = "GET"
url = "https://api.epsilon.example/me"
headers = ["Authorization: Bearer {token}"]
live = [200]
live_when = [{ json = "/id" }]
[[rule.verify.step]]
method = "POST"
url = "https://login.epsilon.example/token"
headers = ["Authorization: {basic:{client_id}:{secret}}", "Content-Type: application/x-www-form-urlencoded"]
body = "grant_type=client_credentials"
live = [200]
dead_when = [{ status = [400, 401], json = "/error", is = "invalid_client" }]
take = { token = "/access_token" }

[[rule]]
id = "zeta"
name = "Zeta webhook"
severity = "high"
shape = 'https://hooks\.[0-9a-z.]{3,40}/[0-9A-Za-z]{32}'
[rule.verify]
method = "POST"
url = "https://{secret}"
headers = ["Content-Type: application/json"]
body = '{}'
live = [400]
live_body = "no_text"
dead_when = [{ status = 404, has = "no_service" }]
hosts = ["hooks.zeta.example", "*.hooks.zeta.example"]

[[rule]]
id = "eta"
name = "Eta key"
severity = "high"
shape = 'eta_[0-9A-Za-z]{32}'
[[rule.companion]]
name = "tenant"
shape = '[0-9a-z.@/#-]{3,40}'
[rule.verify]
method = "GET"
url = "https://{tenant}.eta.example/me"
headers = ["Authorization: Bearer {secret}"]
live = [200]
dead_when = [{ json = "/error", is = "no" }]
"#;

pub fn ruleset() -> Arc<Ruleset> {
    let mut ruleset = Ruleset::empty();
    ruleset.add_text("invented.toml", RULES).expect("they compile");
    Arc::new(ruleset)
}

/// A secret of a rule whose shape is its id (or `prefix`) and 32 characters.
pub fn secret(prefix: &str, number: u64) -> String {
    let body = Rng::new(number + 1).text(BASE62, 32);
    format!("{prefix}_{}", String::from_utf8(body).expect("ASCII"))
}

pub fn candidate(rule: &str, secret: &str) -> Candidate {
    Candidate {
        rule: rule.to_owned(),
        secret: Secret::new(secret),
        parts: Vec::new(),
        fingerprint: FingerprintKey::public().fingerprint(secret.as_bytes()),
        seen_hosts: Vec::new(),
        apart: Vec::new(),
        was_live: false,
    }
}

/// Every name leads to these addresses.
pub struct Leads(pub Vec<IpAddr>);

impl Resolve for Leads {
    fn resolve<'a>(
        &'a self,
        _: &'a str,
    ) -> std::pin::Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send + 'a>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}

/// No patience with who asks for it, and all names lead to loopback. The time-outs leave room for a machine
/// on which a double waits seconds for its turn.
pub fn options() -> Options {
    Options {
        rates: Rates { global: 1e6, provider: 1e6, host: 1e6 },
        connect_timeout: Duration::from_secs(8),
        answer_timeout: Duration::from_secs(8),
        total_timeout: Duration::from_secs(60),
        longest_wait: Duration::from_millis(300),
        resolver: Arc::new(Leads(vec![[127, 0, 0, 1].into()])),
        seed: 7,
        ..Options::default()
    }
}

pub fn endpoint(of: &str, double: &Double) -> Endpoint {
    Endpoint::parse(&format!("{of}={}", double.url())).expect("an endpoint")
}

/// Options that ask the double for every invented provider.
pub fn towards(double: &Double) -> Options {
    let rules = ruleset();
    let endpoints = rules.rules().iter().map(|rule| endpoint(&rule.id, double)).collect();
    Options { endpoints, ..options() }
}

pub fn ask(options: Options, candidates: &[Candidate]) -> Vec<Verdict> {
    let mut validator = Validator::new(ruleset(), options);
    validator.verify(candidates, &AtomicBool::new(false), &mut |_| ()).expect("providers can be asked")
}

pub fn ask_one(options: Options, candidate: Candidate) -> Verdict {
    ask(options, &[candidate]).remove(0)
}

pub fn why(verdict: &Verdict) -> String {
    assert!(matches!(verdict, Verdict::Unknown { .. }), "{verdict:?}");
    verdict.details().join("; ")
}
