//! Tokens against their issuer's keys, and private keys against hosts and certificates that the user named.

mod common;

use common::real::{asked, dead, given, live, text, unknown, verdict};
use common::{options, why};
use model::Verdict;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use rules::template::Template;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::Path;
use testkit::double::{Double, Reply};
use validate::{Account, Candidate, Certificates, Context, Issuer, Options, Values};

fn encoded(bytes: &[u8]) -> String {
    let mut values = Values::new();
    values.set("secret", bytes.to_vec());
    let template = Template::parse("{base64url:{secret}}").expect("a template");
    String::from_utf8(values.fill(&template, Context::Plain).expect("filled")).expect("ASCII")
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs()
}

/// An issuer with a key of each kind, `ed` and `p256`.
struct Signer {
    edwards: Ed25519KeyPair,
    curve: EcdsaKeyPair,
}

impl Signer {
    fn new() -> Signer {
        let random = SystemRandom::new();
        let edwards = Ed25519KeyPair::generate_pkcs8(&random).expect("a key");
        let curve = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
        Signer {
            edwards: Ed25519KeyPair::from_pkcs8(edwards.as_ref()).expect("a key"),
            curve: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, curve.as_ref(), &random).expect("a key"),
        }
    }

    fn keys(&self) -> Value {
        let point = self.curve.public_key().as_ref();
        json!({ "keys": [
            { "kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": encoded(self.edwards.public_key().as_ref()) },
            { "kty": "EC", "crv": "P-256", "kid": "p256", "x": encoded(&point[1..33]), "y": encoded(&point[33..]) },
        ] })
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let said = format!("{}.{}", encoded(header.to_string().as_bytes()), encoded(claims.to_string().as_bytes()));
        let signature = match header["alg"].as_str() {
            Some("ES256") => self.curve.sign(&SystemRandom::new(), said.as_bytes()).expect("signed").as_ref().to_vec(),
            _ => self.edwards.sign(said.as_bytes()).as_ref().to_vec(),
        };
        format!("{said}.{}", encoded(&signature))
    }
}

#[test]
fn tokens_are_what_the_keys_of_their_issuer_say() {
    let signer = Signer::new();
    let keys = signer.keys().to_string();
    let issuer = Double::start(move |received| match received.target.as_str() {
        "/realm/.well-known/openid-configuration" => Reply::json(
            200,
            json!({ "jwks_uri": format!("http://{}/keys", received.header("host").unwrap()) }).to_string(),
        ),
        "/keys" => Reply::json(200, keys.clone()),
        _ => Reply::json(404, "{}"),
    });
    let url = format!("{}/realm", issuer.url());
    let ask = |token: &str| {
        let issuers = vec![Issuer::parse(&url).expect("an issuer")];
        verdict(Options { issuers, ..options() }, asked("jwt", token, &[]))
    };
    let claims = json!({ "iss": url, "sub": "ci", "scope": "read write", "exp": now() + 600 });
    let (edwards, curve) = (json!({ "alg": "EdDSA", "kid": "ed" }), json!({ "alg": "ES256", "kid": "p256" }));
    for header in [&edwards, &curve, &json!({ "alg": "ES256" })] {
        let verdict = ask(&signer.token(header, &claims));
        live(&verdict, "signed by a key of 127.0.0.1");
        let Verdict::Live(told) = &verdict else { unreachable!() };
        assert_eq!(
            (told.identity.as_deref(), told.scopes.as_slice()),
            (Some("ci"), &["read".into(), "write".into()][..])
        );
        assert!(told.expires.is_some());
    }
    // Changed behind the signature; of another key; of a key that is not published; not signed with a published kind.
    let token = signer.token(&edwards, &claims);
    let (said, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = said.split_once('.').unwrap();
    let more = json!({ "iss": url, "sub": "root", "exp": now() + 600 }).to_string();
    dead(&ask(&format!("{header}.{}.{signature}", encoded(more.as_bytes()))), "signature is not that of the key");
    dead(&ask(&Signer::new().token(&edwards, &claims)), "signature is not that of the key");
    unknown(&ask(&Signer::new().token(&json!({ "alg": "EdDSA" }), &claims)), "none of the keys");
    unknown(&ask(&signer.token(&json!({ "alg": "EdDSA", "kid": "gone" }), &claims)), "not among those");
    unknown(&ask(&signer.token(&json!({ "alg": "HS256" }), &claims)), "HS256");
    let early = json!({ "iss": url, "nbf": now() + 600 });
    unknown(&ask(&signer.token(&edwards, &early)), "does not count yet");
    assert!(issuer.received().iter().all(|one| !one.text().contains(signature)), "the token is sent to nobody");
    // Past its end nobody is asked, and of an issuer that the user did not name neither.
    let before = issuer.received().len();
    dead(&ask(&signer.token(&edwards, &json!({ "iss": url, "exp": now() - 5 }))), "it ended at 20");
    let foreign = ask(&signer.token(&edwards, &json!({ "iss": "https://other.example", "exp": now() + 600 })));
    unknown(&foreign, "--verify-issuer https://other.example");
    assert_eq!(issuer.received().len(), before);
}

#[test]
fn an_issuer_that_is_silent_or_lies_about_its_keys_proves_nothing() {
    let signer = Signer::new();
    let ask = |double: &Double| {
        let issuers = vec![Issuer::parse(&double.url()).expect("an issuer")];
        let claims = json!({ "iss": double.url(), "exp": now() + 600 });
        let token = signer.token(&json!({ "alg": "EdDSA", "kid": "ed" }), &claims);
        verdict(Options { issuers, ..options() }, asked("jwt", &token, &[]))
    };
    unknown(&ask(&Double::start(|_| Reply::of(200, "text/html", "<html>"))), "instead of keys");
    unknown(&ask(&Double::start(|_| Reply::json(503, "{}"))), "503");
    unknown(&ask(&Double::start(|_| Reply::Close)), "127.0.0.1");
    // Keys that are said to be on another host must be on the public internet.
    let inner = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = inner.local_addr().expect("bound").port();
    let elsewhere = Double::start(move |_| {
        Reply::json(200, json!({ "jwks_uri": format!("http://inner.example:{port}/keys") }).to_string())
    });
    unknown(&ask(&elsewhere), "private address");
    inner.set_nonblocking(true).expect("set");
    assert!(inner.accept().is_err(), "nobody came");
}

/// `.ci/servers` makes the keys, and lets all in but `stranger`.
fn ssh_key(name: &str) -> Option<(Candidate, u16)> {
    let (folder, port) = (given("DEADKEY_SSH_KEYS")?, given("DEADKEY_SSH_PORT")?);
    let pem = std::fs::read_to_string(Path::new(&folder).join(name)).expect("a key");
    let rule = if pem.contains("BEGIN RSA") { "private-key-rsa" } else { "private-key-openssh" };
    Some((asked(rule, pem.trim_end(), &[]), port.parse().expect("a port")))
}

fn at_accounts(candidate: Candidate, accounts: &[(&str, u16)]) -> Verdict {
    let accounts =
        accounts.iter().map(|(user, port)| Account::parse(&format!("{user}@127.0.0.1:{port}")).expect("one"));
    verdict(Options { accounts: accounts.collect(), ..options() }, candidate)
}

#[test]
fn keys_of_ssh_are_taken_refused_or_not_heard() {
    for name in ["ed25519", "ecdsa", "rsa", "rsa_pem"] {
        let Some((candidate, port)) = ssh_key(name) else { return };
        let verdict = at_accounts(candidate, &[("deploy", port)]);
        live(&verdict, "whose host has the key SHA256:");
        let Verdict::Live(told) = &verdict else { unreachable!() };
        assert_eq!(told.identity.as_deref(), Some(format!("deploy@127.0.0.1:{port}").as_str()), "{name}");
    }
    let Some((stranger, port)) = ssh_key("stranger") else { return };
    unknown(
        &at_accounts(stranger.clone(), &[("deploy", port)]),
        "does not take it, which says nothing of other places",
    );
    unknown(&at_accounts(stranger.clone(), &[("deploy", port), ("deploy", 1)]), "no connection to 127.0.0.1");
    unknown(&at_accounts(stranger.clone(), &[("deploy", 1)]), "no connection to 127.0.0.1");
    unknown(&at_accounts(stranger.clone(), &[]), "--verify-ssh USER@HOST");
    // One that was taken there, and is not any more.
    dead(&at_accounts(Candidate { was_live: true, ..stranger.clone() }, &[("deploy", port)]), "does not take it");
    let dead_air = TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = at_accounts(stranger, &[("deploy", dead_air.local_addr().expect("bound").port())]);
    unknown(&silent, "did not answer within");
}

#[test]
fn what_speaks_no_ssh_is_unknown() {
    let Some((candidate, _)) = ssh_key("ed25519") else { return };
    let double = Double::start(|_| Reply::json(200, "{}"));
    let port = double.url().rsplit(':').next().expect("a port").parse().expect("a number");
    let said = why(&at_accounts(candidate.clone(), &[("deploy", port)]));
    assert!(said.contains("127.0.0.1"), "{said}");
    let mut cut = candidate;
    cut.secret = model::Secret::new(format!("-----BEGIN{} PRIVATE KEY-----\n{}\n-----END", " RSA", text(41, 60)));
    cut.rule = "private-key-rsa".to_owned();
    unknown(&at_accounts(cut, &[("deploy", port)]), "cut off");
}

#[test]
fn keys_of_tls_belong_to_certificates() {
    let made = |name: &str| {
        let key = rcgen::KeyPair::generate().expect("a key");
        let parameters = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        let certificate = parameters.self_signed(&key).expect("a certificate").pem();
        (key.serialize_pem(), certificate)
    };
    let ((key, certificate), (other, _)) = (made("www.acme.example"), made("other.example"));
    let ask = |key: &str, certificates: Vec<Certificates>| {
        verdict(Options { certificates, ..options() }, asked("private-key-pkcs8", key.trim_end(), &[]))
    };
    let file = || vec![Certificates::in_file("site.pem", certificate.as_bytes()).expect("certificates")];
    let verdict = ask(&key, file());
    live(&verdict, "the certificate of site.pem has this key");
    let Verdict::Live(told) = &verdict else { unreachable!() };
    assert_eq!(told.identity.as_deref(), Some("www.acme.example"));
    assert!(told.expires.as_deref().is_some_and(|until| until.ends_with('Z')), "{told:?}");
    unknown(&ask(&other, file()), "another key");
    let mut old = rcgen::CertificateParams::new(vec!["old.example".to_owned()]).expect("parameters");
    old.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let pair = rcgen::KeyPair::generate().expect("a key");
    let ended = old.self_signed(&pair).expect("a certificate").pem();
    let ended = vec![Certificates::in_file("old.pem", ended.as_bytes()).expect("certificates")];
    unknown(&ask(&pair.serialize_pem(), ended), "has this key, and ended at 20200101");
    assert!(Certificates::in_file("x", b"nothing").is_err());
}

#[test]
fn the_certificate_of_a_host_is_looked_at() {
    let (Some(port), Some(path)) = (given("DEADKEY_LDAPS_PORT"), given("DEADKEY_SERVERS_CERTIFICATE_KEY")) else {
        return;
    };
    let key = std::fs::read_to_string(path).expect("a key");
    let rule = if key.contains("BEGIN EC") { "private-key-ec" } else { "private-key-pkcs8" };
    let ask = |key: &str, port: &str| {
        let certificates = vec![Certificates::at_host(&format!("127.0.0.1:{port}")).expect("a host")];
        verdict(Options { certificates, ..options() }, asked(rule, key.trim_end(), &[]))
    };
    live(&ask(&key, &port), &format!("the certificate of 127.0.0.1:{port} has this key"));
    let other = rcgen::KeyPair::generate().expect("a key").serialize_pem();
    unknown(&ask(&other, &port), "another key");
    unknown(&ask(&key, "1"), "no connection");
}
