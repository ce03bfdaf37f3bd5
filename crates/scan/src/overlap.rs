//! Which of several hits on the same bytes stays. Runs once an object, on its complete list of hits.

use detect::Hit;
use model::Confidence;
use rules::Rule;

/// The hits that stay: a provider's hit falls only to a provider's that contains its secret, a generic one to any
/// provider's that it overlaps or to a generic one that contains it; equal spans are decided by confidence, then by
/// rule id. Refuted hits suppress nothing and do not stay. Takes time `n log n` plus the number of overlapping pairs.
pub(crate) fn resolve(mut hits: Vec<Hit>, rules: &[Rule]) -> Vec<Hit> {
    hits.retain(|hit| hit.refuted.is_none());
    hits.sort_by(|a, b| (a.secret, &a.decoded, a.rule).cmp(&(b.secret, &b.decoded, b.rule)).then_with(|| a.cmp(b)));
    hits.dedup_by(|a, b| (a.rule, a.secret, &a.decoded) == (b.rule, b.secret, &b.decoded));
    let keep: Vec<bool> =
        (0..hits.len()).map(|i| !around(&hits, i).any(|j| falls(&hits[i], &hits[j], rules))).collect();
    let mut keep = keep.into_iter();
    hits.retain(|_| keep.next().expect("one flag a hit"));
    hits
}

/// How many hits to either side are compared; more than this many on overlapping bytes do not occur in honest input.
const NEIGHBOURS: usize = 64;

/// The indices of hits that may overlap hit `i`.
fn around(hits: &[Hit], i: usize) -> impl Iterator<Item = usize> + '_ {
    let from = i.saturating_sub(NEIGHBOURS);
    let until = (i + NEIGHBOURS + 1).min(hits.len());
    (from..until).filter(move |j| *j != i && hits[*j].secret.overlaps(hits[i].secret))
}

fn falls(hit: &Hit, to: &Hit, rules: &[Rule]) -> bool {
    let (rule, other) = (&rules[hit.rule as usize], &rules[to.rule as usize]);
    // A provider's shape that its proof refused speaks for little.
    let weak = to.confidence == Confidence::Low && hit.confidence > Confidence::Low;
    if rule.generic && !other.generic {
        return !weak;
    }
    if rule.generic != other.generic || !to.secret.contains(hit.secret) {
        return false;
    }
    if to.secret != hit.secret {
        return !weak;
    }
    if hit.decoded.is_some() != to.decoded.is_some() {
        // Two values in one encoded stretch (both mapped to the whole of it) are two credentials.
        return hit.decoded.is_none();
    }
    if let (Some(a), Some(b)) = (&hit.decoded, &to.decoded)
        && a.at != b.at
        && a.secret != b.secret
    {
        return false;
    }
    (to.confidence, &other.id) > (hit.confidence, &rule.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use detect::{Detector, Options, Scratch, View};
    use rules::Ruleset;
    use std::sync::Arc;

    const RULES: &str = r#"
        provider = "Acme"
        [[rule]]
        id = "acme-key"
        name = "Key"
        severity = "high"
        shape = 'acme_[0-9a-z]{24}'
        [[rule]]
        id = "acme-pair"
        name = "Key and check"
        severity = "high"
        shape = 'pair-acme_[0-9a-z]{24}\.[0-9]{4}'
        [[rule]]
        id = "any-token"
        name = "Token"
        severity = "low"
        generic = true
        assignment = { names = ["token"] }
    "#;

    /// The rules and secrets that stay of the hits in `text`.
    fn staying(text: &str) -> Vec<(String, String)> {
        let mut ruleset = Ruleset::empty();
        ruleset.add_text("test", RULES).unwrap();
        let detector = Detector::new(Arc::new(ruleset), Options::default());
        let mut hits = Vec::new();
        detector.scan(&mut Scratch::default(), View::whole(text.as_bytes()), 0..text.len(), &mut hits);
        let rules = detector.ruleset().rules();
        let stays = resolve(hits, rules).into_iter();
        stays
            .map(|hit| (rules[hit.rule as usize].id.clone(), text[hit.secret.start..hit.secret.end].to_owned()))
            .collect()
    }

    fn key() -> String {
        ["acme", "_", "k3v9x2m4q8w1z7t5r6y0p3n8"].concat()
    }

    #[test]
    fn a_generic_hit_falls_to_a_provider_s() {
        let key = key();
        assert_eq!(staying(&format!("token = \"{key}\"")), [("acme-key".to_owned(), key.clone())]);
        assert_eq!(staying(&format!("token = \"x,{key},y\"")), [("acme-key".to_owned(), key)]);
    }

    #[test]
    fn a_provider_s_hit_falls_to_one_that_contains_it() {
        let pair = format!("pair-{}.1234", key());
        assert_eq!(staying(&format!("token = '{pair}'")), [("acme-pair".to_owned(), pair)]);
    }

    #[test]
    fn hits_side_by_side_all_stay() {
        let (key, other) = (key(), key().replace('9', "1"));
        assert_eq!(staying(&format!("{key} {other}")).len(), 2);
    }
}
