//! Why a type of credential has no check. A run says it in the place of a verdict, `docs/unchecked.md` lists all of them.
//!
//! The facts are those of `unchecked.txt`: one line a type, under its class. A test holds them to the rules.

use rules::{How, Revoke, Ruleset};
use std::fmt::Write;

/// The facts.
const TEXT: &str = include_str!("unchecked.txt");

/// What keeps a type from being checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The request that would tell changes something.
    Acts,
    /// The request that would tell is paid for.
    Spends,
    /// It is one half of a pair.
    Half,
    /// Something else is needed, which no rule can find near it.
    Part,
    /// What takes it is spoken to otherwise than checks speak.
    Protocol,
    /// A person must log in.
    Login,
    /// No server takes it.
    Signs,
    /// It is no secret.
    Public,
    /// What took it is no more.
    Gone,
    /// Nobody in particular issues it.
    Nobody,
    /// No request is known that would do.
    Unknown,
}

impl Class {
    /// All, as `unchecked.txt` names them.
    const ALL: [(Class, &'static str); 11] = [
        (Class::Acts, "acts"),
        (Class::Spends, "spends"),
        (Class::Half, "half"),
        (Class::Part, "part"),
        (Class::Protocol, "protocol"),
        (Class::Login, "login"),
        (Class::Signs, "signs"),
        (Class::Public, "public"),
        (Class::Gone, "gone"),
        (Class::Nobody, "nobody"),
        (Class::Unknown, "unknown"),
    ];

    /// The word for it in `unchecked.txt`.
    pub fn name(self) -> &'static str {
        Class::ALL.iter().find(|(class, _)| *class == self).map_or("", |(_, name)| name)
    }

    /// What it means, a phrase.
    pub fn sentence(self) -> &'static str {
        match self {
            Class::Acts => "the request that would tell does something",
            Class::Spends => "the request that would tell is paid for",
            Class::Half => "it is one half, which opens nothing alone",
            Class::Part => "it works only with something that stands nowhere near it",
            Class::Protocol => "what takes it is spoken to in a way that no check knows",
            Class::Login => "a person must log in before it is taken",
            Class::Signs => "it signs, derives or decrypts, and is shown to no server",
            Class::Public => "it opens nothing by itself: it names something, or is made to be seen",
            Class::Gone => "nobody takes it any more",
            Class::Nobody => "nobody in particular issues it, so that there is nobody to ask",
            Class::Unknown => "no request is known that only reads and tells",
        }
    }
}

/// Why a type has no check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The id of its rule.
    pub rule: &'static str,
    /// What keeps it from being checked.
    pub class: Class,
    /// What that is in its case, a phrase; empty: as the class says.
    pub why: &'static str,
}

impl Reason {
    /// A phrase for people.
    pub fn phrase(&self) -> String {
        match self.why {
            "" => self.class.sentence().to_owned(),
            why => format!("{} ({why})", self.class.sentence()),
        }
    }
}

/// The lines of a text that are no comments, each with the word of the section above it.
fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut section = "";
    TEXT.lines().filter_map(move |line| {
        let line = line.trim();
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(word) => {
                section = word;
                None
            }
            None => (!line.is_empty() && !line.starts_with('#')).then_some((section, line)),
        }
    })
}

/// All reasons, in the order of `unchecked.txt`.
pub fn reasons() -> impl Iterator<Item = Reason> {
    lines().filter_map(|(section, line)| {
        let class = Class::ALL.iter().find(|(_, name)| *name == section).map(|(class, _)| *class)?;
        let (rule, why) = line.split_once(':').unwrap_or((line, ""));
        Some(Reason { rule, class, why: why.trim() })
    })
}

/// Why a type has no check; `None` if it has one, or is no type of the built-in rules.
pub fn reason(rule: &str) -> Option<Reason> {
    reasons().find(|reason| reason.rule == rule)
}

/// Types that others tell apart, and that a rule of ours finds under another id: theirs, and ours.
pub fn elsewhere() -> impl Iterator<Item = (&'static str, &'static str)> {
    lines().filter(|(section, _)| *section == "elsewhere").filter_map(|(_, line)| {
        let (theirs, ours) = line.split_once(':')?;
        Some((theirs, ours.trim()))
    })
}

/// Types that others look for, and that no rule of ours finds: any word of a text may be one.
pub fn unfound() -> impl Iterator<Item = &'static str> {
    lines().filter(|(section, _)| *section == "no-rule").map(|(_, line)| line)
}

/// What a run says of a credential that it cannot ask about: why, and what is left to do. How it is replaced every report says
/// beside the verdict.
pub(crate) fn instead_of_a_verdict(rule: &str, revoke: Option<&Revoke>) -> String {
    let reason = reason(rule);
    let why = reason.map_or_else(|| "its rule has no [rule.verify]".to_owned(), |reason| reason.phrase());
    let why = format!("no check is known for this type: {why}");
    if reason.is_some_and(|reason| reason.class == Class::Public) {
        return why;
    }
    let steps = revoke.filter(|revoke| revoke.how != How::None).map_or("", |revoke| revoke.by_hand.as_str());
    match steps.trim_end_matches('.') {
        "" => format!("{why}; take it for alive, and replace it"),
        steps => format!("{why}; take it for alive, and withdraw it: {steps}"),
    }
}

/// `docs/unchecked.md`: every type without a check, and why.
pub fn page(ruleset: &Ruleset) -> String {
    let all: Vec<Reason> = reasons().collect();
    let of = |class: Class| all.iter().filter(move |reason| reason.class == class);
    let mut text = format!("{} types of {} have no check.\n\n", all.len(), ruleset.rules().len());
    text.push_str("| | | types |\n|---|---|---|\n");
    for (class, name) in Class::ALL {
        let _ = writeln!(text, "| [{name}](#{name}) | {} | {} |", class.sentence(), of(class).count());
    }
    for (class, name) in Class::ALL {
        let _ = writeln!(text, "\n## {name}\n");
        let mut listed: Vec<&Reason> = of(class).collect();
        listed.sort_by_key(|reason| reason.rule);
        let (with, without): (Vec<&Reason>, Vec<&Reason>) = listed.into_iter().partition(|r| !r.why.is_empty());
        if !with.is_empty() {
            text.push_str("| rule | |\n|---|---|\n");
            with.iter().for_each(|reason| text.push_str(&format!("| `{}` | {} |\n", reason.rule, reason.why)));
        }
        if !with.is_empty() && !without.is_empty() {
            text.push('\n');
        }
        if !without.is_empty() {
            let ids: Vec<String> = without.iter().map(|reason| format!("`{}`", reason.rule)).collect();
            let _ = writeln!(text, "{}.", ids.join(", "));
        }
    }
    text
}
