//! No secret in what is said.

use crate::values::{Values, base64};

/// Shorter values are words like any other.
const LEAST: usize = 6;
/// Bytes of a text of a provider, at most.
const LONGEST: usize = 160;

/// Covers the parts of a credential, however they are written, in texts of a provider.
#[derive(Clone)]
pub struct Cover {
    needles: Vec<String>,
}

impl Cover {
    /// Covers these values.
    pub fn of(values: &Values) -> Cover {
        let mut needles = Vec::new();
        for bytes in values.secrets().filter(|bytes| bytes.len() >= LEAST) {
            needles.push(String::from_utf8_lossy(bytes).into_owned());
            needles.push(base64(bytes, false).trim_end_matches('=').to_owned());
            needles.push(crate::values::percent_encoded(bytes, ""));
            // As a password of a URL is sent.
            let decoded = crate::values::percent_decoded(&String::from_utf8_lossy(bytes));
            needles.extend((decoded.len() >= LEAST).then(|| String::from_utf8_lossy(&decoded).into_owned()));
        }
        // Longer ones first: one may hold another.
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
        needles.dedup();
        Cover { needles }
    }

    /// The text, cut to a line's length, without control characters and with every secret replaced by `…`.
    pub fn text(&self, text: &str) -> String {
        let mut covered = text.to_owned();
        for needle in &self.needles {
            covered = covered.replace(needle.as_str(), "…");
        }
        let clean: String = covered.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let clean = clean.trim();
        match clean.char_indices().find(|(at, _)| *at >= LONGEST) {
            Some((at, _)) => format!("{}…", &clean[..at]),
            None => clean.to_owned(),
        }
    }
}
