//! Clean text and its map, for people and for comparison: a line each.

use logs::{CleanText, Framing, Mark, MarkKind, Reading, Stream};
use std::fmt::Write;

/// The clean text, line by line: where it stands, when and where it was written, what it is.
pub fn clean(clean: &CleanText) -> String {
    let mut out = String::new();
    let mut at = clean.base();
    for line in clean.bytes().split_inclusive(|b| *b == b'\n') {
        let end = at + line.len() as u64;
        let place = clean.place(at..end).expect("at hand");
        let context = clean.context(at);
        let scene = &context.scene;
        let _ = write!(out, "{}:{} @{}", place.start.line, place.start.column, place.start.offset);
        if let Some(time) = context.time {
            let _ = write!(out, " {time}");
        }
        match context.stream {
            Some(Stream::Stdout) => out.push_str(" out"),
            Some(Stream::Stderr) => out.push_str(" err"),
            None => {}
        }
        if let Some(job) = &scene.job {
            let _ = write!(out, " job={job}");
        }
        if let Some(attempt) = scene.attempt {
            let _ = write!(out, " attempt={attempt}");
        }
        if let Some(step) = &scene.step {
            let _ = write!(out, " step={}:{}", step.number, step.name);
        }
        if let Some(group) = &scene.group {
            let _ = write!(out, " group={group}");
        }
        if context.reading != Reading::Plain {
            let _ = write!(out, " {:?}", context.reading);
        }
        let _ = writeln!(out, " | {}", line.strip_suffix(b"\n").unwrap_or(line).escape_ascii());
        at = end;
    }
    out
}

/// The marks, a line each, with the text they are on.
pub fn marks(clean: &CleanText, marks: &[Mark]) -> String {
    let shown = |range: &std::ops::Range<u64>| {
        clean.get(range.clone()).map(|b| b.escape_ascii().to_string()).unwrap_or_default()
    };
    let mut lines = Vec::new();
    logs::masks(clean.bytes(), |mask| {
        let span = clean.base() + mask.start as u64..clean.base() + mask.end as u64;
        lines.push((span.start, format!("Mask {:?}", shown(&span))));
    });
    for mark in marks {
        let what = match &mark.kind {
            MarkKind::Entry { block, name, value } => format!("{block:?} {:?} = {:?}", shown(name), shown(value)),
            MarkKind::Step(name) => format!("Step {name:?}"),
            MarkKind::Open(name) => format!("Open {name:?}"),
            kind => format!("{kind:?} {:?}", shown(&mark.span)),
        };
        lines.push((mark.span.start, what));
    }
    // Where both begin, the mark is first.
    lines.sort_by_key(|(start, what)| (*start, what.starts_with("Mask ")));
    lines.iter().map(|(start, what)| format!("{start} {what}\n")).collect()
}

/// The names of framings.
pub fn framings(framings: &[Framing]) -> String {
    framings.iter().map(|f| f.name()).collect::<Vec<_>>().join(" ")
}
