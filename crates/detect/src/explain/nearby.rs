//! Keywords near a match, and how far away they stand.

use super::{Step, values};
use crate::{boundary, tokens};
use rules::Rule;

/// How far a keyword that stands too far away is looked for, in bytes.
const FAR: usize = 1024;

/// Whether a keyword of the rule speaks for a match at `at`. `token`: whether one line break between them is the most.
pub(super) fn keyword(rule: &Rule, bytes: &[u8], at: usize, token: bool) -> Step {
    let distance = rule.keyword_distance as usize;
    let near: Vec<(usize, &String)> =
        rule.keywords.iter().filter_map(|word| nearest(bytes, at, word, distance).map(|far| (far, word))).collect();
    let breaks = |far: usize| memchr::memchr_iter(b'\n', &bytes[at - far..at]).count();
    let speaks = |far: usize, word: &String| tokens::binds(&bytes[at - far..at], word);
    if let Some((far, word)) = near.iter().filter(|(far, word)| !token || speaks(*far, word)).min() {
        return Step::yes(format!(
            "the keyword {} starts {} before",
            values::quoted(word.as_bytes()),
            values::bytes(*far)
        ));
    }
    if boundary::is_bound_to_provider(bytes, at, rule) {
        return Step::yes("it is bound to the name of the provider");
    }
    if let Some((far, word)) = near.iter().min() {
        let word = values::quoted(word.as_bytes());
        let lines = breaks(*far);
        return Step::no(format!(
            "the keyword {word} stands {lines} lines before; it speaks for its own line, the next, and the block that it opens"
        ));
    }
    let words = values::list(&rule.keywords);
    Step::no(format!(
        "no keyword ({words}) starts a word within {} before{}",
        values::bytes(distance),
        elsewhere(rule, bytes, at)
    ))
}

/// Where a keyword stands that does not count.
fn elsewhere(rule: &Rule, bytes: &[u8], at: usize) -> String {
    let far = rule.keywords.iter().filter_map(|word| nearest(bytes, at, word, FAR).map(|far| (far, word))).min();
    if let Some((far, word)) = far {
        return format!("; {} starts {} before, too far away", values::quoted(word.as_bytes()), values::bytes(far));
    }
    let around = &bytes[at.saturating_sub(FAR)..(at + FAR).min(bytes.len())].to_ascii_lowercase();
    match rule.keywords.iter().find(|word| memchr::memmem::find(around, word.as_bytes()).is_some()) {
        Some(word) => format!("; {} stands only behind it or inside a longer word", values::quoted(word.as_bytes())),
        None => String::new(),
    }
}

/// How far before `at` the keyword starts that is nearest to it; `None` if there is none within `distance`.
fn nearest(bytes: &[u8], at: usize, word: &String, distance: usize) -> Option<usize> {
    let within = |far: usize| boundary::keyword_before(bytes, at, std::slice::from_ref(word), far);
    if !within(distance) {
        return None;
    }
    let (mut low, mut high) = (0, distance.min(at));
    while low + 1 < high {
        let middle = low.midpoint(high);
        if within(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_counts() {
        let text = b"github, and github again: HERE";
        let at = text.len() - 4;
        assert_eq!(nearest(text, at, &"github".to_owned(), 96), Some(14));
        assert_eq!(nearest(text, at, &"github".to_owned(), 13), None);
        assert_eq!(nearest(text, at, &"again".to_owned(), 96), Some(7));
    }
}
