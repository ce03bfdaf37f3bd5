use crate::verification::VerifySettings;
use anyhow::{Context, Result, bail};
use clap::Args;
use std::time::Duration;
use tickets::Deed;
use validate::Operator;

/// The longest time that is waited for anything: a day.
const LONGEST: u64 = 24 * 3600;

/// How credentials are revoked.
#[derive(Clone, Debug, Args)]
pub struct RevokeSettings {
    /// Do it without asking.
    #[arg(long, help_heading = "Revocation")]
    pub yes: bool,
    /// Although nobody has said that what uses it has another one (its ticket is not `rotated`).
    #[arg(long, help_heading = "Revocation")]
    pub now: bool,
    /// So many credentials at a time, at most.
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Revocation")]
    pub max: usize,
    /// Send nothing, to nobody; say what would be.
    #[arg(long, help_heading = "Revocation")]
    pub dry_run: bool,
    /// Delete what has been switched off: the second step, for good (AWS).
    #[arg(long, conflicts_with = "undo", help_heading = "Revocation")]
    pub delete: bool,
    /// Switch it on again, where that is possible (AWS).
    #[arg(long, help_heading = "Revocation")]
    pub undo: bool,
    /// Sign with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of your environment instead of the key
    /// itself: for --undo and --delete, and where a key has no right over itself.
    #[arg(long, help_heading = "Revocation")]
    pub operator: bool,
    /// Also where nobody could be asked whether it works, and whose it is.
    #[arg(long, help_heading = "Revocation")]
    pub even_if_unknown: bool,
    /// How far apart the two refusals must be that prove it dead: 30s, 10m, 1h.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = time, help_heading = "Revocation")]
    pub settle: Duration,
    /// From when on a refusal is believed [default: what the rule says of the provider].
    #[arg(long, value_name = "TIME", value_parser = time, help_heading = "Revocation")]
    pub lag: Option<Duration>,
    /// How much longer than that a refusal is waited for.
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = time, help_heading = "Revocation")]
    pub patience: Duration,
    /// Do not wait for refusals; `deadkey tickets verify` asks later.
    #[arg(long, help_heading = "Revocation")]
    pub no_wait: bool,
    /// Why, for the audit trail.
    #[arg(long, value_name = "TEXT", help_heading = "Revocation")]
    pub reason: Option<String>,
    /// How providers are asked.
    #[command(flatten)]
    pub verify: VerifySettings,
}

impl RevokeSettings {
    /// What is to be done.
    pub const fn deed(&self) -> Deed {
        match (self.undo, self.delete) {
            (true, _) => Deed::Undo,
            (_, true) => Deed::Delete,
            _ => Deed::Withdraw,
        }
    }

    /// The credentials of the environment, where --operator asks for them.
    ///
    /// # Errors
    /// If they are not there.
    pub fn operator(&self) -> Result<Option<Operator>> {
        if !self.operator {
            return Ok(None);
        }
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let needed = |name: &'static str| variable(name).with_context(|| format!("--operator: {name} is not set"));
        Ok(Some(Operator {
            id: needed("AWS_ACCESS_KEY_ID")?,
            secret: model::Secret::new(needed("AWS_SECRET_ACCESS_KEY")?),
            session: variable("AWS_SESSION_TOKEN").map(model::Secret::new),
        }))
    }

    /// Whether the settings fit one another.
    ///
    /// # Errors
    /// If a remembered verdict is to count.
    pub fn check(&self) -> Result<()> {
        if self.verify.verify_cache.is_some() {
            bail!("what is revoked is checked anew, not by a remembered verdict; leave --verify-cache out");
        }
        Ok(())
    }
}

/// `30s`, `10m`, `1h`, or seconds.
fn time(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, 's')) => (&text[..at], 1),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 'h')) => (&text[..at], 3600),
        _ => (text, 1),
    };
    let seconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    let seconds = seconds.filter(|seconds| *seconds <= LONGEST);
    seconds.map(Duration::from_secs).ok_or_else(|| "it is a time such as 30s, 10m or 1h, a day at most".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, seconds) in [("0s", 0), ("90", 90), ("10m", 600), ("1h", 3600)] {
            assert_eq!(time(text), Ok(Duration::from_secs(seconds)));
        }
        for wrong in ["", "m", "-1s", "10 m", "2d", "99999999999999999999h", "25h"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
