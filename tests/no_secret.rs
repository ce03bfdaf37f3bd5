//! No report of a history holds a secret, in any format, wherever the secret lies.

use crate::found::{git, holding, look, places, secret, shown};
use crate::program::deadkey;
use std::fs;
use std::path::Path;
use testkit::{Encoding, Repository};

const FORMATS: [&str; 6] = ["text", "jsonl", "sarif", "github", "azure", "markdown"];

/// Secrets 1 to 19, in every place that comes to mind.
fn everywhere() -> Repository {
    let mut repository = Repository::new();
    repository.commit_file("a.env", holding(1));
    repository.commit_file("a.env", holding(2));
    repository.commit(&format!("uses {}\n\nand {}\n", secret(3), secret(4)));
    repository.commit_file(&format!("dir-{}/{}.txt", secret(5), secret(6)), format!("{}\n", secret(5)));
    repository.git(&["tag", "-a", "v1", "-m", &format!("with {}", secret(7))]);
    repository.git(&["notes", "add", "-m", &format!("note: {}", secret(8)), "HEAD"]);
    repository.git(&["branch", &format!("fix-{}", secret(9))]);
    repository.git(&["tag", &format!("tag-{}", secret(10))]);
    let module = format!(
        "[submodule \"x\"]\n\tpath = sub/{}\n\turl = https://jo:{}@example.org/x.git?token={}\n",
        secret(11),
        secret(12),
        secret(13)
    );
    repository.commit_file(".gitmodules", module);
    repository.git(&["remote", "add", "origin", &format!("https://{}@example.org/y.git", secret(14))]);
    let encoded = Encoding::Base64 { url_safe: false, padded: true }.encode(holding(15).as_bytes());
    repository.commit_file("encoded.txt", [b"data: ", &encoded[..], b"\n"].concat());
    repository.write("b.env", holding(16));
    repository.git(&["stash", "push", "-q", "-u", "-m", &format!("stash {}", secret(17))]);
    // The names of people, the one known from elsewhere, the other one not.
    for number in [1, 18] {
        let person = format!("{} <{}@example.invalid>", secret(number), secret(number));
        repository.write("c.env", holding(19 + number));
        repository.git(&["add", "c.env"]);
        repository.git(&["commit", "-q", "-m", "by somebody", &format!("--author={person}")]);
    }
    // What the gaps name: one that is no archive, and a file of a missing content.
    repository.commit_file(&format!("no-archive-{}.zip", secret(6)), b"PK\x03\x04 no archive");
    let name = format!("lost-{}.bin", secret(19));
    repository.commit_file(&name, "lost\n");
    let id = repository.git(&["rev-parse", &format!("HEAD:{name}")]);
    let id = id.trim();
    fs::remove_file(repository.path().join(".git/objects").join(&id[..2]).join(&id[2..])).expect("a loose object");
    repository
}

fn check(folder: &Path, arguments: &[&str], written: &[&str]) {
    for format in FORMATS {
        let mut all = [arguments, &["--format", format]].concat();
        if format != "text" {
            all.push("-v");
        }
        let run = deadkey(folder, &all);
        assert!(matches!(run.code, 0 | 1 | 3), "{arguments:?}: {} {}", run.code, run.stderr);
        let mut texts = vec![("standard output".to_owned(), run.stdout), ("standard error".to_owned(), run.stderr)];
        for name in written {
            texts.push(((*name).to_owned(), fs::read_to_string(folder.join(name)).expect("written")));
        }
        let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (&**name, &**text)).collect();
        assert_eq!(shown(1..=40, &texts), Vec::<String>::new(), "{arguments:?} {format}");
    }
}

#[test]
fn no_report_of_a_history_shows_a_secret() {
    let repository = everywhere();
    let run = look(repository.path(), &["git"]);
    let places = places(&run);
    let missing: Vec<u64> = (1..=17).filter(|number| !places.contains_key(&secret(*number))).collect();
    assert_eq!(missing, Vec::<u64>::new(), "{}", run.stderr);
    assert!(run.stderr.contains("lost-") && run.stderr.contains("submodule"), "{}", run.stderr);
    check(repository.path(), &["git"], &[]);
    check(repository.path(), &["git", "--unreachable", "--confidence", "low", "--strict"], &[]);
    check(repository.path(), &["scan", "."], &[]);
    check(repository.path(), &["git", "--range", "HEAD~6..HEAD"], &[]);
    check(repository.path(), &["ci"], &["deadkey.sarif"]);
}

#[test]
fn nor_does_one_of_what_is_staged_nor_of_a_folder_named_after_a_secret() {
    let repository = Repository::new();
    repository.write(&format!("{}/a.env", secret(1)), holding(2));
    repository.write(&format!("gone-{}.env", secret(3)), holding(3));
    repository.git(&["add", "."]);
    let id = repository.git(&["rev-parse", &format!(":gone-{}.env", secret(3))]);
    let id = id.trim();
    fs::remove_file(repository.path().join(".git/objects").join(&id[..2]).join(&id[2..])).expect("a loose object");
    check(repository.path(), &["git", "--staged"], &[]);
    let folder = tempfile::tempdir().expect("a folder");
    let (origin, name) = (everywhere(), format!("clone-{}", secret(30)));
    // The lost object would stop git.
    let copied = std::process::Command::new("cp").arg("-a").arg(origin.path()).arg(folder.path().join(&name)).status();
    assert!(copied.expect("cp is there").success());
    check(folder.path(), &["git", &name, "--max-commits", "3"], &[]);
    let _ = git(&folder.path().join(&name), &["status", "--short"]);
}
