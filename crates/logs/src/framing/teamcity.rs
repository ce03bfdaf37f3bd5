//! TeamCity: service messages, `##teamcity[name a='v' b='v']`, whose values are unescaped to lines; downloaded logs,
//! `[HH:MM:SS]W: [Step 1/2] text`.

use super::{NO_DIALECT, Spec};
use crate::layer::{Layer, Out};
use crate::line::{End, Line, LineBuffer};
use crate::position::Kind;
use crate::run::{Own, Prefixes, Signs};
use crate::split::Shape;
use crate::time::Time;
use memchr::memmem::Finder;
use std::ops::Range;
use std::sync::LazyLock;

pub(super) const SPEC: Spec = Spec {
    name: "teamcity",
    title: "TeamCity build log",
    shape: Shape::Lines,
    sniff: |head| {
        head.count(|line| memchr::memmem::find(line, MESSAGE).is_some()) > 0
            || head.share(2, |line| clock_len(line).is_some())
    },
    layer: |_| Some(Box::new(TeamCity::default())),
    dialects: NO_DIALECT,
    inside: &[],
};

const MESSAGE: &[u8] = b"##teamcity[";
/// Looked for in every line.
static MESSAGES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(MESSAGE));

/// Length of `[HH:MM:SS]W:` and the blanks behind it.
fn clock_len(text: &[u8]) -> Option<usize> {
    let [b'[', a, b, b':', c, d, b':', e, f, b']', level, rest @ ..] = text else { return None };
    let is_clock = [a, b, c, d, e, f].iter().all(|digit| digit.is_ascii_digit());
    let is_level =
        matches!(level, b':') || (matches!(level, b'W' | b'E' | b'i' | b'F' | b' ') && rest.first() == Some(&b':'));
    let at = 11 + usize::from(*level != b':');
    let blanks = text.get(at..)?.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    (is_clock && is_level).then_some(at + blanks)
}

#[derive(Clone, Debug, Default)]
struct TeamCity {
    time: Option<Time>,
    scratch: LineBuffer,
}

impl Layer for TeamCity {
    fn signs(&self) -> Option<Signs> {
        Some(Signs { needle: Some(&MESSAGES), prefixes: Prefixes::Any, ..Signs::default() })
    }

    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        let line = if line.continues { *line } else { headless(line, out) };
        let text = line.text();
        let Some(at) = MESSAGES.find(text) else { return out.line(&line) };
        let Some(message) = Message::read(text, at) else { return out.line(&line) };
        if at > 0 {
            out.line(&line.part(0..at));
        }
        self.message(&line, &message, out);
        if text[message.end..].iter().any(|b| *b > b' ') {
            out.line(&line.strip(message.end));
        }
    }

    fn prefix(&mut self, line: &[u8], _: &mut Own<'_>, _: &mut Out<'_>) -> Option<usize> {
        clock_len(line).is_none().then_some(0)
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

/// The line without the clock of a downloaded log; `[Step 1/2] ` names the step.
fn headless<'a>(line: &Line<'a>, out: &mut Out<'_>) -> Line<'a> {
    let Some(len) = clock_len(line.text()) else { return *line };
    let rest = line.strip(len);
    let text = rest.text();
    if let Some(step) = text.strip_prefix(b"[Step ")
        && let Some(end) = memchr::memchr(b']', &step[..step.len().min(16)])
    {
        out.sink.story.set_named_step(&text[1..6 + end], rest.point(rest.from).line);
        let blank = usize::from(step.get(end + 1) == Some(&b' '));
        return rest.strip(6 + end + 1 + blank);
    }
    rest
}

/// A service message.
struct Message<'a> {
    name: &'a [u8],
    /// Names and values, as ranges of the text; a value without a name has an empty one.
    attributes: Vec<(Range<usize>, Range<usize>)>,
    end: usize,
}

impl<'a> Message<'a> {
    fn read(text: &'a [u8], at: usize) -> Option<Message<'a>> {
        let mut end = at + MESSAGE.len();
        let len = text[end..].iter().take(64).take_while(|b| b.is_ascii_alphanumeric()).count();
        let name = &text[end..end + len];
        end += len;
        let mut attributes = Vec::new();
        loop {
            while text.get(end) == Some(&b' ') {
                end += 1;
            }
            if text.get(end)? == &b']' {
                return (len > 0).then_some(Message { name, attributes, end: end + 1 });
            }
            let from = end;
            while text.get(end)?.is_ascii_alphanumeric() || text[end] == b'_' {
                end += 1;
            }
            let label = from..end;
            while matches!(text.get(end), Some(b'=' | b' ')) {
                end += 1;
            }
            let value = quoted(text, end)?;
            end = value.end + 1;
            if attributes.len() < 64 {
                attributes.push((label, value));
            }
        }
    }

    fn value(&self, text: &[u8], name: &[u8]) -> Option<Range<usize>> {
        self.attributes.iter().find(|(label, _)| &text[label.clone()] == name).map(|(_, value)| value.clone())
    }
}

/// The inside of the quoted value that begins at `at`; `|` escapes.
fn quoted(text: &[u8], at: usize) -> Option<Range<usize>> {
    if text.get(at) != Some(&b'\'') {
        return None;
    }
    let mut end = at + 1;
    loop {
        end += memchr::memchr2(b'\'', b'|', text.get(end..)?)?;
        if text[end] == b'\'' {
            return Some(at + 1..end);
        }
        end += 2;
    }
}

/// Attributes that hold no text of a person.
const KNOWN: [&[u8]; 6] = [b"flowId", b"parent", b"timestamp", b"status", b"nodeId", b"parentNodeId"];

impl TeamCity {
    fn message(&mut self, line: &Line<'_>, message: &Message<'_>, out: &mut Out<'_>) {
        let text = line.text();
        if let Some((time, _)) = message.value(text, b"timestamp").and_then(|v| Time::iso(&text[v])) {
            self.time = Some(time);
        }
        let number = line.point(line.from).line;
        let name = message.value(text, b"name").map(|v| &text[v]);
        match (message.name, name) {
            (b"blockOpened", Some(name)) => out.sink.section(name, true, number),
            (b"blockClosed", Some(name)) => out.sink.section(name, false, number),
            _ => {}
        }
        let pair = message.value(text, b"name").zip(message.value(text, b"value"));
        for (label, value) in &message.attributes {
            let label = &text[label.clone()];
            if KNOWN.contains(&label) || (pair.is_some() && label == b"name") {
                continue;
            }
            self.begin();
            self.scratch.push(b"", line.point(line.from + value.start), Kind::Whole(0));
            if let Some((name, _)) = pair.as_ref().filter(|(_, first)| first == value) {
                self.unescape(line, name.clone(), out);
                self.scratch.push(b"=", line.point(line.from + value.start), Kind::Whole(0));
            }
            self.unescape(line, value.clone(), out);
            out.line(&self.scratch.line());
        }
        if message.attributes.is_empty() {
            out.line(&line.part(0..0));
        }
    }

    fn begin(&mut self) {
        self.scratch.clear();
        self.scratch.time = self.time;
    }

    /// Unescapes a value into the scratch line; lines that end within it are handed on.
    fn unescape(&mut self, line: &Line<'_>, value: Range<usize>, out: &mut Out<'_>) {
        let text = line.text();
        let mut at = value.start;
        while at < value.end {
            let plain = memchr::memchr(b'|', &text[at..value.end]).unwrap_or(value.end - at);
            crate::screen::flush(&mut self.scratch, line, Some(at..at + plain));
            at += plain;
            if at == value.end {
                break;
            }
            let (what, len) = escape(&text[at..value.end]);
            let point = line.point(line.from + at);
            let mut utf8 = [0; 4];
            if what == '\n' {
                self.scratch.end = End::At(point, len as u32);
                out.line(&self.scratch.line());
                self.begin();
                self.scratch.push(b"", point, Kind::Whole(0));
            } else {
                self.scratch.push(what.encode_utf8(&mut utf8).as_bytes(), point, Kind::Whole(len as u32));
            }
            at += len;
        }
    }
}

/// The escape at the start of `text`, and its length; what is none stands for its bar.
fn escape(text: &[u8]) -> (char, usize) {
    match text.get(1) {
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b'x') => ('\u{85}', 2),
        Some(b'l') => ('\u{2028}', 2),
        Some(b'p') => ('\u{2029}', 2),
        Some(c @ (b'|' | b'\'' | b'[' | b']')) => (char::from(*c), 2),
        Some(b'0') => unicode(text).unwrap_or(('|', 1)),
        _ => ('|', 1),
    }
}

/// `|0xNNNN`, or two of them.
fn unicode(text: &[u8]) -> Option<(char, usize)> {
    let unit = |text: &[u8]| {
        let digits = text.strip_prefix(b"|0x")?.get(..4)?;
        digits.iter().try_fold(0_u32, |v, b| Some(v * 16 + (*b as char).to_digit(16)?))
    };
    let first = unit(text)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, 7));
    }
    let second = text.get(7..).and_then(unit).filter(|u| (0xdc00..0xe000).contains(u) && first < 0xdc00);
    let c = second.and_then(|second| char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)));
    Some(c.map_or((char::REPLACEMENT_CHARACTER, 7), |c| (c, 14)))
}
