use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// Days in the months of a year that is no leap year.
const MONTHS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// A day in the Gregorian calendar, years 0000 to 9999, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i64,
    month: i64,
    day: i64,
}

impl Date {
    /// The day on which a moment falls, in seconds since 1970.
    pub fn of_seconds(seconds: u64) -> Date {
        let mut left = i64::try_from(seconds / 86_400).unwrap_or(i64::MAX).min(2_932_896);
        let (mut year, mut month) = (1970, 1);
        while left >= length_of_year(year) {
            left -= length_of_year(year);
            year += 1;
        }
        while left >= length_of_month(year, month) {
            left -= length_of_month(year, month);
            month += 1;
        }
        Date { year, month, day: left + 1 }
    }

    /// How many days after `earlier` this is; negative if it is before.
    pub fn days_since(self, earlier: Date) -> i64 {
        self.days() - earlier.days()
    }

    /// The day with which a text begins, as ISO 8601 and RFC 3339 write it.
    pub fn leading(text: &str) -> Option<Date> {
        text.get(..10)?.parse().ok()
    }

    /// Days since the first of January of the year 0.
    fn days(self) -> i64 {
        let leap_years =
            if self.year == 0 { 0 } else { (self.year - 1) / 4 - (self.year - 1) / 100 + (self.year - 1) / 400 + 1 };
        let months: i64 = (1..self.month).map(|month| length_of_month(self.year, month)).sum();
        self.year * 365 + leap_years + months + self.day - 1
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn length_of_year(year: i64) -> i64 {
    365 + i64::from(is_leap(year))
}

fn length_of_month(year: i64, month: i64) -> i64 {
    MONTHS[(month - 1) as usize] + i64::from(month == 2 && is_leap(year))
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Date, String> {
        let number =
            |range| text.get(range).filter(|part: &&str| part.bytes().all(|b| b.is_ascii_digit()))?.parse().ok();
        let parts = (text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-')
            .then(|| Some((number(0..4)?, number(5..7)?, number(8..10)?)))
            .flatten();
        match parts {
            Some((year, month, day))
                if (1..=12).contains(&month) && (1..=length_of_month(year, month)).contains(&day) =>
            {
                Ok(Date { year, month, day })
            }
            _ => Err("a day is written as 2026-01-31".to_owned()),
        }
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, text) in [(0, "1970-01-01"), (951_782_400, "2000-02-29"), (1_795_737_599, "2026-11-26")] {
            assert_eq!(Date::of_seconds(seconds).to_string(), text);
        }
        let day = |text: &str| text.parse::<Date>().expect("a day");
        assert_eq!(day("2026-11-27").days_since(day("2025-11-27")), 365);
        assert_eq!(day("2024-03-01").days_since(day("2024-02-28")), 2);
        assert_eq!(day("1900-03-01").days_since(day("1900-02-28")), 1);
        assert_eq!(day("2000-01-01").days_since(day("0000-01-01")), 730_485);
        assert_eq!(Date::leading("2026-08-11T17:17:42.123456Z"), Some(day("2026-08-11")));
        assert_eq!(Date::of_seconds(u64::MAX).to_string(), "9999-12-31");
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in
            ["", "2026-1-1", "2026-02-29", "2026-13-01", "2026-00-10", "20260101aa", "+026-01-01", "2026-01-01T"]
        {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        assert_eq!(Date::leading("Mon, 14 Jul 2025 10:17:56 -0700"), None);
    }

    #[test]
    fn counting_forth_and_reading_agree() {
        for day in (0..40_000u64).step_by(13) {
            let date = Date::of_seconds(day * 86_400 + 5);
            assert_eq!(date.to_string().parse(), Ok(date));
            assert_eq!(date.days_since(Date::of_seconds(0)), day as i64);
        }
    }
}
