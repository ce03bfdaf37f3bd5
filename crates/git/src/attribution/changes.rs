//! Where commits hold something else than their parents.
//!
//! A *property* is "the path holds the credential". Of each commit one parent is its *model*, and it is written down
//! which properties differ between the two: so whether a commit has a property follows from its model.

use super::graph::Graph;
use super::mix::Seed;
use super::names::Names;
use super::rows::NONE;
use super::sets::{Set, Sets, Value};
use std::collections::HashMap;

/// What holds a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// The content of a file, or a link's target: the index of the blob.
    Blob(u32),
    /// The last name of the path.
    Name,
}

/// Adds to a list the credentials that a holder holds when it stands at a path.
pub type Holds<'a> = dyn FnMut(Holder, &[u8], &mut Vec<u32>) + 'a;

/// Deeper paths are not looked at; git itself goes no further.
const DEEPEST: usize = 4096;

/// What differs between commits and their models.
#[derive(Debug)]
pub(super) struct Changes {
    pub(super) paths: Names,
    /// Path and credential.
    pub(super) properties: Vec<(u32, u32)>,
    pub(super) flips: Vec<Flip>,
    /// Of each commit its model, or `NONE`.
    pub(super) models: Vec<u32>,
    /// Whether something was deeper than paths go.
    pub(super) too_deep: bool,
}

/// A property that a commit has and its model does not, or the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flip {
    pub(super) property: u32,
    pub(super) commit: u32,
    /// What holds the credential in the commit; `None` if nothing does.
    pub(super) holder: Option<Holder>,
}

/// Compares sets.
struct Comparison<'a, 'h> {
    sets: &'a mut Sets,
    names: &'a Names,
    /// Of each blob of the sets its index in the query.
    places: &'a [u32],
    holds: &'a mut Holds<'h>,
    changes: Changes,
    by_content: HashMap<(u32, u32), u32>,
    /// Of each path and holder asked about, where its credentials lie in `held`.
    asked: HashMap<(u32, Holder), (u32, u32)>,
    held: Vec<u32>,
    commit: u32,
}

/// A folder whose names are being compared.
struct Level {
    /// Length of its path.
    path: usize,
    names: Vec<u32>,
    next: usize,
    /// What it holds in the model, and in the commit. More than one where a damaged tree names a folder twice.
    old: Vec<Set>,
    new: Vec<Set>,
}

impl Changes {
    /// Compares all commits, whose holdings are given, with their models.
    pub(super) fn new(
        graph: &Graph<'_>,
        holdings: &[Set],
        sets: &mut Sets,
        (names, places): (&Names, &[u32]),
        seed: Seed,
        holds: &mut Holds<'_>,
    ) -> Changes {
        let changes = Changes {
            paths: Names::new(seed),
            properties: Vec::new(),
            flips: Vec::new(),
            models: Vec::with_capacity(holdings.len()),
            too_deep: false,
        };
        let (by_content, asked) = (HashMap::new(), HashMap::new());
        let held = Vec::new();
        let mut comparison = Comparison { sets, names, places, holds, changes, by_content, asked, held, commit: 0 };
        for (commit, set) in (0u32..).zip(holdings) {
            let parents = graph.parents(commit);
            let alike = parents.iter().find(|parent| holdings[**parent as usize] == *set);
            let model = alike.or(parents.first()).copied();
            comparison.changes.models.push(model.unwrap_or(NONE));
            let old = model.map_or(Set::EMPTY, |model| holdings[model as usize]);
            if old != *set {
                comparison.commit = commit;
                comparison.compare(old, *set);
            }
        }
        comparison.changes
    }
}

impl Comparison<'_, '_> {
    fn compare(&mut self, old: Set, new: Set) {
        let mut path = Vec::new();
        let mut levels = vec![self.level(0, vec![old], vec![new])];
        let (mut before, mut after) = (Vec::new(), Vec::new());
        while let Some(level) = levels.last_mut() {
            let Some(name) = level.names.get(level.next) else {
                levels.pop();
                continue;
            };
            level.next += 1;
            path.truncate(level.path);
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(self.names.get(*name));
            values(self.sets, &level.old, *name, &mut before);
            values(self.sets, &level.new, *name, &mut after);
            if before == after {
                continue;
            }
            self.compare_at(&path, &before, &after);
            let (old, new) = (folders(&before), folders(&after));
            if old != new {
                let level = self.level(path.len(), old, new);
                if levels.len() < DEEPEST { levels.push(level) } else { self.changes.too_deep = true }
            }
        }
    }

    fn level(&mut self, path: usize, old: Vec<Set>, new: Vec<Set>) -> Level {
        let mut names = Vec::new();
        if old.len() <= 1 && new.len() <= 1 {
            let only = |sets: &[Set]| sets.first().copied().unwrap_or(Set::EMPTY);
            self.sets.differing(only(&old), only(&new), &mut names);
        } else {
            old.iter().chain(&new).for_each(|set| self.sets.names(*set, &mut names));
            names.sort_unstable();
            names.dedup();
        }
        Level { path, names, next: 0, old, new }
    }

    /// Writes down which credentials stand at a path on one side only.
    fn compare_at(&mut self, path: &[u8], before: &[Value], after: &[Value]) {
        if !before.iter().chain(after).any(|value| matches!(value, Value::Blob(_) | Value::Name)) {
            return;
        }
        // Paths end where memory for them does.
        let Some((path_number, _)) = self.changes.paths.intern(path) else {
            self.changes.too_deep = true;
            return;
        };
        let old = self.held(path_number, path, before);
        let new = self.held(path_number, path, after);
        let has = |list: &[(u32, Holder)], credential| list.binary_search_by_key(&credential, |(c, _)| *c).is_ok();
        for (credential, _) in old.iter().filter(|(credential, _)| !has(&new, *credential)) {
            self.flip(path_number, *credential, None);
        }
        for (credential, holder) in new.iter().filter(|(credential, _)| !has(&old, *credential)) {
            self.flip(path_number, *credential, Some(*holder));
        }
    }

    fn flip(&mut self, path: u32, credential: u32, holder: Option<Holder>) {
        let properties = &mut self.changes.properties;
        let property = *self.by_content.entry((path, credential)).or_insert_with(|| {
            properties.push((path, credential));
            properties.len() as u32 - 1
        });
        self.changes.flips.push(Flip { property, commit: self.commit, holder });
    }

    /// The credentials at a path, sorted, each with the first that holds it.
    fn held(&mut self, path_number: u32, path: &[u8], values: &[Value]) -> Vec<(u32, Holder)> {
        let mut list = Vec::new();
        for holder in values.iter().filter_map(|value| holder(*value, self.places)) {
            let (holds, held) = (&mut self.holds, &mut self.held);
            let (start, end) = *self.asked.entry((path_number, holder)).or_insert_with(|| {
                let start = held.len() as u32;
                holds(holder, path, held);
                (start, held.len() as u32)
            });
            list.extend(self.held[start as usize..end as usize].iter().map(|credential| (*credential, holder)));
        }
        list.sort_unstable();
        list.dedup_by_key(|(credential, _)| *credential);
        list
    }
}

fn holder(value: Value, places: &[u32]) -> Option<Holder> {
    match value {
        Value::Blob(blob) => Some(Holder::Blob(places[blob as usize])),
        Value::Name => Some(Holder::Name),
        Value::Folder(_) | Value::Missing => None,
    }
}

/// What stands at a name in any of some sets, sorted.
fn values(sets: &Sets, of: &[Set], name: u32, values: &mut Vec<Value>) {
    values.clear();
    of.iter().for_each(|set| sets.values(*set, name, values));
    values.sort_unstable();
}

fn folders(values: &[Value]) -> Vec<Set> {
    let folder = |value: &Value| match value {
        Value::Folder(set) => Some(*set),
        _ => None,
    };
    values.iter().filter_map(folder).collect()
}
