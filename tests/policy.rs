//! `.deadkey.toml`, pragmas, `.gitleaksignore` and `--policy-from`, through the built binary.

use crate::program::{Run, deadkey, deadkey_with};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use testkit::{Rng, secrets};

fn token(seed: u64) -> String {
    String::from_utf8(secrets::github_classic(&mut Rng::new(seed))).unwrap()
}

fn write(root: &Path, path: &str, text: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Findings that count, as `path:line`; sorted.
fn open(run: &Run) -> Vec<String> {
    places(
        run,
        |place| place["suppression"].is_null(),
        |finding| finding["suppressions"].as_array().is_none_or(Vec::is_empty),
    )
}

fn places(run: &Run, place: impl Fn(&Value) -> bool, finding: impl Fn(&Value) -> bool) -> Vec<String> {
    let lines = run.json_lines();
    let places = lines.iter().filter(|f| finding(f)).flat_map(|f| f["places"].as_array().unwrap().clone());
    let mut places: Vec<String> =
        places.filter(|p| place(p)).map(|p| format!("{}:{}", p["path"].as_str().unwrap(), p["line"])).collect();
    places.sort();
    places.dedup();
    places
}

fn scan(folder: &Path, more: &[&str]) -> Run {
    let mut arguments = vec!["scan", ".", "--format", "jsonl"];
    arguments.extend(more);
    deadkey(folder, &arguments)
}

fn fingerprint(run: &Run, path: &str) -> String {
    let lines = run.json_lines();
    let of = |f: &&Value| f["places"].as_array().unwrap().iter().any(|p| p["path"] == path);
    lines.iter().find(of).unwrap()["fingerprint"].as_str().unwrap().to_owned()
}

#[test]
fn every_pragma_lets_its_own_line_be_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let pragmas = [
        "deadkey:allow",
        "gitleaks:allow",
        "betterleaks:allow",
        "trufflehog:ignore",
        "kingfisher:ignore",
        "ggignore",
        "pragma: allowlist secret",
        "pragma: whitelist secret",
    ];
    for (at, pragma) in pragmas.iter().enumerate() {
        let (a, b) = (token(at as u64), token(100 + at as u64));
        write(folder.path(), &format!("{at}.py"), format!("a = '{a}'  # {pragma}\nb = '{b}'\n"));
    }
    let (a, b) = (token(50), token(51));
    write(folder.path(), "next.py", format!("# pragma: allowlist nextline secret\na = '{a}'\nb = '{b}'\n"));
    let run = scan(folder.path(), &[]);
    let mut wanted: Vec<String> = (0..pragmas.len()).map(|at| format!("{at}.py:2")).collect();
    wanted.push("next.py:3".to_owned());
    assert_eq!((run.code, open(&run)), (1, wanted), "{}", run.stderr);
    assert_eq!(open(&scan(folder.path(), &["--no-pragmas"])).len(), 2 * pragmas.len() + 2);
    write(folder.path(), ".deadkey.toml", "pragmas = ['gitleaks']\n");
    assert_eq!(open(&scan(folder.path(), &[])).len(), 2 * pragmas.len() + 1);
}

/// As Kingfisher 2 has it, but that a line of its own credential says nothing of its neighbours.
#[test]
fn kingfisher_may_stand_around_a_text_of_several_lines() {
    let folder = tempfile::tempdir().unwrap();
    let body = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB";
    for (text, let_be) in [
        ("# kingfisher:ignore\nx = 'TOKEN'\n", true),
        ("x = 'TOKEN'\n// KingFisher:Ignore\n", true),
        ("x = \"\"\"\nTOKEN\n\"\"\"  # kingfisher:ignore\n", true),
        ("x = \"\"\" # kingfisher:ignore\nTOKEN\n\"\"\"\n", true),
        ("# kingfisher:ignore\nx = \"\"\"\n  BODY\nTOKEN\n", true),
        ("x = 'TOKEN'\n\n\n# kingfisher:ignore\n", true),
        ("# kingfisher:ignore\n\nx = 'TOKEN'\n", false),
        ("# kingfisher:ignore\ny = 1\nx = 'TOKEN'\n", false),
        ("x = 'TOKEN'\ny = 1\n# kingfisher:ignore\n", false),
        ("y = 'other' # kingfisher:ignore\nx = 'TOKEN'\n", false),
        ("x = 'TOKEN'\ny = 'other' # kingfisher:ignore\n", false),
        ("# gitleaks:allow\nx = 'TOKEN'\n", false),
    ] {
        let text = text.replace("TOKEN", &token(1)).replace("BODY", body);
        write(folder.path(), "a.py", &text);
        let run = scan(folder.path(), &[]);
        assert_eq!(run.code, i32::from(!let_be), "{text}");
        let piped = deadkey_with(folder.path(), &["scan", "-"], &[], text.as_bytes());
        assert_eq!(piped.code, run.code, "piped: {text}");
    }
    // A request adds the comment above a line that is there: it is new.
    let request = Request::new(&[("a.py", "y = 1\n".into())]);
    request.commit(&[("a.py", format!("y = 1\n# kingfisher:ignore\nx = '{}'\n", token(1)))]);
    assert_eq!(request.judged(&[]).code, 1);
    let request = Request::new(&[("a.py", format!("# kingfisher:ignore\nx = '{}'\n", token(1)))]);
    request.commit(&[("a.py", format!("import os\n# kingfisher:ignore\nx = '{}'\n", token(1)))]);
    assert_eq!(deadkey(request.root(), &["scan", ".", "--no-history", "--policy-from", "main"]).code, 0);
}

#[test]
fn our_pragma_takes_rules_and_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.py", format!("a = '{}'  # deadkey:allow github-pat-classic for the tests\n", token(1)));
    write(folder.path(), "b.py", format!("a = '{}'  # deadkey:allow aws-access-key\n", token(2)));
    write(folder.path(), "c.py", format!("a = '{}'  # deadkey:allow revoked long ago\n", token(3)));
    write(folder.path(), "d.py", format!("a = '{}'  // deadkey:allow github-*,aws-*\n", token(4)));
    write(folder.path(), "e.py", format!("a = '{}'  // deadkey:allowed\n", token(5)));
    let run = scan(folder.path(), &[]);
    assert_eq!(open(&run), ["b.py:1", "e.py:1"]);
    let reasons: Vec<_> =
        run.json_lines().iter().filter_map(|f| f["suppressions"][0]["reason"].as_str().map(str::to_owned)).collect();
    assert_eq!(reasons, ["for the tests", "revoked long ago"]);
    let sarif: Value =
        serde_json::from_str(&deadkey(folder.path(), &["scan", ".", "--format", "sarif"]).stdout).unwrap();
    let suppressed =
        sarif["runs"][0]["results"].as_array().unwrap().iter().filter(|r| r["suppressions"][0]["kind"] == "inSource");
    assert_eq!(suppressed.count(), 3);
    assert!(run.stderr.contains("3"), "{}", run.stderr);
}

#[test]
fn allow_entries_need_all_they_say() {
    let folder = tempfile::tempdir().unwrap();
    for (at, name) in ["a.py", "src/b.py", "src/c.py"].into_iter().enumerate() {
        write(folder.path(), name, format!("x = '{}'\n", token(at as u64)));
    }
    let before = scan(folder.path(), &[]);
    assert_eq!(open(&before), ["a.py:1", "src/b.py:1", "src/c.py:1"]);
    let id = fingerprint(&before, "src/c.py");
    let head = &token(1)[..14];
    for (entries, left) in [
        ("[[allow]]\nrule = 'github-*'\npath = 'src/'\n".to_owned(), vec!["a.py:1"]),
        (format!("[[allow]]\nfingerprint = '{id}'\n"), vec!["a.py:1", "src/b.py:1"]),
        (format!("[allow-id.'{id}']\nreason = 'rotated'\n"), vec!["a.py:1", "src/b.py:1"]),
        (format!("[[allow]]\nvalue = '^{head}'\n"), vec!["a.py:1", "src/c.py:1"]),
        (format!("[[allow]]\nvalue = '^{head}'\npath = 'a.py'\n"), vec!["a.py:1", "src/b.py:1", "src/c.py:1"]),
        (
            "[[allow]]\npath = 'src/'\nexpires = '2000-01-01'\nowner = 'ann'\n".to_owned(),
            vec!["a.py:1", "src/b.py:1", "src/c.py:1"],
        ),
        ("[[allow]]\npath = 'src/'\nexpires = '9999-01-01'\n".to_owned(), vec!["a.py:1"]),
        ("[paths]\nskip = ['/src/']\n".to_owned(), vec!["a.py:1"]),
        ("[rules]\nexclude = ['github-*']\n".to_owned(), vec![]),
    ] {
        write(folder.path(), ".deadkey.toml", &entries);
        let run = scan(folder.path(), &[]);
        assert_eq!(open(&run), left, "{entries}\n{}", run.stderr);
        assert_eq!(run.code, i32::from(!left.is_empty()), "{entries}");
        if entries.contains("2000-01-01") {
            let remark = run.json_lines()[1]["remarks"][0].as_str().unwrap().to_owned();
            assert!(
                remark.contains(".deadkey.toml:1") && remark.contains("2000-01-01") && remark.contains("ann"),
                "{remark}"
            );
            assert!(run.stderr.contains("expired"), "{}", run.stderr);
        }
        if entries.contains("a.py") {
            assert!(run.stderr.contains(".deadkey.toml:1: an allow entry that is of no use"), "{}", run.stderr);
        }
    }
}

#[test]
fn nested_files_add_and_the_nearest_wins() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), ".git/HEAD", "ref: refs/heads/main\n");
    write(folder.path(), ".deadkey.toml", "confidence = 'high'\n[[allow]]\npath = '/a.py'\n");
    write(folder.path(), "sub/.deadkey.toml", "confidence = 'low'\njobs = 3\n[[allow]]\npath = '/a.py'\n");
    for name in ["a.py", "sub/a.py", "sub/b.py", "sub/x/a.py"] {
        write(
            folder.path(),
            name,
            format!("x = '{}'\n", token(name.len() as u64 * 31 + name.as_bytes()[4 % name.len()] as u64)),
        );
    }
    write(folder.path(), "test/low.py", format!("password = '{}'\n", "kR7vQm2Lx9"));
    write(folder.path(), "sub/test/low.py", format!("password = '{}'\n", "hT4wZn8Bc3"));
    let run = deadkey(folder.path(), &["scan", ".", "--no-history", "--format", "jsonl"]);
    assert_eq!(open(&run), ["sub/b.py:1", "sub/test/low.py:1", "sub/x/a.py:1"], "{}", run.stderr);
    assert!(run.stderr.contains("sub/.deadkey.toml: `jobs` count only where"), "{}", run.stderr);
    // The same from inside, and of a single file.
    let run = deadkey(&folder.path().join("sub"), &["scan", ".", "--format", "jsonl"]);
    assert_eq!(open(&run), ["b.py:1", "test/low.py:1", "x/a.py:1"], "{}", run.stderr);
    let run = deadkey(folder.path(), &["scan", "sub/a.py", "sub/b.py", "--format", "jsonl"]);
    assert_eq!(open(&run), ["sub/b.py:1"]);
}

#[test]
fn what_is_wrong_is_named_with_file_line_and_key() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.py", format!("x = '{}'\n", token(1)));
    for (text, said) in [
        ("confidance = 'low'\n", ".deadkey.toml:1: `confidance` is no key of deadkey's; did you mean `confidence`?"),
        (
            "\n[rules]\nexlude = []\n",
            ".deadkey.toml:3: `rules.exlude` is no key of deadkey's; did you mean `rules.exclude`?",
        ),
        ("confidence = 'hi'\n", ".deadkey.toml:1: `confidence` is `hi`; write low, medium, high or confirmed"),
        ("jobs = 0\n", ".deadkey.toml:1: `jobs` is 0; write a whole number from 1 to 1024"),
        ("[[allow]]\nreason = 'x'\n", ".deadkey.toml:1: this `[[allow]]` would allow everything"),
        ("[[allow]]\nvalue = '('\n", ".deadkey.toml:2: `allow.value` is no regular expression"),
        ("[[allow]]\nvalue = '.*'\n", ".deadkey.toml:2: `allow.value` fits the empty text"),
        ("[[allow]]\nfingerprint = 'x'\n", ".deadkey.toml:2: this is no fingerprint"),
        ("[[allow]]\nrule = 'a'\nexpires = 2026-01-01\n", ".deadkey.toml:3: `allow.expires` is a datetime"),
        ("x = [\n", ".deadkey.toml:"),
        ("extends = 'none.toml'\n", ".deadkey.toml:1: `extends`: there is no file none.toml"),
        ("extends = '.deadkey.toml'\n", "more than 8 files extend one another"),
        ("[rules]\nfiles = ['none.toml']\n", "`rules.files` at .deadkey.toml:2"),
        ("[rules]\nselect = ['githob-pat']\n", ".deadkey.toml:2: `rules.select` names 'githob-pat'"),
    ] {
        write(folder.path(), ".deadkey.toml", text);
        let run = scan(folder.path(), &[]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{text}");
        assert!(run.stderr.contains(said), "{text}\n{}", run.stderr);
        let check = deadkey(folder.path(), &["config", "check"]);
        assert!(
            text.contains("rules]\nfiles") || text.contains("githob") || check.code == 2,
            "{text} {}",
            check.stderr
        );
    }
    // A file of a folder below is read when something is found there; what was found is reported nevertheless.
    fs::remove_file(folder.path().join(".deadkey.toml")).unwrap();
    write(folder.path(), "sub/.deadkey.toml", "nonsense = 1\n");
    write(folder.path(), "sub/a.py", format!("x = '{}'\n", token(2)));
    let run = scan(folder.path(), &[]);
    assert_eq!((run.code, open(&run).len()), (2, 2));
    assert!(run.stderr.contains("sub/.deadkey.toml:1: `nonsense`"), "{}", run.stderr);
    assert_eq!(deadkey(folder.path(), &["config", "check"]).code, 2);
}

#[test]
fn a_gitleaksignore_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for (at, name) in ["a.py", "b.py", "c.py"].into_iter().enumerate() {
        write(folder.path(), name, format!("\nx = '{}'\n", token(at as u64)));
    }
    write(
        folder.path(),
        ".gitleaksignore",
        "# known\na.py:github-pat:2\nb.py:github-pat:3\n./c.py:generic-api-key:2\nrubbish\n",
    );
    let run = scan(folder.path(), &[]);
    assert_eq!(open(&run), ["b.py:2", "c.py:2"], "{}", run.stderr);
    assert!(run.stderr.contains(".gitleaksignore:5: no fingerprint of gitleaks"), "{}", run.stderr);
    write(folder.path(), ".deadkey.toml", "gitleaksignore = false\n");
    assert_eq!(open(&scan(folder.path(), &[])).len(), 3);
}

/// A repository with a base on `main`, and a branch `topic` checked out.
struct Request {
    folder: tempfile::TempDir,
}

impl Request {
    fn new(base: &[(&str, String)]) -> Request {
        let request = Request { folder: tempfile::tempdir().unwrap() };
        request.git(&["init", "-q", "-b", "main"]);
        request.commit(base);
        request.git(&["checkout", "-q", "-b", "topic"]);
        request
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        git.current_dir(self.root()).args(["-c", "user.name=a", "-c", "user.email=a@example.org"]).args(arguments);
        let output = git.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
        assert!(output.status.success(), "{arguments:?} {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn commit(&self, files: &[(&str, String)]) {
        files.iter().for_each(|(path, text)| write(self.root(), path, text));
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    }

    /// The range of the branch, judged by what `main` says.
    fn judged(&self, more: &[&str]) -> Run {
        let mut arguments = vec!["git", "--range", "main..topic", "--policy-from", "main", "--format", "jsonl"];
        arguments.extend(more);
        deadkey(self.root(), &arguments)
    }

    fn remarks(run: &Run) -> String {
        run.json_lines().iter().map(|finding| finding["remarks"].to_string()).collect()
    }
}

/// Every way in which a request could let its own leak be is refused, named, and counts when it is accepted.
#[test]
#[allow(clippy::too_many_lines)] // A table.
fn a_request_cannot_turn_the_check_off() {
    let leak = |seed| format!("x = '{}'\n", token(seed));
    let allow = "[[allow]]\npath = '*.py'\nreason = 'trust me'\n".to_owned();
    let cases: Vec<(&str, Vec<(&str, String)>, Vec<(&str, String)>, &str)> = vec![
        (
            "the policy is edited",
            vec![(".deadkey.toml", "confidence = 'medium'\n".into())],
            vec![("a.py", leak(1)), (".deadkey.toml", allow.clone())],
            "the allow entry at .deadkey.toml:1",
        ),
        (
            "a policy is added",
            vec![],
            vec![("a.py", leak(1)), (".deadkey.toml", allow.clone())],
            "the allow entry at .deadkey.toml:1",
        ),
        (
            "a policy is added in a folder",
            vec![],
            vec![("sub/a.py", leak(1)), ("sub/.deadkey.toml", allow.clone())],
            "the allow entry at sub/.deadkey.toml:1",
        ),
        (
            "an ignore file is edited",
            vec![(".gitleaksignore", "z.py:x:1\n".into())],
            vec![("a.py", leak(1)), (".gitleaksignore", "z.py:x:1\na.py:github-pat:1\n".into())],
            "the line .gitleaksignore:2",
        ),
        (
            "a pragma is added",
            vec![("a.py", "\n".into())],
            vec![("a.py", format!("x = '{}' # gitleaks:allow\n", token(1)))],
            "`gitleaks:allow` stands on a line",
        ),
        (
            "a line is put below a pragma that is there",
            vec![("a.py", "# pragma: allowlist nextline secret\ny = 1\n".into())],
            vec![("a.py", format!("# pragma: allowlist nextline secret\n{}", leak(1)))],
            "`pragma: allowlist nextline secret` stands",
        ),
        (
            "a policy that is extended is edited",
            vec![(".deadkey.toml", "extends = 'team.toml'\n".into()), ("team.toml", String::new())],
            vec![("a.py", leak(1)), ("team.toml", allow.clone())],
            "the allow entry at team.toml:1",
        ),
    ];
    for (what, base, head, said) in cases {
        let request = Request::new(&base);
        request.commit(&head);
        let run = request.judged(&[]);
        assert_eq!((run.code, open(&run).len()), (1, 1), "{what}: {}", run.stderr);
        let remarks = Request::remarks(&run);
        assert!(
            remarks.contains(said) && remarks.contains("--accept-new-allow") && remarks.contains("new against main"),
            "{what}: {remarks}"
        );
        let accepted = request.judged(&["--accept-new-allow"]);
        assert_eq!((accepted.code, open(&accepted).len()), (0, 0), "{what}: {}", accepted.stderr);
        let own = deadkey(request.root(), &["git", "--range", "main..topic", "--format", "jsonl"]);
        assert_eq!(own.code, 0, "{what}: without --policy-from it would be let be: {}", own.stderr);
        // Once merged it counts.
        request.git(&["checkout", "-q", "main"]);
        request.git(&["merge", "-q", "--ff-only", "topic"]);
        let merged =
            deadkey(request.root(), &["scan", ".", "--no-history", "--policy-from", "main", "--format", "jsonl"]);
        assert_eq!(merged.code, 0, "{what}: {}", merged.stderr);
    }
}

#[test]
fn skipping_excluding_and_confidence_of_a_request_do_not_count() {
    for (text, said) in [
        ("[paths]\nskip = ['*.py']\n", "`paths.skip` at .deadkey.toml:2"),
        ("[rules]\nexclude = ['github-*']\n", "`rules.exclude` at .deadkey.toml:2"),
        ("confidence = 'confirmed'\n[rules]\nselect = ['aws-*']\n", ""),
        ("baseline = 'known.jsonl'\npragmas = true\n", ""),
    ] {
        let request = Request::new(&[("b.py", "\n".into())]);
        request.commit(&[("a.py", format!("x = '{}'\n", token(1))), (".deadkey.toml", text.into())]);
        let run = request.judged(&[]);
        assert_eq!((run.code, open(&run).len()), (1, 1), "{text}: {}", run.stderr);
        assert!(Request::remarks(&run).contains(said), "{text}");
        assert!(run.stderr.contains(".deadkey.toml differs from the one of main"), "{text}: {}", run.stderr);
        // What the message offers, it does.
        let accepted = request.judged(&["--accept-new-allow"]);
        assert_eq!(accepted.code, i32::from(said.is_empty()), "{text}: {}", accepted.stderr);
    }
}

#[test]
fn rules_of_a_request_do_not_count() {
    let rules = |allow: &str| format!("[extend]\nuseDefault = true\n[allowlist]\npaths = ['{allow}']\n");
    let request = Request::new(&[(".gitleaks.toml", rules("none")), ("team/base.toml", rules("none"))]);
    request.commit(&[("a.py", format!("x = '{}'\n", token(1))), (".gitleaks.toml", rules(".*"))]);
    let run = request.judged(&["--rules", ".gitleaks.toml"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let run = request.judged(&["--rules", "new.toml"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("there is no main:new.toml"), "{}", run.stderr);
    // Neither does what such a file extends.
    let extending = "[extend]\npath = 'team/base.toml'\n";
    let request = Request::new(&[(".gitleaks.toml", extending.into()), ("team/base.toml", rules("none"))]);
    request.commit(&[("a.py", format!("x = '{}'\n", token(1))), ("team/base.toml", rules(".*"))]);
    let run = request.judged(&["--rules", ".gitleaks.toml"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
}

#[test]
fn what_the_base_allows_stays_allowed() {
    let line = format!("x = '{}' # gitleaks:allow\n", token(1));
    let base = [("a.py", line.clone()), (".deadkey.toml", "[[allow]]\npath = '/b.py'\n".to_owned())];
    let request = Request::new(&base);
    request.commit(&[("a.py", format!("import os\n\n{line}")), ("b.py", format!("y = '{}'\n", token(2)))]);
    let run = deadkey(request.root(), &["scan", ".", "--policy-from", "main", "--format", "jsonl"]);
    assert_eq!((run.code, open(&run).len()), (0, 0), "{}", run.stderr);
    // Taking an entry away does not count before it is merged, either.
    request.commit(&[(".deadkey.toml", String::new())]);
    let run = deadkey(request.root(), &["scan", ".", "--policy-from", "main", "--format", "jsonl"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = deadkey(request.root(), &["scan", ".", "--policy-from", "nowhere"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--policy-from nowhere"), "{}", run.stderr);
}

#[test]
fn a_comment_moves_with_a_renamed_file_and_with_nothing_else() {
    let line = |seed| format!("x = '{}' # gitleaks:allow\n", token(seed));
    let base = || {
        let request = Request::new(&[("old/a.py", format!("import os\n{}", line(1))), ("b.py", "y = 1\n".into())]);
        request.git(&["mv", "old/a.py", "new.py"]);
        request
    };
    let judged = |request: &Request| {
        let tree = ["scan", ".", "--no-history", "--policy-from", "main", "--format", "jsonl"];
        let (range, tree) = (request.judged(&[]), deadkey(request.root(), &tree));
        assert_eq!((range.code, open(&range)), (tree.code, open(&tree)), "{} {}", range.stderr, tree.stderr);
        (range.code, open(&range))
    };
    let renamed = base();
    renamed.commit(&[]);
    assert_eq!(judged(&renamed), (0, vec![]));
    // Edited elsewhere, git still calls it a rename; a further line is new.
    let edited = base();
    edited.commit(&[("new.py", format!("import os, sys\n\n{}print(x)\n", line(1)))]);
    assert_eq!(judged(&edited), (0, vec![]));
    let added = base();
    added.commit(&[("new.py", format!("import os\n{}{}", line(1), line(2)))]);
    assert_eq!(judged(&added), (1, vec!["new.py:3".to_owned()]));
    let changed = base();
    changed.commit(&[("new.py", format!("import os\n{}", line(2)))]);
    assert_eq!(judged(&changed), (1, vec!["new.py:2".to_owned()]));
}

#[test]
fn ci_judges_a_request_by_its_target() {
    let request = Request::new(&[("b.py", "\n".into())]);
    let leak = format!("x = '{}' # gitleaks:allow\n", token(1));
    request.commit(&[("a.py", leak), (".deadkey.toml", "[[allow]]\npath = '*.py'\n".into())]);
    let head = request.git(&["rev-parse", "topic"]);
    let variables = [
        ("GITLAB_CI", "true"),
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_COMMIT_SHA", head.as_str()),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", ""),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("CI_PROJECT_ID", "1"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "1"),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "1"),
    ];
    let run = |more: &[&str]| {
        let mut arguments = vec!["ci", "--no-sarif", "--format", "jsonl"];
        arguments.extend(more);
        deadkey_with(request.root(), &arguments, &variables, b"")
    };
    let judged = run(&[]);
    assert_eq!(judged.code, 1, "{}{}", judged.stderr, judged.stdout);
    assert!(Request::remarks(&judged).contains("--accept-new-allow"), "{}", judged.stdout);
    assert_eq!(run(&["--accept-new-allow"]).code, 0);
}

#[test]
fn a_request_without_a_known_base_has_no_policy_of_its_own() {
    let request = Request::new(&[("b.py", "\n".into())]);
    let leak = |seed, more: &str| format!("x = '{}'{more}\n", token(seed));
    request.commit(&[
        ("a.py", leak(1, "")),
        ("c.py", leak(2, " # gitleaks:allow")),
        ("d.py", leak(3, "")),
        (".deadkey.toml", "baseline = 'known'\n[[allow]]\npath = '/a.py'\n".into()),
        (".gitleaksignore", "d.py:github-pat:1\n".into()),
    ]);
    assert_eq!(deadkey(request.root(), &["baseline", "create", "--baseline", "known", "a.py"]).code, 0);
    let variables = [
        ("CIRCLECI", "true"),
        ("CIRCLE_SHA1", &*request.git(&["rev-parse", "topic"])),
        ("CIRCLE_BRANCH", "topic"),
        ("CIRCLE_PULL_REQUEST", "https://github.com/acme/shop/pull/7"),
    ];
    let run = |more: &[&str], base: &[(&str, &str)]| {
        let arguments = [&["ci", "--no-sarif", "--format", "jsonl"], more].concat();
        deadkey_with(request.root(), &arguments, &[&variables[..], base].concat(), b"")
    };
    let unknown = run(&[], &[]);
    assert_eq!((unknown.code, open(&unknown)), (1, ["a.py:1", "c.py:1", "d.py:1"].map(str::to_owned).to_vec()));
    assert!(unknown.stderr.contains("nothing tells what this request is to go into"), "{}", unknown.stderr);
    assert_eq!(run(&["--accept-new-allow"], &[]).code, 0);
    for more in [["--baseline", "known"], ["--config", ".deadkey.toml"], ["--rules", "rules.toml"]] {
        let refused = run(&more, &[]);
        assert_eq!((refused.code, refused.stdout.as_str(), refused.stderr.lines().count()), (2, "", 1));
        assert!(
            refused.stderr.contains(&more.join(" ")) && refused.stderr.contains("DEADKEY_BASE"),
            "{}",
            refused.stderr
        );
    }
    // Named, it counts; and without policy files comments do not count either.
    for (more, base) in [
        (&["--policy-from", "main"][..], &[][..]),
        (&[], &[("DEADKEY_BASE", "main")]),
        (&["--no-config"], &[("DEADKEY_BASE", "main")]),
    ] {
        let known = run(more, base);
        assert_eq!((known.code, open(&known).len()), (1, 3), "{more:?}: {}", known.stderr);
        assert!(Request::remarks(&known).contains("`gitleaks:allow` stands on a line"), "{more:?}");
        assert!(!known.stderr.contains("nothing tells"), "{more:?}: {}", known.stderr);
    }
}

/// Whoever is told to take an entry out must have looked at all that it may be about.
#[test]
fn an_entry_is_of_no_use_only_where_all_was_scanned_that_it_is_about() {
    let request = Request::new(&[("a.py", format!("x = '{}'\n", token(1))), ("sub/b.py", "y = 1\n".into())]);
    write(request.root(), ".deadkey.toml", "[[allow]]\nrule = 'aws-*'\n");
    write(request.root(), "sub/.deadkey.toml", "[[allow]]\nname = 'never'\n");
    write(request.root(), "sub/b.py", format!("y = '{}'\n", token(2)));
    let unused = |arguments: &[&str]| {
        let run = deadkey(request.root(), arguments);
        let lines = run.stderr.lines().filter(|line| line.contains("of no use any more"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let all = unused(&["scan", "."]);
    assert!(all.contains(".deadkey.toml:1") && all.contains("sub/.deadkey.toml:1"), "{all}");
    let below = unused(&["scan", "sub"]);
    assert!(below.contains("sub/.deadkey.toml:1") && !below.contains(" .deadkey.toml:1"), "{below}");
    for arguments in [
        &["scan", "a.py"][..],
        &["scan", "sub/b.py"],
        &["scan", ".", "--rule", "github-*"],
        &["scan", ".", "--exclude-rule", "aws-*"],
        &["scan", ".", "--no-history"],
        &["git", "--staged"],
        &["log", "a.py"],
    ] {
        assert_eq!(unused(arguments), "", "{arguments:?}");
    }
}

#[test]
fn a_shared_policy_is_taken_by_ref_and_digest() {
    let shared = Request::new(&[(".deadkey.toml", "[[allow]]\npath = '/a.py'\n".into())]);
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.py", format!("x = '{}'\n", token(1)));
    let repository = shared.root().display().to_string();
    let extends = |digest: &str| format!("extends = [{{ git = '{repository}', ref = 'main', digest = '{digest}' }}]\n");
    write(folder.path(), ".deadkey.toml", extends(""));
    let run = scan(folder.path(), &[]);
    assert_eq!(run.code, 2);
    let digest = run.stderr.split('"').nth(1).unwrap_or_else(|| panic!("{}", run.stderr)).to_owned();
    write(folder.path(), ".deadkey.toml", extends(&digest));
    assert_eq!(scan(folder.path(), &[]).code, 0);
    shared.git(&["checkout", "-q", "main"]);
    shared.commit(&[(".deadkey.toml", "[[allow]]\npath = '*'\n".into())]);
    let run = scan(folder.path(), &[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("not the one given"), "{}", run.stderr);
    write(
        folder.path(),
        ".deadkey.toml",
        "extends = [{ git = 'https://example.org/p.git', ref = 'v1', digest = 'x' }]\n",
    );
    let run = scan(folder.path(), &[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("run: git clone --bare https://example.org/p.git "), "{}", run.stderr);
}

#[test]
fn a_pragma_in_a_stream_counts_as_in_a_file() {
    let mut text = vec![b'a'; 3 << 20];
    text.chunks_mut(64).for_each(|line| line[0] = b'\n');
    text.extend(format!("\nx = '{}' # gitleaks:allow\ny = '{}'\n", token(1), token(2)).bytes());
    text.extend(vec![b'\n'; 2 << 20]);
    let run = deadkey_with(Path::new("/"), &["scan", "-", "--format", "jsonl"], &[], &text);
    assert_eq!(run.code, 1);
    assert_eq!(open(&run).len(), 1, "{}", run.stdout);
}

#[test]
fn the_text_report_prints_the_line_that_allows() {
    let folder = tempfile::tempdir().unwrap();
    for columns in ["80", "140"] {
        write(folder.path(), ".deadkey.toml", "");
        write(folder.path(), "a.py", format!("x = '{}'\n", token(1)));
        let run = deadkey_with(folder.path(), &["scan", "."], &[("COLUMNS", columns)], b"");
        // What a terminal of that width would break in two cannot be copied.
        let longest = run.stdout.lines().map(|line| line.chars().count()).max();
        assert!(longest.is_some_and(|longest| longest <= columns.parse().unwrap()), "{}", run.stdout);
        let line =
            run.stdout.lines().find_map(|line| line.trim().strip_prefix("allow ")).expect("a line").trim().to_owned();
        assert!(run.stdout.contains("# in .deadkey.toml"), "{}", run.stdout);
        write(folder.path(), ".deadkey.toml", format!("{line}\n"));
        let run = deadkey(folder.path(), &["scan", "."]);
        assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{line} {}", run.stderr);
    }
}

#[test]
fn init_writes_a_file_once_and_show_says_where_values_come_from() {
    let folder = tempfile::tempdir().unwrap();
    let run = deadkey(folder.path(), &["init"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(deadkey(folder.path(), &["config", "check"]).code, 0);
    assert_eq!(scan(folder.path(), &[]).code, 0);
    let again = deadkey(folder.path(), &["init"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains(".deadkey.toml is there already"), "{}", again.stderr);
    write(folder.path(), ".deadkey.toml", "confidence = 'low'\n[[allow]]\nrule = 'aws-*'\nreason = 'sandbox'\n");
    let run = deadkey(folder.path(), &["config", "show", "--jobs", "3", "--fail-on", "high,confirmed"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for said in [
        "low",
        ".deadkey.toml:1",
        "--jobs",
        "high,confidence:confirmed",
        "--fail-on",
        "built in",
        "sandbox",
        ".deadkey.toml:2",
    ] {
        assert!(run.stdout.contains(said), "{said}\n{}", run.stdout);
    }
}

#[test]
fn a_baseline_of_a_request_does_not_count() {
    let request = Request::new(&[("b.py", "\n".into())]);
    request.git(&["checkout", "-q", "main"]);
    let made = deadkey(request.root(), &["baseline", "create", "--baseline", "known.jsonl", "--no-history"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    request.commit(&[]);
    request.git(&["checkout", "-q", "-B", "topic"]);
    request.commit(&[("a.py", format!("x = '{}'\n", token(1)))]);
    let updated = deadkey(request.root(), &["baseline", "update", "--baseline", "known.jsonl", "--no-history"]);
    assert_eq!(updated.code, 0, "{}", updated.stderr);
    request.commit(&[]);
    let judged = request.judged(&["--baseline", "known.jsonl"]);
    assert_eq!(judged.code, 1);
    let remarks = Request::remarks(&judged);
    assert!(remarks.contains("its entry in the baseline known.jsonl is new against main"), "{remarks}");
    let accepted = request.judged(&["--baseline", "known.jsonl", "--accept-new-allow"]);
    assert_eq!(accepted.code, 0, "{}", accepted.stderr);
    let own = ["git", "--range", "main..topic", "--baseline", "known.jsonl"];
    assert_eq!(deadkey(request.root(), &own).code, 0, "without --policy-from it is known");
}

#[test]
fn the_schema_knows_the_keys_that_are_read() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema/deadkey.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (table, pointer) in [
        ("", "/properties"),
        ("[rules]\n", "/properties/rules/properties"),
        ("[paths]\n", "/properties/paths/properties"),
        ("[limits]\n", "/properties/limits/properties"),
        ("[[allow]]\n", "/definitions/allow/properties"),
    ] {
        write(folder.path(), ".deadkey.toml", format!("{table}zzzzzzzzzz = 1\n"));
        let said = deadkey(folder.path(), &["config", "check"]).stderr;
        let mut read: Vec<&str> = said.trim().rsplit("the keys here are ").next().unwrap().split(", ").collect();
        let mut known: Vec<&str> =
            schema.pointer(pointer).unwrap().as_object().unwrap().keys().map(String::as_str).collect();
        read.sort_unstable();
        known.sort_unstable();
        assert_eq!(read, known, "{table} {said}");
    }
}

/// A pragma in the file of today covers the same credential in the file's history, and not the other way round.
#[test]
fn a_pragma_covers_the_history_of_its_file() {
    let request = Request::new(&[("a.py", format!("x = '{}'\n", token(1)))]);
    assert_eq!(deadkey(request.root(), &["scan", "."]).code, 1);
    request.commit(&[("a.py", format!("x = '{}' # deadkey:allow\n", token(1)))]);
    let run = deadkey(request.root(), &["scan", ".", "--format", "jsonl"]);
    assert_eq!((run.code, open(&run).len()), (0, 0), "{}", run.stdout);
    request.commit(&[("a.py", format!("y = '{}'\n", token(1)))]);
    assert_eq!(deadkey(request.root(), &["scan", "."]).code, 1);
    request.commit(&[
        ("a.py", format!("x = '{}' # deadkey:allow\n", token(1))),
        ("b.py", format!("x = '{}'\n", token(1))),
    ]);
    let run = deadkey(request.root(), &["scan", ".", "--no-history", "--format", "jsonl"]);
    assert_eq!((run.code, open(&run)), (1, vec!["b.py:1".to_owned()]));
}

#[test]
fn an_entry_of_a_commit_in_an_ignore_file_counts_for_that_commit() {
    let request = Request::new(&[("a.py", format!("x = '{}'\n", token(1)))]);
    let commit = request.git(&["rev-parse", "HEAD"]);
    request.commit(&[("b.py", format!("x = '{}'\n", token(2)))]);
    write(request.root(), ".gitleaksignore", format!("{commit}:a.py:github-pat:1\n{commit}:b.py:github-pat:1\n"));
    let run = deadkey(request.root(), &["git", "--format", "jsonl"]);
    assert_eq!((run.code, open(&run)), (1, vec!["b.py:1".to_owned()]), "{}", run.stdout);
}

#[test]
fn no_policy_message_repeats_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let secret = token(1);
    for text in [
        format!("[[allow]]\nfingerprint = '{secret}'\n"),
        format!("[[allow]]\nvalue = '({secret}'\n"),
        format!("[allow-id.'{secret}']\n"),
        format!("[[allow]]\nvalue = '^{secret}$'\nexpires = '2000-01-01'\n"),
        format!("pragmas = '{secret}'\n"),
        format!("fail_on = '{secret}'\n"),
        format!("{secret} = 1\n"),
        format!("extends = '{secret}'\n"),
    ] {
        write(folder.path(), ".deadkey.toml", &text);
        write(folder.path(), "a.py", format!("x = '{secret}' # deadkey:allow {secret} is dead\n"));
        for arguments in [
            &["scan", ".", "-v"][..],
            &["scan", ".", "--format", "sarif"],
            &["scan", ".", "--format", "jsonl"],
            &["config", "check"],
            &["config", "show"],
        ] {
            let run = deadkey(folder.path(), arguments);
            assert!(
                !run.stderr.contains(&secret[10..30]) && !run.stdout.contains(&secret[10..30]),
                "{text} {arguments:?}\n{}",
                run.stderr
            );
        }
    }
}

#[test]
fn a_log_knows_allow_entries_and_no_pragmas() {
    let folder = tempfile::tempdir().unwrap();
    let log = format!("one {} # gitleaks:allow\ntwo {}\n", token(1), token(2));
    let run = |folder: &Path| deadkey_with(folder, &["log", "-", "--format", "jsonl"], &[], log.as_bytes());
    let before = run(folder.path());
    assert_eq!((before.code, before.json_lines().len()), (1, 2), "{}", before.stderr);
    let ids: Vec<_> = before.json_lines().iter().map(|f| format!("[allow-id.{}]\n", f["fingerprint"])).collect();
    write(folder.path(), ".deadkey.toml", &ids[0]);
    let run_one = run(folder.path());
    assert_eq!((run_one.code, run_one.json_lines().len()), (1, 1), "{}", run_one.stderr);
    write(folder.path(), ".deadkey.toml", ids.concat());
    assert_eq!(run(folder.path()).code, 0);
}
