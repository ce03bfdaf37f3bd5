//! What the tests against real servers share.

use super::{candidate, options, why};
use model::{Secret, Verdict};
use rules::Ruleset;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use testkit::Rng;
use testkit::secrets::BASE62;
use validate::{Candidate, Options, Validator};

/// A variable that `.ci/servers` gives; `None`, told, where the server is not there.
pub fn given(name: &str) -> Option<String> {
    let value = std::env::var(name).ok();
    let required = ["CI", "DEADKEY_SERVERS"].map(|name| std::env::var(name).unwrap_or_default());
    assert!(
        value.is_some() || !(required[0] == "true" || required[1] == "required"),
        "{name} is not set; `.ci/servers start DIR` starts the server and prints it"
    );
    if value.is_none() {
        eprintln!("skipped: {name} is not set; `.ci/servers start DIR` starts the server and prints it");
    }
    value
}

pub fn text(seed: u64, length: usize) -> String {
    String::from_utf8(Rng::new(seed).text(BASE62, length)).expect("ASCII")
}

/// Private addresses are taken for the user's own.
pub fn private() -> Options {
    Options { allow_private: true, ..options() }
}

/// The same, and the servers' authority is trusted.
pub fn trusting() -> Options {
    let path = given("DEADKEY_SERVERS_CA").expect("it goes with the servers");
    Options { authorities: std::fs::read(path).expect("a file"), ..private() }
}

pub fn asked(rule: &str, secret: &str, parts: &[(&str, &str)]) -> Candidate {
    let parts = parts.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
    Candidate { parts, ..candidate(rule, secret) }
}

pub fn verdict(options: Options, candidate: Candidate) -> Verdict {
    let mut validator = Validator::new(Arc::new(Ruleset::builtin()), options);
    validator.verify(&[candidate], &AtomicBool::new(false), &mut |_| ()).expect("asked").remove(0)
}

pub fn at(rule: &str, url: &str, secret: &str) -> Verdict {
    at_with(private(), rule, url, secret)
}

pub fn at_with(options: Options, rule: &str, url: &str, secret: &str) -> Verdict {
    verdict(options, asked(rule, secret, &[("url", url)]))
}

/// Runs a client of the server.
pub fn client(program: &str, arguments: &[&str], password: &str) {
    let libraries = std::env::var("DEADKEY_SERVERS_LIBRARIES").unwrap_or_default();
    let mut command = Command::new(program);
    command.args(arguments).env("PGPASSWORD", password).env("MYSQL_PWD", password).env("REDISCLI_AUTH", password);
    if program.contains('/') {
        command.env("LD_LIBRARY_PATH", libraries);
    }
    let output = command.output().expect("the client runs");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && !said.contains("ERR"), "{program}: {said}");
}

#[track_caller]
pub fn live(verdict: &Verdict, evidence: &str) {
    let Verdict::Live(live) = verdict else { panic!("{verdict:?}") };
    assert!(live.evidence.contains(evidence), "{live:?}");
}

#[track_caller]
pub fn dead(verdict: &Verdict, code: &str) {
    assert!(matches!(verdict, Verdict::Dead { why } if why.contains(code)), "{verdict:?}");
}

#[track_caller]
pub fn unknown(verdict: &Verdict, reason: &str) {
    let why = why(verdict);
    assert!(why.contains(reason), "{why}");
}
