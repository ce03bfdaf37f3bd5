//! Rule files as people write them; see `docs/rules.md`.

use crate::revoke_text::RevokeText;
use crate::verify_text::VerifyText;
use model::{Confidence, Severity};
use serde::Deserialize;
use toml::Spanned;

/// One rule file: a provider and its rules.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// Who issues the credentials of this file.
    pub provider: String,
    /// The provider's page; for readers of the file.
    #[serde(default, rename = "url")]
    pub _url: String,
    /// The rules.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Spanned<RuleText>>,
}

/// A rule as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct RuleText {
    /// Stable id.
    pub id: Spanned<String>,
    /// One line for people.
    pub name: String,
    /// What an abuser could do.
    pub severity: Severity,
    /// How sure a bare match makes us; by default `high` for a shape with its own prefix, `medium` for others.
    pub confidence: Option<Confidence>,
    /// A shape, in regular-expression syntax without look-around.
    pub shape: Option<Spanned<String>>,
    /// A regular expression.
    pub pattern: Option<Spanned<String>>,
    /// A credential-like name bound to a value.
    pub assignment: Option<AssignmentText>,
    /// Passwords in URLs of these schemes.
    pub userinfo: Option<UserInfoText>,
    /// Armoured blocks with these labels.
    pub armour: Option<ArmourText>,
    /// What in a log makes a value a finding: `env-entry`, `table-row`, `add-mask`, `partly-masked`, `known-value`.
    pub log: Option<String>,
    /// Words one of which must stand near.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// How near, in bytes.
    pub keyword_distance: Option<u32>,
    /// Least entropy, bits per byte.
    pub min_entropy: Option<f32>,
    /// Least likelihood, 0 to 1.
    pub min_likelihood: Option<f32>,
    /// Least and greatest length of a match, where the parts of its shape leave it open.
    pub length: Option<(u16, u16)>,
    /// A looser shape: a value of a generic rule that is like that whole is left to this rule.
    pub claims: Option<Spanned<String>>,
    /// Whether a match must be all that the file holds, but for a line break behind it.
    #[serde(default)]
    pub alone: bool,
    /// A regular expression that the file's path must match.
    pub path: Option<Spanned<String>>,
    /// Whether a file at such a path is itself the finding, whatever it holds; `length` bounds its size.
    #[serde(default)]
    pub present: bool,
    /// Whether a match must end where a word ends (default true).
    pub boundary: Option<bool>,
    /// Name of an offline proof.
    pub proof: Option<Spanned<String>>,
    /// Further parts.
    #[serde(default, rename = "companion")]
    pub companions: Vec<CompanionText>,
    /// Whether nobody in particular issues it.
    #[serde(default)]
    pub generic: bool,
    /// Literals near which every match of a pattern counts; only there it is looked for.
    #[serde(default)]
    pub beside: Vec<String>,
    /// Whether what surrounds it says that it is a secret, whatever it looks like.
    #[serde(default)]
    pub declared: bool,
    /// When it ends by itself: `jwt`, `36h`, `jwt or 1h`, `x-amz`, `x-goog`, `se`.
    pub expires: Option<Spanned<String>>,
    /// Ids of the same credential in other tools' rules; their configurations may switch it off or allow by them.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Framework tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Where and how to rotate.
    #[serde(default)]
    pub rotate: String,
    /// How to check it.
    pub verify: Option<VerifyText>,
    /// How to revoke it.
    pub revoke: Option<RevokeText>,
    /// Must match.
    #[serde(default)]
    pub examples: Vec<String>,
    /// Must not match.
    #[serde(default)]
    pub near_misses: Vec<String>,
}

/// See [`RuleText::assignment`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignmentText {
    /// Fragments of names.
    pub names: Vec<String>,
    /// Words of which one must stand right before the fragment.
    #[serde(default)]
    pub after: Vec<String>,
    /// Least and greatest length of the value.
    pub length: Option<(u16, u16)>,
}

/// See [`RuleText::userinfo`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserInfoText {
    /// Schemes; empty: all that no other rule names.
    pub schemes: Vec<String>,
}

/// See [`RuleText::armour`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmourText {
    /// Labels between `BEGIN ` and the dashes.
    pub labels: Vec<String>,
}

/// A further part as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanionText {
    /// The part's name.
    pub name: String,
    /// Its shape.
    pub shape: Spanned<String>,
    /// How far from the match it may start, in bytes (default 256, at most 1,024).
    pub distance: Option<u32>,
    /// Words one of which must start within 64 bytes before it.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Least entropy, bits per byte.
    pub min_entropy: Option<f32>,
    /// Whether nothing but the rest of a name and separators may stand between one of the keywords and it.
    #[serde(default)]
    pub bound: bool,
    /// Whether a match without it is no hit.
    #[serde(default)]
    pub required: bool,
}
