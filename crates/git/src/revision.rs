//! Names of commits as people type them, and ranges of them.
//!
//! What <https://git-scm.com/docs/gitrevisions> offers is understood as far as it is common: ids whole and abbreviated,
//! names of refs, `@`, `~N`, `^N`, `^{commit}`, `A..B`, `A...B`, `^A`, `A^!`. The `git` program is asked for the rest.

use crate::git_binary::{GitBinary, GitError};
use crate::objects::{Objects, Reader};
use crate::oid::{Kind, Oid};
use crate::parse::CommitText;
use crate::range::{Selection, Walker};
use crate::refs::{References, Target, peel};
use crate::repository::Repository;
use std::ffi::OsStr;
use std::fmt;

/// Why a name leads to no commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevisionError {
    /// Nothing has that name.
    NotFound(String),
    /// So many objects have ids that begin so.
    Ambiguous(String, usize),
    /// It names an object of another kind, or one that has no such ancestor.
    NoCommit(String, String),
    /// The `git` program had to be asked, and had no answer.
    Git(String, GitError),
}

impl fmt::Display for RevisionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RevisionError::NotFound(text) => write!(
                f,
                "`{text}` names no commit, branch or tag of this repository; fetch it first, or look at `git branch -a`"
            ),
            RevisionError::Ambiguous(text, count) => {
                write!(f, "`{text}` may be any of {count} objects; write more of the id")
            }
            RevisionError::NoCommit(text, reason) => write!(f, "`{text}` leads to no commit: {reason}"),
            RevisionError::Git(text, error) => {
                write!(f, "`{text}` has a form that only git understands, and {error}; write the commit's id instead")
            }
        }
    }
}

impl std::error::Error for RevisionError {}

/// Finds commits by name.
#[derive(Clone, Copy)]
pub struct Revisions<'a> {
    repository: &'a Repository,
    objects: &'a Objects,
    references: &'a References,
    git: Option<&'a GitBinary>,
}

impl<'a> Revisions<'a> {
    /// Looks names up in these refs and objects; `git` is asked for forms not known here.
    pub fn new(
        repository: &'a Repository,
        objects: &'a Objects,
        references: &'a References,
        git: Option<&'a GitBinary>,
    ) -> Revisions<'a> {
        Revisions { repository, objects, references, git }
    }

    /// The commit that a name such as `v1.0~3` leads to.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub fn commit(&self, text: &str) -> Result<Oid, RevisionError> {
        let oid = if is_common(text) { self.common(text)? } else { self.ask(text)? };
        self.peeled(text, oid)
    }

    /// The commits that a range such as `main..topic` stands for: `A..B` is what lies before B and not before A,
    /// `A...B` what lies before only one of them, `^A` takes away, `A^!` is one commit alone, a name on its own is all
    /// before it. Several, with blanks between them, add up. An empty side is `HEAD`.
    ///
    /// # Errors
    /// As [`Revisions::commit`], for the first name that fails.
    pub fn range(&self, text: &str, walker: &mut Walker<'_>) -> Result<Selection, RevisionError> {
        let mut selection = Selection::default();
        let whole = text.starts_with(":/") || text.contains("^{/");
        let terms: Vec<&str> = if whole { vec![text.trim()] } else { text.split_ascii_whitespace().collect() };
        for term in terms {
            self.term(term, walker, &mut selection)?;
        }
        if selection.include.is_empty() {
            return Err(RevisionError::NotFound(text.to_owned()));
        }
        Ok(selection)
    }

    fn term(&self, term: &str, walker: &mut Walker<'_>, selection: &mut Selection) -> Result<(), RevisionError> {
        let side = |name: &str| self.commit(if name.is_empty() { "HEAD" } else { name });
        if let Some((one, other)) = split(term, "...") {
            let (one, other) = (side(one)?, side(other)?);
            selection.exclude.extend(walker.merge_bases(one, &[other]));
            selection.include.extend([one, other]);
        } else if let Some((from, to)) = split(term, "..") {
            selection.exclude.push(side(from)?);
            selection.include.push(side(to)?);
        } else if let Some(name) = term.strip_prefix('^') {
            selection.exclude.push(self.commit(name)?);
        } else if let Some(name) = term.strip_suffix("^!") {
            let commit = self.commit(name)?;
            selection.exclude.extend(self.parents(term, commit, &mut self.reader())?);
            selection.include.push(commit);
        } else {
            selection.include.push(self.commit(term)?);
        }
        Ok(())
    }

    /// A name with any number of `~N`, `^N` and `^{…}` behind it.
    fn common(&self, text: &str) -> Result<Oid, RevisionError> {
        let start = text.find(['~', '^']).unwrap_or(text.len());
        let mut reader = self.reader();
        let mut oid = self.named(&text[..start])?;
        let mut rest = &text[start..];
        while !rest.is_empty() {
            oid = self.peeled_by(text, oid, &mut reader)?;
            if let Some(after) = rest.strip_prefix("^{commit}").or_else(|| rest.strip_prefix("^{}")) {
                rest = after;
                continue;
            }
            let steps = rest.strip_prefix('~');
            let after =
                steps.or_else(|| rest.strip_prefix('^')).ok_or_else(|| RevisionError::NotFound(text.to_owned()))?;
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, after) = after.split_at(digits);
            let many = || RevisionError::NoCommit(text.to_owned(), format!("{number} is too large a number"));
            let number: usize = if number.is_empty() { 1 } else { number.parse().map_err(|_| many())? };
            rest = after;
            if steps.is_some() {
                for _ in 0..number {
                    oid = self.parent(text, oid, 1, &mut reader)?;
                }
            } else if number > 0 {
                oid = self.parent(text, oid, number, &mut reader)?;
            }
        }
        Ok(oid)
    }

    fn parent(&self, text: &str, oid: Oid, number: usize, reader: &mut Reader<'_>) -> Result<Oid, RevisionError> {
        let parents = self.parents(text, oid, reader)?;
        parents.get(number - 1).copied().ok_or_else(|| {
            let why = match self.repository.shallow().binary_search(&oid) {
                Ok(_) => {
                    format!("the parents of {oid} are not in this shallow clone; `git fetch --unshallow` brings them")
                }
                Err(_) => format!("{oid} has {} parents", parents.len()),
            };
            RevisionError::NoCommit(text.to_owned(), why)
        })
    }

    fn parents(&self, text: &str, oid: Oid, reader: &mut Reader<'_>) -> Result<Vec<Oid>, RevisionError> {
        if self.repository.shallow().binary_search(&oid).is_ok() {
            return Ok(Vec::new());
        }
        let mut bytes = Vec::new();
        let read = reader.read(&oid, &mut bytes);
        let commit = matches!(read, Ok(Some(Kind::Commit))).then(|| CommitText::parse(&bytes)).flatten();
        let missing = || RevisionError::NoCommit(text.to_owned(), format!("the commit {oid} cannot be read"));
        commit.map(|commit| commit.parents).ok_or_else(missing)
    }

    fn reader(&self) -> Reader<'a> {
        self.objects.reader_with(8 << 20, usize::MAX)
    }

    /// A ref or an object id, whole or abbreviated.
    fn named(&self, name: &str) -> Result<Oid, RevisionError> {
        let name = if name == "@" { "HEAD" } else { name };
        if name.len() == 2 * self.repository.hash().len()
            && let Some(oid) = Oid::from_hex(name.as_bytes())
        {
            return if self.objects.contains(&oid) { Ok(oid) } else { Err(RevisionError::NotFound(name.to_owned())) };
        }
        if let Some(oid) = self.ref_named(name.as_bytes()) {
            return Ok(oid);
        }
        // What `git describe` prints ends in an id.
        let described = name.rsplit_once("-g").map(|(_, id)| id).filter(|id| is_abbreviated(id));
        match described.or_else(|| is_abbreviated(name).then_some(name)) {
            Some(digits) => self.abbreviated(name, digits),
            None => Err(RevisionError::NotFound(name.to_owned())),
        }
    }

    /// The object of the ref that git means by a short name: the first of these that exists.
    fn ref_named(&self, name: &[u8]) -> Option<Oid> {
        let places: [(&[u8], &[u8]); 6] = [
            (b"", b""),
            (b"refs/", b""),
            (b"refs/tags/", b""),
            (b"refs/heads/", b""),
            (b"refs/remotes/", b""),
            (b"refs/remotes/", b"/HEAD"),
        ];
        let mut found =
            places.iter().filter_map(|(before, after)| self.references.get(&[before, name, after].concat()));
        found.next().map(|reference| reference.oid)
    }

    /// The object whose id begins so. As in git, commits (and tags of commits) go before other objects.
    fn abbreviated(&self, text: &str, digits: &str) -> Result<Oid, RevisionError> {
        let found = self.objects.abbreviated(digits);
        let mut reader = self.reader();
        let leads_to_commit = |oid: &Oid| matches!(peel(*oid, &mut reader).target, Target::Commit(_));
        match found[..] {
            [] => Err(RevisionError::NotFound(text.to_owned())),
            [one] => Ok(one),
            _ => {
                let commits: Vec<Oid> = found.iter().copied().filter(leads_to_commit).collect();
                match commits[..] {
                    [one] => Ok(one),
                    _ => Err(RevisionError::Ambiguous(text.to_owned(), commits.len().max(found.len()))),
                }
            }
        }
    }

    fn peeled(&self, text: &str, oid: Oid) -> Result<Oid, RevisionError> {
        self.peeled_by(text, oid, &mut self.reader())
    }

    fn peeled_by(&self, text: &str, oid: Oid, reader: &mut Reader<'_>) -> Result<Oid, RevisionError> {
        let peeled = peel(oid, reader);
        let reason = match peeled.target {
            Target::Commit(oid) => return Ok(oid),
            Target::Tree(_) => "it is a folder".to_owned(),
            Target::Blob(_) => "it is a file's content".to_owned(),
            Target::Missing(_) => format!("it {}", peeled.fault.unwrap_or_default()),
        };
        Err(RevisionError::NoCommit(text.to_owned(), reason))
    }

    fn ask(&self, text: &str) -> Result<Oid, RevisionError> {
        let fault = |error| RevisionError::Git(text.to_owned(), error);
        let git = self.git.ok_or_else(|| fault(GitError::Absent))?;
        let arguments = ["rev-parse", "--verify", "--end-of-options", text].map(OsStr::new);
        let answer = git.read(self.repository, &arguments).map_err(fault)?;
        let last = answer.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        Oid::from_hex(last).ok_or_else(|| RevisionError::NotFound(text.to_owned()))
    }
}

/// Whether a name has a form that is understood here.
fn is_common(text: &str) -> bool {
    let base = text.split(['~', '^']).next().unwrap_or_default();
    let foreign = text.contains("@{") || text.contains(':') || text.bytes().any(|byte| byte.is_ascii_whitespace());
    let braces = text.replace("^{commit}", "").replace("^{}", "");
    let steps = braces[base.len().min(braces.len())..].chars().all(|c| c.is_ascii_digit() || "~^".contains(c));
    !base.is_empty() && !foreign && steps
}

fn is_abbreviated(text: &str) -> bool {
    text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The sides of a range. Dots within `@{…}`, `^{/…}` and `:/…` are none; refs never hold two in a row.
fn split<'t>(term: &'t str, dots: &str) -> Option<(&'t str, &'t str)> {
    let mut depth = 0i32;
    for (at, c) in term.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ':' if depth == 0 => return None,
            '.' if depth == 0 && term[at..].starts_with(dots) => return Some((&term[..at], &term[at + dots.len()..])),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_apart() {
        for common in ["HEAD", "@", "a/b~3^2", "v1^{commit}~", "1234^0", "x^{}"] {
            assert!(is_common(common), "{common}");
        }
        for other in ["", "@{1}", "HEAD@{yesterday}", ":/text", "HEAD:path", "HEAD^{/fix}", "HEAD^{tree}", "^x", "a b"]
        {
            assert!(!is_common(other), "{other}");
        }
        assert_eq!(split("a..b", ".."), Some(("a", "b")));
        assert_eq!(split("..b", ".."), Some(("", "b")));
        assert_eq!(split("HEAD^{/a..b}..c", ".."), Some(("HEAD^{/a..b}", "c")));
        assert_eq!(split("v1.0.x", ".."), None);
        assert_eq!(split(":/a..b", ".."), None);
    }
}
