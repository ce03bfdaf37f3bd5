//! How bad it is, and until when it must be done.

use crate::moment::DAY;
use crate::{Error, Result};
use model::Severity;
use serde::Deserialize;

/// An exposure as old as this has had time to be harvested.
const OLD: i64 = 180 * DAY;

/// What severity is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Danger {
    /// What the rule says an abuser could do.
    pub rule: Severity,
    /// Whether a check said that it works.
    pub live: bool,
    /// Whether a check said that it does not, or it has ended by itself.
    pub ended: bool,
    /// Whether what is checked out holds it.
    pub at_head: bool,
    /// Whether a public repository or log holds it.
    pub public: bool,
    /// Whether a log holds it.
    pub in_log: bool,
    /// Whether a scanner is not sure that it is one.
    pub doubtful: bool,
    /// Seconds since it was first exposed.
    pub age: i64,
}

impl Danger {
    /// The severity of the ticket, and why it differs from the rule's.
    pub fn severity(&self) -> (Severity, Vec<&'static str>) {
        if self.ended {
            return (Severity::Low, vec!["it no longer works"]);
        }
        let mut step = self.rule as i8;
        let mut why = Vec::new();
        let mut by = |n: i8, reason| {
            step += n;
            why.push(reason);
        };
        if self.live {
            by(1, "it works");
        }
        if self.public {
            by(1, "anybody can read it");
        }
        if self.age >= OLD && (self.at_head || self.in_log) {
            by(1, "it has been exposed for more than 180 days");
        }
        if self.doubtful && !self.live {
            by(-1, "it may be none");
        }
        if !self.at_head && !self.in_log && !self.public && !self.live {
            by(-1, "only a history that is not public holds it");
        }
        let last = Severity::ALL.len() as i8 - 1;
        (Severity::ALL[step.clamp(0, last) as usize], why)
    }
}

/// How many days a ticket may stay open, by severity. The clock starts when it is opened or reopened.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sla {
    /// Of what a check said works, whatever its severity.
    pub live: u32,
    /// Critical.
    pub critical: u32,
    /// High.
    pub high: u32,
    /// Medium.
    pub medium: u32,
    /// Low.
    pub low: u32,
}

impl Default for Sla {
    fn default() -> Sla {
        Sla { live: 1, critical: 2, high: 7, medium: 30, low: 90 }
    }
}

impl Sla {
    /// Most days of an entry.
    const MOST: u32 = 3650;

    /// The table, if its entries make sense.
    ///
    /// # Errors
    /// An entry above ten years.
    pub fn checked(self) -> Result<Sla> {
        for days in [self.live, self.critical, self.high, self.medium, self.low] {
            if days > Sla::MOST {
                return Err(Error::Sla(format!("{days} days is more than the {} that an entry may say", Sla::MOST)));
            }
        }
        Ok(self)
    }

    /// How many seconds a ticket may stay open.
    pub fn seconds(&self, severity: Severity, live: bool) -> i64 {
        let days = match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
        };
        i64::from(if live { days.min(self.live) } else { days }) * DAY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Danger = Danger {
        rule: Severity::High,
        live: false,
        ended: false,
        at_head: true,
        public: false,
        in_log: false,
        doubtful: false,
        age: 0,
    };

    #[test]
    fn severity_follows_rule_verdict_exposure_and_age() {
        assert_eq!(PLAIN.severity(), (Severity::High, vec![]));
        assert_eq!(Danger { live: true, ..PLAIN }.severity().0, Severity::Critical);
        assert_eq!(Danger { public: true, ..PLAIN }.severity().0, Severity::Critical);
        assert_eq!(Danger { age: OLD, ..PLAIN }.severity().0, Severity::Critical);
        assert_eq!(Danger { doubtful: true, ..PLAIN }.severity().0, Severity::Medium);
        assert_eq!(Danger { at_head: false, ..PLAIN }.severity().0, Severity::Medium);
        assert_eq!(Danger { at_head: false, in_log: true, ..PLAIN }.severity().0, Severity::High);
        assert_eq!(Danger { ended: true, public: true, ..PLAIN }.severity().0, Severity::Low);
        let all = Danger { rule: Severity::Critical, live: true, public: true, age: OLD, ..PLAIN };
        assert_eq!((all.severity().0, all.severity().1.len()), (Severity::Critical, 3));
    }

    #[test]
    fn what_works_has_less_time() {
        let sla = Sla::default();
        assert_eq!(sla.seconds(Severity::Low, false), 90 * DAY);
        assert_eq!(sla.seconds(Severity::Low, true), DAY);
        assert!(Sla { low: 4000, ..sla }.checked().is_err());
    }
}
