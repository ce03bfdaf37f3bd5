//! Streams: constant memory, what is open shows in a preview, limits are told.

use super::dump;
use logs::{Framing, LimitKind, Limits, Unframer};

fn named(name: &str) -> Framing {
    Framing::named(name).expect("a framing")
}

#[test]
fn memory_stays_constant() {
    let line = b"2026-01-02T03:04:05.1234567Z ##[command]\x1b[32msome output\x1b[0m with key=*** in it\n";
    let mut unframer = Unframer::new(&[named("github")], Limits::default());
    let chunk = line.repeat(1000);
    for _ in 0..300 {
        unframer.feed(&chunk);
        let end = unframer.clean().end();
        unframer.forget(end.saturating_sub(100));
        assert!(unframer.clean().bytes().len() <= 100);
        assert_eq!(unframer.take_marks().len(), 1000);
    }
    let clean = unframer.clean();
    let place = clean.place(clean.end() - 10..clean.end()).expect("at hand");
    assert_eq!((place.end.line, place.end.column), (300_001, 1));
    assert_eq!(place.end.offset, 300_000 * line.len() as u64);
}

#[test]
fn an_endless_line_goes_through_joined() {
    let limits = Limits { line: 1000, ..Limits::default() };
    let mut unframer = Unframer::new(&[named("github")], limits);
    unframer.feed(b"2026-01-02T03:04:05.1234567Z ");
    let mut sent = Vec::new();
    for n in 0..4000_u32 {
        let piece = format!("{n:06}\x1b[0m-");
        sent.extend_from_slice(format!("{n:06}-").as_bytes());
        unframer.feed(piece.as_bytes());
    }
    assert!(unframer.clean().end() > 20_000, "what is over the limit has come out");
    unframer.feed(b"\nnext\n");
    unframer.finish();
    sent.extend_from_slice(b"\nnext\n");
    assert_eq!(unframer.clean().bytes(), sent);
    let limits = unframer.take_limits();
    assert_eq!(limits.iter().map(|l| (l.kind, l.line)).collect::<Vec<_>>(), [(LimitKind::LongLine, 1)]);
}

#[test]
fn a_long_record_is_read_as_it_stands() {
    let limits = Limits { line: 100, ..Limits::default() };
    let mut unframer = Unframer::new(&[named("docker")], limits);
    let long = "x".repeat(300);
    let input =
        format!("{{\"log\":\"{long}\\n\",\"stream\":\"stdout\"}}\n{{\"log\":\"next\\n\",\"stream\":\"stdout\"}}\n");
    unframer.feed(input.as_bytes());
    unframer.finish();
    let shown = String::from_utf8_lossy(unframer.clean().bytes()).into_owned();
    assert!(shown.contains(&long) && shown.ends_with("\nnext\n"), "{shown}");
    assert_eq!(unframer.take_limits()[0].kind, LimitKind::LongLine);
}

#[test]
fn parts_without_end_are_cut() {
    let limits = Limits { open: 100, streams: 1, ..Limits::default() };
    let mut unframer = Unframer::new(&[named("cri")], limits);
    for n in 0..30 {
        unframer.feed(format!("2026-01-02T03:04:05Z stdout P part {n} \n").as_bytes());
    }
    unframer.feed(b"2026-01-02T03:04:05Z stderr P other\n");
    unframer.finish();
    let kinds: Vec<LimitKind> = unframer.take_limits().iter().map(|l| l.kind).collect();
    assert!(kinds.contains(&LimitKind::OpenLine) && kinds.contains(&LimitKind::Streams), "{kinds:?}");
    let joined: String = String::from_utf8_lossy(unframer.clean().bytes()).replace('\n', "");
    assert!((0..30).all(|n| joined.contains(&format!("part {n} "))) && joined.contains("other"));
}

#[test]
fn a_preview_shows_what_is_open() {
    let preview = |name: &str, input: &str| {
        let mut unframer = Unframer::new(&[named(name)], Limits::default());
        unframer.feed(input.as_bytes());
        assert_eq!(unframer.clean().bytes(), b"", "nothing is complete");
        dump::clean(&unframer.preview())
    };
    assert_eq!(
        preview("github", "2026-01-02T03:04:05.1234567Z to\x1b[0mken "),
        "1:30 @29 2026-01-02T03:04:05.123Z | token \n"
    );
    assert_eq!(
        preview("cri", "2026-01-02T03:04:05Z stdout P to\n2026-01-02T03:04:06Z stdout F ken "),
        "1:31 @30 2026-01-02T03:04:05.000Z out | token \n"
    );
    let mut unframer = Unframer::recognising(Limits::default());
    unframer.feed(b"{\"log\":\"token \\n\",\"stream\":\"stdout\",\"time\":\"2026-01-02T03:04:05Z\"}\n");
    assert_eq!(unframer.framings(), None, "the head may go on");
    assert_eq!(unframer.preview().bytes(), b"token \n");
}

#[test]
fn marks_beyond_the_limit_are_told() {
    let mut unframer = Unframer::new(&[Framing::plain()], Limits { notes: 10, ..Limits::default() });
    unframer.feed(&b"+ make\n".repeat(50));
    assert_eq!(unframer.take_marks().len(), 10);
    assert_eq!(unframer.take_limits()[0].kind, LimitKind::Notes);
}

#[test]
fn hostile_heads_are_recognised_in_time() {
    let long = [&b"{\"a\":"[..]].concat().repeat(20_000);
    let heads: [Vec<u8>; 5] = [
        vec![b'['; 70_000],
        vec![0x1b; 70_000],
        b"ha:////4".repeat(9000),
        b"section_start:1:a\r\x1b[0K".repeat(4000),
        long,
    ];
    for head in heads {
        let mut unframer = Unframer::recognising(Limits::default());
        unframer.feed(&head);
        unframer.finish();
        assert!(unframer.clean().bytes().len() <= 2 * head.len() + 100);
    }
}

#[test]
fn long_lines_of_nothing_but_marks_take_time_in_step_with_their_length() {
    let json = |inside: &str| format!("{{\"log\":\"{inside}\\n\",\"stream\":\"stdout\"}}\n");
    let cases = [
        ("docker", json(&"a\\\"".repeat(300_000))),
        ("plain", "abc\r".repeat(250_000)),
        ("plain", "a\x1b[m\u{e9}".repeat(150_000)),
        ("plain", "ab\x08".repeat(20_000)),
        ("plain", "a".repeat(30_000) + "\r" + &"\x1b[P".repeat(15_000)),
        ("plain", "\x1b]8;;aaaaaaaa\x07".repeat(70_000)),
        ("gitlab", "section_start:1:a\r\x1b[0K".repeat(45_000)),
        ("travis", "travis_fold:start:a\r\x1b[0K".repeat(45_000)),
        ("teamcity", format!("##teamcity[message text='{}']", "|n".repeat(450_000))),
        ("syslog", format!("Jan  2 03:04:05 host a[1]: {}", "#033".repeat(250_000))),
        ("journald-json", format!("{{\"__REALTIME_TIMESTAMP\":\"1\",\"MESSAGE\":[{}1]}}", "65,10,".repeat(150_000))),
    ];
    for (name, input) in cases {
        let start = std::time::Instant::now();
        let mut unframer = Unframer::new(&[named(name)], Limits::default());
        unframer.feed(input.as_bytes());
        unframer.finish();
        // A second or so in a test build; what looked every place up from the start of its line took minutes.
        assert!(start.elapsed().as_secs() < 60, "{name}: {:.60}", input.escape_debug().to_string());
    }
}

#[test]
fn a_long_first_line_does_not_hide_the_framing() {
    let mut input = vec![b'x'; 100_000];
    input.push(b'\n');
    input.extend_from_slice(&b"2026-01-02T03:04:05.1234567Z text\n".repeat(3000));
    assert_eq!(logs::recognise(&input).framings, [named("github")]);
    for size in [1, 1000, 65_536, 100_001, input.len()] {
        let mut unframer = Unframer::recognising(Limits::default());
        input.chunks(size).for_each(|chunk| unframer.feed(chunk));
        unframer.finish();
        assert_eq!(unframer.framings(), Some(&[named("github")][..]), "chunks of {size}");
        assert!(unframer.clean().bytes().ends_with(b"\ntext\ntext\n"));
    }
}
