//! What git tells hooks on their standard input: which refs move.
//!
//! Format: <https://git-scm.com/docs/githooks#pre-receive> and `#_pre_push`.

use crate::oid::{HashKind, Oid};
use std::fmt;

/// A ref that a push moves, or moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefUpdate {
    /// The ref that moves, at the receiving side: its full name.
    pub name: Vec<u8>,
    /// Where it was as far as is known; `None` if it did not exist.
    pub old: Option<Oid>,
    /// Where it goes; `None` if it is deleted.
    pub new: Option<Oid>,
    /// What is pushed, as the sending side names it (a ref, or whatever was typed); only of `pre-push`.
    pub local: Option<Vec<u8>>,
}

/// A line that is none of a hook's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookInputError {
    /// The line's number, from 1.
    pub line: usize,
    reason: String,
}

impl fmt::Display for HookInputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {} of the hook's input {}; git writes `old-id new-id ref` to pre-receive and post-receive, \
             `local-ref local-id remote-ref remote-id` to pre-push",
            self.line, self.reason
        )
    }
}

impl std::error::Error for HookInputError {}

/// Reads what git tells the hooks pre-receive, post-receive and pre-push; which of them a line is of shows in its form.
/// No line at all is what pre-push gets when there is nothing to push.
///
/// # Errors
/// For the first line that is of neither form, or names no object ids of the repository's format.
pub fn hook_input(text: &[u8], hash: HashKind) -> Result<Vec<RefUpdate>, HookInputError> {
    let lines = text.split(|byte| *byte == b'\n').enumerate();
    let lines = lines.map(|(at, line)| (at, line.trim_ascii_end())).filter(|(_, line)| !line.is_empty());
    lines.map(|(at, line)| parse(line, hash).map_err(|reason| HookInputError { line: at + 1, reason })).collect()
}

fn parse(line: &[u8], hash: HashKind) -> Result<RefUpdate, String> {
    // What is pushed may be an expression with blanks in it; the rest holds none.
    let from_end: Vec<&[u8]> = line.rsplitn(4, |byte| *byte == b' ').collect();
    match from_end[..] {
        [name, new, old] if starts_with_id(old, hash) => {
            Ok(RefUpdate { name: full(name)?, old: id(old, hash)?, new: id(new, hash)?, local: None })
        }
        [old, name, new, local] => {
            let local = if local == b"(delete)" { None } else { Some(local.to_vec()) };
            Ok(RefUpdate { name: full(name)?, old: id(old, hash)?, new: id(new, hash)?, local })
        }
        [_, _, old] => Err(format!("begins with `{}`, which is no object id", shown(old))),
        _ => Err(format!("has {} words", from_end.len())),
    }
}

fn starts_with_id(word: &[u8], hash: HashKind) -> bool {
    word.len() == 2 * hash.len() && Oid::from_hex(word).is_some()
}

/// An object id, or the zeros that stand for none.
fn id(word: &[u8], hash: HashKind) -> Result<Option<Oid>, String> {
    let fault = || format!("has `{}` where an object id of {} digits is expected", shown(word), 2 * hash.len());
    let oid = Oid::from_hex(word).filter(|oid| oid.as_bytes().len() == hash.len()).ok_or_else(fault)?;
    Ok((!oid.is_null()).then_some(oid))
}

fn full(name: &[u8]) -> Result<Vec<u8>, String> {
    if name.starts_with(b"refs/") {
        return Ok(name.to_vec());
    }
    Err(format!("has `{}` where the full name of a ref (`refs/…`) is expected", shown(name)))
}

/// A word as far as an error shows it.
fn shown(word: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(word).chars().take(64).filter(|c| !c.is_control()).collect();
    if word.len() > 64 { format!("{text}…") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "1111111111111111111111111111111111111111";
    const B: &str = "2222222222222222222222222222222222222222";

    fn zeros() -> String {
        "0".repeat(40)
    }

    fn read(text: &str) -> Result<Vec<RefUpdate>, HookInputError> {
        hook_input(text.as_bytes(), HashKind::Sha1)
    }

    fn oid(text: &str) -> Option<Oid> {
        Oid::from_hex(text.as_bytes())
    }

    #[test]
    fn updates_creations_and_deletions() {
        let z = zeros();
        let text = format!("{A} {B} refs/heads/main\n{z} {A} refs/tags/v1\r\n\n{A} {z} refs/heads/old");
        let updates = read(&text).unwrap();
        let ends: Vec<_> = updates.iter().map(|update| (update.old, update.new)).collect();
        assert_eq!(ends, [(oid(A), oid(B)), (None, oid(A)), (oid(A), None)]);
        assert_eq!(updates[1].name, b"refs/tags/v1");
        assert_eq!(read(""), Ok(Vec::new()));
    }

    #[test]
    fn pushes_may_be_typed_with_blanks() {
        let z = zeros();
        let text = format!(
            "refs/heads/a {A} refs/heads/b {B}\n(delete) {z} refs/heads/gone {A}\nHEAD^{{/fix this}} {A} refs/heads/new {z}\n"
        );
        let updates = read(&text).unwrap();
        assert_eq!(updates[0].local.as_deref(), Some(&b"refs/heads/a"[..]));
        assert_eq!((updates[0].old, updates[0].new), (oid(B), oid(A)));
        assert_eq!((updates[1].local.as_deref(), updates[1].new, updates[1].old), (None, None, oid(A)));
        assert_eq!(updates[2].local.as_deref(), Some(&b"HEAD^{/fix this}"[..]));
        assert_eq!((updates[2].old, updates[2].new), (None, oid(A)));
    }

    #[test]
    fn the_format_of_ids_is_the_repositorys() {
        let (long, z) = ("a".repeat(64), "0".repeat(64));
        let text = format!("{z} {long} refs/heads/x\n");
        assert_eq!(hook_input(text.as_bytes(), HashKind::Sha256).unwrap()[0].new, oid(&long));
        assert!(read(&text).unwrap_err().to_string().contains("line 1"));
        assert!(hook_input(format!("{A} {B} refs/heads/x").as_bytes(), HashKind::Sha256).is_err());
    }

    #[test]
    fn wrong_lines_are_named() {
        for (line, reason) in [
            ("hello", "has 1 words"),
            (&format!("{A} {B}"), "has 2 words"),
            (&format!("{A} {B} main"), "`main` where the full name"),
            (&format!("{A} 12 refs/heads/x"), "`12` where an object id of 40 digits"),
            (&format!("x {B} refs/heads/x"), "begins with `x`"),
            (&format!("a b {A} refs/heads/x y"), "`y` where an object id"),
        ] {
            let error = read(&format!("{A} {B} refs/heads/ok\n{line}\n")).unwrap_err();
            assert_eq!(error.line, 2);
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
}
