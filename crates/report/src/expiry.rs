//! What reports say of the end of a short-lived credential.

use model::{Expires, ExpiryBasis};
use serde::Serialize;

/// As JSON lines and SARIF properties have it.
#[derive(Serialize)]
pub(crate) struct ExpiresObject {
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    basis: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifetime_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expired: Option<bool>,
}

impl ExpiresObject {
    pub(crate) fn new(expires: &Expires, now: Option<i64>) -> ExpiresObject {
        let (basis, lifetime_seconds) = match expires.basis {
            ExpiryBasis::Claim => ("claim", None),
            ExpiryBasis::Url => ("url", None),
            ExpiryBasis::Lifetime(seconds) => ("lifetime", Some(seconds)),
        };
        ExpiresObject {
            at: expires.at.map(|at| at.to_string()),
            basis,
            lifetime_seconds,
            expired: now.and_then(|now| expires.is_past(now)),
        }
    }
}

/// For people: `expired at 2026-01-02T03:04:05Z at the latest, 1 hour after it was first seen`.
pub(crate) fn sentence(expires: &Expires, now: Option<i64>) -> String {
    let verb = match now.and_then(|now| expires.is_past(now)) {
        Some(true) => "expired",
        _ => "expires",
    };
    match (expires.basis, expires.at) {
        (ExpiryBasis::Lifetime(seconds), Some(at)) => {
            format!("{verb} at {at} at the latest, {} after it was first seen", duration(seconds))
        }
        (ExpiryBasis::Lifetime(seconds), None) => {
            format!("{verb} {} after it was issued, at the latest; when that was is not known", duration(seconds))
        }
        (ExpiryBasis::Claim, Some(at)) => format!("{verb} at {at}, as the token says"),
        (ExpiryBasis::Url, Some(at)) => format!("{verb} at {at}, as the URL says"),
        (ExpiryBasis::Claim | ExpiryBasis::Url, None) => format!("{verb} by itself"),
    }
}

fn duration(seconds: u32) -> String {
    match seconds / 3600 {
        1 => "1 hour".to_owned(),
        hours => format!("{hours} hours"),
    }
}
