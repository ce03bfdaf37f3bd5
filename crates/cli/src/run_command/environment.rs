//! The secrets that a command is given in its environment.

use crate::args::RunArgs;
use anyhow::{Result, bail};
use detect::known::Named;
use model::Secret;

/// deadkey's own.
const OWN: &str = "DEADKEY_KEY";

/// The values of credential-named variables, unless they are not wanted, and of those that are named.
pub fn known_values(args: &RunArgs) -> Result<Vec<Named>> {
    let mut values = Vec::new();
    for name in &args.env {
        let Some(value) = std::env::var_os(name) else {
            bail!("--env {name}: there is no variable of that name");
        };
        values.push(Named { name: name.clone(), value: Secret::new(value.as_encoded_bytes()) });
    }
    if !args.no_env {
        let mut named: Vec<Named> = std::env::vars_os()
            .filter(|(name, value)| {
                let is_own = name == OWN;
                !value.is_empty() && (is_own || scan::is_credential_name(name.as_encoded_bytes()))
            })
            .map(|(name, value)| Named {
                name: name.to_string_lossy().into_owned(),
                value: Secret::new(value.as_encoded_bytes()),
            })
            .collect();
        // In an order of their own, whatever the environment's.
        named.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        values.append(&mut named);
    }
    Ok(values)
}
