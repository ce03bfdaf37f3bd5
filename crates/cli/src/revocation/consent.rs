//! Asking whoever sits at the terminal.

use anyhow::{Result, bail};
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};

/// Whether the person at the terminal types `yes` to a question. The secret may have come through standard input, so the
/// terminal itself is asked.
///
/// # Errors
/// If there is nobody to ask.
pub fn given(question: &str) -> Result<bool> {
    let answers: Box<dyn BufRead> = if io::stdin().is_terminal() {
        Box::new(io::stdin().lock())
    } else {
        match File::open("/dev/tty") {
            Ok(terminal) => Box::new(BufReader::new(terminal)),
            Err(_) => bail!("nobody is there to be asked; --yes does it without asking"),
        }
    };
    let mut out = io::stderr().lock();
    let _ = write!(out, "{question} Type yes: ").and_then(|()| out.flush());
    Ok(is_yes(answers))
}

fn is_yes(mut answers: impl BufRead) -> bool {
    let mut line = String::new();
    answers.read_line(&mut line).is_ok() && line.trim().eq_ignore_ascii_case("yes")
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn only_yes_is_yes() {
        for yes in ["yes\n", " YES \r\n"] {
            assert!(is_yes(yes.as_bytes()));
        }
        for no in ["", "\n", "y\n", "no\n", "yes please\n", "yesno\n"] {
            assert!(!is_yes(no.as_bytes()), "{no}");
        }
    }
}
