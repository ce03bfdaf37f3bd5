//! Results of SARIF 2.1.0, as scanners write them: only what tells where something was found, and by which rule.

use super::Error;
use serde_json::Value;
use std::ops::Range;

/// One place of one result.
pub(super) struct Found {
    pub(super) file: String,
    pub(super) rule: String,
    pub(super) level: String,
    pub(super) region: Region,
}

/// Where in a file; what is not said is `None`. Lines and columns count from 1.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Region {
    start_line: Option<usize>,
    start_column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    byte_offset: Option<usize>,
    byte_length: Option<usize>,
    char_offset: Option<usize>,
    char_length: Option<usize>,
    /// Whether columns count code points; else UTF-16 code units, which the standard takes where nothing is said.
    code_points: bool,
}

/// Hands out every place of every result that is not suppressed and reports a fault.
pub(super) fn results(path: &str, text: &str, mut found: impl FnMut(Found)) -> Result<(), Error> {
    let fault = |why: &str| Error::Results { path: path.to_owned(), why: why.to_owned() };
    let log: Value = serde_json::from_str(text).map_err(|error| fault(&error.to_string()))?;
    let runs = log["runs"].as_array().ok_or_else(|| fault("no SARIF: it has no runs"))?;
    for run in runs {
        let code_points = run["columnKind"] == "unicodeCodePoints";
        for result in run["results"].as_array().into_iter().flatten() {
            let suppressed = result["suppressions"].as_array().is_some_and(|list| !list.is_empty());
            let passed = result["kind"].as_str().is_some_and(|kind| !matches!(kind, "fail" | "open" | "review"));
            if suppressed || passed {
                continue;
            }
            for location in result["locations"].as_array().into_iter().flatten() {
                let physical = &location["physicalLocation"];
                let Some(uri) = uri(run, physical) else { continue };
                found(Found {
                    file: decoded(uri),
                    rule: rule(run, result),
                    level: result["level"].as_str().unwrap_or_default().to_owned(),
                    region: Region::read(&physical["region"], code_points),
                });
            }
        }
    }
    Ok(())
}

/// The file's address, in the result or in the run's list of artifacts.
fn uri<'a>(run: &'a Value, physical: &'a Value) -> Option<&'a str> {
    let location = &physical["artifactLocation"];
    location["uri"].as_str().or_else(|| {
        let index = location["index"].as_u64()? as usize;
        run["artifacts"][index]["location"]["uri"].as_str()
    })
}

fn rule(run: &Value, result: &Value) -> String {
    let by_index = || {
        let index = result["ruleIndex"].as_u64().or(result["rule"]["index"].as_u64())? as usize;
        run["tool"]["driver"]["rules"][index]["id"].as_str()
    };
    result["ruleId"].as_str().or(result["rule"]["id"].as_str()).or_else(by_index).unwrap_or("unnamed").to_owned()
}

/// `%2F` and the like undone.
fn decoded(uri: &str) -> String {
    let bytes = uri.as_bytes();
    let (mut text, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%').then(|| uri.get(at + 1..at + 3)).flatten();
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                text.push(byte);
                at += 3;
            }
            None => {
                text.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

impl Region {
    fn read(region: &Value, code_points: bool) -> Region {
        // Some write -1 for what they do not know.
        let number = |key: &str| region[key].as_u64().and_then(|n| usize::try_from(n).ok());
        Region {
            start_line: number("startLine"),
            start_column: number("startColumn"),
            end_line: number("endLine"),
            end_column: number("endColumn"),
            byte_offset: number("byteOffset"),
            byte_length: number("byteLength"),
            char_offset: number("charOffset"),
            char_length: number("charLength"),
            code_points,
        }
    }

    /// The bytes of `text`: the whole of it without any region, whole lines without columns; never empty, never beyond
    /// the text, whatever a scanner says.
    pub(super) fn span(&self, text: &str) -> Range<usize> {
        let span =
            self.by_lines(text).or_else(|| self.by_bytes()).or_else(|| self.by_chars(text)).unwrap_or(0..text.len());
        let start = span.start.min(text.len().saturating_sub(1));
        start..span.end.min(text.len()).max(start + 1)
    }

    fn by_bytes(&self) -> Option<Range<usize>> {
        let start = self.byte_offset?;
        Some(start..start.saturating_add(self.byte_length.unwrap_or(1)))
    }

    fn by_chars(&self, text: &str) -> Option<Range<usize>> {
        let start = self.char_offset?;
        let end = start.saturating_add(self.char_length.unwrap_or(1));
        Some(self.bytes_before(text, start)..self.bytes_before(text, end))
    }

    fn by_lines(&self, text: &str) -> Option<Range<usize>> {
        let first = self.start_line.filter(|line| *line > 0)?;
        let last = self.end_line.unwrap_or(first).max(first);
        let start = line(text, first);
        let from = self.start_column.map_or(start.start, |column| self.column(text, &start, column));
        let end = line(text, last);
        let to = self.end_column.map_or(end.end, |column| self.column(text, &end, column));
        Some(from..to)
    }

    fn column(&self, text: &str, line: &Range<usize>, column: usize) -> usize {
        line.start + self.bytes_before(&text[line.clone()], column.saturating_sub(1))
    }

    /// Bytes of the first `count` characters, as the columns count them.
    fn bytes_before(&self, text: &str, count: usize) -> usize {
        let mut counted = 0;
        for (at, character) in text.char_indices() {
            if counted >= count {
                return at;
            }
            counted += if self.code_points { 1 } else { character.len_utf16() };
        }
        text.len()
    }
}

/// The bytes of a line, counted from 1, without its end; the text's end for lines that it does not have.
fn line(text: &str, number: usize) -> Range<usize> {
    let mut start = 0;
    for _ in 1..number {
        match text[start..].find('\n') {
            Some(at) => start += at + 1,
            None => return text.len()..text.len(),
        }
    }
    start..text[start..].find('\n').map_or(text.len(), |at| start + at)
}
