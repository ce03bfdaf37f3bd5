//! Files as memory.
#![expect(unsafe_code, reason = "a pack is read at random places; mapping it saves copying it")]

use crate::error::Error;
use memmap2::Mmap;
#[cfg(unix)]
use memmap2::UncheckedAdvice;
use std::fs::File;
use std::ops::Deref;
use std::path::Path;

/// Bytes that are given back at a time.
#[cfg(unix)]
const PART: usize = 4 << 20;

/// The bytes of a file, read-only. Memory of the process only as far as they are looked at.
#[derive(Debug)]
pub struct Map(Bytes);

#[derive(Debug)]
enum Bytes {
    Mapped(Mmap),
    /// Where mapping fails (some file systems), and for empty files.
    Read(Vec<u8>),
}

impl Map {
    /// Maps a file, or reads it where that is not possible.
    ///
    /// # Errors
    /// If the file cannot be opened, or is none that can be read twice (a pipe).
    pub fn open(path: &Path) -> Result<Map, Error> {
        let file = File::open(path).map_err(|error| Error::io(path, &error))?;
        let meta = file.metadata().map_err(|error| Error::io(path, &error))?;
        if !meta.is_file() {
            return Err(Error::damaged(path, "it is not a regular file"));
        }
        // SAFETY: the map is private to this process and only read; git never changes a pack or its index in place, but
        // replaces them. Should somebody else write to the file, the bytes seen may be old or new: they are treated as
        // arbitrary, every offset taken from them is checked against the map's length, and no byte is read twice in the
        // expectation of the same answer for memory safety. A file cut short ends the process with SIGBUS.
        match unsafe { Mmap::map(&file) } {
            Ok(map) => Ok(Map(Bytes::Mapped(map))),
            Err(_) => std::fs::read(path).map(|bytes| Map(Bytes::Read(bytes))).map_err(|error| Error::io(path, &error)),
        }
    }

    /// Gives the memory back, by small parts; what is looked at later is read from the file again. To unmap a large file at
    /// once takes milliseconds, in which no other thread gets memory of the system: 10 ms for 95 MB.
    pub fn give_back(&self) {
        #[cfg(unix)]
        if let Bytes::Mapped(map) = &self.0 {
            for at in (0..map.len()).step_by(PART) {
                // SAFETY: nothing is ever written to the map, so that who looks at a part again finds what the file has there, as
                // before.
                let given =
                    unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, at, PART.min(map.len() - at)) };
                // What is not given back now is when the map goes.
                if given.is_err() {
                    break;
                }
            }
        }
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        self.give_back();
    }
}

impl From<Vec<u8>> for Map {
    fn from(bytes: Vec<u8>) -> Map {
        Map(Bytes::Read(bytes))
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Mapped(map) => map,
            Bytes::Read(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_back_is_there_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let bytes: Vec<u8> = (0..9u32 << 20).map(|at| (at % 251) as u8).collect();
        std::fs::write(&path, &bytes).expect("written");
        let map = Map::open(&path).expect("a file");
        for _ in 0..3 {
            assert_eq!(*map, bytes[..]);
            map.give_back();
        }
        let (start, end) = (map[0], map[map.len() - 1]);
        assert_eq!((start, end), (bytes[0], bytes[bytes.len() - 1]));
        drop(map);
        std::fs::write(&path, b"").expect("written");
        Map::open(&path).expect("an empty file").give_back();
    }
}
