//! How bad a finding is, in one number, and what SARIF calls it.

use super::rules;
use crate::SarifProfile;
use model::{Confidence, Finding, Severity, Verdict};

/// From 0 to 1000. What is live stands above all else, what its provider refuses below.
pub(super) fn rank(finding: &Finding) -> u32 {
    let harm = match finding.rule.severity {
        Severity::Critical => 100,
        Severity::High => 80,
        Severity::Medium => 55,
        Severity::Low => 20,
    };
    let belief = match finding.confidence {
        Confidence::Confirmed => 10,
        Confidence::High => 9,
        Confidence::Medium => 7,
        Confidence::Low => 3,
    };
    match &finding.verdict {
        Verdict::Live(_) => 900 + harm,
        Verdict::NotChecked | Verdict::Unknown { .. } => harm * belief * 85 / 100,
        Verdict::Dead { .. } => harm * belief / 10,
    }
}

/// `kind` and `level` of a result. Suppressing it changes neither.
///
/// A credential that its provider refuses is still in the way of others, and a `note`. One that is only plausible is for a person to
/// decide: `review`, for which the standard asks for no level. Code scanning knows no kinds; there it is a `note`.
pub(super) fn kind_and_level(finding: &Finding, profile: SarifProfile) -> (&'static str, &'static str) {
    match (&finding.verdict, finding.confidence) {
        (Verdict::Live(_), _) => ("fail", "error"),
        (_, Confidence::Low) if profile == SarifProfile::Full => ("review", "none"),
        (_, Confidence::Low) | (Verdict::Dead { .. }, _) => ("fail", "note"),
        _ => ("fail", rules::level(finding.rule.severity)),
    }
}
