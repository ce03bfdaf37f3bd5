//! The line in `.gitattributes` by which git merges a baseline: every line of both sides is kept.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Sees to the line, in the folder of the baseline, if that lies in a work tree. That it cannot be written is told and no
/// more: the baseline is good without it.
pub(super) fn merge_by_union(baseline: &Path, quiet: bool) {
    let folder = baseline.parent().unwrap_or(Path::new(""));
    let Some(name) = baseline.file_name().and_then(|name| name.to_str()) else { return };
    let here = if folder == Path::new("") { Path::new(".") } else { folder };
    if !matches!(scan::repository_holding(here), Ok(Some(_))) {
        return;
    }
    let (file, pattern) = (folder.join(".gitattributes"), pattern(name));
    match add(&file, &pattern) {
        Ok(true) if !quiet => crate::tell!("{} tells git how to merge it: commit that file, too", file.display()),
        Ok(_) => {}
        Err(error) => crate::tell!(
            "deadkey: {} cannot be written ({error}); with the line `{pattern} merge=union` git merges baselines by itself",
            file.display()
        ),
    }
}

/// Adds the line if there is none about the file; whether it did.
fn add(file: &Path, pattern: &str) -> io::Result<bool> {
    let there = match fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other?,
    };
    let text = String::from_utf8_lossy(&there);
    if text.lines().any(|line| line.trim_start().strip_prefix(pattern).is_some_and(|rest| rest.contains("merge"))) {
        return Ok(false);
    }
    let end = if there.is_empty() || there.ends_with(b"\n") { "" } else { "\n" };
    let mut out = OpenOptions::new().append(true).create(true).open(file)?;
    out.write_all(format!("{end}{pattern} merge=union\n").as_bytes())?;
    Ok(true)
}

/// A pattern for this name in this folder and nothing else.
fn pattern(name: &str) -> String {
    let mut text = String::from("/");
    for c in name.chars() {
        if matches!(c, '*' | '?' | '[' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    // In quotes, git reads the text as C does.
    if text.contains(|c: char| c.is_whitespace() || c == '"') {
        return format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_for_themselves() {
        assert_eq!(pattern(".deadkey-baseline"), "/.deadkey-baseline");
        assert_eq!(pattern("a*[b].json"), "/a\\*\\[b].json");
        assert_eq!(pattern("my \"b\""), "\"/my \\\"b\\\"\"");
    }

    #[test]
    fn the_line_is_added_once_and_leaves_others_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(".gitattributes");
        fs::write(&file, "*.png binary").expect("written");
        assert!(add(&file, "/b").expect("written"));
        assert!(!add(&file, "/b").expect("read"));
        assert_eq!(fs::read_to_string(&file).expect("text"), "*.png binary\n/b merge=union\n");
    }
}
