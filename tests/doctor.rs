//! `deadkey doctor` tells what is there, and no secret.

use crate::found::{git, holding, secret, shown};
use crate::program::{deadkey, deadkey_with};
use serde_json::Value;
use std::fs;
use testkit::Repository;

#[test]
fn doctor_sees_the_repository_and_the_configuration() {
    let mut origin = Repository::new();
    origin.commit_file("a.txt", "a\n");
    origin.commit_file(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
    let module = format!("[submodule \"x\"]\n\tpath = x\n\turl = https://jo:{}@example.invalid/x.git\n", secret(1));
    origin.commit_file(".gitmodules", &module);
    origin.commit_file(".gitleaks.toml", "title = \"x\"\n");
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("file://{}", origin.path().display());
    git(folder.path(), &["clone", "-q", "--depth=1", &url, "clone"]);
    let clone = folder.path().join("clone");
    fs::create_dir(clone.join("sub")).expect("made");
    let run = deadkey(&clone.join("sub"), &["doctor", "--json"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let facts: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(facts["version"], env!("CARGO_PKG_VERSION"));
    assert!(facts["rules"]["number"].as_u64().is_some_and(|number| number > 100));
    assert!(facts["rules"]["digest"].is_string() && facts["git"].is_string());
    let repository = &facts["repository"];
    assert_eq!((&repository["shallow"], &repository["lfs"], &repository["submodules"]), (&1.into(), &true.into(), &1.into()));
    assert_eq!(repository["submodules_missing"][0], "x");
    let configuration = facts["configuration"]["rule_files"][0].as_str().expect("one");
    assert!(configuration.ends_with("clone/.gitleaks.toml"), "{configuration}");
    assert_eq!(facts["ci"]["system"], "plain");
    let text = deadkey(&clone, &["doctor"]);
    for line in ["history        shallow, cut off at 1 commits; `git fetch --unshallow`", "Git LFS  ", "CI             none that"] {
        assert!(text.stdout.contains(line), "{line}: {}", text.stdout);
    }
    assert_eq!(shown([1], &[("json", &run.stdout), ("text", &text.stdout)]), Vec::<String>::new());
    let outside = deadkey(folder.path(), &["doctor"]);
    assert!(outside.stdout.contains("repository     none here"), "{}", outside.stdout);
}

#[test]
fn doctor_sees_the_pipeline_and_tells_no_key_and_no_name_that_is_one() {
    let mut repository = Repository::new();
    repository.commit_file("a.env", holding(1));
    repository.branch(&format!("fix-{}", secret(2)));
    let head = git(repository.path(), &["rev-parse", "HEAD"]);
    let branch = format!("fix-{}", secret(2));
    let variables = [
        ("GITLAB_CI", "true"),
        ("CI_PROJECT_VISIBILITY", "public"),
        ("CI_PIPELINE_SOURCE", "push"),
        ("CI_COMMIT_SHA", head.as_str()),
        ("CI_COMMIT_BRANCH", branch.as_str()),
        ("CI_DEFAULT_BRANCH", branch.as_str()),
        ("DEADKEY_KEY", "an organisation's key of some length"),
    ];
    let text = deadkey_with(repository.path(), &["doctor"], &variables, b"");
    let json = deadkey_with(repository.path(), &["doctor", "--json"], &variables, b"");
    assert_eq!((text.code, json.code), (0, 0), "{} {}", text.stderr, json.stderr);
    assert!(text.stdout.contains("visibility     public: ") && text.stdout.contains("GitLab CI"), "{}", text.stdout);
    let facts: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!((&facts["ci"]["visibility"], &facts["key"]["guessable"]), (&"public".into(), &false.into()));
    for run in [&text, &json] {
        assert!(!run.stdout.contains("an organisation's key"), "{}", run.stdout);
        assert_eq!(shown([1, 2], &[("out", &run.stdout), ("err", &run.stderr)]), Vec::<String>::new());
    }
}
