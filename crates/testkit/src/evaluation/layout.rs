//! Rows as files: `DIR/lines/12/6143/x.js` is row 6,143 of the lines, `DIR/vectors/0/7/x` row 7 of the vectors.
//!
//! A row's number is its place in its file of data, from 0; 500 rows share a folder. The names say nothing of tests,
//! samples or secrets, which scanners look for in paths.

use super::{Error, Kind, Row, Set};
use std::path::{Path, PathBuf};

/// Rows in one folder.
const IN_FOLDER: usize = 500;

/// The path of a row, below the folder of all rows.
pub fn path(kind: Kind, number: usize, row: &Row) -> PathBuf {
    PathBuf::from(format!("{}/{}/{number}/x{}", kind.name(), number / IN_FOLDER, row.extension))
}

/// Writes every row of `set` as a file below `folder`; other files there stay.
///
/// # Errors
/// If a file cannot be written.
pub fn write(set: &Set, folder: &Path) -> Result<(), Error> {
    for (number, row) in set.rows.iter().enumerate() {
        let file = folder.join(path(set.kind, number, row));
        let parent = file.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&file, &row.text))
            .map_err(|source| Error::Io { path: file.display().to_string(), source })?;
    }
    Ok(())
}

/// The row that a path names, whatever folder it is in; none if it was not laid out by [`write()`].
pub fn row(path: &str) -> Option<(Kind, usize)> {
    let mut parts = path.rsplit(['/', '\\']);
    let file = parts.next()?;
    let number: usize = parts.next()?.parse().ok()?;
    let folder: usize = parts.next()?.parse().ok()?;
    let kind = match parts.next()? {
        "vectors" => Kind::Vectors,
        "lines" => Kind::Lines,
        _ => return None,
    };
    (file.starts_with('x') && folder == number / IN_FOLDER).then_some((kind, number))
}
