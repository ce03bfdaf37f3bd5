//! What somebody may have meant who mistyped a name.

/// How alike two names must be, from 0 to 1 (Jaro).
const ALIKE: f64 = 0.75;

/// The name most like `wanted`, if any is like it.
pub fn nearest<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = wanted.to_ascii_lowercase();
    let scored = names.into_iter().map(|name| (strsim::jaro(&wanted, &name.to_ascii_lowercase()), name));
    let best = scored.filter(|(score, _)| *score >= ALIKE).reduce(|a, b| if b.0 > a.0 { b } else { a });
    best.map(|(_, name)| name)
}

/// The same as a question for an error: ` (did you mean 'sarif'?)`; empty if none is like it.
pub fn question<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    nearest(wanted, names).map_or_else(String::new, |name| format!(" (did you mean '{name}'?)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_understood_and_others_are_not() {
        let names = ["text", "jsonl", "sarif", "markdown"];
        assert_eq!(question("srif", names), " (did you mean 'sarif'?)");
        assert_eq!(nearest("makrdown", names), Some("markdown"));
        assert_eq!(nearest("JSON", names), Some("jsonl"));
        assert_eq!(question("yaml", names), "");
    }
}
