use super::*;
use crate::{Rng, secrets};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;

fn secret(seed: u64) -> String {
    String::from_utf8(secrets::password(&mut Rng::new(seed))).expect("ASCII")
}

fn jsonl(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

/// Two credentials and two texts without any, as another scanner's tests have them.
fn vectors(secret: &str) -> Vec<Value> {
    let row = |rule: &str, text: String, expected: Vec<&str>, label: &str, class: &str| json!({"source": "other", "rule": rule, "text": text, "expected": expected, "label": label, "class": class});
    vec![
        row("acme", format!("clé = {secret}\n"), vec![secret], "pos", "plain"),
        row("acme", format!("é 𝕏 {secret} twice {secret}"), vec![secret], "pos", "plain"),
        row("acme", "key = <your key>".to_owned(), vec![], "neg", "placeholder"),
        row("zinc", "two\nlines".to_owned(), vec![], "pos", "plain"),
    ]
}

fn read(text: &str) -> Result<Set, Error> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.jsonl");
    std::fs::write(&path, text).expect("a file");
    Set::read(&path)
}

#[test]
fn both_formats_are_read_gzipped_or_not() {
    let secret = secret(1);
    let text = jsonl(&vectors(&secret));
    let plain = read(&text).expect("rows");
    assert_eq!((plain.kind, plain.rows.len()), (Kind::Vectors, 4));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.jsonl.gz");
    let file = std::fs::File::create(&path).expect("a file");
    let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish().map(drop)).expect("written");
    assert_eq!(Set::read(&path).expect("rows").rows.len(), 4);

    let line = json!({"extension": ".js", "in_test_folder": false, "line": "a = b", "value": "", "label": "neg",
        "category": "Key", "group": "generic"});
    let lines = read(&jsonl(&[line])).expect("rows");
    assert_eq!(lines.kind, Kind::Lines);
    assert_eq!((lines.rows[0].extension.as_str(), lines.rows[0].rule.as_str()), (".js", "Key"));
    assert!(lines.rows[0].spans().is_empty(), "no value: the whole line");
}

#[test]
fn faults_in_data_are_named() {
    let fault = |text: &str| read(text).expect_err("a fault").to_string();
    assert!(fault("").contains("holds no rows"));
    assert!(fault("\n{").contains("line 2"), "{}", fault("\n{"));
    assert!(fault("{\"label\": \"maybe\"}").contains("'pos' and 'neg'"));
    assert!(fault("{\"label\": \"pos\", \"line\": \"x\"}").contains("no text"), "{}", fault("{\"line\": 1}"));
    let mixed = jsonl(&[
        vectors("x").remove(0),
        json!({"extension": "", "line": "", "value": "", "label": "neg", "category": "", "group": ""}),
    ]);
    assert!(fault(&mixed).contains("other format"));
}

#[test]
fn every_row_has_a_file_and_every_file_its_row() {
    let mut row = read(&jsonl(&vectors("x"))).expect("rows").rows.remove(0);
    for (kind, number) in [(Kind::Vectors, 0), (Kind::Lines, 499), (Kind::Lines, 500), (Kind::Vectors, 123_456)] {
        for extension in ["", ".js", ".x.y"] {
            extension.clone_into(&mut row.extension);
            let path = layout::path(kind, number, &row);
            for folder in ["", "/tmp/rows/", "file:///C:/", "C:\\rows\\"] {
                assert_eq!(layout::row(&format!("{folder}{}", path.display())), Some((kind, number)));
            }
        }
    }
    for other in ["", "x", "lines/0/x", "lines/1/7/x", "lines/0/7/y", "words/0/7/x", "lines/0/-7/x"] {
        assert_eq!(layout::row(other), None, "{other}");
    }
}

#[test]
fn halves_are_halves() {
    let mut rows = read(&jsonl(&vectors("x"))).expect("rows").rows;
    let mut training = 0;
    for number in 0..2000 {
        rows[0].text = format!("password = {number}");
        training += usize::from(rows[0].half() == Half::Training);
    }
    assert!((900..1100).contains(&training), "{training} of 2000");
}

/// What a scanner that we do not know writes of the vectors' files.
fn foreign_sarif(secret: &str) -> Value {
    let at =
        |uri: &str, region: Value| json!([{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}]);
    let end = |start: usize| start + secret.len();
    json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "other", "rules": [{"id": "first"}]}}, "results": [
        {"ruleIndex": 0, "locations": at("file:///tmp/rows/vectors/0/0/x", json!({"startLine": 1, "startColumn": 7, "endColumn": end(7)}))},
        // UTF-16: the letter outside the basic plane counts twice.
        {"ruleId": "second", "locations": at("vectors%2F0%2F1%2Fx", json!({"startLine": 1, "startColumn": 6, "endLine": 1, "endColumn": end(6)}))},
        {"ruleId": "third", "locations": at("vectors/0/2/x", json!({"startLine": 1})), "suppressions": [{"kind": "inSource"}]},
        {"ruleId": "third", "locations": at("vectors/0/2/x", json!({"startLine": 1})), "kind": "pass"},
        {"ruleId": "third", "locations": at("vectors/0/3/x", json!({"startLine": 2, "startColumn": -1}))},
        {"ruleId": "third", "locations": at("README.md", json!({"startLine": 1}))},
        {"ruleId": "third", "message": {"text": "nowhere"}},
    ]}]})
}

#[test]
fn another_scanners_sarif_is_counted() {
    let secret = secret(2);
    let sets = [read(&jsonl(&vectors(&secret))).expect("rows")];
    let hits = Hits::from_sarif("other.sarif", &foreign_sarif(&secret).to_string(), &sets).expect("SARIF");
    assert_eq!((hits.rows(), hits.elsewhere), (3, 1));
    let first = &hits.of(Kind::Vectors, 0)[0];
    assert_eq!((&sets[0].rows[0].text[first.span.clone()], first.rule.as_str()), (secret.as_str(), "first"));
    assert_eq!(&sets[0].rows[1].text[hits.of(Kind::Vectors, 1)[0].span.clone()], secret);
    assert_eq!(&sets[0].rows[3].text[hits.of(Kind::Vectors, 3)[0].span.clone()], "lines");
    let score = sets[0].score(&hits, None);
    assert_eq!(score.class("plain").found, Tally { hit: 3, of: 3 });
    assert_eq!(score.class("placeholder").alarms, Tally { hit: 0, of: 1 });
    assert_eq!(score.mean_recall("plain"), Some(100.0));
}

#[test]
fn what_is_no_result_is_said() {
    let fault = |text: &str| Hits::from_sarif("a.sarif", text, &[]).expect_err("a fault").to_string();
    assert!(fault("no JSON").starts_with("a.sarif: "));
    assert!(fault("{}").contains("no runs"));
    let fault = |text: &str| Hits::from_jsonl("out", text, "low", &[]).expect_err("a fault").to_string();
    assert!(fault("{}").contains("out, line 1: no finding"));
}

#[test]
fn a_hit_beside_the_credential_finds_nothing() {
    let secret = secret(3);
    let sets = [read(&jsonl(&vectors(&secret))).expect("rows")];
    let finding = |row: usize, offset: usize, length: usize, confidence: &str| {
        let place = json!({"path": format!("./vectors/0/{row}/x"), "offset": offset, "length": length, "confidence": confidence});
        json!({"rule": "ours", "places": [place]}).to_string()
    };
    let lines = [finding(0, 0, 4, "high"), finding(1, 8, 3, "low"), finding(2, 0, 1, "medium")].join("\n");
    let counted = |least: &str| {
        let score = sets[0].score(&Hits::from_jsonl("out", &lines, least, &sets).expect("findings"), None);
        (score.class("plain").found.hit, score.class("placeholder").alarms.hit)
    };
    assert_eq!(counted("low"), (1, 1));
    assert_eq!(counted("medium"), (0, 1), "the place that hits is less sure");
}

#[test]
fn no_region_leads_out_of_its_text() {
    let mut random = Rng::new(4);
    let text = "a = é𝕏\r\n\nb".to_owned();
    let row = json!({"source": "s", "rule": "r", "text": text, "expected": [], "label": "pos", "class": "plain"});
    let sets = [read(&jsonl(&[row])).expect("rows")];
    for _ in 0..5000 {
        let mut region = serde_json::Map::new();
        for key in
            ["startLine", "startColumn", "endLine", "endColumn", "byteOffset", "byteLength", "charOffset", "charLength"]
        {
            if random.chance(1, 2) {
                region.insert(key.to_owned(), json!(random.below(16) as i64 - 2));
            }
        }
        let column_kind = random.pick(&["utf16CodeUnits", "unicodeCodePoints"]);
        let sarif = json!({"runs": [{"columnKind": column_kind, "results": [{"locations": [{"physicalLocation":
            {"artifactLocation": {"uri": "vectors/0/0/x"}, "region": region}}]}]}]});
        let hits = Hits::from_sarif("a", &sarif.to_string(), &sets).expect("SARIF");
        let span = &hits.of(Kind::Vectors, 0)[0].span;
        assert!(span.start < span.end && span.end <= text.len(), "{span:?} {region:?}");
    }
}

#[test]
fn rows_are_written_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let set = read(&jsonl(&vectors("x"))).expect("rows");
    layout::write(&set, folder.path()).expect("written");
    for (number, row) in set.rows.iter().enumerate() {
        let file = folder.path().join(layout::path(set.kind, number, row));
        assert_eq!(std::fs::read_to_string(file).expect("a file"), row.text);
    }
    let blocked = folder.path().join("vectors/0/0/x");
    assert!(layout::write(&set, &blocked).is_err_and(|error| error.to_string().contains("vectors")));
    assert!(Set::read(Path::new("/nowhere/at/all")).is_err());
}
