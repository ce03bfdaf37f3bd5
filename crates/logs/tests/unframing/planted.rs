//! A token in every framing, whole or split as logs split it, comes out whole, and its place is exact.

use logs::{Framing, Limits, Unframer};
use testkit::{Framed, Page, Rng, secrets};

/// The clean text of a log of a known framing.
fn unframed(framed: &Framed, log: &[u8]) -> Unframer {
    let framing = Framing::named(framed.name).expect("a framing");
    let mut unframer = Unframer::new(&[framing], Limits::default());
    unframer.feed(log);
    unframer.finish();
    unframer
}

/// Checks that `token`, the last text on the page, comes out of it whole and stands where its first and last byte do.
fn check(framed: &Framed, page: &Page, token: &[u8], is_last: bool) {
    let input = &page.bytes;
    let unframer = unframed(framed, input);
    let clean = unframer.clean();
    let at = clean.bytes().windows(token.len()).position(|w| w == token);
    let at = at.unwrap_or_else(|| panic!("{}: {}", framed.name, clean.bytes().escape_ascii())) as u64;
    let place = clean.place(at..at + token.len() as u64).expect("at hand");
    let end = page.text.last().expect("a text").end;
    let start = page.text[page.text.len() - token.len()].start;
    assert!(!is_last || place.start.offset == start as u64, "{}", framed.name);
    assert_eq!(place.end.offset, end as u64, "{}", framed.name);
    let before = &input[..place.start.offset as usize];
    let lines = before.iter().filter(|b| **b == b'\n').count() as u64;
    assert_eq!(place.start.line, lines + 1, "{}", framed.name);
    let line = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let column = String::from_utf8_lossy(&before[line..]).encode_utf16().count() as u64 + 1;
    assert_eq!(place.start.column, column, "{}", framed.name);
}

#[test]
fn every_framing_has_a_writer() {
    let written: Vec<&str> = Framed::ALL.iter().map(|framed| framed.name).collect();
    let missing: Vec<&str> = Framing::all().map(Framing::name).filter(|name| !written.contains(name)).collect();
    assert_eq!((missing, written.len()), (Vec::new(), Framing::all().count()));
}

#[test]
fn what_is_written_is_recognised() {
    for framed in Framed::ALL {
        let mut page = framed.begin();
        (framed.line)(&mut page, b"added 120 packages in 3s");
        framed.end(&mut page);
        assert_eq!(logs::recognise(&page.bytes).framings[0].name(), framed.name);
    }
}

#[test]
fn a_token_comes_out_whole() {
    let mut rng = Rng::new(7);
    for framed in Framed::ALL {
        let token = secrets::github_classic(&mut rng);
        let mut page = framed.begin();
        (framed.line)(&mut page, &token);
        check(&framed, &page, &token, true);
        let coloured = [&token[..9], b"\x1b[0m", &token[9..20], b"\x1b[31m", &token[20..]].concat();
        let mut page = framed.begin();
        (framed.line)(&mut page, &coloured);
        // The map has the colours, too: the token begins before them.
        check(&framed, &page, &token, false);
    }
}

#[test]
fn a_token_in_two_parts_comes_out_whole() {
    let mut rng = Rng::new(8);
    for framed in Framed::ALL {
        let Some(split) = framed.split else { continue };
        let token = secrets::github_classic(&mut rng);
        let mut page = framed.begin();
        // A terminal wraps at its edge.
        let edge = if framed.name == "typescript" { "level=".repeat(13)[..62].to_owned() + "=" } else { String::new() };
        split(&mut page, &[&[edge.as_bytes(), &token[..17]].concat()], &token[17..], true);
        check(&framed, &page, &token, true);
    }
}

#[test]
fn wrapped_base64_comes_out_as_lines_of_equal_width() {
    let mut rng = Rng::new(9);
    let text = rng.text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 76 * 4 + 20);
    let wrapped: Vec<u8> = text.chunks(76).flat_map(|c| [c, b"\n"].concat()).collect();
    for framed in Framed::ALL {
        let mut page = framed.begin();
        text.chunks(76).for_each(|line| (framed.line)(&mut page, line));
        let unframer = unframed(&framed, &page.bytes);
        let shown = unframer.clean().bytes();
        assert!(shown.windows(wrapped.len()).any(|w| w == wrapped), "{}: {}", framed.name, shown.escape_ascii());
    }
}

/// The lines of an armoured block, with a line of another stream after its second.
fn mixed(framed: &Framed, lines: &[&[u8]]) -> Page {
    let mut page = framed.begin();
    for (index, line) in lines.iter().enumerate() {
        match framed.split.filter(|_| index == 2) {
            Some(split) => split(&mut page, &[&line[..5]], &line[5..], true),
            None => (framed.line)(&mut page, line),
        }
    }
    framed.end(&mut page);
    page
}

#[test]
fn a_block_is_read_without_the_lines_of_another_stream() {
    let mut rng = Rng::new(9);
    let key = secrets::private_key(&mut rng);
    let lines: Vec<&[u8]> = key.trim_ascii_end().split(|byte| *byte == b'\n').collect();
    for framed in ["docker", "cri", "circleci", "gitlab-timed"].map(Framed::named) {
        let page = mixed(&framed, &lines);
        let unframer = unframed(&framed, &page.bytes);
        let clean = unframer.clean();
        let block = key.trim_ascii_end();
        let at = clean.bytes().windows(block.len()).position(|window| window == block);
        let at = at.unwrap_or_else(|| panic!("{}: {}", framed.name, clean.bytes().escape_ascii())) as u64;
        assert_eq!(clean.context(at).reading, logs::Reading::Armour, "{}", framed.name);
        super::places::check(clean, &page.bytes);
    }
}
