//! How a baseline comes to the disk: whole or not at all.

use super::attributes;
use crate::args::BaselineFile;
use anyhow::{Context, Result};
use baseline::Baseline;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes the file if that changes it, and tells git how to merge it.
pub(super) fn save(file: &BaselineFile, baseline: &Baseline, quiet: bool) -> Result<()> {
    let bytes = baseline.to_bytes();
    if fs::read(&file.path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    replace(&file.path, &bytes)
        .with_context(|| format!("the baseline cannot be written to {}", file.path.display()))?;
    if !file.no_gitattributes {
        attributes::merge_by_union(&file.path, quiet);
    }
    Ok(())
}

/// Refuses a path that cannot be written before a long scan, not after it.
pub(super) fn check_writable(path: &Path) -> Result<()> {
    let tried = match fs::OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => tempfile::tempfile_in(folder(path)).map(drop),
        other => other.map(drop),
    };
    tried.with_context(|| format!("the baseline cannot be written to {}", path.display()))
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Of a link, what it leads to.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode(&target));
    // Opened here, since the crate would add the file's random name to what the system says.
    let open = |path: &Path| options.open(path);
    let mut beside = tempfile::Builder::new().prefix(".deadkey-").make_in(folder(&target), open)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    beside.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

/// Those of the file that is there, or those of any new file.
#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).map_or(0o666, |there| there.permissions().mode())
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}
