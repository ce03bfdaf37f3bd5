//! Ctrl-C: the report of what was found until then is whole as a text, and says that it is not as a scan.

use crate::found::{holding, places, secrets};
use crate::program::{Run, command, run};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use testkit::{Repository, Rng};

fn start(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = command();
    command.args(arguments).current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("it starts")
}

fn interrupt(child: &Child) {
    let pid = child.id().to_string();
    // It may have ended on its own.
    let _ = Command::new("kill").args(["-INT", &pid]).status().expect("kill is there");
}

fn end(child: Child) -> Run {
    run(child.wait_with_output().expect("it ends"))
}

/// A history of many versions of text that is not alike, each with a secret.
fn long(commits: u64) -> Repository {
    let repository = Repository::new();
    let mut rng = Rng::new(77);
    let mut stream = String::new();
    for number in 0..commits {
        let mut text = holding(number);
        for _ in 0..600 {
            let words: Vec<String> =
                (0..6).map(|_| String::from_utf8(rng.text(testkit::secrets::BASE62, 9)).expect("ASCII")).collect();
            writeln!(text, "{}", words.join(" = ")).expect("a string takes all");
        }
        let time = 1_700_000_000 + number;
        write!(stream, "commit refs/heads/main\ncommitter A <a@example.invalid> {time} +0000\ndata 1\nx\n")
            .expect("fits");
        write!(stream, "M 644 inline {number}.env\ndata {}\n{text}\n", text.len()).expect("fits");
    }
    repository.git_with_input(&["-c", "fastimport.unpackLimit=0", "fast-import", "--quiet"], stream.as_bytes());
    repository
}

/// An interrupted run is one in form.
#[track_caller]
fn is_partial(run: &Run) {
    assert_eq!(run.code, 130, "{}", run.stderr);
    assert!(run.stderr.contains("it was interrupted"), "{}", run.stderr);
    assert!(!run.stderr.contains("panic") && !run.stderr.contains("missing"), "{}", run.stderr);
}

#[test]
fn an_interrupt_leaves_what_was_found_until_then() {
    let commits = 400;
    let repository = long(commits);
    let arguments = ["git", "--format", "jsonl", "--show-secrets", "--rule", "github-pat-classic"];
    let mut part = 0;
    // As long as it takes on this machine for the interrupt to fall into the scan: a binary search, begun anew a few times,
    // for a machine's speed is not the same from run to run.
    'rounds: for _ in 0..6 {
        let (mut early, mut late) = (0, 1600);
        while early + 2 < late {
            let delay = (early + late) / 2;
            let child = start(repository.path(), &arguments);
            std::thread::sleep(Duration::from_millis(delay));
            let sent = Instant::now();
            interrupt(&child);
            let run = end(child);
            assert!(sent.elapsed() < Duration::from_secs(20), "{:?}", sent.elapsed());
            // It ended before, or the interrupt came when all had been looked at.
            if run.code == 1 || run.stderr.contains("complete: all that was asked for") {
                late = delay;
                continue;
            }
            is_partial(&run);
            let found: BTreeSet<String> = places(&run).into_keys().collect();
            assert!(found.is_subset(&secrets(0..commits)), "something that never was");
            part = found.len();
            match part {
                0 => early = delay,
                _ if part == commits as usize => late = delay,
                _ => break 'rounds,
            }
        }
    }
    assert!(part > 0 && part < commits as usize, "{part} of {commits}");
}

#[test]
fn an_interrupt_before_the_history_begins_leaves_a_whole_report() {
    let repository = long(3);
    for format in ["sarif", "jsonl", "text"] {
        let report = repository.path().join("report");
        let path = report.to_str().expect("UTF-8");
        // Standard input is scanned first, and keeps the scan waiting.
        let mut child = start(repository.path(), &["scan", "-", ".", "--format", format, "-o", path]);
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(holding(50).as_bytes()).expect("it reads");
        std::thread::sleep(Duration::from_millis(300));
        interrupt(&child);
        drop(input);
        is_partial(&end(child));
        let text = fs::read_to_string(&report).expect("a report");
        if format == "sarif" {
            let sarif: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], false);
        } else if format == "jsonl" {
            text.lines().for_each(|line| drop(serde_json::from_str::<serde_json::Value>(line).expect("JSON")));
        }
        fs::remove_file(report).expect("it was there");
    }
}

#[test]
fn an_interrupt_during_a_clone_ends_it() {
    // A server that never answers.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/x.git", listener.local_addr().expect("an address"));
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = command();
    command.args(["git", &url]).current_dir(folder.path()).env("TMPDIR", folder.path());
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let _connection = listener.accept().expect("git calls");
    interrupt(&child);
    let run = end(child);
    assert_eq!((run.code, run.stdout.as_str()), (130, ""), "{}", run.stderr);
    assert!(run.stderr.contains("interrupted"), "{}", run.stderr);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "the clone is gone");
}
