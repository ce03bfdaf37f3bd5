//! Line and column in a text that comes in parts.

/// Where a text has come to.
#[derive(Clone, Debug)]
pub struct Position {
    line: u64,
    column: u64,
    /// The beginning of a character whose rest has not come.
    partial: Vec<u8>,
}

impl Position {
    pub fn start() -> Position {
        Position { line: 1, column: 1, partial: Vec::new() }
    }

    /// The line, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The column, from 1 in UTF-16 code units; invalid bytes count one each.
    pub fn column(&self) -> u64 {
        self.column + self.partial.len() as u64
    }

    /// Goes on behind `bytes`.
    pub fn advance(&mut self, bytes: &[u8]) {
        let mut text = std::mem::take(&mut self.partial);
        let tail = match bytes.iter().rposition(|b| *b == b'\n') {
            Some(last) => {
                self.line += bytes[..=last].iter().filter(|b| **b == b'\n').count() as u64;
                self.column = 1;
                text.clear();
                &bytes[last + 1..]
            }
            None => bytes,
        };
        text.extend_from_slice(tail);
        let mut rest = text.as_slice();
        while let Err(error) = str::from_utf8(rest) {
            let (valid, invalid) = rest.split_at(error.valid_up_to());
            self.column += units(valid);
            let Some(len) = error.error_len() else {
                self.partial = invalid.to_vec();
                return;
            };
            self.column += len as u64;
            rest = &invalid[len..];
        }
        self.column += units(rest);
    }
}

/// UTF-16 code units of valid UTF-8.
fn units(text: &[u8]) -> u64 {
    text.iter().map(|b| u64::from(b & 0xC0 != 0x80) + u64::from(*b >= 0xF0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_does_not_depend_on_cuts() {
        let text = "one\nzwei ü\u{1F600}x"
            .as_bytes()
            .iter()
            .copied()
            .chain(*b"\xFF\x80\xE2\x82y\n\xF0\x9F")
            .collect::<Vec<u8>>();
        let at = |parts: &[&[u8]]| {
            let mut position = Position::start();
            parts.iter().for_each(|part| position.advance(part));
            (position.line(), position.column())
        };
        for end in 0..=text.len() {
            let whole = at(&[&text[..end]]);
            for cut in 0..=end {
                assert_eq!(at(&[&text[..cut], &text[cut..end]]), whole, "{cut} of {end}");
            }
        }
        assert_eq!(at(&["a\nü\u{1F600}x".as_bytes()]), (2, 5));
        assert_eq!(at(&[b"\xFF\x80\xE2\x82y"]), (1, 6));
    }
}
