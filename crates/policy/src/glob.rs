//! gitignore patterns, relative to a folder.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Patterns that say the same as in a `.gitignore` of their folder.
#[derive(Clone, Debug)]
pub(crate) struct Globs {
    /// The folder, from the policy root; empty for the root.
    folder: String,
    globs: Gitignore,
}

/// Whether a pattern can be read.
pub(crate) fn check(pattern: &str) -> Result<(), String> {
    if pattern.trim().is_empty() {
        return Err("it is empty; write a path such as `vendor/`, or take it out".to_owned());
    }
    if has_open_class(pattern.as_bytes()) {
        return Err("its `[` has no `]`, so that git would have it fit nothing; close it, or write `\\[`".to_owned());
    }
    GitignoreBuilder::new("").add_line(None, pattern).map(|_| ()).map_err(|error| error.to_string())
}

/// Whether a set of characters is begun and not ended.
fn has_open_class(pattern: &[u8]) -> bool {
    let mut at = 0;
    while let Some(byte) = pattern.get(at) {
        at += match byte {
            b'\\' => 2,
            b'[' => {
                let negated = matches!(pattern.get(at + 1), Some(b'!' | b'^'));
                // A bracket that comes first is one of the characters.
                let first = at + 2 + usize::from(negated);
                let Some(rest) = pattern.get(first..) else { return true };
                let Some(end) = memchr::memchr(b']', rest) else { return true };
                first + end + 1 - at
            }
            _ => 1,
        };
    }
    false
}

impl Globs {
    /// Patterns that have been [checked](check).
    pub(crate) fn new<'p>(folder: &str, patterns: impl IntoIterator<Item = &'p str>) -> Globs {
        let mut builder = GitignoreBuilder::new("");
        for pattern in patterns {
            // It was read once before.
            let _ = builder.add_line(None, pattern);
        }
        Globs { folder: folder.to_owned(), globs: builder.build().unwrap_or_else(|_| Gitignore::empty()) }
    }

    /// Whether a path, from the policy root, or a folder that holds it fits. Of a member of an archive the archive's own
    /// path counts as a folder.
    pub(crate) fn fit(&self, path: &str) -> bool {
        let Some(below) = below(path, &self.folder) else { return false };
        let own = below.replace('!', "/");
        !own.is_empty() && self.globs.matched_path_or_any_parents(own.trim_start_matches('/'), false).is_ignore()
    }
}

/// `path` as seen from `folder`, if it lies there.
pub(crate) fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() {
        return Some(path);
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_say_what_they_say_in_a_gitignore() {
        let fits = |folder: &str, pattern: &str, path: &str| Globs::new(folder, [pattern]).fit(path);
        for (folder, pattern, path, fit) in [
            ("", "vendor/", "vendor/a.c", true),
            ("", "vendor/", "src/vendor/a.c", true),
            ("", "/vendor/", "src/vendor/a.c", false),
            ("", "*.pem", "a/b.pem", true),
            ("", "tests/**/*.json", "tests/a/b/c.json", true),
            ("", "tests/**/*.json", "src/tests/c.json", false),
            ("a/b", "/x.env", "a/b/x.env", true),
            ("a/b", "/x.env", "a/x.env", false),
            ("a/b", "*", "a/bc/x.env", false),
            ("", "old.zip", "old.zip!a/b", true),
            ("", "src/a.rs", "src/a.rs", true),
            ("", "src/a.rs", "x/src/a.rs", false),
        ] {
            assert_eq!(fits(folder, pattern, path), fit, "{folder} {pattern} {path}");
        }
        for (pattern, can_be_read) in [
            ("a/[b", false),
            (" ", false),
            ("[", false),
            ("[!]", false),
            ("[]", false),
            ("{a", false),
            ("[]]", true),
            ("[!]a]x", true),
            ("\\[b", true),
            ("a[bc]*", true),
        ] {
            assert_eq!(check(pattern).is_ok(), can_be_read, "{pattern}");
        }
    }
}
