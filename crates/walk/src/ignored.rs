//! Files of ignore rules, read when first asked.

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder, gitconfig_excludes_path};
use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Bytes of an ignore file beyond which it is not honoured: compiling the patterns of a hostile one could take any
/// amount of time. Then more is scanned, never less.
const MAX_BYTES: u64 = 1 << 20;

/// The user's own file of ignore rules, as git finds it: `core.excludesFile` of the user's configuration, or
/// `git/ignore` in the configuration folder. Reads `HOME` and `XDG_CONFIG_HOME`.
pub fn user_excludes_file() -> Option<PathBuf> {
    gitconfig_excludes_path()
}

/// One file of ignore rules.
#[derive(Debug)]
pub(crate) struct Patterns {
    file: PathBuf,
    compiled: OnceLock<Gitignore>,
}

impl Patterns {
    pub(crate) fn new(file: PathBuf) -> Patterns {
        Patterns { file, compiled: OnceLock::new() }
    }

    /// The `.gitignore` of a folder. Git does not follow one that is a symbolic link.
    pub(crate) fn of_folder(folder: &Path) -> Option<Patterns> {
        let file = folder.join(".gitignore");
        fs::symlink_metadata(&file).is_ok_and(|meta| meta.is_file()).then(|| Patterns::new(file))
    }

    /// What the file says of `path` (from the folder that the file speaks for): ignored, not ignored, or nothing.
    pub(crate) fn decide(&self, path: &[u8], is_folder: bool) -> Option<bool> {
        match self.compiled.get_or_init(|| self.compile()).matched(path_of(path), is_folder) {
            Match::None => None,
            Match::Ignore(_) => Some(true),
            Match::Whitelist(_) => Some(false),
        }
    }

    /// A pattern that cannot be understood ignores nothing, as for git; so does a file that cannot be read.
    fn compile(&self) -> Gitignore {
        if !fs::metadata(&self.file).is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_BYTES) {
            return Gitignore::empty();
        }
        let mut builder = GitignoreBuilder::new(".");
        let _ = builder.add(&self.file);
        builder.build().unwrap_or_else(|_| Gitignore::empty())
    }
}

/// A path as git writes it, for the system.
fn path_of(bytes: &[u8]) -> Cow<'_, Path> {
    #[cfg(unix)]
    return Cow::Borrowed(Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes)));
    #[cfg(not(unix))]
    return Cow::Owned(PathBuf::from(String::from_utf8_lossy(bytes).into_owned()));
}
