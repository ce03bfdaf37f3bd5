//! The whole story against providers: a token that leaks, is taken in, works, is revoked and proven dead.

use crate::found::secret;
use crate::program::Run;
use crate::tickets_ingest::{NOW, object, tickets, tickets_at};
use serde_json::json;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use testkit::Repository;
use testkit::double::{Double, Reply};

/// GitHub's API; the token of secret 1 works until it is revoked.
fn provider(revoked: &Arc<AtomicBool>) -> Double {
    let revoked = revoked.clone();
    Double::start(move |received| match received.header("authorization") {
        Some(token) if token == format!("Bearer {}", secret(1)) && !revoked.load(Ordering::Relaxed) => {
            Reply::json(200, r#"{"login":"octo","id":1}"#).with("X-OAuth-Scopes: repo")
        }
        Some(_) => Reply::json(401, r#"{"message":"Bad credentials","status":"401"}"#),
        None => Reply::json(404, r#"{"message":"Not Found"}"#),
    })
}

#[test]
fn a_github_token_from_open_to_dead() {
    let mut repository = Repository::new();
    repository.commit_file("a.env", format!("GITHUB_TOKEN={}\n", secret(1)));
    // Gone from the tree: it is read again from the history.
    repository.remove("a.env");
    repository.commit("remove it");
    let folder = repository.path();
    tickets(folder, &["git", "--exit-zero", "--report", "json=own.json"]);
    tickets(folder, &["tickets", "ingest", "own.json"]);
    let revoked = Arc::new(AtomicBool::new(false));
    let double = provider(&revoked);
    let endpoint = format!("github={}", double.url());
    let verify = |more: &[&str]| -> Run {
        tickets_at(folder, NOW, &[&["tickets", "verify", "--verify-endpoint", &endpoint], more].concat())
    };
    let run = verify(&["--verify-dry-run"]);
    assert_eq!((run.code, double.received().len()), (0, 0), "{}", run.stderr);
    assert!(run.stderr.contains("GET ") && !run.stderr.contains(&secret(1)[8..20]), "{}", run.stderr);
    let run = verify(&[]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let show = || object(&tickets(folder, &["tickets", "show", "1", "--json"]));
    let ticket = show();
    assert_eq!((&ticket["state"], &ticket["verdict"]), (&json!("open"), &json!("live")));
    assert!(ticket["verdict_why"].as_str().is_some_and(|why| why.contains("octo")), "{ticket}");
    tickets(folder, &["tickets", "revoked", "1", "--evidence", "settings page"]);
    revoked.store(true, Ordering::Relaxed);
    let run = verify(&[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let ticket = show();
    assert_eq!((&ticket["state"], &ticket["verdict"]), (&json!("dead"), &json!("dead")));
    let evidence = &ticket["verdicts"][1]["evidence"];
    assert!(evidence["request"].as_str().is_some_and(|request| request.starts_with("GET ")), "{evidence}");
    tickets(folder, &["tickets", "audit", "--verify"]);
    let all = tickets(folder, &["tickets", "export"]).stdout;
    assert!(!all.contains(&secret(1)[8..20]), "{all}");
    // Somebody restores it: it is alive again.
    revoked.store(false, Ordering::Relaxed);
    assert_eq!(verify(&["1"]).code, 1);
    assert_eq!((&show()["state"], &show()["reopened"]), (&json!("open"), &json!(1)));
}

#[test]
fn a_provider_that_is_gone_decides_nothing() {
    let mut repository = Repository::new();
    repository.commit_file("a.env", format!("GITHUB_TOKEN={}\n", secret(1)));
    let folder = repository.path();
    tickets(folder, &["scan", ".", "--exit-zero", "--report", "json=own.json"]);
    tickets(folder, &["tickets", "ingest", "own.json"]);
    let endpoint = format!("github={}", Double::start(|_| Reply::Close).url());
    let run = tickets_at(folder, NOW, &["tickets", "verify", "--verify-endpoint", &endpoint]);
    assert!(run.code == 3 && run.stderr.contains("undecided"), "{}", run.stderr);
    let remembered = tickets_at(folder, NOW, &["tickets", "verify", "--verify-cache", "cache"]);
    assert!(remembered.code == 2 && remembered.stderr.contains("a ticket is checked anew"), "{}", remembered.stderr);
    let ticket = object(&tickets(folder, &["tickets", "show", "1", "--json"]));
    assert_eq!((&ticket["state"], &ticket["verdict"]), (&json!("open"), &json!("unknown")));
    let _ = fs::remove_file(folder.join("own.json"));
}
