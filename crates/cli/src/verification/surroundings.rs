//! Which proxy the environment names, and which registry the user's own configuration.

use anyhow::{Context, Result};
use std::path::PathBuf;
use validate::{Endpoint, Proxy};

/// Bytes of a configuration file, at most.
const LARGEST: u64 = 1 << 20;

/// The proxy for HTTPS, as curl reads the variables: lower case comes first, `NO_PROXY` excepts.
///
/// # Errors
/// If it is none that is understood.
pub fn proxy() -> Result<Option<Proxy>> {
    let Some((name, url)) = first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]) else { return Ok(None) };
    let except = first(&["no_proxy", "NO_PROXY"]).map_or(String::new(), |(_, except)| except);
    Proxy::parse(&url, &except).map(Some).with_context(|| format!("the variable {name}"))
}

/// The registries that the user's own configuration names, as endpoints. What lies in a scanned tree is not asked: whoever
/// writes it could have every token that is found sent to himself.
pub fn registries() -> Vec<Endpoint> {
    let named = first(&["npm_config_registry", "NPM_CONFIG_REGISTRY"]).map(|(_, url)| url);
    let url = named.or_else(|| npm_registry(&own_file(".npmrc")?));
    // One that is no address, or holds a password, is npm's to complain about.
    url.and_then(|url| Endpoint::parse(&format!("npm={url}")).ok()).into_iter().collect()
}

/// A file in the user's home.
fn own_file(name: &str) -> Option<String> {
    let path = PathBuf::from(std::env::var_os("HOME").filter(|home| !home.is_empty())?).join(name);
    let small = std::fs::metadata(&path).is_ok_and(|there| there.len() <= LARGEST);
    small.then(|| std::fs::read_to_string(path).ok()).flatten()
}

/// The registry of all packages in an `.npmrc`; those of single scopes are not meant.
fn npm_registry(text: &str) -> Option<String> {
    let lines = text.lines().filter_map(|line| line.split_once('='));
    let mut values = lines.filter(|(key, _)| key.trim() == "registry").map(|(_, value)| value.trim().trim_matches('"'));
    values.next_back().map(str::to_owned)
}

fn first(names: &[&'static str]) -> Option<(&'static str, String)> {
    let set = |name: &&'static str| Some((*name, std::env::var(name).ok().filter(|value| !value.is_empty())?));
    names.iter().find_map(set)
}

#[cfg(test)]
mod tests {
    use super::npm_registry;

    #[test]
    fn the_registry_of_all_packages_is_read() {
        let text = "; a comment\n@corp:registry=https://npm.corp.example/\nregistry = \"https://r.example/npm/\"\nalways-auth=true\n";
        assert_eq!(npm_registry(text).as_deref(), Some("https://r.example/npm/"));
        assert_eq!(npm_registry("@corp:registry=https://npm.corp.example/\n"), None);
    }
}
