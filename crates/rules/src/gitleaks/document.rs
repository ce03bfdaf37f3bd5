//! TOML as gitleaks reads it: keys without regard to case, values turned into what is wanted where they can be.

use crate::error::Error;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A file being read, and what there is to say about it.
pub(super) struct Document<'a> {
    /// The name errors give.
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

/// A value of the file and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    /// Offset of its first byte in the file.
    pub(super) at: usize,
}

impl<'a> Document<'a> {
    pub(super) fn error(&self, at: usize, message: impl Into<String>) -> Error {
        Error::new(self.file, message).at(self.text, at)
    }

    /// Reads the whole file.
    pub(super) fn parse(&'a self) -> Result<Spanned<DeTable<'a>>, Error> {
        DeTable::parse(self.text).map_err(|e| {
            let message = format!("not TOML: {}", e.message().split_whitespace().collect::<Vec<_>>().join(" "));
            match e.span() {
                Some(span) => self.error(span.start, message),
                None => Error::new(self.file, message),
            }
        })
    }
}

/// A table of the file.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    document: &'a Document<'a>,
    table: &'a DeTable<'a>,
    /// Offset of the table's header.
    pub(super) at: usize,
}

impl<'a> Table<'a> {
    pub(super) fn new(document: &'a Document<'a>, table: &'a DeTable<'a>, at: usize) -> Table<'a> {
        Table { document, table, at }
    }

    pub(super) fn error(&self, at: usize, message: impl Into<String>) -> Error {
        self.document.error(at, message)
    }

    fn get(&self, key: &str) -> Option<(&'a DeValue<'a>, usize)> {
        // As written before any other spelling.
        let exact = self.table.iter().find(|(k, _)| k.get_ref() == key);
        let found = exact.or_else(|| self.table.iter().find(|(k, _)| k.get_ref().eq_ignore_ascii_case(key)));
        found.map(|(_, value)| (value.get_ref(), value.span().start))
    }

    /// Whether the table has the key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    fn unfit<T>(&self, key: &str, at: usize, value: &DeValue<'_>, wanted: &str) -> Result<T, Error> {
        Err(self.error(at, format!("'{key}' is {} {}; write {wanted}", article(value.type_str()), value.type_str())))
    }

    /// A text; numbers and booleans count as they are written.
    pub(super) fn text(&self, key: &str) -> Result<Option<Placed<String>>, Error> {
        let Some((value, at)) = self.get(key) else { return Ok(None) };
        match scalar(value) {
            Some(value) => Ok(Some(Placed { value, at })),
            None => self.unfit(key, at, value, "a string"),
        }
    }

    /// A number, or a text that is one.
    pub(super) fn number(&self, key: &str) -> Result<Option<Placed<f64>>, Error> {
        let Some((value, at)) = self.get(key) else { return Ok(None) };
        let number = match value {
            DeValue::Integer(n) => i64::from_str_radix(n.as_str(), n.radix()).ok().map(|n| n as f64),
            _ => scalar(value).and_then(|text| text.trim().parse().ok()),
        };
        match number.filter(|n| n.is_finite()) {
            Some(value) => Ok(Some(Placed { value, at })),
            None => self.unfit(key, at, value, "a number"),
        }
    }

    /// A count: a number without fraction, zero or more.
    pub(super) fn count(&self, key: &str) -> Result<Option<Placed<u32>>, Error> {
        let Some(number) = self.number(key)? else { return Ok(None) };
        let value = number.value as u32;
        if f64::from(value) == number.value {
            Ok(Some(Placed { value, at: number.at }))
        } else {
            Err(self.error(number.at, format!("'{key}' is {}; write a whole number, 0 or more", number.value)))
        }
    }

    /// A boolean, or a text that is one; absent is false.
    pub(super) fn flag(&self, key: &str) -> Result<bool, Error> {
        let Some((value, at)) = self.get(key) else { return Ok(false) };
        match scalar(value).map(|text| text.to_ascii_lowercase()).as_deref() {
            Some("true" | "1" | "t") => Ok(true),
            Some("false" | "0" | "f" | "") => Ok(false),
            _ => self.unfit(key, at, value, "true or false"),
        }
    }

    /// A list of texts. One text alone counts as a list, split at its commas.
    pub(super) fn list(&self, key: &str) -> Result<Vec<Placed<String>>, Error> {
        let Some((value, at)) = self.get(key) else { return Ok(Vec::new()) };
        let DeValue::Array(items) = value else {
            let Some(text) = scalar(value) else { return self.unfit(key, at, value, "a list of strings") };
            let parts = text.split(',').filter(|part| !part.is_empty());
            return Ok(parts.map(|part| Placed { value: part.to_owned(), at }).collect());
        };
        let mut list = Vec::with_capacity(items.len());
        for item in items.iter() {
            let at = item.span().start;
            match scalar(item.get_ref()) {
                Some(value) => list.push(Placed { value, at }),
                None => return self.unfit(key, at, item.get_ref(), "strings in the list"),
            }
        }
        Ok(list)
    }

    /// Tables: `[[key]]`, `[key]`, or a list of inline tables.
    pub(super) fn tables(&self, key: &str) -> Result<Vec<Table<'a>>, Error> {
        let Some((value, at)) = self.get(key) else { return Ok(Vec::new()) };
        let table = |value: &'a DeValue<'a>, at: usize| match value {
            DeValue::Table(table) => Ok(Table::new(self.document, table, at)),
            other => self.unfit(key, at, other, &format!("tables, '[[{key}]]'")),
        };
        match value {
            DeValue::Array(items) => items.iter().map(|item| table(item.get_ref(), item.span().start)).collect(),
            other => Ok(vec![table(other, at)?]),
        }
    }

    /// The keys that are not in `known`, and where they stand.
    pub(super) fn unknown(&self, known: &[&str]) -> Vec<Placed<String>> {
        let strange = self.table.iter().filter(|(key, _)| !known.iter().any(|k| k.eq_ignore_ascii_case(key.get_ref())));
        let mut strange: Vec<Placed<String>> =
            strange.map(|(key, _)| Placed { value: key.get_ref().to_string(), at: start(key.span()) }).collect();
        strange.sort_by_key(|key| key.at);
        strange
    }
}

fn start(span: Range<usize>) -> usize {
    span.start
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(n) => Some(n.as_str().to_owned()),
        DeValue::Float(n) => Some(n.as_str().to_owned()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}
