//! Which of several hits on the same bytes, or on the parts of one credential, stays. Runs once an object, on its complete
//! list of hits.

use detect::{Evidence, Hit};
use model::{Confidence, Span};
use rules::Rule;

/// A part stands this far from what it is a part of, at most.
pub(crate) const FARTHEST_PART: usize = 1_024;

/// The hits that stay of all of an object: as [`resolve`], and those fall that are a part of another that stays
/// (the secret beside its access key id): see [`is_of`].
pub(crate) fn resolve_with_parts(hits: Vec<Hit>, rules: &[Rule]) -> Vec<Hit> {
    let mut hits = resolve(hits, rules);
    let paired: Vec<usize> = (0..hits.len()).filter(|i| !hits[*i].parts.is_empty()).collect();
    let mut falls = vec![false; hits.len()];
    for owner in paired {
        for i in near(&hits, owner) {
            falls[i] |= !falls[owner] && is_of(&hits[i], &hits[owner], rules);
        }
    }
    let mut falls = falls.into_iter();
    hits.retain(|_| !falls.next().expect("one flag a hit"));
    hits
}

/// So many hits near another are compared with its parts, at most.
const MOST_NEAR: usize = 1_024;

/// The indices of hits that may be parts of hit `i`.
fn near(hits: &[Hit], i: usize) -> impl Iterator<Item = usize> + use<> {
    let first = hits[i].parts.iter().map(|(_, span)| span.start).min().unwrap_or(hits[i].secret.start);
    let last = hits[i].parts.iter().map(|(_, span)| span.end).max().unwrap_or(hits[i].secret.end);
    let from = hits.partition_point(|hit| hit.secret.start < first);
    let until = hits.partition_point(|hit| hit.secret.start < last);
    (from..until).take(MOST_NEAR).filter(move |j| *j != i)
}

/// Whether a hit is a part of another and says nothing besides: a guess from its name, or the other half of a pair that each half
/// names.
fn is_of(hit: &Hit, owner: &Hit, rules: &[Rule]) -> bool {
    let (rule, other) = (&rules[hit.rule as usize], &rules[owner.rule as usize]);
    if !holds(owner, hit) || owner.confidence == Confidence::Low && hit.confidence > Confidence::Low {
        return false;
    }
    if rule.declared || hit.evidence.contains(&Evidence::Declared) {
        // Where every secret has a name (a dump), every name is to be told.
        return false;
    }
    if rule.generic {
        // A guess silences no guess.
        return !other.generic;
    }
    let rank = |hit: &Hit, rule: &Rule| {
        (hit.confidence, matches!(rule.anchor, rules::Anchor::Prefix(_)), std::cmp::Reverse(rule.id.clone()))
    };
    !other.generic && holds(hit, owner) && rank(owner, other) > rank(hit, rule)
}

/// Whether the secret of a hit lies in one of the parts of another.
fn holds(owner: &Hit, hit: &Hit) -> bool {
    match (&owner.decoded, &hit.decoded) {
        (None, None) => owner.parts.iter().any(|(_, part)| part.contains(hit.secret)),
        (Some(a), Some(b)) => {
            owner.whole.overlaps(hit.whole) && a.chain == b.chain && a.parts.iter().any(|(_, part)| *part == b.secret)
        }
        _ => false,
    }
}

/// The hits that stay: a provider's hit falls only to a provider's that contains its secret, a generic one to any
/// provider's that it overlaps or to a generic one that contains it and falls to no provider's itself; equal spans are
/// decided by confidence, then by rule id. Refuted hits suppress nothing and do not stay. What stays takes over the name
/// of what fell to it: see [`inherit`]. Takes time `n log n` plus the number of overlapping pairs.
pub(crate) fn resolve(mut hits: Vec<Hit>, rules: &[Rule]) -> Vec<Hit> {
    hits.retain(|hit| hit.refuted.is_none());
    hits.sort_by(|a, b| (a.secret, &a.decoded, a.rule).cmp(&(b.secret, &b.decoded, b.rule)).then_with(|| a.cmp(b)));
    hits.dedup_by(|a, b| {
        let same = (a.rule, a.secret, &a.decoded) == (b.rule, b.secret, &b.decoded);
        if same {
            b.name = b.name.or(a.name);
        }
        same
    });
    let keep = standing(&hits, rules);
    inherit(&mut hits, &keep, rules);
    let mut keep = keep.into_iter();
    hits.retain(|_| keep.next().expect("one flag a hit"));
    hits
}

/// Which hits stay.
fn standing(hits: &[Hit], rules: &[Rule]) -> Vec<bool> {
    let is_generic = |hit: &Hit| rules[hit.rule as usize].generic;
    let to =
        |i: usize, among: &dyn Fn(usize) -> bool| around(hits, i).any(|j| among(j) && falls(&hits[i], &hits[j], rules));
    let first: Vec<bool> = (0..hits.len()).map(|i| !to(i, &|j| !is_generic(&hits[j]))).collect();
    (0..hits.len()).map(|i| first[i] && !to(i, &|j| is_generic(&hits[j]) && first[j])).collect()
}

/// Gives what stays the names of what fell to it: where it has none of its own, the first; where the other was declared
/// a secret as a whole, always, and the confidence that goes with it.
fn inherit(hits: &mut [Hit], keep: &[bool], rules: &[Rule]) {
    for i in (0..hits.len()).filter(|i| keep[*i]) {
        let fallen: Vec<usize> = around(hits, i).filter(|j| !keep[*j] && falls(&hits[*j], &hits[i], rules)).collect();
        let declared = fallen.iter().copied().find(|j| rules[hits[*j].rule as usize].declared);
        let named =
            |hit: &Hit| hit.name.is_some() || hit.decoded.as_ref().is_some_and(|decoded| decoded.name.is_some());
        if let Some(j) = declared {
            let (name, decoded) = (hits[j].name, hits[j].decoded.as_ref().and_then(|decoded| decoded.name.clone()));
            take_name(&mut hits[i], name, decoded);
            hits[i].confidence = hits[i].confidence.max(Confidence::High);
            hits[i].evidence.push(Evidence::Declared);
            hits[i].evidence.sort_unstable();
        } else if !named(&hits[i])
            && let Some(j) = fallen.into_iter().find(|j| named(&hits[*j]))
        {
            let (name, decoded) = (hits[j].name, hits[j].decoded.as_ref().and_then(|decoded| decoded.name.clone()));
            take_name(&mut hits[i], name, decoded);
        }
    }
}

/// A name in the text, or in decoded text.
fn take_name(hit: &mut Hit, name: Option<Span>, inner: Option<Box<[u8]>>) {
    if let (Some(decoded), Some(_)) = (&mut hit.decoded, &inner) {
        decoded.name = inner;
    } else if name.is_some() {
        hit.name = name;
    }
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

    fn detector(rules: &str) -> Detector {
        let mut ruleset = Ruleset::empty();
        ruleset.add_text("test", rules).unwrap();
        Detector::new(Arc::new(ruleset), Options::default())
    }

    fn hits(detector: &Detector, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        detector.scan(&mut Scratch::default(), View::whole(text.as_bytes()), 0..text.len(), &mut hits);
        hits
    }

    /// The rules and secrets that stay of the hits in `text`.
    fn staying(text: &str) -> Vec<(String, String)> {
        let detector = detector(RULES);
        let (hits, rules) = (hits(&detector, text), detector.ruleset().rules());
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
    fn what_stays_takes_the_name_of_what_fell_to_it() {
        let detector = detector(RULES);
        let named = |text: &str| {
            let stays = resolve(hits(&detector, text), detector.ruleset().rules());
            stays[0].name.map(|name| text[name.start..name.end].to_owned())
        };
        let key = key();
        assert_eq!(named(&format!("MY_TOKEN=\"{key}\"")).as_deref(), Some("MY_TOKEN"));
        assert_eq!(named(&format!("token = \"x,{key},y\"")).as_deref(), Some("token"));
        assert_eq!(named(&format!("see {key}")), None);
    }

    const PAIRS: &str = r#"
        provider = "Acme"
        [[rule]]
        id = "acme-key-id"
        name = "Key id"
        severity = "high"
        shape = 'acid_[0-9A-Z]{12}'
        [[rule.companion]]
        name = "secret"
        shape = '[0-9a-z]{32}'
        [[rule]]
        id = "acme-key-secret"
        name = "Secret of a key"
        severity = "high"
        shape = '[0-9a-z]{32}'
        keywords = ["acme_secret"]
        [[rule.companion]]
        name = "key_id"
        shape = 'acid_[0-9A-Z]{12}'
        [[rule]]
        id = "acme-other"
        name = "A key by itself"
        severity = "high"
        shape = '[0-9a-z]{32}'
        keywords = ["acme_other"]
        [[rule]]
        id = "any-secret"
        name = "Secret"
        severity = "low"
        generic = true
        assignment = { names = ["secret"] }
    "#;

    #[test]
    fn a_part_of_a_credential_is_no_finding_besides() {
        let detector = detector(PAIRS);
        let rules = detector.ruleset().rules();
        let staying = |text: &str| -> Vec<String> {
            resolve_with_parts(hits(&detector, text), rules)
                .iter()
                .map(|hit| rules[hit.rule as usize].id.clone())
                .collect()
        };
        let (id, secret) = (["acid", "_", "7KQ2W9XZ4MTB"].concat(), ["q7kw2w9xz4mtb5rh", "p8vnc3jdy6gf1s0e"].concat());
        let far = "\n".repeat(600);
        assert_eq!(staying(&format!("id={id}\nsecret = \"{secret}\"\n")), ["acme-key-id"], "a guess from a name");
        assert_eq!(staying(&format!("id={id}\nACME_SECRET={secret}\n")), ["acme-key-id"], "each names the other");
        assert_eq!(staying(&format!("ACME_SECRET={secret}\n# {id}\n")), ["acme-key-id"], "in whatever order");
        assert_eq!(
            staying(&format!("id={id}\nacme_other={secret}\n")),
            ["acme-key-id", "acme-other"],
            "a key by itself"
        );
        assert_eq!(
            staying(&format!("id={id}{far}secret = \"{secret}\"\n")),
            ["acme-key-id", "any-secret"],
            "too far away"
        );
    }

    #[test]
    fn hits_side_by_side_all_stay() {
        let (key, other) = (key(), key().replace('9', "1"));
        assert_eq!(staying(&format!("{key} {other}")).len(), 2);
    }
}
