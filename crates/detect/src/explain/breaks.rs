//! Where a shape or an expression breaks off.

use super::values;
use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{Hir, HirKind};
use rules::shape::{Shape, Step};

/// In one line, how far the alternative that gets furthest matches at the start of `text`, and what it wants there.
pub(super) fn describe(shape: &Shape, text: &[u8]) -> String {
    let breaks = shape.alternatives.iter().filter_map(|steps| first_break(shape, steps, text));
    let Some(furthest) = breaks.max_by_key(|b| b.after + b.inside) else { return "the shape fits".to_owned() };
    let Break { after, inside, part, parts, wanted, .. } = &furthest;
    let next = values::kind(text.get(after + inside).copied());
    let got = match inside {
        0 => format!("{next} stands there"),
        _ => format!("{inside} stand there, then {next}"),
    };
    let of = if *parts > 1 { format!(", in part {part} of {parts}") } else { String::new() };
    format!("the shape breaks off after {}{of}: {wanted} wanted, {got}", values::bytes(after + inside))
}

/// Where an alternative stops to match.
struct Break {
    /// Bytes that the parts before took.
    after: usize,
    /// Bytes that the part itself took.
    inside: usize,
    part: usize,
    parts: usize,
    wanted: String,
}

fn first_break(shape: &Shape, steps: &[Step], text: &[u8]) -> Option<Break> {
    let parts = steps.iter().filter(|step| !matches!(step, Step::Mark(_)));
    let (mut after, count) = (0, parts.clone().count());
    for (i, step) in parts.enumerate() {
        let rest = &text[after..];
        let (inside, enough, wanted) = match step {
            Step::Literal(bytes) => {
                let same = rest.iter().zip(bytes).take_while(|(a, b)| a == b).count();
                (same, same == bytes.len(), values::quoted(bytes))
            }
            Step::Class { set, min, max } => {
                let (min, max) = (usize::from(*min), usize::from(*max));
                let set = &shape.sets[usize::from(*set)];
                let same = rest.iter().take(max).take_while(|b| set.contains(**b)).count();
                (same, same >= min, format!("{} of {}", values::range(min, max), values::class(set)))
            }
            Step::Mark(_) => continue,
        };
        if !enough {
            return Some(Break { after, inside, part: i + 1, parts: count, wanted });
        }
        after += inside;
    }
    None
}

/// The longest head of an expression that matches `text` at `at`: how many bytes it takes, and the part that does not
/// match behind it. `None` if the whole expression matches. Builds an expression for each part, so it takes
/// milliseconds.
pub(super) fn longest_head(pattern: &str, text: &[u8], at: usize) -> Option<(usize, String)> {
    let mut parts = Vec::new();
    flatten(&rules::pattern::parse(pattern).ok()?, &mut parts);
    for count in (0..=parts.len()).rev() {
        let head = Hir::concat(parts[..count].to_vec());
        let Ok(regex) = Regex::builder().build_from_hir(&head) else { continue };
        if let Some(found) = regex.find(Input::new(text).range(at..).anchored(Anchored::Yes)) {
            return parts.get(count).map(|part| (found.len(), plain(&part.to_string())));
        }
    }
    None
}

/// A printed part without the flags that the printer puts around its classes: `(?-u:[0-9]){4}` as `[0-9]{4}`.
fn plain(printed: &str) -> String {
    let mut plain = String::with_capacity(printed.len());
    let mut pieces = printed.split("(?-u:");
    plain.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        match piece.split_once("])") {
            Some((class, rest)) if piece.starts_with('[') => plain.extend([class, "]", rest]),
            _ => plain.extend(["(?:", piece]),
        }
    }
    plain
}

/// The parts of an expression that follow each other, out of their groups.
fn flatten(hir: &Hir, into: &mut Vec<Hir>) {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().for_each(|part| flatten(part, into)),
        HirKind::Capture(capture) => flatten(&capture.sub, into),
        _ => into.push(hir.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_tells_how_far_it_gets() {
        let pattern = "knd:(?P<secret>[a-z]{3}-[0-9]{4});";
        assert_eq!(longest_head(pattern, b"xx knd:abc-12x", 3), Some((8, "[0-9]{4}".to_owned())));
        assert_eq!(longest_head(pattern, b"knd:abc-1234;", 0), None);
    }
}
