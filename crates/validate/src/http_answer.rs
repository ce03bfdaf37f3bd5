/// An answer, as far as it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who answered.
    pub host: String,
    /// Its status.
    pub status: u16,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body, at most as many bytes as the limit.
    pub body: Vec<u8>,
    /// Whether the body is here to its end.
    pub is_whole: bool,
}

impl Answer {
    /// The first header of this name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The seconds that `Retry-After`, or a header of the same meaning, says.
    pub fn retry_after(&self, now: i64) -> Option<u64> {
        if let Some(text) = self.header("retry-after") {
            let text = text.trim();
            return text.parse().ok().or_else(|| seconds_until(text, now));
        }
        // Seconds until the reset (RateLimit-Reset of the IETF's draft), or when it is (GitHub and kin).
        let reset = self.header("ratelimit-reset").or_else(|| self.header("x-ratelimit-reset"))?;
        let reset: u64 = reset.trim().split(['.', ';', ',']).next()?.parse().ok()?;
        Some(if reset > 1_000_000_000 { reset.saturating_sub(now.unsigned_abs()) } else { reset })
    }
}

// The body may echo a secret.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({} from {}, {} bytes)", self.status, self.host, self.body.len())
    }
}

/// Seconds until an HTTP date (`Sun, 06 Nov 1994 08:49:37 GMT`); 0 if it has passed.
fn seconds_until(date: &str, now: i64) -> Option<u64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = date.split_once(", ")?.1.split(' ');
    let day: i64 = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = MONTHS.iter().position(|known| *known == name)? as i64 + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut clock = words.next()?.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    // Days since 1970 of a civil date (Howard Hinnant's algorithm).
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let at = days * 86_400 + hour * 3600 + minute * 60 + second;
    Some((at - now).max(0).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(name: &str, value: &str) -> Option<u64> {
        let headers = vec![(name.to_owned(), value.to_owned())];
        let answer = Answer { host: "h".into(), status: 429, headers, body: Vec::new(), is_whole: true };
        answer.retry_after(784_111_770)
    }

    #[test]
    fn when_to_come_again_is_read_in_all_its_forms() {
        assert_eq!(limited("retry-after", "120"), Some(120));
        assert_eq!(limited("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), Some(7));
        assert_eq!(limited("retry-after", "Sun, 06 Nov 1993 08:49:37 GMT"), Some(0));
        assert_eq!(limited("retry-after", "soon"), None);
        assert_eq!(limited("ratelimit-reset", "30"), Some(30));
        assert_eq!(limited("x-ratelimit-reset", "1784111770"), Some(1_000_000_000));
    }
}
