//! `-----BEGIN … PRIVATE KEY-----` and its body.

use crate::hit::View;
use crate::judgement::Match;
use memchr::memmem;
use model::Span;
use rules::compile::ARMOUR_REACH;

/// A label is at most this long.
const LABEL: usize = 48;
/// A block whose end is missing is taken as far as its body goes on, at most this far.
const CUT_BODY: usize = 4096;

/// The block whose `-----BEGIN` stands at `at`, to the end of its `-----END …-----` line. A block that breaks off is
/// taken as far as lines of base64 follow.
pub(crate) fn at(labels: &[String], view: View<'_>, at: usize) -> Option<Match> {
    let bytes = view.bytes;
    let head = &bytes[at + 10..(at + 12 + LABEL).min(bytes.len())];
    let head = head.strip_prefix(b" ")?;
    let dashes = memmem::find(head, b"-----")?;
    let label = &head[..dashes];
    if !labels.iter().any(|l| l.as_bytes() == label) {
        return None;
    }
    let body = at + 11 + dashes + 5;
    let window = &bytes[body..(at + ARMOUR_REACH.after as usize).min(bytes.len())];
    let end = body_end(window, label)?;
    let whole = Span::new(at, body + end);
    Some(Match {
        anchor: at,
        whole,
        secret: whole,
        identity: None,
        name: None,
        only_in_configuration: false,
        loose: false,
    })
}

fn body_end(window: &[u8], label: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = memmem::find(&window[from..], b"-----") {
        let dashes = from + found;
        let rest = &window[dashes + 5..];
        let closing =
            rest.strip_prefix(b"END ").and_then(|r| r.strip_prefix(label)).is_some_and(|r| r.starts_with(b"-----"));
        if closing {
            return Some(dashes + 5 + 4 + label.len() + 5);
        }
        if rest.starts_with(b"BEGIN") {
            break;
        }
        from = dashes + 5;
    }
    // No end: what looks like a body, so that a key in a log that was cut is still seen.
    let body = |b: &u8| {
        b.is_ascii_alphanumeric()
            || matches!(b, b'+' | b'/' | b'=' | b'\n' | b'\r' | b'\\' | b'"' | b' ' | b'\t' | b',')
    };
    let len = window.iter().take(CUT_BODY).position(|b| !body(b)).unwrap_or(window.len().min(CUT_BODY));
    let solid = window[..len].iter().filter(|b| b.is_ascii_alphanumeric()).count();
    (solid >= 64)
        .then_some(len - window[..len].iter().rev().take_while(|b| !b.is_ascii_alphanumeric() && **b != b'=').count())
}
