use super::{Commit, PathName, Scope};
use crate::history::Credential;
use crate::repository::git_command;
use crate::sketch::{Signature, Time};
use memchr::memmem::Finder;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// The `git` binary, in one repository.
#[derive(Debug)]
pub(super) struct Git(PathBuf);

/// What git said.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The commits in scope, ancestors first.
    pub(super) commits: Vec<Held>,
    /// Their parents, by number.
    pub(super) parents: Vec<Vec<usize>>,
    /// Their numbers, by id.
    pub(super) index: HashMap<String, usize>,
    /// Of every blob there is that holds credentials: which, and where each first stands.
    pub(super) blobs: HashMap<String, BTreeMap<usize, (u64, u64)>>,
    /// Of tag objects that refs lead to: the credentials in them.
    pub(super) tags: HashMap<String, BTreeSet<usize>>,
    /// Refs that lead to commits, with those.
    pub(super) refs: Vec<(String, String)>,
    /// The commit of `HEAD`.
    pub(super) head: Option<String>,
}

/// What a commit holds.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) commit: Commit,
    /// Credential and path, with the blob.
    pub(super) held: BTreeMap<(usize, PathName), String>,
    /// The credentials of `held`.
    pub(super) credentials: BTreeSet<usize>,
    /// Credentials in names of files, with the whole path.
    pub(super) named: BTreeSet<(usize, PathName)>,
    /// Credentials in the commit object itself.
    pub(super) message: BTreeSet<usize>,
}

impl Held {
    pub(super) fn paths_of(&self, credential: usize) -> impl Iterator<Item = &PathName> {
        self.held.keys().filter(move |(c, _)| *c == credential).map(|(_, path)| path)
    }

    pub(super) fn named_after(&self, credential: usize) -> impl Iterator<Item = &PathName> {
        self.named.iter().filter(move |(c, _)| *c == credential).map(|(_, path)| path)
    }
}

impl Git {
    pub(super) fn new(path: &Path) -> Git {
        Git(path.to_owned())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = git_command(&self.0);
        // A repository of another owner is read, too.
        command.args(["-c", "safe.directory=*"]).args(arguments).env("GIT_NO_REPLACE_OBJECTS", "1");
        command
    }

    fn bytes(&self, arguments: &[&str]) -> Vec<u8> {
        let output = self.command(arguments).output().expect("git is installed");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {}: {said}", arguments.join(" "));
        output.stdout
    }

    pub(super) fn lines(&self, arguments: &[&str]) -> Vec<String> {
        let text = String::from_utf8(self.bytes(arguments)).expect("ids and names of refs in UTF-8");
        text.lines().map(str::to_owned).collect()
    }

    /// The best common ancestors; none is no error.
    pub(super) fn merge_bases(&self, a: &str, b: &str) -> Vec<String> {
        let output = self.command(&["merge-base", "--all", a, b]).output().expect("git is installed");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || said.is_empty(), "git merge-base: {said}");
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }

    /// A commit by any name; none if the name leads to no commit.
    fn commit(&self, name: &str) -> Option<String> {
        let name = format!("{name}^{{commit}}");
        let output = self.command(&["rev-parse", "--quiet", "--verify", &name]).output().expect("git is installed");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Every object there is, once.
    fn objects(&self, mut visit: impl FnMut(&str, &str, &[u8])) {
        let arguments = ["cat-file", "--batch-all-objects", "--unordered", "--buffer", "--batch"];
        let mut child = self.command(&arguments).stdout(Stdio::piped()).spawn().expect("git is installed");
        let mut out = BufReader::with_capacity(1 << 20, child.stdout.take().expect("a pipe"));
        let mut bytes = Vec::new();
        while let Some((id, kind)) = next_object(&mut out, &mut bytes) {
            visit(&id, &kind, &bytes);
        }
        assert!(child.wait().expect("git runs").success(), "git cat-file failed");
    }

    /// The commits in scope with their parents, ancestors first.
    fn commits(&self, scope: Scope, every: &[String]) -> Vec<Vec<String>> {
        let mut arguments = vec!["rev-list", "--parents", "--topo-order", "--reverse", "--all"];
        arguments.extend(self.commit("HEAD").map(|_| "HEAD"));
        if scope != Scope::Refs {
            arguments.push("--reflog");
        }
        if scope == Scope::Everything {
            arguments.push("--stdin");
        }
        let mut command = self.command(&arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("git is installed");
        // rev-list reads all of it before it prints; without `--stdin` it does not read at all.
        let input = if scope == Scope::Everything { every.join("\n") + "\n" } else { String::new() };
        child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("git reads");
        let text = read_to_end(&mut child);
        text.lines().map(|line| line.split(' ').map(str::to_owned).collect()).collect()
    }

    fn files(&self, commit: &str) -> Vec<(PathName, String)> {
        let listing = self.bytes(&["ls-tree", "-r", "-z", "--full-tree", commit]);
        let entry = |entry: &[u8]| {
            let tab = entry.iter().position(|b| *b == b'\t').expect("a listed entry has a tab");
            let head = String::from_utf8_lossy(&entry[..tab]).into_owned();
            let mut head = head.split(' ').skip(1);
            let blob = head.next() == Some("blob");
            let id = head.next().expect("a listed entry has an id").to_owned();
            blob.then(|| (PathName(entry[tab + 1..].to_vec()), id))
        };
        listing.split(|b| *b == 0).filter(|e| !e.is_empty()).filter_map(entry).collect()
    }
}

fn read_to_end(child: &mut Child) -> String {
    let mut text = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut text).expect("git prints ids");
    assert!(child.wait().expect("git runs").success(), "git rev-list failed");
    text
}

fn next_object(out: &mut BufReader<ChildStdout>, bytes: &mut Vec<u8>) -> Option<(String, String)> {
    let mut head = String::new();
    if out.read_line(&mut head).expect("git prints") == 0 {
        return None;
    }
    let mut words = head.split_whitespace();
    let id = words.next().expect("an id").to_owned();
    let kind = words.next().expect("a type").to_owned();
    let len: usize = words.next().and_then(|w| w.parse().ok()).unwrap_or_else(|| panic!("git cat-file: {head}"));
    bytes.resize(len + 1, 0);
    out.read_exact(bytes).expect("git prints the whole object");
    bytes.truncate(len);
    Some((id, kind))
}

/// Finds credentials in bytes: one plain search each.
struct Search<'c>(Vec<(usize, Finder<'c>)>);

impl<'c> Search<'c> {
    fn new(credentials: &'c [Credential]) -> Search<'c> {
        assert!(credentials.iter().all(|c| !c.secret.is_empty()), "an empty credential is everywhere");
        Search(credentials.iter().map(|c| (c.id, Finder::new(c.secret.as_bytes()))).collect())
    }

    /// The credentials in `bytes`, with the offset of the first occurrence.
    fn first<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = (usize, usize)> + 'a {
        self.0.iter().filter_map(|(id, finder)| Some((*id, finder.find(bytes)?)))
    }

    fn all(&self, bytes: &[u8]) -> BTreeSet<usize> {
        self.first(bytes).map(|(id, _)| id).collect()
    }
}

impl Known {
    pub(super) fn read(git: &Git, credentials: &[Credential], scope: Scope) -> Known {
        let search = Search::new(credentials);
        let mut known = Known::default();
        let mut headers: HashMap<String, (Signature, Signature, BTreeSet<usize>)> = HashMap::new();
        git.objects(|id, kind, bytes| match kind {
            "blob" => {
                let held: BTreeMap<_, _> = search.first(bytes).map(|(c, at)| (c, line_and_column(bytes, at))).collect();
                if !held.is_empty() {
                    known.blobs.insert(id.to_owned(), held);
                }
            }
            "commit" => {
                let signature = |name| signature(bytes, name).unwrap_or_else(|| panic!("commit {id}: no {name}"));
                headers.insert(id.to_owned(), (signature("author"), signature("committer"), search.all(bytes)));
            }
            "tag" => {
                known.tags.insert(id.to_owned(), search.all(bytes));
            }
            _ => {}
        });
        let every: Vec<String> = headers.keys().cloned().collect();
        for ids in git.commits(scope, &every) {
            let (author, committer, message) = headers.remove(&ids[0]).expect("git lists the objects it has");
            let commit = Commit { id: ids[0].clone(), parents: ids[1..].to_vec(), author, committer };
            known.push(commit, message, &git.files(&ids[0]), &search);
        }
        known.read_refs(git);
        known
    }

    fn push(&mut self, commit: Commit, message: BTreeSet<usize>, files: &[(PathName, String)], search: &Search<'_>) {
        let mut held = BTreeMap::new();
        let mut named = BTreeSet::new();
        for (path, blob) in files {
            for credential in self.blobs.get(blob).into_iter().flat_map(BTreeMap::keys) {
                held.insert((*credential, path.clone()), blob.clone());
            }
            named.extend(search.all(&path.0).into_iter().map(|c| (c, path.clone())));
        }
        let credentials = held.keys().map(|(credential, _)| *credential).collect();
        self.index.insert(commit.id.clone(), self.commits.len());
        self.parents.push(commit.parents.iter().map(|p| self.index[p]).collect());
        self.commits.push(Held { commit, held, credentials, named, message });
    }

    fn read_refs(&mut self, git: &Git) {
        self.head = git.commit("HEAD");
        let mut reached = BTreeSet::new();
        for line in git.lines(&["for-each-ref", "--format=%(objecttype) %(objectname) %(refname)"]) {
            let mut words = line.splitn(3, ' ');
            let mut word = || words.next().expect("three words").to_owned();
            let (kind, id, name) = (word(), word(), word());
            let mut target = (kind, id);
            while target.0 == "tag" {
                reached.insert(target.1.clone());
                target = tagged(&git.bytes(&["cat-file", "tag", &target.1]));
            }
            if target.0 == "commit" {
                self.refs.push((name, target.1));
            }
        }
        self.tags.retain(|id, _| reached.contains(id));
    }

    /// The credentials that a commit holds.
    ///
    /// # Panics
    /// If the commit is not in scope.
    pub(super) fn credentials_in(&self, commit: &str) -> impl Iterator<Item = usize> {
        self.held(commit).credentials.iter().copied()
    }

    /// The credentials that a commit introduces at some path.
    pub(super) fn brought_by(&self, commit: &str) -> BTreeSet<usize> {
        let parents = &self.parents[self.index[commit]];
        let new = |key: &&(usize, PathName)| parents.iter().all(|p| !self.commits[*p].held.contains_key(*key));
        self.held(commit).held.keys().filter(new).map(|(credential, _)| *credential).collect()
    }

    fn held(&self, commit: &str) -> &Held {
        let number = self.index.get(commit).unwrap_or_else(|| panic!("commit {commit} is out of the oracle's scope"));
        &self.commits[*number]
    }
}

/// Type and id of what a tag object names.
fn tagged(tag: &[u8]) -> (String, String) {
    let text = String::from_utf8_lossy(tag);
    let header = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).expect("a tag has it").to_owned();
    (header("type "), header("object "))
}

pub(super) fn signature(commit: &[u8], header: &str) -> Option<Signature> {
    let mut lines = commit.split(|b| *b == b'\n').take_while(|line| !line.is_empty());
    let line = lines.find_map(|line| line.strip_prefix(header.as_bytes())?.strip_prefix(b" "))?;
    let line = String::from_utf8_lossy(line);
    let (who, time) = line.rsplit_once("> ")?;
    let (name, email) = who.split_once(" <")?;
    let (seconds, zone) = time.split_once(' ')?;
    let zone: i32 = zone.parse().ok()?;
    let time = Time { seconds: seconds.parse().ok()?, offset: zone / 100 * 60 + zone % 100 };
    Some(Signature { name: name.to_owned(), email: email.to_owned(), time })
}

/// Line and column of the byte at `offset`, both from 1.
pub(super) fn line_and_column(bytes: &[u8], offset: usize) -> (u64, u64) {
    let before = &bytes[..offset];
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let line = 1 + before.iter().filter(|b| **b == b'\n').count();
    let units: usize =
        before[start..].utf8_chunks().map(|c| c.valid().encode_utf16().count() + c.invalid().len()).sum();
    (line as u64, 1 + units as u64)
}
