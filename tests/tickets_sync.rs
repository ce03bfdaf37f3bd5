//! `deadkey tickets sync`, with the built binary and doubles of trackers over the network.

use crate::found::secret;
use crate::program::{Run, deadkey_with};
use crate::tickets_ingest::{KEY, NOW, object, tickets};
use serde_json::json;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use testkit::Repository;
use testkit::double::{Double, Received, Reply};
use testkit::trackers::{GitHubDouble, JiraDouble, Platform, TOKEN, WebhookDouble};

/// A repository with two credentials, taken in.
fn taken_in() -> Repository {
    let mut repository = Repository::new();
    repository.write("a.env", format!("GITHUB_TOKEN={}\n", secret(1)));
    repository.commit_file("b.env", format!("GITHUB_TOKEN={}\n", secret(2)));
    let folder = repository.path();
    tickets(folder, &["scan", ".", "--exit-zero", "--report", "json=own.json"]);
    tickets(folder, &["tickets", "ingest", "own.json", "--default-owner", "@octo"]);
    repository
}

/// A double over the network. `disturb` may answer in its place, by the number of the request.
fn serve<P: Platform + 'static>(
    mut platform: P,
    disturb: impl Fn(usize, &Received) -> Option<(bool, Reply)> + Send + Sync + 'static,
) -> (Double, Arc<Mutex<P>>) {
    platform.clock(NOW.parse().expect("seconds"));
    let platform = Arc::new(Mutex::new(platform));
    let (kept, count) = (platform.clone(), AtomicUsize::new(0));
    let double = Double::start(move |received| {
        let disturbed = disturb(count.fetch_add(1, Ordering::SeqCst), received);
        match disturbed {
            Some((false, reply)) => reply,
            Some((true, reply)) => {
                kept.lock().expect("not poisoned").answer(received);
                reply
            }
            None => kept.lock().expect("not poisoned").answer(received),
        }
    });
    (double, platform)
}

fn github(
    disturb: impl Fn(usize, &Received) -> Option<(bool, Reply)> + Send + Sync + 'static,
) -> (Double, Arc<Mutex<GitHubDouble>>) {
    let (double, platform) = serve(GitHubDouble::default(), disturb);
    platform.lock().expect("not poisoned").base = double.url();
    (double, platform)
}

fn sync(folder: &Path, double: &Double, more: &[&str]) -> Run {
    let url = double.url();
    let usual = ["tickets", "sync", "--api-url", &url, "--pace", "0", "--settle", "0"];
    sync_with(folder, &[&usual, more].concat())
}

fn sync_with(folder: &Path, arguments: &[&str]) -> Run {
    let variables =
        [("DEADKEY_KEY", KEY), ("SOURCE_DATE_EPOCH", NOW), ("DEADKEY_WHO", "Kim"), ("DEADKEY_TRACKER_TOKEN", TOKEN)];
    let run = deadkey_with(folder, arguments, &variables, b"");
    let all = format!("{}{}", run.stdout, run.stderr);
    assert!(!all.contains(TOKEN) && !all.contains(&secret(1)[8..20]), "{all}");
    run
}

const TRACKER: [&str; 2] = ["--tracker", "github:acme/leaks"];

#[test]
fn planned_then_opened_and_a_second_run_does_nothing() {
    let repository = taken_in();
    let folder = repository.path();
    let (double, platform) = github(|_, _| None);
    let run = sync(folder, &double, &[&TRACKER[..], &["--dry-run"]].concat());
    assert_eq!((run.code, run.stdout.lines().count()), (0, 2), "{}", run.stderr);
    assert!(
        run.stdout.starts_with("open \"Leaked credential: GitHub") && run.stderr.contains("nothing was done"),
        "{run:?}"
    );
    assert!(double.received().iter().all(|request| request.method == "GET"));
    let run = sync(folder, &double, &TRACKER);
    assert!(run.code == 0 && run.stderr.contains("2 issues opened"), "{}", run.stderr);
    for request in double.received() {
        let text = request.text();
        assert!(!text.contains(&secret(1)[4..12]) && !text.contains(&secret(2)[4..12]), "{text}");
    }
    let ticket = object(&tickets(folder, &["tickets", "show", "1", "--json"]));
    assert_eq!(ticket["tracker"], "https://github.example/acme/leaks/issues/1");
    let run = tickets(folder, &["tickets", "show", "1"]);
    assert!(run.stdout.contains("issue       https://github.example/acme/leaks/issues/1"), "{}", run.stdout);
    let before = double.received().len();
    let run = sync(folder, &double, &[&TRACKER[..], &["--json"]].concat());
    let nothing = json!({"opened": 0, "updated": 0, "closed": 0, "reopened": 0, "rotated": 0, "unchanged": 2,
        "refused": [], "broken": null});
    assert_eq!((run.code, object(&run)), (0, nothing), "{}", run.stderr);
    assert!(double.received()[before..].iter().all(|request| request.method == "GET"));
    // Somebody closes one; a check proves it dead.
    platform.lock().expect("not poisoned").close(1, "completed");
    assert!(sync(folder, &double, &TRACKER).stderr.contains("1 ticket rotated"));
    tickets(folder, &["tickets", "verify", "1", "--verifier", "echo '{\"verdict\":\"dead\",\"status\":401}'"]);
    assert!(sync(folder, &double, &TRACKER).stderr.contains("1 closed"));
    let ticket = object(&tickets(folder, &["tickets", "show", "1", "--json"]));
    assert_eq!(ticket["state"], "dead");
    let text = platform.lock().expect("not poisoned").issues()[0].text.clone();
    assert!(text.contains("closed:yes") && text.contains("to **dead**"), "{text}");
    tickets(folder, &["tickets", "audit", "--verify"]);
}

/// The addresses of a report, as it is written by each way to write one.
#[test]
fn sarif_names_the_issues_that_the_ledger_knows() {
    let repository = taken_in();
    let folder = repository.path();
    let (double, _) = github(|_, _| None);
    let items = |arguments: &[&str]| {
        tickets(folder, arguments);
        let text = std::fs::read_to_string(folder.join("out.sarif")).expect("a report");
        let log: serde_json::Value = serde_json::from_str(&text).expect("SARIF");
        let runs = log["runs"].as_array().expect("runs").iter();
        let results = runs.flat_map(|run| run["results"].as_array().expect("results").clone());
        results.flat_map(|result| result["workItemUris"].as_array().cloned().unwrap_or_default()).collect::<Vec<_>>()
    };
    let scan = ["scan", ".", "--exit-zero", "--report", "sarif=out.sarif"];
    assert!(items(&scan).is_empty());
    sync(folder, &double, &TRACKER);
    let issue = |number: usize| format!("https://github.example/acme/leaks/issues/{number}");
    let mut both = items(&scan);
    both.sort_by_key(ToString::to_string);
    assert_eq!(both, [issue(1), issue(2)]);
    std::fs::write(folder.join("job.log"), format!("Login with GITHUB_TOKEN={}\n", secret(2))).expect("written");
    assert_eq!(items(&["log", "job.log", "--exit-zero", "--report", "sarif=out.sarif"]), [issue(2)]);
    // A ledger elsewhere, named as nightly jobs do.
    let elsewhere = tempfile::tempdir().expect("a folder");
    std::fs::copy(folder.join("job.log"), elsewhere.path().join("job.log")).expect("copied");
    let ledger = folder.join(".deadkey/ledger.db").display().to_string();
    let variables = [("DEADKEY_KEY", KEY), ("DEADKEY_LEDGER", ledger.as_str())];
    let run = deadkey_with(elsewhere.path(), &["log", "job.log", "--report", "sarif"], &variables, b"");
    assert!(run.stdout.contains(&format!("\"workItemUris\":[\"{}\"]", issue(2))), "{}", run.stdout);
    // Where anybody may read the report, it names no issue.
    assert!(items(&[&scan[..], &["--public"]].concat()).is_empty());
}

#[test]
fn an_answer_that_is_lost_opens_nothing_twice() {
    let repository = taken_in();
    let folder = repository.path();
    let lost = AtomicUsize::new(0);
    let (double, platform) = github(move |_, request| {
        let is_first = request.method == "POST" && lost.fetch_add(1, Ordering::SeqCst) == 0;
        is_first.then_some((true, Reply::Close))
    });
    let run = sync(folder, &double, &TRACKER);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(
        run.stderr.contains("no answer to POST from 127.0.0.1") && run.stderr.contains("the next run does the rest"),
        "{}",
        run.stderr
    );
    assert_eq!(platform.lock().expect("not poisoned").issues().len(), 1);
    let run = sync(folder, &double, &TRACKER);
    assert!(
        run.code == 0 && run.stderr.contains("1 issue opened") && run.stderr.contains("1 unchanged"),
        "{}",
        run.stderr
    );
    assert_eq!(platform.lock().expect("not poisoned").issues().len(), 2);
}

#[test]
fn a_rate_is_kept_and_a_pause_that_is_too_long_ends_the_run() {
    let repository = taken_in();
    let folder = repository.path();
    let limited = |seconds: &'static str| {
        move |number: usize, _: &Received| {
            let reply = Reply::json(403, r#"{"message":"You have exceeded a secondary rate limit"}"#);
            (number == 2).then(|| (false, reply.with(&format!("Retry-After: {seconds}"))))
        }
    };
    let (double, _) = github(limited("3600"));
    let run = sync(folder, &double, &TRACKER);
    assert!(run.code == 3 || run.code == 2, "{}", run.stderr);
    assert!(run.stderr.contains("asks to be left alone for 3600 s"), "{}", run.stderr);
    let (double, platform) = github(limited("1"));
    let run = sync(folder, &double, &TRACKER);
    assert_eq!((run.code, platform.lock().expect("not poisoned").issues().len()), (0, 2), "{}", run.stderr);
}

#[test]
fn what_is_wrong_gets_one_sentence() {
    let repository = taken_in();
    let folder = repository.path();
    let (double, platform) = github(|_, _| None);
    let url = double.url();
    let refused = |arguments: &[&str], words: &str| {
        let run = sync_with(folder, &[&["tickets", "sync"], arguments].concat());
        assert_eq!((run.code, run.stderr.lines().count()), (2, 1), "{}", run.stderr);
        assert!(run.stderr.contains(words), "{}", run.stderr);
    };
    refused(&[], "no tracker is named; say --tracker github:OWNER/NAME");
    refused(&["--tracker", "trello:x"], "'trello' is no tracker that is known");
    refused(&["--tracker", "github:acme"], "'acme' is no repository of GitHub");
    refused(&["--tracker", "jira:SEC"], "--api-url names the site of Jira");
    refused(&["--tracker", "webhook:http://hooks.example/x"], "would send the token in the clear to hooks.example");
    refused(&[&TRACKER[..], &["--token-env", "NO_SUCH"]].concat(), "the variable NO_SUCH is not set");
    refused(&["--tracker", "github:acme/other", "--api-url", &url], "the repository acme/other is not there");
    platform.lock().expect("not poisoned").public = true;
    refused(&[&TRACKER[..], &["--api-url", &url]].concat(), "can be read by anybody");
    refused(
        &[&TRACKER[..], &["--api-url", &url, "--allow-public", "--max-new", "1"]].concat(),
        "2 new issues would be opened",
    );
    std::fs::write(folder.join("tracker.toml"), "trakcer = \"x\"\n").expect("written");
    refused(&["--settings", "tracker.toml"], "unknown field `trakcer`");
    assert!(platform.lock().expect("not poisoned").issues().is_empty());
}

#[test]
fn settings_in_a_file_jira_and_a_webhook() {
    let repository = taken_in();
    let folder = repository.path();
    let (double, platform) = serve(JiraDouble { cloud: true, ..JiraDouble::default() }, |_, _| None);
    let text = format!(
        "tracker = \"jira:SEC\"\napi_url = \"{}\"\ngroup = \"owner\"\n[assignees]\n\"Jo Doe <jo@example.invalid>\" = \"account-1\"\n",
        double.url()
    );
    std::fs::write(folder.join("tracker.toml"), text).expect("written");
    let run = sync_with(folder, &["tickets", "sync", "--settings", "tracker.toml", "--pace", "0"]);
    assert!(run.code == 0 && run.stderr.contains("1 issue opened"), "{}", run.stderr);
    let kept = platform.lock().expect("not poisoned").issues();
    assert_eq!((kept.len(), kept[0].assignees.as_slice()), (1, ["account-1".to_owned()].as_slice()), "{kept:?}");
    assert!(kept[0].title.starts_with("Leaked credentials of") && kept[0].due.is_some(), "{kept:?}");
    let (double, hook) = serve(WebhookDouble::default(), |_, _| None);
    let url = format!("webhook:{}/hook?channel=1", double.url());
    let run = sync_with(folder, &["tickets", "sync", "--tracker", &url, "--pace", "0"]);
    assert!(run.code == 0 && run.stderr.contains("2 issues opened"), "{}", run.stderr);
    let run = sync_with(folder, &["tickets", "sync", "--tracker", &url, "--pace", "0"]);
    assert!(
        run.code == 0 && run.stderr.contains("0 issues opened") && run.stderr.contains("2 unchanged"),
        "{}",
        run.stderr
    );
    let events = hook.lock().expect("not poisoned").events.clone();
    assert_eq!(events.len(), 2);
    assert!(double.received().iter().all(|request| request.target == "/hook?channel=1"));
    assert_eq!(events[0].1["event"], "opened");
}
