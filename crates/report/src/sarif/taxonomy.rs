//! What the findings mean in the words of others: weaknesses (CWE), risks (OWASP's of non-human identities), outcomes (NIST's
//! Cybersecurity Framework) and tenets (NIST's Zero Trust Architecture).
//!
//! What holds for all that a rule finds is a relationship of the rule; what depends on where a credential stands, whether it works and
//! whether it ends by itself are the `taxa` of the result. Descriptions of NIST's outcomes are ours, as in `docs/evidence.md`.

use super::model::{Component, ComponentRef, Message, Relationship, Taxon, TaxonRef};
use crate::history::was_in_a_file;
use model::{Finding, Place, PlaceKind};
use std::collections::BTreeSet;

/// A taxonomy, with the taxa that our results fall into.
struct Taxonomy {
    name: &'static str,
    version: &'static str,
    organization: &'static str,
    guid: &'static str,
    uri: &'static str,
    description: &'static str,
    taxa: &'static [(&'static str, &'static str)],
}

const CWE: usize = 0;
const NHI: usize = 1;
const CSF: usize = 2;
const ZERO_TRUST: usize = 3;

/// The first guid is that of the taxonomy which the SARIF committee publishes (`sarif-standard/taxonomies`, version 4.8). The others
/// have none that is published: each is the version 5 UUID of its address in the namespace of URLs.
const TAXONOMIES: [Taxonomy; 4] = [
    Taxonomy {
        name: "CWE",
        version: "4.8",
        organization: "MITRE",
        guid: "A70FCFF4-F2E9-4210-9D2A-BF50D7D64D5D",
        uri: "https://cwe.mitre.org/data/published/cwe_v4.8.pdf",
        description: "The MITRE Common Weakness Enumeration",
        taxa: &[
            ("CWE-214", "Invocation of Process Using Visible Sensitive Information"),
            ("CWE-256", "Plaintext Storage of a Password"),
            ("CWE-522", "Insufficiently Protected Credentials"),
            ("CWE-532", "Insertion of Sensitive Information into Log File"),
            ("CWE-540", "Inclusion of Sensitive Information in Source Code"),
            ("CWE-760", "Use of a One-Way Hash with a Predictable Salt"),
            ("CWE-798", "Use of Hard-coded Credentials"),
        ],
    },
    Taxonomy {
        name: "OWASP NHI Top 10",
        version: "2025",
        organization: "OWASP",
        guid: "379cd618-5974-5a3c-84ce-430ef637d91c",
        uri: "https://owasp.org/www-project-non-human-identities-top-10/2025/",
        description: "OWASP Top 10 Non-Human Identities Risks",
        taxa: &[("NHI2:2025", "Secret Leakage"), ("NHI7:2025", "Long-Lived Secrets"), ("NHI9:2025", "NHI Reuse")],
    },
    Taxonomy {
        name: "NIST CSF",
        version: "2.0",
        organization: "NIST",
        guid: "489f86d8-0dc0-5814-b6fe-1c4c1d45d667",
        uri: "https://www.nist.gov/cyberframework",
        description: "The NIST Cybersecurity Framework",
        taxa: &[
            ("ID.RA-01", "Weaknesses are found and written down"),
            ("PR.AA-01", "Credentials of services are managed"),
            ("PR.DS-01", "Data at rest is confidential"),
            ("PR.PS-04", "Logs are made, and can be used"),
            ("RS.MI-01", "Incidents are contained"),
        ],
    },
    Taxonomy {
        name: "NIST SP 800-207",
        version: "1.0",
        organization: "NIST",
        guid: "39602af9-474f-54d2-a9fd-697457a01828",
        uri: "https://doi.org/10.6028/NIST.SP.800-207",
        description: "Zero Trust Architecture, whose tenets are counted in the order of its section 2.1",
        taxa: &[
            ("tenet-3", "Access is granted per session"),
            ("tenet-5", "The state of all assets is measured"),
            ("tenet-6", "Authentication is dynamic and enforced before access"),
        ],
    },
];

/// The taxonomies as a run holds them. `tags` are those of its rules: weaknesses among them that the table does not know are taken in,
/// so that no relationship leads nowhere.
pub(super) fn components<'a>(tags: impl Iterator<Item = &'a str>) -> Vec<Component<'a>> {
    let known = |id: &str| TAXONOMIES[CWE].taxa.iter().any(|(known, _)| *known == id);
    let further: BTreeSet<&str> = tags.filter(|tag| weakness(tag).is_some() && !known(tag)).collect();
    let component = |at: usize| {
        let taxonomy = &TAXONOMIES[at];
        let taxa = taxonomy.taxa.iter().map(|(id, name)| taxon(at, id, name));
        let more = further.iter().filter(|_| at == CWE).map(|id| taxon(at, id, ""));
        Component {
            name: taxonomy.name,
            version: taxonomy.version,
            organization: taxonomy.organization,
            guid: taxonomy.guid,
            information_uri: taxonomy.uri,
            short_description: Message { text: taxonomy.description.into() },
            is_comprehensive: false,
            taxa: taxa.chain(more).collect(),
        }
    };
    (0..TAXONOMIES.len()).map(component).collect()
}

fn taxon<'a>(taxonomy: usize, id: &'a str, name: &'a str) -> Taxon<'a> {
    let page = weakness(id).filter(|_| taxonomy == CWE);
    Taxon {
        id,
        short_description: (!name.is_empty()).then(|| Message { text: name.into() }),
        help_uri: page.map(|number| format!("https://cwe.mitre.org/data/definitions/{number}.html")),
    }
}

/// The number of a weakness.
fn weakness(tag: &str) -> Option<u32> {
    tag.strip_prefix("CWE-").and_then(|number| number.parse().ok())
}

/// The taxonomies that the rules speak of.
pub(super) fn supported() -> Vec<ComponentRef> {
    (0..TAXONOMIES.len()).map(|at| ComponentRef { guid: Some(TAXONOMIES[at].guid), ..component(at) }).collect()
}

fn component(at: usize) -> ComponentRef {
    ComponentRef { name: TAXONOMIES[at].name, index: at, guid: None }
}

fn reference(at: usize, id: &str) -> TaxonRef<'_> {
    TaxonRef { id, tool_component: component(at) }
}

/// What all findings of a rule fall into, by its tags, and what a leak of any credential is about.
pub(super) fn relationships(tags: &[String]) -> Vec<Relationship<'_>> {
    let is_risk = |tag: &str| TAXONOMIES[NHI].taxa.iter().any(|(known, _)| *known == tag);
    let own = tags.iter().filter_map(|tag| match () {
        () if weakness(tag).is_some() => Some(Relationship { target: reference(CWE, tag), kinds: ["superset"] }),
        () if is_risk(tag) => Some(Relationship { target: reference(NHI, tag), kinds: ["superset"] }),
        () => None,
    });
    let about = [(CSF, "ID.RA-01"), (CSF, "PR.AA-01"), (ZERO_TRUST, "tenet-5")];
    let about = about.into_iter().map(|(at, id)| Relationship { target: reference(at, id), kinds: ["relevant"] });
    own.chain(about).collect()
}

/// What a finding falls into besides, and its rule does not say already.
pub(super) fn taxa(finding: &Finding) -> Vec<TaxonRef<'_>> {
    let has = |wanted: fn(&Place) -> bool| finding.places.iter().any(wanted);
    let in_log = has(|place| place.kind == PlaceKind::Log);
    let in_file = has(|place| matches!(place.kind, PlaceKind::File | PlaceKind::Archive) || was_in_a_file(place));
    let is_lasting = finding.expires.is_none();
    let is_live = finding.verdict.is_live();
    let all = [
        (in_log, CWE, "CWE-532"),
        (in_file, CWE, "CWE-540"),
        (is_lasting, NHI, "NHI7:2025"),
        (finding.histories.len() > 1, NHI, "NHI9:2025"),
        (in_file, CSF, "PR.DS-01"),
        (in_log, CSF, "PR.PS-04"),
        (is_live, CSF, "RS.MI-01"),
        (is_lasting, ZERO_TRUST, "tenet-3"),
        (is_live, ZERO_TRUST, "tenet-6"),
    ];
    let said = |id: &str| finding.rule.tags.iter().any(|tag| tag == id);
    all.into_iter().filter(|(holds, _, id)| *holds && !said(id)).map(|(_, at, id)| reference(at, id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_relationship_leads_to_a_taxon() {
        let tags = ["CWE-798", "CWE-9999", "CWE-x", "NHI2:2025", "NHI77:2025", "cloud"].map(str::to_owned);
        let components = components(tags.iter().map(String::as_str));
        let relationships = relationships(&tags);
        assert_eq!(relationships.iter().filter(|r| r.kinds == ["superset"]).count(), 3);
        for Relationship { target, .. } in relationships {
            let taxa = &components[target.tool_component.index].taxa;
            assert!(taxa.iter().any(|taxon| taxon.id == target.id), "{}", target.id);
        }
        let guids: BTreeSet<_> = components.iter().map(|component| component.guid).collect();
        assert_eq!(guids.len(), components.len());
    }
}
