//! Small charts as inline SVG. Every bar has its number beside it, so that no colour carries the meaning alone.

use std::fmt::Write;

/// Height of a row, in units of the drawing.
const ROW: usize = 26;
/// Where bars begin and how long the longest is.
const LEFT: usize = 190;
const LONGEST: usize = 340;

/// A bar: its name, and how long each of its pieces is (class of CSS and number).
pub(super) struct Bar<'a> {
    pub(super) name: &'a str,
    pub(super) pieces: Vec<(&'static str, usize)>,
}

/// Bars below each other, to one scale.
pub(super) fn bars(title: &str, bars: &[Bar<'_>]) -> String {
    let total = |bar: &Bar<'_>| bar.pieces.iter().map(|(_, n)| n).sum::<usize>();
    let most = bars.iter().map(total).max().unwrap_or(0).max(1);
    let (width, height) = (LEFT + LONGEST + 60, ROW * bars.len() + 4);
    let mut svg =
        format!("<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\" class=\"chart\">", escape(title));
    for (row, bar) in bars.iter().enumerate() {
        let y = row * ROW + 4;
        let name: String = shortened(bar.name, 19);
        let _ = write!(svg, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", LEFT - 8, y + 15, escape(&name));
        let mut x = LEFT;
        for (class, n) in bar.pieces.iter().filter(|(_, n)| *n > 0) {
            let length = (n * LONGEST / most).max(2);
            let _ =
                write!(svg, "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{length}\" height=\"{}\"/>", ROW - 6);
            x += length;
        }
        let _ = write!(svg, "<text x=\"{}\" y=\"{}\">{}</text>", x + 6, y + 15, total(bar));
    }
    svg.push_str("</svg>");
    svg
}

fn shortened(text: &str, most: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= most {
        return text.to_owned();
    }
    // The end of an address says more than its beginning.
    format!("…{}", chars[chars.len() - most + 1..].iter().collect::<String>())
}

/// A text inside HTML.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_one_scale_and_names_cannot_break_out() {
        let all = [
            Bar { name: "<script>alert(1)</script>", pieces: vec![("critical", 10), ("high", 0)] },
            Bar { name: "b", pieces: vec![("low", 5)] },
        ];
        let svg = bars("t\"", &all);
        assert!(svg.contains("width=\"340\"") && svg.contains("width=\"170\""), "{svg}");
        assert!(!svg.contains("<script") && svg.contains("aria-label=\"t&quot;\""), "{svg}");
        assert_eq!(bars("", &[]).matches("<rect").count(), 0);
    }
}
