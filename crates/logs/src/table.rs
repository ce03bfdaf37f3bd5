//! Tables that commands print: a head with a column `Value`, a rule of dashes, a row a line (`vault kv get`, `vault read`,
//! `az -o table`, PowerShell's `Format-Table`).

use std::ops::Range;

/// Which table is open, if any. It takes clean lines, one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Table {
    #[default]
    None,
    /// A head that names the column of values, by its number.
    Head(usize),
    /// The rows under such a head.
    Rows(usize),
}

/// What names the columns of names, in small letters.
const NAMES: [&[u8]; 4] = [b"key", b"name", b"variable", b"setting"];

/// The one of them that begins so.
fn name_of(first: u8) -> Option<&'static [u8]> {
    match first {
        b'K' | b'k' => Some(NAMES[0]),
        b'N' | b'n' => Some(NAMES[1]),
        b'V' | b'v' => Some(NAMES[2]),
        b'S' | b's' => Some(NAMES[3]),
        _ => None,
    }
}

/// Columns of a table that are looked at.
const COLUMNS: usize = 8;

impl Table {
    /// Whether the next line matters, whatever it begins with.
    pub(crate) fn is_open(self) -> bool {
        !matches!(self, Table::None)
    }

    /// Whether a line begins like a head: with one of the names, and two blanks behind it.
    pub(crate) fn may_begin(text: &[u8]) -> bool {
        let text = text.trim_ascii_start();
        let Some(name) = text.first().and_then(|first| name_of(*first)) else { return false };
        text.split_at_checked(name.len()).is_some_and(|(begin, rest)| {
            let blanks = || &rest[..rest.len() - rest.trim_ascii_start().len()];
            begin.eq_ignore_ascii_case(name) && blanks().windows(2).any(|pair| pair == b"  ")
        })
    }

    /// Takes a line; of a row, answers where its name and its value stand in it.
    pub(crate) fn line(&mut self, text: &[u8]) -> Option<(Range<usize>, Range<usize>)> {
        match *self {
            Table::None => *self = head(text),
            Table::Head(value) => *self = if is_rule(text) { Table::Rows(value) } else { head(text) },
            Table::Rows(value) => match row(text, value) {
                Some(row) => return Some(row),
                None => *self = head(text),
            },
        }
        None
    }
}

/// `Key  Value`: a head, if its first column is of names and another one of values.
fn head(text: &[u8]) -> Table {
    if text.len() > 256 || !Table::may_begin(text) {
        return Table::None;
    }
    let mut titles = cells(text).map(|cell| &text[cell]);
    let is_named = titles.next().is_some_and(|title| NAMES.iter().any(|name| title.eq_ignore_ascii_case(name)));
    match titles.position(|title| title.eq_ignore_ascii_case(b"value")) {
        Some(at) if is_named => Table::Head(at + 1),
        _ => Table::None,
    }
}

/// `---  -----`.
fn is_rule(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    text.starts_with(b"--") && text.iter().all(|b| matches!(b, b'-' | b' ')) && text.contains(&b' ')
}

fn row(text: &[u8], value: usize) -> Option<(Range<usize>, Range<usize>)> {
    let mut cells = cells(text);
    let name = cells.next()?;
    Some((name, cells.nth(value - 1)?))
}

/// What stands between two blanks or more.
fn cells(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let rest = &text[at..];
        if rest.is_empty() {
            return None;
        }
        let len = memchr::memmem::find(rest, b"  ").unwrap_or(rest.len());
        let cell = at..at + rest[..len].trim_ascii_end().len();
        at += len;
        Some(cell)
    })
    .take(COLUMNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(&str, &str)> {
        let mut table = Table::default();
        text.lines()
            .filter_map(|line| table.line(line.as_bytes()).map(|(name, value)| (&line[name], &line[value])))
            .collect()
    }

    #[test]
    fn rows_of_a_table_with_values_are_told() {
        let text = "Key          Value\n---          -----\npassword     one two\nuser         shop\n\nother  words\n";
        assert_eq!(rows(text), [("password", "one two"), ("user", "shop")]);
        let text = "  Name      Is Secret    Value\n  --------  -----------  -------\n  db_pass   False        abc\n";
        assert_eq!(rows(text), [("db_pass", "abc")]);
    }

    #[test]
    fn other_tables_are_not() {
        for text in [
            "NAME    CREATED\n----    -------\ntoken   2026\n",
            "Key     Value\npassword   abc\n",
            "the key  value\n---      -----\npassword   abc\n",
            "Key     Value\n-----\npassword   abc\n",
        ] {
            assert_eq!(rows(text), [], "{text}");
        }
    }
}
