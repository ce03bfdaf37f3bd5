//! A token in every framing, whole or split as logs split it, comes out whole, and its place is exact.

use logs::{Framing, Limits, Unframer};
use testkit::{Rng, secrets};

/// How a framing writes a line of text.
type Write = fn(&[u8]) -> Vec<u8>;
/// How it writes a line in two parts.
type Split = fn(&[u8], &[u8]) -> Vec<u8>;

fn line(prefix: &str, text: &[u8], end: &str) -> Vec<u8> {
    [prefix.as_bytes(), text, end.as_bytes()].concat()
}

/// Text inside a JSON string: what stands in tokens needs no escape, ESC does.
fn json(text: &[u8]) -> String {
    String::from_utf8_lossy(text).replace('\x1b', "\\u001b")
}

fn docker(text: &[u8], stream: &str, end: &str) -> Vec<u8> {
    let text = json(text);
    format!("{{\"log\":\"{text}{end}\",\"stream\":\"{stream}\",\"time\":\"2026-01-02T03:04:05.1Z\"}}\n").into_bytes()
}

fn circle(text: &[u8], end: &str) -> Vec<u8> {
    let text = json(text);
    format!("{{\"message\":\"{text}{end}\",\"time\":\"2026-01-02T03:04:05.000Z\",\"type\":\"out\"}},").into_bytes()
}

const GITHUB: &str = "2026-01-02T03:04:05.1234567Z ";
const TIMED: &str = "2026-01-02T03:04:05.123456Z ";
const CRI: &str = "2026-01-02T03:04:05.123456789Z ";

const WRITERS: [(&str, Write); 17] = [
    ("github", |t| line(GITHUB, t, "\n")),
    ("azure", |t| line(GITHUB, t, "\r\n")),
    ("github-cli", |t| line(&format!("build\tRun make\t{GITHUB}"), t, "\n")),
    ("gitlab", |t| line("", t, "\x1b[0;m\n")),
    ("gitlab-timed", |t| line(&format!("{TIMED}01O "), t, "\n")),
    ("jenkins", |t| line("[2026-01-02T03:04:05.678Z] ", t, "\r\n")),
    ("buildkite", |t| line("\x1b_bk;t=1767323045123\x07", t, "\r\r\n")),
    ("travis", |t| line("travis_time:start:0a1b2c3d\r\x1b[0K", t, "\r\n")),
    ("teamcity", |t| {
        line("##teamcity[message text='", &String::from_utf8_lossy(t).replace('[', "|[").into_bytes(), "']\n")
    }),
    ("bitbucket", |t| line("+ ./deploy ", t, "\n")),
    ("circleci", |t| circle(t, "\\r\\n")),
    ("docker", |t| docker(t, "stdout", "\\n")),
    ("cri", |t| line(&format!("{CRI}stdout F "), t, "\n")),
    ("buildkit", |t| line("#7 0.345 ", t, "\n")),
    ("syslog", |t| line("Jan  2 03:04:05 host shop[17]: ", t, "\n")),
    ("timestamps", |t| line("2026-01-02T03:04:05Z ", t, "\n")),
    ("journald-export", |t| line("MESSAGE=", t, "\n\n")),
];

const SPLITTERS: [(&str, Split); 8] = [
    ("gitlab-timed", |a, b| {
        let noise = format!("{TIMED}01E noise\n");
        [line(&format!("{TIMED}01O "), a, "\n"), noise.into_bytes(), line(&format!("{TIMED}01O+"), b, "\n")].concat()
    }),
    ("docker", |a, b| {
        [docker(a, "stdout", ""), docker(b"noise", "stderr", "\\n"), docker(b, "stdout", "\\n")].concat()
    }),
    ("cri", |a, b| {
        let noise = format!("{CRI}stderr F noise\n");
        [line(&format!("{CRI}stdout P "), a, "\n"), noise.into_bytes(), line(&format!("{CRI}stdout F "), b, "\n")]
            .concat()
    }),
    ("circleci", |a, b| [circle(a, ""), circle(b, "\\r\\n")].concat()),
    ("buildkite", |a, b| [b"\x1b_bk;t=1767323045123\x07", a, b"\x1b_bk;t=1767323047123\x07", b, b"\r\n"].concat()),
    ("drone", |a, b| {
        format!("[{{\"pos\":0,\"out\":\"{}\"}},{{\"pos\":1,\"out\":\"{}\\n\"}}]", json(a), json(b)).into_bytes()
    }),
    ("plain", |a, b| {
        // A terminal of 80 columns.
        let head = "x".repeat(80 - "set level=".len() - a.len()) + " set level=";
        [&head.as_bytes()[1..], a, b"\n", b, b"\n"].concat()
    }),
    ("jenkins", |a, b| [b"[Pipeline] echo\n", a, b"\x1b[8mha:////4AAAA==\x1b[0m", b, b"\n"].concat()),
];

/// Checks that `token` comes out of `input` whole and stands where its first and last byte do.
fn check(name: &str, input: &[u8], token: &[u8]) {
    let framing = Framing::named(name).expect("a framing");
    let mut unframer = Unframer::new(&[framing], Limits::default());
    unframer.feed(input);
    unframer.finish();
    let clean = unframer.clean();
    let at = clean.bytes().windows(token.len()).position(|w| w == token);
    let at = at.unwrap_or_else(|| panic!("{name}: {}", clean.bytes().escape_ascii())) as u64;
    let place = clean.place(at..at + token.len() as u64).expect("at hand");
    let head = &token[..4];
    let tail = &token[token.len() - 4..];
    let find = |part: &[u8]| input.windows(4).position(|w| w == part).expect("planted") as u64;
    assert_eq!(place.start.offset, find(head), "{name}");
    assert_eq!(place.end.offset, find(tail) + 4, "{name}");
    let lines = input[..place.start.offset as usize].iter().filter(|b| **b == b'\n').count() as u64;
    assert_eq!(place.start.line, lines + 1, "{name}");
    let start = input[..place.start.offset as usize].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    assert_eq!(place.start.column, place.start.offset - start as u64 + 1, "{name}");
}

#[test]
fn a_token_comes_out_whole() {
    let mut rng = Rng::new(7);
    for (name, write) in WRITERS {
        let token = secrets::github_classic(&mut rng);
        check(name, &write(&token), &token);
        let coloured = [&token[..9], b"\x1b[0m", &token[9..20], b"\x1b[31m", &token[20..]].concat();
        check(name, &write(&coloured), &token);
    }
}

#[test]
fn a_token_in_two_parts_comes_out_whole() {
    let mut rng = Rng::new(8);
    for (name, split) in SPLITTERS {
        let token = secrets::github_classic(&mut rng);
        check(name, &split(&token[..17], &token[17..]), &token);
    }
}

#[test]
fn wrapped_base64_comes_out_as_lines_of_equal_width() {
    let mut rng = Rng::new(9);
    let text = rng.text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 76 * 4 + 20);
    for (name, write) in WRITERS.iter().filter(|(name, _)| *name != "bitbucket") {
        let input: Vec<u8> = text.chunks(76).flat_map(write).collect();
        let framing = Framing::named(name).expect("a framing");
        let mut unframer = Unframer::new(&[framing], Limits::default());
        unframer.feed(&input);
        unframer.finish();
        let wrapped: Vec<u8> = text.chunks(76).flat_map(|c| [c, b"\n"].concat()).collect();
        let shown = unframer.clean().bytes();
        assert!(shown.windows(wrapped.len()).any(|w| w == wrapped), "{name}: {}", shown.escape_ascii());
    }
}
