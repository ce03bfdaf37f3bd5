//! `deadkey hook`: puts deadkey into a repository's hooks and takes it out again, and keeps what is there.
//!
//! A hook that is there is moved beside ours, which runs it first. Taking ours out moves it back, byte for byte. What is
//! neither as we wrote it nor somebody's own hook is left alone, with a sentence.

mod folder;
mod script;

use crate::print::print;
use crate::{exit, tell};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use folder::HookFolder;
use script::Script;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Examples of `deadkey hook`.
pub const EXAMPLES: &str = "Examples:
  deadkey hook install
  deadkey hook install pre-commit
  deadkey hook status
  deadkey hook uninstall

docs/hooks.md has the lines for pre-commit, lefthook and husky.";

/// Arguments of `deadkey hook`.
#[derive(Debug, Args)]
pub struct HookArgs {
    /// What to do.
    #[command(subcommand)]
    command: HookCommand,
}

#[derive(Debug, Subcommand)]
enum HookCommand {
    /// Put deadkey into the hooks; a hook that is there is kept and runs first.
    #[command(after_help = "Examples:\n  deadkey hook install\n  deadkey hook install pre-push")]
    Install(HookSelection),
    /// Take deadkey out of the hooks; what was there before is put back.
    #[command(after_help = "Examples:\n  deadkey hook uninstall\n  deadkey hook uninstall pre-push")]
    Uninstall(HookSelection),
    /// Say which hooks run deadkey.
    #[command(after_help = "Examples:\n  deadkey hook status\n  deadkey hook status --repository .")]
    Status(HookSelection),
}

#[derive(Debug, Args)]
struct HookSelection {
    /// The hooks [default: both].
    #[arg(value_name = "HOOK")]
    hooks: Vec<Hook>,
    /// The repository.
    #[arg(long, value_name = "PATH", default_value = ".")]
    repository: PathBuf,
}

/// A hook of git that deadkey can stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Hook {
    /// Looks at what is staged.
    PreCommit,
    /// Looks at what the other side does not have.
    PrePush,
}

impl Hook {
    const fn name(self) -> &'static str {
        match self {
            Hook::PreCommit => "pre-commit",
            Hook::PrePush => "pre-push",
        }
    }
}

/// Runs the command; gives the exit code.
pub fn run(args: &HookArgs) -> Result<u8> {
    let (HookCommand::Install(selection) | HookCommand::Uninstall(selection) | HookCommand::Status(selection)) =
        &args.command;
    let folder = HookFolder::of(&selection.repository)?;
    let hooks = if selection.hooks.is_empty() { Hook::value_variants() } else { &selection.hooks };
    let mut lines = Vec::new();
    for hook in hooks {
        let slot = Slot::of(&folder.path, *hook);
        lines.push(match &args.command {
            HookCommand::Install(_) => slot.install(&folder)?,
            HookCommand::Uninstall(_) => slot.uninstall()?,
            HookCommand::Status(_) => slot.status()?,
        });
    }
    if let (HookCommand::Install(_) | HookCommand::Status(_), Some(remark)) = (&args.command, folder.remark()) {
        tell!("{remark}");
    }
    print(exit::CLEAN, |out| lines.iter().try_for_each(|line| writeln!(out, "{line}")))
}

/// A hook's place in a folder.
struct Slot {
    hook: Hook,
    path: PathBuf,
    /// Where what was there before is kept.
    kept: PathBuf,
}

/// What is in a hook's place.
enum Found {
    Nothing,
    /// Ours, as we wrote it, running this program.
    Ours(Script),
    /// Ours, changed since, or of another version.
    Changed,
    Other,
}

impl Slot {
    fn of(folder: &Path, hook: Hook) -> Slot {
        let at = |ending: &str| folder.join(format!("{}{ending}", hook.name()));
        Slot { hook, path: at(""), kept: at(script::KEPT) }
    }

    fn found(&self) -> Result<Found> {
        match fs::symlink_metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(error).with_context(|| self.path.display().to_string()),
            Ok(there) if there.is_symlink() => return Ok(Found::Other),
            Ok(there) if there.is_file() => {}
            Ok(_) => bail!("{} is neither a file nor a link; move it away first", self.path.display()),
        }
        let text = fs::read(&self.path).with_context(|| format!("{} cannot be read", self.path.display()))?;
        Ok(match (Script::read(self.hook, &text), script::is_marked(&text)) {
            (Some(script), _) => Found::Ours(script),
            (None, true) => Found::Changed,
            (None, false) => Found::Other,
        })
    }

    fn has_kept(&self) -> bool {
        fs::symlink_metadata(&self.kept).is_ok()
    }

    fn install(&self, folder: &HookFolder) -> Result<String> {
        folder.refuse_generated(self.hook)?;
        let script = Script::of(self.hook, std::env::current_exe().context("deadkey does not know where it lies")?);
        let (name, path) = (self.hook.name(), self.path.display());
        let found = self.found()?;
        match &found {
            Found::Ours(there) if *there == script => return Ok(format!("{name}: is installed in {path} already")),
            Found::Changed => bail!(
                "{path} is deadkey's, but not as this version writes it; move it away, then run `deadkey hook install` again"
            ),
            Found::Other if self.has_kept() => bail!(
                "{path} is not deadkey's, and {} is kept from an earlier time; only one of them can run after deadkey: \
                 move the one away that you do not need",
                self.kept.display()
            ),
            Found::Nothing | Found::Ours(_) | Found::Other => {}
        }
        fs::create_dir_all(&folder.path).with_context(|| format!("there is no folder {}", folder.path.display()))?;
        let written = self.write(&script, matches!(found, Found::Other));
        written.with_context(|| format!("the hook could not be written to {path}"))?;
        let after = if self.has_kept() { format!("; {} runs first", self.kept.display()) } else { String::new() };
        Ok(format!("{name}: installed in {path}{after}"))
    }

    /// The new hook is whole before the old one is moved.
    fn write(&self, script: &Script, keep: bool) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(".deadkey-").tempfile_in(folder)?;
        file.write_all(&script.text())?;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o755))?;
        if keep {
            fs::rename(&self.path, &self.kept)?;
        }
        match file.persist(&self.path) {
            Ok(_) => Ok(()),
            Err(error) => {
                if keep {
                    fs::rename(&self.kept, &self.path)?;
                }
                Err(error.error)
            }
        }
    }

    fn uninstall(&self) -> Result<String> {
        let (name, path) = (self.hook.name(), self.path.display());
        match self.found()? {
            Found::Nothing if !self.has_kept() => return Ok(format!("{name}: is not installed")),
            Found::Nothing | Found::Ours(_) => {}
            Found::Changed => bail!(
                "{path} is deadkey's, but not as this version writes it; take out of it what deadkey put there by hand"
            ),
            Found::Other if self.has_kept() => bail!(
                "{path} was written after deadkey was installed; what was there before is in {}",
                self.kept.display()
            ),
            Found::Other => return Ok(format!("{name}: is not installed; {path} is left as it is")),
        }
        if self.has_kept() {
            fs::rename(&self.kept, &self.path).with_context(|| format!("{path} could not be put back"))?;
            return Ok(format!("{name}: taken out; {path} is what it was before"));
        }
        fs::remove_file(&self.path).with_context(|| format!("{path} could not be removed"))?;
        Ok(format!("{name}: taken out"))
    }

    fn status(&self) -> Result<String> {
        let (name, path) = (self.hook.name(), self.path.display());
        let after = if self.has_kept() { format!("; {} runs first", self.kept.display()) } else { String::new() };
        Ok(match self.found()? {
            Found::Nothing => format!("{name}: not installed"),
            Found::Other => format!("{name}: not installed; {path} is another hook"),
            Found::Changed => format!("{name}: {path} is deadkey's, but not as this version writes it"),
            Found::Ours(script) if script.is_there() => format!("{name}: installed in {path}{after}"),
            Found::Ours(script) => format!(
                "{name}: installed in {path}, for a deadkey that is no longer at {}; the one on PATH runs{after}",
                script.program().display()
            ),
        })
    }
}
