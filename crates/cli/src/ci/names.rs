//! Names that come from outside and go to `git` and into messages: checked once, here.

use serde::Serialize;
use std::fmt;

/// A commit as a platform names it: 7 to 64 hexadecimal digits in lower case, not all of them zeros. Bitbucket and Travis
/// abbreviate to 12.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Commit(String);

impl Commit {
    /// What a commit id has to look like, for messages.
    pub const WANTED: &'static str = "a commit id (7 to 64 hexadecimal digits)";

    /// Whether `text` consists of as many hexadecimal digits as a commit id; all zeros included.
    pub fn looks_like_one(text: &str) -> bool {
        (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// The commit, or `None` for all zeros, by which platforms say that there was none.
    ///
    /// # Errors
    /// If it is neither.
    pub fn parse(text: &str) -> Result<Option<Commit>, &'static str> {
        match Commit::looks_like_one(text) {
            false => Err(Commit::WANTED),
            true if text.bytes().all(|byte| byte == b'0') => Ok(None),
            true => Ok(Some(Commit(text.to_ascii_lowercase()))),
        }
    }

    /// The hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is whole, so that a server can be asked for it.
    pub fn is_whole(&self) -> bool {
        matches!(self.0.len(), 40 | 64)
    }
}

/// Its first ten digits, which is what people compare.
impl fmt::Display for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0[..self.0.len().min(10)])
    }
}

/// The short name of a branch or tag (`main`, `v1.2`), as git allows it, and without characters that hide or reorder
/// what is read: whoever opens a pull request chooses it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct RefName(String);

impl RefName {
    /// What a name has to look like, for messages.
    pub const WANTED: &'static str = "the name of a branch or tag";

    /// The name, with or without `refs/heads/` or `refs/tags/` before it.
    ///
    /// # Errors
    /// If git does not allow it (`git check-ref-format`), or it holds an invisible character.
    pub fn parse(text: &str) -> Result<RefName, &'static str> {
        let name = text.strip_prefix("refs/heads/").or_else(|| text.strip_prefix("refs/tags/")).unwrap_or(text);
        if is_allowed(name) { Ok(RefName(name.to_owned())) } else { Err(RefName::WANTED) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

fn is_allowed(name: &str) -> bool {
    let forbidden = |c: char| {
        c.is_control()
            || " ~^:?*[\\".contains(c)
            || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    let component = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    name.len() <= 1024
        && name != "@"
        && !name.starts_with('-')
        && !name.ends_with('.')
        && !name.contains("..")
        && !name.contains("@{")
        && !name.contains(forbidden)
        && name.split('/').all(component)
}

/// `word` as a shell takes it for one word.
pub fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._+:=@%,".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_hexadecimal_and_zeros_are_none() {
        assert_eq!(Commit::parse(&"0".repeat(40)), Ok(None));
        let commit = Commit::parse("ABCDEF0123456789ABCDEF0123456789ABCDEF01").unwrap().unwrap();
        assert_eq!((commit.to_string().as_str(), commit.is_whole()), ("abcdef0123", true));
        assert!(!Commit::parse("abcdef012345").unwrap().unwrap().is_whole());
        for text in ["", "abc", "HEAD", "--upload-pack=x", "abcdef01 ", &"a".repeat(65), "abcdefg0"] {
            assert_eq!(Commit::parse(text), Err(Commit::WANTED), "{text}");
        }
    }

    #[test]
    fn names_are_those_git_allows() {
        for name in ["main", "feature/ünïcode-1", "a$(b)'c", "release/1.2", "gh-readonly-queue/main/pr-1-abc"] {
            assert_eq!(RefName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(RefName::parse("refs/heads/refs/heads/x").unwrap().as_str(), "refs/heads/x");
        assert_eq!(RefName::parse("refs/tags/v1").unwrap().as_str(), "v1");
        let refused = [
            "",
            "-x",
            "a b",
            "a..b",
            "a~1",
            "a^",
            "a:b",
            "a.lock",
            "x/.y",
            "a//b",
            "/a",
            "a/",
            "a.",
            "@",
            "a@{1}",
            "a\u{202e}b",
            "a\nb",
            "a\\b",
        ];
        for name in refused {
            assert!(RefName::parse(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quoted("+refs/heads/main:refs/remotes/origin/main"), "+refs/heads/main:refs/remotes/origin/main");
        assert_eq!(quoted("a$(id)'b"), r"'a$(id)'\''b'");
        assert_eq!(quoted(""), "''");
    }
}
