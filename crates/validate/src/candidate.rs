//! What is asked about.

use model::{Finding, Fingerprint, Secret};

/// A credential that a provider is to be asked about.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The id of the rule that describes it.
    pub rule: String,
    /// The secret part.
    pub secret: Secret,
    /// Its further parts, by their names in the rule.
    pub parts: Vec<(String, Secret)>,
    /// Its identity; the cache knows it by that.
    pub fingerprint: Fingerprint,
    /// Hosts that were seen beside it: never contacted for that alone, but proposed.
    pub seen_hosts: Vec<String>,
    /// Whether it was live before where it will be asked now: then a refusal there counts, whoever runs the service.
    pub was_live: bool,
}

impl Candidate {
    /// The credential of a finding.
    pub fn of(finding: &Finding) -> Candidate {
        Candidate {
            rule: finding.rule.id.clone(),
            secret: finding.secret.clone(),
            parts: finding.parts.iter().map(|part| (part.name.clone(), part.value.clone())).collect(),
            fingerprint: finding.fingerprint.clone(),
            seen_hosts: seen_hosts(finding),
            was_live: finding.verdict.is_live(),
        }
    }
}

/// Hosts of the URLs on the lines that the finding stands on.
fn seen_hosts(finding: &Finding) -> Vec<String> {
    let lines = finding.places.iter().filter_map(|place| place.snippet.as_ref()).map(|snippet| snippet.text.as_str());
    let mut hosts: Vec<String> = lines.flat_map(hosts_of).collect();
    hosts.sort();
    hosts.dedup();
    hosts.truncate(4);
    hosts
}

fn hosts_of(line: &str) -> Vec<String> {
    let of = |behind: &str| {
        let end = behind.find(|c: char| c.is_whitespace() || "/\"'`<>()[]{},;?#\\".contains(c));
        let authority = &behind[..end.unwrap_or(behind.len())];
        let host = authority.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default();
        let name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        // What the mask cut is no host.
        (host.contains('.') && host.chars().all(name)).then(|| host.to_ascii_lowercase())
    };
    line.split("://").skip(1).filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_urls_are_seen_and_masked_ones_are_not() {
        assert_eq!(hosts_of("git clone https://oauth2:…@Git.Corp.example:8443/a.git"), ["git.corp.example"]);
        assert_eq!(hosts_of("curl -H 'x: …' \"https://a.example\" http://b.example/x"), ["a.example", "b.example"]);
        assert!(hosts_of("https://…").is_empty());
    }
}
