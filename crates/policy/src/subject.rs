use crate::allow::fits;
use model::{Fingerprint, Span};

/// A credential at a place, as far as a policy looks at it.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The path as reports show it.
    pub path: &'a str,
    /// The rule that found it.
    pub rule: &'a str,
    /// Says the other ids of the rule, which few entries need.
    pub aliases: &'a dyn Fn() -> Vec<String>,
    /// Whether the rule is about nobody's credentials in particular.
    pub generic: bool,
    /// Its identity.
    pub fingerprint: &'a Fingerprint,
    /// Its value.
    pub value: &'a [u8],
    /// The name of the variable or key that it stands behind, where one is known.
    pub name: Option<&'a str>,
    /// The line it starts on, from 1.
    pub line: u64,
    /// The commit that brought it there, in hexadecimal, for places in a history.
    pub commit: Option<&'a str>,
    /// What stands around it; empty where there is nothing (a credential that a path alone is).
    pub around: Around<'a>,
}

/// A part of an object, and where in it the credential stands.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The bytes at hand.
    pub bytes: &'a [u8],
    /// The credential in them.
    pub span: Span,
}

impl Subject<'_> {
    /// Whether an entry for `rule` (`*` stands for any text) is about this.
    pub(crate) fn is_of_rule(&self, rule: &str) -> bool {
        fits(rule, self.rule) || (self.aliases)().iter().any(|alias| fits(rule, alias))
    }
}
