//! The folder that git takes a repository's hooks from.

use super::Hook;
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where git looks for hooks, and who says so.
pub struct HookFolder {
    pub path: PathBuf,
    /// Where `core.hooksPath` is set (`local`, `worktree`, `global`, `system`, `command`), if it is.
    scope: Option<String>,
    /// Whether it lies in the work tree, where it may be committed.
    in_work_tree: bool,
}

impl HookFolder {
    /// Asks git, with the user's own configuration, since that is the one by which hooks run.
    pub fn of(repository: &Path) -> Result<HookFolder> {
        let top = git(repository, &["rev-parse", "--show-toplevel"]);
        // Where there is no work tree, hooks run in the repository's own folder.
        let top = top.or_else(|_| git(repository, &["rev-parse", "--absolute-git-dir"]))?;
        let path = git(&top, &["rev-parse", "--git-path", "hooks"])?;
        // The shortest name, as people write it.
        let path = if path.is_absolute() { path } else { top.join(path) };
        let here = std::env::current_dir().unwrap_or_default();
        let path = path.strip_prefix(&here).map_or(path.clone(), Path::to_owned);
        let scope = git(&top, &["config", "--show-scope", "--get", "core.hooksPath"]).ok();
        let scope = scope.and_then(|line| line.to_string_lossy().split_once('\t').map(|(scope, _)| scope.to_owned()));
        let own = git(&top, &["rev-parse", "--absolute-git-dir"])?;
        let absolute = here.join(&path);
        let in_work_tree = scope.is_some() && absolute.starts_with(&top) && !absolute.starts_with(own);
        Ok(HookFolder { path, scope, in_work_tree })
    }

    /// Whom else the hooks concern.
    pub fn remark(&self) -> Option<String> {
        let path = self.path.display();
        match self.scope.as_deref()? {
            _ if self.in_work_tree => Some(format!("core.hooksPath is {path}, in the work tree: git status shows it")),
            "global" | "system" => Some(format!(
                "core.hooksPath is {path} for every repository of this account: the hooks run in all of them"
            )),
            _ => None,
        }
    }

    /// husky writes its folder anew, so that what is put there is lost.
    pub fn refuse_generated(&self, hook: Hook) -> Result<()> {
        let (name, act) = match hook {
            Hook::PreCommit => (hook.name(), "--staged"),
            Hook::PrePush => (hook.name(), "--stdin-refs"),
        };
        if self.path.ends_with(".husky/_") {
            bail!(
                "{} is husky's, which writes it anew; add the line `deadkey git {act}` to .husky/{name}",
                self.path.display()
            );
        }
        Ok(())
    }
}

/// What git prints, without the end of the line.
fn git(folder: &Path, arguments: &[&str]) -> Result<PathBuf> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output();
    let output = output.context("git is needed to find the folder of the hooks, and could not be run")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or("it says nothing").trim_start_matches("fatal: ").to_owned();
        bail!("git does not know the repository at {}: {said}", folder.display());
    }
    let mut line = output.stdout;
    line.truncate(line.trim_ascii_end().len());
    Ok(PathBuf::from(OsString::from_vec(line)))
}
