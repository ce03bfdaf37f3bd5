//! Sightings to fingerprints under the ledger's key, reading places again where a report does not tell.

use super::identity::Hash;
use super::sealed::Sealable;
use super::take_in::Origin;
use crate::ports::{Address, Reread, RuleFacts, Rulebook};
use crate::sighting::{Identity, PlaceSeen, Reading, Sighting};
use crate::{Error, Result};
use model::{Finding, Fingerprint, FingerprintKey, PlaceKind, Secret, Verdict};
use std::collections::HashMap;

/// A credential of a report, under the ledger's key, with all that the report says of it.
pub(crate) struct Resolved {
    pub(crate) hash: Hash,
    pub(crate) parts: Vec<(String, Hash)>,
    pub(crate) sighting: Sighting,
    pub(crate) facts: Option<RuleFacts>,
    /// Whether the value can be read again.
    pub(crate) provable: bool,
    /// Whether only logs hold it.
    pub(crate) fleeting: bool,
    /// The value, where it is at hand, to be sealed and lies in no commit.
    pub(crate) sealable: Option<Sealable>,
}

/// What of a report can be taken in.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) resolved: Vec<Resolved>,
    /// What cannot, a sentence each.
    pub(crate) left_out: Vec<String>,
    /// How many a suppression speaks for.
    pub(crate) suppressed: usize,
}

/// Resolves everything in a report.
pub(crate) fn resolve(
    reading: Reading,
    origin: &Origin,
    key: &FingerprintKey,
    reread: &mut dyn Reread,
    rules: &dyn Rulebook,
) -> Result<Outcome> {
    let foreign_key = reading.key_id.clone().filter(|id| id != key.id());
    let own_tool = reading.tool == "deadkey";
    let mut resolver = Resolver { origin, key, reread, rules, read: HashMap::new() };
    let mut outcome = Outcome { left_out: reading.left_out, ..Outcome::default() };
    let mut at: HashMap<Hash, usize> = HashMap::new();
    let total = reading.sightings.len();
    for sighting in reading.sightings {
        if sighting.suppressed && !sighting.verdict.is_live() {
            outcome.suppressed += 1;
            continue;
        }
        match resolver.resolved(sighting) {
            Ok(resolved) => match at.get(&resolved.hash) {
                Some(first) => outcome.resolved[*first].add(resolved),
                None => {
                    at.insert(resolved.hash, outcome.resolved.len());
                    outcome.resolved.push(resolved);
                }
            },
            Err(why) => outcome.left_out.push(why),
        }
    }
    if let Some(report) = foreign_key
        && outcome.resolved.is_empty()
        && total > outcome.suppressed
    {
        return Err(Error::OtherReportKey { report, ledger: key.id().to_owned(), findings: total });
    }
    for resolved in &mut outcome.resolved {
        resolved.drop_double_places(own_tool);
        resolver.weigh(resolved);
    }
    Ok(outcome)
}

impl Resolved {
    /// Adds what another sighting of the same credential says.
    fn add(&mut self, other: Resolved) {
        let sighting = &mut self.sighting;
        sighting.places.extend(other.sighting.places);
        let weight = |verdict: &Verdict| match verdict {
            Verdict::Live(_) => 3,
            Verdict::Dead { .. } => 2,
            Verdict::Unknown { .. } => 1,
            Verdict::NotChecked => 0,
        };
        if weight(&other.sighting.verdict) > weight(&sighting.verdict) {
            sighting.verdict = other.sighting.verdict;
        }
        let earliest = sighting.exposed_from.into_iter().chain(other.sighting.exposed_from).min();
        if sighting.introducer.is_none() || earliest != sighting.exposed_from {
            sighting.introducer = other.sighting.introducer.or(sighting.introducer.take());
        }
        sighting.exposed_from = earliest;
        if let (Some(one), Some(other)) = (sighting.at_head, other.sighting.at_head) {
            sighting.at_head = Some(one || other);
        }
        self.facts = self.facts.take().or(other.facts);
        for part in other.parts {
            if !self.parts.contains(&part) {
                self.parts.push(part);
            }
        }
    }

    /// Other tools report a line once for each rule that fits it.
    fn drop_double_places(&mut self, own_tool: bool) {
        let places = &mut self.sighting.places;
        places.sort_by(|a, b| {
            (&a.repository, a.kind, &a.path, &a.commit, a.line, a.column, a.offset).cmp(&(
                &b.repository,
                b.kind,
                &b.path,
                &b.commit,
                b.line,
                b.column,
                b.offset,
            ))
        });
        places.dedup_by(|a, b| {
            (&a.repository, a.kind, &a.path, &a.commit, a.line) == (&b.repository, b.kind, &b.path, &b.commit, b.line)
                && (!own_tool || (a.column, a.offset) == (b.column, b.offset))
        });
    }
}

struct Resolver<'a> {
    origin: &'a Origin,
    key: &'a FingerprintKey,
    reread: &'a mut dyn Reread,
    rules: &'a dyn Rulebook,
    /// What was found in objects that have been read, by what names them.
    read: HashMap<(String, String, String), std::result::Result<Vec<Finding>, String>>,
}

impl Resolver<'_> {
    fn resolved(&mut self, sighting: Sighting) -> std::result::Result<Resolved, String> {
        match &sighting.identity {
            Identity::Fingerprint(own) if own.key_id() == self.key.id() => {
                let parts = sighting.parts.iter().filter_map(|part| match &part.identity {
                    Identity::Fingerprint(part_of) => Some((part.name.clone(), hash_of(part_of))),
                    Identity::Value(_) | Identity::Places => None,
                });
                let parts = parts.collect();
                let facts = self.rules.facts(&sighting.rule);
                Ok(Resolved {
                    hash: hash_of(own),
                    parts,
                    facts,
                    sighting,
                    provable: false,
                    fleeting: false,
                    sealable: None,
                })
            }
            Identity::Value(value) => {
                let value = value.clone();
                Ok(self.by_value(sighting, &value))
            }
            Identity::Fingerprint(_) | Identity::Places => self.by_places(sighting),
        }
    }

    /// Another tool's value: what our rules see in it, else the value as it is.
    fn by_value(&mut self, mut sighting: Sighting, value: &Secret) -> Resolved {
        let text = value.expose().trim_ascii();
        let mut parts: Vec<(String, Hash)> = sighting
            .parts
            .iter()
            .filter_map(|part| match &part.identity {
                Identity::Value(value) => Some((part.name.clone(), self.hash(value.expose().trim_ascii()))),
                Identity::Fingerprint(_) | Identity::Places => None,
            })
            .collect();
        let mut seen = self.reread.recognise(text);
        // A URL holds one password; a block of several credentials is none of ours to split.
        if seen.len() == 1
            && let Some(finding) = seen.pop()
        {
            let hash = self.rekeyed(&finding.fingerprint, finding.secret.expose());
            parts
                .extend(finding.parts.iter().map(|p| (p.name.clone(), self.rekeyed(&p.fingerprint, p.value.expose()))));
            sighting.hint = finding.redacted();
            let facts = self.rules.facts(&finding.rule.id).or_else(|| self.rules.facts(&sighting.rule));
            cover_value(&mut sighting, value);
            let sealable = self.sealable(&finding);
            return Resolved { hash, parts, facts, sighting, provable: false, fleeting: false, sealable };
        }
        sighting.hint = value.redacted(0);
        cover_value(&mut sighting, value);
        let facts = self.rules.facts(&sighting.rule);
        let sealable = self.origin.seal.as_ref().map(|_| Sealable::plain(&sighting, value));
        Resolved { hash: self.hash(text), parts, facts, sighting, provable: false, fleeting: false, sealable }
    }

    /// What stands at the places now.
    fn by_places(&mut self, mut sighting: Sighting) -> std::result::Result<Resolved, String> {
        let mut why = "it names no place".to_owned();
        for at in 0..sighting.places.len() {
            let place = &sighting.places[at];
            match self.found_at(place, &sighting.rule) {
                Ok(finding) => {
                    let hash = self.rekeyed(&finding.fingerprint, finding.secret.expose());
                    let parts = finding.parts.iter();
                    let parts =
                        parts.map(|p| (p.name.clone(), self.rekeyed(&p.fingerprint, p.value.expose()))).collect();
                    sighting.hint = finding.redacted();
                    let facts = self.rules.facts(&finding.rule.id);
                    let sealable = self.sealable(&finding);
                    return Ok(Resolved { hash, parts, facts, sighting, provable: true, fleeting: false, sealable });
                }
                Err(error) => why = error,
            }
        }
        let place =
            sighting.places.first().map_or_else(String::new, |place| format!(" at {}:{}", place.path, place.line));
        Err(format!("{}{place}: {why}", if sighting.rule.is_empty() { "a finding" } else { &sighting.rule }))
    }

    /// What stands in the object in which a place lies.
    fn read_at(&mut self, place: &PlaceSeen) -> &std::result::Result<Vec<Finding>, String> {
        let address = self.origin.address(place);
        let name = (address.source.clone(), format!("{}:{}", address.commit, address.object), address.path.clone());
        if !self.read.contains_key(&name) {
            // What was read before is not needed again: reports go file by file.
            self.read.clear();
            let found = self.reread.read(&address);
            self.read.insert(name.clone(), found);
        }
        &self.read[&name]
    }

    /// The credential that a report means by a place.
    fn found_at(&mut self, place: &PlaceSeen, rule: &str) -> std::result::Result<Finding, String> {
        let found = self.read_at(place).as_ref().map_err(Clone::clone)?;
        let found = found.clone();
        let wanted = self.rules.facts(rule).map(|facts| facts.id);
        let on_line = |finding: &&Finding| {
            let stands = |p: &model::Place| place.line == 0 || (p.line <= place.line && place.line <= p.end_line);
            finding.places.iter().any(stands)
        };
        let here: Vec<&Finding> = found.iter().filter(on_line).collect();
        let exact = here.iter().filter(|finding| {
            let covers = |p: &model::Place| place.column > 0 && p.column == place.column;
            finding.places.iter().any(covers) || wanted.as_deref() == Some(finding.rule.id.as_str())
        });
        let exact: Vec<&&Finding> = exact.collect();
        match (here.as_slice(), exact.as_slice()) {
            (_, [one]) => Ok((**one).clone()),
            ([one], _) => Ok((*one).clone()),
            ([], _) => Err("the report hides the value, and no rule finds one in that line".to_owned()),
            _ => Err("the report hides the value, and several stand in that line".to_owned()),
        }
    }

    /// Whether it can be read again, and what is to be sealed because it may not be.
    fn weigh(&mut self, resolved: &mut Resolved) {
        let kept = |place: &&PlaceSeen| {
            !matches!(place.kind, PlaceKind::File | PlaceKind::Archive | PlaceKind::Stdin | PlaceKind::Log)
        };
        let places = &resolved.sighting.places;
        resolved.provable = places.iter().any(|place| self.is_reachable(place));
        resolved.fleeting = resolved.provable && places.iter().all(|place| place.kind == PlaceKind::Log);
        if self.origin.seal.is_none() || places.iter().filter(kept).any(|place| self.is_reachable(place)) {
            resolved.sealable = None;
        } else if resolved.sealable.is_none() {
            resolved.sealable = places.iter().find_map(|place| self.value_at(place, &resolved.hash));
        }
    }

    /// The value of a fingerprint, read at a place.
    fn value_at(&mut self, place: &PlaceSeen, hash: &Hash) -> Option<Sealable> {
        let found = self.read_at(place).as_ref().ok()?.clone();
        let is_it = |finding: &&Finding| self.rekeyed(&finding.fingerprint, finding.secret.expose()) == *hash;
        found.iter().filter(is_it).max_by_key(|finding| finding.parts.len()).and_then(|finding| self.sealable(finding))
    }

    fn sealable(&self, finding: &Finding) -> Option<Sealable> {
        self.origin.seal.as_ref().map(|_| Sealable::of(finding))
    }

    fn is_reachable(&mut self, place: &PlaceSeen) -> bool {
        let address = self.origin.address(place);
        self.reread.is_reachable(&address)
    }

    fn hash(&self, value: &[u8]) -> Hash {
        hash_of(&self.key.fingerprint(value))
    }

    /// A fingerprint that is not of the ledger's key is made anew from the value.
    fn rekeyed(&self, fingerprint: &Fingerprint, value: &[u8]) -> Hash {
        if fingerprint.key_id() == self.key.id() { hash_of(fingerprint) } else { self.hash(value.trim_ascii()) }
    }
}

/// The hash in a fingerprint.
pub(crate) fn hash_of(fingerprint: &Fingerprint) -> Hash {
    let bytes = crate::canonical::unhex(fingerprint.hash()).unwrap_or_default();
    bytes.try_into().unwrap_or_default()
}

/// Other tools write values into titles, paths and links; ours covers them.
fn cover_value(sighting: &mut Sighting, value: &Secret) {
    let value = value.expose_text();
    if value.len() < 8 {
        return;
    }
    let cover = |text: &mut String| {
        if text.contains(&value) {
            *text = text.replace(&value, "…");
        }
    };
    cover(&mut sighting.title);
    cover(&mut sighting.rule);
    for place in &mut sighting.places {
        cover(&mut place.path);
        place.link.iter_mut().for_each(cover);
        place.name.iter_mut().for_each(cover);
    }
}

impl Origin {
    /// Where a place of the report lies.
    pub(crate) fn address(&self, place: &PlaceSeen) -> Address {
        let source = self.source_of(place);
        Address {
            // Another repository is not read where this one lies.
            root: self.root.clone().filter(|_| source == self.source),
            source,
            kind: place.kind,
            path: place.path.clone(),
            line: place.line,
            column: place.column,
            commit: place.commit.clone(),
            object: place.object.clone(),
        }
    }

    /// The name of the repository that a place is in. What a tool was told by a relative path is the report's own.
    pub(crate) fn source_of(&self, place: &PlaceSeen) -> String {
        match &place.repository {
            Some(name) if !self.is_named && (name.contains("://") || name.starts_with("git@")) => source_name(name),
            _ => self.source.clone(),
        }
    }
}

/// The name of a repository as the ledger has it: no user and password, no `.git`, so that one repository has one name.
pub fn source_name(name: &str) -> String {
    let name = name.trim().trim_end_matches('/');
    let name = name.strip_suffix(".git").unwrap_or(name).trim_end_matches('/');
    if let Some((scheme, rest)) = name.split_once("://") {
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        return if scheme == "file" { format!("/{path}") } else { format!("{scheme}://{host}/{path}") };
    }
    // git@host:owner/name
    match name.split_once('@') {
        Some((_, rest)) if !name.starts_with('/') && rest.contains(':') => {
            let (host, path) = rest.split_once(':').unwrap_or((rest, ""));
            format!("https://{host}/{}", path.trim_start_matches('/'))
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::source_name;

    #[test]
    fn a_repository_has_one_name_and_that_holds_no_password() {
        let name = "https://git.example/team/app";
        let login = format!("{}:{}", "jo", "pw");
        for written in [
            name.to_owned(),
            format!("{name}.git"),
            format!("{name}/"),
            format!("https://{login}@git.example/team/app.git"),
            "git@git.example:team/app.git".to_owned(),
        ] {
            assert_eq!(source_name(&written), name);
        }
        assert_eq!(source_name("file:///srv/a.git"), "/srv/a");
        assert_eq!(source_name("/home/jo/work@2/a"), "/home/jo/work@2/a");
    }
}
