//! `docs/proofs.md` lists the offline proofs that there are, and where their facts come from.
//!
//! It is made of the proofs' own documentation: `DEADKEY_WRITE_DOCS=1 cargo test -p detect --test proofs_page` writes it.

use detect::proofs::{Outcome, check, is_certain, is_decisive, seal};
use rules::Proof;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/proofs")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The module that checks each proof, as the one entry point says.
fn modules() -> BTreeMap<String, String> {
    let text = read(&folder().join("mod.rs"));
    let (_, body) = text.split_once("pub fn check(").expect("the entry point");
    let (body, _) = body.split_once("\n}\n").expect("its end");
    let mut waiting = Vec::new();
    let mut of = BTreeMap::new();
    for word in body.split(|c: char| c.is_whitespace() || c == '(') {
        if let Some(variant) = word.strip_prefix("Proof::") {
            waiting.push(variant.to_owned());
        } else if let Some((module, _)) = word.split_once("::") {
            of.extend(waiting.drain(..).map(|variant| (variant, module.to_owned())));
        }
    }
    of
}

/// The sentences at the head of a file that name its sources.
fn sources(module: &str) -> String {
    let file = folder().join(format!("{module}.rs"));
    let files = if file.exists() { vec![file] } else { files_of(&folder().join(module)) };
    let mut told = String::new();
    for file in files {
        let text = read(&file);
        let head: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
        let head = head.join(" ");
        if let Some(at) = head.find("Source") {
            let _ = write!(told, "{}{}", if told.is_empty() { "" } else { " " }, &head[at..]);
        }
    }
    told
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files
}

fn page() -> String {
    let modules = modules();
    let of =
        |proof: &Proof| modules.get(&format!("{proof:?}")).unwrap_or_else(|| panic!("{proof:?} is checked nowhere"));
    let mut page = format!(
        "# Offline proofs\n\n<!-- Written by crates/detect/tests/proofs_page.rs; see there. -->\n\n\
        A proof looks at a credential's bytes alone. {} of them are built in; a rule names one as `proof` ([rules.md](rules.md)). One that \
        passes and *decides* confirms a finding: a random value of the same shape passes less than once in 10,000. The others \
        only fail to refute, and leave the confidence as it was. One that fails makes the finding `low`, since the value may have a slip; where it \
        rests on nothing but what the tokens seen so far have in common ({}), `medium` at most. What \
        cannot be such a credential at all is taken back.\n\n\
        | proof | what it looks for | decides | sources |\n|---|---|---|---|\n",
        Proof::ALL.len(),
        Proof::ALL
            .iter()
            .filter(|proof| !is_certain(**proof))
            .map(|p| format!("`{}`", p.name()))
            .collect::<Vec<_>>()
            .join(", ")
    );
    for proof in Proof::ALL {
        let decides = if is_decisive(*proof) { "yes" } else { "no" };
        let summary = proof.summary().trim().replace('|', "\\|");
        let _ = writeln!(page, "| `{}` | {summary} | {decides} | {} |", proof.name(), of(proof));
    }
    page.push_str("\n## Sources\n\n");
    let mut told: Vec<&String> = modules.values().collect();
    told.sort();
    told.dedup();
    for module in told {
        let _ = writeln!(page, "- **{module}**: {}", sources(module));
    }
    page
}

#[test]
fn the_page_is_what_the_proofs_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/proofs.md");
    let page = page();
    if env::var_os("DEADKEY_WRITE_DOCS").is_some() {
        fs::write(&path, &page).expect("a writable page");
    }
    assert!(
        read(&path) == page,
        "docs/proofs.md is out of date: DEADKEY_WRITE_DOCS=1 cargo test -p detect --test proofs_page"
    );
}

#[test]
fn every_module_names_its_sources() {
    for (proof, module) in modules() {
        assert!(sources(&module).len() > 20, "{module}, which checks {proof}, names no source");
    }
}

#[test]
fn every_proof_refuses_something() {
    for proof in Proof::ALL {
        assert_ne!(check(*proof, b"nothing of the kind"), Outcome::Passed, "{}", proof.name());
        assert!(!seal(*proof, &mut Vec::new()) || check(*proof, b"") != Outcome::Passed, "{}", proof.name());
    }
}
