//! `deadkey revoke` and `deadkey tickets revoke` against doubles: what is sent, what is not, and what makes a key dead.

use crate::found::secret;
use crate::program::{Run, command, deadkey_with, deadkey_with_input, run};
use crate::tickets_ingest::{KEY, NOW, object, tickets, tickets_at};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use testkit::double::{Double, Received, Reply};
use testkit::{Repository, Rng, secrets};

/// What a provider does with a request to revoke.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// As documented; the token works for so many questions more.
    Takes(usize),
    /// It says that it is done, and goes on to take the token.
    Lies,
    /// It refuses.
    Refuses,
    /// It does it, and the answer is lost.
    Drops,
}

/// GitHub's API: `live` works until it is revoked.
fn github(live: &str, mood: Mood) -> Double {
    let live = live.to_owned();
    let left = Arc::new(AtomicUsize::new(usize::MAX));
    Double::start(move |received| {
        if received.target == "/credentials/revoke" {
            let named = received.text().contains(&live);
            // Whoever authenticates is refused, as documented.
            if received.header("authorization").is_some() || mood == Mood::Refuses || !named {
                return Reply::json(422, format!(r#"{{"message":"Validation failed for {live}"}}"#));
            }
            if let Mood::Takes(after) = mood {
                left.store(after, Ordering::Relaxed);
            }
            if mood == Mood::Drops {
                left.store(0, Ordering::Relaxed);
                return Reply::Close;
            }
            return Reply::json(202, "{}");
        }
        match received.header("authorization") {
            Some(token) if token == format!("Bearer {live}") => {
                let now = left.load(Ordering::Relaxed);
                if now == 0 {
                    return Reply::json(401, r#"{"message":"Bad credentials","status":"401"}"#);
                }
                left.store(now.saturating_sub(usize::from(now != usize::MAX)), Ordering::Relaxed);
                Reply::json(200, format!(r#"{{"login":"octo","echo":"{live}"}}"#)).with("X-OAuth-Scopes: repo")
            }
            Some(_) => Reply::json(401, r#"{"message":"Bad credentials","status":"401"}"#),
            None => Reply::json(404, r#"{"message":"Not Found"}"#),
        }
    })
}

fn revocations(double: &Double) -> Vec<Received> {
    double.received().into_iter().filter(|one| one.target == "/credentials/revoke").collect()
}

/// What makes a run of these tests quick: every refusal is believed, and nothing is waited for.
const QUICK: [&str; 6] = ["--settle", "0s", "--lag", "0s", "--patience", "0s"];

/// `deadkey revoke` of a secret on standard input.
fn revoke(double: &Double, token: &str, more: &[&str]) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let endpoint = format!("github={}", double.url());
    let arguments = [&["revoke", "--verify-endpoint", &endpoint], &QUICK[..], more].concat();
    let run = deadkey_with(folder.path(), &arguments, &[], token.as_bytes());
    shows_no(&run, token);
    run
}

#[track_caller]
fn shows_no(run: &Run, token: &str) {
    let all = format!("{}{}", run.stdout, run.stderr);
    assert!(!all.contains(&token[8..token.len() - 4]), "{all}");
}

#[test]
fn a_token_is_shown_revoked_and_proven_dead_by_two_refusals() {
    let token = secret(1);
    let double = github(&token, Mood::Takes(0));
    let run = revoke(&double, &token, &["--yes", "--json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said = &run.json_lines()[0];
    assert_eq!((&said["outcome"], &said["identity"]), (&json!("dead"), &json!("octo")), "{said}");
    assert!(said["outlives"].to_string().contains("SSH"), "{said}");
    for shown in
        ["live: octo", "scopes repo", "POST http", "<secret>", "undo      no", "goes on   SSH", "nobody has said"]
    {
        assert!(run.stderr.contains(shown), "{shown}: {}", run.stderr);
    }
    // The body is what GitHub documents, and nobody is authenticated.
    let sent = revocations(&double);
    assert_eq!(sent.len(), 1);
    assert_eq!(String::from_utf8_lossy(&sent[0].body), format!(r#"{{"credentials":["{token}"]}}"#));
    assert_eq!(sent[0].header("authorization"), None);
    // Before: a control and the question. After: twice a control and a question.
    let received = double.received();
    let at = received.iter().position(|one| one.target == "/credentials/revoke").expect("it was sent");
    let asked = |received: &[Received]| received.iter().filter(|one| one.text().contains(&token)).count();
    assert_eq!((asked(&received[..at]), asked(&received[at + 1..])), (1, 2));
    let controls = received[at + 1..].iter().filter(|one| one.target == "/user" && !one.text().contains(&token));
    assert!(controls.filter(|one| one.header("authorization").is_some_and(|value| value.len() > 20)).count() >= 2);
}

#[test]
fn nothing_is_sent_without_a_yes() {
    let token = secret(1);
    let double = github(&token, Mood::Takes(0));
    let run = revoke(&double, &token, &[]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("--yes does it without asking"), "{}", run.stderr);
    assert!(revocations(&double).is_empty());
    // A dry run asks nobody at all.
    let before = double.connections();
    let run = revoke(&double, &token, &["--dry-run", "--yes"]);
    assert_eq!((run.code, double.connections()), (0, before), "{}", run.stderr);
    assert!(run.stderr.contains("/credentials/revoke") && run.stderr.contains("nothing was sent"), "{}", run.stderr);
    let remembered = revoke(&double, &token, &["--verify-cache", "cache"]);
    assert!(remembered.code == 2 && remembered.stderr.contains("leave --verify-cache out"), "{}", remembered.stderr);
}

#[test]
fn a_provider_that_lies_refuses_or_drops_is_not_believed() {
    let token = secret(1);
    let lies = github(&token, Mood::Lies);
    let run = revoke(&lies, &token, &["--yes"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.contains("WORKS: it goes on to work"), "{}", run.stdout);
    let refuses = github(&token, Mood::Refuses);
    let run = revoke(&refuses, &token, &["--yes"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stdout.contains("did not revoke it: 422") && run.stdout.contains("by hand: Developer"),
        "{}",
        run.stdout
    );
    // The request arrived and its answer was lost: what counts is whether the token works.
    let drops = github(&token, Mood::Drops);
    let run = revoke(&drops, &token, &["--yes", "--json"]);
    assert_eq!((run.code, &run.json_lines()[0]["outcome"]), (0, &json!("dead")), "{} {}", run.stdout, run.stderr);
}

#[test]
fn a_refusal_is_waited_for() {
    let token = secret(1);
    let double = github(&token, Mood::Takes(2));
    let folder = tempfile::tempdir().expect("a folder");
    let endpoint = format!("github={}", double.url());
    let arguments = ["revoke", "--yes", "--settle", "1s", "--lag", "2s", "--json", "--verify-endpoint", &endpoint];
    let begun = std::time::Instant::now();
    let run = deadkey_with(folder.path(), &arguments, &[], token.as_bytes());
    assert_eq!((run.code, &run.json_lines()[0]["outcome"]), (0, &json!("dead")), "{} {}", run.stdout, run.stderr);
    assert!(begun.elapsed().as_secs() >= 3, "{:?}", begun.elapsed());
    shows_no(&run, &token);
}

#[test]
fn what_is_dead_or_unknown_is_left_alone() {
    let double = github(&secret(1), Mood::Takes(0));
    let run = revoke(&double, &secret(2), &["--yes", "--json"]);
    assert_eq!((run.code, &run.json_lines()[0]["outcome"]), (0, &json!("already-dead")), "{}", run.stderr);
    let gone = Double::start(|_| Reply::Close);
    let run = revoke(&gone, &secret(1), &["--yes", "--json"]);
    assert_eq!((run.code, &run.json_lines()[0]["outcome"]), (3, &json!("unknown")), "{}", run.stderr);
    assert!(run.stdout.contains("--even-if-unknown"), "{}", run.stdout);
    assert!(revocations(&double).is_empty() && revocations(&gone).is_empty());
}

#[test]
fn a_200_that_says_no_is_no() {
    let mut rng = Rng::new(7);
    let mut digits = |n| String::from_utf8(rng.text(b"123456789", n)).expect("ASCII");
    let (team, bot) = (digits(12), digits(12));
    let tail = String::from_utf8(rng.text(secrets::BASE62, 24)).expect("ASCII");
    let token = format!("xo{}-{team}-{bot}-{tail}", "xb");
    let live = token.clone();
    let slack = move |revoked: &'static str| {
        let (live, gone) = (live.clone(), AtomicUsize::new(0));
        Double::start(move |received| {
            let known = received.header("authorization") == Some(format!("Bearer {live}").as_str());
            if received.target == "/auth.revoke" || received.target == "/api/auth.revoke" {
                gone.store(usize::from(revoked.contains("true")), Ordering::Relaxed);
                return Reply::json(200, format!(r#"{{"ok":{revoked},"revoked":{revoked},"error":"not_allowed"}}"#));
            }
            match known && gone.load(Ordering::Relaxed) == 0 {
                true => Reply::json(200, r#"{"ok":true,"user":"bot","team":"acme"}"#),
                false => Reply::json(200, r#"{"ok":false,"error":"invalid_auth"}"#),
            }
        })
    };
    for (revoked, code, outcome) in [("false", 1, "live"), ("true", 0, "dead")] {
        let double = slack(revoked);
        let endpoint = format!("slack={}", double.url());
        let arguments = [&["revoke", "--yes", "--json", "--verify-endpoint", &endpoint], &QUICK[..]].concat();
        let run = deadkey_with_input(&arguments, token.as_bytes());
        assert_eq!(
            (run.code, &run.json_lines()[0]["outcome"]),
            (code, &json!(outcome)),
            "{} {}",
            run.stdout,
            run.stderr
        );
        shows_no(&run, &token);
    }
}

#[test]
fn a_token_of_vault_is_revoked_where_the_user_says() {
    let token = format!("hv{}", "s.") + &String::from_utf8(Rng::new(5).text(secrets::BASE62, 28)).expect("ASCII");
    let (live, gone) = (token.clone(), AtomicUsize::new(0));
    let double = Double::start(move |received| {
        let known = received.header("x-vault-token") == Some(live.as_str()) && gone.load(Ordering::Relaxed) == 0;
        match (known, received.method.as_str(), received.target.as_str()) {
            (false, _, _) => Reply::json(403, r#"{"errors":["permission denied"]}"#),
            (true, "GET", "/v1/auth/token/lookup-self") => {
                let data = r#"{"display_name":"token-ci","path":"auth/token/create","policies":["default","ci"]}"#;
                Reply::json(200, format!(r#"{{"data":{data}}}"#))
            }
            (true, "POST", "/v1/auth/token/revoke-self") => {
                gone.store(1, Ordering::Relaxed);
                Reply::json(204, "")
            }
            _ => Reply::json(404, r#"{"errors":[]}"#),
        }
    });
    let run = deadkey_with_input(&["revoke", "--yes"], token.as_bytes());
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("--verify-endpoint hashicorp-vault=https://"), "{}", run.stderr);
    assert_eq!(double.connections(), 0);
    let endpoint = format!("hashicorp-vault={}", double.url());
    let arguments = [&["revoke", "--yes", "--json", "--verify-endpoint", &endpoint], &QUICK[..]].concat();
    let run = deadkey_with_input(&arguments, token.as_bytes());
    let said = &run.json_lines()[0];
    assert_eq!((run.code, &said["outcome"]), (0, &json!("dead")), "{} {}", run.stdout, run.stderr);
    assert!(said["identity"].as_str().is_some_and(|whose| whose.contains("token-ci")), "{said}");
    assert!(run.stderr.contains("leases"), "{}", run.stderr);
    shows_no(&run, &token);
}

#[test]
fn a_token_of_akeyless_is_checked_and_revoked() {
    let token = format!("t-{}", String::from_utf8(Rng::new(6).text(secrets::HEX, 32)).expect("ASCII"));
    let (live, gone) = (token.clone(), AtomicUsize::new(0));
    let double = Double::start(move |received| {
        let known = received.text().contains(&live) && gone.load(Ordering::Relaxed) == 0;
        match (received.target.as_str(), known) {
            ("/validate-token", known) => Reply::json(200, format!(r#"{{"is_valid":{known}}}"#)),
            ("/describe-sub-claims", true) => Reply::json(200, r#"{"sub_claims":{"email":["ci@acme.example"]}}"#),
            ("/revoke-creds", true) => {
                gone.store(1, Ordering::Relaxed);
                Reply::json(200, "{}")
            }
            _ => Reply::json(401, r#"{"error":"Unauthorized"}"#),
        }
    });
    let endpoint = format!("akeyless={}", double.url());
    let arguments = [&["revoke", "--yes", "--json", "--verify-endpoint", &endpoint], &QUICK[..]].concat();
    let run = deadkey_with_input(&arguments, format!("AKEYLESS_TOKEN={token}\n").as_bytes());
    let said = &run.json_lines()[0];
    assert_eq!((run.code, &said["outcome"]), (0, &json!("dead")), "{} {}", run.stdout, run.stderr);
    assert_eq!(said["identity"], "ci@acme.example");
    shows_no(&run, &token);
}

#[test]
fn a_key_of_akeyless_gets_its_method_another_one_that_nobody_sees() {
    let key = format!("{}=", String::from_utf8(Rng::new(16).text(secrets::BASE62, 43)).expect("ASCII"));
    let id = format!("p-{}", "q3rtmn5hbxq7");
    let (live, own, gone) = (key.clone(), id.clone(), AtomicUsize::new(0));
    let double = Double::start(move |received| {
        let text = received.text();
        let works = text.contains(&live) && text.contains(&own) && gone.load(Ordering::Relaxed) == 0;
        match received.target.as_str() {
            "/auth" if works => {
                Reply::json(200, r#"{"token":"t-of-the-session","creds":{"sub_claims":{"team":["builders"]}}}"#)
            }
            "/list-auth-methods" if text.contains("t-of-the-session") && text.contains("page-2") => {
                let of =
                    |id: &str, name: &str| format!(r#"{{"auth_method_access_id":"{id}","auth_method_name":"{name}"}}"#);
                let methods = [of("p-another00000", "/other"), of(&own, "/ci/builder")].join(",");
                Reply::json(200, format!(r#"{{"auth_methods":[{methods}]}}"#))
            }
            "/list-auth-methods" if text.contains("t-of-the-session") => {
                Reply::json(200, r#"{"auth_methods":[],"next_page":"page-2"}"#)
            }
            "/reset-access-key" if text.contains("/ci/builder") => {
                gone.store(1, Ordering::Relaxed);
                Reply::json(200, r#"{"access_key":"the new key, which is a secret"}"#)
            }
            "/auth" | "/list-auth-methods" | "/reset-access-key" => Reply::json(401, r#"{"error":"Unauthorized"}"#),
            _ => Reply::json(404, r#"{"error":"no such path"}"#),
        }
    });
    let endpoint = format!("akeyless={}", double.url());
    let arguments = [&["revoke", "--yes", "--json", "--verify-endpoint", &endpoint], &QUICK[..]].concat();
    let input = format!("AKEYLESS_ACCESS_ID={id}\nAKEYLESS_ACCESS_KEY={key}\n");
    let run = deadkey_with_input(&arguments, input.as_bytes());
    let said = &run.json_lines()[0];
    assert_eq!((run.code, &said["outcome"]), (0, &json!("dead")), "{} {}", run.stdout, run.stderr);
    assert_eq!(said["identity"], "builders");
    assert!(run.stderr.contains("reset-access-key") && run.stderr.contains("which is not kept"), "{}", run.stderr);
    let all = format!("{}{}", run.stdout, run.stderr);
    assert!(!all.contains("the new key, which") && !all.contains("t-of-the-session"), "{all}");
    shows_no(&run, &key);
}

#[test]
fn what_people_must_do_is_told_step_by_step() {
    let key = format!("sk_{}_", "live") + &String::from_utf8(Rng::new(8).text(secrets::BASE62, 24)).expect("ASCII");
    let live = key.clone();
    let double = Double::start(move |received| match received.text().contains(&live) {
        true => Reply::json(200, r#"{"id":"acct_1","object":"account"}"#),
        false => Reply::json(401, r#"{"error":{"message":"Invalid API Key provided","type":"invalid_request_error"}}"#),
    });
    let endpoint = format!("stripe={}", double.url());
    let arguments = ["revoke", "--yes", "--json", "--verify-endpoint", &endpoint];
    let run = deadkey_with_input(&arguments, key.as_bytes());
    let said = &run.json_lines()[0];
    assert_eq!((run.code, &said["outcome"]), (1, &json!("by-hand")), "{} {}", run.stdout, run.stderr);
    assert_eq!(said["page"], "https://dashboard.stripe.com/apikeys");
    assert!(said["by_hand"].as_str().is_some_and(|steps| steps.contains("Roll key")), "{said}");
    assert!(double.received().iter().all(|one| one.method == "GET"));
}

/// AWS as far as it is needed: STS, and IAM for one key that is on or off or gone, and for an operator's.
fn aws(id: &str, operator: &'static str) -> impl Fn(&Received) -> Reply + Send + Sync + 'static {
    let (id, on, gone) = (id.to_owned(), AtomicBool::new(true), AtomicBool::new(false));
    let error = |code: &str| {
        Reply::of(403, "text/xml", format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>"))
    };
    let answer = |body: &str| {
        let id = "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>";
        Reply::of(200, "text/xml", format!("<Response>{body}{id}</Response>"))
    };
    move |received| {
        let body = String::from_utf8_lossy(&received.body).into_owned();
        let signed = received.header("authorization").unwrap_or_default().to_owned();
        let is_operator = signed.contains(operator);
        let works = signed.contains(&id) && on.load(Ordering::Relaxed) && !gone.load(Ordering::Relaxed);
        if !is_operator && !works {
            return error("InvalidClientTokenId");
        }
        if body.contains("GetCallerIdentity") {
            return answer("<Arn>arn:aws:iam::123456789012:user/ci</Arn><Account>123456789012</Account>");
        }
        if body.contains("ListAccessKeys") && body.contains("UserName=ci") {
            let status = if on.load(Ordering::Relaxed) { "Active" } else { "Inactive" };
            let key = format!("<AccessKeyId>{id}</AccessKeyId><Status>{status}</Status>");
            return answer(&format!("<AccessKeyMetadata><member>{key}</member></AccessKeyMetadata>"));
        }
        // Whoever signs for another must name the user.
        if is_operator && !body.contains("GetAccessKeyLastUsed") && !body.contains("UserName=ci") || !body.contains(&id)
        {
            return error("NoSuchEntity");
        }
        if body.contains("GetAccessKeyLastUsed") {
            let used =
                "<LastUsedDate>2026-11-26T08:00:00Z</LastUsedDate><ServiceName>s3</ServiceName><Region>eu-1</Region>";
            return answer(&format!("<UserName>ci</UserName>{used}"));
        }
        on.store(body.contains("Status=Active"), Ordering::Relaxed);
        gone.store(body.contains("DeleteAccessKey"), Ordering::Relaxed);
        answer("")
    }
}

#[test]
fn a_key_of_aws_is_switched_off_on_again_and_only_then_deleted() {
    let operator = concat!("AKI", "A", "OPERATOR5OPERATOR");
    let id = format!("AK{}", "IAQ3RTMN5HBXQ7RT2Z");
    let key = String::from_utf8(Rng::new(9).text(secrets::BASE62, 40)).expect("ASCII");
    let double = Double::start(aws(&id, operator));
    let endpoint = format!("aws={}", double.url());
    let folder = tempfile::tempdir().expect("a folder");
    let input = format!("AWS_ACCESS_KEY_ID={id}\nAWS_SECRET_ACCESS_KEY={key}\n");
    let of_operator = [("AWS_ACCESS_KEY_ID", operator), ("AWS_SECRET_ACCESS_KEY", "made up, and of nobody")];
    let revoke = |more: &[&str], variables: &[(&str, &str)]| -> (i32, String, String) {
        let base = ["revoke", "--yes", "--json", "--verify-endpoint", &endpoint];
        let run = deadkey_with(folder.path(), &[&base[..], &QUICK, more].concat(), variables, input.as_bytes());
        let all = format!("{}{}", run.stdout, run.stderr);
        assert!(!all.contains(&key[..20]) && !all.contains("of nobody"), "{all}");
        let outcome = run.json_lines().first().map(|line| line["outcome"].as_str().unwrap_or_default().to_owned());
        (run.code, outcome.unwrap_or_default(), all)
    };
    // Deleting comes second.
    let (code, outcome, all) = revoke(&["--delete"], &[]);
    assert_eq!((code, outcome.as_str()), (1, "live"), "{all}");
    assert!(all.contains("revoke it first"), "{all}");
    let (code, outcome, all) = revoke(&[], &[]);
    assert_eq!((code, outcome.as_str()), (0, "dead"), "{all}");
    for shown in ["user/ci", "last used 2026-11-26T08:00:00Z for s3 in eu-1", "yes, with --undo", "36 hours"] {
        assert!(all.contains(shown), "{shown}: {all}");
    }
    // What is off signs nothing.
    let (code, _, all) = revoke(&["--undo"], &[]);
    assert!(code == 3 && all.contains("--operator takes the credentials"), "{code} {all}");
    let (code, _, all) = revoke(&["--undo", "--operator"], &[]);
    assert!(code == 2 && all.contains("AWS_ACCESS_KEY_ID is not set"), "{code} {all}");
    let (code, outcome, all) = revoke(&["--undo", "--operator"], &of_operator);
    assert_eq!((code, outcome.as_str()), (0, "undone"), "{all}");
    assert_eq!(revoke(&[], &[]).1, "dead");
    let (code, outcome, all) = revoke(&["--delete", "--operator"], &of_operator);
    assert_eq!((code, outcome.as_str()), (0, "dead"), "{all}");
    let bodies: Vec<String> =
        double.received().iter().map(|one| String::from_utf8_lossy(&one.body).into_owned()).collect();
    let did: Vec<&String> = bodies.iter().filter(|body| body.contains("UpdateA") || body.contains("DeleteA")).collect();
    let order = ["Status=Inactive", "Status=Active", "Status=Inactive", "DeleteAccessKey"];
    assert!(did.len() == 4 && did.iter().zip(order).all(|(body, act)| body.contains(act)), "{did:?}");
}

/// The secret beside an id may be another key's: its refusal says nothing of the key, which may be at work.
#[test]
fn a_key_of_aws_that_is_on_is_not_deleted_for_a_wrong_secret() {
    let operator = concat!("AKI", "A", "OPERATOR5OPERATOR");
    let id = format!("AK{}", "IAQ3RTMN5HBXQ7RT2Z");
    let key = String::from_utf8(Rng::new(9).text(secrets::BASE62, 40)).expect("ASCII");
    let (iam, wrong) = (aws(&id, operator), id.clone());
    let double = Double::start(move |received| {
        let signed = received.header("authorization").unwrap_or_default();
        match signed.contains(&wrong) {
            true => Reply::of(
                403,
                "text/xml",
                "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>".to_owned(),
            ),
            false => iam(received),
        }
    });
    let endpoint = format!("aws={}", double.url());
    let folder = tempfile::tempdir().expect("a folder");
    let input = format!("AWS_ACCESS_KEY_ID={id}\nAWS_SECRET_ACCESS_KEY={key}\n");
    let of_operator = [("AWS_ACCESS_KEY_ID", operator), ("AWS_SECRET_ACCESS_KEY", "made up, and of nobody")];
    let base = ["revoke", "--yes", "--json", "--delete", "--operator", "--verify-endpoint", &endpoint];
    let run = deadkey_with(folder.path(), &[&base[..], &QUICK].concat(), &of_operator, input.as_bytes());
    assert!(run.code == 3 && run.stderr.contains("not switched off"), "{} {} {}", run.code, run.stdout, run.stderr);
    let deleted = double.received().iter().any(|one| String::from_utf8_lossy(&one.body).contains("DeleteAccessKey"));
    assert!(!deleted, "{}", run.stderr);
}

/// A repository with two tokens, taken in by a ledger: tickets 1 and 2.
fn ledger() -> Repository {
    let mut repository = Repository::new();
    repository.commit_file("a.env", format!("GITHUB_TOKEN={}\n", secret(1)));
    repository.commit_file("b.env", format!("GITHUB_TOKEN={}\n", secret(2)));
    let folder = repository.path();
    let run = tickets(folder, &["git", "--exit-zero", "--report", "json=own.json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    tickets(folder, &["tickets", "ingest", "own.json"]);
    repository
}

fn show(folder: &Path, ticket: &str) -> Value {
    object(&tickets(folder, &["tickets", "show", ticket, "--json"]))
}

/// The number of the ticket of a token.
fn ticket_of(folder: &Path, number: u64) -> String {
    let all = tickets(folder, &["tickets", "list", "--json"]);
    let hint = &secret(number)[..8];
    let line =
        all.json_lines().into_iter().find(|line| line["hint"].as_str().is_some_and(|text| text.starts_with(hint)));
    line.unwrap_or_else(|| panic!("{}", all.stdout))["id"].to_string()
}

#[test]
fn a_ticket_that_is_not_rotated_is_refused_and_the_story_is_written_down() {
    let repository = ledger();
    let folder = repository.path();
    let double = github(&secret(1), Mood::Takes(0));
    let endpoint = format!("github={}", double.url());
    let ticket = ticket_of(folder, 1);
    let revoke = |more: &[&str]| -> Run {
        let base = ["tickets", "revoke", &ticket, "--yes", "--verify-endpoint", &endpoint];
        tickets_at(folder, NOW, &[&base[..], &QUICK, more].concat())
    };
    let run = revoke(&[]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains(&format!("deadkey tickets rotated {ticket}")), "{}", run.stderr);
    assert!(run.stderr.contains("--now"), "{}", run.stderr);
    assert_eq!(double.connections(), 0, "nobody was asked");
    tickets(folder, &["tickets", "rotated", &ticket]);
    let run = revoke(&["--reason", "leaked in a.env"]);
    assert_eq!(run.code, 0, "{} {}", run.stdout, run.stderr);
    assert!(run.stderr.contains(&format!("{ticket} is rotated")), "{}", run.stderr);
    assert!(run.stderr.contains("stands in a.env:1 (commit, "), "{}", run.stderr);
    let shown = show(folder, &ticket);
    assert_eq!((&shown["state"], &shown["verdict"]), (&json!("dead"), &json!("dead")), "{shown}");
    let audit = shown["audit"].as_array().expect("entries");
    let actions: Vec<&str> = audit.iter().filter_map(|entry| entry["body"]["action"].as_str()).collect();
    let order = ["revoking", "withdrawn", "state", "refused", "verdict", "verdict", "state"];
    let from = actions.iter().position(|action| *action == "revoking").expect("it is written down before");
    assert_eq!(actions[from..], order, "{actions:?}");
    let text = shown.to_string();
    for part in ["leaked in a.env", "/credentials/revoke", "refused at", "was asked to revoke it at"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains(&secret(1)[8..20]));
    assert_eq!(tickets(folder, &["tickets", "audit", "--verify"]).code, 0);
    // What is dead is not revoked again.
    let run = revoke(&[]);
    assert!(run.code == 2 && run.stderr.contains("is dead since"), "{}", run.stderr);
    assert_eq!(revocations(&double).len(), 1);
}

#[test]
fn one_refusal_does_not_make_a_revoked_ticket_dead() {
    let repository = ledger();
    let folder = repository.path();
    let double = github(&secret(1), Mood::Takes(0));
    let endpoint = format!("github={}", double.url());
    let ticket = ticket_of(folder, 1);
    let base = ["tickets", "revoke", &ticket, "--yes", "--now", "--no-wait", "--verify-endpoint", &endpoint];
    let run = tickets_at(folder, NOW, &base);
    assert_eq!(run.code, 3, "{} {}", run.stdout, run.stderr);
    assert_eq!(show(folder, &ticket)["state"], "revoked");
    let text = show(folder, &ticket).to_string();
    assert!(text.contains("not asked for (--now)"), "{text}");
    let verify = |later: i64| {
        let now = (NOW.parse::<i64>().expect("seconds") + later).to_string();
        let arguments = ["tickets", "verify", &ticket, "--verify-endpoint", &endpoint];
        tickets_at(folder, &now, &arguments)
    };
    for (later, code, state) in [(60, 3, "revoked"), (300, 3, "revoked"), (700, 0, "dead")] {
        let run = verify(later);
        assert_eq!((run.code, &show(folder, &ticket)["state"]), (code, &json!(state)), "{later}: {}", run.stderr);
    }
    assert_eq!(tickets(folder, &["tickets", "audit", "--verify"]).code, 0);
}

#[test]
fn a_live_answer_between_two_refusals_makes_the_first_one_void() {
    let repository = ledger();
    let folder = repository.path();
    let (refuses, takes) = (github(&secret(1), Mood::Takes(0)), github(&secret(1), Mood::Takes(0)));
    let at = |double: &Double| format!("github={}", double.url());
    let ticket = ticket_of(folder, 1);
    let endpoint = at(&refuses);
    let base = ["tickets", "revoke", &ticket, "--yes", "--now", "--no-wait", "--verify-endpoint", &endpoint];
    tickets_at(folder, NOW, &base);
    let state = |later: i64, double: &Double| {
        let now = (NOW.parse::<i64>().expect("seconds") + later).to_string();
        tickets_at(folder, &now, &["tickets", "verify", &ticket, "--verify-endpoint", &at(double)]);
        show(folder, &ticket)["state"].as_str().expect("a state").to_owned()
    };
    assert_eq!(state(60, &refuses), "revoked");
    // Another server of the provider does not know yet.
    assert_ne!(state(300, &takes), "dead");
    assert_ne!(state(900, &refuses), "dead", "the refusal before it proves nothing");
    assert_eq!(state(1600, &refuses), "dead");
}

#[test]
fn many_at_a_time_need_a_number() {
    let repository = ledger();
    let folder = repository.path();
    let double = github(&secret(1), Mood::Takes(0));
    let endpoint = format!("github={}", double.url());
    let from = ["revoke", "--from", "own.json", "--yes", "--json", "--verify-endpoint", &endpoint];
    let run = tickets_at(folder, NOW, &from);
    assert!(run.code == 2 && run.stderr.contains("--max 2 does them all"), "{}", run.stderr);
    // The ledger beside it knows the tickets.
    let run = tickets_at(folder, NOW, &[&from[..], &["--max", "2"]].concat());
    assert!(run.code == 2 && run.stderr.contains("nobody has said"), "{}", run.stderr);
    assert_eq!(double.connections(), 0);
    let run = tickets_at(folder, NOW, &[&from[..], &["--max", "2", "--now"], &QUICK].concat());
    assert_eq!(run.code, 0, "{} {}", run.stdout, run.stderr);
    let mut outcomes: Vec<String> = run.json_lines().iter().map(|line| line["outcome"].to_string()).collect();
    outcomes.sort();
    assert_eq!(outcomes, [r#""already-dead""#, r#""dead""#]);
    for number in ["1", "2"] {
        assert_eq!(show(folder, number)["state"], "dead");
    }
}

#[test]
fn an_interrupt_while_it_settles_leaves_it_revoked() {
    let repository = ledger();
    let folder = repository.path();
    let double = github(&secret(1), Mood::Takes(0));
    let endpoint = format!("github={}", double.url());
    let ticket = ticket_of(folder, 1);
    let mut command = command();
    command.args(["tickets", "revoke", &ticket, "--yes", "--now", "--lag", "0s", "--verify-endpoint", &endpoint]);
    command.current_dir(folder).env("DEADKEY_KEY", KEY).env("SOURCE_DATE_EPOCH", NOW).env("DEADKEY_WHO", "Kim");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("it starts");
    let begun = Instant::now();
    // Until it is refused for the first time.
    while show(folder, &ticket)["verdict"] != "unknown" {
        assert!(begun.elapsed() < Duration::from_secs(60), "it was never refused");
        std::thread::sleep(Duration::from_millis(50));
    }
    let pid = child.id().to_string();
    Command::new("kill").args(["-INT", &pid]).status().expect("kill is there");
    let run = run(child.wait_with_output().expect("it ends"));
    assert_eq!(run.code, 130, "{} {}", run.stdout, run.stderr);
    assert!(run.stdout.contains("revoked, not proven dead") && run.stderr.contains("in 600 s"), "{}", run.stderr);
    let shown = show(folder, &ticket);
    assert_eq!((&shown["state"], &shown["verdict"]), (&json!("revoked"), &json!("unknown")), "{shown}");
    // Another run goes on where it stopped.
    let later = (NOW.parse::<i64>().expect("seconds") + 700).to_string();
    let run = tickets_at(folder, &later, &["tickets", "verify", &ticket, "--verify-endpoint", &endpoint]);
    assert_eq!((run.code, &show(folder, &ticket)["state"]), (0, &json!("dead")), "{}", run.stderr);
}
