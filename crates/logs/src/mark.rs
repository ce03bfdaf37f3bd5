//! What a log says besides text: groups, environment blocks, masks.

use std::ops::Range;
use std::sync::Arc;

/// Which block an entry stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Block {
    /// `env:`: the environment of the step.
    Env,
    /// `with:`: the inputs of an action.
    With,
    /// A table with a column of names and one of values, such as `vault read` prints.
    Table,
}

/// What a mark is. Ranges are offsets in the clean text. Names are text of the log: they may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// A step begins.
    Step(Arc<str>),
    /// A group or section begins.
    Open(Arc<str>),
    /// The innermost group or section ends.
    Close,
    /// `NAME: value` of a printed block. The value's further lines are [`MarkKind::EntryTail`].
    Entry {
        /// Which block.
        block: Block,
        /// The name.
        name: Range<u64>,
        /// The value, perhaps empty.
        value: Range<u64>,
    },
    /// A further line of the value of the entry before.
    EntryTail,
    /// A command the shell or the runner says it runs.
    Command,
    /// The value given to `add-mask`: printed, although it is to be hidden.
    AddMask,
    /// The runner reports an error.
    Error,
}

impl MarkKind {
    /// Whether it says that text is a value.
    pub(crate) fn is_value(&self) -> bool {
        matches!(self, MarkKind::Entry { .. } | MarkKind::EntryTail | MarkKind::AddMask)
    }
}

/// A mark on clean text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where it stands in the clean text.
    pub span: Range<u64>,
    /// What it is.
    pub kind: MarkKind,
}

/// Hands out, in order, where in `text` a system wrote a mask in place of a secret: `***` to `********`, `[MASKED]`, `[REDACTED]`, `[secure]`. Takes
/// time linear in the text.
pub fn masks(text: &[u8], mut each: impl FnMut(Range<usize>)) {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'*', b']', &text[at..]) {
        let start = at + found;
        if text[start] == b'*' {
            let len = text[start..].iter().take_while(|b| **b == b'*').count();
            if (3..=8).contains(&len) {
                each(start..start + len);
            }
            at = start + len;
        } else {
            at = start + 1;
            if let Some(word) = WORDS.iter().find(|word| text[..at].ends_with(word)) {
                each(at - word.len()..at);
            }
        }
    }
}

/// Masks that are words.
const WORDS: [&[u8]; 4] = [b"[MASKED]", b"[REDACTED]", b"[secure]", b"[SECURE]"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_told_from_rules() {
        let mut found = Vec::new();
        let text = b"[*] a=*** glpat-[MASKED] ** ********** x********y[ED] [secure]";
        masks(text, |r| found.push(std::str::from_utf8(&text[r]).expect("text").to_owned()));
        assert_eq!(found, ["***", "[MASKED]", "********", "[secure]"]);
    }
}
