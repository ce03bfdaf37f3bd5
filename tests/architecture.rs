//! Who may know whom: the table of `docs/design.md`, held by what cargo says of the workspace and by the sources.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every room, built or not, and the rooms it may use.
const ROOMS: [(&str, &[&str]); 16] = [
    ("model", &[]),
    ("rules", &["model"]),
    ("detect", &["model", "rules"]),
    ("walk", &["model"]),
    ("logs", &["model"]),
    ("git", &["model"]),
    // `scan` names rules in findings and applies their path conditions, so it knows them; see docs/design.md.
    ("policy", &["model"]),
    ("scan", &["model", "rules", "detect", "walk", "logs", "git", "policy"]),
    ("hosts", &["model"]),
    ("validate", &["model", "rules"]),
    ("report", &["model"]),
    ("sarif", &[]),
    ("baseline", &["model"]),
    ("tickets", &["model", "report"]),
    ("testkit", &["model"]),
    (
        BINARY,
        &[
            "model", "rules", "detect", "walk", "logs", "git", "policy", "scan", "hosts", "validate", "report",
            "sarif", "baseline", "tickets",
        ],
    ),
];

/// The package of the command line, `crates/cli`.
const BINARY: &str = "deadkey";

/// Crates that only the command line may use.
const ONLY_BINARY: [&str; 2] = ["anyhow", "clap"];

/// What a library does not do, and who does it.
const NOT_IN_LIBRARIES: [(&str, &str); 9] = [
    ("println!", "hand out a value, or write to an io::Write you were given"),
    ("print!", "hand out a value, or write to an io::Write you were given"),
    ("process::exit", "answer an error; the command line decides how to end"),
    ("env::var", "take it as a parameter; the command line reads the environment"),
    ("env::args", "take it as a parameter; the command line reads arguments"),
    ("env::set_var", "take it as a parameter"),
    ("env::current_dir", "take it as a parameter; the command line knows where it stands"),
    ("io::stdout", "write to an io::Write you were given"),
    ("io::stderr", "write to an io::Write you were given"),
];

#[derive(Debug)]
struct Package {
    name: String,
    folder: PathBuf,
    /// Name and kind (`normal`, `dev`, `build`).
    dependencies: Vec<(String, String)>,
}

fn packages() -> Vec<Package> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    metadata["packages"].as_array().expect("packages").iter().map(package).collect()
}

fn package(value: &Value) -> Package {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let dependency = |d: &Value| (text(&d["name"]), d["kind"].as_str().unwrap_or("normal").to_owned());
    let manifest = PathBuf::from(text(&value["manifest_path"]));
    Package {
        name: text(&value["name"]),
        folder: manifest.parent().expect("a manifest lies in a folder").to_owned(),
        dependencies: value["dependencies"].as_array().expect("dependencies").iter().map(dependency).collect(),
    }
}

/// What is wrong with the edges of `packages`, a sentence each.
fn forbidden_edges(packages: &[Package]) -> Vec<String> {
    let table: BTreeMap<&str, &[&str]> = ROOMS.into_iter().collect();
    let mut faults = Vec::new();
    for package in packages {
        let Some(allowed) = table.get(package.name.as_str()) else {
            faults.push(format!(
                "'{}' is no room of the plan; add it to the table of docs/design.md first",
                package.name
            ));
            continue;
        };
        for (name, kind) in &package.dependencies {
            let of_the_house = table.contains_key(name.as_str());
            let for_tests = kind == "dev" && name == "testkit";
            if of_the_house && !for_tests && !allowed.contains(&name.as_str()) {
                let may = allowed.join(", ");
                faults.push(format!("'{}' uses '{name}' ({kind}); it may use: {may}", package.name));
            }
            if package.name != BINARY && kind == "normal" && ONLY_BINARY.contains(&name.as_str()) {
                faults.push(format!("'{}' uses '{name}'; that is for the command line only", package.name));
            }
        }
    }
    faults
}

#[test]
fn rooms_use_only_the_rooms_they_may() {
    let packages = packages();
    assert!(packages.iter().any(|p| p.name == BINARY), "the workspace has its binary");
    assert_eq!(forbidden_edges(&packages), Vec::<String>::new());
}

#[test]
fn forbidden_edges_are_seen() {
    let with = |name: &str, dependency: &str, kind: &str| Package {
        name: name.to_owned(),
        folder: PathBuf::new(),
        dependencies: vec![(dependency.to_owned(), kind.to_owned())],
    };
    for (name, dependency, kind) in [
        ("detect", "git", "normal"),
        ("git", "detect", "dev"),
        ("walk", "testkit", "normal"),
        ("testkit", "rules", "build"),
        ("scan", "anyhow", "normal"),
        ("cellar", "model", "normal"),
    ] {
        assert_eq!(forbidden_edges(&[with(name, dependency, kind)]).len(), 1, "{name} {dependency} {kind}");
    }
    for (name, dependency, kind) in
        [("scan", "git", "normal"), ("walk", "testkit", "dev"), (BINARY, "clap", "normal"), ("git", "tempfile", "dev")]
    {
        assert!(forbidden_edges(&[with(name, dependency, kind)]).is_empty(), "{name} {dependency} {kind}");
    }
}

#[test]
fn every_room_that_is_built_lies_where_the_plan_says() {
    for package in packages() {
        let folder = package.folder.file_name().map(|name| name.to_string_lossy().into_owned());
        if package.name == BINARY {
            assert!(package.folder.join("crates/cli/src/main.rs").exists());
        } else {
            assert_eq!(folder.as_deref(), Some(package.name.as_str()));
            assert!(package.folder.parent().is_some_and(|p| p.ends_with("crates")), "{:?}", package.folder);
        }
    }
}

#[test]
fn libraries_do_not_print_exit_or_read_the_environment() {
    let mut faults = Vec::new();
    for package in packages().into_iter().filter(|p| p.name != BINARY && p.name != "testkit") {
        for file in sources(&package.folder.join("src")) {
            let text = std::fs::read_to_string(&file).expect("a readable source");
            faults.extend(forbidden_words(&text).into_iter().map(|fault| format!("{}:{fault}", file.display())));
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn forbidden_words_are_seen() {
    let seen = |text: &str| forbidden_words(text).len();
    assert_eq!(seen("fn f() {\n    eprintln!(\"{x}\");\n}"), 1);
    assert_eq!(seen("let home = std::env::var_os(\"HOME\");"), 1);
    assert_eq!(seen("use std::process;\nprocess::exit(1)"), 1);
    assert_eq!(seen("/// Never `println!`.\n// std::env::var\nwriteln!(out, \"x\")?; env!(\"OUT_DIR\")"), 0);
}

/// `line: what stands there, and what to do instead`; comments do not count.
fn forbidden_words(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        let found: BTreeSet<_> = NOT_IN_LIBRARIES.into_iter().filter(|(word, _)| stands_in(code, word)).collect();
        // One word may contain another.
        if let Some((word, instead)) = found.into_iter().max_by_key(|(word, _)| word.len()) {
            faults.push(format!("{}: '{word}' in a library; {instead}", number + 1));
        }
    }
    faults
}

/// Whether `word` stands in `code` at the start of a word, `e` as in `eprintln!` not counted.
fn stands_in(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].strip_suffix('e').unwrap_or(&code[..at]);
        !before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
    })
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a source folder") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}
