//! AWS: whose a pair of keys is (STS `GetCallerIdentity`, which needs no right), and which policies it has as far as it may
//! read them itself; signed by Signature Version 4.

mod policies;

use crate::check::{Asked, Check, Future, Place, Ruling, Sent};
use crate::http_answer::Answer;
use crate::moment::compact;
use crate::net::{Call, Net, Trust};
use crate::options::Base;
use crate::values::{Values, hex};
use hmac::{Hmac, KeyInit, Mac};
use model::Live;
use sha2::{Digest, Sha256};
use std::time::{SystemTime, UNIX_EPOCH};

const REGION: &str = "us-east-1";
const KIND: &str = "application/x-www-form-urlencoded; charset=utf-8";
const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// A service of AWS: its name in signatures, and its host.
#[derive(Clone, Copy)]
pub(crate) struct Service {
    name: &'static str,
    host: &'static str,
}

const STS: Service = Service { name: "sts", host: "sts.amazonaws.com" };
/// Users and their keys.
pub(crate) const IAM: Service = Service { name: "iam", host: "iam.amazonaws.com" };

/// Accounts that issue keys only to hear of their use: ten of Thinkst's (canarytokens.org), and sixteen of others of its kind.
/// Source: the two lists in TruffleHog's AWS detector (`canary.go`); Kingfisher skips some of the same.
const CANARIES: [u64; 26] = [
    52_310_077_262,
    171_436_882_533,
    534_261_010_715,
    595_918_472_158,
    717_712_589_309,
    819_147_034_852,
    992_382_622_183,
    730_335_385_048,
    266_735_846_894,
    893_192_397_702,
    44_858_866_125,
    251_535_659_677,
    344_043_088_457,
    351_906_852_752,
    390_477_818_340,
    426_127_672_474,
    427_150_556_519,
    439_872_796_651,
    445_142_720_921,
    465_867_158_099,
    637_958_123_769,
    693_412_236_332,
    732_624_840_810,
    735_421_457_923,
    959_235_150_393,
    982_842_642_351,
];

/// Asks whose it is.
pub(crate) struct Aws;

/// A pair of keys, and where it is used.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) id: String,
    pub(crate) secret: Vec<u8>,
    pub(crate) session: Option<String>,
    pub(crate) base: Base,
    pub(crate) trust: Trust,
}

/// The parts of a credential, to be used at a service.
pub(crate) fn pair(asked: &Asked, service: Service) -> Result<Pair, String> {
    let text = |name: &str| asked.values.get(name).map(|value| value.expose_text());
    let beside = |name: &str, what: &str| text(name).ok_or(format!("its {what} was not found beside it"));
    let (id, secret) = match id_part(asked) {
        "secret" => (beside("secret", "id")?, beside("secret_access_key", "secret access key")?),
        part => (beside(part, "access key id")?, beside("secret", "secret")?),
    };
    if let Some(account) = account(&id).filter(|account| CANARIES.contains(account)) {
        return Err(format!(
            "a canary of account {account:012}: it was laid out to be found, and whoever laid it would hear of its use"
        ));
    }
    let session = text("session_token");
    if id.starts_with("ASIA") && session.is_none() {
        return Err("its session token was not found beside it, without which it is nothing".to_owned());
    }
    let (base, trust) = match &asked.kind.endpoint {
        Some(base) => (base.clone(), Trust::User),
        None => (Base { tls: true, host: service.host.to_owned(), port: 443, path: String::new() }, Trust::Rule),
    };
    Ok(Pair { id, secret: secret.into_bytes(), session, base, trust })
}

/// Which of the credential's values is the id.
fn id_part(asked: &Asked) -> &'static str {
    if asked.kind.rule.id == "aws-secret-access-key" { "access_key_id" } else { "secret" }
}

/// The account that a key's id names; `None` for one of the older kind, which names none.
fn account(id: &str) -> Option<u64> {
    let mut bits = 0u128;
    for byte in id.get(4..)?.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u128::from(value);
    }
    // Sixteen characters are ten bytes; the account stands in the first six, behind one bit and before seven.
    (id.len() == 20).then_some(())?;
    Some(((bits >> 32) as u64 & 0x7fff_ffff_ff80) >> 7).filter(|account| *account < 1_000_000_000_000)
}

fn signed(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// A request to a service, signed for this moment, in seconds since 1970.
pub(crate) fn call(asked: &Asked, pair: &Pair, service: Service, body: &str, seconds: u64) -> Call {
    let Base { tls, host, port, path } = &pair.base;
    let usual = if *tls { 443 } else { 80 };
    let shown = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    let authority = if *port == usual { shown } else { format!("{shown}:{port}") };
    let (target, date) = (format!("{path}/"), compact(seconds));
    let mut headers = vec![("content-type", KIND.to_owned()), ("host", authority), ("x-amz-date", date.clone())];
    headers.extend(pair.session.iter().map(|token| ("x-amz-security-token", token.clone())));
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let request = format!("POST\n{target}\n\n{lines}\n{names}\n{}", hex(&Sha256::digest(body)));
    let scope = format!("{}/{REGION}/{}/aws4_request", &date[..8], service.name);
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(request)));
    let key = [&date[..8], REGION, service.name, "aws4_request"]
        .iter()
        .fold([b"AWS4", &pair.secret[..]].concat(), |key, part| signed(&key, part));
    let signature = hex(&signed(&key, &text));
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}", pair.id);
    // The host is the connection's to name.
    let sent = headers.into_iter().filter(|(name, _)| *name != "host").chain([("authorization", authorization)]);
    Call {
        provider: asked.kind.rule.provider.clone(),
        tls: *tls,
        host: host.clone(),
        port: *port,
        trust: pair.trust,
        method: "POST".to_owned(),
        target,
        headers: sent.map(|(name, value)| (name.to_owned(), value.into_bytes())).collect(),
        body: body.as_bytes().to_vec(),
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The text of the first element of this name.
pub(crate) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let behind = xml.split_once(&format!("<{name}>"))?.1;
    Some(behind.split_once(&format!("</{name}>"))?.0.trim())
}

fn ruling(answer: &Answer) -> Ruling {
    let xml = String::from_utf8_lossy(&answer.body);
    let from = format!("from {}", answer.host);
    if answer.status == 200 {
        let Some(arn) = element(&xml, "Arn") else {
            return Ruling::unknown(format!("200 {from} that names nobody"));
        };
        let identity = match element(&xml, "Account") {
            Some(account) if !arn.contains(account) => format!("{arn} (account {account})"),
            _ => arn.to_owned(),
        };
        let live = Live { identity: Some(identity), evidence: format!("GetCallerIdentity {from}"), ..Live::default() };
        return Ruling::Live { live, by_itself: false };
    }
    let (code, message) = (element(&xml, "Code").unwrap_or_default(), element(&xml, "Message").unwrap_or_default());
    let refused = |why: &str| Ruling::Refused { why: format!("{why} {from}"), by_itself: true };
    match code {
        // A clock that is wrong is told with the same code.
        "SignatureDoesNotMatch" if message.contains("Signature expired") || message.contains("not yet current") => {
            Ruling::unknown(format!("the clock here differs from that of {}", answer.host))
        }
        "SignatureDoesNotMatch" => refused("SignatureDoesNotMatch: the secret is not that of this id,"),
        "InvalidClientTokenId" => refused("InvalidClientTokenId: no such key, or it is inactive,"),
        "ExpiredToken" | "ExpiredTokenException" => refused("ExpiredToken"),
        // Whoever is denied was known first.
        "AccessDenied" | "AccessDeniedException" => {
            let arn = message.split_once("User: ").and_then(|(_, rest)| rest.split(' ').next());
            let evidence = format!("AccessDenied {from}: known, and denied by a policy");
            let live = Live { identity: arn.map(str::to_owned), evidence, ..Live::default() };
            Ruling::Live { live, by_itself: false }
        }
        "" => Ruling::unknown(format!("{} {from} that is none of AWS", answer.status)),
        other => {
            let code: String = other.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
            Ruling::unknown(format!("{code} {from}"))
        }
    }
}

impl Check for Aws {
    fn rules(&self) -> Vec<String> {
        ["aws-access-key", "aws-temporary-access-key", "aws-secret-access-key"].map(str::to_owned).to_vec()
    }

    fn place(&self, asked: &Asked) -> Result<Place, String> {
        let Base { tls, host, port, path } = pair(asked, STS)?.base;
        let scheme = if tls { "https" } else { "http" };
        Ok(Place { key: format!("{scheme}://{host}:{port}{path}"), host })
    }

    fn plan(&self, asked: &Asked) -> Result<Vec<Sent>, String> {
        let pair = pair(asked, STS)?;
        let Base { tls, host, port, path } = pair.base;
        let scheme = if tls { "https" } else { "http" };
        let mut headers = vec!["Authorization: AWS4-HMAC-SHA256 <id and signature>".to_owned()];
        headers.extend(pair.session.map(|_| "X-Amz-Security-Token: <session_token>".to_owned()));
        let url = format!("{scheme}://{host}:{port}{path}/");
        Ok(vec![Sent { method: "POST".to_owned(), url, headers, body: BODY.to_owned() }])
    }

    fn ask<'a>(&'a self, asked: &'a Asked, net: &'a Net) -> Future<'a, Ruling> {
        Box::pin(async move {
            let pair = match pair(asked, STS) {
                Ok(pair) => pair,
                Err(why) => return Ruling::unknown(why),
            };
            let mut ruling = match net.send(&call(asked, &pair, STS, BODY, now())).await {
                Ok(answer) => ruling(&answer),
                Err(none) => none.into(),
            };
            if let Ruling::Live { live, .. } = &mut ruling
                && net.options().blast_radius
            {
                live.reach = policies::of(asked, live.identity.as_deref().unwrap_or_default(), net).await;
            }
            ruling
        })
    }

    fn control(&self, asked: &Asked, mut made_up: Values) -> Option<Values> {
        // Of the same kind: the id of a temporary key without a session is not sent, and nothing would be known of the refusal.
        let id = id_part(asked);
        let kind: Vec<u8> = asked.values.get(id)?.expose().iter().take(4).copied().collect();
        let rest = made_up.get(id)?.expose().iter().skip(4).copied();
        let same_kind: Vec<u8> = kind.into_iter().chain(rest).collect();
        made_up.set(id, same_kind);
        if let Some(token) = asked.values.get("session_token") {
            // Without any the id alone would be refused; a made-up one has to look like one.
            let letters = token.expose().iter().map(|b| if b.is_ascii_alphanumeric() { b'A' } else { *b });
            made_up.set("session_token", letters.collect::<Vec<u8>>());
        }
        Some(made_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_account() {
        // The published example of the encoding.
        assert_eq!(account(&format!("ASIA{}", "QNZGKIQY56JQ7WML")), Some(29_608_264_753));
        assert_eq!(account("AKIA"), None);
        assert!(account(&format!("AKIA{}", "0123456789012345")).is_none());
    }
}
