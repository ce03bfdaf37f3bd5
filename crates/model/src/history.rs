use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// A moment as git records it: seconds since 1970 in UTC, and the zone of whoever recorded it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Time {
    /// Seconds since 1970-01-01 00:00 UTC; may be negative.
    pub seconds: i64,
    /// Minutes east of UTC.
    pub offset: i32,
}

impl fmt::Display for Time {
    /// ISO 8601, such as `2026-01-02T03:04:05+01:00`; years beyond four digits are written as they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.seconds.saturating_add(i64::from(self.offset) * 60);
        let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        let sign = if self.offset < 0 { '-' } else { '+' };
        match self.offset.unsigned_abs() {
            0 => f.write_str("Z"),
            east => write!(f, "{sign}{:02}:{:02}", east / 60, east % 60),
        }
    }
}

impl Time {
    /// The moment in UTC that `text` is, in one of the forms of ISO 8601 that logs and signed URLs use: `2026-01-02`,
    /// `2026-01-02T03:04Z`, `2026-01-02T03:04:05.678Z`, `20260102T030405Z`. `None` for anything else, days and hours
    /// that do not exist among it.
    pub fn of_utc(text: &[u8]) -> Option<Time> {
        let text = text.strip_suffix(b"Z").unwrap_or(text);
        let text = text.split(|b| *b == b'.').next()?;
        if !text.iter().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b':' | b'T' | b' ')) {
            return None;
        }
        let digits: Vec<i64> = text.iter().filter(|b| b.is_ascii_digit()).map(|b| i64::from(b - b'0')).collect();
        if !matches!(digits.len(), 8 | 12 | 14) {
            return None;
        }
        let number = |from: usize, len: usize| digits.iter().skip(from).take(len).fold(0, |n, digit| n * 10 + digit);
        let (year, month, day) = (number(0, 4), number(4, 2), number(6, 2));
        let (hour, minute, second) = (number(8, 2), number(10, 2), number(12, 2));
        let days = days(year, month, day);
        let exists = civil(days) == (year, month, day) && hour < 24 && minute < 60 && second <= 60;
        exists.then_some(Time { seconds: days * 86_400 + hour * 3600 + minute * 60 + second, offset: 0 })
    }
}

/// The day counted from 1970-01-01; the inverse of [`civil`].
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar (proleptic). Counts in eras of 400
/// years that begin with March, so that the leap day is the last one of a year.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Who did something and when, as a commit or tag says it; after `.mailmap`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Signature {
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// When.
    pub time: Time,
}

/// A commit as reports show it. Its texts are already masked.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Commit {
    /// The full id, in hexadecimal.
    pub id: String,
    /// Who wrote the change.
    pub author: Signature,
    /// Who made the commit.
    pub committer: Signature,
    /// The first line of its message.
    pub summary: String,
}

/// When a credential came to a path of a repository's history, and when it left it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Passage {
    /// The repository, as the user named it.
    pub repository: String,
    /// The commit that brought the credential to the path: it has it there, and none of its parents does. For messages
    /// the commit itself; `None` for what no commit holds (a tag's message, a dangling object, a reflog).
    pub commit: Option<Commit>,
    /// Whether the commit's parents are missing (a shallow clone), so that it may have come earlier.
    pub at_or_before: bool,
    /// The commits that removed it from the path.
    pub removed: Vec<Commit>,
    /// Id of the object in which line and column count, in hexadecimal.
    pub object: String,
}

/// What a repository's history says about one credential, whatever its paths.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct History {
    /// The repository, as the user named it.
    pub repository: String,
    /// The commits that hold it and none of whose parents does; ancestors first.
    pub introduced: Vec<Commit>,
    /// The commits that do not hold it though every parent does, and merges that dropped it first; ancestors first.
    pub removed: Vec<Commit>,
    /// Whether an introducing commit has parents that are missing (a shallow clone).
    pub at_or_before: bool,
    /// Whether only a range of commits was asked, with `HEAD` and the refs that stand at a commit of it, and there only the
    /// paths to which the range brought it: that none of them holds it says nothing of the others then.
    #[serde(default)]
    pub of_a_range: bool,
    /// Whether the commit that is checked out (or that a bare repository's `HEAD` names) holds it.
    pub at_head: bool,
    /// The branches whose newest commit holds it, as full names (`refs/heads/main`), and all other refs but tags (remote
    /// branches, pull requests, the stash); sorted.
    pub branches: Vec<Arc<str>>,
    /// The tags whose commit holds it, as full names; sorted.
    pub tags: Vec<Arc<str>>,
    /// When it was first committed.
    pub exposed_from: Option<Time>,
    /// When it was last removed; `None` while a branch or tag still holds it.
    pub exposed_until: Option<Time>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_write_them() {
        let text = |seconds, offset| Time { seconds, offset }.to_string();
        assert_eq!(text(0, 0), "1970-01-01T00:00:00Z");
        assert_eq!(text(951_827_696, 60), "2000-02-29T13:34:56+01:00");
        assert_eq!(text(951_868_799, -330), "2000-02-29T18:29:59-05:30");
        assert_eq!(text(-1, 0), "1969-12-31T23:59:59Z");
        assert_eq!(text(1_767_225_600, 0), "2026-01-01T00:00:00Z");
        assert_eq!(text(i64::MAX / 2, 0).len(), "146138514283-06-19T00:00:00Z".len());
    }
}
