//! Grows the part of a history that `git fast-import` writes.

use super::files::{File, Tree, credential_line, is_free, merged};
use super::{Credential, Feature, edits, scenes};
use crate::filler::Filler;
use crate::rng::Rng;
use crate::sketch::{Draft, Signature, Sketch, Time};
use std::collections::BTreeMap;

/// When the first commit was made: 2023-11-14.
const FIRST_COMMIT: i64 = 1_700_000_000;
/// What `main` always has.
pub(super) const README: &[u8] = b"README.md";
const ZONES: [i32; 7] = [0, 60, -480, 330, 345, -210, 765];
const PEOPLE: [(&str, &str); 4] = [
    ("Jo Doe", "jo@example.invalid"),
    ("jo", "j.doe@old.invalid"),
    ("Zoë Ångström", "zoe@example.invalid"),
    ("O'Neil, \"Sam\"", "sam@example.invalid"),
];
const MAILMAP: &[u8] = b"Jo Doe <jo@example.invalid> jo <j.doe@old.invalid>\n";

/// What random edits leave alone. Git reads `.gitmodules` and fails if it makes no sense.
fn is_kept(path: &[u8]) -> bool {
    path == README || path.starts_with(b".")
}

/// A line of development.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) tip: usize,
    /// Neither merged nor continued any more.
    pub(super) frozen: bool,
}

/// What was grown.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) sketch: Sketch,
    pub(super) features: BTreeMap<Feature, usize>,
    /// Number of a commit that replaces another one, and of that one.
    pub(super) replaced: Option<(usize, usize)>,
    /// A commit that the reflog of `main` gets.
    pub(super) reflog: Option<usize>,
    /// Names of tags that get a tag of their own.
    pub(super) nested: Vec<String>,
    /// A tagged blob's content.
    pub(super) blob: Option<Vec<u8>>,
    /// Credentials for what is made at the end with git itself.
    pub(super) late: Vec<usize>,
}

/// How many credentials are kept for the end.
const LATE: usize = 5;

pub(super) struct Grower<'c> {
    pub(super) rng: Rng,
    pub(super) all: &'c [Credential],
    pub(super) plan: Plan,
    pub(super) lines: Vec<Line>,
    /// The tree of each commit.
    pub(super) trees: Vec<Tree>,
    /// Deleted files.
    pub(super) attic: Vec<(Vec<u8>, File)>,
    ancestors: Vec<Vec<u64>>,
    used: usize,
    limit: usize,
    serial: usize,
}

/// Changes a tree; false if it has nothing to do that with.
pub(super) type Edit = fn(&mut Grower<'_>, &mut Tree) -> bool;
/// Makes commits, tags or branches; false if it cannot now.
pub(super) type Scene = fn(&mut Grower<'_>) -> bool;

enum Due {
    Edit(Edit),
    Scene(Scene),
}

impl<'c> Grower<'c> {
    pub(super) fn grow(seed: u64, limit: usize, all: &'c [Credential]) -> Plan {
        let mut grower = Grower {
            rng: Rng::new(seed),
            all,
            plan: Plan::default(),
            lines: Vec::new(),
            trees: Vec::new(),
            attic: Vec::new(),
            ancestors: Vec::new(),
            used: 0,
            limit,
            serial: 0,
        };
        grower.plan.late =
            (0..LATE).map(|i| if all.len() >= 8 * LATE { grower.take() } else { i % all.len() }).collect();
        grower.root();
        grower.run();
        grower.finish()
    }

    fn run(&mut self) {
        let mut due: Vec<Due> = edits::ALL.iter().map(|(_, e)| Due::Edit(*e)).collect();
        due.extend(scenes::ALL.iter().map(|(_, s)| Due::Scene(*s)));
        self.shuffle(&mut due);
        while self.room(1) {
            let spare = self.limit - self.trees.len() > 3 * due.len();
            match due.pop() {
                Some(op) if !spare || self.rng.chance(1, 2) => {
                    if !self.perform(&op) {
                        // Its time has not come: the oldest of what is due.
                        due.insert(0, op);
                        if self.room(1) {
                            self.change();
                        }
                    }
                }
                op => {
                    due.extend(op);
                    let op = self.draw();
                    if !self.perform(&op) && self.room(1) {
                        self.change();
                    }
                }
            }
        }
    }

    fn perform(&mut self, op: &Due) -> bool {
        match op {
            Due::Scene(scene) => scene(self),
            Due::Edit(edit) => {
                let line = self.open_line();
                let mut tree = self.trimmed(line);
                if self.rng.chance(1, 3) {
                    let more = edits::MORE[self.rng.below(edits::MORE.len())];
                    // If there is nothing to do it with, the commit is smaller.
                    let mut changed = tree.clone();
                    if more(self, &mut changed) {
                        tree = changed;
                    }
                }
                edit(self, &mut tree) && {
                    self.more_edits(&mut tree);
                    self.commit_on(line, tree);
                    true
                }
            }
        }
    }

    fn draw(&mut self) -> Due {
        if self.rng.chance(1, 3) {
            return Due::Edit(edits::linear);
        }
        let edits = edits::ALL.iter().map(|(weight, e)| (*weight, Due::Edit(*e)));
        let scenes = scenes::ALL.iter().map(|(weight, s)| (*weight, Due::Scene(*s)));
        let mut all: Vec<(usize, Due)> = edits.chain(scenes).collect();
        let total = all.iter().map(|(weight, _)| weight).sum();
        let mut at = self.rng.below(total);
        let chosen = all.iter().position(|(weight, _)| {
            let here = at < *weight;
            at = at.saturating_sub(*weight);
            here
        });
        all.swap_remove(chosen.unwrap_or(0)).1
    }

    /// An ordinary commit.
    pub(super) fn change(&mut self) -> usize {
        let line = self.open_line();
        self.change_on(line)
    }

    /// An ordinary commit on a line.
    pub(super) fn change_on(&mut self, line: usize) -> usize {
        let mut tree = self.trimmed(line);
        edits::linear(self, &mut tree);
        self.more_edits(&mut tree);
        self.commit_on(line, tree)
    }

    fn more_edits(&mut self, tree: &mut Tree) {
        if self.rng.chance(1, 3) {
            edits::touch_large(self, tree);
        }
        if self.rng.chance(2, 3) {
            edits::drift(self, tree);
        }
        // As many credentials as are due by now, so that they last to the end.
        let due = (self.all.len() * (self.trees.len() + 1) / self.limit).saturating_sub(self.used);
        if due > 0 && (due > 6 || self.rng.chance(2, 3)) {
            for _ in 0..due.div_ceil(4) {
                edits::plant(self, tree);
            }
        }
    }

    /// The tree of a line's tip, less a file if it grows too large. Before anything is planted: what is planted stays
    /// for one commit at least.
    fn trimmed(&mut self, line: usize) -> Tree {
        let mut tree = self.tree(line).clone();
        if tree.len() > 90 {
            edits::delete(self, &mut tree);
        }
        tree
    }

    fn root(&mut self) {
        let mut tree = Tree::new();
        tree.insert(README.to_vec(), File::text(b"# A project\n\nNothing to see here.\n".to_vec()));
        tree.insert(b".mailmap".to_vec(), File::text(MAILMAP.to_vec()));
        for _ in 0..8 {
            let path = self.new_path();
            let file = self.new_text();
            tree.insert(path, file);
        }
        let len = self.rng.between(150_000, 300_000);
        let large = Filler::Source.write(&mut self.rng, len);
        tree.insert(b"data/large.txt".to_vec(), File::text(large));
        tree.insert(b"data/drift.txt".to_vec(), File::text(Filler::Source.write(&mut self.rng, 9_000)));
        for _ in 0..3 {
            edits::plant(self, &mut tree);
        }
        let tip = self.commit(&[], tree);
        self.lines.push(Line { name: "refs/heads/main".to_owned(), tip, frozen: false });
    }

    fn finish(mut self) -> Plan {
        // Whatever was not planted yet.
        let mut tree = self.tree(0).clone();
        let before = self.used;
        while self.used < self.all.len() {
            edits::plant(&mut self, &mut tree);
        }
        if self.used > before {
            self.commit_on(0, tree);
        }
        for line in &self.lines {
            self.plan.sketch.point(&line.name, line.tip);
        }
        self.plan
    }

    // What edits and scenes are made of.

    pub(super) fn count(&mut self, feature: Feature) {
        *self.plan.features.entry(feature).or_default() += 1;
    }

    /// Whether so many commits may still be drawn.
    pub(super) fn room(&self, commits: usize) -> bool {
        self.trees.len() + commits <= self.limit
    }

    /// The next credential; once all are used, any.
    pub(super) fn take(&mut self) -> usize {
        if self.used == self.all.len() {
            return self.rng.below(self.all.len());
        }
        self.used += 1;
        self.used - 1
    }

    /// Whether [`Grower::take`] gives a credential that was nowhere yet.
    pub(super) fn has_fresh(&self) -> bool {
        self.used < self.all.len()
    }

    pub(super) fn secret(&self, credential: usize) -> &'c str {
        &self.all[credential].secret
    }

    pub(super) fn serial(&mut self) -> usize {
        self.serial += 1;
        self.serial
    }

    pub(super) fn new_path(&mut self) -> Vec<u8> {
        let folder =
            self.rng.pick(&["", "src/", "src/net/", "config/", "deploy/prod/", "docs/", "lib/a/b/c/", "tests/"]);
        let word = self.rng.pick(&["client", "server", "token", "main", "setup", "notes", "index", "util"]);
        let extension = self.rng.pick(&["rs", "py", "toml", "yaml", "env", "md", "js", "txt"]);
        let serial = self.serial();
        format!("{folder}{word}-{serial}.{extension}").into_bytes()
    }

    pub(super) fn new_text(&mut self) -> File {
        let kind = [Filler::Source, Filler::Configuration, Filler::Log][self.rng.below(3)];
        let len = self.rng.between(100, 6000);
        let mut bytes = kind.write(&mut self.rng, len);
        if self.rng.chance(3, 4) {
            bytes.push(b'\n');
        }
        File::text(bytes)
    }

    /// A path of `tree` that `fits`, any one.
    pub(super) fn pick(&mut self, tree: &Tree, fits: impl Fn(&File) -> bool) -> Option<Vec<u8>> {
        let paths: Vec<&Vec<u8>> =
            tree.iter().filter(|(path, f)| !is_kept(path) && fits(f)).map(|(path, _)| path).collect();
        if paths.is_empty() { None } else { Some(paths[self.rng.below(paths.len())].clone()) }
    }

    /// A new file with one credential on a line of its own among others.
    pub(super) fn new_file_with(&mut self, credential: usize) -> File {
        let mut file = self.new_text();
        let at = self.rng.below(file.lines().len() + 1);
        let secret = self.secret(credential);
        let line = credential_line(&mut self.rng, &[secret], false);
        file.insert_line(at, line, &[credential], self.all);
        file
    }

    /// Adds a new file holding a fresh credential (or any, if there is none).
    pub(super) fn add_file_with(&mut self, tree: &mut Tree, credential: usize) -> Vec<u8> {
        let path = self.new_path();
        let file = self.new_file_with(credential);
        debug_assert!(is_free(tree, &path), "serial numbers make paths new");
        tree.insert(path.clone(), file);
        path
    }

    /// Any line that goes on; `main` in half of the cases.
    pub(super) fn open_line(&mut self) -> usize {
        let open: Vec<usize> = (0..self.lines.len()).filter(|l| !self.lines[*l].frozen).collect();
        if self.rng.chance(1, 2) { 0 } else { open[self.rng.below(open.len())] }
    }

    pub(super) fn tree(&self, line: usize) -> &Tree {
        &self.trees[self.lines[line].tip]
    }

    /// A new line from a commit.
    pub(super) fn fork(&mut self, from: usize) -> usize {
        let serial = self.serial();
        let kind = self.rng.pick(&["feature/", "fix/", "", "release-"]);
        self.lines.push(Line { name: format!("refs/heads/{kind}{serial}"), tip: from, frozen: false });
        self.lines.len() - 1
    }

    pub(super) fn commit_on(&mut self, line: usize, tree: Tree) -> usize {
        let tip = self.lines[line].tip;
        self.lines[line].tip = self.commit(&[tip], tree);
        self.lines[line].tip
    }

    pub(super) fn commit(&mut self, parents: &[usize], tree: Tree) -> usize {
        let words: Vec<&str> = (0..self.rng.between(1, 6))
            .map(|_| {
                self.rng.pick(&["fix", "the", "client", "again", "add", "server", "tests", "for", "naïve", "cleanup"])
            })
            .collect();
        let message =
            words.join(" ") + if self.rng.chance(1, 4) { "\n\nWith a body.\n\nSee-also: nothing\n" } else { "\n" };
        self.commit_saying(parents, tree, message)
    }

    pub(super) fn commit_saying(&mut self, parents: &[usize], tree: Tree, message: String) -> usize {
        let number = self.trees.len();
        let mut seconds = FIRST_COMMIT + 900 * number as i64 + self.rng.below(600) as i64;
        if self.rng.chance(1, 8) {
            seconds -= self.rng.between(3_600, 40 * 86_400) as i64;
        }
        let committer = self.signature(seconds);
        let written = seconds - if self.rng.chance(1, 4) { self.rng.below(9 * 86_400) as i64 } else { 0 };
        let author = self.signature(written);
        let drafts = self.plan.sketch.drafts();
        if parents.iter().any(|p| drafts[*p].committer.time.seconds > seconds) {
            self.count(Feature::OlderThanParent);
        }
        let entries = tree.iter().map(|(path, file)| (path.clone(), file.entry())).collect();
        let draft =
            Draft { parents: parents.to_vec(), tree: entries, message: message.into_bytes(), author, committer };
        self.plan.sketch.draw(draft);
        self.trees.push(tree);
        let mut ancestors = vec![0_u64; number / 64 + 1];
        ancestors[number / 64] |= 1 << (number % 64);
        for parent in parents {
            ancestors.iter_mut().zip(&self.ancestors[*parent]).for_each(|(all, more)| *all |= more);
        }
        self.ancestors.push(ancestors);
        number
    }

    fn signature(&mut self, seconds: i64) -> Signature {
        let (name, email) = PEOPLE[self.rng.below(PEOPLE.len())];
        let time = Time { seconds, offset: ZONES[self.rng.below(ZONES.len())] };
        Signature { name: name.to_owned(), email: email.to_owned(), time }
    }

    /// A best common ancestor: the one drawn last.
    pub(super) fn fork_point(&self, a: usize, b: usize) -> Option<usize> {
        let common: Vec<u64> = self.ancestors[a].iter().zip(&self.ancestors[b]).map(|(a, b)| a & b).collect();
        let word = common.iter().rposition(|word| *word != 0)?;
        Some(64 * word + 63 - common[word].leading_zeros() as usize)
    }

    pub(super) fn is_ancestor(&self, old: usize, new: usize) -> bool {
        self.ancestors[new].get(old / 64).is_some_and(|word| word >> (old % 64) & 1 == 1)
    }

    /// The trees of commits merged into one; how many files were changed on both sides, too.
    pub(super) fn merge_trees(&mut self, parents: &[usize]) -> (Tree, usize) {
        let mut tree = self.trees[parents[0]].clone();
        let mut conflicts = 0;
        for other in &parents[1..] {
            let base = self.fork_point(parents[0], *other).map(|c| self.trees[c].clone()).unwrap_or_default();
            let (both, more) = merged(&mut self.rng, &base, &tree, &self.trees[*other], self.all);
            tree = both;
            conflicts += more;
        }
        (tree, conflicts)
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.rng.below(i + 1));
        }
    }
}
