//! `[rule.revoke]` as people write it, checked.

use crate::revoke::{How, Revoke};
use crate::template::{Address, CLOCK_NAMES};
use crate::verify::{Request, Verify};
use crate::verify_text::{
    ConditionText, NAMES, ReachText, StepText, check_method, check_templates, conditions, is_open, reach, steps,
};
use serde::Deserialize;

/// What withdraws may be sent with.
const METHODS: [&str; 5] = ["POST", "DELETE", "PUT", "PATCH", "GET"];
/// Statuses that say that it was done, unless the rule names others.
const DONE: [u16; 3] = [200, 202, 204];
/// The longest time that a provider is given, in seconds.
const LONGEST_LAG: u32 = 3600;

/// See [`Revoke`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeText {
    how: How,
    #[serde(default)]
    method: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    headers: Vec<String>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    done: Vec<u16>,
    #[serde(default)]
    done_when: Vec<ConditionText>,
    #[serde(default, rename = "step")]
    before: Vec<StepText>,
    undo: Option<RequestText>,
    delete: Option<RequestText>,
    reversible: Option<bool>,
    #[serde(default)]
    lag: u32,
    #[serde(default)]
    tells: Vec<ReachText>,
    #[serde(default)]
    breaks: String,
    #[serde(default)]
    outlives: Vec<String>,
    #[serde(default)]
    page: String,
    #[serde(default)]
    steps: String,
    #[serde(default)]
    source: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestText {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<String>,
    #[serde(default)]
    body: String,
}

impl RequestText {
    fn request(&self) -> Request {
        Request {
            method: self.method.clone(),
            url: self.url.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
        }
    }
}

/// Checks a written revocation of a rule whose companions are `companions` and whose check is `verify`.
///
/// # Errors
/// The first fault, a sentence that names the key.
pub fn revoke(text: &RevokeText, companions: &[&str], verify: Option<&Verify>) -> Result<Revoke, String> {
    check_keys(text)?;
    let mut known: Vec<String> =
        NAMES.iter().chain(&CLOCK_NAMES).chain(companions).map(|name| (*name).to_owned()).collect();
    let steps = steps("revoke", &text.before, &mut known)?;
    let (method, headers) = (text.method.clone(), text.headers.clone());
    let request = Request { method, url: text.url.clone(), headers, body: text.body.clone() };
    let (undo, delete) = (text.undo.as_ref().map(RequestText::request), text.delete.as_ref().map(RequestText::request));
    if text.how == How::Api {
        check("revoke", &request, &known, verify)?;
    }
    for (what, request) in [("revoke.undo", &undo), ("revoke.delete", &delete)] {
        request.iter().try_for_each(|request| check(what, request, &known, verify))?;
    }
    for step in &steps {
        check_host("revoke.step", &step.request, verify)?;
    }
    let tells = reach("revoke.tells", &text.tells, &known)?;
    for told in &tells {
        check_host("revoke.tells", &Request { url: told.url.clone(), ..Request::default() }, verify)?;
    }
    Ok(Revoke {
        how: text.how,
        steps,
        request,
        done: if text.done.is_empty() { DONE.to_vec() } else { text.done.clone() },
        done_when: conditions(&text.done_when)?,
        reversible: text.reversible.unwrap_or(undo.is_some()),
        undo,
        delete,
        lag: text.lag,
        tells,
        breaks: text.breaks.clone(),
        outlives: text.outlives.clone(),
        page: text.page.clone(),
        by_hand: text.steps.clone(),
        source: text.source.clone(),
    })
}

/// Whether the keys fit one another.
fn check_keys(text: &RevokeText) -> Result<(), String> {
    let how = text.how.name();
    let is_api = text.how == How::Api;
    if is_api && text.url.is_empty() {
        return Err("revoke.how is 'api' and revoke.url is missing".to_owned());
    }
    let is_requested = !text.url.is_empty() || !text.method.is_empty() || !text.before.is_empty();
    if !is_api && (is_requested || text.undo.is_some() || text.delete.is_some() || !text.tells.is_empty()) {
        return Err(format!("revoke.how is '{how}', which has no requests; 'api' has"));
    }
    if !text.how.is_requests() && text.steps.is_empty() {
        return Err(format!("revoke.how is '{how}' and revoke.steps does not say what people do instead"));
    }
    if text.lag > LONGEST_LAG {
        return Err(format!("revoke.lag is {} s; at most {LONGEST_LAG}", text.lag));
    }
    if text.reversible == Some(false) && text.undo.is_some() {
        return Err("revoke.undo takes it back, so revoke.reversible is not false".to_owned());
    }
    if !text.page.is_empty() && !text.page.starts_with("https://") {
        return Err("revoke.page must start with https://".to_owned());
    }
    Ok(())
}

fn check(what: &str, request: &Request, known: &[String], verify: Option<&Verify>) -> Result<(), String> {
    check_method(what, &request.method, &METHODS)?;
    check_templates(what, request, known)?;
    check_host(what, request, verify)
}

/// Where nobody but the user knows the host, or the secret holds it, it must be the one that the check asks: what is
/// withdrawn was found alive there.
fn check_host(what: &str, request: &Request, verify: Option<&Verify>) -> Result<(), String> {
    let Some(address) = Address::parse(&request.url) else { return Ok(()) };
    let in_secret = address.authority.contains("{secret}");
    let checked = verify.and_then(|verify| Address::parse(&verify.request.url));
    let same = checked.is_some_and(|checked| checked.authority == address.authority);
    if in_secret && verify.is_none_or(|verify| verify.hosts.is_empty()) {
        return Err(format!("{what}.url has {{secret}} in the place of a host; verify.hosts lists those it may name"));
    }
    if is_open(&address, &[]) && verify.is_some() && !same {
        return Err(format!("{what}.url must have the host of verify.url where that is the user's to name"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Revoke, String> {
        let written: RevokeText = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        revoke(&written, &["client_id"], None)
    }

    #[test]
    fn requests_and_what_outlives_them_are_read() {
        let text = r#"
            how = "api"
            method = "DELETE"
            url = "https://api.example.com/keys/{id}"
            headers = ["Authorization: Bearer {secret}"]
            done_when = [{ json = "/ok", is = true }]
            undo = { method = "POST", url = "https://api.example.com/keys/{id}/restore" }
            tells = [{ kind = "last used", url = "https://api.example.com/keys/self", names = "/last_used" }]
            lag = 60
            outlives = ["sessions"]
            [[step]]
            method = "GET"
            url = "https://api.example.com/keys/self"
            live = [200]
            take = { id = "/id" }
        "#;
        let revoke = read(text).unwrap();
        assert_eq!((revoke.done.as_slice(), revoke.reversible, revoke.lag), (&DONE[..], true, 60));
        assert_eq!((revoke.steps.len(), revoke.tells.len(), revoke.outlives.len()), (1, 1, 1));
    }

    #[test]
    fn faults_name_the_key_and_the_way_out() {
        let fault = |text: &str| read(text).unwrap_err();
        let api = "how = \"api\"\nmethod = \"POST\"\nurl = \"https://a.example/\"\n";
        assert!(fault("how = \"magic\"").contains("unknown variant `magic`"));
        assert!(fault("how = \"api\"").contains("revoke.url is missing"));
        assert!(fault("how = \"console\"").contains("revoke.steps does not say"));
        assert!(fault("how = \"console\"\nsteps = \"x\"\nmethod = \"POST\"").contains("has no requests"));
        assert!(fault(&format!("{api}lag = 9999")).contains("at most 3600"));
        assert!(fault(&format!("{api}body = \"{{id}}\"")).contains("uses '{id}'"));
        assert!(fault(&format!("{api}page = \"a.example\"")).contains("revoke.page must start"));
        assert!(fault("how = \"api\"\nmethod = \"DELETE\"\nurl = \"https://{secret}\"").contains("verify.hosts"));
        assert!(fault("how = \"api\"\nmethod = \"HEAD\"\nurl = \"https://a.example\"").contains("one of POST"));
    }
}
