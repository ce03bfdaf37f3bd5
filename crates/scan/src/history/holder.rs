//! The objects of a repository that hold hits, and which credentials these are at a path.

use crate::Options;
use crate::collect::{admitted, identity_of, is_admitted};
use crate::{overlap, path};
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
        self.standing(ruleset, |member, hits| admitted(hits, &format!("{path}{member}"), options, ruleset))
    }

    /// The same where nothing of the path counts but whether what stands in the file without quotes may be a value.
    fn credentials_where(&self, bare_values: bool, ruleset: &Ruleset) -> Vec<&Fingerprint> {
        self.standing(ruleset, |member, mut hits| {
            let bare_values = if member.is_empty() { bare_values } else { path::has_bare_values(member) };
            hits.retain(|hit| is_admitted(hit, bare_values, ruleset));
            hits
        })
    }

    /// The credentials of the hits that are admitted and that no other one replaces; sorted.
    fn standing(&self, ruleset: &Ruleset, admitted: impl Fn(&str, Vec<Hit>) -> Vec<Hit>) -> Vec<&Fingerprint> {
        let mut found: Vec<&Fingerprint> = Vec::new();
        for (member, known) in &self.held {
            let hits = admitted(member, known.iter().map(|known| known.hit.clone()).collect());
            for hit in overlap::resolve(hits, ruleset.rules()) {
                found.extend(known.iter().find(|known| is_same(&known.hit, &hit)).map(|known| &known.fingerprint));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether rules have conditions on the path that only they can answer.
    fn asks_for_paths(&self, options: &Options) -> bool {
        let (mut members, mut hits) = (self.held.iter(), self.held.iter().flat_map(|(_, known)| known));
        hits.any(|known| options.paths.are_asked(known.hit.rule))
            || members.any(|(member, _)| !member.is_empty() && !path::is_below(member))
    }
}

/// What an object holds, as far as commits and paths ask. No secrets, so that it may be remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// At paths where what stands without quotes may be a value ([`path::has_bare_values`]); sorted.
    pub(crate) bare: Vec<Fingerprint>,
    /// At all others; sorted.
    pub(crate) quoted: Vec<Fingerprint>,
}

impl Credentials {
    /// Those at a path, of which the file's name alone counts.
    fn at(&self, path: &str) -> &[Fingerprint] {
        if self.bare == self.quoted || path::has_bare_values(path) { &self.bare } else { &self.quoted }
    }

    fn is_empty(&self) -> bool {
        self.bare.is_empty() && self.quoted.is_empty()
    }
}

/// What an object holds at any path.
#[derive(Debug)]
pub(crate) enum Holding {
    /// Rules have no say in it.
    Credentials(Credentials),
    /// Some hit's rule has conditions on the path: all hits are asked.
    Hits(Holder),
}

impl Holding {
    /// `None` if it holds nothing anywhere: its hits are refuted.
    pub(crate) fn of(holder: Holder, options: &Options, ruleset: &Ruleset) -> Option<Holding> {
        if holder.asks_for_paths(options) {
            return Some(Holding::Hits(holder));
        }
        let of = |bare: bool| holder.credentials_where(bare, ruleset).into_iter().cloned().collect();
        let credentials = Credentials { bare: of(true), quoted: of(false) };
        (!credentials.is_empty()).then_some(Holding::Credentials(credentials))
    }

    /// Whether the object may hold any in a file of this name.
    pub(crate) fn fits(&self, name: &str) -> bool {
        match self {
            Holding::Credentials(credentials) => !credentials.at(name).is_empty(),
            Holding::Hits(_) => true,
        }
    }

    /// The credentials that the object holds at this path; sorted.
    pub(crate) fn credentials(&self, path: &str, options: &Options, ruleset: &Ruleset) -> Vec<&Fingerprint> {
        match self {
            Holding::Credentials(credentials) => credentials.at(path).iter().collect(),
            Holding::Hits(holder) => holder.credentials(path, options, ruleset),
        }
    }
}

/// Whether a hit is the one that stayed, which may have taken a name and certainty from others.
fn is_same(hit: &Hit, stays: &Hit) -> bool {
    let text =
        |hit: &Hit| hit.decoded.as_ref().map(|decoded| (decoded.at, decoded.chain.clone(), decoded.secret.clone()));
    (hit.rule, hit.whole, hit.secret) == (stays.rule, stays.whole, stays.secret) && text(hit) == text(stays)
}
