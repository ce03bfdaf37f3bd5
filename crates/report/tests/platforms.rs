//! What CIs show, looked at as their runners read it.

#[allow(dead_code, reason = "each test program uses its part of the sample")]
mod sample;

use model::{Confidence, Gap, Report, Severity};
use report::{CommandGuard, Format, Options, write};
use sample::Planted;
use std::collections::BTreeMap;
use std::io::Write;

fn written(format: Format, report: &Report, options: &Options) -> String {
    let mut out = Vec::new();
    write(format, report, options, &mut out).expect("memory takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

/// Command, properties and message of a line, with the escapes undone as the platforms do.
type Command = (String, BTreeMap<String, String>, String);

fn github_command(line: &str) -> Command {
    let (head, message) = line.strip_prefix("::").and_then(|rest| rest.split_once("::")).expect("a command");
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let undo = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",");
        text.replace("%25", "%")
    };
    let properties = properties.split(',').filter(|text| !text.is_empty()).map(|property| {
        let (key, value) = property.split_once('=').expect("key=value");
        (key.to_owned(), undo(value))
    });
    (name.to_owned(), properties.collect(), message.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%"))
}

fn azure_command(line: &str) -> Command {
    let (head, message) = line.strip_prefix("##vso[").and_then(|rest| rest.split_once(']')).expect("a command");
    let (name, properties) = head.split_once(' ').expect("properties");
    let undo = |text: &str| {
        let text = text.replace("%3B", ";").replace("%5D", "]").replace("%0D", "\r").replace("%0A", "\n");
        text.replace("%AZP25", "%")
    };
    let properties = properties.split_terminator(';').map(|property| {
        let (key, value) = property.split_once('=').expect("key=value");
        (key.to_owned(), undo(value))
    });
    (name.to_owned(), properties.collect(), undo(message))
}

/// A report with `counts` findings of each severity, low to critical.
fn counted(counts: [usize; 4]) -> Report {
    let mut report = Report::default();
    for (severity, n) in Severity::ALL.iter().zip(counts) {
        for at in 0..n {
            let rule = model::RuleRef {
                id: format!("rule-{severity}"),
                name: format!("Key of {severity} severity"),
                provider: "Generic".into(),
                severity: *severity,
                tags: Vec::new(),
                rotate: String::new(),
            };
            let secret = format!("acme-{severity}-{at:032x}");
            let place = sample::place(&format!("{severity}/{at}.env"), 3, "KEY = '", "acme-…", "'");
            report.findings.push(sample::finding(rule, secret.as_bytes(), 5, Confidence::High, vec![place]));
        }
    }
    report
}

#[test]
fn github_annotations_say_where_and_what() {
    let planted = Planted::new();
    let mut report = sample::report(&planted);
    report.findings[3].places.swap(0, 1);
    let text = written(Format::Github, &report, &Options::default());
    let commands: Vec<_> = text.lines().map(github_command).collect();
    let names: Vec<_> = commands.iter().map(|(name, ..)| name.as_str()).collect();
    // Six that are critical or high, one that is medium, one of low confidence, the gaps.
    assert_eq!(names, ["error", "error", "error", "error", "error", "error", "warning", "notice", "notice"]);

    let (_, properties, message) = &commands[3];
    let property = |key: &str| properties.get(key).map(String::as_str);
    assert_eq!(property("file"), Some("deploy/wörld 100%/[id]#?.yaml"));
    assert_eq!((property("line"), property("col"), property("endColumn")), (Some("8"), Some("10"), Some("50")));
    assert_eq!(property("title"), Some("GitHub personal access token (classic)"));
    let shown = &planted.github[..8];
    let begin = format!(
        "GitHub personal access token (classic) {shown}…: LIVE, confirmed (the checksum in the token is right; \
         GITHUB_TOKEN stands before it); also in 6 more places. Create a new token"
    );
    assert!(message.starts_with(&begin), "{message}");

    // Standard input has no file; what spans lines has no columns; of a member the archive is marked, without a line.
    assert_eq!(commands[0].1.keys().collect::<Vec<_>>(), ["title"]);
    assert!(commands[0].2.contains("; at -:1:1"), "{}", commands[0].2);
    assert_eq!(commands[2].1.keys().collect::<Vec<_>>(), ["file", "title"]);
    assert_eq!(commands[2].1["file"], "backup/site.zip");
    assert!(commands[2].2.contains("; at backup/site.zip!conf/app [old].js:3:"), "{}", commands[2].2);
    assert_eq!(commands[8].2, "2 things could not be scanned; the report says which and why");
}

#[test]
fn marks_that_span_lines_have_no_columns() {
    let mut report = counted([0, 0, 0, 1]);
    report.findings[0].places[0].end_line = 9;
    let text = written(Format::Github, &report, &Options::default());
    let (_, properties, _) = github_command(text.trim_end());
    assert_eq!((properties["line"].as_str(), properties["endLine"].as_str()), ("3", "9"));
    assert!(!properties.contains_key("col") && !properties.contains_key("endColumn"));
}

#[test]
fn ten_of_a_level_are_marked_and_the_rest_counted() {
    let text = written(Format::Github, &counted([12, 3, 9, 4]), &Options::default());
    let commands: Vec<_> = text.lines().map(github_command).collect();
    let number = |wanted: &str| commands.iter().filter(|(name, ..)| name == wanted).count();
    // Thirteen errors, three warnings, twelve notices; the last notice counts what is left out.
    assert_eq!((number("error"), number("warning"), number("notice")), (10, 3, 10));
    assert!(commands.last().unwrap().2.starts_with("6 more credentials found;"), "{text}");

    let text = written(Format::Github, &counted([10, 0, 0, 10]), &Options::default());
    assert_eq!(text.lines().count(), 20, "all fit: {text}");
    assert_eq!(written(Format::Github, &Report::default(), &Options::default()), "");
}

#[test]
fn azure_has_errors_and_warnings() {
    let text = written(Format::Azure, &counted([6, 6, 1, 0]), &Options::default());
    let commands: Vec<_> = text.lines().map(azure_command).collect();
    assert!(commands.iter().all(|(name, ..)| name == "task.logissue"));
    let number = |wanted: &str| commands.iter().filter(|(_, properties, _)| properties["type"] == wanted).count();
    assert_eq!((number("error"), number("warning")), (1, 10));
    assert!(commands.last().unwrap().2.starts_with("3 more credentials found;"), "{text}");
    let (_, properties, message) = &commands[0];
    let shown = ["sourcepath", "linenumber", "columnnumber", "code"].map(|key| properties[key].as_str());
    assert_eq!(shown, ["high/0.env", "3", "8", "rule-high"]);
    assert!(message.starts_with("Key of high severity acme-high…: high confidence"), "{message}");
}

/// Names that try to end a property or a line, and to begin a command of their own.
#[test]
fn names_cannot_forge_commands() {
    let hostile = [
        "a\n::error::forged",
        "a,line=1::forged",
        "a];##vso[task.setvariable variable=x]y",
        "a;type=error%0A%3B]z",
        "::stop-commands::x",
        "a\r\u{2028}##[group]b",
    ];
    for name in hostile {
        let mut report = counted([0, 0, 0, 1]);
        report.findings[0].places[0].path = name.to_owned();
        report.findings[0].reasons = vec![name.to_owned()];
        let github = written(Format::Github, &report, &Options::default());
        assert_eq!(github.matches(['\n', '\r']).count(), 1, "{github:?}");
        let (command, properties, _) = github_command(github.trim_end_matches('\n'));
        assert_eq!((command.as_str(), properties["file"].as_str()), ("error", name));
        assert_eq!(properties.len(), 5);

        let azure = written(Format::Azure, &report, &Options::default());
        assert_eq!(azure.matches(['\n', '\r']).count(), 1, "{azure:?}");
        let (_, properties, _) = azure_command(azure.trim_end_matches('\n'));
        assert_eq!((properties["sourcepath"].as_str(), properties["type"].as_str()), (name, "error"));
        assert_eq!(properties.len(), 5);
    }
}

#[test]
fn text_through_the_guard_holds_no_command() {
    let mut report = counted([0, 0, 0, 1]);
    report.findings[0].places[0].path = "::add-mask::x ##vso[task.setvariable variable=y]z ##[error]".to_owned();
    let mut guard = CommandGuard::new(Vec::new());
    write(Format::Text, &report, &Options::default(), &mut guard).unwrap();
    guard.flush().unwrap();
    let text = String::from_utf8(guard.finish().unwrap()).unwrap();
    assert!(text.contains("add-mask"), "{text}");
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("::") && !line.contains("##[") && !line.contains("##vso["), "{line}");
    }
}

#[test]
fn markdown_is_a_table() {
    let planted = Planted::new();
    let text = written(Format::Markdown, &sample::report(&planted), &Options::default());
    assert!(
        text.starts_with("## deadkey: 8 credentials in 22 places\n\n4 critical, 2 high, 2 medium\n\n| Severity |"),
        "{text}"
    );
    let shown = &planted.github[..8].replace('_', "&#95;");
    let row = format!(
        "| critical **live** | GitHub personal access token &#40;classic&#41; | <code>{shown}…</code> | \
         <code>deploy/prod&#46;env&#58;12&#58;21</code> and 6 more | confirmed | <code>github-pat-classic</code> |\n"
    );
    assert!(text.contains(&row), "{text}");
    let gaps = "\n### Not scanned: 2\n\n- <code>secret&#92;x1b&#46;bin</code>: cannot be opened&#58; permission denied";
    assert!(text.contains(gaps), "{text}");
    assert!(text.contains("\n### Notices on the input: 1\n"), "{text}");
    assert!(text.ends_with("\n- history not scanned&#58; vendor/lib\n"), "{text}");

    let clean = written(Format::Markdown, &Report::default(), &Options::default());
    assert_eq!(clean, "## deadkey: no credentials found\n");
    let gap = Report { gaps: vec![Gap::happened("a", "b")], ..Report::default() };
    let text = written(Format::Markdown, &gap, &Options::default());
    assert!(text.starts_with("## deadkey: no credentials found in what could be scanned\n"), "{text}");
}

#[test]
fn names_cannot_leave_their_cell() {
    let name = "a|b`c</code><img src=x onerror=y>[l](http://e)![i](j)@team #1 **x**\\|\n\n# h";
    let mut report = counted([0, 0, 0, 1]);
    let finding = &mut report.findings[0];
    finding.places[0].path = name.to_owned();
    let rule = std::sync::Arc::make_mut(&mut finding.rule);
    (rule.name, rule.id) = (name.to_owned(), name.to_owned());
    report.gaps = vec![Gap::happened(name, name)];
    report.notes = vec![name.to_owned()];
    let text = written(Format::Markdown, &report, &Options::default());
    let row = text.lines().find(|line| line.starts_with("| critical")).expect("a row");
    assert_eq!(row.matches('|').count(), 7, "{row}");
    for part in text.replace("<code>", "").replace("</code>", "").lines().skip(1) {
        let hostile =
            part.trim_start_matches(['#', '|', '-', ' ']).find(['<', '>', '[', ']', '`', '@', '*', '\\', '!']);
        assert_eq!(hostile, None, "{part}");
    }
    assert_eq!(text.lines().filter(|line| line.starts_with('#')).count(), 2, "{text}");
}

#[test]
fn markdown_keeps_its_limit() {
    let mut report = counted([400, 400, 400, 400]);
    report.gaps = (0..500).map(|n| Gap::happened(format!("{}{n}", "p".repeat(900)), "gone.".repeat(90))).collect();
    for limit in [400, 2_000, 20_000, 100_000] {
        let text = written(Format::Markdown, &report, &Options { markdown_bytes: limit, ..Options::default() });
        let rows = text.lines().filter(|line| line.contains("<code>rule-")).count();
        assert!(text.len() <= limit, "{} bytes of {limit}", text.len());
        assert!(text.contains(&format!("\n{} more credentials are in the report", 1600 - rows)), "{text}");
        assert!(text.contains("\n### Not scanned: 500\n"), "{text}");
        assert!(limit < 20_000 || rows >= 15, "{rows} rows in {limit} bytes");
    }
    let whole = written(Format::Markdown, &report, &Options::default());
    assert!(whole.len() < 1 << 20 && !whole.contains("no room"), "{} bytes", whole.len());
}

#[test]
fn platforms_never_get_a_secret() {
    let planted = Planted::new();
    let report = sample::report(&planted);
    let options = Options { show_secrets: true, ..Options::default() };
    for format in [Format::Github, Format::Azure, Format::Markdown] {
        let text = written(format, &report, &options);
        let plain = text.replace("&#95;", "_").replace("&#33;", "!");
        for secret in [&planted.github, &planted.aws_id, &planted.aws_key, &planted.password] {
            assert!(!plain.contains(secret.as_str()), "{format}");
            assert!(!plain.contains(&secret[secret.len() - 9..]), "{format}");
        }
    }
}
