//! Google Cloud: whether a service account's key signs for a token that can read the names of projects and nothing else.

use crate::check::{Asked, Check, Future, Place, Ruling, Sent};
use crate::destination::Destination;
use crate::http_answer::Answer;
use crate::net::Net;
use crate::token;
use crate::values::{Values, base64_decoded};
use model::{Live, Reachable};
use ring::signature::RsaKeyPair;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// Google's own; a key file names one, too, and whoever wrote it may have named another.
const HOST: &str = "oauth2.googleapis.com";
const AUDIENCE: &str = "https://oauth2.googleapis.com/token";
const SCOPE: &str = "https://www.googleapis.com/auth/cloudplatformprojects.readonly";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const PROJECTS_HOST: &str = "cloudresourcemanager.googleapis.com";
const PROJECTS: &str = "/v1/projects?pageSize=100";
/// Names of projects that are told, at most.
const NAMED: usize = 5;
/// The part that says whose key it is.
const EMAIL: &str = "client_email";
/// Of the made-up credential: its signature is nobody's.
const FORGED: &str = "forged";

pub(crate) struct ServiceAccount;

fn email(asked: &Asked) -> Result<String, String> {
    let email = asked.values.get(EMAIL).ok_or("its client_email was not found beside it")?;
    Ok(email.expose_text())
}

/// The key of PKCS #8 in armour, whose line breaks may be written as JSON does.
fn key(pem: &str) -> Option<RsaKeyPair> {
    let body = pem.split("-----").nth(2)?.replace("\\n", "").replace("\\r", "");
    let text: String = body.chars().filter(|c| !c.is_whitespace() && *c != '\\').collect();
    RsaKeyPair::from_pkcs8(&base64_decoded(&text)?).ok()
}

async fn ask(asked: &Asked, net: &Net) -> Result<Ruling, Ruling> {
    let email = email(asked).map_err(Ruling::unknown)?;
    let secret = asked.values.get("secret").ok_or_else(|| Ruling::unknown("no secret"))?.expose_text();
    let key = key(&secret);
    let forged = asked.values.get(FORGED).is_some();
    if key.is_none() && !forged {
        return Err(Ruling::unknown("its private key is cut off or is none of RSA"));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let claims = json!({ "iss": email, "scope": SCOPE, "aud": AUDIENCE, "iat": now, "exp": now + 600 });
    let signing = if forged { None } else { key.as_ref() };
    let token = token::signed(&claims, signing).ok_or_else(|| Ruling::unknown("its key signs nothing"))?;
    let at = Destination::of(asked, HOST);
    let form = [("grant_type", GRANT.as_bytes()), ("assertion", token.as_bytes())];
    let answer = net.send(&at.post(asked, "/token", &form)).await?;
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if let (200, Some(token)) = (answer.status, said["access_token"].as_str()) {
        let reach = if net.options().blast_radius { projects(asked, token, net).await } else { Vec::new() };
        let evidence = format!("an access token from {}", answer.host);
        let live = Live { identity: Some(email), evidence, reach, ..Live::default() };
        return Ok(Ruling::Live { live, by_itself: false });
    }
    Ok(refusal(&answer, &said))
}

fn refusal(answer: &Answer, said: &Value) -> Ruling {
    let (code, text) = (said["error"].as_str().unwrap_or_default(), said["error_description"].as_str().unwrap_or(""));
    let lower = text.to_ascii_lowercase();
    let from = format!("from {}", answer.host);
    let refused = |why: &str| Ruling::Refused { why: format!("{code}: {why}, {from}"), by_itself: true };
    match code {
        "invalid_grant" if lower.contains("invalid jwt signature") => {
            refused("the account does not know this key (deleted, disabled or another's)")
        }
        "invalid_grant" if lower.contains("account not found") || lower.contains("account has been deleted") => {
            refused("no such service account")
        }
        "invalid_grant" if lower.contains("is disabled") || lower.contains("disabled account") => {
            refused("the service account is disabled")
        }
        "deleted_client" => refused("the service account is deleted"),
        "disabled_client" => refused("the service account is disabled"),
        "invalid_grant" if lower.contains("short-lived") || lower.contains("reasonable timeframe") => {
            Ruling::unknown(format!("the clock here differs from that of {}", answer.host))
        }
        "" => Ruling::unknown(format!("{} {from} that is none of its token endpoint", answer.status)),
        code => {
            let code: String = code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
            Ruling::unknown(format!("{} {code} {from}", answer.status))
        }
    }
}

/// The projects that it sees.
async fn projects(asked: &Asked, token: &str, net: &Net) -> Vec<Reachable> {
    let mut call = Destination::of(asked, PROJECTS_HOST).get(asked, PROJECTS);
    call.headers.push(("authorization".to_owned(), format!("Bearer {token}").into_bytes()));
    let Ok(answer) = net.send(&call).await else { return Vec::new() };
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let Some(found) = said["projects"].as_array().filter(|_| answer.status == 200) else { return Vec::new() };
    let names = found.iter().filter_map(|project| project["projectId"].as_str());
    let names = names.take(NAMED).map(str::to_owned).collect();
    vec![Reachable { kind: "projects".to_owned(), count: found.len() as u64, names }]
}

impl Check for ServiceAccount {
    fn rules(&self) -> Vec<String> {
        vec!["gcp-service-account-key".to_owned()]
    }

    fn place(&self, asked: &Asked) -> Result<Place, String> {
        email(asked)?;
        Ok(Destination::of(asked, HOST).place())
    }

    fn plan(&self, asked: &Asked) -> Result<Vec<Sent>, String> {
        email(asked)?;
        Ok(vec![Sent {
            method: "POST".to_owned(),
            url: Destination::of(asked, HOST).url("/token"),
            headers: Vec::new(),
            body: format!("grant_type={GRANT}&assertion=<a token for {SCOPE}, signed with the key>"),
        }])
    }

    fn ask<'a>(&'a self, asked: &'a Asked, net: &'a Net) -> Future<'a, Ruling> {
        Box::pin(async move { ask(asked, net).await.unwrap_or_else(|ruling| ruling) })
    }

    fn control(&self, asked: &Asked, mut made_up: Values) -> Option<Values> {
        // The same account, and a signature that no key of it makes.
        made_up.set_open(EMAIL, asked.values.get(EMAIL)?.expose().to_vec());
        made_up.set_open(FORGED, "yes");
        Some(made_up)
    }

    fn open_parts(&self) -> &[&str] {
        &[EMAIL]
    }
}
