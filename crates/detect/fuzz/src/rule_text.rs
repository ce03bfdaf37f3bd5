//! Any text as a rule file: an error that a person can use, or rules that keep the compiler's promises.

use rules::{Error, Ruleset};

const FILE: &str = "fuzzed.toml";
/// Errors are for people: no longer than this many bytes for each byte of the text, and a few sentences.
const ERROR: usize = 2000;

/// Adds the text to no rules; `None` where it is refused.
pub fn read(data: &[u8]) -> Option<Ruleset> {
    let text = std::str::from_utf8(data).ok()?;
    let mut ruleset = Ruleset::empty();
    let before = ruleset.digest().to_owned();
    match ruleset.add_text(FILE, text) {
        Err(error) => {
            is_readable(&error, text);
            assert!(ruleset.rules().is_empty() && ruleset.digest() == before, "a refused text leaves nothing behind");
            None
        }
        Ok(()) => {
            keeps_promises(&ruleset);
            is_repeatable(&ruleset, text);
            Some(ruleset)
        }
    }
}

fn is_readable(error: &Error, text: &str) {
    let message = error.to_string();
    assert!(message.starts_with(FILE), "an error names its file");
    assert!(message.len() <= ERROR + 4 * text.len(), "an error of {} bytes", message.len());
    let lines = text.split('\n').count();
    assert!(error.line().is_none_or(|line| (1..=lines).contains(&line)), "an error on a line that is not there");
}

fn keeps_promises(ruleset: &Ruleset) {
    let mut ids: Vec<&str> = ruleset.rules().iter().map(|rule| rule.id.as_str()).collect();
    ids.sort_unstable();
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "two rules with one id");
    for (index, rule) in ruleset.rules().iter().enumerate() {
        assert!(ruleset.get(&rule.id).is_some_and(|(at, _)| at == index), "a rule is found by its id");
        assert!(rule.reach.before <= LONGEST && rule.reach.after <= LONGEST, "a reach of {:?}", rule.reach);
        assert!(ruleset.details(index).source.starts_with(FILE), "a rule says where it stands");
    }
}

/// No rule reads farther than this, in bytes: a stream keeps so much in memory.
const LONGEST: u32 = 2 << 20;

fn is_repeatable(ruleset: &Ruleset, text: &str) {
    let mut again = Ruleset::empty();
    again.add_text(FILE, text).expect("the same text is read the same way");
    assert!(again.rules() == ruleset.rules(), "the same text gives the same rules");
    assert!(again.digest() == ruleset.digest(), "the same text gives the same digest");
    assert!(again.warnings() == ruleset.warnings(), "the same text gives the same warnings");
    let rules = again.rules().len();
    again.add_text(FILE, text).expect("a text can replace itself");
    assert!(again.rules().len() == rules, "a rule replaces the older one with its id");
}
