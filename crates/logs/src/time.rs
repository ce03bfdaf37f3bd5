//! Times of log lines.

use std::fmt;

/// A moment, in nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// From a number of units since 1970, `nanos` to the unit; `None` out of range.
    pub(crate) fn since_epoch(units: u64, nanos: i64) -> Option<Time> {
        i64::try_from(units).ok()?.checked_mul(nanos).map(Time)
    }

    /// Reads `YYYY-MM-DDTHH:MM:SS[.f…](Z|±hh:mm)` at the start of `text`; also a blank for the `T`, up to nine digits of
    /// fraction. Answers the time and the length read.
    pub(crate) fn iso(text: &[u8]) -> Option<(Time, usize)> {
        Clock::default().iso(text)
    }
}

/// The fraction behind 19 bytes of date and time: nanoseconds, and where it ends.
fn fraction(text: &[u8]) -> (i64, usize) {
    if text.get(19) != Some(&b'.') {
        return (0, 19);
    }
    let digits = text[20..].iter().take(9).take_while(|b| b.is_ascii_digit()).count();
    let value = text[20..20 + digits].iter().fold(0_i64, |v, b| v * 10 + i64::from(b - b'0'));
    (value * 10_i64.pow(9 - digits as u32), 20 + digits)
}

/// `hh:mm` or `hhmm` in seconds, and its length.
fn zone(text: &[u8]) -> Option<(i64, usize)> {
    let hours = two(text, 0)?;
    let colon = usize::from(text.get(2) == Some(&b':'));
    let minutes = two(text, 2 + colon)?;
    (hours < 24 && minutes < 60).then_some((hours * 3600 + minutes * 60, 4 + colon))
}

fn two(text: &[u8], at: usize) -> Option<i64> {
    let (a, b) = (*text.get(at)?, *text.get(at + 1)?);
    (a.is_ascii_digit() && b.is_ascii_digit()).then(|| i64::from(a - b'0') * 10 + i64::from(b - b'0'))
}

/// Seconds since 1970 of `YYYY-MM-DDTHH:MM:SS`.
fn seconds(text: &[u8; 19]) -> Option<i64> {
    let marks = text[4] == b'-' && text[7] == b'-';
    if !marks || !matches!(text[10], b'T' | b' ') {
        return None;
    }
    let year = two(text, 0)? * 100 + two(text, 2)?;
    let (month, day) = (two(text, 5)?, two(text, 8)?);
    let valid = (1..=12).contains(&month) && (1..=31).contains(&day);
    Some(days(year, month, day) * 86400 + of_day(text).filter(|_| valid)?)
}

/// Seconds since midnight of `…HH:MM:SS`.
fn of_day(text: &[u8; 19]) -> Option<i64> {
    let [h, hh, c, m, mm, d, s, ss] = text.last_chunk()?;
    let digits = [h, hh, m, mm, s, ss].map(|digit| digit.wrapping_sub(b'0'));
    let is_number = digits.iter().fold(true, |all, digit| all & (*digit <= 9));
    let [h, hh, m, mm, s, ss] = digits.map(i64::from);
    let (hour, minute, second) = (10 * h + hh, 10 * m + mm, 10 * s + ss);
    let valid = is_number & (hour < 24) & (minute < 60) & (second < 61) & (*c == b':') & (*d == b':');
    valid.then_some(hour * 3600 + minute * 60 + second)
}

/// Days since 1970-01-01 of a day of the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

impl fmt::Display for Time {
    /// As `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(1_000_000_000);
        let millis = self.0.rem_euclid(1_000_000_000) / 1_000_000;
        let (day, of_day) = (seconds.div_euclid(86400), seconds.rem_euclid(86400));
        let (year, month, date) = civil(day);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        write!(f, "{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

/// The inverse of [`days`].
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let mp = (5 * of_year + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (year + era * 400 + i64::from(month <= 2), month, of_year - (153 * mp + 2) / 5 + 1)
}

/// Reads timestamps that come one after the other, mostly of the same day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    /// The last minute, `YYYY-MM-DDTHH:MM:`, and its first second.
    minute: [u8; 17],
    begin: i64,
}

impl Clock {
    /// As [`Time::iso`].
    pub(crate) fn iso(&mut self, text: &[u8]) -> Option<(Time, usize)> {
        let seconds = self.seconds(text.first_chunk()?)?;
        let (nanos, mut at) = fraction(text);
        let zone = match *text.get(at)? {
            b'Z' => {
                at += 1;
                0
            }
            sign @ (b'+' | b'-') => {
                let shift = zone(text.get(at + 1..)?)?;
                at += 1 + shift.1;
                if sign == b'+' { shift.0 } else { -shift.0 }
            }
            _ => return None,
        };
        Some((Time((seconds - zone).checked_mul(1_000_000_000)?.checked_add(nanos)?), at))
    }

    /// Seconds since 1970 of `YYYY-MM-DDTHH:MM:SS`.
    #[inline]
    fn seconds(&mut self, head: &[u8; 19]) -> Option<i64> {
        let [minute @ .., tens, ones] = head;
        // No clock begins with a date: its first one is read.
        if *minute != self.minute || minute[4] != b'-' {
            return self.seconds_anew(head);
        }
        let second = two_digits(*tens, *ones).filter(|second| *second < 61)?;
        Some(self.begin + second)
    }

    #[cold]
    fn seconds_anew(&mut self, head: &[u8; 19]) -> Option<i64> {
        let [minute @ .., tens, ones] = head;
        let all = seconds(head)?;
        self.begin = all - two_digits(*tens, *ones)?;
        self.minute = *minute;
        Some(all)
    }

    /// As [`Time::iso`], for times that end with `Z` and have exactly `DIGITS` digits of fraction, 8 at most.
    #[inline]
    pub(crate) fn utc<const DIGITS: usize>(&mut self, text: &[u8]) -> Option<(Time, usize)> {
        let end = 20 + DIGITS;
        let (head, rest) = text.split_first_chunk::<19>()?;
        let fraction = rest.get(..DIGITS + 2)?;
        if fraction[0] != b'.' || fraction[DIGITS + 1] != b'Z' {
            return None;
        }
        let units = digits(text[end - 8..].first_chunk()?, DIGITS)?;
        let nanos = units * const { 10_i64.pow(9 - DIGITS as u32) };
        let seconds = self.seconds(head)?;
        Some((Time(seconds.checked_mul(1_000_000_000)?.checked_add(nanos)?), end + 1))
    }
}

/// The number that the last `count` of eight bytes write.
#[inline]
fn digits(text: &[u8; 8], count: usize) -> Option<i64> {
    // What stands before them counts as zeros. All are read at once: pairs, then fours, then eight.
    let others = u64::MAX.checked_shr(8 * count as u32).unwrap_or(0);
    let digits = (u64::from_le_bytes(*text) ^ 0x3030_3030_3030_3030) & !others;
    let is_number = (digits | digits.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080 == 0;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    let all = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    is_number.then_some(all as i64)
}

#[inline]
fn two_digits(tens: u8, ones: u8) -> Option<i64> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then_some(i64::from(tens) * 10 + i64::from(ones))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_shown() {
        for (text, shown, len) in [
            ("2026-01-02T03:04:05.1234567Z x", "2026-01-02T03:04:05.123Z", 28),
            ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000Z", 20),
            ("2026-01-02T03:04:05.2+02:30 stdout", "2026-01-02T00:34:05.200Z", 27),
            ("2026-01-02 03:04:05.678+0000", "2026-01-02T03:04:05.678Z", 28),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z", 24),
        ] {
            let (time, read) = Time::iso(text.as_bytes()).expect(text);
            assert_eq!((time.to_string().as_str(), read), (shown, len), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["2026-13-02T03:04:05Z", "2026-01-02T03:04:05", "2026-01-02T03:04:0xZ", "2026-01-02T25:04:05Z", ""]
        {
            assert_eq!(Time::iso(text.as_bytes()), None, "{text}");
        }
        for text in
            ["2026-01-02T03:04:05.123456Z ", "2026-01-02T03:04:05.12345678Z", "2026-01-02T03:04:05.1234567", "\0\0"]
        {
            assert_eq!(Clock::default().utc::<7>(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_clock_agrees_with_the_reader() {
        let mut clock = Clock::default();
        let times = ["2026-01-02T03:04:05.1234567Z", "2026-01-02T03:04:05.9999999Z", "2026-01-02T03:04:06.0000001Z"];
        for text in times.into_iter().chain(["2026-01-02T03:05:60.0000001Z", "2026-01-02 03:05:00.7654321Z"]) {
            // Whatever stands in place of any of its bytes.
            for at in 0..text.len() {
                for byte in 0..=u8::MAX {
                    let mut text = text.as_bytes().to_vec();
                    text[at] = byte;
                    let read =
                        Time::iso(&text).filter(|(_, len)| *len == text.len() && text[19] == b'.' && text[27] == b'Z');
                    assert_eq!(clock.utc::<7>(&text), read, "{}", text.escape_ascii());
                }
            }
        }
    }

    #[test]
    fn digits_are_read_together() {
        assert_eq!(digits(b"x1234567", 7), Some(1_234_567));
        assert_eq!(digits(b"98765432", 8), Some(98_765_432));
        assert_eq!(digits(b"9876.432", 3), Some(432));
        assert_eq!(digits(b"9876.432", 4), None);
    }
}
