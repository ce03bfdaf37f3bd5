//! JSON Web Tokens: whether the key of an issuer that the user named has signed one, and until when it counts. The token itself
//! is sent to nobody: only the issuer's public keys are fetched.

use crate::check::{Asked, Check, Future, Place, Ruling, Sent};
use crate::destination::Destination;
use crate::moment::iso;
use crate::net::Net;
use crate::options::{Base, Issuer};
use crate::token::Token;
use crate::values::{Values, base64_decoded};
use model::Live;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::Value;
use std::time::{SystemTime, UNIX_EPOCH};

const DISCOVERY: &str = "/.well-known/openid-configuration";
const KEYS: &str = "/.well-known/jwks.json";

/// Asks these issuers for their keys.
pub(crate) struct Jwt(pub(crate) Vec<Issuer>);

impl Jwt {
    fn issuer(&self, token: &Token<'_>) -> Result<&Issuer, String> {
        let own = token.claim("iss").ok_or("it names no issuer whose keys could be asked for")?.trim_end_matches('/');
        self.0.iter().find(|issuer| issuer.url.trim_end_matches('/') == own).ok_or_else(|| {
            let shown: String = own.chars().filter(|c| !c.is_control()).take(80).collect();
            format!("its issuer is yours to name: --verify-issuer {shown}")
        })
    }
}

fn text(asked: &Asked) -> String {
    asked.values.get("secret").map_or_else(String::new, |secret| secret.expose_text())
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

/// Seconds since 1970 of a claim; some write fractions.
fn moment(token: &Token<'_>, claim: &str) -> Option<i64> {
    let value = &token.claims[claim];
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

/// The end of a token that is over.
fn ended(token: &Token<'_>) -> Option<String> {
    moment(token, "exp").filter(|end| *end <= now()).map(|end| iso(end.max(0).unsigned_abs()))
}

async fn ask(issuers: &Jwt, asked: &Asked, net: &Net) -> Result<Ruling, Ruling> {
    let text = text(asked);
    let token = Token::read(&text).ok_or_else(|| Ruling::unknown("it is no signed token"))?;
    if let Some(end) = ended(&token) {
        return Ok(Ruling::Refused { why: format!("it ended at {end}, as it says itself"), by_itself: true });
    }
    let issuer = issuers.issuer(&token).map_err(Ruling::unknown)?;
    if moment(&token, "nbf").is_some_and(|begin| begin > now() + 60) {
        return Err(Ruling::unknown("it does not count yet, as it says itself"));
    }
    let algorithm = token.header["alg"].as_str().unwrap_or_default().to_owned();
    if algorithm.starts_with("HS") || algorithm == "none" {
        return Err(Ruling::unknown(format!("it is signed with {algorithm}, for which no issuer publishes a key")));
    }
    let keys = published(issuer, asked, net).await?;
    let own = token.header["kid"].as_str();
    let fits = |key: &&Value| own.is_none_or(|own| key["kid"].as_str() == Some(own));
    let fitting: Vec<&Value> = keys.iter().filter(fits).collect();
    let host = &issuer.base.host;
    let verified: Vec<Option<bool>> = fitting.iter().map(|key| verifies(key, &algorithm, &token)).collect();
    if verified.contains(&Some(true)) {
        return Ok(Ruling::Live { live: told(&token, host), by_itself: true });
    }
    Ok(match (own, verified.as_slice()) {
        (Some(_), []) => Ruling::unknown(format!("its key is not among those that {host} publishes (now)")),
        (Some(_), [Some(false)]) => {
            let why = format!("its signature is not that of the key of {host} that it names");
            Ruling::Refused { why, by_itself: true }
        }
        (_, verdicts) if verdicts.contains(&None) => {
            Ruling::unknown(format!("it is signed with {algorithm}, which is not read here"))
        }
        _ => Ruling::unknown(format!("none of the keys that {host} publishes (now) has signed it")),
    })
}

fn told(token: &Token<'_>, host: &str) -> Live {
    let who = ["email", "preferred_username", "upn", "sub", "client_id", "azp"];
    let identity = who.iter().find_map(|name| token.claim(name)).map(str::to_owned);
    let listed = |name: &str| {
        let list = token.claims[name].as_array().into_iter().flatten().filter_map(Value::as_str);
        let words = token.claim(name).into_iter().flat_map(|words| words.split(' '));
        list.chain(words).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut scopes: Vec<String> = ["scope", "scp", "roles"].into_iter().flat_map(listed).collect();
    scopes.sort();
    scopes.dedup();
    let expires = moment(token, "exp").map(|end| iso(end.max(0).unsigned_abs()));
    let evidence = format!("signed by a key of {host}, which does not say whether it was taken back,");
    Live { identity, scopes, expires, evidence, ..Live::default() }
}

/// The keys of an issuer.
async fn published(issuer: &Issuer, asked: &Asked, net: &Net) -> Result<Vec<Value>, Ruling> {
    let own = Destination::named(issuer.base.clone());
    let known = net.send(&own.get(asked, DISCOVERY)).await?;
    let configuration: Value = serde_json::from_slice(&known.body).unwrap_or_default();
    let call = match configuration["jwks_uri"].as_str().filter(|_| known.status == 200) {
        Some(url) => {
            let (address, query) = url.find('?').map_or((url, ""), |at| url.split_at(at));
            let base =
                Base::parse(address).map_err(|why| Ruling::unknown(format!("where its keys are is unclear: {why}")))?;
            let path = format!("{}{query}", base.path);
            let base = Base { path: String::new(), ..base };
            // Another host than that which the user named is taken as it comes: it must be on the public internet.
            match base.host == issuer.base.host {
                true => Destination::named(base),
                false => Destination::found(base),
            }
            .get(asked, &path)
        }
        None => own.get(asked, KEYS),
    };
    let answer = net.send(&call).await?;
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    match said["keys"].as_array().filter(|_| answer.status == 200) {
        Some(keys) => Ok(keys.clone()),
        None => Err(Ruling::unknown(format!("{} from {} instead of keys", answer.status, answer.host))),
    }
}

/// Whether a key has signed a token; `None` if that cannot be told.
fn verifies(key: &Value, algorithm: &str, token: &Token<'_>) -> Option<bool> {
    let part = |name: &str| base64_decoded(key[name].as_str()?);
    let (said, signature) = (token.signed.as_bytes(), token.signature.as_slice());
    let plain = |kind: &'static dyn VerificationAlgorithm, key: Vec<u8>| {
        Some(UnparsedPublicKey::new(kind, key).verify(said, signature).is_ok())
    };
    let point = |kind: &'static dyn VerificationAlgorithm| plain(kind, [vec![4], part("x")?, part("y")?].concat());
    let rsa = |kind: &'static RsaParameters| {
        // Shorter keys are not verified with, so that nothing follows from a failure.
        let key = RsaPublicKeyComponents { n: part("n").filter(|n| n.len() >= 256)?, e: part("e")? };
        Some(key.verify(kind, said, signature).is_ok())
    };
    match (key["kty"].as_str()?, algorithm, key["crv"].as_str().unwrap_or_default()) {
        ("RSA", "RS256", _) => rsa(&RSA_PKCS1_2048_8192_SHA256),
        ("RSA", "RS384", _) => rsa(&RSA_PKCS1_2048_8192_SHA384),
        ("RSA", "RS512", _) => rsa(&RSA_PKCS1_2048_8192_SHA512),
        ("RSA", "PS256", _) => rsa(&RSA_PSS_2048_8192_SHA256),
        ("RSA", "PS384", _) => rsa(&RSA_PSS_2048_8192_SHA384),
        ("RSA", "PS512", _) => rsa(&RSA_PSS_2048_8192_SHA512),
        ("EC", "ES256", "P-256") => point(&ECDSA_P256_SHA256_FIXED),
        ("EC", "ES384", "P-384") => point(&ECDSA_P384_SHA384_FIXED),
        ("OKP", "EdDSA" | "Ed25519", "Ed25519") => plain(&ED25519, part("x")?),
        // A key of another kind has not signed it.
        (
            "RSA" | "EC" | "OKP",
            "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "EdDSA",
            _,
        ) => Some(false),
        _ => None,
    }
}

impl Check for Jwt {
    fn rules(&self) -> Vec<String> {
        vec!["jwt".to_owned()]
    }

    fn place(&self, asked: &Asked) -> Result<Place, String> {
        let text = text(asked);
        let token = Token::read(&text).ok_or("it is no signed token")?;
        if ended(&token).is_some() {
            // Nobody is asked.
            return Ok(Place { key: "its own end".to_owned(), host: String::new() });
        }
        Ok(Destination::named(self.issuer(&token)?.base.clone()).place())
    }

    fn plan(&self, asked: &Asked) -> Result<Vec<Sent>, String> {
        let text = text(asked);
        let token = Token::read(&text).ok_or("it is no signed token")?;
        if ended(&token).is_some() {
            return Err("it has ended, as it says itself".to_owned());
        }
        let url = Destination::named(self.issuer(&token)?.base.clone()).url(DISCOVERY);
        Ok(vec![Sent { method: "GET".to_owned(), url, headers: Vec::new(), body: String::new() }])
    }

    fn ask<'a>(&'a self, asked: &'a Asked, net: &'a Net) -> Future<'a, Ruling> {
        Box::pin(async move { ask(self, asked, net).await.unwrap_or_else(|ruling| ruling) })
    }

    fn control(&self, _: &Asked, _: Values) -> Option<Values> {
        // A signature decides here, not an answer.
        None
    }
}
