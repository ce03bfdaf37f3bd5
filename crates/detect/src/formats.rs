//! The first bytes by which a provider's tokens are known to be its own (`ghp_`, `sqco_`).
//!
//! A value assigned to a name that begins so is that provider's or nobody's: where the provider's own rule does not take it, it
//! is cut off, mistyped or made up, and a guess from its name would only repeat what the prefix suggests.

use rules::shape::Shape;
use rules::{Anchor, Matcher, Rule};

/// What prefixes of many providers are made of; sorted.
#[rustfmt::skip]
const COMMON: &[&str] = &[
    "access", "account", "act", "admin", "ak", "api", "app", "at", "auth", "authkey", "client", "code", "customer", "dev", "id", "key", "keyid",
    "keys", "live", "na", "oauth", "org", "organization", "pat", "personal", "pk", "prd", "prod", "production", "project", "pub",
    "pubkey", "public", "rk", "sandbox", "sb", "sdk", "sec", "secret", "ser", "server", "service", "sess", "session", "sk", "test",
    "tk", "tkn", "token", "us", "user", "webhook", "whsec", "workspace",
];
/// Shorter prefixes begin other things, too.
const SHORTEST: usize = 4;

/// What the first bytes of a value say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// It is a provider's, or nothing: too short for what the prefix begins, or what a rule claims as a whole.
    Whole,
    /// It begins as a provider's tokens do; perhaps the provider has come to issue others.
    Prefix,
}

/// The prefixes of a ruleset that one provider alone uses, and what its rules claim besides.
pub(crate) struct Formats {
    /// With the length of the shortest token that begins so; sorted, none the beginning of another.
    prefixes: Vec<(Box<[u8]>, usize)>,
    claims: Vec<Shape>,
}

impl Formats {
    pub(crate) fn new(rules: &[Rule]) -> Formats {
        let mut owned: Vec<(&[u8], &str, usize)> = Vec::new();
        for rule in rules.iter().filter(|rule| is_own(rule)) {
            let (Anchor::Prefix(prefixes), Matcher::Shape(shape)) = (&rule.anchor, &rule.matcher) else { continue };
            let least = shape.len_range().0;
            let own = prefixes.iter().filter_map(|prefix| named(prefix.as_bytes()));
            owned.extend(own.map(|prefix| (prefix, rule.provider.as_str(), least)));
        }
        owned.sort_unstable();
        let is_shared = |(prefix, provider, _): &(&[u8], &str, usize)| {
            let shorter =
                |len: usize| beginning(&owned, &prefix[..len]).take_while(move |(other, ..)| other.len() == len);
            beginning(&owned, prefix).chain((1..prefix.len()).flat_map(shorter)).any(|(_, by, _)| by != provider)
        };
        let mut prefixes: Vec<(Box<[u8]>, usize)> = Vec::new();
        for (prefix, _, least) in owned.iter().filter(|own| !is_shared(own)) {
            match prefixes.last_mut() {
                Some((last, shortest)) if prefix.starts_with(last) => *shortest = (*shortest).min(*least),
                _ => prefixes.push((Box::from(*prefix), *least)),
            }
        }
        Formats { prefixes, claims: rules.iter().filter_map(|rule| rule.claims.clone()).collect() }
    }

    /// Whose `value` is, if a provider's.
    pub(crate) fn claim(&self, value: &[u8]) -> Option<Claim> {
        let is_whole = |claimed: &Shape| claimed.match_at(value).is_some_and(|found| found.len == value.len());
        if self.claims.iter().any(is_whole) {
            return Some(Claim::Whole);
        }
        let behind = self.prefixes.partition_point(|(prefix, _)| **prefix <= *value);
        let (prefix, least) = self.prefixes.get(behind.checked_sub(1)?)?;
        let claim = if value.len() < *least { Claim::Whole } else { Claim::Prefix };
        value.starts_with(prefix).then_some(claim)
    }
}

/// Those of sorted prefixes that begin with `with`: they stand together.
fn beginning<'p>(
    owned: &'p [(&'p [u8], &'p str, usize)],
    with: &'p [u8],
) -> impl Iterator<Item = &'p (&'p [u8], &'p str, usize)> {
    let from = owned.partition_point(|(other, ..)| *other < with);
    owned[from..].iter().take_while(move |(other, ..)| other.starts_with(with))
}

/// Whether what a rule's prefix begins is nobody else's: its author trusts it alone.
fn is_own(rule: &Rule) -> bool {
    !rule.generic && rule.keywords.is_empty() && matches!(rule.matcher, Matcher::Shape(_))
}

/// Whether a word is one that prefixes of many providers are made of, or that says where a token is used (`prod-sk-…`).
pub(crate) fn is_common(word: &[u8]) -> bool {
    COMMON.iter().any(|common| common.as_bytes().eq_ignore_ascii_case(word))
}

/// Whether a prefix is nobody's in particular: one common word (`api_`, `key-`, `live`).
pub(crate) fn is_nobodys(prefix: &[u8]) -> bool {
    is_common(prefix.strip_suffix(b"_").or(prefix.strip_suffix(b"-")).or(prefix.strip_suffix(b".")).unwrap_or(prefix))
}

/// The part of a prefix up to its last mark, if somebody's name or an abbreviation stands in it; words such as `api_key_`, `sk_live_`
/// and versions are everybody's.
fn named(prefix: &[u8]) -> Option<&[u8]> {
    let end = prefix.iter().rposition(|b| b"_-.".contains(b))? + 1;
    let prefix = &prefix[..end];
    let mut pieces = prefix.split(|b| !b.is_ascii_alphabetic());
    let is_name = |piece: &[u8]| piece.len() >= 2 && !is_common(piece);
    (prefix.len() >= SHORTEST && pieces.any(is_name)).then_some(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rules::Ruleset;

    #[test]
    fn a_provider_s_own_prefix_claims_and_a_common_one_does_not() {
        let formats = Formats::new(Ruleset::builtin().rules());
        let long = "7kQ2".repeat(60);
        for prefix in ["ghp_", "cfut_", "sm_pat_", "sqco_", "glpat-", "xoxb-"] {
            assert_eq!(formats.claim(format!("{prefix}7kQ2").as_bytes()), Some(Claim::Whole), "{prefix}");
            assert_eq!(formats.claim(format!("{prefix}{long}").as_bytes()), Some(Claim::Prefix), "{prefix}");
        }
        for text in ["sk_live_7kQ2", "api_7kQ2", "key-7kQ2", "7kQ2ghp_", "ghp", "secret_7kQ2", "gh", ""] {
            assert_eq!(formats.claim(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn one_common_word_is_nobodys_prefix() {
        assert!(COMMON.is_sorted());
        for prefix in ["api_", "key-", "sk-", "pat.", "live", "act_"] {
            assert!(is_nobodys(prefix.as_bytes()), "{prefix}");
        }
        for prefix in ["ghp_", "lin_api_", "sk_live_", "sk-proj-", "xoxb-", ""] {
            assert!(!is_nobodys(prefix.as_bytes()), "{prefix}");
        }
    }

    #[test]
    fn what_a_rule_claims_is_left_to_it() {
        let formats = Formats::new(Ruleset::builtin().rules());
        let body = "x7kQ2w9zB4mt".repeat(3);
        for (text, claim) in [(format!("3479:A{body}"), Some(Claim::Whole)), (format!("3479:B{body}"), None)] {
            assert_eq!(formats.claim(text.as_bytes()), claim, "{text}");
        }
    }

    #[test]
    fn every_prefix_claims_what_it_begins() {
        let formats = Formats::new(Ruleset::builtin().rules());
        assert!(formats.prefixes.len() > 100, "{}", formats.prefixes.len());
        for (prefix, _) in &formats.prefixes {
            assert!(formats.claim(&[prefix, &b"7kQ2"[..]].concat()).is_some(), "{}", String::from_utf8_lossy(prefix));
        }
    }
}
