//! A repository made with the `git` program in a temporary folder.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A work tree that vanishes with the value.
pub struct WorkTree {
    // Kept so that the folder lives as long as the value.
    _folder: tempfile::TempDir,
    pub path: PathBuf,
}

impl WorkTree {
    /// An empty repository; `options` go to `git init`.
    pub fn new(options: &[&str]) -> WorkTree {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap().join("work");
        fs::create_dir(&path).unwrap();
        git(&path, &[&["init", "-q", "-b", "main"], options].concat());
        WorkTree { _folder: folder, path }
    }

    pub fn write(&self, name: impl AsRef<[u8]>, text: &str) {
        let path = self.path.join(OsStr::from_bytes(name.as_ref()));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn git(&self, arguments: &[&str]) -> Vec<u8> {
        git(&self.path, arguments)
    }

    /// A tree with names of every kind, all added.
    pub fn filled(options: &[&str]) -> WorkTree {
        let tree = WorkTree::new(options);
        let long = format!("{}/{}", vec!["d".repeat(200); 19].join("/"), "f".repeat(250));
        for name in ["a", "a.b", "a/b", "a-b", "src/main.rs", "src/main.rst", ".env", "sp ace/\u{e9}.txt"] {
            if name != "a" {
                tree.write(name, name);
            }
        }
        tree.write(b"raw/\xff\xfe", "not UTF-8");
        tree.write("nl/with\nnewline", "x");
        for at in 0..300 {
            tree.write(format!("many/{}/{at}.txt", at % 7), "x");
        }
        tree.git(&["add", "-A"]);
        // A path longer than the 12 bits of length hold; too long to be a file here.
        let blob = String::from_utf8(tree.git(&["hash-object", "-w", ".env"])).unwrap();
        tree.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{},{long}", blob.trim())]);
        tree
    }
}

/// Runs git with nothing of the user's configuration; panics with its message if it fails.
pub fn git(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "protocol.file.allow=always"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GIT_DIR")
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// What `git ls-files` says is tracked.
pub fn ls_files(folder: &Path, options: &[&str]) -> Vec<Vec<u8>> {
    let listing = git(folder, &[&["ls-files", "-z"], options].concat());
    let mut paths: Vec<Vec<u8>> =
        listing.split(|&byte| byte == 0).filter(|path| !path.is_empty()).map(<[u8]>::to_vec).collect();
    paths.sort();
    paths.dedup();
    paths
}

/// What we say is tracked.
pub fn tracked(folder: &Path) -> Vec<Vec<u8>> {
    let tracked = git::index::tracked_paths(folder).unwrap().expect("the folder lies in a repository");
    tracked.paths().map(<[u8]>::to_vec).collect()
}

/// Whether git refuses a command.
pub fn git_fails(folder: &Path, arguments: &[&str]) -> bool {
    let output = Command::new("git").args(arguments).current_dir(folder).env_remove("GIT_DIR").output();
    !output.expect("git runs").status.success()
}
