use crate::repository::Repository;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// How the objects of a generated history are stored. Unreachable ones are stored like the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// No packs.
    Loose,
    /// As `git fast-import` wrote it, with what was made later loose.
    Imported,
    /// One pack.
    One {
        /// Longest chain of deltas.
        depth: u32,
        /// How many objects git compares.
        window: u32,
    },
    /// `git repack -adf --depth=250 --window=250`.
    Deep,
    /// One pack with deltas that name their base by id, and an index of version 1 (of version 2 for SHA-256).
    Old,
    /// So many packs (at least 1). Each holds some objects of the one before, too; stashes and what else was made late
    /// are loose besides.
    Several(usize),
}

impl Packing {
    pub(super) fn pack(self, repository: &Repository) {
        match self {
            Packing::Loose | Packing::Imported => {}
            Packing::One { depth, window } => repack(repository, &[], depth, window),
            Packing::Deep => repack(repository, &[], 250, 250),
            Packing::Old => {
                let sha1 = repository.git(&["rev-parse", "--show-object-format"]).trim() == "sha1";
                let index = if sha1 { "pack.indexVersion=1" } else { "pack.indexVersion=2" };
                repack(repository, &["-c", "repack.useDeltaBaseOffset=false", "-c", index], 50, 50);
            }
            Packing::Several(packs) => several(repository, packs.max(1)),
        }
    }
}

fn repack(repository: &Repository, settings: &[&str], depth: u32, window: u32) {
    let (depth, window) = (format!("--depth={depth}"), format!("--window={window}"));
    // One thread: the same deltas every time. `-k` keeps what is unreachable.
    let arguments = ["-c", "pack.threads=1", "repack", "-q", "-a", "-d", "-f", "-k", &depth, &window];
    repository.git(&[settings, &arguments].concat());
}

fn several(repository: &Repository, packs: usize) {
    // By path and then by age, as far as git tells a path: versions of a file become deltas.
    let listed = repository.git(&["rev-list", "--objects", "--all", "--reflog"]);
    let paths: BTreeMap<&str, &str> = listed.lines().map(|line| line.split_once(' ').unwrap_or((line, ""))).collect();
    let order = listed.lines().rev().map(|line| line.split(' ').next().unwrap_or(line));
    let every = repository.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
    let rest = every.lines().filter(|id| !paths.contains_key(id));
    let objects: Vec<&str> = order.chain(rest).collect();
    let size = objects.len().div_ceil(packs);
    let folder = repository.path().join(".git/objects/pack");
    let imported: Vec<PathBuf> =
        fs::read_dir(&folder).expect("a folder of packs").flatten().map(|f| f.path()).collect();
    for chunk in 0..packs {
        let start = (chunk * size).saturating_sub(size / 10).min(objects.len());
        let end = ((chunk + 1) * size).min(objects.len());
        let line = |id: &&str| format!("{id} {}\n", paths.get(id).unwrap_or(&""));
        let input: String = objects[start..end].iter().map(line).collect();
        let base = folder.join("pack").display().to_string();
        let arguments = ["-c", "pack.threads=1", "pack-objects", "-q", "--no-reuse-delta", "--depth=50", "--window=50"];
        repository.git_with_input(
            &[&arguments, ["--delta-base-offset", base.as_str()].as_slice()].concat(),
            input.as_bytes(),
        );
    }
    for file in imported {
        fs::remove_file(file).expect("a pack of ours");
    }
}
