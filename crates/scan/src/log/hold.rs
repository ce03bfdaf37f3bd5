//! Which end of a text may still become a secret: what is held back while masking.
//!
//! Only an open anchor or unit holds back: a token under way, a credential-like name's value on a line under way, an
//! armoured block without its end, a wrapped block of base64 that the next line may go on with. Silence decides nothing.

use memchr::{memchr, memmem, memrchr};

/// Credential-like words; a value behind one of them on the line under way is held back to the line's end.
const NAMES: [&str; 9] = ["passw", "pwd", "secret", "token", "key", "auth", "cred", "passphrase", "bearer"];
/// How far back an armoured block or a wrapped block may begin, in bytes.
const BLOCK: usize = 32 << 10;
/// Rows of terminals, of which the next one goes on with a word, are so long, in bytes.
const WIDTHS: [usize; 2] = [80, 120];
/// Lines with a soft break of quoted-printable at their end are so long.
const SOFT_BREAKS: std::ops::RangeInclusive<usize> = 40..=76;
/// Base64 of a line that is shorter is no line of a wrapped block.
const LEAST_WIDTH: usize = 40;

/// Where in `text` that begins which later bytes may make a secret of. `is_line_open`: whether its last line may go on.
pub(crate) fn open_from(text: &[u8], is_line_open: bool) -> usize {
    let armour = open_armour(text);
    let line = if is_line_open { open_line(text) } else { text.len() };
    armour.min(line).min(open_block(text, is_line_open)).min(open_wrap(text))
}

/// Whether a byte may stand within a token or an escape.
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_+/=.-:~%\\&;#@$!^*\x1b\x00".contains(&byte) || byte >= 0x80
}

/// Whether a line under way is a JSON object that has begun.
pub(crate) fn is_record(line: &[u8]) -> bool {
    let start = line.iter().position(|b| !b" \t\r,[".contains(b)).unwrap_or(line.len());
    line[start..].starts_with(b"{") && matches!(line[start + 1..].trim_ascii_start().first(), None | Some(b'"'))
}

/// The open end of a line under way.
fn open_line(text: &[u8]) -> usize {
    let line = memrchr(b'\n', text).map_or(0, |at| at + 1);
    let token = text.iter().rposition(|b| !is_token(*b)).map_or(0, |at| at + 1).max(line);
    // Dots that show progress are no token.
    let token = if text.ends_with(b"..") || token == text.len() { text.len() } else { token };
    token.min(open_value(&text[line..]) + line)
}

/// Where the value of a credential-like name begins on a line under way.
fn open_value(line: &[u8]) -> usize {
    let lower = line.to_ascii_lowercase();
    let named = NAMES.iter().filter_map(|name| memmem::find(&lower, name.as_bytes()).map(|at| at + name.len()));
    let Some(name) = named.min() else { return line.len() };
    let behind = |byte: &u8| b"=: \t\"'`".contains(byte);
    let Some(behind_name) = line[name..].iter().position(behind).map(|at| name + at) else { return line.len() };
    behind_name + line[behind_name..].iter().take_while(|byte| behind(byte)).count()
}

/// An armoured block that has begun and not ended.
fn open_armour(text: &[u8]) -> usize {
    let from = text.len().saturating_sub(BLOCK);
    let Some(begin) = memmem::rfind(&text[from..], b"-----BEGIN ").map(|at| from + at) else { return text.len() };
    let is_whole = memmem::find(&text[begin..], b"-----END ")
        .and_then(|end| memmem::find(&text[begin + end + 9..], b"-----"))
        .is_some();
    if is_whole { text.len() } else { begin }
}

/// Lines of base64 at the end, which another one may go on with.
fn open_block(text: &[u8], is_line_open: bool) -> usize {
    let mut start = text.len();
    let mut rest = text;
    if is_line_open {
        let line = memrchr(b'\n', rest).map_or(0, |at| at + 1);
        if !rest[line..].iter().all(|b| is_base64(*b)) {
            return start;
        }
        rest = &rest[..line];
    }
    let mut width = None;
    while let Some(body) = rest.strip_suffix(b"\n") {
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        let line = memrchr(b'\n', body).map_or(0, |at| at + 1);
        let run = body[line..].iter().rev().take_while(|b| is_base64(**b)).count();
        let fits = run >= LEAST_WIDTH && width.is_none_or(|width| width == run) && text.len() - line <= BLOCK;
        if !fits {
            break;
        }
        start = body.len() - run;
        width = Some(run);
        if run < body.len() - line {
            break;
        }
        rest = &rest[..line];
    }
    start
}

/// Rows at the end that the next one may go on with: of a terminal's width, or with a soft break of quoted-printable at
/// their end. What they hold open begins in the first of them that the others go on with.
fn open_wrap(text: &[u8]) -> usize {
    let from = text.len().saturating_sub(BLOCK);
    let end = memrchr(b'\n', text).map_or(0, |at| at + 1);
    let mut open = text.len();
    // The first byte of the row behind.
    let mut next = text.get(end).copied();
    let mut row_end = end;
    while row_end > from {
        let body = &text[..row_end - 1];
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        let start = memrchr(b'\n', body).map_or(0, |at| at + 1);
        let row = &body[start..];
        let is_soft = SOFT_BREAKS.contains(&row.len()) && row.ends_with(b"=");
        let is_full = WIDTHS.contains(&row.len()) && row.last().is_some_and(|b| is_token(*b));
        let goes_on = is_soft || is_full && next.is_none_or(is_token);
        // The last row may be full and end with a blank: whether those before it go on with it shows behind it.
        let is_last = row_end == end && next.is_none() && WIDTHS.contains(&row.len());
        if !goes_on && !is_last {
            break;
        }
        if goes_on {
            open = start + open_line(row);
        }
        next = row.first().copied();
        row_end = start;
    }
    open
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte)
}

/// The lines of `text`, each with its offset; the last may have no LF.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let len = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let line = (at, &rest[..len]);
        at += len;
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(text: &str) -> &str {
        let is_open = !text.ends_with('\n');
        &text[open_from(text.as_bytes(), is_open)..]
    }

    #[test]
    fn only_what_is_open_is_held_back() {
        assert_eq!(held("all is well\n"), "");
        assert_eq!(held("Compiling serde v1 "), "");
        assert_eq!(held("Compiling dead"), "dead");
        assert_eq!(held("waiting ....."), "");
        assert_eq!(held("Password: "), "");
        assert_eq!(held("password=\"correct horse"), "correct horse");
        assert_eq!(held("export DB_PASSWORD=abc"), "DB_PASSWORD=abc");
        assert_eq!(held("-----BEGIN X KEY-----\nabc\n"), "-----BEGIN X KEY-----\nabc\n");
        assert_eq!(held("-----BEGIN X KEY-----\nabc\n-----END X KEY-----\n"), "");
        let row = format!("{}pushing with ghp_abcdefghijklm", "x ".repeat(25));
        assert_eq!(row.len(), 80);
        assert_eq!(held(&format!("{row}\n")), "ghp_abcdefghijklm\n");
        assert_eq!(held(&format!("{row}\nnopqrst")), "ghp_abcdefghijklm\nnopqrst");
        assert_eq!(held(&format!("{row}\nnopqrst to\n")), "");
        assert_eq!(held(&format!("{row}\n{}\n", "y".repeat(80))), format!("ghp_abcdefghijklm\n{}\n", "y".repeat(80)));
        let soft = "DB_PASSWORD=3Dabcdefghijklmnopqrstuvwxyzabcdef=";
        assert_eq!(held(&format!("{soft}\n")), format!("{soft}\n"));
        let line = "QUJD".repeat(16);
        assert_eq!(held(&format!("x {line}\n{line}\n")), format!("{line}\n{line}\n"));
        assert_eq!(held(&format!("{line}\n{line}\nQUI=\n")), "");
        assert_eq!(held(&format!("{line}\nno more ")), "");
    }
}
