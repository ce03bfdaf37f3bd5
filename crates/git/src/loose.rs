//! Loose objects: each in a file of its own.
//!
//! Format: <https://git-scm.com/docs/gitformat-loose>: a zlib stream of `KIND SP LENGTH NUL` and the bytes.

use crate::oid::{Kind, Oid};
use flate2::read::ZlibDecoder;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The file of an object below a folder of objects.
pub(crate) fn path(objects: &Path, oid: &Oid) -> PathBuf {
    let hex = oid.to_string();
    objects.join(&hex[..2]).join(&hex[2..])
}

/// Reads an object into `out`; `None` if there is no such file. `limit`: the most bytes it may have.
pub(crate) fn read(objects: &Path, oid: &Oid, out: &mut Vec<u8>, limit: usize) -> Result<Option<Kind>, String> {
    let file = match File::open(path(objects, oid)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("a loose object that cannot be read: {error}")),
    };
    let mut stream = ZlibDecoder::new(file);
    let (kind, size) = head(&mut stream)?;
    if size > limit as u64 {
        return Err(crate::pack::TOO_LARGE.to_owned());
    }
    out.clear();
    // One byte more than said shows that there are more.
    let read = stream.take(size + 1).read_to_end(out).map_err(|error| format!("a damaged loose object: {error}"))?;
    if read as u64 != size {
        return Err("a loose object of another length than said".to_owned());
    }
    Ok(Some(kind))
}

/// Kind and length of an object.
pub(crate) fn read_head(objects: &Path, oid: &Oid) -> Result<Option<(Kind, u64)>, String> {
    match File::open(path(objects, oid)) {
        Ok(file) => head(&mut ZlibDecoder::new(file)).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("a loose object that cannot be read: {error}")),
    }
}

/// The longest head: `commit`, a space, twenty digits, NUL.
const HEAD: usize = 28;

fn head(stream: &mut impl Read) -> Result<(Kind, u64), String> {
    let mut head = Vec::with_capacity(HEAD);
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte).map_err(|error| format!("a damaged loose object: {error}"))?;
        match byte[0] {
            0 => break,
            _ if head.len() == HEAD => return Err("a loose object without a head".to_owned()),
            other => head.push(other),
        }
    }
    let fault = || "a loose object without a head".to_owned();
    let space = head.iter().position(|byte| *byte == b' ').ok_or_else(fault)?;
    let kind = Kind::from_name(&head[..space]).ok_or_else(fault)?;
    let size = std::str::from_utf8(&head[space + 1..]).ok().and_then(|text| text.parse().ok()).ok_or_else(fault)?;
    Ok((kind, size))
}

/// The ids of all loose objects below a folder of objects, sorted. A folder that cannot be listed is an error.
pub(crate) fn list(objects: &Path, id_len: usize) -> io::Result<Vec<Oid>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(objects)? {
        let entry = entry?;
        let first = entry.file_name();
        let Some(first) = first.to_str().filter(|name| is_hex(name, 2)) else { continue };
        for file in fs::read_dir(entry.path())? {
            let name = file?.file_name();
            let rest = name.to_str().filter(|name| is_hex(name, 2 * id_len - 2));
            found.extend(rest.and_then(|rest| Oid::from_hex(format!("{first}{rest}").as_bytes())));
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn is_hex(name: &str, len: usize) -> bool {
    name.len() == len && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
