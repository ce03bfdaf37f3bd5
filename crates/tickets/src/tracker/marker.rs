//! What makes an issue ours: a line in its text that people do not see.

use crate::canonical::{hex, sha256};
use std::fmt;

/// What we wrote into an issue when we last changed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// What the issue is about; 32 hexadecimal digits that tell nothing of a credential.
    pub key: String,
    /// Digest of its title, text and day.
    pub content: String,
    /// Digest of the owner it was assigned for.
    pub owner: String,
    /// Whether we closed it.
    pub closed: bool,
    /// When we opened it again, in seconds since 1970; 0 if never.
    pub reopened: i64,
}

impl fmt::Display for Marker {
    /// `deadkey:KEY content:DIGEST owner:DIGEST closed:no reopened:0`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Marker { key, content, owner, closed, reopened } = self;
        let closed = if *closed { "yes" } else { "no" };
        write!(f, "deadkey:{key} content:{content} owner:{owner} closed:{closed} reopened:{reopened}")
    }
}

impl Marker {
    /// The marker in an issue's text: the first line that is one.
    pub fn find(text: &str) -> Option<Marker> {
        text.lines().find_map(Marker::read)
    }

    /// The marker in a text before whose marker anything may stand: the last line that is one.
    pub fn find_last(text: &str) -> Option<Marker> {
        text.lines().rev().find_map(Marker::read)
    }

    fn read(line: &str) -> Option<Marker> {
        let line = line.trim().trim_start_matches("<!--").trim_end_matches("-->").trim();
        let mut fields = line.split(' ').map(|field| field.split_once(':'));
        let mut next = |wanted: &str| fields.next().flatten().filter(|(name, _)| *name == wanted).map(|field| field.1);
        let is_hex = |text: &&str, len: usize| text.len() == len && text.bytes().all(|b| b.is_ascii_hexdigit());
        Some(Marker {
            key: next("deadkey").filter(|key| is_hex(key, 32))?.to_owned(),
            content: next("content").filter(|digest| is_hex(digest, 16))?.to_owned(),
            owner: next("owner").filter(|digest| is_hex(digest, 16))?.to_owned(),
            closed: next("closed")? == "yes",
            reopened: next("reopened")?.parse().ok()?,
        })
    }
}

/// The first 16 digits of SHA-256.
pub fn digest(parts: &[&str]) -> String {
    let mut text = Vec::new();
    for part in parts {
        text.extend((part.len() as u64).to_le_bytes());
        text.extend(part.as_bytes());
    }
    hex(&sha256(&text)[..8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marker(closed: bool, reopened: i64) -> Marker {
        let (key, content, owner) = (digest(&["k"]).repeat(2), digest(&["c"]), digest(&[]));
        Marker { key, content, owner, closed, reopened }
    }

    proptest! {
        #[test]
        fn markers_are_found_again_behind_any_text(before in "\\PC*", closed: bool, reopened in 0i64..4_000_000_000) {
            let marker = marker(closed, reopened);
            for text in [format!("<!-- {marker} -->\n{before}"), format!("{before}\r\n<!-- {marker} -->\r\n"), format!("{before}\n{marker}")] {
                prop_assert_eq!(Marker::find(&text), Some(marker.clone()));
            }
        }
    }

    #[test]
    fn what_is_no_marker_is_none() {
        let whole = marker(false, 0).to_string();
        assert_eq!(Marker::find(&whole.replace(" owner", " someone")), None);
        assert_eq!(Marker::find(&whole[..whole.len() - 12]), None);
        assert_eq!(Marker::find("deadkey is a scanner"), None);
        assert_ne!(digest(&["a", "bc"]), digest(&["ab", "c"]));
    }
}
