//! Labelled pairs of name and value, bound as the detector binds them.

use detect::{Detector, Options, Scratch, View};
use rules::{Matcher, Ruleset};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use testkit::evaluation::{Half, Kind, Set};

/// Names that rules may bind besides those that the built-in ones do: the model is to know them, whatever a rule takes up.
const MORE_NAMES: [&str; 13] = [
    "auth",
    "authorization",
    "credential",
    "credentials",
    "creds",
    "key",
    "keys",
    "nonce",
    "pass",
    "passcode",
    "salt",
    "tokens",
    "private_key",
];
/// Longer files are generated, or data.
const LONGEST_FILE: u64 = 1 << 20;
/// Words in the paths of tests and documentation, where invented credentials stand.
const SAMPLES: [&str; 16] = [
    "test", "tests", "testing", "testdata", "spec", "specs", "fixture", "fixtures", "mock", "mocks", "example",
    "examples", "doc", "docs", "sample", "samples",
];

/// A value, the name it is bound to, and whether quotes stand around it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bound {
    pub name: Vec<u8>,
    pub value: Vec<u8>,
    pub quoted: bool,
}

/// A pair and what is known of it.
#[derive(Clone, Debug)]
pub struct Pair {
    pub bound: Bound,
    pub positive: bool,
    /// How much it counts in training; 0: only measured.
    pub weight: f64,
    /// Measured, and by what sum of rows.
    pub rows: usize,
}

/// Binds names to values; judges nothing.
pub struct Binder {
    detector: Detector,
    scratch: Scratch,
}

impl Binder {
    /// With the names of all built-in rules that bind names, and [`MORE_NAMES`].
    pub fn new() -> Binder {
        let builtin = Ruleset::builtin();
        let mut names: Vec<&str> = MORE_NAMES.to_vec();
        for rule in builtin.rules() {
            if let Matcher::Assignment(assignment) = &rule.matcher {
                names.extend(assignment.names.iter().map(String::as_str));
            }
        }
        names.sort_unstable();
        names.dedup();
        let names = names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
        let text = format!(
            "provider = 'Generic'\n[[rule]]\nid = 'bound'\nname = 'Bound'\nseverity = 'low'\ngeneric = true\n\
             assignment = {{ names = [{names}], length = [4, 200] }}\n"
        );
        let mut ruleset = Ruleset::empty();
        ruleset.add_text("train.toml", &text).expect("a rule of the trainer's own");
        let options = Options { decode_depth: 0, ..Options::default() };
        Binder { detector: Detector::new(Arc::new(ruleset), options), scratch: Scratch::default() }
    }

    /// What is bound in a text and not refuted, with the value's place; each once.
    pub fn bound(&mut self, text: &[u8]) -> Vec<(Bound, std::ops::Range<usize>)> {
        let mut hits = Vec::new();
        self.detector.scan(&mut self.scratch, View::whole(text), 0..text.len(), &mut hits);
        hits.sort();
        hits.dedup();
        let mut bound: Vec<_> = hits
            .iter()
            .filter(|hit| hit.refuted.is_none())
            .filter_map(|hit| {
                let (name, value) = (hit.name?.of(text).to_vec(), hit.secret.of(text).to_vec());
                let quoted = !hit.only_in_configuration;
                Some((Bound { name, value, quoted }, hit.secret.start..hit.secret.end))
            })
            .collect();
        bound.sort_by(|(a, at), (b, bt)| (at.start, at.end, a).cmp(&(bt.start, bt.end, b)));
        bound.dedup();
        bound
    }
}

/// The pairs of the generic rows of labelled lines, of one half.
pub fn of_lines(set: &Set, half: Half, binder: &mut Binder) -> Vec<Pair> {
    assert_eq!(set.kind, Kind::Lines, "the model learns from lines");
    let mut pairs: BTreeMap<(Bound, bool), usize> = BTreeMap::new();
    for row in set.rows.iter().filter(|row| row.class == "generic" && row.half() == half) {
        let spans = row.spans();
        for (bound, at) in binder.bound(row.text.as_bytes()) {
            let overlaps = spans.iter().any(|span| at.start < span.end && span.start < at.end);
            // What else stands on the line of a credential is not labelled.
            if row.positive && !overlaps && !spans.is_empty() {
                continue;
            }
            *pairs.entry((bound, row.positive)).or_default() += 1;
        }
    }
    let pair = |((bound, positive), rows)| Pair { bound, positive, weight: 1.0, rows };
    pairs.into_iter().map(pair).collect()
}

/// The pairs of source trees, each once, taken for negatives; tests and documentation left out.
pub fn of_trees(trees: &[PathBuf], weight: f64, binder: &mut Binder) -> std::io::Result<Vec<Pair>> {
    let mut files = Vec::new();
    for tree in trees {
        sources(tree, &mut files)?;
    }
    let mut seen = BTreeSet::new();
    for file in files {
        seen.extend(binder.bound(&std::fs::read(file)?).into_iter().map(|(bound, _)| bound));
    }
    Ok(seen.into_iter().map(|bound| Pair { bound, positive: false, weight, rows: 0 }).collect())
}

/// The files below a folder that are text and neither tests nor documentation, sorted.
pub fn sources(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = entry.file_name().to_string_lossy().to_lowercase();
        let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
        if name.starts_with(".git") || words.any(|word| SAMPLES.contains(&word)) || name.ends_with(".md") {
            continue;
        }
        if kind.is_dir() {
            sources(&path, files)?;
        } else if kind.is_file() && entry.metadata()?.len() <= LONGEST_FILE {
            files.push(path);
        }
    }
    Ok(())
}
