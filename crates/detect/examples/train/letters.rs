//! The letter tables: how letters follow each other inside words of source text, and its most frequent words.

use crate::pairs::sources;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Words of so many letters are counted.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=12;
/// The letters are counted inside so many of the most frequent words.
const COUNTED: usize = 12_000;
/// So many of them are kept as words.
const KEPT: usize = 1500;
/// The share of all triples that the familiar ones make up.
const FAMILIAR: f64 = 0.965;
/// A word of fewer trees is one of their own.
const TREES: usize = 3;
/// Words of passwords, which source text hardly holds.
const MORE_WORDS: [&str; 12] = [
    "dragon", "football", "letmein", "monkey", "princess", "qwerty", "summer", "sunshine", "welcome", "winter", "love",
    "secret",
];

/// How common each word is: the logarithms of how many files of each tree hold it, summed, so that no tree's own words
/// count much. Runs of letters are cut at capitals. Words of fewer than [`TREES`] trees are left out.
fn words(trees: &[PathBuf]) -> std::io::Result<BTreeMap<Vec<u8>, f64>> {
    let mut common: BTreeMap<Vec<u8>, (usize, f64)> = BTreeMap::new();
    for tree in trees {
        for (word, files) in words_of(tree)? {
            let (trees, weight) = common.entry(word).or_default();
            *trees += 1;
            *weight += (1.0 + files as f64).ln();
        }
    }
    let least = TREES.min(trees.len());
    let weighed = |(word, (trees, weight))| (trees >= least).then_some((word, weight));
    Ok(common.into_iter().filter_map(weighed).collect())
}

/// In how many files of a tree each word stands.
fn words_of(tree: &Path) -> std::io::Result<BTreeMap<Vec<u8>, usize>> {
    let mut files = Vec::new();
    sources(tree, &mut files)?;
    let mut counts = BTreeMap::new();
    for file in files {
        let text = std::fs::read(file)?;
        let mut own = BTreeSet::new();
        for run in text.split(|b| !b.is_ascii_alphabetic()) {
            for word in run.chunk_by(|a, b| !(a.is_ascii_lowercase() && b.is_ascii_uppercase())) {
                if LENGTHS.contains(&word.len()) {
                    own.insert(word.to_ascii_lowercase());
                }
            }
        }
        for word in own {
            *counts.entry(word).or_default() += 1;
        }
    }
    Ok(counts)
}

/// The text of `tables.rs`.
pub fn tables(trees: &[PathBuf], head: &str) -> std::io::Result<String> {
    let mut words: Vec<(Vec<u8>, f64)> = words(trees)?.into_iter().collect();
    words.sort_by(|(a, many), (b, others)| others.total_cmp(many).then_with(|| a.cmp(b)));
    words.truncate(COUNTED);
    let (mut letters, mut pairs, mut triples) = ([0.0; 26], vec![0.0; 26 * 26], vec![0.0; 26 * 26 * 26]);
    for (word, weight) in &words {
        let index = |b: &u8| usize::from(b - b'a');
        word.iter().for_each(|b| letters[index(b)] += weight);
        word.windows(2).for_each(|w| pairs[index(&w[0]) * 26 + index(&w[1])] += weight);
        word.windows(3).for_each(|w| triples[(index(&w[0]) * 26 + index(&w[1])) * 26 + index(&w[2])] += weight);
    }
    let mut text = format!("{head}\n");
    write_bigrams(&mut text, &letters, &pairs);
    write_trigrams(&mut text, &triples);
    write_words(&mut text, &words);
    Ok(text)
}

fn write_bigrams(text: &mut String, letters: &[f64; 26], pairs: &[f64]) {
    let (all, all_pairs): (f64, f64) = (letters.iter().sum(), pairs.iter().sum());
    text.push_str(
        "/// For each pair of letters, how much more often than by chance the second follows the first inside words: log2 of the\n\
         /// ratio, in quarters of a bit.\n#[rustfmt::skip]\npub(super) const BIGRAMS: [i8; 26 * 26] = [\n",
    );
    for first in 0..26 {
        let row: Vec<String> = (0..26)
            .map(|second| {
                let chance = letters[first] / all * letters[second] / all;
                let ratio = (pairs[first * 26 + second] / all_pairs) / chance;
                let quarters = if ratio > 0.0 { (ratio.log2() * 4.0).round() } else { -32.0 };
                (quarters.clamp(-32.0, 31.0) as i8).to_string()
            })
            .collect();
        let _ = writeln!(text, "    {},", row.join(", "));
    }
    text.push_str("];\n\n");
}

fn write_trigrams(text: &mut String, triples: &[f64]) {
    let mut order: Vec<usize> = (0..triples.len()).filter(|at| triples[*at] > 0.0).collect();
    order.sort_by(|a, b| triples[*b].total_cmp(&triples[*a]).then(a.cmp(b)));
    let (all, mut seen): (f64, f64) = (triples.iter().sum(), 0.0);
    let mut bits = vec![0u64; triples.len().div_ceil(64)];
    for at in order {
        if seen >= all * FAMILIAR {
            break;
        }
        seen += triples[at];
        bits[at / 64] |= 1 << (at % 64);
    }
    let _ = write!(
        text,
        "/// One bit for each triple of letters: whether it is among those that make up {} % of the triples inside words.\n\
         #[rustfmt::skip]\npub(super) const TRIGRAMS: [u64; {}] = [\n",
        FAMILIAR * 100.0,
        bits.len()
    );
    for row in bits.chunks(5) {
        let row: Vec<String> = row.iter().map(|bits| format!("0x{bits:016X}")).collect();
        let _ = writeln!(text, "    {},", row.join(", "));
    }
    text.push_str("];\n\n");
}

fn write_words(text: &mut String, words: &[(Vec<u8>, f64)]) {
    let kept = words.iter().take(KEPT).map(|(word, _)| String::from_utf8_lossy(word).into_owned());
    let mut kept: Vec<String> = kept.chain(MORE_WORDS.map(str::to_owned)).collect();
    kept.sort_unstable();
    kept.dedup();
    text.push_str("/// Frequent words, sorted, separated by spaces.\npub(super) const WORDS: &str = \"\\\n");
    let mut line = String::new();
    let mut lines = Vec::new();
    for word in kept {
        if line.len() + word.len() > 114 {
            lines.push(std::mem::take(&mut line));
        }
        line.push_str(&word);
        line.push(' ');
    }
    lines.push(line);
    let joined = lines.join("\\\n");
    let _ = writeln!(text, "{}\";", joined.trim_end());
}
