//! The life of a ticket, with the built binary: opened, rotated, proven dead; what a word can do and what it cannot.

use crate::found::{git, holding, secret};
use crate::program::Run;
use crate::tickets_ingest::{NOW, World, object, tickets, tickets_at};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use testkit::Repository;

/// A repository with secret 1, taken in.
fn taken_in() -> Repository {
    let mut repository = Repository::new();
    repository.write(".github/CODEOWNERS", "*.env @team/platform\n");
    repository.commit_file("conf/a.env", holding(1));
    take_in(repository.path(), "first.json");
    repository
}

fn take_in(folder: &Path, report: &str) -> String {
    let scan = ["scan", "conf", "--exit-zero", "--history", "--report", &format!("json={report}")];
    tickets(folder, &scan);
    tickets(folder, &["tickets", "ingest", report]).stderr
}

fn show(folder: &Path, ticket: &str) -> Value {
    object(&tickets(folder, &["tickets", "show", ticket, "--json"]))
}

#[track_caller]
fn refused(folder: &Path, arguments: &[&str], words: &str) -> Run {
    let run = tickets_at(folder, NOW, arguments);
    assert_eq!((run.code, run.stderr.lines().count()), (2, 1), "{arguments:?}: {}", run.stderr);
    assert!(run.stderr.contains(words), "{}", run.stderr);
    run
}

#[test]
fn from_open_to_dead_with_evidence_and_a_whole_trail() {
    let repository = taken_in();
    let folder = repository.path();
    let ticket = show(folder, "1");
    assert_eq!(
        (&ticket["state"], &ticket["owner"], &ticket["owner_by"]),
        (&json!("open"), &json!("@team/platform"), &json!("CODEOWNERS"))
    );
    assert!(fs::read_to_string(folder.join(".deadkey/.gitignore")).expect("it is there").contains("*"));
    tickets(folder, &["tickets", "ack", "1"]);
    tickets(folder, &["tickets", "assign", "1", "--to", "@ops"]);
    tickets(
        folder,
        &["tickets", "rotated", "1", "--evidence", "https://git.example/changes/34", "--reason", "new token"],
    );
    // The provider: live as long as its file is there.
    fs::write(
        folder.join("provider.sh"),
        format!(
            "read line; case \"$line\" in *{}*) if [ -e alive ]; then echo '{{\"verdict\":\"live\"}}'; else \
         echo '{{\"verdict\":\"dead\",\"request\":\"GET /user\",\"status\":401}}'; fi;; *) exit 9;; esac",
            secret(1)
        ),
    )
    .expect("written");
    fs::write(folder.join("alive"), "").expect("written");
    let run = tickets_at(folder, NOW, &["tickets", "verify", "--verifier", "sh provider.sh"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    // Rotated, and not yet revoked: that it works is no news.
    assert_eq!(show(folder, "1")["state"], "rotated");
    fs::remove_file(folder.join("alive")).expect("removed");
    let run = tickets_at(folder, NOW, &["tickets", "verify", "--verifier", "sh provider.sh"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let ticket = show(folder, "1");
    assert_eq!(
        (&ticket["state"], &ticket["verdict"], &ticket["owner"]),
        (&json!("dead"), &json!("dead"), &json!("@ops"))
    );
    let verdicts: Vec<&str> =
        ticket["verdicts"].as_array().expect("verdicts").iter().filter_map(|v| v["verdict"].as_str()).collect();
    assert_eq!(verdicts, ["live", "dead"]);
    assert_eq!(ticket["verdicts"][1]["evidence"]["status"], "401");
    let steps: Vec<String> = ticket["audit"]
        .as_array()
        .expect("entries")
        .iter()
        .filter(|e| e["body"]["details"]["to"].is_string())
        .map(|e| {
            format!(
                "{} by {} ({})",
                e["body"]["details"]["to"].as_str().unwrap_or_default(),
                e["body"]["who"].as_str().unwrap_or_default(),
                e["body"]["known_by"].as_str().unwrap_or_default()
            )
        })
        .collect();
    let by = "by Kim (variable DEADKEY_WHO)";
    assert_eq!(steps, ["open", "acknowledged", "rotated", "dead"].map(|state| format!("{state} {by}")));
    let run = tickets(folder, &["tickets", "audit", "--verify"]);
    assert!(run.stderr.contains("is whole"), "{}", run.stderr);
    // And what was seen says nothing of the value.
    let all = tickets(folder, &["tickets", "export"]).stdout;
    assert!(!all.contains(&secret(1)[8..20]), "{all}");
}

#[test]
fn what_is_dead_is_opened_again_by_a_new_place_and_by_life_and_not_by_an_old_one() {
    let repository = taken_in();
    let folder = repository.path();
    let dead = "echo '{\"verdict\":\"dead\"}'";
    tickets(folder, &["tickets", "verify", "--verifier", dead]);
    assert!(
        take_in(folder, "same.json").contains("0 new places")
            || take_in(folder, "same.json").contains("taken in before")
    );
    assert_eq!(show(folder, "1")["state"], "dead");
    fs::write(folder.join("conf/copy.env"), holding(1)).expect("written");
    assert!(take_in(folder, "new.json").contains("1 opened again"));
    let ticket = show(folder, "1");
    assert_eq!((&ticket["state"], &ticket["reopened"]), (&json!("open"), &json!(1)));
    tickets(folder, &["tickets", "verify", "--verifier", dead]);
    let run = tickets_at(folder, NOW, &["tickets", "verify", "1", "--verifier", "echo '{\"verdict\":\"live\"}'"]);
    assert_eq!((run.code, show(folder, "1")["state"].as_str()), (1, Some("open")), "{}", run.stderr);
    assert_eq!(show(folder, "1")["severity_why"], json!(["it works"]));
}

#[test]
fn illegal_steps_get_one_sentence_and_change_nothing() {
    let repository = taken_in();
    let folder = repository.path();
    tickets(folder, &["tickets", "verify", "--verifier", "echo '{\"verdict\":\"dead\"}'"]);
    refused(
        folder,
        &["tickets", "rotated", "1"],
        "ticket 1 is dead since 2026-06-01, and cannot become rotated: it can only be reopened",
    );
    refused(folder, &["tickets", "ack", "7"], "there is no ticket 7; `deadkey tickets list --all` names them all");
    tickets(folder, &["tickets", "reopen", "1", "--reason", "the check was wrong"]);
    refused(folder, &["tickets", "accept", "1", "--until", "2026-05-31", "--reason", "x"], "2026-05-31 has passed");
    refused(
        folder,
        &["tickets", "accept", "1", "--until", "tomorrow", "--reason", "x"],
        "a day is written as 2026-01-31",
    );
    let live = "echo '{\"verdict\":\"live\"}'";
    tickets_at(folder, NOW, &["tickets", "verify", "--verifier", live]);
    refused(folder, &["tickets", "false-positive", "1"], "a check said that it works");
    assert_eq!(show(folder, "1")["state"], "open");
}

#[test]
fn deadlines_acceptances_and_ends_come_with_time() {
    let repository = taken_in();
    let folder = repository.path();
    let day = |n: i64| (NOW.parse::<i64>().expect("seconds") + n * 86_400).to_string();
    let overdue = |now: &str| tickets_at(folder, now, &["tickets", "list", "--overdue", "--json"]).json_lines().len();
    // Critical: two days.
    assert_eq!((overdue(&day(1)), overdue(&day(3))), (0, 1));
    fs::write(folder.join("sla.toml"), "critical = 5\n").expect("written");
    let run = tickets_at(folder, &day(3), &["tickets", "list", "--overdue", "--json", "--sla", "sla.toml"]);
    assert_eq!(run.json_lines().len(), 0);
    fs::write(folder.join("sla.toml"), "kritical = 5\n").expect("written");
    refused(folder, &["tickets", "list", "--sla", "sla.toml"], "unknown field `kritical`");
    tickets(folder, &["tickets", "due", "1", "--on", "2026-07-01", "--reason", "a freeze"]);
    assert_eq!((overdue(&day(3)), overdue(&day(40))), (0, 1));
    tickets(folder, &["tickets", "accept", "1", "--until", "2026-06-10", "--reason", "a test account"]);
    assert_eq!(tickets_at(folder, &day(3), &["tickets", "list", "--json"]).json_lines().len(), 0);
    tickets_at(folder, &day(10), &["tickets", "assign", "1", "--to", "@ops"]);
    assert_eq!(show(folder, "1")["state"], "open");
    tickets(folder, &["tickets", "audit", "--verify"]);
}

#[test]
fn a_value_that_is_gone_makes_unprovable_and_never_dead() {
    let mut repository = Repository::new();
    repository.commit_file("README", "x");
    let folder = repository.path();
    fs::write(folder.join("build.log"), format!("TOKEN={}\n", secret(3))).expect("written");
    tickets(folder, &["log", "build.log", "--exit-zero", "--report", "jsonl=log.jsonl"]);
    tickets(folder, &["tickets", "ingest", "log.jsonl"]);
    let dead = "echo '{\"verdict\":\"dead\"}'";
    fs::remove_file(folder.join("build.log")).expect("removed");
    let run = tickets_at(folder, NOW, &["tickets", "verify", "--verifier", dead]);
    assert_eq!((run.code, show(folder, "1")["state"].as_str()), (3, Some("open")), "{}", run.stderr);
    assert!(run.stderr.contains("build.log is no longer there"), "{}", run.stderr);
    tickets(folder, &["tickets", "revoked", "1"]);
    tickets_at(folder, NOW, &["tickets", "verify", "--verifier", dead]);
    assert_eq!(show(folder, "1")["state"], "unprovable");
}

#[test]
fn a_verifier_that_fails_hangs_or_babbles_decides_nothing() {
    let repository = taken_in();
    let folder = repository.path();
    for (command, why) in [
        ("exit 3", "the command failed (exit status: 3)"),
        ("echo dead", "the command's answer is no JSON object with `verdict`"),
        ("echo '{\"verdict\":\"gone\"}'", "the command's verdict is none of live, dead, unknown"),
        ("sleep 20", "the command took longer than 1 s"),
        ("tr -d '\\n' | sed 's/.*/{\"verdict\":\"unknown\",\"why\":\"429\"}/'", "429"),
    ] {
        let run = tickets_at(folder, NOW, &["tickets", "verify", "--verifier", command, "--verifier-timeout", "1"]);
        assert_eq!(run.code, 3, "{command}: {}", run.stderr);
        assert!(run.stderr.contains(&format!("undecided ({why})")), "{command}: {}", run.stderr);
    }
    assert_eq!(show(folder, "1")["state"], "open");
    // A verifier may say what it was asked about; nobody repeats it.
    let echo = "read line; echo \"{\\\"verdict\\\":\\\"unknown\\\",\\\"why\\\":$(echo \"$line\" | sed 's/.*\"secret\":\\(\"[^\"]*\"\\).*/\\1/')}\"";
    let run = tickets_at(folder, NOW, &["tickets", "verify", "--verifier", echo]);
    assert!(run.stderr.contains("undecided (…)"), "{}", run.stderr);
}

#[test]
fn a_vault_is_compared_without_a_value_leaving_it() {
    let world = World::new();
    let folder = world.path();
    tickets(folder, &["scan", ".", "--exit-zero", "--report", "json=own.json"]);
    tickets(folder, &["tickets", "ingest", "own.json"]);
    let values = format!(
        "{}\n{}\n",
        json!({"value": world.aws_secret, "path": "aws/app"}),
        json!({"value": world.password, "state": "previous"})
    );
    fs::write(folder.join("values"), values).expect("written");
    let list = tickets(folder, &["fingerprint", "values"]).stdout;
    assert!(!list.contains(&world.aws_secret) && list.contains("aws/app"), "{list}");
    fs::write(folder.join("vault.jsonl"), &list).expect("written");
    let run = tickets(folder, &["tickets", "vaulted", "vault.jsonl", "--json"]);
    // The vault holds the secret of the pair, and the pair's ticket is known by its id.
    assert_eq!(object(&run), json!({"current": 1, "previous": 1, "absent": 1, "changed": 3}));
    let other = crate::program::deadkey_with(
        folder,
        &["fingerprint", "values"],
        &[("DEADKEY_KEY", "another one, of nobody")],
        b"",
    );
    fs::write(folder.join("other.jsonl"), &other.stdout).expect("written");
    refused(folder, &["tickets", "vaulted", "other.jsonl"], "made with key");
    fs::write(folder.join("plain"), &world.password).expect("written");
    let run = refused(folder, &["tickets", "vaulted", "plain"], "entry 1 is no fingerprint");
    assert!(!run.stderr.contains(&world.password));
}

#[test]
fn reports_say_for_against_or_none_and_the_page_needs_nothing_else() {
    let world = World::new();
    let folder = world.path();
    tickets(folder, &["scan", ".", "--exit-zero", "--report", "json=own.json"]);
    tickets(folder, &["tickets", "ingest", "own.json", "--repository", "<img src=x onerror=alert(1)>"]);
    tickets(folder, &["tickets", "verify", "1", "--verifier", "echo '{\"verdict\":\"dead\"}'"]);
    let report = serde_json::from_str::<Value>(&tickets(folder, &["tickets", "report", "--format", "json"]).stdout)
        .expect("JSON");
    assert_eq!((&report["open"], &report["states"]), (&json!(2), &json!({"open": 2, "dead": 1})));
    assert_eq!(report["times"]["to_dead"], json!({"tickets": 1, "median_hours": 0, "p90_hours": 0}));
    for evidence in report["evidence"].as_array().expect("evidence") {
        assert!(matches!(evidence["says"].as_str(), Some("for" | "against" | "none")), "{evidence}");
    }
    let page = tickets(folder, &["tickets", "report", "--format", "html"]).stdout;
    assert!(
        !page.contains("<img") && !page.contains("<script") && !page.contains("http:") && !page.contains("https:"),
        "{page}"
    );
    assert!(page.contains("<svg") && page.contains("&lt;img src=x"));
    let text = tickets(folder, &["tickets", "report"]).stdout;
    assert!(text.contains("## Evidence by framework") && !text.to_lowercase().contains(" met "), "{text}");
}

#[test]
fn a_published_head_shows_a_rewritten_or_cut_trail() {
    let repository = taken_in();
    let folder = repository.path();
    fs::write(folder.join("copy.db"), fs::read(folder.join(".deadkey/ledger.db")).expect("read")).expect("written");
    tickets(folder, &["tickets", "ack", "1"]);
    let head = tickets(folder, &["tickets", "audit", "--head"]).stdout;
    fs::write(folder.join("head"), &head).expect("written");
    tickets(folder, &["tickets", "rotated", "1"]);
    tickets(folder, &["tickets", "audit", "--verify", "--against", "head"]);
    let older = ["tickets", "audit", "--verify", "--against", "head", "--ledger", "copy.db"];
    let run = tickets_at(folder, NOW, &older);
    assert!(run.code == 1 && run.stderr.contains("is no longer there: the trail was cut"), "{}", run.stderr);
    // Another life from the same point on.
    tickets(folder, &["tickets", "false-positive", "1", "--ledger", "copy.db"]);
    let run = tickets_at(folder, NOW, &older);
    assert!(run.code == 1 && run.stderr.contains("the trail was rewritten"), "{}", run.stderr);
    fs::write(folder.join("head"), head.replace("\"seq\":", "\"seq\":1")).expect("written");
    let run = tickets_at(folder, NOW, &["tickets", "audit", "--verify", "--against", "head"]);
    assert!(run.code == 1 && run.stderr.contains("not signed with this key"), "{}", run.stderr);
}

#[test]
fn who_acts_is_told_with_how_that_is_known() {
    let repository = taken_in();
    let folder = repository.path();
    git(folder, &["config", "user.email", "jo@example.invalid"]);
    git(folder, &["config", "user.name", "Jo Doe"]);
    let key = ("DEADKEY_KEY", crate::tickets_ingest::KEY);
    let run = |arguments: &[&str], more: &[(&str, &str)]| {
        let run = crate::program::deadkey_with(folder, arguments, &[&[key], more].concat(), b"");
        assert_eq!(run.code, 0, "{}", run.stderr);
    };
    run(&["tickets", "ack", "1"], &[]);
    run(&["tickets", "rotated", "1"], &[("GITHUB_ACTOR", "octo")]);
    run(&["tickets", "reopen", "1", "--who", "Sam"], &[]);
    let entries = show(folder, "1")["audit"].clone();
    let known: Vec<String> = entries
        .as_array()
        .expect("entries")
        .iter()
        .map(|e| {
            format!(
                "{}: {}",
                e["body"]["known_by"].as_str().unwrap_or_default(),
                e["body"]["who"].as_str().unwrap_or_default()
            )
        })
        .collect();
    let expected = ["git config: Jo Doe <jo@example.invalid>", "variable GITHUB_ACTOR: octo", "--who: Sam"];
    assert_eq!(known[known.len() - 3..], expected);
}
