use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar; years 0 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, in UTC, of a second counted from 1970-01-01; the first or last day there is for times before and after.
    pub fn of_seconds(seconds: i64) -> Date {
        let text = model::Time { seconds, offset: 0 }.to_string();
        let last = Date { year: 9999, month: 12, day: 31 };
        let first = Date { year: 0, month: 1, day: 1 };
        text.get(..10).and_then(|day| day.parse().ok()).unwrap_or(if seconds < 0 { first } else { last })
    }
}

impl FromStr for Date {
    type Err = ();

    /// `2026-01-31`, nothing else.
    fn from_str(text: &str) -> Result<Date, ()> {
        let digits = |range: std::ops::Range<usize>| {
            let part = text.get(range).filter(|part| part.bytes().all(|b| b.is_ascii_digit())).ok_or(())?;
            part.parse::<u16>().map_err(|_| ())
        };
        if text.len() != 10 || text.get(4..5) != Some("-") || text.get(7..8) != Some("-") {
            return Err(());
        }
        let (year, month, day) = (digits(0..4)?, digits(5..7)? as u8, digits(8..10)? as u8);
        let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u8::from(leap),
            _ => return Err(()),
        };
        if (1..=days).contains(&day) { Ok(Date { year, month, day }) } else { Err(()) }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_compared() {
        for text in ["2026-01-31", "2024-02-29", "2000-02-29", "0000-01-01", "9999-12-31"] {
            assert_eq!(text.parse::<Date>().map(|date| date.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-04-31",
            "2026-1-1",
            "+026-01-01",
            "2026-01-01Z",
            "é026-01-1",
        ] {
            assert_eq!(text.parse::<Date>(), Err(()), "{text}");
        }
        assert!("2025-12-31".parse::<Date>() < "2026-01-01".parse::<Date>());
        assert_eq!(Date::of_seconds(1_767_225_600).to_string(), "2026-01-01");
        assert_eq!(Date::of_seconds(i64::MAX / 2).to_string(), "9999-12-31");
    }
}
