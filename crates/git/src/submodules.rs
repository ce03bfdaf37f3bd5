//! Submodules: other repositories that a work tree has in it.
//!
//! Format: <https://git-scm.com/docs/gitmodules>.

use crate::config::Config;
use crate::files::path_from;
use crate::repository::Repository;
use std::fmt;

/// A submodule as `.gitmodules` describes it.
#[derive(Clone, PartialEq, Eq)]
pub struct Submodule {
    /// Its name: often its first path.
    pub name: String,
    /// Its folder, from the root of the work tree; empty if none is given.
    pub path: Vec<u8>,
    /// Where it is cloned from, as written; may hold credentials.
    pub url: Vec<u8>,
}

/// URLs hold passwords.
impl fmt::Debug for Submodule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Submodule {:?} at {:?}", self.name, String::from_utf8_lossy(&self.path))
    }
}

impl Submodule {
    /// Reads a `.gitmodules` file: its submodules, in the order in which they are first named.
    pub fn parse(text: &[u8]) -> Vec<Submodule> {
        let mut found: Vec<Submodule> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for (key, value) in Config::parse(text).iter() {
            let Some((name, setting)) = key.strip_prefix("submodule.").and_then(|key| key.rsplit_once('.')) else {
                continue;
            };
            let at = *places.entry(name.to_owned()).or_insert_with(|| {
                found.push(Submodule { name: name.to_owned(), path: Vec::new(), url: Vec::new() });
                found.len() - 1
            });
            match setting {
                "path" => found[at].path = value.to_vec(),
                "url" => found[at].url = value.to_vec(),
                _ => {}
            }
        }
        found
    }

    /// Whether it was fetched: its folder in the work tree holds a repository, or the repository keeps one for it.
    pub fn is_initialised(&self, repository: &Repository) -> bool {
        let outside = |part: &[u8]| part == b".." || part.is_empty();
        if self.path.split(|byte| *byte == b'/').any(outside) || self.name.split('/').any(|p| outside(p.as_bytes())) {
            return false;
        }
        let checked_out = repository.root().is_some_and(|root| root.join(path_from(&self.path)).join(".git").exists());
        checked_out || repository.common_dir().join("modules").join(&self.name).join("HEAD").exists()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_paths_and_urls() {
        let text = b"[submodule \"lib/a.b\"]\n\tpath = lib/a.b\n\turl = https://host/a.git\n[other]\n\turl = x\n\
            [submodule \"second\"]\n\turl = ../b.git\n\tpath = \"with space\"\n[submodule \"lib/a.b\"]\n\turl = ssh://z\n";
        let found = Submodule::parse(text);
        let of = |module: &Submodule| (module.name.clone(), module.path.clone(), module.url.clone());
        let expect = |name: &str, path: &[u8], url: &[u8]| (name.to_owned(), path.to_vec(), url.to_vec());
        assert_eq!(
            found.iter().map(of).collect::<Vec<_>>(),
            [expect("lib/a.b", b"lib/a.b", b"ssh://z"), expect("second", b"with space", b"../b.git")]
        );
        assert!(!format!("{found:?}").contains("ssh"));
    }
}
