//! Several reports in one run, where they go, and what becomes of a run whose output fails.

use crate::found::{forms, git, holding, secret, shown};
use crate::program::{Run, deadkey, deadkey_with};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use testkit::{Encoding, Repository, Rng, secrets};

const FORMATS: [&str; 12] = [
    "text",
    "jsonl",
    "json",
    "sarif",
    "github",
    "azure",
    "markdown",
    "junit",
    "csv",
    "gitlab",
    "codequality",
    "sonarqube",
];

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.env"), holding(1)).expect("written");
    folder
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn a_run_writes_as_many_reports_as_it_is_told() {
    let folder = folder();
    let run = deadkey(folder.path(), &["scan", "a.env", "--report", "sarif=out.sarif", "--report", "jsonl=-"]);
    assert_eq!((run.code, run.json_lines().len()), (1, 1), "{}", run.stderr);
    let log: Value = serde_json::from_str(&read(folder.path(), "out.sarif")).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    // The short form stands beside.
    let run = deadkey(folder.path(), &["scan", "a.env", "--report", "csv=out.csv", "-f", "text", "-o", "out.txt"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(read(folder.path(), "out.txt").starts_with("a.env:2:10: critical github-pat-classic\n"));
    assert!(read(folder.path(), "out.csv").starts_with("severity,"));
    // All of them, twice: the same bytes.
    let all = |name: &str| {
        let reports: Vec<String> = FORMATS.iter().map(|format| format!("{format}={name}.{format}")).collect();
        let arguments: Vec<&str> = reports.iter().flat_map(|report| ["--report", report]).collect();
        let run = deadkey_with(
            folder.path(),
            &[&["scan", "a.env", "-q"], &arguments[..]].concat(),
            &[("SOURCE_DATE_EPOCH", "1767225600")],
            b"",
        );
        assert_eq!((run.code, run.stdout, run.stderr), (1, String::new(), String::new()));
    };
    all("one");
    all("two");
    for format in FORMATS {
        let one = read(folder.path(), &format!("one.{format}"));
        assert_eq!(one, read(folder.path(), &format!("two.{format}")), "{format}");
        assert!(one.to_lowercase().contains("github"), "{format}: {one}");
    }
}

#[test]
fn sarif_knows_a_line_again_that_moved_and_was_indented() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("src")).expect("a folder");
    fs::write(at("src/a.env"), holding(1)).expect("written");
    let fingerprints = || {
        deadkey(folder.path(), &["scan", "src", "--report", "sarif=out.sarif", "-q"]);
        let log: Value = serde_json::from_str(&read(folder.path(), "out.sarif")).expect("JSON");
        let results = log["runs"][0]["results"].as_array().expect("results").clone();
        assert_eq!(results.len(), 1);
        results[0]["partialFingerprints"].clone()
    };
    let first = fingerprints();
    let hash = first["primaryLocationLineHash"].as_str().expect("a hash of the line");
    assert!(hash.ends_with(":1") && first["deadkey/credential/v1"].is_string(), "{first}");
    let text = read(folder.path(), "src/a.env").replace("token = ", "  token  =  ");
    fs::remove_file(at("src/a.env")).expect("removed");
    fs::write(at("src/b.env"), format!("# moved down\n\n{text}")).expect("written");
    assert_eq!(fingerprints(), first);
}

#[test]
fn two_reports_do_not_share_a_place() {
    let folder = folder();
    for (arguments, place) in [
        (["--report", "text", "--report", "jsonl"], "standard output"),
        (["--report", "csv=x", "--report", "json=x"], "x"),
    ] {
        let run = deadkey(folder.path(), &[&["scan", "a.env"], &arguments[..]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.starts_with(&format!("deadkey: two reports go to {place}; ")), "{}", run.stderr);
    }
}

#[test]
fn a_file_is_written_whole_or_stays_as_it_was() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("old"), "old\n").expect("written");
    fs::set_permissions(at("old"), fs::Permissions::from_mode(0o640)).expect("set");
    std::os::unix::fs::symlink("old", at("link")).expect("linked");
    // A usage error later on leaves it alone.
    let run = deadkey(folder.path(), &["scan", "missing", "-o", "old"]);
    assert_eq!((run.code, read(folder.path(), "old").as_str()), (2, "old\n"));
    let run = deadkey(folder.path(), &["scan", "a.env", "-o", "link"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(read(folder.path(), "old").starts_with("a.env:"), "the link is followed");
    assert!(fs::symlink_metadata(at("link")).expect("there").is_symlink(), "and stays");
    assert_eq!(fs::metadata(at("old")).expect("there").permissions().mode() & 0o777, 0o640);
    // A new one is like any other file.
    let run = deadkey(folder.path(), &["scan", "a.env", "-o", "new"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let usual = fs::File::create(at("usual")).and_then(|file| file.metadata()).expect("made").permissions().mode();
    assert_eq!(fs::metadata(at("new")).expect("there").permissions().mode(), usual);
    let left: Vec<_> = fs::read_dir(folder.path()).expect("read").map(|e| e.expect("read").file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".deadkey-")), "{left:?}");
}

fn full_stdout(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = crate::program::command();
    command.current_dir(folder).args(arguments).stdin(std::process::Stdio::null());
    command.stdout(fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device"));
    crate::program::run(command.output().expect("it runs"))
}

#[test]
fn what_fails_is_named_and_the_rest_is_written() {
    let folder = folder();
    let run = deadkey(
        folder.path(),
        &["scan", "a.env", "--report", "csv=/dev/full", "--report", "jsonl=ok.jsonl", "--report", "text"],
    );
    assert_eq!(run.code, 4);
    let said = "deadkey: the report could not be written to /dev/full: No space left on device; make room, or name another place\n";
    assert!(run.stderr.ends_with(said) && run.stderr.contains("1 credential in 1 place"), "{}", run.stderr);
    assert_eq!(read(folder.path(), "ok.jsonl").lines().count(), 1);
    assert!(run.stdout.starts_with("a.env:2:10: "), "{}", run.stdout);
    // Standard output: the summary is told also where nobody wants it.
    let run = full_stdout(folder.path(), &["scan", "a.env", "-q", "--report", "text", "--report", "json=ok.json"]);
    assert_eq!(run.code, 4);
    let said = "deadkey: the report could not be written to standard output: \
                No space left on device; make room, or name another place\n";
    assert!(run.stderr.ends_with(said) && run.stderr.contains("1 credential in 1 place"), "{}", run.stderr);
    assert!(read(folder.path(), "ok.json").contains("github-pat-classic"));
    for arguments in [&["rules", "list"][..], &["completions", "bash"], &["man"], &["doctor"]] {
        let run = full_stdout(folder.path(), arguments);
        assert_eq!(run.code, 4, "{arguments:?}");
        let said = "deadkey: standard output could not be written to its end: No space left on device (os error 28)\n";
        assert_eq!(run.stderr, said, "{arguments:?}");
    }
    // Nobody takes what is told: that changes no exit code.
    for (arguments, code) in [(&["scan", "a.env"][..], 1), (&["scan", "missing"], 2), (&["scan", "a.env", "-v"], 1)] {
        let mut command = crate::program::command();
        command.current_dir(folder.path()).args(arguments);
        command.stderr(fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device"));
        let output = command.output().expect("it runs");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
    }
}

/// Every kind of secret that testkit knows, and everywhere: plain, in names, encoded, in history.
fn everything() -> (Repository, Vec<Vec<u8>>) {
    let mut repository = Repository::new();
    let mut rng = Rng::new(0xa11);
    let pair = [secrets::aws_key_id(&mut rng), secrets::aws_secret(&mut rng)];
    let (token, jwt, key) = (secrets::github_classic(&mut rng), secrets::jwt(&mut rng), secrets::private_key(&mut rng));
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("ASCII");
    let aws = format!("aws_access_key_id = {}\naws_secret_access_key = {}\n", text(&pair[0]), text(&pair[1]));
    repository.commit_file("aws.env", &aws);
    repository.commit_file("jwt.env", format!("authorization: Bearer {}\n", text(&jwt)));
    repository.commit_file("key.pem", &key);
    for (at, encoding) in [
        Encoding::Base64 { url_safe: false, padded: true },
        Encoding::Base64 { url_safe: true, padded: false },
        Encoding::Wrapped { width: 64, crlf: false },
    ]
    .into_iter()
    .enumerate()
    {
        repository.commit_file(&format!("encoded-{at}.txt"), [b"x: ", &encoding.encode(aws.as_bytes())[..]].concat());
    }
    repository.commit_file(&format!("{}.txt", text(&token)), "named after a token\n");
    repository.commit_file("gone.env", format!("token = \"{}\"\n", secret(40)));
    repository.git(&["rm", "-q", "gone.env"]);
    repository.commit("taken out again");
    repository.commit(&format!("with {}", secret(41)));
    // A gap and a notice that are named after one.
    repository.write(&format!("broken-{}.zip", secret(42)), b"PK\x03\x04 no archive");
    let mut planted = vec![token, jwt, secret(40).into(), secret(41).into(), secret(42).into()];
    planted.extend(pair);
    planted.extend(key.split(|b| *b == b'\n').filter(|line| line.len() == 64).map(<[u8]>::to_vec));
    (repository, planted)
}

#[test]
fn no_format_shows_a_secret_of_any_kind() {
    let (repository, planted) = everything();
    let needles: Vec<(&str, String)> = planted
        .iter()
        .map(|secret| String::from_utf8(secret.clone()).expect("ASCII"))
        // The id of a pair is public by half; 20 characters of it are not.
        .flat_map(|secret| forms(&secret))
        .collect();
    for public in [false, true] {
        for format in FORMATS {
            let report = format!("{format}=out");
            let mut arguments =
                vec!["scan", ".", "--confidence", "low", "--report", &report, "--report", format, "-vv"];
            arguments.extend(public.then_some("--public"));
            let run = deadkey(repository.path(), &arguments);
            assert_eq!(run.code, 1, "{arguments:?} {}", run.stderr);
            let written = read(repository.path(), "out");
            fs::remove_file(repository.path().join("out")).expect("it was there");
            assert!(written.len() > 100, "{format}: {written}");
            for (form, needle) in &needles {
                for (name, text) in [("the file", &written), ("stdout", &run.stdout), ("stderr", &run.stderr)] {
                    assert!(!text.contains(needle), "{format} shows a secret as {form} in {name}");
                }
            }
        }
    }
    // Where it is asked for, and in these formats only.
    for format in FORMATS {
        let run = deadkey(repository.path(), &["scan", ".", "--format", format, "--show-secrets", "-q"]);
        let shown = run.stdout.contains(&secret(40));
        assert_eq!(shown, ["text", "jsonl", "json"].contains(&format), "{format}");
    }
}

#[test]
fn errors_show_no_secret() {
    let folder = folder();
    let (own, file) = (secret(5), format!("{}/x.txt", secret(5)));
    for arguments in [
        &["scan", "a.env", "--report", "text=no-folder/x"][..],
        &["git", "a.env"],
        &["hook", "install"],
        &["doctor"],
        &["rules", "show", "github-pat-clasic"],
        &["scan", &file],
        &["scan", "a.env", "--rules", &file],
        &["scan", "a.env", "--report", &format!("csv={file}")],
        &["scan", "a.env", "--baseline", &file],
        &["scan", "a.env", "--config", &file],
        &["scan", "a.env", "--format", &own],
        &["scan", "a.env", &format!("--{own}")],
        &["git", &file],
        &["log", &file],
        &["rules", "show", &own],
        &[&own],
    ] {
        let run = deadkey(folder.path(), arguments);
        let all = [("out", run.stdout.as_str()), ("err", run.stderr.as_str())];
        assert_eq!(shown(1..=5, &all), Vec::<String>::new(), "{arguments:?}");
    }
}

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for() {
    let folder = folder();
    let with = |arguments: &[&str], variables: &[(&str, &str)]| {
        let run = deadkey_with(folder.path(), &[&["scan", "a.env"], arguments].concat(), variables, b"");
        run.stdout.contains('\x1b')
    };
    assert!(!with(&[], &[]));
    assert!(with(&["--color", "always"], &[]));
    assert!(with(&["--color", "always"], &[("NO_COLOR", "1")]), "who asks is heard");
    assert!(!with(&["--color", "never"], &[]));
    // On a terminal, which `script` makes.
    let on_terminal = |variables: &[(&str, &str)], arguments: &str| {
        let line = format!("{} scan a.env {arguments}", crate::program::program().to_str().expect("UTF-8"));
        let mut command = Command::new("script");
        command.args(["-qec", &line, "/dev/null"]).current_dir(folder.path()).env_clear();
        command.env("PATH", std::env::var("PATH").expect("a path")).envs(variables.iter().copied());
        command.stdin(std::process::Stdio::null());
        String::from_utf8_lossy(&command.output().expect("script is there").stdout).into_owned()
    };
    assert!(on_terminal(&[], "").contains("\x1b[1m"));
    assert!(!on_terminal(&[("NO_COLOR", "1")], "").contains('\x1b'));
    assert!(!on_terminal(&[], "--color never").contains('\x1b'));
    for width in ["80", "140"] {
        let text = on_terminal(&[("COLUMNS", width), ("NO_COLOR", "1")], "");
        // A line to be copied is never broken.
        let lines = text.lines().filter(|line| !line.starts_with("  allow"));
        let widest = lines.map(|line| line.trim_end().chars().count()).max();
        assert!(widest <= width.parse().ok(), "{width}: {text}");
    }
}

#[test]
fn fail_on_decides_what_fails() {
    let folder = folder();
    let password = ["kq8#Vz2m", "!Tw9xLpe"].concat();
    fs::write(folder.path().join("b.env"), format!("db_password = \"{password}\"\n")).expect("written");
    let code = |arguments: &[&str]| deadkey(folder.path(), &[&["scan", "."], arguments].concat()).code;
    assert_eq!(code(&[]), 1);
    assert_eq!(code(&["--fail-on", "critical"]), 1);
    assert_eq!(code(&["--fail-on", "critical,confirmed"]), 1);
    assert_eq!(code(&["--fail-on", "critical", "--exit-code", "7"]), 7);
    assert_eq!(code(&["--fail-on", "critical", "--exit-zero"]), 0);
    assert_eq!(code(&["--rule", "github-*", "--exclude-rule", "github-pat-classic", "--fail-on", "low"]), 0);
    // Shown, and let pass.
    let run = deadkey(folder.path(), &["scan", "b.env", "--fail-on", "critical"]);
    assert_eq!((run.code, run.stdout.is_empty()), (0, false), "{}", run.stderr);
    let run = deadkey(folder.path(), &["scan", "b.env", "--fail-on", "confirmed"]);
    assert_eq!((run.code, run.stdout.is_empty()), (0, false), "{}", run.stderr);
    // Nobody asked the provider: that is a gap, not a pass.
    let run = deadkey(folder.path(), &["scan", "a.env", "--fail-on", "live"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("--fail-on live: nobody knows whether"), "{}", run.stderr);
    let run = deadkey(folder.path(), &["scan", "a.env", "--fail-on", "hihg"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("did you mean 'high'?"), "{}", run.stderr);
}

#[test]
fn public_is_on_where_the_ci_says_so() {
    let mut repository = Repository::new();
    repository.commit_file("dir/a.env", holding(1));
    let event = repository.path().join("event.json");
    let places = |run: &Run| format!("{}{}", run.stdout, run.stderr).contains("a.env");
    let scan = |visibility: &str, arguments: &[&str]| {
        fs::write(&event, format!("{{\"repository\": {{\"visibility\": \"{visibility}\"}}}}")).expect("written");
        let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_PATH", event.to_str().expect("UTF-8"))];
        deadkey_with(repository.path(), &[&["scan", "dir"], arguments].concat(), &variables, b"")
    };
    let run = scan("public", &[]);
    assert_eq!((run.code, places(&run)), (1, false), "{run:?}");
    assert_eq!(run.stdout, "1  critical  github-pat-classic  GitHub personal access token (classic)\n\n");
    assert!(run.stderr.contains("public: rules and numbers only"), "{}", run.stderr);
    assert!(places(&scan("public", &["--no-public"])));
    assert!(places(&scan("private", &[])) && places(&scan("internal", &[])));
    assert!(!places(&scan("private", &["--public"])));
    let run = scan("private", &["--public", "--show-secrets"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    let variables = [("GITLAB_CI", "true"), ("CI_PROJECT_VISIBILITY", "public")];
    let run = deadkey_with(repository.path(), &["scan", "dir", "--format", "json"], &variables, b"");
    assert!(!places(&run) && run.stdout.contains("\"public\":true"), "{run:?}");
    // `ci` itself, in what it writes besides.
    let variables = [("GITLAB_CI", "true"), ("CI_PROJECT_VISIBILITY", "public"), ("CI_COMMIT_SHA", "HEAD")];
    let head = git(repository.path(), &["rev-parse", "HEAD"]);
    let variables = [variables[0], variables[1], ("CI_COMMIT_SHA", head.as_str()), ("CI_PIPELINE_SOURCE", "schedule")];
    let run = deadkey_with(repository.path(), &["ci"], &variables, b"");
    let log = read(repository.path(), "deadkey.sarif");
    assert!(run.code == 1 && !places(&run) && !log.contains("a.env") && log.contains("occurrenceCount"), "{run:?}");
}
