//! Whatever is wrong with a policy, a rule, a path or an output: one sentence that names the thing and the way out, the right
//! exit code, and no finding lost. One table, held against every command that reads it.

use crate::found::{git, holding, secret, shown};
use crate::program::{Run, deadkey, deadkey_with, program};
use std::fs;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use testkit::Repository;

/// A policy file that is wrong, and what must be said of it: the thing, and the way out.
struct Case {
    policy: &'static str,
    thing: &'static str,
    way_out: &'static str,
}

const fn case(policy: &'static str, thing: &'static str, way_out: &'static str) -> Case {
    Case { policy, thing, way_out }
}

const POLICIES: &[Case] = &[
    case("confidance = 'low'\n", ".deadkey.toml:1: `confidance`", "did you mean `confidence`?"),
    case("\n[rules]\nexlude = []\n", ".deadkey.toml:3: `rules.exlude`", "did you mean `rules.exclude`?"),
    case("wholly = 'other'\n", ".deadkey.toml:1: `wholly`", "the keys here are extends, confidence"),
    case(
        "confidence = 3\n",
        ".deadkey.toml:1: `confidence` is an integer",
        "write low, medium, high or confirmed, in quotes",
    ),
    case("confidence = 'hi'\n", ".deadkey.toml:1: `confidence` is `hi`", "write low, medium, high or confirmed"),
    case("strict = 'yes'\n", ".deadkey.toml:1: `strict` is a string", "write true or false"),
    case("jobs = 0\n", ".deadkey.toml:1: `jobs` is 0", "write a whole number from 1 to 1024"),
    case("paths = 'x'\n", ".deadkey.toml:1: `paths` is a string", "write a table, `[paths]`"),
    case("[paths]\nskip = 5\n", ".deadkey.toml:2: `paths.skip` is an integer", "write a list of texts"),
    case("[paths]\nskip = ['[a']\n", ".deadkey.toml:2: `paths.skip` has the pattern `[a`", "close it, or write `\\[`"),
    case("[paths]\nskip = ['{a']\n", ".deadkey.toml:2: `paths.skip` has the pattern `{a`", "missing '}'"),
    case("[[allow]]\npath = '[z'\n", ".deadkey.toml:2: `allow.path`", "close it, or write `\\[`"),
    case(
        "[[allow]]\nvalue = '(a'\n",
        ".deadkey.toml:2: `allow.value` is no regular expression",
        "escape what is meant literally",
    ),
    case("[[allow]]\nvalue = '.*'\n", ".deadkey.toml:2: `allow.value` fits the empty text", ""),
    case(
        "[[allow]]\npath = 'a'\nexpires = '2026-13-01'\n",
        ".deadkey.toml:3: `allow.expires` is `2026-13-01`",
        "write a day such as",
    ),
    case(
        "[[allow]]\npath = 'a'\nexpires = 2026-01-01\n",
        ".deadkey.toml:3: `allow.expires` is a datetime",
        "in quotes",
    ),
    case("[allow]\npath = 'a'\n", ".deadkey.toml:1: `allow` is one table", "write `[[allow]]`, with two brackets"),
    case(
        "[[allow]]\nreason = 'x'\n",
        ".deadkey.toml:1: this `[[allow]]` would allow everything",
        "give it at least one of",
    ),
    case("[allow-id.'dk1:zz']\n", ".deadkey.toml:1: this is no fingerprint", "take the one that the report shows"),
    case(
        "pragmas = ['gitleak']\n",
        ".deadkey.toml:1: `pragmas` names `gitleak`",
        "write true, false, or some of deadkey, gitleaks",
    ),
    case("[limits]\nmax_object = '5x'\n", ".deadkey.toml:2: `limits.max_object` is `5x`", "write a size such as"),
    case("fail_on = 'hgih'\n", ".deadkey.toml:1: `fail_on` is `hgih`", "write low, medium, high, critical or live"),
    case("x = [\n", ".deadkey.toml:", "this is not TOML"),
    case("jobs = 1\njobs = 2\n", ".deadkey.toml:2: this is not TOML", "duplicate key"),
    case(
        "extends = 'none.toml'\n",
        ".deadkey.toml:1: `extends`: there is no file none.toml",
        "correct the path or take the line out",
    ),
    case("extends = '.deadkey.toml'\n", "`extends`: more than 8 files extend one another", "is it a circle?"),
    case("extends = 5\n", ".deadkey.toml:1: `extends` is an integer", "write tables"),
    case(
        "extends = [{ git = 'nowhere', ref = 'v1', path = 'p.toml' }]\n",
        ".deadkey.toml:1: `extends`: there is no repository",
        "correct the path or take the line out",
    ),
    case(
        "extends = [{ git = 'shared', ref = 'main', path = 'p.toml' }]\n",
        ".deadkey.toml:1: `extends`: a policy from a repository is taken with its digest",
        "add digest = \"sha256:",
    ),
    case(
        "extends = [{ git = 'shared', ref = 'main', path = 'p.toml', digest = 'sha256:00' }]\n",
        ".deadkey.toml:1: `extends`: the content has the digest sha256:",
        "read what changed, then put that in",
    ),
    case(
        "extends = [{ git = 'shared', ref = 'main', path = 'q.toml', digest = 'sha256:00' }]\n",
        ".deadkey.toml:1: `extends`: shared has no file q.toml at main",
        "correct `path` or `ref`",
    ),
    case(
        "extends = [{ git = 'https://example.invalid/p.git', ref = 'v1', path = 'p.toml', digest = 'sha256:00' }]\n",
        ".deadkey.toml:1: `extends`: https://example.invalid/p.git is not at hand",
        "run: git clone --bare",
    ),
    case(
        "[rules]\nfiles = ['none.toml']\n",
        "`rules.files` at .deadkey.toml:2: there is no rule file none.toml",
        "correct the path",
    ),
    case(
        "[rules]\nfiles = ['bad-rule.toml']\n",
        "`rules.files` at .deadkey.toml:2: bad-rule.toml:1",
        "missing field `severity`",
    ),
    case(
        "[rules]\nselect = ['github-pat-clasic']\n",
        ".deadkey.toml:2: `rules.select` names 'github-pat-clasic'",
        "did you mean 'github-pat-classic'?",
    ),
    case(
        "[rules]\nexclude = ['xyzzy']\n",
        ".deadkey.toml:2: `rules.exclude` names 'xyzzy'",
        "`deadkey rules list` names them all",
    ),
    case("[rules]\nbuiltin = false\n", "no rule is left to look for", "add some with"),
    case(
        "baseline = 'none'\n",
        "`baseline` at .deadkey.toml:1: there is no file none",
        "`deadkey baseline create` makes a baseline",
    ),
    case(
        "baseline = 'a.env'\n",
        "`baseline` at .deadkey.toml:1: the baseline a.env: it is no deadkey baseline",
        "`deadkey baseline create` makes one",
    ),
];

/// A repository with a leak, a policy of another one, and a bad rule.
fn repository() -> Repository {
    let mut repository = Repository::new();
    repository.commit_file("a.env", holding(1));
    let at = repository.path();
    fs::create_dir(at.join("shared")).expect("made");
    git(&at.join("shared"), &["init", "-q", "-b", "main"]);
    fs::write(at.join("shared/p.toml"), "strict = true\n").expect("written");
    git(&at.join("shared"), &["add", "."]);
    git(&at.join("shared"), &["commit", "-q", "-m", "policy"]);
    fs::write(at.join("bad-rule.toml"), "[[rule]]\nid = \"mine\"\nname = \"Mine\"\n").expect("written");
    repository
}

#[track_caller]
fn one_sentence(what: &str, run: &Run, case: &Case) {
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{what} with {}: {}", case.policy, run.stderr);
    said(what, &run.stderr, case);
}

#[track_caller]
fn said(what: &str, text: &str, case: &Case) {
    let about: Vec<&str> = text.lines().filter(|line| line.contains(case.thing)).collect();
    let [line] = about.as_slice() else { panic!("{what} with {}: {text}", case.policy) };
    assert!(line.contains(case.way_out), "{what} with {}: {text}", case.policy);
    assert_eq!(shown([1], &[(what, text)]), Vec::<String>::new());
}

#[test]
fn a_wrong_policy_is_one_sentence_in_every_command() {
    let repository = repository();
    let at = repository.path();
    let commands: [&[&str]; 7] = [
        &["scan", "."],
        &["git"],
        &["git", "--staged"],
        &["ci", "--no-sarif"],
        &["log", "a.env"],
        &["run", "--", "/bin/touch", "started"],
        &["config", "check"],
    ];
    for case in POLICIES {
        fs::write(at.join(".deadkey.toml"), case.policy).expect("written");
        for command in commands {
            let run = deadkey(at, command);
            one_sentence(&command.join(" "), &run, case);
            assert_eq!(run.stderr.lines().count(), 1, "{command:?} with {}: {}", case.policy, run.stderr);
        }
        assert!(!at.join("started").exists(), "{}: no command is started", case.policy);
        // `doctor` says it among all else that it sees.
        let doctor = deadkey(at, &["doctor"]);
        assert_eq!((doctor.code, doctor.stderr.as_str()), (2, ""), "{}", case.policy);
        said("doctor", &doctor.stdout, case);
        assert!(
            doctor.stdout.contains("\nwrong          ") && doctor.stdout.contains("\nrepository     "),
            "{}",
            doctor.stdout
        );
    }
    fs::write(at.join(".deadkey.toml"), "confidence = 'medium'\n").expect("written");
    let doctor = deadkey(at, &["doctor"]);
    assert_eq!(doctor.code, 0, "{}", doctor.stdout);
    assert!(doctor.stdout.contains("configuration  .deadkey.toml\n"), "{}", doctor.stdout);
}

#[test]
fn a_policy_that_is_no_text_or_no_file_is_named() {
    let repository = repository();
    let at = repository.path();
    let wrong = |said: &str| {
        for command in [&["scan", "a.env"][..], &["config", "check"], &["log", "a.env"]] {
            let run = deadkey(at, command);
            assert_eq!(
                (run.code, run.stdout.as_str(), run.stderr.as_str()),
                (2, "", format!("deadkey: {said}\n").as_str())
            );
        }
        assert!(deadkey(at, &["doctor"]).stdout.contains(said));
    };
    let policy = at.join(".deadkey.toml");
    fs::write(&policy, b"\xff\xfe").expect("written");
    wrong(".deadkey.toml: it is not UTF-8; save it as such");
    fs::remove_file(&policy).expect("removed");
    fs::create_dir(&policy).expect("made");
    wrong(".deadkey.toml: it is no file; take it away");
    fs::remove_dir(&policy).expect("removed");
    std::os::unix::fs::symlink(".deadkey.toml", &policy).expect("linked");
    wrong(".deadkey.toml: it cannot be read: Too many levels of symbolic links (os error 40)");
}

#[test]
fn an_allow_entry_for_a_rule_that_is_not_there_is_told_and_the_scan_goes_on() {
    let repository = repository();
    let at = repository.path();
    fs::write(at.join(".deadkey.toml"), "[[allow]]\nrule = 'github-pat-clasic'\n").expect("written");
    let run = deadkey(at, &["scan", "a.env"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("note: .deadkey.toml:1: this allow entry names the rule 'github-pat-clasic'"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("did you mean 'github-pat-classic'?"), "{}", run.stderr);
    assert_eq!(deadkey(at, &["config", "check"]).code, 2);
    // By an alias, by a pattern, and where a rule is only left out of this run, it is there.
    for rule in ["github-pat", "github-*", "github-pat-classic"] {
        fs::write(at.join(".deadkey.toml"), format!("[[allow]]\nrule = '{rule}'\n")).expect("written");
        let run = deadkey(at, &["scan", "a.env", "--rule", "aws-*"]);
        assert!(run.code == 0 && !run.stderr.contains("note: "), "{rule}: {}", run.stderr);
        assert_eq!(deadkey(at, &["config", "check"]).code, 0, "{rule}");
    }
}

/// What is found before something goes wrong is reported, wherever it goes wrong.
#[test]
fn what_was_found_is_not_lost() {
    let repository = repository();
    let at = repository.path();
    let found = |run: &Run| run.json_lines().iter().filter(|f| f["secret"] == secret(1).as_str()).count();
    let scan = |more: &[&str]| deadkey(at, &[&["scan", "a.env", "--show-secrets"], more].concat());
    // A fault in a file of a folder below, read when something is found there.
    fs::create_dir(at.join("sub")).expect("made");
    fs::write(at.join("sub/.deadkey.toml"), "nonsense = 1\n").expect("written");
    fs::write(at.join("sub/b.env"), holding(2)).expect("written");
    let run = deadkey(at, &["scan", ".", "--format", "jsonl", "--show-secrets", "-q"]);
    assert_eq!((run.code, found(&run), run.json_lines().len()), (2, 1, 2), "{}", run.stderr);
    assert!(run.stderr.starts_with("deadkey: sub/.deadkey.toml:1: `nonsense` is no key"), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    // A file that nobody can read, root neither.
    let run = scan(&["/proc/self/mem", "--format", "jsonl"]);
    assert_eq!((run.code, found(&run)), (1, 1), "{}", run.stderr);
    assert!(run.stderr.contains("/proc/self/mem: cannot be read"), "{}", run.stderr);
    assert_eq!(deadkey(at, &["scan", "/proc/self/mem"]).code, 3);
    // A full disk, in one report of two, and under each.
    for format in ["text", "json", "jsonl", "sarif", "markdown", "junit", "csv", "gitlab", "codequality", "sonarqube"] {
        let run = scan(&["--report", &format!("{format}=/dev/full"), "--report", "jsonl=-"]);
        if format == "jsonl" {
            assert_eq!((run.code, found(&run)), (4, 1), "{}", run.stderr);
            continue;
        }
        assert_eq!((run.code, found(&run)), (4, 1), "{format}: {}", run.stderr);
        let line = run.stderr.lines().find(|line| line.contains("/dev/full")).unwrap_or_default();
        assert!(
            line.contains("could not be written to") && line.contains("No space left on device"),
            "{format}: {}",
            run.stderr
        );
    }
    // Standard output is what is full: the summary is told even with -q, the file is whole.
    let full = File::create("/dev/full").expect("it is there");
    let mut command = Command::new(program());
    command.current_dir(at).args(["scan", "a.env", "-q", "--report", "text=-", "--report", "jsonl=kept.jsonl"]);
    let output = command.stdout(Stdio::from(full)).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("standard output") && said.contains("1 credential in 1 place"), "{said}");
    assert_eq!(fs::read_to_string(at.join("kept.jsonl")).expect("written").lines().count(), 1);
    // A log whose passing on fails.
    let mut command = Command::new(program());
    command.current_dir(at).args(["log", "--tee", "-"]).stdin(File::open(at.join("a.env")).expect("it is there"));
    let output =
        command.stdout(Stdio::from(File::create("/dev/full").expect("it is there"))).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("cannot be passed on"), "{said}");
}

#[test]
fn a_path_a_rule_file_a_policy_or_an_output_that_is_not_there_is_named_before_anything_is_done() {
    let repository = repository();
    let at = repository.path();
    for (arguments, thing) in [
        (&["scan", "missing"][..], "missing"),
        (&["git", "missing"], "there is no folder missing"),
        (&["log", "missing"], "missing"),
        (&["ci", "missing"], "missing"),
        (
            &["scan", "a.env", "--rules", "none.toml"],
            "there is no rule file none.toml; correct the path, or leave it out",
        ),
        (&["scan", "a.env", "--rules", "bad-rule.toml"], "bad-rule.toml:1: missing field `severity`"),
        (&["rules", "list", "--rules", "none.toml"], "there is no rule file none.toml"),
        (&["scan", "a.env", "--config", "none.toml"], "none.toml: there is no such file; `deadkey init` writes one"),
        (&["scan", "a.env", "--baseline", "none"], "there is no file none; `deadkey baseline create` makes a baseline"),
        (&["log", "a.env", "--baseline", "none"], "there is no file none; `deadkey baseline create` makes a baseline"),
        (&["scan", "a.env", "-o", "no/x"], "the report cannot be written to no/x: there is no folder no"),
        (&["scan", ".", "--policy-from", "nowhere"], "--policy-from nowhere"),
        (&["baseline", "create", "--baseline", "no/x", "a.env"], "no"),
        (&["baseline", "import", "none"], "none"),
        (&["config", "check", "missing"], "missing"),
        (&["init", "missing"], "missing/.deadkey.toml cannot be written"),
    ] {
        let run = deadkey_with(at, arguments, &[], b"");
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}: {}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 1, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.starts_with("deadkey: ") && run.stderr.contains(thing), "{arguments:?}: {}", run.stderr);
    }
    assert!(!Path::new(at).join("no").exists());
}
