//! Files and paths as git writes them.

use crate::error::Error;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A file of a few lines; `None` if it does not exist.
pub(crate) fn small_file(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    regular_file(path, 64 << 10)
}

/// A whole regular file of at most `limit` bytes; `None` if it does not exist. Pipes and devices, on which a read may
/// never return, are refused.
pub(crate) fn regular_file(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Error> {
    let meta = match fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(Error::io(path, &error)),
    };
    if !meta.is_file() {
        return Err(Error::damaged(path, "it is not a regular file"));
    }
    if meta.len() > limit {
        return Err(Error::damaged(path, format!("it has {} bytes, where at most {limit} make sense", meta.len())));
    }
    fs::read(path).map(Some).map_err(|error| Error::io(path, &error))
}

/// A file of a few lines that a folder lists as a regular one; `None` if it is gone since. Asks the system half as often.
pub(crate) fn listed_file(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let mut file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(Error::io(path, &error)),
    };
    let mut bytes = [0; 256];
    let mut len = 0;
    loop {
        match file.read(&mut bytes[len..]) {
            Ok(0) => return Ok(Some(bytes[..len].to_vec())),
            Ok(more) if len + more < bytes.len() => len += more,
            // As long as no ref should be.
            Ok(_) => return small_file(path),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::io(path, &error)),
        }
    }
}

/// A path as git writes it: raw bytes on Unix, UTF-8 elsewhere.
pub fn path_from(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    return PathBuf::from(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes));
    #[cfg(not(unix))]
    return PathBuf::from(String::from_utf8_lossy(bytes).into_owned());
}

/// The bytes of a path as git writes it: names with `/` between them.
pub(crate) fn bytes_of(path: &std::ffi::OsStr) -> Vec<u8> {
    #[cfg(unix)]
    return std::os::unix::ffi::OsStrExt::as_bytes(path).to_vec();
    #[cfg(not(unix))]
    return path.to_string_lossy().replace('\\', "/").into_bytes();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_file_is_read_whole_however_long_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ref");
        assert_eq!(listed_file(&path).expect("no error"), None);
        for len in [0, 41, 255, 256, 257, 5000] {
            let bytes: Vec<u8> = (0..len).map(|i: usize| (i % 251) as u8).collect();
            fs::write(&path, &bytes).expect("written");
            assert_eq!(listed_file(&path).expect("no error"), Some(bytes), "{len} bytes");
        }
        fs::write(&path, vec![0; 65 << 10]).expect("written");
        assert!(listed_file(&path).is_err(), "longer than any ref");
    }
}
