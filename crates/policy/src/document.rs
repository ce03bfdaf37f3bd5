//! TOML with a place for everything in it, so that what is wrong can be named with its line.

use crate::fault::Fault;
use crate::nearest::nearest;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A file being read.
pub(crate) struct Document<'a> {
    /// The name errors give.
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
}

/// A value and the line it stands on, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed<T> {
    pub(crate) value: T,
    pub(crate) line: u32,
}

impl<T> Placed<T> {
    pub(crate) fn map<U>(self, to: impl FnOnce(T) -> U) -> Placed<U> {
        Placed { value: to(self.value), line: self.line }
    }
}

impl<'a> Document<'a> {
    pub(crate) fn parse(&'a self) -> Result<Spanned<DeTable<'a>>, Fault> {
        DeTable::parse(self.text).map_err(|error| {
            // The parser quotes no values.
            let what = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
            let message = format!("this is not TOML: {what}");
            match error.span() {
                Some(span) => self.fault(self.line(span.start), message),
                None => Fault::new(self.file, message),
            }
        })
    }

    pub(crate) fn fault(&self, line: u32, message: impl Into<String>) -> Fault {
        Fault { line: Some(line), ..Fault::new(self.file, message) }
    }

    fn line(&self, offset: usize) -> u32 {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        memchr::memchr_iter(b'\n', before).count() as u32 + 1
    }
}

/// A table of the file.
#[derive(Clone, Copy)]
pub(crate) struct Table<'a> {
    document: &'a Document<'a>,
    table: &'a DeTable<'a>,
    /// Its name in errors: `` for the root, `limits.`.
    prefix: &'static str,
    pub(crate) line: u32,
}

impl<'a> Table<'a> {
    pub(crate) fn root(document: &'a Document<'a>, table: &'a DeTable<'a>) -> Table<'a> {
        Table { document, table, prefix: "", line: 1 }
    }

    pub(crate) fn fault(&self, line: u32, message: impl Into<String>) -> Fault {
        self.document.fault(line, message)
    }

    /// A fault of a key.
    pub(crate) fn unfit(&self, key: &str, line: u32, what: impl std::fmt::Display) -> Fault {
        self.fault(line, format!("`{}{key}` {what}", self.prefix))
    }

    /// Refuses keys that are none of `known`.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Fault> {
        let strange = self.table.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
        let Some(key) = strange.min_by_key(|key| key.span().start) else { return Ok(()) };
        let hint = match nearest(key.get_ref(), known.iter().copied()) {
            Some(near) => format!("did you mean `{}{near}`?", self.prefix),
            None => format!("the keys here are {}", known.join(", ")),
        };
        Err(self.unfit(
            &shown(key.get_ref()),
            self.document.line(key.span().start),
            format!("is no key of deadkey's; {hint}"),
        ))
    }

    fn get(&self, key: &str) -> Option<(&'a DeValue<'a>, u32)> {
        let (name, value) = self.table.iter().find(|(name, _)| name.get_ref() == key)?;
        let at = if value.span().is_empty() { name.span().start } else { value.span().start };
        Some((value.get_ref(), self.document.line(at)))
    }

    pub(crate) fn text(&self, key: &str) -> Result<Option<Placed<String>>, Fault> {
        let Some((value, line)) = self.get(key) else { return Ok(None) };
        match value {
            DeValue::String(text) => Ok(Some(Placed { value: text.to_string(), line })),
            other => Err(self.wrong(key, line, other, "a text in quotes")),
        }
    }

    /// A text that has a form of its own; `wanted` says which.
    pub(crate) fn parsed<T>(
        &self,
        key: &str,
        wanted: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<Placed<T>>, Fault> {
        let Some((value, line)) = self.get(key) else { return Ok(None) };
        let quoted = if wanted.contains(['"', '\'']) { wanted.to_owned() } else { format!("{wanted}, in quotes") };
        let DeValue::String(text) = value else { return Err(self.wrong(key, line, value, &quoted)) };
        match parse(text) {
            Some(value) => Ok(Some(Placed { value, line })),
            None => Err(self.unfit(key, line, format!("is `{}`; write {wanted}", shown(text)))),
        }
    }

    pub(crate) fn flag(&self, key: &str) -> Result<Option<Placed<bool>>, Fault> {
        let Some((value, line)) = self.get(key) else { return Ok(None) };
        match value {
            DeValue::Boolean(value) => Ok(Some(Placed { value: *value, line })),
            other => Err(self.wrong(key, line, other, "true or false")),
        }
    }

    pub(crate) fn number(&self, key: &str, range: std::ops::RangeInclusive<u64>) -> Result<Option<Placed<u64>>, Fault> {
        let Some((value, line)) = self.get(key) else { return Ok(None) };
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        let DeValue::Integer(digits) = value else { return Err(self.wrong(key, line, value, &wanted)) };
        match u64::from_str_radix(digits.as_str(), digits.radix()).ok().filter(|n| range.contains(n)) {
            Some(value) => Ok(Some(Placed { value, line })),
            None => Err(self.unfit(key, line, format!("is {}; write {wanted}", digits.as_str()))),
        }
    }

    /// A list of texts; one text alone is a list of one.
    pub(crate) fn list(&self, key: &str) -> Result<Vec<Placed<String>>, Fault> {
        let Some((value, line)) = self.get(key) else { return Ok(Vec::new()) };
        let items = match value {
            DeValue::String(text) => return Ok(vec![Placed { value: text.to_string(), line }]),
            DeValue::Array(items) => items,
            other => return Err(self.wrong(key, line, other, "a list of texts")),
        };
        let text = |item: &Spanned<DeValue<'a>>| {
            let line = self.document.line(item.span().start);
            match item.get_ref() {
                DeValue::String(text) => Ok(Placed { value: text.to_string(), line }),
                other => Err(self.wrong(key, line, other, "texts in the list")),
            }
        };
        items.iter().map(text).collect()
    }

    /// `[key]`.
    pub(crate) fn table(&self, key: &'static str, prefix: &'static str) -> Result<Option<Table<'a>>, Fault> {
        let Some((value, line)) = self.get(key) else { return Ok(None) };
        match value {
            DeValue::Table(table) => Ok(Some(Table { document: self.document, table, prefix, line })),
            other => Err(self.wrong(key, line, other, &format!("a table, `[{key}]`"))),
        }
    }

    /// `[[key]]`, or a list of inline tables and texts. For a text `None` in place of the table.
    pub(crate) fn tables(&self, key: &'static str, prefix: &'static str) -> Result<Vec<TableOrText<'a>>, Fault> {
        let Some((value, line)) = self.get(key) else { return Ok(Vec::new()) };
        let one = |value: &'a DeValue<'a>, line: u32| match value {
            DeValue::Table(table) => Ok(TableOrText::Table(Table { document: self.document, table, prefix, line })),
            DeValue::String(text) => Ok(TableOrText::Text(Placed { value: text.to_string(), line })),
            other => Err(self.wrong(key, line, other, &format!("tables, `[[{key}]]`"))),
        };
        match value {
            DeValue::Array(items) => {
                items.iter().map(|item| one(item.get_ref(), self.document.line(item.span().start))).collect()
            }
            DeValue::Table(_) if key == "allow" => {
                Err(self.unfit(key, line, "is one table; write `[[allow]]`, with two brackets"))
            }
            other => one(other, line).map(|one| vec![one]),
        }
    }

    /// The tables `[key."name"]`, by their names, in the order of the file.
    pub(crate) fn named_tables(&self, prefix: &'static str) -> Result<Vec<(Placed<String>, Table<'a>)>, Fault> {
        let mut named = Vec::new();
        for (name, value) in self.table.iter() {
            let line = self.document.line(name.span().start);
            let name = Placed { value: name.get_ref().to_string(), line };
            match value.get_ref() {
                DeValue::Table(table) => named.push((name, Table { document: self.document, table, prefix, line })),
                other => return Err(self.wrong(&shown(&name.value), line, other, "a table")),
            }
        }
        named.sort_by_key(|(name, _)| name.line);
        Ok(named)
    }

    fn wrong(&self, key: &str, line: u32, value: &DeValue<'_>, wanted: &str) -> Fault {
        let kind = value.type_str();
        let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        self.unfit(key, line, format!("is {article} {kind}; write {wanted}"))
    }
}

/// An item of a list.
pub(crate) enum TableOrText<'a> {
    Table(Table<'a>),
    Text(Placed<String>),
}

/// A text of the file as messages may repeat it: none that could be a secret put in the wrong place, and no control character.
pub(crate) fn shown(text: &str) -> String {
    let length = text.chars().count();
    let digits = text.contains(|c: char| c.is_ascii_digit());
    let kept = if length > 24 || digits && length >= 12 { 4 } else { length };
    let mut shown: String = text.chars().take(kept).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if kept < length {
        shown.push('…');
    }
    shown
}
