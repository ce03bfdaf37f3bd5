//! Git LFS pointers: small files that stand for large ones kept elsewhere.
//!
//! Format: <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>.

use std::path::{Path, PathBuf};

/// A pointer to a file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LfsPointer {
    /// SHA-256 of the content, 64 hexadecimal digits in lower case.
    pub oid: String,
    /// Length of the content in bytes.
    pub size: u64,
}

/// A pointer is shorter than this.
const MAX_POINTER: usize = 1024;

impl LfsPointer {
    /// Reads a pointer; `None` if the bytes are anything else. Pointers of the time before the first release are
    /// understood, too.
    pub fn parse(bytes: &[u8]) -> Option<LfsPointer> {
        if bytes.len() >= MAX_POINTER {
            return None;
        }
        let text = std::str::from_utf8(bytes).ok()?;
        let mut lines = text.lines();
        let version = lines.next()?.strip_prefix("version ")?;
        if !matches!(version, "https://git-lfs.github.com/spec/v1" | "https://hawser.github.com/spec/v1") {
            return None;
        }
        let (mut oid, mut size) = (None, None);
        for line in lines {
            match line.split_once(' ') {
                Some(("oid", value)) => oid = value.strip_prefix("sha256:"),
                Some(("size", value)) => size = value.parse().ok(),
                _ => {}
            }
        }
        let is_hash =
            |oid: &&str| oid.len() == 64 && oid.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'));
        Some(LfsPointer { oid: oid.filter(is_hash)?.to_owned(), size: size? })
    }

    /// Where the content lies if it was fetched, below a repository's shared folder (`.git`). The file need not exist.
    pub fn file(&self, common_dir: &Path) -> PathBuf {
        common_dir.join("lfs/objects").join(&self.oid[..2]).join(&self.oid[2..4]).join(&self.oid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_told_from_other_files() {
        let oid = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
        let text = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 12345\n");
        let pointer = LfsPointer::parse(text.as_bytes()).expect("a pointer");
        assert_eq!(pointer, LfsPointer { oid: oid.to_owned(), size: 12345 });
        assert_eq!(pointer.file(Path::new("/r/.git")), Path::new("/r/.git/lfs/objects/4d/7a").join(oid));
        let extended = text.replace("oid", "ext-0-foo sha256:abc\noid");
        assert_eq!(LfsPointer::parse(extended.as_bytes()), Some(pointer));
        for wrong in [
            "",
            "version https://git-lfs.github.com/spec/v1\n",
            &text.replace("sha256", "md5"),
            &text.replace("4d7a", "../.."),
            &text.replace("size 12345", "size many"),
            &text.replace("spec/v1", "spec/v9"),
            &format!("{text}{}", "x".repeat(1024)),
            "some text that mentions version https://git-lfs.github.com/spec/v1",
        ] {
            assert_eq!(LfsPointer::parse(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(LfsPointer::parse(b"version \xff"), None);
    }
}
