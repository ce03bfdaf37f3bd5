//! `deadkey ci` in recorded environments, adapted to real repositories and clones.

#[path = "../crates/report/tests/schema/mod.rs"]
pub mod schema;

use crate::found::{git, holding, secret, secrets, shown, try_git};
use crate::program::{Run, deadkey_with};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use testkit::Repository;

/// A server with a default branch (secret 1 was there and is gone), a branch that brings secret 2 and takes it away again,
/// the platform's merge of both, a branch that nothing is said of (secret 4), and a former state of the branch (secret 3).
struct World {
    origin: Repository,
    folder: TempDir,
    base: String,
    head: String,
    merge: String,
    replaced: String,
}

impl World {
    fn new() -> World {
        let mut origin = Repository::new();
        origin.commit_file("old.env", holding(1));
        origin.remove("old.env");
        let base = origin.commit_file("shop.txt", "a shop\n");
        origin.branch("other");
        origin.commit_file("other.env", holding(4));
        origin.switch("main");
        origin.branch("feature/cart");
        let replaced = origin.commit_file("former.env", holding(3));
        origin.git(&["reset", "-q", "--hard", &base]);
        origin.commit_file("cart.env", holding(2));
        origin.remove("cart.env");
        let head = origin.commit_file("cart.txt", "a cart\n");
        origin.git(&["tag", "v1.2.0"]);
        origin.switch("main");
        origin.commit_file("more.txt", "the default branch has moved on\n");
        origin.git(&["checkout", "-q", "--detach"]);
        let merge = origin.merge("feature/cart");
        origin.git(&["update-ref", "refs/pull/12/merge", &merge]);
        origin.git(&["update-ref", "refs/pull/12/head", &head]);
        origin.git(&["update-ref", "refs/pull/15/head", &head]);
        origin.git(&["update-ref", "refs/merge-requests/5/head", &head]);
        origin.switch("main");
        // As at GitHub, GitLab and all others.
        for (name, value) in
            [("uploadpack.allowReachableSHA1InWant", "true"), ("uploadpack.allowTipSHA1InWant", "true")]
        {
            origin.git(&["config", name, value]);
        }
        let folder = tempfile::tempdir().expect("a folder");
        World { origin, folder, base, head, merge, replaced }
    }

    fn url(&self) -> String {
        format!("file://{}", self.origin.path().display())
    }

    /// What a job finds when its commit is checked out: a fresh clone, with everything or with one commit.
    fn clone(&self, commit: &str, depth: Option<u32>) -> PathBuf {
        let path = self.folder.path().join("clone");
        if path.exists() {
            fs::remove_dir_all(&path).expect("a folder of ours");
        }
        git(self.folder.path(), &["init", "-q", "clone"]);
        git(&path, &["remote", "add", "origin", &self.url()]);
        let depth = depth.map(|depth| format!("--depth={depth}"));
        let mut arguments = vec!["fetch", "-q", "--no-tags"];
        arguments.extend(depth.as_deref());
        arguments.extend(["origin", commit]);
        if depth.is_none() {
            arguments.push("+refs/heads/*:refs/remotes/origin/*");
        }
        git(&path, &arguments);
        git(&path, &["checkout", "-q", "--detach", commit]);
        path
    }

    /// A recorded environment with this world's commits and folders in it.
    fn environment(&self, name: &str, before: &str) -> Vec<(String, String)> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ci").join(format!("{name}.json"));
        let text = fs::read_to_string(file).expect("a recorded environment");
        let long = |part: &str| part.repeat(4);
        let text = text
            .replace(&long("a1b2c3d4e5"), before)
            .replace(&long("b2c3d4e5f6"), &self.head)
            .replace(&long("c3d4e5f6a7"), &self.merge);
        let environment: Value = serde_json::from_str(&text).expect("JSON");
        let mut variables: Vec<(String, String)> = Vec::new();
        for (name, value) in environment["variables"].as_object().expect("variables") {
            let file = |name: &str| self.folder.path().join(name).to_str().expect("UTF-8").to_owned();
            let value = match name.as_str() {
                "GITHUB_EVENT_PATH" => file("event.json"),
                "GITHUB_STEP_SUMMARY" => file("summary.md"),
                "AGENT_TEMPDIRECTORY" | "BUILD_ARTIFACTSTAGINGDIRECTORY" => file(""),
                _ => value.as_str().expect("text").to_owned(),
            };
            variables.push((name.clone(), value));
        }
        fs::write(self.file("event.json"), environment["event"].to_string()).expect("written");
        let _ = fs::remove_file(self.file("summary.md"));
        variables
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, folder: &Path, variables: &[(String, String)], arguments: &[&str]) -> Run {
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (&**name, &**value)).collect();
        deadkey_with(folder, &[&["ci"], arguments].concat(), &variables, b"")
    }

    /// The secrets that a run finds in this environment.
    fn found(&self, folder: &Path, variables: &[(String, String)], more: &[&str]) -> (i32, BTreeSet<String>, String) {
        let report = self.file("report.jsonl");
        let output = ["--format", "jsonl", "--show-secrets", "--output", report.to_str().expect("UTF-8")];
        let _ = fs::remove_file(&report);
        let run = self.run(folder, variables, &[&output[..], more].concat());
        let lines = fs::read_to_string(&report).unwrap_or_default();
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let secrets = lines.map(|finding| finding["secret"].as_str().expect("a secret").to_owned()).collect();
        (run.code, secrets, run.stderr)
    }
}

/// The environments that matter, what the commit before was, and what is to be found.
fn cases(world: &World) -> Vec<(&'static str, String, &str, BTreeSet<String>)> {
    let base = || world.base.clone();
    vec![
        ("github-pull-request", base(), &world.merge, secrets([2])),
        ("github-pull-request-target", base(), &world.base, secrets([2])),
        ("github-push", base(), &world.head, secrets([2])),
        ("github-first-push", base(), &world.head, secrets([1, 2])),
        ("github-new-branch", base(), &world.head, secrets([2])),
        ("github-force-push", world.replaced.clone(), &world.head, secrets([2])),
        ("github-tag", base(), &world.head, secrets([1, 2])),
        ("github-schedule", base(), &world.head, secrets([1, 2, 4])),
        ("gitlab-merge-request", base(), &world.head, secrets([2])),
        ("gitlab-push", base(), &world.head, secrets([2])),
        ("azure-push", base(), &world.head, secrets([2])),
        ("jenkins-push", base(), &world.head, secrets([2])),
    ]
}

#[test]
fn every_platform_scans_what_is_new_and_no_less() {
    let world = World::new();
    for (name, before, commit, expected) in cases(&world) {
        let variables = world.environment(name, &before);
        let clone = world.clone(commit, None);
        if name.starts_with("github-pull-request-t") {
            git(&clone, &["fetch", "-q", "origin", &world.head]);
        }
        if name.starts_with("azure") {
            git(&clone, &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
        }
        let (code, found, said) = world.found(&clone, &variables, &[]);
        assert_eq!((code, found), (1, expected), "{name}: {said}");
    }
    let clone = world.clone(&world.head, None);
    let (code, found, said) = world.found(&clone, &[], &[]);
    assert_eq!((code, found), (1, secrets([1, 2, 4])), "plain: {said}");
    // From a folder inside, as well.
    fs::create_dir(clone.join("inside")).expect("made");
    let (code, found, said) = world.found(&clone.join("inside"), &world.environment("github-push", &world.base), &[]);
    assert_eq!((code, found), (1, secrets([2])), "{said}");
    let (code, found, said) = world.found(&clone.join("inside"), &[], &[]);
    assert_eq!((code, found), (1, secrets([1, 2, 4])), "{said}");
}

#[test]
fn a_clone_of_one_commit_is_refused_with_the_line_to_paste() {
    let world = World::new();
    for (name, before, commit, expected) in cases(&world) {
        let variables = world.environment(name, &before);
        let clone = world.clone(commit, Some(1));
        let (code, found, said) = world.found(&clone, &variables, &[]);
        assert_eq!((code, found.len()), (2, 0), "{name}: {said}");
        assert!(!clone.join("deadkey.sarif").exists(), "{name}");
        let configured = ["fetch-depth: 0", "GIT_DEPTH: \"0\"", "fetchDepth: 0", "github.event.pull_request.head.sha"];
        assert!(configured.iter().any(|line| said.contains(line)) || name.starts_with("jenkins"), "{name}: {said}");
        // The command that is offered, as it stands.
        let (_, command) = said.split_once("this command before: ").unwrap_or_else(|| panic!("{name}: {said}"));
        let command = command.lines().next().expect("a line");
        let sh =
            Command::new("sh").args(["-c", command]).current_dir(&clone).env("GIT_CONFIG_GLOBAL", "/dev/null").output();
        let sh = sh.expect("sh is there");
        assert!(sh.status.success(), "{name}: {command}: {}", String::from_utf8_lossy(&sh.stderr));
        // And what is fetched on its own. A default branch that nobody names is known after that.
        let clone = world.clone(commit, Some(1));
        let (code, found, said) = world.found(&clone, &variables, &["--fetch"]);
        assert_eq!(code, 1, "{name}: {said}");
        // Of a commit that was replaced the history need not come, so that more may be scanned than is new; a schedule
        // scans the refs that are there, and a default branch that nobody names is taken for none.
        let may_differ = ["github-force-push", "github-schedule", "azure-push"].contains(&name);
        let least = if name == "github-schedule" { secrets([1, 2]) } else { expected.clone() };
        assert!(found.is_superset(&least) && (may_differ || found == expected), "{name}: {said}");
    }
}

#[test]
fn nothing_new_is_accepted() {
    let world = World::new();
    let clean = |name: &str, before: &str| {
        let variables = world.environment(name, before);
        let clone = world.clone(&world.head, None);
        let run = world.run(&clone, &variables, &[]);
        assert_eq!(run.code, 0, "{name}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains("no credentials found"), "{}", run.stderr);
        assert!(clone.join("deadkey.sarif").exists());
        // A run of a pipeline that is repeated has something to say, too.
        let run = world.run(&clone, &variables, &["--quiet"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    };
    let parent = world.origin.git(&["rev-parse", "feature/cart~1"]).trim().to_owned();
    clean("github-push", &parent);
    clean("gitlab-push", &parent);
    // Pushed again as it was: the commit is looked at, not an empty range.
    clean("github-push", &world.head);
}

#[test]
fn results_go_where_the_platform_looks_for_them() {
    let world = World::new();
    let variables = world.environment("github-pull-request", &world.base);
    let clone = world.clone(&world.merge, None);
    fs::write(world.file("summary.md"), "# of another step\n").expect("written");
    let run = world.run(&clone, &variables, &["-v"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let annotations: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("::error ")).collect();
    assert_eq!(annotations.len(), 1, "{}", run.stdout);
    assert!(annotations[0].contains("file=cart.env"), "{}", annotations[0]);
    let summary = fs::read_to_string(world.file("summary.md")).expect("a summary");
    assert!(summary.starts_with("# of another step\n") && summary.contains("1 credential"), "{summary}");
    let sarif = fs::read_to_string(clone.join("deadkey.sarif")).expect("a log");
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sarif/sarif-schema-2.1.0.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).expect("read")).expect("JSON");
    let log: Value = serde_json::from_str(&sarif).expect("JSON");
    assert_eq!(schema::faults(&schema, &log), Vec::<String>::new());
    assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(1));
    let all = [("stdout", &*run.stdout), ("stderr", &*run.stderr), ("summary", &*summary), ("SARIF", &*sarif)];
    assert_eq!(shown(1..=4, &all), Vec::<String>::new());
    // Exit codes, and files as they are asked for.
    let (named, code) = (world.file("named.sarif"), |run: Run| run.code);
    let file = named.to_str().expect("UTF-8");
    assert_eq!(code(world.run(&clone, &variables, &["--exit-code", "9", "--sarif", file])), 9);
    assert!(named.exists());
    fs::remove_file(clone.join("deadkey.sarif")).expect("it was there");
    assert_eq!(code(world.run(&clone, &variables, &["--exit-zero", "--no-sarif"])), 0);
    assert!(!clone.join("deadkey.sarif").exists());
    assert_eq!(code(world.run(&clone, &variables, &["--no-sarif", "--sarif", file])), 2);
    assert_eq!(code(world.run(&clone, &variables, &["--sarif", "/no/such/folder/x"])), 2);
    let again = fs::read_to_string(world.file("summary.md")).expect("a summary");
    assert!(again.len() > 2 * summary.len() - 40, "appended, not written over");
    // Azure Pipelines is told of its files.
    let variables = world.environment("azure-push", &world.base);
    let clone = world.clone(&world.head, None);
    git(&clone, &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    let run = world.run(&clone, &variables, &[]);
    for command in ["##vso[task.logissue ", "##vso[task.uploadsummary]", "##vso[artifact.upload "] {
        assert_eq!(run.stdout.lines().filter(|line| line.starts_with(command)).count(), 1, "{command}: {}", run.stdout);
    }
    assert!(world.file("deadkey.sarif").exists() && world.file("deadkey-summary.md").exists());
}

#[test]
fn events_that_are_none_are_refused_in_a_sentence() {
    let world = World::new();
    let clone = world.clone(&world.head, None);
    let variables = world.environment("github-push", &world.base);
    for text in ["", "{", "[1", "\0"] {
        fs::write(world.file("event.json"), text).expect("written");
        let run = world.run(&clone, &variables, &[]);
        assert_eq!((run.code, run.stderr.lines().count()), (2, 1), "{}", run.stderr);
        assert!(run.stderr.contains("GITHUB_EVENT_PATH"), "{}", run.stderr);
    }
    fs::remove_file(world.file("event.json")).expect("it was there");
    let run = world.run(&clone, &variables, &[]);
    assert_eq!((run.code, run.stderr.lines().count()), (2, 1), "{}", run.stderr);
    for name in ["github-hostile-branch", "github-hostile-sha", "github-push-no-payload"] {
        let mut variables = world.environment(name, &world.base);
        if name.ends_with("payload") {
            variables.retain(|(name, _)| name != "GITHUB_EVENT_PATH");
        }
        let run = world.run(&clone, &variables, &[]);
        assert_eq!((run.code, run.stderr.lines().count()), (2, 1), "{name}: {}", run.stderr);
    }
}

/// Names and lines of what is scanned that a runner would obey.
const COMMANDS: [&str; 4] =
    ["::set-output name=x::y", "##vso[task.setvariable variable=x]y", "##[set-env name=x]y", "::add-mask::x"];

#[test]
fn what_is_scanned_gives_no_command_to_the_runner() {
    let mut world = World::new();
    world.origin.switch("feature/cart");
    for (number, command) in (10..).zip(COMMANDS) {
        let line = format!("{command}\n{command} token = \"{}\" {command}\n{command}\n", secret(number));
        world.origin.write(&command.replace('/', "_"), &line);
        world.origin.write(&format!("dir/\n{}", command.replace('/', "_")), line);
        world.origin.write(&format!("{command}.zip"), b"PK\x03\x04 no archive");
    }
    world.origin.write("\r::warning::x\n::error::y.txt", holding(20));
    let modules: String =
        COMMANDS.iter().map(|c| format!("[submodule \"{c}\"]\n\tpath = \"{c}\"\n\turl = {c}\n")).collect();
    world.origin.write(".gitmodules", modules);
    world.head = world.origin.commit(&format!("{}\n\n{}\n", COMMANDS[0], COMMANDS.join("\n")));
    for (name, ours) in [
        ("github-push", &["::error ", "::warning ", "::notice "][..]),
        ("github-schedule", &["::error ", "::warning ", "::notice "]),
        ("azure-push", &["##vso[task.logissue ", "##vso[task.uploadsummary]", "##vso[artifact.upload "]),
    ] {
        let variables = world.environment(name, &world.base);
        let clone = world.clone(&world.head, None);
        git(&clone, &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
        for format in ["text", "jsonl", "sarif", "markdown", "github", "azure"] {
            let run = world.run(&clone, &variables, &["--format", format, "-v"]);
            assert_eq!(run.code, 1, "{}", run.stderr);
            let lines = run.stdout.split(['\n', '\r']).chain(run.stderr.split(['\n', '\r']));
            let ours_count = lines.clone().filter(|line| ours.iter().any(|command| line.starts_with(command))).count();
            assert!(ours_count >= 6, "{name}, {format}: {ours_count}");
            let told = !name.ends_with("schedule") || run.stderr.contains("that was not fetched");
            assert!(told, "{name}, {format}: {}", run.stderr);
            for line in lines {
                // In a line that is a command a runner looks for no other one.
                if ours.iter().any(|command| line.starts_with(command)) {
                    continue;
                }
                let is_one = line.trim_start().starts_with("::")
                    || line.contains("##[")
                    || line.to_lowercase().contains("##vso[");
                assert!(!is_one, "{name}, {format}: {line}");
            }
        }
    }
}

#[test]
fn a_branch_named_after_a_secret_is_not_told() {
    let world = World::new();
    for (depth, code) in [(None, 1), (Some(1), 2)] {
        let clone = world.clone(&world.head, depth);
        for name in ["github-push", "gitlab-push"] {
            let named = |text: &str| text.replace("feature/cart", &format!("fix-{}", secret(31)));
            let variables = world.environment(name, &world.base);
            let variables: Vec<_> = variables.into_iter().map(|(name, value)| (name, named(&value))).collect();
            let run = world.run(&clone, &variables, &["-v"]);
            assert_eq!(run.code, code, "{}", run.stderr);
            assert!(run.stderr.contains("push to fix-"), "{}", run.stderr);
            assert_eq!(crate::found::find_all(&run, [2, 31]), Vec::<String>::new());
        }
    }
}

#[test]
fn the_password_of_the_remote_is_nobodys_business() {
    let world = World::new();
    let clone = world.clone(&world.head, Some(1));
    let url = format!("https://x-access-token:{}@127.0.0.1:1/shop.git", secret(30));
    git(&clone, &["remote", "set-url", "origin", &url]);
    let variables = world.environment("github-push", &world.base);
    for arguments in [&[][..], &["--fetch"], &["--fetch", "-v"]] {
        let run = world.run(&clone, &variables, arguments);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert_eq!(crate::found::find_all(&run, [30]), Vec::<String>::new());
    }
    assert!(try_git(&clone, &["status"]).status.success(), "the clone is as it was");
}
