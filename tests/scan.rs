//! `deadkey scan`, through the built binary.

use crate::program::{Run, deadkey, deadkey_with_input};
use serde_json::Value;
use std::fs;
use std::path::Path;
use testkit::{Encoding, Repository, Rng, secrets};

fn token(seed: u64) -> String {
    String::from_utf8(secrets::github_classic(&mut Rng::new(seed))).unwrap()
}

fn write(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Where a run says it found something: `(path, line, column)`, sorted.
fn places(run: &Run) -> Vec<(String, u64, u64)> {
    let mut places: Vec<_> = run
        .json_lines()
        .iter()
        .flat_map(|finding| finding["places"].as_array().unwrap().clone())
        .map(|place| {
            let number = |key: &str| place[key].as_u64().unwrap();
            (place["path"].as_str().unwrap().to_owned(), number("line"), number("column"))
        })
        .collect();
    places.sort();
    places
}

#[test]
fn a_clean_folder_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.txt", "nothing here\n");
    let run = deadkey(folder.path(), &["scan", "."]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stdout, "");
}

/// Once a name in a unit test was taken for one, and only the last step of `.ci/run` saw it.
#[test]
fn our_own_tree_holds_no_credential() {
    let run = deadkey(Path::new(env!("CARGO_MANIFEST_DIR")), &["scan", "--no-history", "."]);
    assert_eq!(run.code, 0, "name it otherwise, or make it at run time with testkit: {}", run.stdout);
}

#[test]
fn a_token_is_found_at_its_place_and_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    let token = token(1);
    write(folder.path(), "src/a.env", format!("# é\nexport GITHUB_TOKEN=\"{token}\"\n"));
    for format in ["text", "jsonl", "sarif"] {
        let run = deadkey(folder.path(), &["scan", "--format", format, "-v", "."]);
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(!run.stdout.contains(&token) && !run.stderr.contains(&token), "{format} prints the secret");
        assert!(!run.stdout.contains(&token[8..30]), "{format} prints too much of the secret");
    }
    let run = deadkey(folder.path(), &["scan", "--format", "jsonl", "."]);
    assert_eq!(places(&run), [("src/a.env".to_owned(), 2, 22)]);
    let finding = &run.json_lines()[0];
    assert_eq!(finding["rule"], "github-pat-classic");
    assert_eq!(finding["confidence"], "confirmed");
    assert_eq!(finding["verdict"]["state"], "not-checked");
    let shown = deadkey(folder.path(), &["scan", "--format", "jsonl", "--show-secrets", "."]);
    assert_eq!(shown.json_lines()[0]["secret"], Value::String(token));
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    for i in 0..40 {
        let mut text = Rng::new(i).text(b"abcdefghij \n", 3000);
        text.extend_from_slice(token(i % 7).as_bytes());
        text.push(b'\n');
        write(folder.path(), &format!("d{}/f{i}.py", i % 5), text);
    }
    let mut large = vec![b'x'; 20 << 20];
    let at = large.len() / 2 + 3;
    large[at - 1] = b' ';
    large[at..at + 40].copy_from_slice(token(99).as_bytes());
    large[at + 40] = b'\n';
    write(folder.path(), "large.bin", large);
    for format in ["text", "jsonl", "sarif"] {
        let one = deadkey(folder.path(), &["scan", "--format", format, "--jobs", "1", "."]);
        assert_eq!(one.code, 1, "{}", one.stderr);
        for jobs in ["2", "8"] {
            let more = deadkey(folder.path(), &["scan", "--format", format, "--jobs", jobs, "."]);
            assert_eq!(one.stdout, more.stdout, "{format} with {jobs} threads");
        }
    }
}

#[test]
fn standard_input_is_scanned_as_a_stream() {
    let token = token(3);
    let mut text = b"first line\n".repeat(300_000);
    text.extend_from_slice(format!("token {token}").as_bytes());
    let run = deadkey_with_input(&["scan", "--format", "jsonl", "-"], &text);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(places(&run), [("-".to_owned(), 300_001, 7)]);
    assert!(!run.stdout.contains(&token));
}

#[test]
fn encoded_tokens_are_found_with_their_chain() {
    let folder = tempfile::tempdir().unwrap();
    let token = token(4);
    let text = format!("value: {token}\nand some more text behind it\n");
    let base64 = Encoding::Base64 { url_safe: false, padded: true };
    let cases = [
        ("base64", &[base64][..], "[\"base64\"]"),
        ("twice", &[base64, base64], "[\"base64\",\"base64\"]"),
        ("hex", &[Encoding::Hex { upper: false }], "[\"hex\"]"),
        ("gzip", &[Encoding::GzipBase64], "[\"base64\",\"gzip\"]"),
    ];
    for (name, chain, _) in cases {
        let mut encoded = b"x = ".to_vec();
        encoded.extend(testkit::encode::through(chain, text.as_bytes()));
        write(folder.path(), name, encoded);
    }
    let run = deadkey(folder.path(), &["scan", "--format", "jsonl", "."]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let findings = run.json_lines();
    assert_eq!(findings.len(), 1, "one credential, many places");
    let places = findings[0]["places"].as_array().unwrap();
    for (name, _, decoded) in cases {
        let place = places.iter().find(|p| p["path"] == name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(place["decoded"].to_string(), decoded);
        assert_eq!(place["line"], 1);
    }
    let run = deadkey(folder.path(), &["scan", "--decode-depth", "1", "--format", "jsonl", "."]);
    assert_eq!(run.json_lines()[0]["places"].as_array().unwrap().len(), 2);
    let run = deadkey(folder.path(), &["scan", "--decode-depth", "0", "."]);
    assert_eq!(run.code, 0);
}

#[test]
fn a_committed_file_that_git_ignores_is_scanned() {
    let mut repository = Repository::new();
    repository.write(".gitignore", ".env\nbuild/\n");
    repository.write(".env", format!("GITHUB_TOKEN={}\n", token(5)));
    repository.git(&["add", "-f", ".env", ".gitignore"]);
    repository.commit("first");
    repository.write("build/out.txt", format!("{}\n", token(6)));
    let run = deadkey(repository.path(), &["scan", "--no-history", "--format", "jsonl", "."]);
    assert_eq!(places(&run), [(".env".to_owned(), 1, 14)]);
    assert!(run.stderr.contains("history not scanned"), "{}", run.stderr);
    let run = deadkey(repository.path(), &["scan", "--no-ignore", "--no-history", "--format", "jsonl", "."]);
    assert_eq!(places(&run).len(), 2);
    // In the file, and in the commit.
    let run = deadkey(repository.path(), &["scan", "--format", "jsonl", "."]);
    assert_eq!(places(&run), [(".env".to_owned(), 1, 14), (".env".to_owned(), 1, 14)]);
    assert!(!run.stderr.contains("history not scanned"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_scanned_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "broken.zip", b"PK\x03\x04 this is no archive");
    let run = deadkey(folder.path(), &["scan", "."]);
    assert_eq!(run.code, 0, "an archive that does not open is a notice: {}", run.stderr);
    assert!(run.stderr.contains("broken.zip"), "{}", run.stderr);
    let run = deadkey(folder.path(), &["scan", "--strict", "."]);
    assert_eq!(run.code, 3);
}

#[test]
fn what_decoding_cuts_off_is_a_gap_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let packed = [&vec![b' '; 1 << 20][..], token(4).as_bytes(), b"\n"].concat();
    let text = [b"first\nkey: ", &Encoding::GzipBase64.encode(&packed)[..], b"\nlast\n"].concat();
    write(folder.path(), "a/bomb.yaml", &text);
    let run = deadkey(folder.path(), &["scan", "."]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("a/bomb.yaml:2") && run.stderr.contains("--decode-limit"), "{}", run.stderr);
    let piped = deadkey_with_input(&["scan", "-"], &text);
    assert_eq!(piped.code, 3, "{}", piped.stderr);
    assert!(piped.stderr.contains(":2") && piped.stderr.contains("--decode-limit"), "{}", piped.stderr);
    let run = deadkey(folder.path(), &["scan", "--decode-limit", "10000", "--format", "jsonl", "."]);
    assert_eq!((run.code, places(&run)), (1, vec![("a/bomb.yaml".to_owned(), 2, 6)]), "{}", run.stderr);
}

#[test]
fn bad_usage_names_the_thing_and_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "bad.toml",
        "provider = \"X\"\n[[rule]]\nid = \"x\"\nname = \"x\"\nseverity = \"high\"\nshape = 'abc[a-z]+'\n",
    );
    let cases: [(&[&str], &[&str]); 6] = [
        (&["scan", "missing"], &["missing"]),
        (&["scan"], &["PATH"]),
        (&["scan", "--confidence", "certain", "."], &["certain", "medium"]),
        (&["scan", "--rule", "github-pat", "."], &["github-pat", "did you mean"]),
        (&["scan", "--rules", "bad.toml", "."], &["bad.toml:6", "'x'", "upper bound"]),
        (&["scan", "--output", "no/such/folder/x", "."], &["no/such/folder/x"]),
    ];
    for (arguments, wanted) in cases {
        let run = deadkey(folder.path(), arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        for word in wanted {
            assert!(run.stderr.contains(word), "{arguments:?} does not name {word}: {}", run.stderr);
        }
    }
}

#[test]
fn exit_codes_can_be_changed_for_findings_only() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.txt", token(7));
    assert_eq!(deadkey(folder.path(), &["scan", "--exit-zero", "."]).code, 0);
    assert_eq!(deadkey(folder.path(), &["scan", "--exit-code", "17", "."]).code, 17);
    write(folder.path(), "a.txt", "clean");
    assert_eq!(deadkey(folder.path(), &["scan", "--exit-code", "17", "."]).code, 0);
}

#[test]
fn output_goes_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "in/a.txt", token(8));
    let run = deadkey(folder.path(), &["scan", "--format", "sarif", "--output", "out.sarif", "in"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    let sarif: Value = serde_json::from_slice(&fs::read(folder.path().join("out.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 1);
}

#[test]
fn members_of_archives_have_their_own_paths() {
    let folder = tempfile::tempdir().unwrap();
    let gz = testkit::encode::gzip(format!("a\nb\n{}\n", token(9)).as_bytes());
    write(folder.path(), "log.gz", gz);
    let run = deadkey(folder.path(), &["scan", "--format", "jsonl", "."]);
    assert_eq!(places(&run), [("log.gz!log".to_owned(), 3, 1)]);
}
