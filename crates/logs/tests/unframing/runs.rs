//! Lines that are copied in runs come out as they do one by one.

use super::{dump, places};
use logs::{CleanText, Framing, Limits, LineEnds, Unframer};
use proptest::prelude::*;
use proptest::sample::select;

/// What is fed in parts that end at `cuts`, and its clean text: two parts of three as if another thread had cut them ahead, one of
/// these as if it had looked at lines, too.
fn out(bytes: &[u8], cuts: impl Iterator<Item = usize>, framings: &[Framing], limits: Limits) -> (String, CleanText) {
    fed(bytes, cuts, framings, limits, |cut| cut % 3)
}

/// The same; `how` says what is known of the part that ends at a cut.
fn fed(
    bytes: &[u8],
    cuts: impl Iterator<Item = usize>,
    framings: &[Framing],
    limits: Limits,
    how: fn(usize) -> usize,
) -> (String, CleanText) {
    let mut unframer = Unframer::new(framings, limits);
    let mut from = 0;
    for cut in cuts.chain([bytes.len()]) {
        match how(cut) {
            0 => unframer.feed(&bytes[from..cut]),
            1 => unframer.feed_cut(&bytes[from..cut], Some(&LineEnds::of(&bytes[from..cut]))),
            _ => unframer.feed_cut(&bytes[from..cut], Some(&LineEnds::ahead(&bytes[from..cut]))),
        }
        from = cut;
    }
    unframer.finish();
    let marks = unframer.take_marks();
    let reached = unframer.take_limits();
    let clean = unframer.clean();
    (format!("{}{}{reached:?}", dump::clean(clean), dump::marks(clean, &marks)), clean.clone())
}

/// What lines hold that somebody looks at, and what they hold that nobody does.
fn text() -> impl Strategy<Value = String> {
    let plain = "[a-zA-Z0-9 =.:/\u{e9}\u{20ac}\u{1f600}-]{0,24}";
    let long = (select(vec![60_usize, 79, 80, 81, 119, 120, 500, 5000]), "[a-z0-9]{7} ?").prop_map(|(len, word)| {
        let text = word.repeat(len / word.len() + 1);
        text[..len].to_owned()
    });
    let sign = select(vec![
        "##[group]Run make",
        "##[endgroup]",
        "::add-mask::x1",
        " ::error::no",
        "[command]make",
        "[Pipeline] { (a)",
        "[Pipeline] }",
        "+ make",
        "++ make all",
        "$ ls",
        "env:",
        "  A: b",
        "with:",
        "Complete job name: x",
        "+++ head",
        "Key   Value",
        "---   -----",
        "a     b2",
        "#7 [1/2] RUN x",
        "#7 0.345 out",
        "# 7",
        "***",
        "[MASKED] ******",
        "travis_fold:start:a\r\x1b[0K",
        "travis_time:end:0b:start=1,finish=5000",
        "section_start:1:a\r\x1b[0Kb",
        "section_end:1:a\r\x1b[0K",
        "ha:////4AAAA",
        "##teamcity[message text='a|nb']",
        "[12:00:01]W: [Step 1/2] x",
        "\x1b[32mgreen\x1b[0m",
        "10%\r20%\r100",
        "a\x08b",
        "\x1b]8;;https://example.org\x07l",
        "#033[31mred",
        "-----BEGIN RSA PRIVATE KEY-----",
        "MIIE",
        "-----END RSA PRIVATE KEY-----",
        "Script started on x COLUMNS=\"81\"",
        "",
        " ",
        "\r",
        "a \r",
        "\u{feff}x",
        "a=20=",
    ]);
    prop_oneof![6 => plain, 1 => long, 5 => sign.prop_map(str::to_owned), 1 => (select(vec![75_usize, 76]), Just(())).prop_map(
        |(len, ())| "quoted ".repeat(20)[..len - 1].to_owned() + "=")]
}

/// What stands in front of the lines of a framing, in forms that may change from line to line.
fn heads(name: &str) -> Vec<&'static str> {
    match name {
        "github" | "azure" => vec![
            "2026-01-02T03:04:05.1234567Z ",
            "2026-01-02T03:04:06.0000000Z ",
            "\u{feff}2026-01-03T03:04:05.1234567Z ",
            "",
        ],
        "github-cli" => vec!["job\tstep\t2026-01-02T03:04:05.1234567Z ", "job\ttwo\t2026-01-02T03:04:05.1234567Z "],
        "gitlab-timed" => vec![
            "2026-01-02T03:04:05.123456Z 00O ",
            "2026-01-02T03:04:05.123456Z 00O+",
            "2026-01-02T03:04:06.123456Z 01E ",
        ],
        "cri" => vec![
            "2026-01-02T03:04:05.1Z stdout F ",
            "2026-01-02T03:04:05.1Z stdout P ",
            "2026-01-02T03:04:05.2Z stderr F ",
            "2026-01-02T03:04:05.3Z stdout F",
        ],
        "timestamps" => vec!["2026-01-02T03:04:05.1Z ", "[2026-01-02T03:04:05Z] ", "2026-01-02 03:04:05Z\t", ""],
        "jenkins" => vec!["[2026-01-02T03:04:05.123Z] ", "[2026-01-02T03:04:05.123Z]", "03:04:05  ", "", ""],
        "buildkite" => vec!["\x1b_bk;t=1767323045123\x07", ""],
        "buildkit" => vec!["#7 0.345 ", "#8 1.2 ", ""],
        "syslog" => vec!["Jan  2 03:04:05 host a[1]: ", "<13>Jan 12 03:04:05 host ", ""],
        "syslog-5424" => vec!["<13>1 2026-01-02T03:04:05Z host app 1 id - ", ""],
        "teamcity" => vec!["[03:04:05]W: ", "[03:04:05] : [Step 1/2] ", ""],
        "docker" => vec!["{\"log\":\"", ""],
        "journald-export" => vec!["MESSAGE=", "PRIORITY=3\n\n"],
        _ => vec![""],
    }
}

/// The inside of a string of JSON.
fn json(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c < ' ' => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(escaped).collect()
}

/// A log of some framings, from the outside in.
fn log(framings: &[Framing]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let end = select(vec!["\n", "\n", "\n", "\r\n", "\r\r\n"]);
    let head = || prop_oneof![4 => Just(true), 1 => Just(false)];
    let heads: Vec<_> = framings.iter().map(|framing| (select(heads(framing.name())), head())).collect();
    let is_docker = framings[0].name() == "docker";
    let line = (heads, text(), end).prop_map(move |(heads, text, end)| {
        let heads: Vec<&str> = heads.into_iter().filter_map(|(head, is_there)| is_there.then_some(head)).collect();
        match heads.first() {
            Some(&"{\"log\":\"") if is_docker => {
                let inside = json(&(heads[1..].concat() + &text));
                let stream = if text.len() % 7 == 3 { "stderr" } else { "stdout" };
                let time = if text.len() % 5 == 2 { "" } else { ",\"time\":\"2026-01-02T03:04:05.1Z\"" };
                let last = if text.len() % 6 == 5 { "" } else { "\\n" };
                format!("{{\"log\":\"{inside}{last}\",\"stream\":\"{stream}\"{time}}}{end}")
            }
            _ => heads.concat() + &text + end,
        }
    });
    prop::collection::vec(line, 0..60).prop_map(|lines| lines.concat().into_bytes())
}

/// A log of any framing, or of one within another; sometimes with a byte of it replaced.
fn any_log() -> impl Strategy<Value = (Vec<Framing>, Vec<u8>)> {
    let damage = prop::option::weighted(0.3, (any::<prop::sample::Index>(), any::<u8>()));
    let framings = prop::collection::vec(select(Framing::all().collect::<Vec<_>>()), 1..3);
    let log = framings.prop_flat_map(|framings| (log(&framings), Just(framings)));
    (log, damage).prop_map(|((mut log, framings), damage)| {
        if let Some((at, byte)) = damage.filter(|_| !log.is_empty()) {
            let at = at.index(log.len());
            log[at] = byte;
        }
        (framings, log)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn in_runs_and_one_by_one(
        (framings, log) in any_log(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        is_tight in any::<bool>(),
    ) {
        let tight = Limits { line: 100, open: 200, reading: 200, ..Limits::default() };
        let limits = if is_tight { tight } else { Limits::default() };
        let (whole, clean) = out(&log, std::iter::empty(), &framings, limits);
        places::check(&clean, &log);
        // Byte by byte no line is at hand as a whole, so none is copied in a run.
        let (bytewise, clean) = out(&log, 1..log.len().max(1), &framings, limits);
        places::check(&clean, &log);
        prop_assert_eq!(&whole, &bytewise);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(log.len() + 1)).collect();
        cuts.sort_unstable();
        prop_assert_eq!(&whole, &out(&log, cuts.into_iter(), &framings, limits).0);
    }

    #[test]
    fn quiet_lines_come_out_as_one_by_one(
        (framings, log) in select(vec!["github", "azure"]).prop_flat_map(|name| {
            let framings = vec![Framing::named(name).expect("there")];
            (Just(framings.clone()), log(&framings))
        }),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        is_tight in any::<bool>(),
    ) {
        let tight = Limits { line: 100, open: 200, reading: 200, ..Limits::default() };
        let limits = if is_tight { tight } else { Limits::default() };
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(log.len() + 1)).collect();
        cuts.sort_unstable();
        let (ahead, clean) = fed(&log, cuts.into_iter(), &framings, limits, |_| 2);
        places::check(&clean, &log);
        prop_assert_eq!(&ahead, &fed(&log, 1..log.len().max(1), &framings, limits, |_| 0).0);
    }

    #[test]
    fn what_is_forgotten_changes_no_place((framings, log) in any_log(), before in any::<prop::sample::Index>()) {
        let (_, clean) = out(&log, std::iter::empty(), &framings, Limits::default());
        let before = before.index(clean.bytes().len() + 1) as u64;
        let mut less = clean.clone();
        less.forget(before / 2);
        less.forget(before);
        for at in before..clean.end().min(before + 200) {
            let range = at..(at + 3).min(clean.end());
            prop_assert_eq!(less.place(range.clone()), clean.place(range), "{} of {}", at, before);
            prop_assert_eq!(less.context(at), clean.context(at));
        }
    }
}
