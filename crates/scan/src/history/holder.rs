//! The objects of a repository that hold hits, and which credentials these are at a path.

use crate::Options;
use crate::collect::{admitted, identity_of};
use crate::overlap;
use detect::Hit;
use git::Oid;
use model::Fingerprint;
use rules::Ruleset;
use std::collections::HashMap;

/// Credentials as small numbers, in the order in which they were first seen.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    numbers: HashMap<Fingerprint, u32>,
    fingerprints: Vec<Fingerprint>,
}

impl Numbers {
    /// The number of a credential.
    pub(crate) fn of(&mut self, fingerprint: Fingerprint) -> u32 {
        let next = self.fingerprints.len() as u32;
        *self.numbers.entry(fingerprint).or_insert_with_key(|fingerprint| {
            self.fingerprints.push(fingerprint.clone());
            next
        })
    }

    /// All credentials, by number.
    pub(crate) fn fingerprints(&self) -> &[Fingerprint] {
        &self.fingerprints
    }
}

/// An object with hits.
#[derive(Debug)]
pub(crate) struct Holder {
    pub(crate) oid: Oid,
    /// The hits of its bytes, or of a member of the archive that it is (`!name`, as reports name it).
    pub(crate) held: Vec<(String, Vec<Known>)>,
}

/// A hit and the credential that it is.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    hit: Hit,
    fingerprint: Fingerprint,
}

impl Known {
    /// The hits of an object, each with its credential.
    pub(crate) fn all(hits: &[Hit], bytes: &[u8], options: &Options) -> Vec<Known> {
        let known = |hit: &Hit| {
            let identity = identity_of(hit, bytes);
            Known { hit: hit.clone(), fingerprint: options.key.fingerprint(identity.expose().trim_ascii()) }
        };
        hits.iter().map(known).collect()
    }
}

impl Holder {
    /// The credentials that the object holds at this path, which decides over some of them; sorted.
    pub(crate) fn credentials(&self, path: &str, options: &Options, ruleset: &Ruleset) -> Vec<&Fingerprint> {
        let mut found: Vec<&Fingerprint> = Vec::new();
        for (member, known) in &self.held {
            let hits = known.iter().map(|known| known.hit.clone()).collect();
            let hits = admitted(hits, &format!("{path}{member}"), options, ruleset);
            for hit in overlap::resolve_with_parts(hits, ruleset.rules()) {
                found.extend(known.iter().find(|known| is_same(&known.hit, &hit)).map(|known| &known.fingerprint));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Whether a hit is the one that stayed, which may have taken a name and certainty from others.
fn is_same(hit: &Hit, stays: &Hit) -> bool {
    let text =
        |hit: &Hit| hit.decoded.as_ref().map(|decoded| (decoded.at, decoded.chain.clone(), decoded.secret.clone()));
    (hit.rule, hit.whole, hit.secret) == (stays.rule, stays.whole, stays.secret) && text(hit) == text(stays)
}
