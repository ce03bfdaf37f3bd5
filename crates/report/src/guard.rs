use std::io::{self, Write};

/// Takes the power from commands in text that goes to the log of a CI. Runners of GitHub, Gitea, Forgejo and Azure Pipelines
/// obey lines of the log, and names and lines of what is scanned are in ours: a file named
/// `##vso[task.setvariable …]` would set a variable.
///
/// Runners look for `::` where a line begins (after white space), and for `##[` and `##vso[` anywhere in it. A `\` is put
/// before the first and into the others, before their last byte. The text stays readable; lines that are commands on purpose are written past the guard. Works on any cut of the text into
/// writes; holds back at most 6 bytes, which [`Write::flush`] does not release: [`CommandGuard::finish`] does.
#[derive(Debug)]
pub struct CommandGuard<W: Write> {
    out: W,
    /// The start of a possible mark, not yet written.
    held: Vec<u8>,
    /// Whether only white space has come since the line began.
    at_line_start: bool,
}

/// What begins a command, in lower case. The first counts only where a line begins.
const MARKS: [&[u8]; 3] = [b"::", b"##[", b"##vso["];

impl<W: Write> CommandGuard<W> {
    /// Guards what is written to `out`.
    pub fn new(out: W) -> CommandGuard<W> {
        CommandGuard { out, held: Vec::new(), at_line_start: true }
    }

    /// Writes what was held back, and gives the writer back.
    ///
    /// # Errors
    /// What the writer answers.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&self.held)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn push(&mut self, byte: u8, guarded: &mut Vec<u8>) {
        self.held.push(byte);
        // Gives up bytes from the front until what is held begins a mark.
        while !self.held.is_empty() {
            match self.state() {
                State::Open => return,
                State::Mark => {
                    let before = if byte == b'[' { self.held.len() - 1 } else { 0 };
                    self.release(before, guarded);
                    guarded.push(b'\\');
                    self.release(self.held.len(), guarded);
                }
                State::Text => self.release(1, guarded),
            }
        }
    }

    fn state(&self) -> State {
        let lower = self.held.to_ascii_lowercase();
        let marks = if self.at_line_start { &MARKS[..] } else { &MARKS[1..] };
        if marks.iter().any(|mark| **mark == lower) {
            State::Mark
        } else if marks.iter().any(|mark| mark.starts_with(&lower)) {
            State::Open
        } else {
            State::Text
        }
    }

    fn release(&mut self, len: usize, guarded: &mut Vec<u8>) {
        for byte in self.held.drain(..len) {
            self.at_line_start = match byte {
                b'\n' | b'\r' => true,
                byte => self.at_line_start && byte.is_ascii_whitespace(),
            };
            guarded.push(byte);
        }
    }
}

enum State {
    /// What is held is a whole mark.
    Mark,
    /// What is held may become one.
    Open,
    /// What is held begins with text.
    Text,
}

impl<W: Write> Write for CommandGuard<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut guarded = Vec::with_capacity(bytes.len() + 8);
        for &byte in bytes {
            self.push(byte, &mut guarded);
        }
        self.out.write_all(&guarded)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guarded(text: &str, cut: usize) -> String {
        let mut guard = CommandGuard::new(Vec::new());
        for piece in text.as_bytes().chunks(cut) {
            guard.write_all(piece).unwrap();
        }
        String::from_utf8(guard.finish().unwrap()).unwrap()
    }

    #[test]
    fn commands_lose_their_power_wherever_the_text_is_cut() {
        let cases = [
            ("::error::x\n", "\\::error::x\n"),
            (" \t::add-mask::x", " \t\\::add-mask::x"),
            ("a::b ::c\r::d", "a::b ::c\r\\::d"),
            ("see ##vso[task.setvariable variable=a]b", "see ##vso\\[task.setvariable variable=a]b"),
            ("##VSO[x] ##[error] ###[y] ##vs[ ##vs##vso[", "##VSO\\[x] ##\\[error] ###\\[y] ##vs[ ##vs##vso\\["),
            ("plain: text # with #marks ##\n:\n#", "plain: text # with #marks ##\n:\n#"),
            ("", ""),
        ];
        for (text, expected) in cases {
            for cut in 1..=7 {
                assert_eq!(guarded(text, cut), expected, "cut {cut}");
            }
        }
    }
}
