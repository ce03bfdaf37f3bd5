//! Makes the tables of the likelihood model, `crates/detect/src/judge/tables.rs` and `weights.rs`, from data.
//!
//! An example and not a crate: it needs the detector's features, which nobody else may know, and `testkit`, which only
//! tests may use. `docs/evaluation.md` says on which data it was run. Same data, same bytes.

mod fit;
mod invented;
mod letters;
mod measure;
mod pairs;

use fit::{Sample, Weights};
use pairs::{Binder, Pair};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use testkit::evaluation::{Half, Set};

const HELP: &str = "\
Makes the tables of the likelihood model.

Usage: train tables TREE...
       train weights LINES TREE...

  tables    letter pairs, triples and frequent words of source trees, to judge/tables.rs; build anew before `weights`
  weights   a regression on one half of labelled lines, invented pairs, and what source trees assign to credential-like
            names (taken for no credentials), to judge/weights.rs; prints what it makes of the other half

  TREE      a folder of source; tests and documentation in it are left out
  LINES     labelled lines, JSON lines, gzipped or not
";
/// Of what is invented.
const SEED: u64 = 2026;
const INVENTED: usize = 400;
/// How much a value of a source tree counts: a few of them are credentials, and many come from one hand.
const TREE_WEIGHT: f64 = 0.15;

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let done = match given[..] {
        ["tables", first, ref more @ ..] => tables(&paths(first, more)),
        ["weights", lines, first, ref more @ ..] => weights(Path::new(lines), &paths(first, more)),
        _ => Err(HELP.to_owned()),
    };
    match done {
        Ok(said) => {
            print!("{said}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

fn paths(first: &str, more: &[&str]) -> Vec<PathBuf> {
    std::iter::once(&first).chain(more).map(PathBuf::from).collect()
}

fn tables(trees: &[PathBuf]) -> Result<String, String> {
    let head = "//! Letter statistics of words in public source text, and its most frequent words: generated, see [`super::likelihood`].\n";
    write("tables.rs", &letters::tables(trees, head).map_err(|error| error.to_string())?)
}

fn weights(lines: &Path, trees: &[PathBuf]) -> Result<String, String> {
    let set = Set::read(lines).map_err(|error| error.to_string())?;
    let mut binder = Binder::new();
    let mut training = pairs::of_lines(&set, Half::Training, &mut binder);
    let labelled = training.len();
    training.extend(pairs::of_trees(trees, TREE_WEIGHT, &mut binder).map_err(|error| error.to_string())?);
    let of_trees = training.len() - labelled;
    training.extend(invented::pairs(SEED, INVENTED));
    let weights = fit::fit(&training.iter().map(sample).collect::<Vec<_>>());
    let written = write("weights.rs", &text(&weights))?;
    let held = pairs::of_lines(&set, Half::Held, &mut binder);
    let held: Vec<(Sample, &Pair)> = held.iter().map(|pair| (sample(pair), pair)).collect();
    Ok(format!(
        "trained on {labelled} pairs of the training half of the lines, {of_trees} of source trees, {} invented\n\
         measured on {} pairs of the held half:\n{}{written}",
        INVENTED * 4,
        held.len(),
        measure::table(&weights, &held)
    ))
}

fn sample(pair: &Pair) -> Sample {
    let (features, group) = detect::judge::features(&pair.bound.name, &pair.bound.value, pair.bound.quoted);
    Sample { features, group, positive: pair.positive, weight: pair.weight }
}

fn text(weights: &Weights) -> String {
    let list = |weights: &[i16], indent: &str| {
        let rows = weights.chunks(16);
        rows.map(|row| format!("{indent}{},\n", row.iter().map(i16::to_string).collect::<Vec<_>>().join(", ")))
            .collect::<String>()
    };
    let groups = weights.of_group.iter().map(|group| format!("    [\n{}    ],\n", list(group, "        ")));
    format!(
        "//! The weights of the likelihood model, in 1/1024: generated, see [`super::likelihood`].\n\n\
         use super::features::{{COUNT, GROUPS}};\n\n\
         /// One for each feature, for names of every kind.\n#[rustfmt::skip]\n\
         pub(super) const COMMON: [i16; COUNT] = [\n{}];\n\n\
         /// What is added to them for each kind of name.\n#[rustfmt::skip]\n\
         pub(super) const OF_GROUP: [[i16; COUNT]; GROUPS] = [\n{}];\n",
        list(&weights.common, "    "),
        groups.collect::<String>()
    )
}

fn write(name: &str, text: &str) -> Result<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/judge").join(name);
    std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(format!("{} written; build anew\n", path.display()))
}
