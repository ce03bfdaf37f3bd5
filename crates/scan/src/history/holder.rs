//! The objects of a repository that hold hits, and which credentials these are at a path.

use crate::Options;
use crate::collect::{admitted, identity_of, is_admitted};
use crate::{overlap, path};
use detect::Hit;
use git::Oid;
use model::Fingerprint;
use rules::Ruleset;
use std::collections::HashMap;
use std::ops::Range;

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
            for hit in overlap::resolve_with_parts(hits, ruleset.rules()) {
                found.extend(known.iter().find(|known| is_same(&known.hit, &hit)).map(|known| &known.fingerprint));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Where all hits of the object are found again; of members of an archive that is not known. A hit's anchor is among what it
    /// read, and so is the start of the encoded unit that it stands in.
    fn anchors(&self) -> Anchors {
        let [(member, known)] = self.held.as_slice() else { return Anchors::new() };
        let range = |known: &Known| {
            let reads = known.hit.reads;
            Some(u32::try_from(reads.start).ok()?..u32::try_from(reads.end).ok()?)
        };
        let ranges: Option<Vec<Range<u32>>> = known.iter().map(range).collect();
        let mut ranges = ranges.filter(|_| member.is_empty()).unwrap_or_default();
        ranges.sort_unstable_by_key(|range| range.start);
        ranges.dedup_by(|range, last| {
            let is_close = range.start <= last.end.saturating_add(CLOSE);
            last.end = if is_close { last.end.max(range.end) } else { last.end };
            is_close
        });
        ranges
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
    /// Where its hits are anchored.
    pub(crate) anchors: Anchors,
}

/// Where in an object all of its hits are anchored, in bytes: ranges in order and apart. Empty if that is not known.
pub(crate) type Anchors = Vec<Range<u32>>;

/// Ranges of anchors that are closer than this are one: to begin a scan costs as much as to scan so many bytes.
const CLOSE: u32 = 192;

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
        let credentials = Credentials { bare: of(true), quoted: of(false), anchors: holder.anchors() };
        (!credentials.is_empty()).then_some(Holding::Credentials(credentials))
    }

    /// Whether the object may hold any in a file of this name.
    pub(crate) fn fits(&self, name: &str) -> bool {
        match self {
            Holding::Credentials(credentials) => !credentials.at(name).is_empty(),
            Holding::Hits(_) => true,
        }
    }

    /// The credentials that the object holds whatever its path, as far as that is known: what is asked of a path is asked of none.
    pub(crate) fn anywhere(&self, options: &Options, ruleset: &Ruleset) -> Vec<&Fingerprint> {
        match self {
            Holding::Credentials(Credentials { bare, quoted, .. }) => {
                bare.iter().filter(|fingerprint| quoted.binary_search(fingerprint).is_ok()).collect()
            }
            Holding::Hits(holder) => holder.credentials("object", options, ruleset),
        }
    }

    /// Where all hits of the object are found again.
    pub(crate) fn anchors(&self) -> Anchors {
        match self {
            Holding::Credentials(credentials) => credentials.anchors.clone(),
            Holding::Hits(holder) => holder.anchors(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::PathRules;
    use detect::{Detector, Scratch, View};
    use model::FingerprintKey;
    use policy::{Date, Lookup, Policy};
    use std::sync::Arc;
    use testkit::{Encoding, Filler};

    const RULES: &str = r#"
        provider = "Acme"
        [[rule]]
        id = "acme-key"
        name = "Key"
        severity = "high"
        shape = 'acme_[0-9a-z]{24}'
        [[rule]]
        id = "any-password"
        name = "Password"
        severity = "low"
        generic = true
        assignment = { names = ["password"] }
    "#;
    const OF_PATHS: &str = "[[rules]]\nid = 'theirs'\nregex = 'theirs_[0-9a-z]{24}'\npath = '[.](md|txt)$'\n";

    fn options(ruleset: &Ruleset) -> Options {
        let of_policies = policy::Options {
            lookup: Lookup::None,
            today: Date::of_seconds(0),
            confidence: None,
            reference: None,
            accept_new: false,
            pragmas: false,
            partial: false,
        };
        Options {
            key: FingerprintKey::public(),
            paths: PathRules::new(ruleset),
            policy: Arc::new(Policy::open(Vec::new(), of_policies).expect("nothing is read")),
            skips: false,
            jobs: std::num::NonZeroUsize::MIN,
            logs: false,
        }
    }

    /// A text with credentials, plain and encoded, and much between them.
    fn mixed(rng: &mut testkit::Rng) -> Vec<u8> {
        let mut text = Vec::new();
        for _ in 0..1 + rng.below(6) {
            let len = rng.below(3000);
            let filler = Filler::ALL[rng.below(Filler::ALL.len())];
            text.extend(filler.write(rng, len));
            let key = testkit::secrets::aws_key_id(rng);
            let secrets = [
                testkit::secrets::github_classic(rng),
                [b"aws_id = ".as_slice(), &key, b"\naws_secret = ", &testkit::secrets::aws_secret(rng)].concat(),
                [b"password = \"".as_slice(), &testkit::secrets::password(rng), b"\""].concat(),
                testkit::secrets::private_key(rng),
                testkit::secrets::jwt(rng),
            ];
            let secret = &secrets[rng.below(secrets.len())];
            let encoded = match rng.below(3) {
                0 => {
                    Encoding::Base64 { url_safe: false, padded: true }.encode(&[b"token: ".as_slice(), secret].concat())
                }
                1 => Encoding::Wrapped { width: 64, crlf: false }.encode(secret),
                _ => secret.clone(),
            };
            text.extend([b"\n".as_slice(), &encoded, b"\n"].concat());
        }
        text
    }

    #[test]
    fn what_an_object_holds_is_found_again_at_its_anchors() {
        let detector = Detector::new(Arc::new(Ruleset::builtin()), detect::Options::default());
        let options = options(detector.ruleset());
        let mut rng = testkit::Rng::new(0xa2c4);
        let hits_of = |bytes: &[u8], ranges: &[Range<usize>]| {
            let mut hits = Vec::new();
            for range in ranges {
                detector.scan(&mut Scratch::default(), View::whole(bytes), range.clone(), &mut hits);
            }
            hits.sort_unstable();
            hits.dedup();
            hits
        };
        let (mut hits, mut decoded, mut looked_at, mut all) = (0, 0, 0, 0);
        for _ in 0..400 {
            let bytes = mixed(&mut rng);
            let found = hits_of(&bytes, std::slice::from_ref(&(0..bytes.len())));
            let held = vec![(String::new(), Known::all(&found, &bytes, &options))];
            let anchors = Holder { oid: Oid::default(), held }.anchors();
            let ranges: Vec<Range<usize>> =
                anchors.iter().map(|range| range.start as usize..range.end as usize).collect();
            assert!(ranges.windows(2).all(|pair| pair[0].end < pair[1].start), "in order and apart");
            assert_eq!(hits_of(&bytes, &ranges), found);
            hits += found.len();
            decoded += found.iter().filter(|hit| hit.decoded.is_some()).count();
            looked_at += ranges.iter().map(Range::len).sum::<usize>();
            all += bytes.len();
        }
        assert!(hits > 1000 && decoded > 300 && looked_at < all, "{hits} {decoded} {looked_at} {all}");
        let members = vec![("!a".to_owned(), Vec::new())];
        assert_eq!(Holder { oid: Oid::default(), held: members }.anchors(), [], "of an archive");
    }

    #[test]
    fn two_lists_say_what_all_hits_say_at_every_path() {
        let mut ruleset = Ruleset::empty();
        ruleset.add_text("test", RULES).expect("rules");
        ruleset.add_text("theirs.toml", OF_PATHS).expect("a configuration");
        let options = options(&ruleset);
        let detector = Detector::new(Arc::new(ruleset), detect::Options::default());
        let ruleset = detector.ruleset();
        let [a, b, c] = ["k3v9x1q8z2", "p7w4m6n5r0", "t8y2u5j1h4"].map(|part| format!("{part}{part}{}", &part[..4]));
        let texts = [
            format!("password = {a}\n"),
            format!("password = \"{a}\"\npassword = {b}\n"),
            format!("password = acme_{a}\nkey: acme_{b}\n"),
            format!("theirs_{a}\npassword = {b}\n"),
            format!("password = \"{c}\" # acme_{c}\n"),
        ];
        let known = |text: &String| {
            let mut hits = Vec::new();
            detector.scan(&mut Scratch::default(), View::whole(text.as_bytes()), 0..text.len(), &mut hits);
            Known::all(&hits, text.as_bytes(), &options)
        };
        let members = ["", "!a.c", "!b/app.env", "!notes.md", "!x.tar!c.h", "odd.env"];
        let paths = [
            "src/a.c",
            "a.env",
            "-",
            "b/-",
            "notes.md",
            "README",
            "Makefile",
            "a.zip",
            "x\\x00.c",
            "commit/0f",
            "v1.c",
        ];
        let (mut listed, mut asked, mut differing) = (0, 0, 0);
        for (text, other) in texts.iter().flat_map(|text| texts.iter().map(move |other| (text, other))) {
            for (first, second) in members.iter().flat_map(|m| members.iter().map(move |n| (*m, *n))) {
                let held = vec![(first.to_owned(), known(text)), (second.to_owned(), known(other))];
                let holder = |held: &Vec<(String, Vec<Known>)>| Holder { oid: Oid::default(), held: held.clone() };
                let (holding, holder) = (Holding::of(holder(&held), &options, ruleset), holder(&held));
                let at = |path| holder.credentials(path, &options, ruleset);
                for path in paths {
                    let found = holding.as_ref().map_or_else(Vec::new, |of| of.credentials(path, &options, ruleset));
                    assert_eq!(found, at(path), "{held:?} at {path}");
                    let fits = holding.as_ref().is_some_and(|of| of.fits(path.rsplit('/').next().unwrap_or(path)));
                    assert!(fits || found.is_empty(), "{held:?} at {path}");
                }
                listed += usize::from(matches!(holding, Some(Holding::Credentials(_))));
                asked += usize::from(matches!(holding, Some(Holding::Hits(_))));
                differing += usize::from(at("a.c") != at("a.env"));
            }
        }
        assert!(listed > 100 && asked > 100 && differing > 100, "{listed} {asked} {differing}");
    }
}
