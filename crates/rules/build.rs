//! Lays the built-in rules out as tables: parses and compiles `rules/*.toml`, writes them as bytes. Nothing else:
//! examples run in tests, automata are built when first needed.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "the modules are the library's; only a part is used here")]

#[path = "src/compile.rs"]
mod compile;
#[path = "src/error.rs"]
mod error;
#[path = "src/pattern.rs"]
mod pattern;
#[path = "src/proof.rs"]
mod proof;
#[path = "src/revoke.rs"]
mod revoke;
#[path = "src/revoke_text.rs"]
mod revoke_text;
#[path = "src/rule.rs"]
mod rule;
#[path = "src/shape.rs"]
mod shape;
#[path = "src/template.rs"]
mod template;
#[path = "src/text.rs"]
mod text;
#[path = "src/verify.rs"]
mod verify;
#[path = "src/verify_text.rs"]
mod verify_text;

use std::path::{Path, PathBuf};
use std::{env, fs, process};

fn main() {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../rules");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the rules folder is part of the tree")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    let mut rules = Vec::new();
    let mut details = Vec::new();
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for file in &files {
        let text = fs::read_to_string(file).expect("a readable rule file");
        // FNV-1a, 128 bits: names the rule texts, guards against nobody.
        for byte in text.bytes() {
            hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        let name = format!("rules/{}", file.file_name().expect("a file").to_string_lossy());
        match compile::compile_file(&name, &text) {
            Ok(compiled) => compiled.into_iter().for_each(|(rule, detail)| {
                rules.push(rule);
                details.push(detail);
            }),
            Err(error) => {
                println!("cargo::error={error}");
                process::exit(1);
            }
        }
    }
    check_unique(&rules);
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    let bytes = postcard::to_stdvec(&rules).expect("rules are plain data");
    fs::write(out.join("rules.bin"), bytes).expect("a writable folder");
    let bytes = postcard::to_stdvec(&details).expect("details are plain data");
    fs::write(out.join("details.bin"), bytes).expect("a writable folder");
    fs::write(out.join("digest.txt"), format!("{hash:032x}")).expect("a writable folder");
}

fn check_unique(rules: &[rule::Rule]) {
    let mut ids: Vec<&str> = rules.iter().map(|r| r.id.as_str()).collect();
    ids.sort_unstable();
    if let Some(twice) = ids.windows(2).find(|w| w[0] == w[1]) {
        println!("cargo::error=rules: two rules have the id '{}'; rename one", twice[0]);
        process::exit(1);
    }
}
