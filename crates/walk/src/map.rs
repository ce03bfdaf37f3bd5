//! Files as memory.
#![expect(unsafe_code, reason = "mapping a file saves copying it, and lets the visitor split it over cores")]

use memmap2::{Advice, Mmap};
use std::fs::File;
use std::io;

/// Maps a whole file for reading.
///
/// # Errors
/// If the file is of a kind that cannot be mapped.
pub(crate) fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the map is private to this process and only read, and no reference to it outlives the returned value.
    // Another program may still write to the file: then the bytes seen may be old or new, which is all the same to a
    // scanner that treats them as arbitrary and never reads a byte twice expecting the same answer for memory safety
    // (indices are checked). If the file is cut short, the process is ended by SIGBUS; that is documented at the
    // crate's head, together with the option that avoids it.
    let map = unsafe { Mmap::map(file)? };
    // Only a hint: it fails where the system has no such thing.
    let _ = map.advise(Advice::Sequential);
    Ok(map)
}
