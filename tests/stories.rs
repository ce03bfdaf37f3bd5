//! Whole stories, on real parts where there are any: a credential leaks, is found, taken in, rotated where it is used, and proven
//! dead by asking who issued it. The servers are those of `.ci/servers`; without them the tests say so and pass, unless `CI=true`
//! or `DEADKEY_SERVERS=required`.

use crate::found::secret;
use crate::program::{Run, deadkey_with};
use crate::tickets_ingest::{KEY, NOW, object, tickets, tickets_at};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use testkit::double::{Double, Reply};
use testkit::secrets::BASE62;
use testkit::trackers::{GitHubDouble, Platform, TOKEN};
use testkit::{Repository, Rng};

/// A variable that `.ci/servers` gives; `None`, told, where the server is not there.
fn given(name: &str) -> Option<String> {
    let value = std::env::var(name).ok();
    let required = ["CI", "DEADKEY_SERVERS"].map(|name| std::env::var(name).unwrap_or_default());
    let must = required[0] == "true" || required[1] == "required";
    assert!(value.is_some() || !must, "{name} is not set; `.ci/servers start DIR` starts the server and prints it");
    if value.is_none() {
        eprintln!("skipped: {name} is not set; `.ci/servers start DIR` starts the server and prints it");
    }
    value
}

/// Text that is another one in every run: the server remembers what it was told before.
fn text(length: usize) -> String {
    let clock =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_nanos() as u64;
    String::from_utf8(Rng::new(clock).text(BASE62, length)).expect("ASCII")
}

fn show(folder: &Path) -> Value {
    object(&tickets(folder, &["tickets", "show", "1", "--json"]))
}

/// A file is committed, taken out again, and found in the history; gives the repository with its ledger.
fn leaked(file: &str, content: &str) -> Repository {
    let mut repository = Repository::new();
    repository.commit_file(file, content);
    repository.remove(file);
    repository.commit("take it out");
    let folder = repository.path();
    tickets(folder, &["git", "--exit-zero", "--report", "json=report.json"]);
    tickets(folder, &["tickets", "ingest", "report.json", "--default-owner", "@octo"]);
    let ticket = show(folder);
    assert_eq!((&ticket["state"], &ticket["provable"]), (&json!("open"), &json!(true)), "{ticket}");
    repository
}

/// It is dead with evidence, the trail is whole, its head can be signed, and nothing that is printed holds the value.
#[track_caller]
fn ended(folder: &Path, value: &str, code: &str) {
    let ticket = show(folder);
    assert_eq!((&ticket["state"], &ticket["verdict"]), (&json!("dead"), &json!("dead")), "{ticket}");
    let verdicts = ticket["verdicts"].as_array().expect("verdicts");
    let states: Vec<_> = verdicts.iter().filter_map(|verdict| verdict["verdict"].as_str()).collect();
    assert_eq!(states, ["live", "dead"]);
    let evidence = verdicts[1].to_string();
    assert!(evidence.contains(code), "{evidence}");
    let run = tickets(folder, &["tickets", "audit", "--verify"]);
    assert!(run.stderr.contains("the audit trail is whole"), "{}", run.stderr);
    let head = tickets(folder, &["tickets", "audit", "--head"]).stdout;
    std::fs::write(folder.join("head.json"), head).expect("written");
    tickets(folder, &["tickets", "audit", "--verify", "--against", "head.json"]);
    let all = tickets(folder, &["tickets", "export"]).stdout;
    let statement = tickets(folder, &["tickets", "report", "--format", "html"]).stdout;
    for text in [all, statement] {
        assert!(!text.contains(&value[4..]), "{text}");
    }
}

#[test]
fn a_password_of_postgresql_from_its_leak_to_its_proven_death() {
    let (Some(port), Some(admin)) = (given("DEADKEY_POSTGRES_PORT"), given("DEADKEY_SERVERS_PASSWORD")) else { return };
    let run = |sql: &str| {
        let arguments = ["-qh", "127.0.0.1", "-p", &port, "-U", "admin", "-d", "postgres", "-c", sql];
        let output = Command::new("psql").args(arguments).env("PGPASSWORD", &admin).output().expect("psql runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let (old, new) = (text(24), text(23));
    let role = format!("story_{}", std::process::id());
    run(&format!("DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD '{old}'"));
    let repository =
        leaked("deploy/prod.env", &format!("DATABASE_URL=postgres://{role}:{old}@127.0.0.1:{port}/postgres\n"));
    let folder = repository.path();
    let verify = || tickets_at(folder, NOW, &["tickets", "verify", "--allow-private"]);
    let checked = verify();
    assert_eq!(checked.code, 1, "it works: {}", checked.stderr);
    assert_eq!(show(folder)["severity_why"][0], "it works");
    // Its owner says that it is done, and it is not: the word alone ends nothing.
    tickets(folder, &["tickets", "rotated", "1", "--evidence", "https://git.example/changes/34"]);
    assert_eq!((verify().code, show(folder)["state"].as_str()), (1, Some("rotated")));
    run(&format!("ALTER ROLE {role} PASSWORD '{new}'"));
    let checked = verify();
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    run(&format!("DROP ROLE {role}"));
    let ticket = show(folder);
    let verdicts: Vec<_> =
        ticket["verdicts"].as_array().expect("verdicts").iter().map(|v| v["verdict"].clone()).collect();
    assert_eq!(verdicts, ["live", "live", "dead"]);
    assert!(ticket["verdicts"][2].to_string().contains("28P01"), "{ticket}");
    assert_eq!(ticket["state"], "dead");
    let run = tickets(folder, &["tickets", "audit", "--verify"]);
    assert!(run.stderr.contains("the audit trail is whole"), "{}", run.stderr);
    let all = tickets(folder, &["tickets", "export"]).stdout;
    assert!(!all.contains(&old[4..]) && !all.contains(&new), "{all}");
}

/// Calls moto through `boto3`, which is beside its server.
fn python(code: &str) -> String {
    let program = std::env::var("DEADKEY_MOTO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(program).args(["-c", code]).output().expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

#[test]
fn a_key_of_aws_from_its_leak_to_its_proven_death() {
    let Some(port) = given("DEADKEY_MOTO_PORT") else { return };
    let url = format!("http://127.0.0.1:{port}");
    let user = format!("story-{}", std::process::id());
    // Signatures are checked but for what is set up here.
    let with_iam = |code: &str| {
        python(&format!(
            "import boto3, json, urllib.request as u\nurl = '{url}'\n\
             def auth(n): u.urlopen(u.Request(url + '/moto-api/reset-auth', data=n, headers={{'Content-Type': 'text/plain'}}))\n\
             auth(b'1000')\n\
             iam = boto3.client('iam', endpoint_url=url, region_name='us-east-1', aws_access_key_id='x', aws_secret_access_key='y')\n\
             {code}\nauth(b'0')\n"
        ))
    };
    let made = with_iam(&format!(
        "iam.create_user(UserName='{user}')\n\
         allow = dict(Version='2012-10-17', Statement=[dict(Effect='Allow', Action='*', Resource='*')])\n\
         iam.put_user_policy(UserName='{user}', PolicyName='p', PolicyDocument=json.dumps(allow))\n\
         key = iam.create_access_key(UserName='{user}')['AccessKey']\nprint(key['AccessKeyId'], key['SecretAccessKey'])"
    ));
    let (id, value) = made.split_once(' ').expect("an id and a secret");
    let content = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {value}\n");
    let repository = leaked("conf/credentials", &content);
    let folder = repository.path();
    let endpoint = format!("aws={url}");
    let verify = || tickets_at(folder, NOW, &["tickets", "verify", "--verify-endpoint", &endpoint]);
    let checked = verify();
    assert_eq!(checked.code, 1, "it works: {}", checked.stderr);
    assert!(show(folder)["verdict_why"].as_str().is_some_and(|why| why.contains(&user)), "{}", show(folder));
    tickets(folder, &["tickets", "rotated", "1", "--evidence", "a role takes its place"]);
    with_iam(&format!("iam.delete_access_key(UserName='{user}', AccessKeyId='{id}')"));
    tickets(folder, &["tickets", "revoked", "1", "--evidence", "deleted in IAM"]);
    let checked = verify();
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    ended(folder, value, "InvalidClientTokenId");
}

#[test]
fn a_token_of_github_from_its_leak_through_an_issue_to_its_proven_death() {
    let repository = leaked("a.env", &format!("GITHUB_TOKEN={}\n", secret(1)));
    let folder = repository.path();
    // Who issued it, and where people work.
    let revoked = Arc::new(AtomicBool::new(false));
    let is_revoked = revoked.clone();
    let provider = Double::start(move |received| match received.header("authorization") {
        Some(token) if token == format!("Bearer {}", secret(1)) && !is_revoked.load(Ordering::Relaxed) => {
            Reply::json(200, r#"{"login":"octo","id":1}"#).with("X-OAuth-Scopes: repo")
        }
        _ => Reply::json(401, r#"{"message":"Bad credentials","status":"401"}"#),
    });
    let mut issues = GitHubDouble::default();
    issues.clock(NOW.parse::<i64>().expect("seconds"));
    let issues = Arc::new(Mutex::new(issues));
    let kept = issues.clone();
    let tracker = Double::start(move |received| kept.lock().expect("not poisoned").answer(received));
    issues.lock().expect("not poisoned").base = tracker.url();
    let endpoint = format!("github={}", provider.url());
    let verify = || tickets_at(folder, NOW, &["tickets", "verify", "--verify-endpoint", &endpoint]);
    let url = tracker.url();
    let sync = |words: &str| -> Run {
        let arguments =
            ["tickets", "sync", "--tracker", "github:acme/leaks", "--api-url", &url, "--pace", "0", "--settle", "0"];
        let variables = [
            ("DEADKEY_KEY", KEY),
            ("SOURCE_DATE_EPOCH", NOW),
            ("DEADKEY_WHO", "Kim"),
            ("DEADKEY_TRACKER_TOKEN", TOKEN),
        ];
        let run = deadkey_with(folder, &arguments, &variables, b"");
        assert!(run.code == 0 && run.stderr.contains(words), "{words}: {}", run.stderr);
        run
    };
    assert_eq!(verify().code, 1);
    sync("1 issue opened");
    // Somebody revokes it, and says so by closing the issue.
    revoked.store(true, Ordering::Relaxed);
    issues.lock().expect("not poisoned").close(1, "completed");
    sync("1 ticket rotated");
    assert_eq!(show(folder)["state"], "rotated");
    assert_eq!(verify().code, 0);
    sync("1 closed");
    sync("0 issues opened, 0 updated, 0 closed, 0 reopened, 0 tickets rotated, 1 unchanged");
    let issue = issues.lock().expect("not poisoned").issues()[0].clone();
    assert!(issue.text.contains("rotated to **dead**; evidence: `deadkey, asking the provider, GET"), "{}", issue.text);
    assert!(!issue.text.contains(&secret(1)[4..12]), "{}", issue.text);
    ended(folder, &secret(1), "Bad credentials");
}
