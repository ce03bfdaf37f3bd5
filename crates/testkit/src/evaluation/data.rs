//! Labelled rows, read from JSON lines.

use super::Error;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::ops::Range;
use std::path::Path;

/// Which of the formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Test vectors of scanners: `source`, `rule`, `text`, `expected`, `label`, `class`.
    Vectors,
    /// Single lines of source: `extension`, `line`, `value`, `label`, `category`, `group`.
    Lines,
}

impl Kind {
    /// The name of its folder, and of the set in what is printed.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Vectors => "vectors",
            Kind::Lines => "lines",
        }
    }
}

/// One labelled text.
#[derive(Clone, Debug)]
pub struct Row {
    /// The text to scan as a file of its own.
    pub text: String,
    /// What the file's name ends with: `.js`; empty for vectors.
    pub extension: String,
    /// Whether there is a credential.
    pub positive: bool,
    /// The credentials, where known.
    pub expected: Vec<String>,
    /// Who made it: a scanner; `CredData` for lines.
    pub source: String,
    /// What it is about: the scanner's rule, or the category.
    pub rule: String,
    /// `plain`, `dummy`, `placeholder`, `near-miss`, `context`; for lines `generic` or `structured`.
    pub class: String,
}

impl Row {
    /// Where the expected values stand in the text, in bytes; none where the whole text is meant.
    pub fn spans(&self) -> Vec<Range<usize>> {
        let mut spans = Vec::new();
        for value in self.expected.iter().filter(|value| !value.is_empty()) {
            let mut from = 0;
            while let Some(at) = self.text[from..].find(value.as_str()) {
                let start = from + at;
                spans.push(start..start + value.len());
                from = start + value.chars().next().map_or(1, char::len_utf8);
            }
        }
        spans
    }

    /// The half it belongs to, by the 64-bit FNV-1a hash of its text.
    pub fn half(&self) -> Half {
        let hash = self
            .text
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
        // The lowest bit of this hash is the parity of the bytes; the upper half is mixed.
        if (hash >> 32).count_ones() % 2 == 0 { Half::Training } else { Half::Held }
    }
}

/// The likelihood model is trained on one half of the lines, and measured on the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// What the model has seen.
    Training,
    /// What it has not.
    Held,
}

/// A file of rows.
#[derive(Clone, Debug)]
pub struct Set {
    /// Which format.
    pub kind: Kind,
    /// The rows, in the file's order; a row's place is its number.
    pub rows: Vec<Row>,
}

impl Set {
    /// Reads JSON lines, gzipped or not; the format is recognised by the fields of the first line.
    ///
    /// # Errors
    /// If the file cannot be read, holds no rows, or a line is not as the formats say.
    pub fn read(path: &Path) -> Result<Set, Error> {
        let name = path.display().to_string();
        let io = |source| Error::Io { path: name.clone(), source };
        let mut file = BufReader::new(File::open(path).map_err(io)?);
        let gzipped = file.fill_buf().map_err(io)?.starts_with(&[0x1F, 0x8B]);
        let text: Box<dyn Read> =
            if gzipped { Box::new(flate2::bufread::MultiGzDecoder::new(file)) } else { Box::new(file) };
        let (mut kind, mut rows) = (None, Vec::new());
        for (number, line) in BufReader::new(text).lines().enumerate() {
            let line = line.map_err(io)?;
            if line.trim().is_empty() {
                continue;
            }
            let (of, row) = row(&line).map_err(|why| Error::Row { path: name.clone(), line: number + 1, why })?;
            if *kind.get_or_insert(of) != of {
                let why = "a row of the other format".to_owned();
                return Err(Error::Row { path: name, line: number + 1, why });
            }
            rows.push(row);
        }
        kind.map(|kind| Set { kind, rows }).ok_or(Error::Empty { path: name })
    }
}

fn row(line: &str) -> Result<(Kind, Row), String> {
    let row: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let text = |key: &str| match row.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        _ => Err(format!("no text '{key}'")),
    };
    let positive = match text("label")?.as_str() {
        "pos" => true,
        "neg" => false,
        other => return Err(format!("a label '{other}'; there are 'pos' and 'neg'")),
    };
    if row.get("line").is_some() {
        let (extension, source) = (text("extension")?, "CredData".to_owned());
        let (expected, rule) = (vec![text("value")?], text("category")?);
        return Ok((
            Kind::Lines,
            Row { text: text("line")?, extension, positive, expected, source, rule, class: text("group")? },
        ));
    }
    let expected = match row.get("expected") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(_) => return Err("'expected' is no list".to_owned()),
    };
    let (source, rule, class) = (text("source")?, text("rule")?, text("class")?);
    let extension = String::new();
    Ok((Kind::Vectors, Row { text: text("text")?, extension, positive, expected, source, rule, class }))
}
