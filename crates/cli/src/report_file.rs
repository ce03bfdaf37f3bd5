//! The file of a report: it is there whole or not at all.

use anyhow::{Context, Result, bail};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// What a new file may be, before the user's mask takes from it.
const MODE: u32 = 0o666;

/// A file that can be written to, as far as could be seen before.
#[derive(Debug)]
pub struct ReportFile {
    /// As the user named it.
    name: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// A regular file, there or not: written beside it and moved over it. Links are resolved, so that they stay.
    Whole { target: PathBuf, folder: PathBuf },
    /// A pipe, a device, or a file in a folder that takes no new ones: written in place.
    InPlace,
}

impl ReportFile {
    /// Sees whether the file can be written, without changing it.
    ///
    /// # Errors
    /// If not.
    pub fn open(path: &Path) -> Result<ReportFile> {
        let kind = kind(path).with_context(|| format!("the report cannot be written to {}", path.display()))?;
        Ok(ReportFile { name: path.to_owned(), kind })
    }

    /// As the user named it.
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// Begins it anew, for what is written bit by bit.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn create(&self) -> io::Result<File> {
        OpenOptions::new().write(true).create(true).truncate(true).open(&self.name)
    }

    /// Writes it. What was there before is there still if that fails.
    ///
    /// # Errors
    /// What `write` or the file system answers.
    pub fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let Kind::Whole { target, folder } = &self.kind else {
            let mut out = BufWriter::new(OpenOptions::new().write(true).truncate(true).open(&self.name)?);
            return write(&mut out).and_then(|()| out.flush());
        };
        let file = temporary(folder)?;
        let mut out = BufWriter::new(file);
        write(&mut out).and_then(|()| out.flush())?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        // Another's permissions are kept, as they would be if the file were written in place.
        if let Ok(old) = fs::metadata(target) {
            file.as_file().set_permissions(old.permissions())?;
        }
        file.persist(target).map(drop).map_err(|error| error.error)
    }
}

fn kind(path: &Path) -> Result<Kind> {
    match fs::metadata(path) {
        Ok(there) if there.is_dir() => bail!("it is a folder"),
        // Opening a pipe would wait for its reader.
        Ok(there) if there.file_type().is_fifo() || there.file_type().is_socket() => Ok(Kind::InPlace),
        Ok(there) => {
            OpenOptions::new().write(true).open(path)?;
            let target = path.canonicalize()?;
            let folder = folder(&target);
            let whole = there.is_file() && temporary(&folder).is_ok();
            Ok(if whole { Kind::Whole { target, folder } } else { Kind::InPlace })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = folder(path);
            if !folder.is_dir() {
                bail!("there is no folder {}", folder.display());
            }
            temporary(&folder)?;
            Ok(Kind::Whole { target: path.to_owned(), folder })
        }
        Err(error) => Err(error.into()),
    }
}

/// A file that is gone when the value is.
fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile<File>> {
    // Opened here, since the crate would add the file's random name to what the system says.
    let open = |path: &Path| OpenOptions::new().write(true).create_new(true).mode(MODE).open(path);
    tempfile::Builder::new().prefix(".deadkey-").make_in(folder, open)
}

fn folder(path: &Path) -> PathBuf {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new(".")).to_owned()
}
