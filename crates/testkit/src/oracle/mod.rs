//! What the history of a repository says about known credentials, by brute force: the ground truth that attribution is
//! tested against. Everything is asked from the `git` binary with `GIT_NO_REPLACE_OBJECTS=1`: the commits from
//! `git rev-list --parents`, the files of each one from `git ls-tree -r -z`, every object once from
//! `git cat-file --batch`. A blob *holds* a credential if its bytes contain the credential's; nothing is decoded.
//!
//! ```
//! use testkit::history::{History, Packing};
//! use testkit::oracle::Oracle;
//!
//! let history = History::new(7).commits(60).credentials(30).packing(Packing::Deep).build();
//! let oracle = Oracle::new(history.path(), history.credentials());
//! for credential in history.credentials() {
//!     let answer = oracle.answer(credential.id);
//!     // What the scanner says of `credential.secret` must be the same as `answer`:
//!     // answer.introduced, .removed, .at_head, .branches, .tags, .remotes, .first, .last, and
//!     for (path, places) in &answer.places {
//!         for (commit, place) in places {
//!             // that it came to `path` with `commit`, at place.line and place.column, until place.removed.
//!             assert!(oracle.holds(commit, path, credential.id));
//!             assert!(place.line > 0 && place.removed.is_subset(&answer.removed_at[path]));
//!         }
//!     }
//! }
//! // The ids of the credentials that a range brings.
//! let brought = oracle.range("HEAD~2", "HEAD");
//! assert!(brought.iter().all(|id| !oracle.answer(*id).places.is_empty()));
//! ```
//!
//! # Definitions
//!
//! The *commits* are those of `git rev-list --all HEAD` (see [`Scope`] for more). That includes what `refs/stash`,
//! `refs/notes/*` and `refs/replace/*` lead to: a replacement is a commit like others there, and never stands in for
//! what it replaces. *Parents* are those `git rev-list --parents` names: none beyond the boundary of a shallow clone.
//!
//! A commit has a *property* or not; the properties asked for are "some path's blob holds credential C" and "the blob
//! at path P holds credential C". Symbolic links count with their target as content, submodules not at all. For each
//! property:
//!
//! - A commit *introduces* it if it has the property and none of its parents has (a root has no parents).
//! - A commit *removes* it if it has at least one parent, does not have the property, and
//!   1. every one of its parents has the property; or
//!   2. some of its parents have the property and others do not, and no proper ancestor of the commit removes the
//!      property by 1 or 2.
//!
//!   Ancestors are counted through all parents, also through those without the property, and no matter whether the
//!   property was introduced again after that removal: the sentence asks only for an earlier removal. (So a merge that
//!   takes over a removal made on one of its sides does not count, and a merge that drops what only one side ever had
//!   does; but a merge that drops what was removed once and came back does not count either.)
//! - A removal *ends* an introduction if a chain of commits, each a parent of the next, leads from the introducing
//!   commit to a parent of the removing one, and every commit of the chain has the property. Every removal ends at
//!   least one introduction.

mod life;
mod read;
#[cfg(test)]
mod tests;

use crate::history::Credential;
use crate::sketch::{Signature, Time};
use life::Life;
use read::{Git, Known};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

/// The ground truth about one repository and a set of credentials.
#[derive(Debug)]
pub struct Oracle {
    git: Git,
    known: Known,
    answers: BTreeMap<usize, Answer>,
}

/// Which commits count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// What refs and `HEAD` lead to.
    #[default]
    Refs,
    /// What reflogs name, too: older stashes, what was reset away or amended.
    Reflogs,
    /// Every commit object there is, and what it leads to.
    Everything,
}

/// A path from the root of the repository, in bytes. Shown with escapes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathName(pub Vec<u8>);

impl fmt::Debug for PathName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl From<&str> for PathName {
    fn from(path: &str) -> PathName {
        PathName(path.as_bytes().to_vec())
    }
}

/// What is true of one credential. Commits and objects are full ids in hexadecimal, refs are full names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The commits that introduce it, whatever the path.
    pub introduced: BTreeSet<String>,
    /// The commits that remove it, whatever the path.
    pub removed: BTreeSet<String>,
    /// For each path that ever held it: where it was introduced at that path, by commit.
    pub places: BTreeMap<PathName, BTreeMap<String, Place>>,
    /// For each path that ever held it: every commit that removes it at that path.
    pub removed_at: BTreeMap<PathName, BTreeSet<String>>,
    /// Whether the commit of `HEAD` holds it.
    pub at_head: bool,
    /// Refs below `refs/heads/` whose commit holds it.
    pub branches: BTreeSet<String>,
    /// Refs below `refs/tags/` whose commit (tags of tags followed) holds it.
    pub tags: BTreeSet<String>,
    /// Refs below `refs/remotes/` whose commit holds it, symbolic ones (`origin/HEAD`) too.
    pub remotes: BTreeSet<String>,
    /// Other refs whose commit holds it: `refs/stash`, `refs/notes/commits`, `refs/replace/…`.
    pub other_refs: BTreeSet<String>,
    /// The first dates of introducing commits: the earliest author date and, by itself, the earliest committer date.
    pub first: Option<Dates>,
    /// The last dates of removing commits, each by itself; also where some branch still holds the credential.
    pub last: Option<Dates>,
    /// Outside of files in commits.
    pub elsewhere: Elsewhere,
}

/// Where a credential came to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The blob at this path in the introducing commit.
    pub blob: String,
    /// Line of the first occurrence in that blob, from 1. Lines end with a line feed.
    pub line: u64,
    /// Column of the first occurrence, from 1, in UTF-16 code units; every byte that is not valid UTF-8 counts one.
    pub column: u64,
    /// The removals at this path that end this introduction; a subset of [`Answer::removed_at`].
    pub removed: BTreeSet<String>,
}

/// Two moments. Compared by seconds first, then by zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    /// Of authors.
    pub author: Time,
    /// Of committers.
    pub committer: Time,
}

/// Where a credential lies outside of files in commits, and which objects hold it at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// Commits whose own object (message, names, further headers) holds it.
    pub messages: BTreeSet<String>,
    /// Tag objects that hold it and that some ref leads to.
    pub tag_messages: BTreeSet<String>,
    /// Paths that hold it in their name, with the commits that have the path and none of whose parents has.
    pub names: BTreeMap<PathName, BTreeSet<String>>,
    /// Every blob of the repository that holds it, unreachable ones and those at no path included.
    pub blobs: BTreeSet<String>,
}

/// A commit as git tells it.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// Its parents' ids.
    pub parents: Vec<String>,
    /// Who wrote it; not mapped by `.mailmap`.
    pub author: Signature,
    /// Who committed it; not mapped.
    pub committer: Signature,
}

impl Oracle {
    /// Asks git about the repository at `path` (a work tree or a bare repository), as far as its refs lead.
    ///
    /// # Panics
    /// If git fails, or a credential is empty.
    pub fn new(path: &std::path::Path, credentials: &[Credential]) -> Oracle {
        Oracle::with_scope(path, credentials, Scope::Refs)
    }

    /// The same for other commits.
    pub fn with_scope(path: &std::path::Path, credentials: &[Credential], scope: Scope) -> Oracle {
        let git = Git::new(path);
        let known = Known::read(&git, credentials, scope);
        let answers = credentials.iter().map(|c| (c.id, known.answer(c))).collect();
        Oracle { git, known, answers }
    }

    /// What is true of a credential.
    ///
    /// # Panics
    /// If the id is none that was asked about.
    pub fn answer(&self, credential: usize) -> &Answer {
        &self.answers[&credential]
    }

    /// All of it, by the credentials' ids.
    pub fn answers(&self) -> &BTreeMap<usize, Answer> {
        &self.answers
    }

    /// The commits in scope, ancestors first.
    pub fn commits(&self) -> impl Iterator<Item = &Commit> {
        self.known.commits.iter().map(|c| &c.commit)
    }

    /// A commit in scope, by its full id.
    pub fn commit(&self, id: &str) -> Option<&Commit> {
        self.known.index.get(id).map(|i| &self.known.commits[*i].commit)
    }

    /// Whether a commit holds a credential at a path; not if the commit is out of scope.
    pub fn holds(&self, commit: &str, path: &PathName, credential: usize) -> bool {
        let commit = self.known.index.get(commit).map(|i| &self.known.commits[*i]);
        commit.is_some_and(|c| c.held.contains_key(&(credential, path.clone())))
    }

    /// The credentials that `base..head` brings: that some commit of `git rev-list base..head` introduces at some path
    /// (the commit holds the credential at that path, and at that path none of its parents does), and that no file of
    /// any of `git merge-base --all base head` holds. What was brought and removed again within the range is among
    /// them. Without a common ancestor nothing is left out for being there already.
    ///
    /// # Panics
    /// If `base` or `head` is no commit, or one out of scope.
    pub fn range(&self, base: &str, head: &str) -> BTreeSet<usize> {
        let range = self.git.lines(&["rev-list", "--end-of-options", &format!("{base}..{head}")]);
        let forks = self.git.merge_bases(base, head);
        let known: BTreeSet<usize> = forks.iter().flat_map(|id| self.known.credentials_in(id)).collect();
        let brought = range.iter().flat_map(|id| self.known.brought_by(id));
        brought.filter(|credential| !known.contains(credential)).collect()
    }
}

impl Known {
    fn answer(&self, credential: &Credential) -> Answer {
        let id = credential.id;
        let whole = self.life(|c| c.credentials.contains(&id));
        let paths: BTreeSet<&PathName> = self.commits.iter().flat_map(|c| c.paths_of(id)).collect();
        let mut answer = Answer {
            introduced: self.ids(&whole.introduced),
            removed: self.ids(&whole.removed),
            first: self.dates(&whole.introduced, Ord::min),
            last: self.dates(&whole.removed, Ord::max),
            elsewhere: self.elsewhere(credential),
            ..Answer::default()
        };
        for path in paths {
            let key = (id, path.clone());
            let life = self.life(|c| c.held.contains_key(&key));
            answer.removed_at.insert(path.clone(), self.ids(&life.removed));
            answer.places.insert(path.clone(), self.places(&key, &life));
        }
        self.add_refs(&mut answer, id);
        answer
    }

    fn places(&self, key: &(usize, PathName), life: &Life) -> BTreeMap<String, Place> {
        let place = |commit: &usize| {
            let blob = &self.commits[*commit].held[key];
            let (line, column) = self.blobs[blob][&key.0];
            let removed = self.ids(life.ended.get(commit).into_iter().flatten());
            (self.id(*commit), Place { blob: blob.clone(), line, column, removed })
        };
        life.introduced.iter().map(place).collect()
    }

    fn add_refs(&self, answer: &mut Answer, credential: usize) {
        let holds = |commit: &String| self.credentials_in(commit).any(|c| c == credential);
        answer.at_head = self.head.as_ref().is_some_and(holds);
        for (name, _) in self.refs.iter().filter(|(_, commit)| holds(commit)) {
            let refs = match name.split('/').nth(1) {
                Some("heads") => &mut answer.branches,
                Some("tags") => &mut answer.tags,
                Some("remotes") => &mut answer.remotes,
                _ => &mut answer.other_refs,
            };
            refs.insert(name.clone());
        }
    }

    fn elsewhere(&self, credential: &Credential) -> Elsewhere {
        let id = credential.id;
        let mut names = BTreeMap::new();
        let paths: BTreeSet<&PathName> = self.commits.iter().flat_map(|c| c.named_after(id)).collect();
        for path in paths {
            let life = self.life(|c| c.named.contains(&(id, path.clone())));
            names.insert(path.clone(), self.ids(&life.introduced));
        }
        let of = |objects: &HashMap<String, BTreeSet<usize>>| {
            objects.iter().filter(|(_, held)| held.contains(&id)).map(|(object, _)| object.clone()).collect()
        };
        Elsewhere {
            messages: self.commits.iter().filter(|c| c.message.contains(&id)).map(|c| c.commit.id.clone()).collect(),
            tag_messages: of(&self.tags),
            names,
            blobs: self.blobs.iter().filter(|(_, held)| held.contains_key(&id)).map(|(blob, _)| blob.clone()).collect(),
        }
    }

    fn dates(&self, commits: &[usize], pick: fn(Time, Time) -> Time) -> Option<Dates> {
        let dates = commits.iter().map(|c| &self.commits[*c].commit);
        let dates = dates.map(|c| Dates { author: c.author.time, committer: c.committer.time });
        dates.reduce(|a, b| Dates { author: pick(a.author, b.author), committer: pick(a.committer, b.committer) })
    }

    fn life(&self, has: impl Fn(&read::Held) -> bool) -> Life {
        let has: Vec<bool> = self.commits.iter().map(has).collect();
        Life::of(&self.parents, &has)
    }

    fn id(&self, commit: usize) -> String {
        self.commits[commit].commit.id.clone()
    }

    fn ids<'a>(&self, commits: impl IntoIterator<Item = &'a usize>) -> BTreeSet<String> {
        commits.into_iter().map(|c| self.id(*c)).collect()
    }
}
