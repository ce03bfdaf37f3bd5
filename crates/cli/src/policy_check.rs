//! What is wrong with the policy of a folder and below: `deadkey config check` and `deadkey doctor` ask.

use crate::args::{CommonArgs, KnownArgs};
use crate::configured::Configured;
use crate::known::{self, Known};
use crate::rule_selection;
use anyhow::{Context, Result, bail};
use model::{FingerprintKey, Origin};
use policy::FILE_NAME;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders in each other that are searched for policy files.
const DEPTH: usize = 64;

/// What the files say, and what is wrong with it.
#[derive(Default)]
pub struct Checked {
    /// The policy files and ignore files that count somewhere, as the user knows them.
    pub files: Vec<String>,
    /// A sentence for each thing that makes a scan end with exit code 2, or that does not do what it says. Holds no secret.
    pub faults: Vec<String>,
    /// What is worth knowing. Holds no secret.
    pub notes: Vec<String>,
}

/// Reads the policy that counts for a path, and those of folders below, with the loader that scans use.
///
/// # Errors
/// If a folder cannot be read.
pub fn check(path: &Path, args: &CommonArgs) -> Result<Checked> {
    if !path.exists() {
        bail!("there is no {}", path.display());
    }
    let mut checked = Checked::default();
    match Configured::of_paths(args, &[path.to_owned()]) {
        Ok(configured) => checked.look(&configured, path, args)?,
        Err(error) => checked.wrong(&format!("{error:#}")),
    }
    Ok(checked)
}

impl Checked {
    fn look(&mut self, configured: &Configured, path: &Path, args: &CommonArgs) -> Result<()> {
        if path.is_dir() && args.policy.config.is_none() && !args.policy.no_config {
            let mut below = Vec::new();
            find(path, 0, &mut below)?;
            // Asking what counts at a path reads the files above it.
            for file in &below {
                configured.policy.confidence(&Origin::file(file).path());
            }
        }
        self.files = configured.policy.files();
        configured.policy.faults().iter().for_each(|fault| self.wrong(&fault.to_string()));
        match rule_selection::load_configured(&args.rules, configured) {
            Ok((_, strangers)) => strangers.iter().for_each(|stranger| self.wrong(stranger)),
            Err(error) => self.wrong(&format!("{error:#}")),
        }
        if let Err(error) = Known::open(&KnownArgs::default(), configured) {
            self.wrong(&format!("{error:#}"));
        }
        let key = known::configured_key().unwrap_or_else(FingerprintKey::public);
        self.notes = configured.policy.remarks(false, key.id());
        self.notes.iter_mut().for_each(|note| *note = scan::masked_by_builtin(note));
        Ok(())
    }

    fn wrong(&mut self, fault: &str) {
        self.faults.push(scan::masked_by_builtin(fault));
    }
}

/// The policy files in a folder and below; links are not followed.
fn find(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<()> {
    let unreadable = || format!("{} cannot be read", folder.display());
    let mut entries: Vec<_> =
        fs::read_dir(folder).with_context(unreadable)?.collect::<Result<_, _>>().with_context(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type().with_context(unreadable)?);
        if entry.file_name() == FILE_NAME {
            found.push(path);
        } else if kind.is_dir() && entry.file_name() != ".git" && depth < DEPTH {
            find(&path, depth + 1, found)?;
        }
    }
    Ok(())
}
