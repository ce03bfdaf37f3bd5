use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What an abuser of the credential could do; declared by the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Little: a test key, a public-by-design identifier.
    Low,
    /// Limited: one service, read access, or a hash that must first be broken.
    Medium,
    /// Much of one account.
    High,
    /// The account, its data or its code.
    Critical,
}

/// How sure we are that a hit is a credential. Shown by default: [`Confidence::Medium`] and above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Plausible: weak evidence, a failed proof, or an unproven hit in a test, a sample or documentation.
    Low,
    /// A fitting shape bound to a fitting keyword.
    Medium,
    /// A shape that is distinctive by itself.
    High,
    /// An offline proof passed (a checksum, a parsed key), or a provider said so.
    Confirmed,
}

macro_rules! names {
    ($type:ty, $($variant:path => $name:literal),+) => {
        impl $type {
            /// All levels, least first.
            pub const ALL: &[$type] = &[$($variant),+];

            /// The level's name as users write it.
            pub const fn name(self) -> &'static str {
                match self { $($variant => $name),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($name => Ok($variant),)+
                    _ => Err(format!("'{text}' is not one of {}", [$($name),+].join(", "))),
                }
            }
        }
    };
}

names!(Severity, Severity::Low => "low", Severity::Medium => "medium", Severity::High => "high", Severity::Critical => "critical");
names!(Confidence, Confidence::Low => "low", Confidence::Medium => "medium", Confidence::High => "high", Confidence::Confirmed => "confirmed");
