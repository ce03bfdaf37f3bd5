//! When a credential ends: by its own word, or so long after it was first seen.

use model::{Expires, ExpiryBasis, Place, Time};
use rules::{Expiry, Rule};

/// When a credential of `rule` ends that was seen at these places, with the end that its text gives, in seconds since
/// 1970.
///
/// A token that a log printed, or a commit holds, was issued before; so what is short-lived ends its lifetime after the
/// first of those times at the latest.
pub(crate) fn of<'p>(rule: &Rule, seen: impl Iterator<Item = (Option<i64>, &'p Place)>) -> Option<Expires> {
    let expiry = rule.expiry?;
    let (mut written, mut first): (Option<i64>, Option<i64>) = (None, None);
    for (end, place) in seen {
        written = written.into_iter().chain(end).min();
        first = first.into_iter().chain(seen_at(place)).min();
    }
    let at = |seconds: i64| Time { seconds, offset: 0 };
    let lifetime = |seconds: u32| Expires {
        at: first.map(|first| at(first.saturating_add(i64::from(seconds)))),
        basis: ExpiryBasis::Lifetime(seconds),
    };
    let own = |basis: ExpiryBasis| written.map(|end| Expires { at: Some(at(end)), basis });
    match expiry {
        Expiry::Jwt => own(ExpiryBasis::Claim),
        Expiry::Url(_) => own(ExpiryBasis::Url),
        Expiry::After(seconds) => Some(lifetime(seconds)),
        Expiry::JwtOrAfter(seconds) => Some(own(ExpiryBasis::Claim).unwrap_or_else(|| lifetime(seconds))),
    }
}

/// When a place is known to have held it, in seconds since 1970.
fn seen_at(place: &Place) -> Option<i64> {
    let logged = place.log.as_ref().and_then(|log| Time::of_utc(log.time.as_deref()?.as_bytes()));
    let committed = || Some(place.history.as_ref()?.commit.as_ref()?.committer.time);
    Some(logged.or_else(committed)?.seconds)
}
