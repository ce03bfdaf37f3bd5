use crate::repository::Repository;
use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::sync::Arc;

/// A history drawn commit by commit, each with the whole of its tree, and then written by `git fast-import` in one go.
///
/// ```
/// use testkit::{Repository, Sketch};
///
/// let mut sketch = Sketch::default();
/// let root = sketch.commit(&[], &[("a.txt", "one\n")]);
/// let left = sketch.commit(&[root], &[("a.txt", "two\n")]);
/// let right = sketch.commit(&[root], &[("a.txt", "one\n"), ("b.txt", "new\n")]);
/// let merge = sketch.commit(&[left, right], &[("a.txt", "in neither\n")]);
/// sketch.point("refs/heads/main", merge);
/// let repository = Repository::new();
/// let ids = sketch.import(&repository);
/// assert_eq!(repository.head(), ids[merge]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Sketch {
    drafts: Vec<Draft>,
    refs: BTreeMap<String, usize>,
    tags: Vec<Tag>,
    notes: Vec<(usize, Vec<u8>)>,
}

/// A commit of a [`Sketch`].
#[derive(Clone, Debug)]
pub struct Draft {
    /// The parents, by the numbers that [`Sketch::draw`] gave.
    pub parents: Vec<usize>,
    /// Every file, by its path from the root.
    pub tree: BTreeMap<Vec<u8>, Entry>,
    /// The message.
    pub message: Vec<u8>,
    /// Who wrote it.
    pub author: Signature,
    /// Who committed it.
    pub committer: Signature,
}

/// What a tree names.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its mode.
    pub mode: Mode,
    /// The file's content, the link's target; of a submodule 64 hexadecimal digits, cut to the length of an id.
    pub bytes: Arc<[u8]>,
}

/// The mode of an [`Entry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `100644`
    File,
    /// `100755`
    Executable,
    /// `120000`
    Link,
    /// `160000`
    Submodule,
}

/// Who and when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signature {
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// When.
    pub time: Time,
}

/// A moment as git records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    /// Seconds since 1970-01-01 00:00 UTC.
    pub seconds: i64,
    /// Minutes east of UTC.
    pub offset: i32,
}

#[derive(Clone, Debug)]
struct Tag {
    name: String,
    target: usize,
    message: Vec<u8>,
}

/// Where drafts live while they are imported, so that no branch keeps a commit alive that none shall keep.
const DRAFT: &str = "refs/draft/current";

impl Sketch {
    /// How many commits there are.
    pub fn len(&self) -> usize {
        self.drafts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.drafts.is_empty()
    }

    /// The commits, in the order drawn.
    pub fn drafts(&self) -> &[Draft] {
        &self.drafts
    }

    /// Draws a commit of plain files, a minute later than the last one. Gives its number.
    pub fn commit(&mut self, parents: &[usize], files: &[(&str, &str)]) -> usize {
        let file = |(path, text): &(&str, &str)| {
            (path.as_bytes().to_vec(), Entry { mode: Mode::File, bytes: text.as_bytes().into() })
        };
        let time = Time { seconds: 1_767_225_600 + 60 * self.drafts.len() as i64, offset: 0 };
        let who = Signature { name: "Jo Doe".to_owned(), email: "jo@example.invalid".to_owned(), time };
        self.draw(Draft {
            parents: parents.to_vec(),
            tree: files.iter().map(file).collect(),
            message: format!("commit {}\n", self.drafts.len()).into_bytes(),
            author: who.clone(),
            committer: who,
        })
    }

    /// Draws a commit. Gives its number; they count from 0.
    ///
    /// # Panics
    /// If a parent is not drawn yet.
    pub fn draw(&mut self, draft: Draft) -> usize {
        assert!(draft.parents.iter().all(|p| *p < self.drafts.len()), "parents are drawn first");
        self.drafts.push(draft);
        self.drafts.len() - 1
    }

    /// Lets a ref (its full name) point at a commit. Commits that no ref leads to become unreachable objects.
    pub fn point(&mut self, name: &str, commit: usize) {
        self.refs.insert(name.to_owned(), commit);
    }

    /// Makes an annotated tag, `refs/tags/NAME`.
    pub fn tag(&mut self, name: &str, commit: usize, message: impl Into<Vec<u8>>) {
        self.tags.push(Tag { name: name.to_owned(), target: commit, message: message.into() });
    }

    /// Adds a note to a commit, in `refs/notes/commits`.
    pub fn note(&mut self, commit: usize, text: impl Into<Vec<u8>>) {
        self.notes.push((commit, text.into()));
    }

    /// Writes everything into `repository`, whose index and work tree stay as they are. Gives the commits' ids by their
    /// numbers.
    ///
    /// # Panics
    /// If git refuses.
    pub fn import(&self, repository: &Repository) -> Vec<String> {
        self.import_with(repository, 0)
    }

    /// The same; packs of at most `unpack` objects become loose objects.
    pub(crate) fn import_with(&self, repository: &Repository, unpack: u32) -> Vec<String> {
        let id_len = match repository.git(&["rev-parse", "--show-object-format"]).trim() {
            "sha256" => 64,
            _ => 40,
        };
        let marks = repository.path().join(".git/marks");
        let unpack = format!("fastimport.unpackLimit={unpack}");
        let export = format!("--export-marks={}", marks.display());
        // Quick: most of it is packed again.
        let arguments =
            ["-c", &unpack, "-c", "core.compression=1", "fast-import", "--quiet", "--force", "--done", &export];
        repository.git_with_input(&arguments, &self.stream(id_len));
        repository.git(&["update-ref", "-d", DRAFT]);
        let text = std::fs::read_to_string(&marks).expect("git wrote the marks");
        std::fs::remove_file(&marks).expect("a file just read");
        let mut ids = vec![String::new(); self.drafts.len()];
        for (mark, id) in text.lines().filter_map(|line| line.strip_prefix(':')?.split_once(' ')) {
            let mark: usize = mark.parse().expect("marks are numbers");
            if let Some(slot) = ids.get_mut(mark - 1) {
                id.clone_into(slot);
            }
        }
        ids
    }

    fn stream(&self, id_len: usize) -> Vec<u8> {
        let mut stream = Stream { out: Vec::new(), blobs: HashMap::new(), next: self.drafts.len() + 1, id_len };
        for (number, draft) in self.drafts.iter().enumerate() {
            stream.commit(number, draft);
        }
        for (name, commit) in &self.refs {
            stream.line(&format!("reset {name}\nfrom :{}\n", commit + 1));
        }
        for tag in &self.tags {
            let who = &self.drafts[tag.target].committer;
            stream.line(&format!("tag {}\nfrom :{}\ntagger {}", tag.name, tag.target + 1, who.raw()));
            stream.data(&tag.message);
        }
        for (commit, text) in &self.notes {
            stream.line(&format!("commit refs/notes/commits\ncommitter {}", self.drafts[*commit].committer.raw()));
            stream.data(b"notes added\n");
            stream.line(&format!("N inline :{}", commit + 1));
            stream.data(text);
        }
        stream.line("done");
        stream.out
    }
}

struct Stream {
    out: Vec<u8>,
    /// Marks of blobs by where their bytes lie, which the drafts keep alive.
    blobs: HashMap<*const u8, usize>,
    next: usize,
    id_len: usize,
}

impl Stream {
    fn line(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(b'\n');
    }

    fn data(&mut self, bytes: &[u8]) {
        self.line(&format!("data {}", bytes.len()));
        self.out.extend_from_slice(bytes);
        self.out.push(b'\n');
    }

    fn blob(&mut self, bytes: &Arc<[u8]>) -> usize {
        if let Some(mark) = self.blobs.get(&bytes.as_ptr()) {
            return *mark;
        }
        let mark = self.next;
        self.next += 1;
        self.blobs.insert(bytes.as_ptr(), mark);
        self.line(&format!("blob\nmark :{mark}"));
        self.data(bytes);
        mark
    }

    fn commit(&mut self, number: usize, draft: &Draft) {
        let files: Vec<String> = draft.tree.iter().map(|(path, entry)| self.file(path, entry)).collect();
        // Without this a commit without `from` would follow the last draft.
        self.line(&format!("reset {DRAFT}\n\ncommit {DRAFT}\nmark :{}", number + 1));
        self.line(&format!("author {}\ncommitter {}", draft.author.raw(), draft.committer.raw()));
        self.data(&draft.message);
        for (i, parent) in draft.parents.iter().enumerate() {
            self.line(&format!("{} :{}", if i == 0 { "from" } else { "merge" }, parent + 1));
        }
        self.line("deleteall");
        for file in files {
            self.line(&file);
        }
        self.line("");
    }

    fn file(&mut self, path: &[u8], entry: &Entry) -> String {
        let path = quoted(path);
        let mode = match entry.mode {
            Mode::File => "100644",
            Mode::Executable => "100755",
            Mode::Link => "120000",
            Mode::Submodule => {
                let id = String::from_utf8_lossy(&entry.bytes[..self.id_len]);
                return format!("M 160000 {id} {path}");
            }
        };
        format!("M {mode} :{} {path}", self.blob(&entry.bytes))
    }
}

/// A path as fast-import reads any of them: in quotes, what is not printable in octal.
fn quoted(path: &[u8]) -> String {
    let mut out = vec![b'"'];
    for byte in path {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', *byte]),
            0x20..=0x7e => out.push(*byte),
            _ => write!(out, "\\{byte:03o}").expect("memory takes it"),
        }
    }
    out.push(b'"');
    String::from_utf8(out).expect("ASCII")
}

impl Signature {
    fn raw(&self) -> String {
        let Time { seconds, offset } = self.time;
        let sign = if offset < 0 { '-' } else { '+' };
        let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
        format!("{} <{}> {seconds} {sign}{hours:02}{minutes:02}", self.name, self.email)
    }
}
