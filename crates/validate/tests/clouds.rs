//! Keys of Google Cloud and Azure: signed requests against doubles that answer as the providers document, and against Azurite,
//! which checks the signatures of Azure Storage.

mod common;

use common::real::{asked, dead, given, live, text, unknown, verdict};
use common::{endpoint, options};
use model::Verdict;
use rules::template::Template;
use std::process::Command;
use std::sync::{Arc, Mutex};
use testkit::double::{Double, Received, Reply};
use validate::{Candidate, Context, Endpoint, Options, Values};

/// A key of RSA in PKCS #8, as `openssl` makes it; `None`, told, where that is not there.
fn rsa_key() -> Option<String> {
    let arguments = ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    let made = Command::new("openssl").args(arguments).output().ok().filter(|made| made.status.success());
    if made.is_none() {
        assert!(std::env::var("CI").is_err(), "openssl makes the key of this test, and is not there");
        eprintln!("skipped: openssl makes the key of this test, and is not there");
    }
    made.map(|made| String::from_utf8(made.stdout).expect("PEM"))
}

/// The parts of the token that a form carries, decoded: header, claims.
fn claims(form: &str) -> serde_json::Value {
    let token = form.split("assertion=").nth(1).expect("an assertion");
    serde_json::from_slice(&decoded(token.split('.').nth(1).expect("claims"))).expect("JSON")
}

fn decoded(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::new());
    for byte in text.bytes() {
        let value = alphabet.iter().position(|known| *known == byte).expect("base64url") as u32;
        (bits, held) = (bits << 6 | value, held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

fn encoded(text: &str) -> String {
    let mut values = Values::new();
    values.set("secret", text);
    let template = Template::parse("{base64url:{secret}}").expect("a template");
    String::from_utf8(values.fill(&template, Context::Plain).expect("filled")).expect("ASCII")
}

fn at(rule: &str, double: &Double, candidate: Candidate, blast_radius: bool) -> Verdict {
    verdict(Options { endpoints: vec![endpoint(rule, double)], blast_radius, ..options() }, candidate)
}

/// A made-up id of a temporary key, without a session, could not be sent, and one run in four knew nothing of a live key.
#[test]
fn a_made_up_key_of_aws_can_always_be_asked_about() {
    let (id, key) = (format!("AKIA{}", text(3, 16).to_uppercase()), text(4, 40));
    let known = id.clone();
    let double = Double::start(move |received: &Received| {
        if received.header("authorization").is_some_and(|header| header.contains(&known)) {
            return Reply::of(200, "text/xml", "<Arn>arn:aws:iam::123456789012:user/octo</Arn>");
        }
        Reply::of(403, "text/xml", "<Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error>")
    });
    for seed in 0..32 {
        for (rule, secret, part) in [
            ("aws-access-key", &id, ("secret_access_key", &*key)),
            ("aws-secret-access-key", &key, ("access_key_id", &*id)),
        ] {
            let options = Options { endpoints: vec![endpoint("aws", &double)], seed, ..options() };
            live(&verdict(options, asked(rule, secret, &[part])), "GetCallerIdentity");
        }
    }
}

/// Google's token endpoint: this account's key is that with which it was first asked after the made-up one; it says so and so.
fn google(refusal: Option<(&'static str, &'static str)>) -> Double {
    let seen = Arc::new(Mutex::new(0));
    Double::start(move |received: &Received| {
        if received.method == "GET" {
            assert!(received.target.starts_with("/v1/projects"), "{}", received.target);
            return Reply::json(200, r#"{"projects":[{"projectId":"acme-prod"},{"projectId":"acme-test"}]}"#);
        }
        let mut seen = seen.lock().expect("not poisoned");
        *seen += 1;
        let said = claims(&String::from_utf8_lossy(&received.body));
        assert_eq!(said["aud"], "https://oauth2.googleapis.com/token");
        assert_eq!(said["iss"], "ci@acme-prod.iam.gserviceaccount.com");
        let (error, text) = match (refusal, *seen) {
            (_, 1) => ("invalid_grant", "Invalid JWT Signature."),
            (Some(refusal), _) => refusal,
            (None, _) => {
                return Reply::json(200, r#"{"access_token":"made-up","expires_in":3599,"token_type":"Bearer"}"#);
            }
        };
        Reply::json(400, serde_json::json!({ "error": error, "error_description": text }).to_string())
    })
}

fn service_account(pem: &str) -> Candidate {
    let email = ("client_email", "ci@acme-prod.iam.gserviceaccount.com");
    asked("gcp-service-account-key", &pem.trim_end().replace('\n', "\\n"), &[email])
}

#[test]
fn keys_of_service_accounts_sign_for_a_token() {
    let Some(pem) = rsa_key() else { return };
    let ask = |double: &Double| at("google-cloud", double, service_account(&pem), true);
    let double = google(None);
    let verdict = ask(&double);
    live(&verdict, "an access token from 127.0.0.1");
    let Verdict::Live(told) = &verdict else { unreachable!() };
    assert_eq!(told.identity.as_deref(), Some("ci@acme-prod.iam.gserviceaccount.com"));
    assert_eq!((told.reach[0].kind.as_str(), told.reach[0].count), ("projects", 2));
    let body = pem.lines().nth(1).expect("a line");
    assert!(double.received().iter().all(|one| !one.text().contains(body)), "a signature alone is sent");
    dead(&ask(&google(Some(("invalid_grant", "Invalid JWT Signature.")))), "does not know this key");
    dead(&ask(&google(Some(("invalid_grant", "Invalid grant: account not found")))), "no such service account");
    dead(&ask(&google(Some(("disabled_client", "The OAuth client was disabled.")))), "disabled");
    let late = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.";
    unknown(&ask(&google(Some(("invalid_grant", late)))), "the clock here differs");
    unknown(&ask(&google(Some(("invalid_scope", "x")))), "invalid_scope");
    unknown(&ask(&Double::start(|_| Reply::json(429, "{}").with("Retry-After: 120"))), "429");
    unknown(&ask(&Double::start(|_| Reply::of(200, "text/html", "<html>"))), "none of its token endpoint");
    // One that lets everybody in.
    let open = Double::start(|_| Reply::json(200, r#"{"access_token":"x"}"#));
    unknown(&ask(&open), "a made-up value was taken, too");
    let cut =
        asked("gcp-service-account-key", &pem[..300], &[("client_email", "ci@acme-prod.iam.gserviceaccount.com")]);
    unknown(&at("google-cloud", &google(None), cut, false), "cut off");
}

/// The endpoint that a key file names is nobody's to choose: Google's own is asked.
#[test]
fn a_key_file_does_not_say_where_it_is_sent() {
    let mut validator = validate::Validator::new(Arc::new(rules::Ruleset::builtin()), options());
    let plan = validator.plan(&service_account("x")).expect("a plan");
    assert_eq!(plan[0].url, "https://oauth2.googleapis.com/token");
}

#[test]
fn secrets_of_entra_applications_are_taken_or_told_why_not() {
    let secret = format!("{}8Q~{}", text(31, 3), text(32, 34));
    let ids = ("11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000");
    let parts = [("tenant_id", ids.0), ("client_id", ids.1)];
    let entra = |code: Option<u64>| {
        let known = secret.clone();
        Double::start(move |received: &Received| {
            if received.method == "GET" {
                return Reply::json(200, r#"{"value":[{"displayName":"Acme"}]}"#);
            }
            assert_eq!(received.target, format!("/{}/oauth2/v2.0/token", ids.0));
            let code = match (received.text().contains(&known), code) {
                (false, _) => 7_000_215,
                (true, Some(code)) => code,
                (true, None) => {
                    let claims = r#"{"app_displayname":"ci","roles":["User.Read.All","Mail.Read"]}"#;
                    let token = format!("{}.{}.{}", encoded("{}"), encoded(claims), encoded("x"));
                    return Reply::json(200, format!(r#"{{"token_type":"Bearer","access_token":"{token}"}}"#));
                }
            };
            Reply::json(401, format!(r#"{{"error":"invalid_client","error_codes":[{code}]}}"#))
        })
    };
    let rule = "azure-entra-client-secret";
    let ask = |double: &Double| at(rule, double, asked(rule, &secret, &parts), true);
    let verdict = ask(&entra(None));
    live(&verdict, "an access token");
    let Verdict::Live(told) = &verdict else { unreachable!() };
    assert!(told.identity.as_deref().is_some_and(|who| who.starts_with("ci, application 66666666")), "{told:?}");
    assert_eq!(told.scopes, ["Mail.Read", "User.Read.All"]);
    assert_eq!(told.reach[0].names, ["Acme"]);
    for (code, why) in [(7_000_215, "not the secret"), (7_000_222, "expired"), (7_000_112, "disabled")] {
        dead(&ask(&entra(Some(code))), why);
    }
    unknown(&ask(&entra(Some(50_034))), "AADSTS50034");
    unknown(&ask(&Double::start(|_| Reply::json(503, "{}"))), "503");
    unknown(&verdict_of_no_parts(&secret), "tenant id was not found");
}

fn verdict_of_no_parts(secret: &str) -> Verdict {
    verdict(options(), asked("azure-entra-client-secret", secret, &[]))
}

#[test]
fn keys_of_azure_storage_against_azurite_which_checks_signatures() {
    let [Some(port), Some(right)] = ["DEADKEY_AZURITE_PORT", "DEADKEY_AZURITE_KEY"].map(given) else { return };
    let rule = "azure-storage-account-key";
    let ask = |key: &str, account: &str, rule: &str| {
        let base = format!("{rule}=http://127.0.0.1:{port}/{account}");
        let endpoints = vec![Endpoint::parse(&base).expect("an endpoint")];
        let options = Options { endpoints, blast_radius: true, ..options() };
        verdict(options, asked(rule, key, &[("account", account)]))
    };
    let verdict = ask(&right, "acme", rule);
    live(&verdict, "account properties from 127.0.0.1");
    let Verdict::Live(told) = &verdict else { unreachable!() };
    assert!(told.identity.as_deref().is_some_and(|who| who.contains("storage account acme (")), "{told:?}");
    assert_eq!(told.reach[0].kind, "containers");
    let wrong = format!("{}==", text(33, 86));
    dead(&ask(&wrong, "acme", rule), "not a key of this account");
    unknown(&ask(&wrong, "acme", "azure-storage-key-old"), "may be a key of another service");
    live(&ask(&right, "acme", "azure-storage-key-old"), "account properties");
}

#[test]
fn an_account_of_azure_without_a_name_is_unknown() {
    let rule = "azure-storage-account-key";
    let key = format!("{}==", text(34, 86));
    unknown(&verdict(options(), asked(rule, &key, &[])), "account was not found beside it");
    unknown(&verdict(options(), asked(rule, &key, &[("account", "A/b")])), "no name of an account");
    struct Nowhere;
    impl validate::Resolve for Nowhere {
        fn resolve<'a>(
            &'a self,
            _: &'a str,
        ) -> std::pin::Pin<Box<dyn Future<Output = std::io::Result<Vec<std::net::IpAddr>>> + Send + 'a>> {
            Box::pin(std::future::ready(Err(std::io::ErrorKind::NotFound.into())))
        }
    }
    let lost = Options { resolver: Arc::new(Nowhere), ..options() };
    unknown(&verdict(lost, asked(rule, &key, &[("account", "acme")])), "acme.blob.core.windows.net cannot be resolved");
}
