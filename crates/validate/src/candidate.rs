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
    /// Names of the parts that stand on no line with it.
    pub apart: Vec<String>,
    /// Whether it was live before where it will be asked now: then a refusal there counts, whoever runs the service.
    pub was_live: bool,
}

impl Candidate {
    /// The credential of a finding.
    pub fn of(finding: &Finding) -> Candidate {
        Candidate {
            rule: finding.rule.id.clone(),
            secret: finding.secret.clone(),
            parts: finding.parts.iter().map(|p| (p.name.clone(), p.value.clone())).chain(urls(finding)).collect(),
            fingerprint: finding.fingerprint.clone(),
            seen_hosts: seen_hosts(finding),
            apart: apart(finding),
            was_live: finding.verdict.is_live(),
        }
    }
}

/// Names of the parts that stand on no line with the secret.
fn apart(finding: &Finding) -> Vec<String> {
    let near = |name: &str| finding.parts.iter().any(|part| part.name == name && !part.is_apart);
    let mut names: Vec<String> =
        finding.parts.iter().map(|part| part.name.clone()).filter(|name| !near(name)).collect();
    names.dedup();
    names
}

/// The URLs around the password of a server that is asked in its own protocol, without the password. Several different ones
/// leave unclear which it belongs to.
fn urls(finding: &Finding) -> Vec<(String, Secret)> {
    if !crate::servers::is_for(&finding.rule.id) {
        return Vec::new();
    }
    let snippets = finding.places.iter().filter_map(|place| place.snippet.as_ref());
    let mut urls: Vec<String> =
        snippets.filter_map(|snippet| url_around(&snippet.text, snippet.mark.0, snippet.mark.1)).collect();
    urls.sort();
    urls.dedup();
    urls.into_iter().map(|url| (crate::servers::URL_PART.to_owned(), Secret::new(url))).collect()
}

/// `scheme://user@host/…` of a line in which the password stands from `start` to `end`; `None` where a part of it is masked
/// or cut off.
fn url_around(line: &str, start: usize, end: usize) -> Option<String> {
    let ends = |c: char| c.is_whitespace() || "\"'`<>()[]{},;\\".contains(c);
    let (before, behind) = (line.get(..start)?, line.get(end..)?);
    let scheme_end = before.rfind("://")?;
    let word = |c: char| c.is_ascii_alphanumeric() || "+.-:".contains(c);
    let begin = before[..scheme_end]
        .rfind(|c: char| !word(c))
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let user = before[scheme_end + 3..].strip_suffix(':')?;
    let rest = behind.strip_prefix('@')?;
    let brackets = rest.starts_with('[').then(|| rest.find(']')).flatten().unwrap_or(0);
    let scheme = &before[begin..scheme_end];
    // The members of a set stand in one URL.
    let members = if scheme.starts_with("mongodb") { rest.find(['/', '?']).unwrap_or(0) } else { 0 };
    let is_inner = |at: usize, c: char| (c == ']' && brackets != 0) || (c == ',' && at < members);
    let end = rest[brackets..].char_indices().find(|(at, c)| ends(*c) && !is_inner(brackets + at, *c));
    let rest = &rest[..end.map_or(rest.len(), |(at, _)| brackets + at)];
    let url = format!("{scheme}://{user}@{rest}");
    (!url.contains('…')).then_some(url)
}

/// Hosts that may run the service: of URLs that hold the credential as user or password, of URLs on its lines that have the
/// provider's name in them, and those that a part of it names. Any other URL on a line may be about anything.
fn seen_hosts(finding: &Finding) -> Vec<String> {
    let named = finding.parts.iter().filter(|part| HOST_PARTS.contains(&part.name.as_str()));
    let named = named.flat_map(|part| {
        let text = part.value.expose_text();
        let url = if text.contains("://") { text } else { format!("://{text}") };
        hosts_of(&url).into_iter().map(|seen| seen.host).collect::<Vec<_>>()
    });
    let name = finding.rule.provider.to_ascii_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() >= 4).collect();
    let lines = finding.places.iter().filter_map(|place| place.snippet.as_ref()).map(|snippet| snippet.text.as_str());
    let fits = |seen: &Seen| seen.has_user || words.iter().any(|word| seen.host.contains(word));
    let mut hosts: Vec<String> = lines.flat_map(hosts_of).filter(fits).map(|seen| seen.host).chain(named).collect();
    hosts.sort();
    hosts.dedup();
    hosts.truncate(4);
    hosts
}

/// Parts whose value says where the service is.
const HOST_PARTS: [&str; 6] = ["host", "domain", "url", "endpoint", "instance", "site"];

/// The host of a URL.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    host: String,
    /// Whether a user stands before it.
    has_user: bool,
}

fn hosts_of(line: &str) -> Vec<Seen> {
    let of = |behind: &str| {
        let end = behind.find(|c: char| c.is_whitespace() || "/\"'`<>()[]{},;?#\\".contains(c));
        let authority = &behind[..end.unwrap_or(behind.len())];
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        let host = host.split(':').next().unwrap_or_default();
        let name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        // What the mask cut is no host.
        let is_host = host.contains('.') && host.chars().all(name);
        is_host.then(|| Seen { host: host.to_ascii_lowercase(), has_user: user.is_some() })
    };
    line.split("://").skip(1).filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_read_around_its_password() {
        let around = |line: &str| {
            let start = line.find('…').expect("masked");
            url_around(line, start, start + '…'.len_utf8())
        };
        let plain = "DATABASE_URL=postgres://app:…@db.corp.example:5433/app?sslmode=require # x";
        assert_eq!(around(plain).as_deref(), Some("postgres://app@db.corp.example:5433/app?sslmode=require"));
        assert_eq!(around("u = \"redis://:…@[::1]:6379/0\"").as_deref(), Some("redis://@[::1]:6379/0"));
        assert_eq!(around("x: mysql+pymysql://a%40b:…@db/app'").as_deref(), Some("mysql+pymysql://a%40b@db/app"));
        let set = "uri: [\"mongodb://app:…@a:27017,b:27018/app?tls=true\", 1]";
        assert_eq!(around(set).as_deref(), Some("mongodb://app@a:27017,b:27018/app?tls=true"));
        assert_eq!(around("x('redis://app:…@a,b/0')").as_deref(), Some("redis://app@a"));
        assert_eq!(around("postgres://app:… db"), None);
        assert_eq!(around("postgres://app:…@db/…"), None);
    }

    #[test]
    fn hosts_of_urls_are_seen_and_masked_ones_are_not() {
        let seen = |line: &str| hosts_of(line).into_iter().map(|s| (s.host, s.has_user)).collect::<Vec<_>>();
        let with_user = "git clone https://oauth2:…@Git.Corp.example:8443/a.git";
        assert_eq!(seen(with_user), [("git.corp.example".to_owned(), true)]);
        let two = "curl -H 'x: …' \"https://a.example\" http://b.example/x";
        assert_eq!(seen(two), [("a.example".to_owned(), false), ("b.example".to_owned(), false)]);
        assert!(hosts_of("https://…").is_empty());
    }
}
