//! Which proxy the environment names.

use anyhow::{Context, Result};
use validate::Proxy;

/// The proxy for HTTPS, as curl reads the variables: lower case comes first, `NO_PROXY` excepts.
///
/// # Errors
/// If it is none that is understood.
pub fn proxy() -> Result<Option<Proxy>> {
    let Some((name, url)) = first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]) else { return Ok(None) };
    let except = first(&["no_proxy", "NO_PROXY"]).map_or(String::new(), |(_, except)| except);
    Proxy::parse(&url, &except).map(Some).with_context(|| format!("the variable {name}"))
}

fn first(names: &[&'static str]) -> Option<(&'static str, String)> {
    let set = |name: &&'static str| Some((*name, std::env::var(name).ok().filter(|value| !value.is_empty())?));
    names.iter().find_map(set)
}
