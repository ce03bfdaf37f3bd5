//! An open folder: what it holds, and its files and folders opened by their names alone. A whole path costs the system
//! a look at every folder in it; on a tree of sources that is a seventh of what the system does.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Folders that a walk keeps open for those of their files and folders that wait, at most. What lies in others is opened
/// by its whole path. Deep trees reach it; processes may often open no more than 1,024 files.
const KEPT_OPEN: usize = 128;

/// A folder that was listed.
pub(crate) struct Directory {
    path: PathBuf,
    open: Option<system::Open>,
}

/// What a folder holds.
pub(crate) struct Entries {
    pub(crate) found: Vec<(OsString, Kind)>,
    /// Why the list is not complete.
    pub(crate) cut: Option<io::Error>,
}

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    /// Anything else; symbolic links, too.
    Other,
}

impl Entries {
    pub(crate) fn has(&self, name: &str, is: impl Fn(Kind) -> bool) -> bool {
        self.found.iter().any(|(found, kind)| is(*kind) && found == OsStr::new(name))
    }
}

impl Directory {
    /// Opens and lists the folder at `path`; `above` is the one that holds it, where that is known.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub(crate) fn list(
        path: PathBuf,
        above: Option<&Arc<Directory>>,
        lister: &mut Lister,
    ) -> Result<(Directory, Entries), (PathBuf, io::Error)> {
        let beside = above.and_then(|above| above.open.as_ref()).zip(path.file_name());
        let mut open = match system::Open::new(&path, beside) {
            Ok(open) => open,
            Err(error) => return Err((path, error)),
        };
        let entries = open.entries(lister);
        Ok((Directory { path, open: open.kept(KEPT_OPEN) }, entries))
    }

    /// Its path as the user knows it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file `name` in it; `path` is the whole path of that.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub(crate) fn file(&self, name: &OsStr, path: &Path) -> io::Result<File> {
        match &self.open {
            Some(open) => open.file(name),
            None => File::open(path),
        }
    }
}

/// What a thread needs to list folders; reused.
pub(crate) type Lister = system::Lister;

#[cfg(target_os = "linux")]
mod system {
    use super::{Entries, Kind};
    use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, openat, statat};
    use rustix::io::{Errno, retry_on_intr};
    use std::ffi::{CStr, OsStr};
    use std::fs::File;
    use std::io;
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Where the system writes entries: enough for nearly every folder at once.
    pub(crate) struct Lister(Box<[MaybeUninit<u8>]>);

    impl Default for Lister {
        fn default() -> Lister {
            Lister(Box::new_uninit_slice(32 << 10))
        }
    }

    pub(crate) struct Open {
        folder: OwnedFd,
        /// Whether it counts as one that is kept.
        counts: bool,
    }

    /// Folders that are kept open, of all walks in this process: so are the descriptors.
    static KEPT: AtomicUsize = AtomicUsize::new(0);

    impl Open {
        pub(super) fn new(path: &Path, beside: Option<(&Open, &OsStr)>) -> io::Result<Open> {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let folder = match beside {
                Some((above, name)) => retry_on_intr(|| openat(&above.folder, name, flags, Mode::empty()))?,
                None => retry_on_intr(|| openat(CWD, path, flags, Mode::empty()))?,
            };
            Ok(Open { folder, counts: false })
        }

        /// Itself, unless `most` are kept already.
        pub(super) fn kept(mut self, most: usize) -> Option<Open> {
            self.counts = true;
            // What it orders against is nothing: the count alone matters.
            (KEPT.fetch_add(1, Ordering::Relaxed) < most).then_some(self)
        }

        pub(super) fn file(&self, name: &OsStr) -> io::Result<File> {
            let flags = OFlags::RDONLY | OFlags::CLOEXEC;
            Ok(File::from(retry_on_intr(|| openat(&self.folder, name, flags, Mode::empty()))?))
        }

        pub(super) fn entries(&mut self, lister: &mut Lister) -> Entries {
            let mut entries = Entries { found: Vec::new(), cut: None };
            let mut raw = RawDir::new(&self.folder, &mut lister.0);
            while let Some(entry) = raw.next() {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(Errno::INTR) => continue,
                    Err(error) => {
                        entries.cut = Some(error.into());
                        break;
                    }
                };
                let name = entry.file_name();
                if matches!(name.to_bytes(), b"." | b"..") {
                    continue;
                }
                match self.kind(entry.file_type(), name) {
                    Ok(kind) => entries.found.push((OsStr::from_bytes(name.to_bytes()).to_owned(), kind)),
                    Err(error) => entries.cut = Some(error.into()),
                }
            }
            entries
        }

        /// Some file systems do not say in their lists what an entry is.
        fn kind(&self, said: FileType, name: &CStr) -> rustix::io::Result<Kind> {
            let kind = match said {
                FileType::Unknown => {
                    let stat = statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
                    FileType::from_raw_mode(stat.st_mode)
                }
                said => said,
            };
            Ok(match kind {
                FileType::RegularFile => Kind::File,
                FileType::Directory => Kind::Folder,
                _ => Kind::Other,
            })
        }
    }

    impl Drop for Open {
        fn drop(&mut self) {
            if self.counts {
                KEPT.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{Entries, Kind};
    use std::ffi::OsStr;
    use std::fs::{self, File, ReadDir};
    use std::io;
    use std::path::Path;

    #[derive(Default)]
    pub(crate) struct Lister;

    /// Nothing is kept open here: everything is opened by its path.
    pub(crate) struct Open(ReadDir);

    impl Open {
        pub(super) fn new(path: &Path, _: Option<(&Open, &OsStr)>) -> io::Result<Open> {
            Ok(Open(fs::read_dir(path)?))
        }

        pub(super) fn entries(&mut self, _: &mut Lister) -> Entries {
            let mut entries = Entries { found: Vec::new(), cut: None };
            for entry in &mut self.0 {
                match entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?))) {
                    Ok((name, kind)) if kind.is_file() => entries.found.push((name, Kind::File)),
                    Ok((name, kind)) if kind.is_dir() => entries.found.push((name, Kind::Folder)),
                    Ok((name, _)) => entries.found.push((name, Kind::Other)),
                    Err(error) => entries.cut = Some(error),
                }
            }
            entries
        }

        pub(super) fn kept(self, _: usize) -> Option<Open> {
            None
        }

        pub(super) fn file(&self, name: &OsStr) -> io::Result<File> {
            File::open(name)
        }
    }
}
