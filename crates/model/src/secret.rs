use std::fmt;

/// Bytes that must not be printed. `Debug` shows only the length; it is neither `Display` nor `Serialize`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// How many characters beyond the rule's public prefix a redacted form may show.
    pub const SHOWN_AFTER_PREFIX: usize = 4;
    /// Values shorter than this many bytes are redacted whole.
    pub const LEAST_SHOWN_LEN: usize = 20;

    /// Takes the bytes in.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Secret {
        Secret(bytes.into())
    }

    /// The bytes themselves. Whoever calls this answers for where they go.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text, invalid UTF-8 replaced. Whoever calls this answers for where it goes.
    pub fn expose_text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A form that may be printed: at most the first `prefix` bytes (what the rule publishes as the credential's
    /// fixed prefix) and four more characters, then `…`. Where that would show more than a third of the value, the
    /// prefix alone, which everybody knows; nothing but `…` for values under 20 bytes, for those that are the prefix
    /// by more than half, and for bytes that are not printable ASCII.
    pub fn redacted(&self, prefix: usize) -> String {
        let (len, shown) = (self.0.len(), prefix + Secret::SHOWN_AFTER_PREFIX);
        let shown = match len {
            _ if len < Secret::LEAST_SHOWN_LEN => 0,
            _ if shown * 3 <= len => shown,
            _ if prefix * 2 <= len => prefix,
            _ => 0,
        };
        let head = &self.0[..shown];
        let head = if head.iter().all(|b| (0x20..0x7f).contains(b)) { head } else { &[] };
        format!("{}…", String::from_utf8_lossy(head))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        // Best effort: copies made while a buffer grew are out of reach.
        self.0.fill(0);
        std::hint::black_box(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_byte() {
        let secret = Secret::new("correct horse battery staple");
        assert_eq!(format!("{secret:?}"), "Secret(28 bytes)");
    }

    #[test]
    fn redaction_shows_prefix_and_four() {
        let secret = Secret::new(format!("ghp_{}", "a1B2".repeat(9)));
        assert_eq!(secret.redacted(4), "ghp_a1B2…");
    }

    #[test]
    fn where_four_more_would_be_too_many_the_prefix_stands_alone() {
        let secret = Secret::new(format!("sk_live_{}", "a1B2".repeat(6)));
        assert_eq!(secret.redacted(8), "sk_live_…");
        assert_eq!(Secret::new("a1B2".repeat(5)).redacted(11), "…", "most of it is the prefix");
    }

    #[test]
    fn short_values_show_nothing() {
        assert_eq!(Secret::new("hunter2hunter2").redacted(0), "…");
        assert_eq!(Secret::new("key-abcdefghijklmn").redacted(4), "…");
    }
}
