//! Moments as the ledger holds them: seconds since 1970 in UTC.

use model::Time;

/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// The moment that a text of RFC 3339 is, with a zone or `Z`; a day alone is its first second. `None` for anything else.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let clock = text.find('T').or_else(|| text.find(' ')).unwrap_or(text.len());
    let zone = text[clock..].rfind(['+', '-']).map(|at| clock + at);
    let Some(zone) = zone else { return Time::of_utc(text.as_bytes()).map(|time| time.seconds) };
    let local = Time::of_utc(text[..zone].trim_end().as_bytes())?.seconds;
    let digits: String = text[zone + 1..].chars().filter(|c| *c != ':').collect();
    let is_zone = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
    let (hours, minutes): (i64, i64) = is_zone
        .then(|| (digits[..2].parse(), digits[2..].parse()))
        .and_then(|(hours, minutes)| Some((hours.ok()?, minutes.ok()?)))?;
    let east = (hours * 60 + minutes) * 60;
    Some(if text.as_bytes()[zone] == b'-' { local + east } else { local - east })
}

/// `2026-01-02T03:04:05Z`.
pub fn text(seconds: i64) -> String {
    Time { seconds, offset: 0 }.to_string()
}

/// `2026-01-02`.
pub fn day(seconds: i64) -> String {
    text(seconds).split('T').next().unwrap_or_default().to_owned()
}

/// Whole days between two moments, rounded down; never negative.
pub fn days_between(from: i64, to: i64) -> i64 {
    (to - from).max(0) / DAY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_with_every_zone_and_written_in_utc() {
        for (text, utc) in [
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
            ("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05Z"),
            ("2026-01-02T03:04:05+01:00", "2026-01-02T02:04:05Z"),
            ("2026-01-01T23:30:00-05:30", "2026-01-02T05:00:00Z"),
            ("2026-01-02 03:04:05 +0000", "2026-01-02T03:04:05Z"),
            ("2026-01-02", "2026-01-02T00:00:00Z"),
        ] {
            assert_eq!(parse(text).map(super::text).as_deref(), Some(utc), "{text}");
        }
        for wrong in ["", "yesterday", "2026-13-01", "2026-01-02T03:04:05+1", "2026-01-02T25:00:00Z", "T+0000"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_are_whole_and_never_negative() {
        assert_eq!((days_between(0, DAY - 1), days_between(0, DAY), days_between(DAY, 0)), (0, 1, 0));
        assert_eq!(day(DAY), "1970-01-02");
    }
}
