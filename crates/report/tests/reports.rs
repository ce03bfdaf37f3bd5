//! Reports with everything in them, looked at as their readers will.

mod history;
mod sample;
mod schema;

use model::{Confidence, Report, RuleRef, Severity};
use report::{Format, Options, summary, write};
use sample::Planted;
use serde_json::Value;
use std::time::{Duration, Instant};

fn written(format: Format, report: &Report, options: &Options) -> String {
    let mut out = Vec::new();
    write(format, report, options, &mut out).expect("memory takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

fn summarised(report: &Report, options: &Options) -> String {
    let mut out = Vec::new();
    summary(report, Duration::from_millis(310), options, &mut out).expect("memory takes all");
    String::from_utf8(out).expect("summaries are UTF-8")
}

fn sarif(report: &Report) -> Value {
    serde_json::from_str(&written(Format::Sarif, report, &Options::default())).expect("SARIF is JSON")
}

fn lines(report: &Report, options: &Options) -> Vec<Value> {
    written(Format::Jsonl, report, options).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn sarif_schema() -> Value {
    serde_json::from_str(include_str!("../../../fixtures/sarif/sarif-schema-2.1.0.json")).expect("the schema is JSON")
}

fn line_schema() -> Value {
    serde_json::from_str(include_str!("../../../docs/schema/finding.schema.json")).expect("the schema is JSON")
}

/// Everything that must not show: each value whole, each line of a key, and their last 12 bytes, which redaction must
/// have cut off.
fn needles(planted: &Planted) -> Vec<Vec<u8>> {
    let texts = [&planted.github, &planted.aws_id, &planted.aws_key, &planted.password, &planted.pem];
    let past = [&planted.stripe, &planted.slack, &planted.npm, &planted.login];
    let mut needles: Vec<Vec<u8>> = texts.iter().chain(&past).map(|text| text.as_bytes().to_vec()).collect();
    needles.push(planted.binary.clone());
    needles.extend(planted.pem.lines().filter(|line| !line.starts_with('-')).map(|line| line.as_bytes().to_vec()));
    let tails = needles.iter().filter(|needle| needle.len() >= 20 && !needle.ends_with(b"-"));
    let tails: Vec<_> = tails.map(|needle| needle[needle.len() - 12..].to_vec()).collect();
    needles.extend(tails);
    needles
}

fn holds(text: &str, needle: &[u8]) -> bool {
    text.as_bytes().windows(needle.len()).any(|window| window == needle)
}

#[test]
fn no_output_holds_a_secret() {
    let planted = Planted::new();
    let report = sample::report(&planted);
    let mut outputs = vec![summarised(&report, &Options::default())];
    for colour in [false, true] {
        let options = Options { colour, ..Options::default() };
        outputs.extend(Format::ALL.iter().map(|&format| written(format, &report, &options)));
    }
    outputs.push(written(Format::Sarif, &report, &Options { show_secrets: true, ..Options::default() }));
    for (at, output) in outputs.iter().enumerate() {
        for needle in needles(&planted) {
            assert!(!holds(output, &needle), "output {at} shows a secret of {} bytes", needle.len());
        }
    }
}

#[test]
fn secrets_show_where_asked_for() {
    let planted = Planted::new();
    let report = sample::report(&planted);
    let options = Options { show_secrets: true, ..Options::default() };
    let text = written(Format::Text, &report, &options);
    assert!(text.contains(&planted.github) && text.contains(&planted.aws_key) && text.contains(&planted.password));

    let lines = lines(&report, &options);
    assert_eq!(lines[0]["secret"], planted.pem);
    assert_eq!(lines[0].get("secret_base64"), None);
    assert_eq!(lines[1]["secret"], String::from_utf8_lossy(&planted.binary).into_owned());
    assert_eq!(lines[1]["secret_base64"].as_str().map(str::len), Some(planted.binary.len().div_ceil(3) * 4));
    assert_eq!(lines[2]["parts"][0]["secret"], planted.aws_key);
    assert_eq!(lines[3]["places"][2]["path"], format!("dump/{}.txt", planted.github));
}

#[test]
fn same_report_same_bytes() {
    for &format in Format::ALL {
        let bytes = || written(format, &sample::report(&Planted::new()), &Options::default());
        assert_eq!(bytes(), bytes());
    }
}

#[test]
fn the_text_of_a_finding() {
    let planted = Planted::new();
    let text = written(Format::Text, &sample::report(&planted), &Options { width: 80, ..Options::default() });
    let block = text.split("\n\n").find(|block| block.starts_with("deploy/")).expect("a block for the GitHub token");
    let shown = &planted.github[..8];
    let expected = format!(
        "\
deploy/prod.env:12:21: critical LIVE github-pat-classic
  GitHub personal access token (classic)
  12 │ export GITHUB_TOKEN={shown}…
     │                     ^^^^^^^^^
  name     GITHUB_TOKEN
  why      confirmed: the checksum in the token is right; GITHUB_TOKEN stands
           before it
  checked  live
  also at  deploy/wörld 100%/[id]#?.yaml:8:10 (named tok\\x1b[2Jen, base64, then gzip, as generic-token)
           dump/….txt:1:7
           logs/build-1.log:100:17
           logs/build-2.log:200:17
           logs/build-3.log:300:17
           and 1 more
  rotate   Create a new token under Settings, Developer settings, Personal
           access tokens, replace it where it is used, then delete the old one
           there: https://github.com/settings/tokens
  id       {id}
  allow    [allow-id.\"{id}\"]
           # in .deadkey.toml",
        id = model::FingerprintKey::public().fingerprint(planted.github.as_bytes())
    );
    assert_eq!(block, expected);
}

#[test]
fn text_keeps_to_the_width() {
    use unicode_width::UnicodeWidthStr;
    for width in [40, 60, 80, 140] {
        let text = written(Format::Text, &sample::report(&Planted::new()), &Options { width, ..Options::default() });
        for line in text.lines().filter(|line| line.contains('│')) {
            assert!(line.width() <= width, "{} columns of {width}: {line}", line.width());
        }
    }
}

#[test]
fn nothing_from_the_input_steers_the_terminal() {
    let report = sample::report(&Planted::new());
    let hostile = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{2028}');
    let outputs = [written(Format::Text, &report, &Options::default()), summarised(&report, &Options::default())];
    for output in outputs {
        assert_eq!(output.find(hostile), None, "{output:?}");
    }
    // In JSON the escape of the format is enough; SARIF messages are shown as they are.
    let log = sarif(&report);
    for result in log["runs"][0]["results"].as_array().unwrap() {
        assert_eq!(result["message"]["text"].as_str().unwrap().find(hostile), None);
    }
    assert!(
        !written(Format::Jsonl, &report, &Options::default()).contains(|c: char| c.is_ascii_control() && c != '\n')
    );
}

#[test]
fn colour_is_only_added() {
    let report = sample::report(&Planted::new());
    let coloured = written(Format::Text, &report, &Options { colour: true, ..Options::default() });
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').expect("an escape code ends").1;
    }
    plain.push_str(rest);
    let expected = written(Format::Text, &report, &Options::default());
    // Carets are there for those who see no colour.
    let without_carets = expected.lines().filter(|line| !line.ends_with('^')).collect::<Vec<_>>();
    assert_eq!(plain.lines().collect::<Vec<_>>(), without_carets);
}

#[test]
fn the_summary_says_what_matters() {
    let text = summarised(&sample::report(&Planted::new()), &Options::default());
    let expected = "\
8 credentials in 22 places: 4 critical, 2 high, 2 medium; 2 only in history
confidence: 3 confirmed, 3 high, 1 medium, 1 low
scanned 10,623 files and 12 archive members, 101.3 MB in 0.31 s with 123 rules
history: 2 repositories, 382,118 objects (7.1 GB) of 203,000 commits
12 credentials stand in objects that no ref and no reflog leads to: --unreachable shows them
1,234 less certain findings not shown: --confidence low shows all
fingerprints are guessable (public salt): set DEADKEY_KEY before sharing them
note: history not scanned: vendor/lib
incomplete: 2 things not scanned, 1 notice on the input:
  error  secret\\x1b.bin: cannot be opened: permission denied; run as its owner.
  error  tmp/…: vanished while it was read.
  notice backup/old.zip!x.zip: is encrypted; its raw bytes were scanned.
";
    assert_eq!(text, expected);

    let clean = summarised(&Report { rules: 1, ..Report::default() }, &Options::default());
    let expected = "no credentials found\nscanned 0 files, 0 B in 0.31 s with 1 rule\ncomplete: all that was asked for was scanned\n";
    assert_eq!(clean, expected);
}

#[test]
fn many_gaps_are_counted_and_failures_come_first() {
    let gaps =
        (0..30).map(|n| model::Gap::input(format!("a{n}"), "shallow.")).chain([model::Gap::happened("z", "broken.")]);
    let report = Report { gaps: gaps.collect(), ..Report::default() };
    let text = summarised(&report, &Options::default());
    assert!(text.starts_with("no credentials found in what could be scanned\n"), "{text}");
    assert!(
        text.contains("incomplete: 1 thing not scanned, 30 notices on the input:\n  error  z: broken.\n"),
        "{text}"
    );
    assert!(text.ends_with("  and 11 more; -v lists all\n"), "{text}");
    assert_eq!(sarif(&report)["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap().len(), 31);
}

#[test]
fn json_lines_keep_their_schema_and_document_every_key() {
    let schema = line_schema();
    let report = sample::report(&Planted::new());
    for show_secrets in [false, true] {
        let lines = lines(&report, &Options { show_secrets, ..Options::default() });
        assert_eq!(lines.len(), report.findings.len());
        for line in &lines {
            assert_eq!(schema::faults(&schema, line), Vec::<String>::new());
            keys_are_documented(&schema, &schema, line);
        }
    }
}

/// Fails on a key that the schema does not name: schema and writer are edited together or not at all.
fn keys_are_documented(root: &Value, schema: &Value, value: &Value) {
    let schema = schema.get("$ref").map_or(schema, |name| root.pointer(&name.as_str().unwrap()[1..]).unwrap());
    for (key, member) in value.as_object().into_iter().flatten() {
        let known = schema["properties"].get(key).unwrap_or_else(|| panic!("{key} is not documented"));
        keys_are_documented(root, known, member);
    }
    value.as_array().into_iter().flatten().for_each(|item| keys_are_documented(root, &schema["items"], item));
}

#[test]
fn a_line_holds_what_the_finding_holds() {
    let planted = Planted::new();
    let lines = lines(&sample::report(&planted), &Options::default());
    let github = &lines[3];
    assert_eq!(github["rule"], "github-pat-classic");
    assert_eq!(github["severity"], "critical");
    assert_eq!(github["confidence"], "confirmed");
    assert_eq!(github["verdict"]["state"], "live");
    assert_eq!(github["secret"], format!("{}…", &planted.github[..8]));
    assert_eq!(github["places"].as_array().unwrap().len(), 7);
    let second = &github["places"][1];
    assert_eq!((second["line"].as_u64(), second["column"].as_u64()), (Some(8), Some(10)));
    assert_eq!(second["decoded"], serde_json::json!(["base64", "gzip"]));
    assert_eq!(second["rule"], "generic-token");
    for place in github["places"].as_array().unwrap() {
        let text = place["snippet"]["text"].as_str().unwrap();
        let mark = |at: usize| place["snippet"]["mark"][at].as_u64().unwrap() as usize;
        assert!(text[mark(0)..mark(1)].ends_with('…'), "{text}");
    }
    assert_eq!(lines[2]["verdict"]["why"], "sts.amazonaws.com answered 503 to …");
}

#[test]
fn sarif_keeps_its_schema() {
    let schema = sarif_schema();
    for report in [sample::report(&Planted::new()), Report::default()] {
        assert_eq!(schema::faults(&schema, &sarif(&report)), Vec::<String>::new());
    }
}

#[test]
fn the_schema_check_sees_faults() {
    let (schema, good) = (sarif_schema(), sarif(&sample::report(&Planted::new())));
    let result = "/runs/0/results/0";
    let faults: [(&str, &str, Value); 6] = [
        (result, "level", "fatal".into()),
        (result, "message", Value::Null),
        (result, "surprise", 1.into()),
        ("/runs/0/results/0/locations/0/physicalLocation/region", "startLine", 0.into()),
        ("/runs/0", "columnKind", "bytes".into()),
        ("", "version", 2.into()),
    ];
    for (object, key, value) in faults {
        let mut log = good.clone();
        log.pointer_mut(object).unwrap().as_object_mut().unwrap().insert(key.to_owned(), value);
        assert_ne!(schema::faults(&schema, &log), Vec::<String>::new(), "{key} of {object:?} went unseen");
    }
    let mut log = good.clone();
    log["runs"][0].as_object_mut().unwrap().remove("tool");
    assert_ne!(schema::faults(&schema, &log), Vec::<String>::new());
}

/// The result of a finding, whatever run it is in.
fn result_of<'a>(log: &'a Value, finding: &model::Finding) -> &'a Value {
    let runs = log["runs"].as_array().expect("runs");
    let mut results = runs.iter().flat_map(|run| run["results"].as_array().expect("results"));
    let is_of =
        |result: &&Value| result["partialFingerprints"]["deadkey/credential/v1"] == finding.fingerprint.as_str();
    results.find(is_of).expect("a result a finding")
}

/// What the schema cannot see, and what GitHub asks for: no empty text, indices that fit, regions that end after they
/// begin.
#[test]
fn sarif_is_what_platforms_ask_for() {
    let report = sample::report(&Planted::new());
    let log = sarif(&report);
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let texts = ["/id", "/name", "/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"];
    for rule in rules {
        for text in texts {
            assert_ne!(rule.pointer(text).and_then(Value::as_str).unwrap_or_default(), "", "{text} of {rule}");
        }
        let score: f64 = rule["properties"]["security-severity"].as_str().unwrap().parse().unwrap();
        assert!(score > 0.0 && score <= 10.0);
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), report.findings.len());
    for finding in &report.findings {
        let result = result_of(&log, finding);
        let rule = &rules[result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert_eq!(result["partialFingerprints"]["deadkey/credential/v1"], finding.fingerprint.as_str());
        let region = &result["locations"][0]["physicalLocation"]["region"];
        let at = |key: &str| region[key].as_u64().unwrap();
        assert!((at("startLine"), at("startColumn")) < (at("endLine"), at("endColumn")), "{region}");
        let related = result["relatedLocations"].as_array().map_or(0, Vec::len);
        assert_eq!(related + 1, finding.places.len());
    }
    assert_eq!(run["columnKind"], "utf16CodeUnits");
}

#[test]
fn sarif_places_are_addresses() {
    let report = sample::report(&Planted::new());
    let log = sarif(&report);
    let location = |pointer: &str| {
        let (finding, within) = pointer[1..].split_once('/').expect("a finding and a place");
        let result = result_of(&log, &report.findings[finding.parse::<usize>().expect("a number")]);
        result.pointer(&format!("/{within}")).unwrap_or_else(|| panic!("{pointer}"))
    };
    let stdin = location("/0/locations/0/physicalLocation/artifactLocation");
    assert_eq!((stdin["uri"].as_str(), stdin.get("uriBaseId")), (Some("-"), None));
    assert_eq!(location("/1/locations/0/physicalLocation/artifactLocation/uri"), "file:///srv/key%20store.bin");
    let member = location("/2/locations/0");
    assert_eq!(member["physicalLocation"]["artifactLocation"]["uri"], "backup/site.zip");
    assert_eq!(member["logicalLocations"][0]["name"], "conf/app [old].js");
    assert_eq!(member["logicalLocations"][0]["fullyQualifiedName"], "backup/site.zip!conf/app [old].js");
    let related = location("/3/relatedLocations/0/physicalLocation/artifactLocation");
    assert_eq!(related["uri"], "deploy/w%C3%B6rld%20100%25/%5Bid%5D%23%3F.yaml");
    assert_eq!(related["uriBaseId"], "SRCROOT");
    let message = location("/3/message/text").as_str().unwrap();
    assert!(message.contains(r"[deploy/wörld 100%/\[id\]#?.yaml:8](1), "), "{message}");
    assert!(message.ends_with(" and 1 more place."), "{message}");
    assert_eq!((location("/4/kind"), location("/4/level")), (&"review".into(), &"none".into()), "low confidence");
}

#[test]
fn gaps_are_notifications() {
    let report = sample::report(&Planted::new());
    let invocation = &sarif(&report)["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notifications = invocation["toolExecutionNotifications"].as_array().unwrap();
    let levels: Vec<_> = notifications.iter().map(|n| n["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["error", "error", "note", "note"]);
    assert_eq!(notifications[1]["message"]["text"], "tmp/…: vanished while it was read.");
    assert_eq!(notifications[3]["message"]["text"], "history not scanned: vendor/lib");
    assert_eq!(sarif(&Report::default())["runs"][0]["invocations"][0]["executionSuccessful"], true);
}

fn generated(findings: usize, places: usize) -> Report {
    let severity = Severity::High;
    let name = |n: usize| RuleRef {
        id: format!("rule-{}", n % 50),
        name: format!("Rule {}", n % 50),
        provider: "Acme".into(),
        severity,
        tags: vec!["CWE-798".into()],
        rotate: "Make a new one.".into(),
    };
    let finding = |n: usize| {
        let secret = format!("acme-{:032x}", (n as u128).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835));
        let at = |p: usize| sample::place(&format!("dir-{n}/file-{p}.env"), 1 + p as u64, "KEY = '", "acme-…", "'");
        sample::finding(name(n), secret.as_bytes(), 5, Confidence::High, (0..places).map(at).collect())
    };
    Report { findings: (0..findings).map(finding).collect(), ..Report::default() }
}

#[test]
fn many_places_are_listed_where_machines_read_and_counted_where_people_do() {
    let report = generated(1, 50_000);
    let text = written(Format::Text, &report, &Options::default());
    assert!(text.lines().count() < 20 && text.contains("and 49994 more\n"), "{text}");
    assert_eq!(lines(&report, &Options::default())[0]["places"].as_array().unwrap().len(), 50_000);

    let log = sarif(&report);
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["relatedLocations"].as_array().unwrap().len(), 49_999);
    assert!(result["message"]["text"].as_str().unwrap().len() < 500);

    let limited = written(Format::Sarif, &report, &Options { sarif_places: 99, ..Options::default() });
    let limited: Value = serde_json::from_str(&limited).unwrap();
    let result = &limited["runs"][0]["results"][0];
    assert_eq!(result["relatedLocations"].as_array().unwrap().len(), 99);
    assert_eq!(
        (&result["properties"]["places"], &result["properties"]["placesOmitted"]),
        (&50_000.into(), &49_900.into())
    );
}

/// `cargo test --release -p report -- --ignored --nocapture` prints the times.
#[test]
#[ignore = "a measurement"]
fn a_hundred_thousand_findings() {
    let report = generated(100_000, 2);
    for &format in Format::ALL {
        let started = Instant::now();
        let bytes = written(format, &report, &Options::default()).len();
        println!("{format}: {bytes} bytes in {:?}", started.elapsed());
    }
}

/// A pipe that breaks, a disk that is full.
#[test]
fn errors_of_the_output_come_back() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let report = sample::report(&Planted::new());
    for &format in Format::ALL {
        let error = write(format, &report, &Options::default(), &mut Full).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull, "{format}");
    }
}
