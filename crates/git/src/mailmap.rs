//! `.mailmap`: what people are called, whatever they were called when they committed.
//!
//! Format: <https://git-scm.com/docs/gitmailmap>. Addresses and names are compared without regard to the case of ASCII
//! letters, as in git.

use crate::files::{path_from, regular_file};
use crate::objects::Reader;
use crate::oid::{Kind, Oid};
use crate::parse::{CommitText, Entries, Mode};
use crate::repository::Repository;
use crate::signature::{Parts, text};
use model::Signature;
use std::collections::HashMap;
use std::path::Path;

/// The people of a `.mailmap`.
#[derive(Clone, Debug, Default)]
pub struct Mailmap {
    /// By the address they committed with, in lower case.
    people: HashMap<Vec<u8>, Person>,
}

#[derive(Clone, Debug, Default)]
struct Person {
    /// What holds whatever name stands beside the address.
    any: Proper,
    /// What holds for this name (in lower case) with the address only.
    named: HashMap<Vec<u8>, Proper>,
}

/// What is to stand there instead; `None`: what stands there.
#[derive(Clone, Debug, Default)]
struct Proper {
    name: Option<Vec<u8>>,
    email: Option<Vec<u8>>,
}

/// Bytes of a `.mailmap` beyond which it is not read.
const MAX_MAILMAP: u64 = 64 << 20;

impl Mailmap {
    /// The mailmap that git uses by default: the file at the work tree's root (a symbolic link is not followed), or that
    /// of the commit `head` where there is no work tree; then the file that the repository's own configuration names
    /// (`mailmap.file`), if it lies in the repository: one of a stranger must not have other files read. `mailmap.blob`
    /// is not followed. One that cannot be read changes nothing.
    pub fn read(repository: &Repository, reader: &mut Reader<'_>, head: Option<Oid>) -> Mailmap {
        let found = match repository.root() {
            Some(root) => {
                let path = root.join(".mailmap");
                let is_link = path.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
                if is_link { None } else { regular_file(&path, MAX_MAILMAP).ok().flatten() }
            }
            None => head.and_then(|head| blob(reader, head, repository)),
        };
        let configured = configured(repository).unwrap_or_default();
        // Later lines win.
        Mailmap::parse(&[&found.unwrap_or_default()[..], b"\n", &configured].concat())
    }

    /// Reads a mailmap's text. Lines that are none are passed over.
    pub fn parse(text: &[u8]) -> Mailmap {
        let mut mailmap = Mailmap::default();
        for line in text.split(|byte| *byte == b'\n') {
            if line.starts_with(b"#") {
                continue;
            }
            let Some((first, rest)) = person(line, false) else { continue };
            let second = rest.and_then(|rest| person(rest, true)).map(|(second, _)| second);
            mailmap.add(first, second.unwrap_or((None, None)));
        }
        mailmap
    }

    /// Adds `Proper Name <proper@address> Old Name <old@address>`, parts of which may be missing.
    fn add(&mut self, (name, email): Written<'_>, (old_name, old_email): Written<'_>) {
        let (email, old_email) = match old_email {
            Some(old) => (email, old),
            None => (None, email.unwrap_or_default()),
        };
        let person = self.people.entry(old_email.to_ascii_lowercase()).or_default();
        let (name, email) = (name.map(<[u8]>::to_vec), email.map(<[u8]>::to_vec));
        match old_name {
            Some(old_name) => {
                person.named.insert(old_name.to_ascii_lowercase(), Proper { name, email });
            }
            None => {
                person.any.name = name.or(person.any.name.take());
                person.any.email = email.or(person.any.email.take());
            }
        }
    }

    /// Who a line such as `Name <address> seconds zone` names, and when.
    pub fn signature(&self, line: &[u8]) -> Signature {
        let parts = Parts::parse(line);
        let person = self.people.get(&parts.email.to_ascii_lowercase());
        let proper = person.map(|person| {
            let named =
                (!person.named.is_empty()).then(|| person.named.get(&parts.name.to_ascii_lowercase())).flatten();
            named.unwrap_or(&person.any)
        });
        let name = proper.and_then(|proper| proper.name.as_deref()).unwrap_or(parts.name);
        let email = proper.and_then(|proper| proper.email.as_deref()).unwrap_or(parts.email);
        Signature { name: text(name), email: text(email), time: parts.time }
    }
}

/// Name and address, as far as they stand there.
type Written<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);

/// Reads `Name <address>` and hands back what follows, if anything does. `empty`: whether `<>` is an address.
fn person(line: &[u8], empty: bool) -> Option<(Written<'_>, Option<&[u8]>)> {
    let open = line.iter().position(|byte| *byte == b'<')?;
    let close = open + line[open..].iter().position(|byte| *byte == b'>')?;
    if close == open + 1 && !empty {
        return None;
    }
    let name = line[..open].trim_ascii();
    let rest = &line[close + 1..];
    Some((
        (Some(name).filter(|name| !name.is_empty()), Some(&line[open + 1..close])),
        Some(rest).filter(|r| !r.is_empty()),
    ))
}

/// The file that `mailmap.file` names, in the work tree or the repository's own folder.
fn configured(repository: &Repository) -> Option<Vec<u8>> {
    let named = path_from(repository.setting("mailmap.file")?);
    let top = repository.root().unwrap_or(repository.git_dir());
    let path = top.join(named).canonicalize().ok()?;
    let is_within = |folder: &Path| folder.canonicalize().is_ok_and(|folder| path.starts_with(folder));
    let lies_in_it = is_within(top) || is_within(repository.common_dir());
    lies_in_it.then(|| regular_file(&path, MAX_MAILMAP).ok().flatten()).flatten()
}

/// The content of `.mailmap` in the root folder of a commit.
fn blob(reader: &mut Reader<'_>, head: Oid, repository: &Repository) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut read = |oid: Oid, kind: Kind| {
        let found = reader.read(&oid, &mut bytes).ok()??;
        (found == kind).then(|| std::mem::take(&mut bytes))
    };
    let tree = CommitText::parse(&read(head, Kind::Commit)?)?.tree;
    let tree = read(tree, Kind::Tree)?;
    let entry = Entries::new(&tree, repository.hash()).find(|entry| entry.name == b".mailmap")?;
    let blob = (entry.mode == Mode::File).then(|| read(entry.oid, Kind::Blob))??;
    (blob.len() as u64 <= MAX_MAILMAP).then_some(blob)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_line() {
        let map = Mailmap::parse(
            b"# a comment\nProper Name <commit@x>\n<proper@x> <other@x>\n  Both Names   <both@x> <old@x> # why\n\
              One <one@x> Old One <shared@x>\nTwo <two@x> Old Two <shared@x>\nnothing\n<> <empty@x>\n<single@x>\n\
              No Address <>\nFilled <filled@x> <>\n",
        );
        let of = |line: &str| {
            let read = map.signature(line.as_bytes());
            format!("{} <{}>", read.name, read.email)
        };
        for (line, proper) in [
            ("x <commit@x> 1 +0000", "Proper Name <commit@x>"),
            ("x <COMMIT@X> 1 +0000", "Proper Name <COMMIT@X>"),
            ("x <other@x>", "x <proper@x>"),
            ("x <old@x>", "Both Names <both@x>"),
            ("old one <Shared@x>", "One <one@x>"),
            ("Old Two <shared@x>", "Two <two@x>"),
            ("Old Three <shared@x>", "Old Three <shared@x>"),
            ("x <empty@x>", "x <empty@x>"),
            ("x <single@x>", "x <single@x>"),
            ("x <>", "Filled <filled@x>"),
            ("x <unknown@x>", "x <unknown@x>"),
        ] {
            assert_eq!(of(line), proper, "{line}");
        }
    }
}
