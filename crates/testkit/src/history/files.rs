//! Trees and files as the generator changes them.

use super::Credential;
use crate::rng::Rng;
use crate::sketch::{Entry, Mode};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) type Tree = BTreeMap<Vec<u8>, File>;

/// An entry of a tree and the credentials in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) mode: Mode,
    pub(super) bytes: Arc<[u8]>,
    pub(super) held: BTreeSet<usize>,
    pub(super) binary: bool,
}

impl File {
    pub(super) fn text(bytes: Vec<u8>) -> File {
        File { mode: Mode::File, bytes: bytes.into(), held: BTreeSet::new(), binary: false }
    }

    pub(super) fn of(mode: Mode, bytes: Vec<u8>) -> File {
        File { mode, binary: true, ..File::text(bytes) }
    }

    pub(super) fn entry(&self) -> Entry {
        Entry { mode: self.mode, bytes: self.bytes.clone() }
    }

    /// Whether it has lines to edit.
    pub(super) fn is_text(&self) -> bool {
        !self.binary
    }

    pub(super) fn is_regular(&self) -> bool {
        matches!(self.mode, Mode::File | Mode::Executable)
    }

    pub(super) fn lines(&self) -> Vec<Vec<u8>> {
        self.bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect()
    }

    /// Replaces the lines; of the credentials held and of `more` those stay that are still in them.
    pub(super) fn set_lines(&mut self, lines: &[Vec<u8>], more: &[usize], all: &[Credential]) {
        self.bytes = lines.concat().into();
        self.held.extend(more);
        self.held.retain(|id| contains(&self.bytes, &all[*id].secret));
    }

    /// Puts a line in before line `at`, counted from 0; after a last line without end that end is added.
    pub(super) fn insert_line(&mut self, at: usize, line: Vec<u8>, more: &[usize], all: &[Credential]) {
        let mut lines = self.lines();
        let at = at.min(lines.len());
        if let Some(last) = lines.last_mut().filter(|last| at > 0 && !last.ends_with(b"\n")) {
            last.push(b'\n');
        }
        lines.insert(at, line);
        self.set_lines(&lines, more, all);
    }
}

pub(super) fn contains(bytes: &[u8], secret: &str) -> bool {
    memchr::memmem::find(bytes, secret.as_bytes()).is_some()
}

/// Whether a file may be put at `path`: nothing is there, below it or above it.
pub(super) fn is_free(tree: &Tree, path: &[u8]) -> bool {
    let below = [path, b"/"].concat();
    let next = tree.range(below.clone()..).next();
    let mut above = (1..path.len()).filter(|i| path[*i] == b'/').map(|i| &path[..i]);
    !tree.contains_key(path)
        && next.is_none_or(|(other, _)| !other.starts_with(&below))
        && !above.any(|folder| tree.contains_key(folder))
}

/// A line that holds credentials; how many UTF-16 units precede them differs.
pub(super) fn credential_line(rng: &mut Rng, secrets: &[&str], wide: bool) -> Vec<u8> {
    let number = rng.below(1000);
    let line = match secrets {
        [a, b, ..] => format!("  {{ first: \"{a}\", second: \"{b}\", size: {number} }},\n"),
        [secret] if wide => format!("label{number} = \"é 𝄞 日本 😀\"; token = \"{secret}\"\n"),
        [secret] => match rng.below(6) {
            0 => format!("TOKEN_{number}={secret}\n"),
            1 => format!("\texport GITHUB_TOKEN=\"{secret}\" # {number}\n"),
            2 => format!("    token: '{secret}'\n"),
            3 => format!("const client{number} = connect(\"{secret}\", {number});\n"),
            4 => format!("{secret}\n"),
            _ => format!("url{number} = https://x:{secret}@git.invalid/a.git\n"),
        },
        [] => format!("# line {number}\n"),
    };
    line.into_bytes()
}

/// Three trees into one: what only one side changed is taken over, of the rest something is made of both sides. Gives
/// the number of files changed on both sides, too.
pub(super) fn merged(rng: &mut Rng, base: &Tree, ours: &Tree, theirs: &Tree, all: &[Credential]) -> (Tree, usize) {
    let mut tree = Tree::new();
    let mut conflicts = 0;
    let paths: BTreeSet<&Vec<u8>> = ours.keys().chain(theirs.keys()).collect();
    for path in paths {
        let (o, a, b) = (base.get(path), ours.get(path), theirs.get(path));
        let file = if a == b || b == o {
            a.cloned()
        } else if a == o {
            b.cloned()
        } else {
            conflicts += 1;
            resolved(rng, a, b, all)
        };
        if let Some(file) = file {
            tree.insert(path.clone(), file);
        }
    }
    let shadowed: Vec<Vec<u8>> = tree.keys().filter(|path| has_below(&tree, path)).cloned().collect();
    for path in shadowed {
        tree.remove(&path);
    }
    (tree, conflicts)
}

fn has_below(tree: &Tree, path: &[u8]) -> bool {
    let below = [path, b"/"].concat();
    tree.range(below.clone()..).next().is_some_and(|(other, _)| other.starts_with(&below))
}

fn resolved(rng: &mut Rng, a: Option<&File>, b: Option<&File>, all: &[Credential]) -> Option<File> {
    match (a, b) {
        (Some(a), Some(b)) if a.is_text() && b.is_text() && rng.chance(2, 3) => {
            let mut lines = a.lines();
            if let Some(last) = lines.last_mut().filter(|last| !last.ends_with(b"\n")) {
                last.push(b'\n');
            }
            let known: BTreeSet<Vec<u8>> = lines.iter().cloned().collect();
            lines.extend(b.lines().into_iter().filter(|line| !known.contains(line)));
            let mut file = a.clone();
            let more: Vec<usize> = b.held.iter().copied().collect();
            file.set_lines(&lines, &more, all);
            Some(file)
        }
        (a, b) => if rng.chance(1, 2) { a } else { b }.cloned(),
    }
}
