//! Signature Version 4 of requests with a form as their body.

use super::Pair;
use crate::check::Asked;
use crate::destination::Destination;
use crate::moment::compact;
use crate::net::Call;
use crate::values::hex;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::time::{SystemTime, UNIX_EPOCH};

const REGION: &str = "us-east-1";
const KIND: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// A service, as signatures name it, and its host.
#[derive(Clone, Copy)]
pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) host: &'static str,
}

fn signed(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// A request with this body, signed for this moment.
pub(super) fn call(asked: &Asked, pair: &Pair, service: Service, body: &str) -> Call {
    let at = Destination::of(asked, service.host);
    let (target, seconds) = (at.target("/"), SystemTime::now().duration_since(UNIX_EPOCH));
    let date = compact(seconds.map_or(0, |since| since.as_secs()));
    let mut headers = vec![("content-type", KIND.to_owned()), ("host", at.authority()), ("x-amz-date", date.clone())];
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
    let headers = sent.map(|(name, value)| (name.to_owned(), value.into_bytes())).collect();
    Call { method: "POST".to_owned(), headers, body: body.as_bytes().to_vec(), ..at.get(asked, "/") }
}
