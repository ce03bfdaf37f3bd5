//! An issue's text, written as each tracker reads it. Nobody is mentioned by text of the input, nothing is commanded, no
//! line of ours is faked.

use serde_json::{Value, json};
use std::fmt::Write;

/// A piece of an issue's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(Vec<Span>),
    /// An item of a list.
    Item(Vec<Span>),
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Words.
    Plain(String),
    /// Words that stand out.
    Bold(String),
    /// Text of the input, or of a command.
    Code(String),
}

impl Block {
    /// A paragraph of words; what stands between backticks is code.
    pub fn words(text: &str) -> Block {
        Block::Text(spans(text))
    }
}

/// Words in which what stands between backticks is code.
pub fn spans(text: &str) -> Vec<Span> {
    let mut all = Vec::new();
    for (n, piece) in text.split('`').enumerate().filter(|(_, piece)| !piece.is_empty()) {
        all.push(if n % 2 == 0 { Span::Plain(piece.to_owned()) } else { Span::Code(piece.to_owned()) });
    }
    all
}

/// Markdown, for GitHub and GitLab.
pub fn markdown(blocks: &[Block]) -> String {
    let mut text = String::new();
    let mut in_list = false;
    for block in blocks {
        let is_item = matches!(block, Block::Item(_));
        let goes_on = in_list && is_item;
        if !text.is_empty() && !goes_on {
            text.push('\n');
        }
        in_list = is_item;
        let line = |spans: &[Span]| spans.iter().map(markdown_span).collect::<String>();
        let _ = match block {
            Block::Heading(words) => writeln!(text, "### {}", prose(words)),
            // A command of GitLab begins its line with a slash.
            Block::Text(spans) => writeln!(text, "{}", unslashed(&line(spans))),
            Block::Item(spans) => writeln!(text, "- {}", line(spans)),
        };
    }
    text
}

fn markdown_span(span: &Span) -> String {
    match span {
        Span::Plain(words) => prose(words),
        Span::Bold(words) => format!("**{}**", prose(words).trim()),
        Span::Code(text) => {
            format!("`{}`", flat(text).replace('`', "'").replace("<!--", "< !--").replace("-->", "-- >"))
        }
    }
}

/// Jira's wiki markup, which version 2 of its interface takes.
pub fn wiki(blocks: &[Block]) -> String {
    let escaped = |text: &str| {
        let mut safe = String::new();
        for c in flat(text).chars() {
            if "{}[]*_-+^~?|!\\@#".contains(c) {
                safe.push('\\');
            }
            safe.push(c);
        }
        safe
    };
    let span = |span: &Span| match span {
        Span::Plain(words) => escaped(words),
        Span::Bold(words) => format!("*{}*", escaped(words.trim())),
        Span::Code(text) => format!("{{{{{}}}}}", escaped(text)),
    };
    let line = |spans: &[Span]| spans.iter().map(span).collect::<String>();
    let mut text = String::new();
    for block in blocks {
        let _ = match block {
            Block::Heading(words) => writeln!(text, "h3. {}", escaped(words)),
            Block::Text(spans) => writeln!(text, "{}\n", line(spans)),
            Block::Item(spans) => writeln!(text, "* {}", line(spans)),
        };
    }
    text
}

/// The document format of Atlassian, which version 3 of Jira's interface takes.
pub fn document(blocks: &[Block], last: &str) -> Value {
    let span = |span: &Span| match span {
        Span::Plain(words) => json!({"type": "text", "text": flat(words)}),
        Span::Bold(words) => json!({"type": "text", "text": flat(words), "marks": [{"type": "strong"}]}),
        Span::Code(text) => json!({"type": "text", "text": flat(text), "marks": [{"type": "code"}]}),
    };
    let paragraph = |spans: &[Span]| {
        let content: Vec<Value> = spans.iter().filter(|span| !span.text().is_empty()).map(span).collect();
        json!({"type": "paragraph", "content": content})
    };
    let mut content: Vec<Value> = Vec::new();
    for block in blocks {
        match block {
            Block::Heading(words) => content.push(
                json!({"type": "heading", "attrs": {"level": 3}, "content": [{"type": "text", "text": flat(words)}]}),
            ),
            Block::Text(spans) => content.push(paragraph(spans)),
            Block::Item(spans) => {
                let item = json!({"type": "listItem", "content": [paragraph(spans)]});
                match content.last_mut().filter(|last| last["type"] == "bulletList") {
                    Some(list) => list["content"].as_array_mut().expect("a list has items").push(item),
                    None => content.push(json!({"type": "bulletList", "content": [item]})),
                }
            }
        }
    }
    content.push(json!({"type": "paragraph", "content": [{"type": "text", "text": last}]}));
    json!({"type": "doc", "version": 1, "content": content})
}

/// The document with as many blocks as fit into `most` bytes of JSON, and a word where some are left out.
pub fn document_within(blocks: &[Block], last: &str, most: usize) -> Value {
    let whole = document(blocks, last);
    if whole.to_string().len() <= most {
        return whole;
    }
    let first = |count: usize| {
        let mut kept = blocks[..count].to_vec();
        kept.push(Block::words("And more than fits here: `deadkey tickets list` and `deadkey tickets show`."));
        document(&kept, last)
    };
    // A document grows with each block, so the longest that fits is found by halving.
    let (mut fits, mut too_long) = (0, blocks.len());
    while too_long - fits > 1 {
        let middle = fits + (too_long - fits) / 2;
        if first(middle).to_string().len() <= most { fits = middle } else { too_long = middle }
    }
    first(fits)
}

/// The text of a document, a line a piece of text.
pub fn document_text(document: &Value) -> String {
    let mut text = String::new();
    let mut open = vec![document];
    while let Some(node) = open.pop() {
        if let Some(words) = node["text"].as_str() {
            text.push_str(words);
            text.push('\n');
        }
        if let Some(content) = node["content"].as_array() {
            open.extend(content.iter().rev());
        }
    }
    text
}

impl Span {
    fn text(&self) -> &str {
        match self {
            Span::Plain(text) | Span::Bold(text) | Span::Code(text) => text,
        }
    }
}

fn flat(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Words that mention nobody and mark nothing up.
fn prose(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in flat(text).chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            // A character without width keeps a name from being a mention.
            '@' => safe.push_str("@\u{200b}"),
            '[' | ']' | '*' | '_' | '~' | '|' | '\\' | '`' => {
                safe.push('\\');
                safe.push(c);
            }
            c => safe.push(c),
        }
    }
    safe
}

fn unslashed(line: &str) -> String {
    if line.starts_with(['/', '#', '>', '-', '+']) { format!("\\{line}") } else { line.to_owned() }
}

/// At most so many characters.
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_text_in_three_forms() {
        let blocks = [
            Block::Heading("Where".to_owned()),
            Block::Item(vec![
                Span::Code("a_b.env".to_owned()),
                Span::Plain(" of ".to_owned()),
                Span::Bold("x".to_owned()),
            ]),
            Block::words("Say `deadkey tickets list`."),
        ];
        assert_eq!(markdown(&blocks), "### Where\n\n- `a_b.env` of **x**\n\nSay `deadkey tickets list`.\n");
        assert_eq!(wiki(&blocks), "h3. Where\n* {{a\\_b.env}} of *x*\nSay {{deadkey tickets list}}.\n\n");
        let document = document(&blocks, "the end");
        assert_eq!(document["content"][1]["type"], "bulletList");
        assert_eq!(document_text(&document).lines().last(), Some("the end"));
    }

    proptest! {
        #[test]
        fn a_document_keeps_its_marker_and_as_much_as_fits(words in proptest::collection::vec("\\PC{0,40}", 0..60), most in 400usize..6_000) {
            let blocks: Vec<Block> = words.iter().map(|words| Block::Item(vec![Span::Code(words.clone())])).collect();
            let whole = document(&blocks, "the end");
            let within = document_within(&blocks, "the end", most);
            prop_assert!(within.to_string().len() <= most);
            let text = document_text(&within);
            prop_assert_eq!(text.lines().last(), Some("the end"));
            let is_whole = whole.to_string().len() <= most;
            prop_assert_eq!(within == whole, is_whole);
            prop_assert_eq!(text.contains("more than fits"), !is_whole);
        }

        #[test]
        fn input_commands_nothing_mentions_nobody_and_makes_no_line(text in "\\PC{0,40}", more in "[/#@<>!`\\n -]{0,20}") {
            let text = text + &more;
            for block in [Block::Text(vec![Span::Plain(text.clone())]), Block::Text(vec![Span::Code(text.clone())])] {
                let written = markdown(&[block]);
                prop_assert_eq!(written.lines().count(), 1, "{}", written);
                prop_assert!(!written.starts_with('/') && !written.contains("<!--"), "{}", written);
            }
            let plain = markdown(&[Block::Text(vec![Span::Plain(text)])]);
            let mentions = plain.match_indices('@').filter(|(at, _)| !plain[at + 1..].starts_with('\u{200b}')).count();
            prop_assert_eq!(mentions, 0);
        }
    }
}
