//! `[[allow]]`: what a person has looked at and lets be.

use crate::date::Date;
use crate::document::{Placed, Table, shown};
use crate::fault::Fault;
use crate::glob::{self, Globs};
use crate::subject::Subject;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes of an expression, at most.
const EXPRESSION: usize = 2_000;
/// Bytes of the automaton that it becomes, at most.
const AUTOMATON: usize = 1 << 20;

/// An entry. All criteria that it has must hold.
#[derive(Debug)]
pub struct AllowEntry {
    /// The file that has it, as the user knows it.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    fingerprint: Option<String>,
    rule: Option<String>,
    path: Option<(String, Globs)>,
    value: Option<(String, Regex)>,
    name: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The last day on which it counts.
    pub expires: Option<Date>,
    /// Who answers for it.
    pub owner: Option<String>,
    used: AtomicBool,
}

const CRITERIA: &str = "`fingerprint`, `rule`, `path`, `value` or `name`";

impl AllowEntry {
    /// Reads a table; `id`: the fingerprint, where it is the table's name.
    pub(crate) fn read(
        table: &Table<'_>,
        file: &Arc<str>,
        folder: &str,
        id: Option<&Placed<String>>,
    ) -> Result<AllowEntry, Fault> {
        match id {
            Some(_) => table.only(&["reason", "expires", "owner"])?,
            None => table.only(&["fingerprint", "rule", "path", "value", "name", "reason", "expires", "owner"])?,
        }
        let written = match id {
            Some(id) => Some(id.clone()),
            None => table.text("fingerprint")?,
        };
        let entry = AllowEntry {
            file: file.clone(),
            line: table.line,
            fingerprint: written.map(|written| fingerprint(table, written)).transpose()?,
            rule: table
                .parsed("rule", "a rule's id, such as github-pat-classic or github-*", one_word)?
                .map(|rule| rule.value),
            path: path(table, folder)?,
            value: value(table)?,
            name: table
                .parsed("name", "the name of a variable, such as TEST_TOKEN or *_EXAMPLE", one_word)?
                .map(|name| name.value),
            reason: table.text("reason")?.map(|reason| one_line(&reason.value)),
            expires: table
                .parsed("expires", "a day such as \"2026-12-31\", in quotes", |text| text.parse().ok())?
                .map(|day| day.value),
            owner: table.text("owner")?.map(|owner| one_line(&owner.value)),
            used: AtomicBool::new(false),
        };
        if entry.criteria().is_empty() {
            return Err(table.fault(
                table.line,
                format!("this `[[allow]]` would allow everything; give it at least one of {CRITERIA}"),
            ));
        }
        Ok(entry)
    }

    /// What must hold, as it was written; values of secrets are none of it.
    pub fn criteria(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("fingerprint", self.fingerprint.as_deref()),
            ("rule", self.rule.as_deref()),
            ("path", self.path.as_ref().map(|(written, _)| written.as_str())),
            ("value", self.value.as_ref().map(|(written, _)| written.as_str())),
            ("name", self.name.as_deref()),
        ];
        all.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// The rule that it is about, if it names one; `*` stands for any text.
    pub fn rule(&self) -> Option<&str> {
        self.rule.as_deref()
    }

    /// `.deadkey.toml:12`
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// Whether it has been of use in this run.
    pub fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    /// Whether it has stopped working.
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }

    /// The id of the key that its fingerprint was made with.
    pub(crate) fn key_id(&self) -> Option<&str> {
        self.fingerprint.as_deref()?.split(':').nth(1)
    }

    /// Whether all criteria hold; remembers that it was of use.
    pub(crate) fn fits(&self, subject: &Subject<'_>, path: &str) -> bool {
        let fits = self.fingerprint.as_deref().is_none_or(|own| own == subject.fingerprint.as_str())
            && self.rule.as_deref().is_none_or(|rule| subject.is_of_rule(rule))
            && self.path.as_ref().is_none_or(|(_, globs)| globs.fit(path))
            && self.name.as_deref().is_none_or(|name| subject.name.is_some_and(|own| fits_without_case(name, own)))
            && self.value.as_ref().is_none_or(|(_, value)| value.is_match(subject.value));
        if fits {
            self.used.store(true, Ordering::Relaxed);
        }
        fits
    }
}

fn fingerprint(table: &Table<'_>, written: Placed<String>) -> Result<String, Fault> {
    let parts: Vec<&str> = written.value.split(':').collect();
    let hex = |part: &str, digits: usize| {
        part.len() == digits && part.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
    };
    match parts.as_slice() {
        ["dk1", key, hash] if hex(key, 8) && hex(hash, 32) => Ok(written.value),
        // What stands there may be a secret that was pasted.
        _ => {
            Err(table
                .fault(written.line, "this is no fingerprint; take the one that the report shows as `id`, dk1:….:…."))
        }
    }
}

fn path(table: &Table<'_>, folder: &str) -> Result<Option<(String, Globs)>, Fault> {
    let Some(path) = table.text("path")? else { return Ok(None) };
    let fault = |why| table.unfit("path", path.line, format!("is `{}`: {why}", shown(&path.value)));
    glob::check(&path.value).map_err(fault)?;
    if path.value.starts_with('!') {
        return Err(fault("a path that is not meant cannot be written here; name those that are".to_owned()));
    }
    let globs = Globs::new(folder, [path.value.as_str()]);
    Ok(Some((path.value, globs)))
}

fn value(table: &Table<'_>) -> Result<Option<(String, Regex)>, Fault> {
    let Some(value) = table.text("value")? else { return Ok(None) };
    let fault = |why: &str| Err(table.unfit("value", value.line, why));
    if value.value.len() > EXPRESSION {
        return fault("is longer than 2,000 bytes; allow by fingerprint or path instead");
    }
    let built = Regex::builder()
        .configure(Regex::config().nfa_size_limit(Some(AUTOMATON)))
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .build(&value.value);
    match built {
        Ok(regex) if regex.is_match(b"") => fault("fits the empty text, and so everything; anchor it with ^ and $"),
        Ok(regex) => Ok(Some((value.value, regex))),
        Err(error) if error.size_limit().is_some() => fault("becomes too large; use smaller repetitions"),
        Err(_) => {
            fault("is no regular expression that can be read; escape what is meant literally, and use '…' for the text")
        }
    }
}

fn one_word(text: &str) -> Option<String> {
    (!text.is_empty() && text.len() <= 200 && !text.contains(char::is_whitespace)).then(|| text.to_owned())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn fits_without_case(pattern: &str, text: &str) -> bool {
    fits(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

/// Whether a text fits a pattern in which `*` stands for any text. Takes time linear in the product of the lengths.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text, fit) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("*-pat-*", "github-pat-classic", true),
            ("*b", "ab", true),
            ("a*a", "a", false),
            ("**", "", true),
        ] {
            assert_eq!(fits(pattern, text), fit, "{pattern} {text}");
        }
    }
}
