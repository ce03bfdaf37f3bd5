//! What a compiled rule is. Plain data: laid out as bytes when the binary is built, decoded in one go at start-up.

use crate::compile::MAX_KEYWORD;
use crate::proof::Proof;
use crate::revoke::Revoke;
use crate::shape::Shape;
use crate::verify::Verify;
use model::{Confidence, Severity};
use serde::{Deserialize, Serialize};

/// A rule, checked and compiled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Stable id: lower-case words joined by `-`.
    pub id: String,
    /// Who issues the credential.
    pub provider: String,
    /// One line for people.
    pub name: String,
    /// What an abuser could do.
    pub severity: Severity,
    /// How sure a bare match makes us, before proofs and placeholders speak.
    pub confidence: Confidence,
    /// How a hit is found at an anchor.
    pub matcher: Matcher,
    /// Where hits of this rule are anchored.
    pub anchor: Anchor,
    /// How far from its anchor a hit may read, everything included.
    pub reach: Reach,
    /// Lower-case words one of which must start within `keyword_distance` bytes before the match; empty: none needed.
    pub keywords: Vec<String>,
    /// See `keywords`; bytes.
    pub keyword_distance: u32,
    /// The provider's bare name, as a keyword for what is bound to it alone; `None` where that says nothing.
    pub bare_name: Option<String>,
    /// Least Shannon entropy of the secret part, in hundredths of a bit per byte; 0: not asked.
    pub min_entropy: u16,
    /// Least likelihood that the value is a secret, 0 to 100; 0: not asked.
    pub min_likelihood: u8,
    /// The offline proof that the secret part must pass.
    pub proof: Option<Proof>,
    /// Further parts searched around a match.
    pub companions: Vec<Companion>,
    /// What takes a match back.
    pub allow: Vec<Allow>,
    /// Least and greatest length of a match of a shape whose parts leave it open, in bytes.
    pub length: Option<(u16, u16)>,
    /// What generic rules leave to this one: a looser shape of the same thing, which is nobody's where this rule does not match.
    pub claims: Option<Shape>,
    /// Whether a match must be all that its object holds, but for a line break behind it.
    pub alone: bool,
    /// A regular expression that the path must match; the hit is conditional on it.
    pub path: Option<String>,
    /// How many leading bytes of the secret are the same in every credential of the type.
    pub public_prefix: u32,
    /// Whether a provider is known: a provider's hit beats a generic one that overlaps it.
    pub generic: bool,
    /// Whether what surrounds a match says that it is a secret, whatever it looks like: only masks are none then.
    pub declared: bool,
    /// When a credential of the type ends by itself.
    pub expiry: Option<Expiry>,
    /// Framework tags, such as `CWE-798`.
    pub tags: Vec<String>,
    /// Where and how to rotate.
    pub rotate: String,
}

/// When a credential ends by itself, and what tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expiry {
    /// The claim `exp` of the JSON Web Token that it is or ends with.
    Jwt,
    /// So many seconds after it was issued, at the latest.
    After(u32),
    /// What the URL that it signs says: see [`SignedUrl`].
    Url(SignedUrl),
    /// The claim `exp` where it is a JSON Web Token, else so many seconds after it was issued, at the latest.
    JwtOrAfter(u32),
}

/// Parameters of signed URLs that say when they end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignedUrl {
    /// `X-Amz-Date` and `X-Amz-Expires`.
    Amazon,
    /// `X-Goog-Date` and `X-Goog-Expires`.
    Google,
    /// `se`, the end in ISO 8601.
    Azure,
}

/// How far before and after a signature the parameters of its URL are looked for, in bytes: a session token among them
/// takes more than a thousand.
pub const QUERY_REACH: u32 = 2048;

/// How many bytes before and after its anchor the hit function reads; the one byte that `\b` looks at is included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// Bytes before the anchor.
    pub before: u32,
    /// Bytes from the anchor on.
    pub after: u32,
}

impl Rule {
    /// The same with its provider's bare name.
    pub(crate) fn with_bare_name(self) -> Rule {
        let bare_name = bare_name(&self);
        Rule { bare_name, ..self }
    }

    /// Whether a match of a shape may have `len` bytes.
    pub fn takes_len(&self, len: usize) -> bool {
        self.length.is_none_or(|(least, most)| (usize::from(least)..=usize::from(most)).contains(&len))
    }

    /// How far before an anchor a keyword that speaks for it may have its first byte, and one byte that decides whether a
    /// word starts there; 0 if no keyword is needed.
    pub fn keyword_reach(&self) -> u32 {
        if self.keywords.is_empty() { 0 } else { self.keyword_distance + MAX_KEYWORD as u32 + 2 }
    }
}

/// The name of a rule's provider as people write it before `=`, as a keyword; `None` if it is one of the rule's keywords,
/// no name of anybody, or too short, or if tokens of any length would fit, which say nothing of the provider.
fn bare_name(rule: &Rule) -> Option<String> {
    const LEAST: usize = 3;
    const SPREAD: u16 = 16;
    let is_open = matches!(rule.anchor, Anchor::Token { len, .. } if len.1 - len.0 > SPREAD);
    if rule.keywords.is_empty() || rule.generic || is_open {
        return None;
    }
    let mut name = String::new();
    let provider = rule.provider.split(" (").next().unwrap_or_default();
    let mut previous = ' ';
    for c in provider.chars() {
        let begins = !previous.is_ascii_alphanumeric() || c.is_ascii_uppercase() && previous.is_ascii_lowercase();
        if c.is_ascii_alphanumeric() {
            if begins && !name.is_empty() {
                name.push('_');
            }
            name.push(c.to_ascii_lowercase());
        }
        previous = c;
    }
    let is_known = rule.keywords.contains(&name) || name.starts_with(|c: char| c.is_ascii_digit());
    (name.len() >= LEAST && name.len() <= crate::compile::MAX_KEYWORD && !is_known).then_some(name)
}

impl Reach {
    /// The least reach that covers both.
    pub const fn max(self, other: Reach) -> Reach {
        let before = if self.before > other.before { self.before } else { other.before };
        let after = if self.after > other.after { self.after } else { other.after };
        Reach { before, after }
    }
}

/// How a hit is found at an anchor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Matcher {
    /// Literals, byte classes and lengths, matched from the anchor on.
    Shape(Shape),
    /// A regular expression, matched in a window around the anchor.
    Pattern(Pattern),
    /// A credential-like name bound to a value by the syntax of an assignment.
    Assignment(Assignment),
    /// `scheme://user:password@host`; the anchor is the `://`.
    UserInfo {
        /// Schemes this rule takes, lower case; empty: every scheme that no other rule of this kind names.
        schemes: Vec<String>,
    },
    /// An armoured block; the anchor is its `-----BEGIN`.
    Armour {
        /// Labels between `BEGIN ` and the dashes that this rule takes.
        labels: Vec<String>,
    },
    /// No content: the path alone is the finding.
    Path,
    /// No content of its own: what a log says of a value makes it a finding.
    Log(LogSign),
}

/// What in a log shows that a value is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogSign {
    /// It stands, unmasked, beside a credential-like name in the environment that a step printed.
    EnvEntry,
    /// It stands beside a credential-like name in a table that a command printed.
    TableRow,
    /// It was printed to say that it is to be masked.
    AddMask,
    /// A mask covers another part of it.
    PartlyMasked,
    /// Whoever watches the log knows it to be secret.
    KnownValue,
}

impl LogSign {
    /// All, with the names that rule files use.
    pub const ALL: [(LogSign, &'static str); 5] = [
        (LogSign::EnvEntry, "env-entry"),
        (LogSign::TableRow, "table-row"),
        (LogSign::AddMask, "add-mask"),
        (LogSign::PartlyMasked, "partly-masked"),
        (LogSign::KnownValue, "known-value"),
    ];

    /// One phrase for people.
    pub const fn phrase(self) -> &'static str {
        match self {
            LogSign::EnvEntry => "an unmasked value beside a credential-like name in a step's printed environment",
            LogSign::TableRow => "a value beside a credential-like name in a table that a command printed",
            LogSign::AddMask => "a value printed to say that it is to be masked",
            LogSign::KnownValue => "a value that the environment of `deadkey run` holds under a credential-like name",
            LogSign::PartlyMasked => "the readable rest of a value that is masked in part",
        }
    }
}

/// A bounded regular expression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// The expression, long bounds replaced by open ones; the window caps it instead.
    pub regex: String,
    /// Index of the capture group that is the secret (0: the whole match).
    pub secret: u32,
    /// Index of the group that is the identity part, if it is not the secret.
    pub identity: Option<u32>,
    /// Index of the group that is the name that the secret goes by, if there is one.
    pub name: Option<u32>,
    /// How far before the anchor a match may start, in bytes.
    pub before: u32,
    /// How far after the anchor a match may end, in bytes; a match that reaches this cap is no hit.
    pub after: u32,
    /// Whether a match must cover the anchor's literal. If not, every match in the window counts.
    pub covers_anchor: bool,
}

/// Where hits are anchored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Anchor {
    /// At one of these literals (3 bytes or more) standing at the start of a word, at least [`MIN_RUN`] token bytes
    /// following from its first byte on.
    Prefix(Vec<String>),
    /// At the start of a token: a maximal run of `class` bytes, of a length in `len`.
    Token {
        /// The class of which the run is maximal.
        class: TokenClass,
        /// Least and greatest length of the run, in bytes.
        len: (u16, u16),
    },
    /// At one of these literals, anywhere; compared without regard to ASCII case where `ignore_case` says so.
    Literal {
        /// The literals.
        literals: Vec<String>,
        /// Whether ASCII case counts.
        ignore_case: bool,
    },
    /// At the object's path.
    Path,
    /// At what a log says.
    Log,
}

/// Token bytes: those of which [`MIN_RUN`] in a row start a candidate.
pub const RUN_BYTES: &str = "+-./:=_~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// How many token bytes in a row make a run that is looked at.
pub const MIN_RUN: usize = 16;

/// The classes of which runs are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TokenClass {
    /// `[0-9A-Za-z]`
    Alnum,
    /// `[0-9A-Za-z_-]`
    Word,
    /// `[0-9A-Za-z+/]`
    Base64,
}

/// A further part, searched only around a match of the rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Companion {
    /// The part's name.
    pub name: String,
    /// What it looks like.
    pub shape: Shape,
    /// How far from the match it may start, in bytes, to either side.
    pub distance: u32,
    /// Lower-case words one of which must start within 64 bytes before the part; empty: none needed.
    pub keywords: Vec<String>,
    /// Least entropy of the part, in hundredths of a bit per byte.
    pub min_entropy: u16,
    /// Whether it is told by its name alone: between one of the keywords and it stand only the rest of a name and separators.
    pub bound: bool,
    /// Whether a match without this part is no hit.
    pub required: bool,
}

/// An allowlist of a rule: takes a hit back if its conditions hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allow {
    /// Whether all kinds of conditions present must hold, or any one.
    pub all: bool,
    /// What `regexes` are matched against.
    pub target: AllowTarget,
    /// Regular expressions.
    pub regexes: Vec<String>,
    /// Regular expressions on the path.
    pub paths: Vec<String>,
    /// Lower-case words contained in the secret.
    pub stopwords: Vec<String>,
}

/// What an allowlist's expressions are matched against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AllowTarget {
    /// The secret part.
    #[default]
    Secret,
    /// The whole match.
    Match,
    /// The line(s) the match is on, at most 1 KiB to either side.
    Line,
}

/// A credential-like name bound to a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Lower-case fragments of names; `_` in a fragment stands for `_`, `-`, `.`, or nothing; at its start not for nothing.
    pub names: Vec<String>,
    /// Words of which one must stand right before the fragment, as part of the name; empty: any or none.
    pub after: Vec<String>,
    /// Least and greatest length of the value, in bytes.
    pub len: (u16, u16),
}

/// What is not needed to find, only to explain, verify and test.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// Texts that must match, as templates of [`crate::sample`].
    pub examples: Vec<String>,
    /// Texts that must not match.
    pub near_misses: Vec<String>,
    /// The shape or pattern as the author wrote it.
    pub written: String,
    /// How a key is checked at its provider.
    pub verify: Option<Verify>,
    /// How it is revoked.
    pub revoke: Option<Revoke>,
    /// Where the text of the rule stands: file and line.
    pub source: String,
    /// What was changed in taking over a foreign rule, a sentence each.
    pub differences: Vec<String>,
    /// Ids under which other tools' configurations know the same credential (gitleaks' `github-pat`).
    pub aliases: Vec<String>,
}
