use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A git repository in a temporary folder, made with the `git` binary; gone when dropped. Settings of the machine and
/// its user have no part in it, and times count up from a fixed one, so that object ids are the same everywhere.
#[derive(Debug)]
pub struct Repository {
    folder: TempDir,
    commits: u32,
}

/// 2026-01-01 00:00 UTC
const FIRST_COMMIT: u64 = 1_767_225_600;

impl Repository {
    /// An empty repository with a work tree, on branch `main`.
    ///
    /// # Panics
    /// If there is no `git`; so does everything below where git refuses.
    pub fn new() -> Repository {
        Repository::with_format("sha1")
    }

    /// The same, with object ids of `format`: `sha1` or `sha256`.
    pub fn with_format(format: &str) -> Repository {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let repository = Repository { folder, commits: 0 };
        repository.git(&["init", "--quiet", "--initial-branch=main", &format!("--object-format={format}"), "."]);
        repository
    }

    /// The work tree.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of the work tree, its folders too.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let file = self.path().join(path);
        std::fs::create_dir_all(file.parent().expect("a path below the work tree")).expect("a writable folder");
        std::fs::write(&file, bytes).expect("a writable file");
        file
    }

    /// Deletes a file of the work tree.
    pub fn remove(&self, path: &str) {
        std::fs::remove_file(self.path().join(path)).expect("the file is there");
    }

    /// Commits all of the work tree, ignored files too; an empty commit is one. Gives the commit's id.
    pub fn commit(&mut self, message: &str) -> String {
        self.git(&["add", "--all", "--force", "."]);
        self.commits += 1;
        self.git(&["commit", "--quiet", "--allow-empty", "--no-verify", "-m", message]);
        self.head()
    }

    /// Writes one file and commits it.
    pub fn commit_file(&mut self, path: &str, bytes: impl AsRef<[u8]>) -> String {
        self.write(path, bytes);
        self.commit(&format!("change {path}"))
    }

    /// Makes a branch where `HEAD` is and switches to it.
    pub fn branch(&self, name: &str) {
        self.git(&["switch", "--quiet", "--create", name]);
    }

    /// Switches to a branch.
    pub fn switch(&self, name: &str) {
        self.git(&["switch", "--quiet", name]);
    }

    /// Merges a branch with a commit of its own, our side winning conflicts. Gives the commit's id.
    pub fn merge(&mut self, name: &str) -> String {
        self.commits += 1;
        self.git(&["merge", "--quiet", "--no-ff", "--no-edit", "-X", "ours", name]);
        self.head()
    }

    /// Puts every object into one pack with deltas as long as git makes them.
    pub fn pack(&self) {
        self.git(&["repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=250"]);
        self.git(&["prune-packed", "-q"]);
    }

    /// The commit that `HEAD` names.
    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// Runs git in the work tree; what it prints.
    ///
    /// # Panics
    /// If it fails, with what it said.
    pub fn git(&self, arguments: &[&str]) -> String {
        String::from_utf8_lossy(&self.git_with_input(arguments, b"")).into_owned()
    }

    /// The same with bytes on its standard input; the bytes that it prints.
    pub fn git_with_input(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let output = self.run(arguments, input);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {}: {said}", arguments.join(" "));
        output.stdout
    }

    /// Runs git whether or not it succeeds.
    pub(crate) fn run(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("git is installed");
        let mut stdin = child.stdin.take().expect("a pipe");
        std::thread::scope(|scope| {
            // A git that fails closes the pipe; what it says counts, not that.
            scope.spawn(move || stdin.write_all(input).ok());
            child.wait_with_output().expect("git runs")
        })
    }

    fn command(&self) -> Command {
        let time = format!("{} +0000", FIRST_COMMIT + 60 * u64::from(self.commits));
        let mut command = git_command(self.path());
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Jo Doe").env(format!("GIT_{who}_EMAIL"), "jo@example.invalid");
            command.env(format!("GIT_{who}_DATE"), &time);
        }
        command
    }
}

/// Git in a folder, without the settings of the machine and its user.
pub(crate) fn git_command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder);
    // Variables of a surrounding git (a hook, a rebase) would lead elsewhere.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"] {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    command
}

impl Default for Repository {
    fn default() -> Repository {
        Repository::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_same_everywhere_and_history_is_as_told() {
        let build = || {
            let mut repository = Repository::new();
            repository.commit_file("a/b.txt", "one\n");
            repository.branch("side");
            repository.commit_file("c.txt", "side\n");
            repository.switch("main");
            repository.commit_file("a/b.txt", "two\n");
            repository.merge("side");
            repository.pack();
            repository
        };
        let (first, second) = (build(), build());
        assert_eq!(first.head(), second.head());
        assert_eq!(first.git(&["rev-list", "--count", "HEAD"]).trim(), "4");
        assert!(first.path().join("c.txt").exists());
        assert!(first.git(&["count-objects", "-v"]).contains("count: 0\n"));
    }
}
