//! `deadkey run`: a command under watch behaves as it does alone, and its secrets do not come through.
#![cfg(unix)]

use crate::program::{Run, command, run};
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use testkit::encode::through;
use testkit::{Encoding, Rng};

/// A value that every encoding changes; no scanner takes it for anything.
const VALUE: &str = "it's <b>&\"7/x+y\"\\ %";
const NAME: &str = "MY_TOKEN";

/// A command that is run under watch with the options, and has [`VALUE`] in its environment.
fn watched(options: &[&str], under: &[impl AsRef<OsStr>]) -> Command {
    let mut command = command();
    command.arg("run").args(options).arg("--").args(under).env(NAME, VALUE);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn shell(options: &[&str], script: &str) -> Command {
    watched(options, &["/bin/sh", "-c", script])
}

fn output(mut command: Command) -> Run {
    run(command.output().expect("it runs"))
}

fn send(child: &Child, signal: &str) {
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill is there");
    assert!(status.success());
}

/// Starts a script that says `ready`, and reads that.
fn ready(mut command: Command) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = command.spawn().expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    out.read_line(&mut line).expect("it says something");
    assert_eq!(line, "ready\n");
    (child, out)
}

#[test]
fn exit_statuses_are_the_commands() {
    for code in [0, 1, 2, 7, 126, 127, 128, 255] {
        let run = output(shell(&[], &format!("exit {code}")));
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (code, "", ""));
    }
    for (name, number) in [("TERM", 15), ("INT", 2), ("KILL", 9), ("SEGV", 11), ("USR1", 10), ("PIPE", 13)] {
        let mut watched = shell(&[], &format!("kill -{name} $$"));
        let status = watched.status().expect("it runs");
        assert_eq!(status.signal(), Some(number), "{name}: {status:?}");
        let nested = Command::new("/bin/sh")
            .args(["-c", "\"$0\" run -- /bin/sh -c \"kill -$1 \\$\\$\"; exit $?"])
            .args([crate::program::program(), name.into()])
            .stderr(Stdio::null())
            .status()
            .expect("it runs");
        assert_eq!(nested.code(), Some(128 + number), "as a shell says it");
    }
}

#[test]
fn a_command_that_is_not_there_or_cannot_be_run_is_told_as_shells_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("script");
    let path = file.to_str().expect("UTF-8");
    fs::write(&file, "echo \"$0 $1\"; exit 3\n").expect("written");
    for (command, code, says) in [
        ("deadkey-no-such-command", 127, "there is no such command in PATH"),
        ("/deadkey/no/such", 127, "there is no such file"),
        (path, 126, "it is not executable"),
        (folder.path().to_str().expect("UTF-8"), 126, "cannot be run"),
    ] {
        let run = output(watched(&[], &[command]));
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{command}");
        assert!(run.stderr.contains(says) && run.stderr.lines().count() == 1, "{}", run.stderr);
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("its owner may");
    let run = output(watched(&[], &[path, "x"]));
    assert_eq!((run.code, run.stdout), (3, format!("{path} x\n")), "a script without a first line is the shell's");
    fs::write(&file, "#!/deadkey/no/such\n").expect("written");
    assert_eq!(output(watched(&[], &[path])).code, 127);
}

#[test]
fn signals_reach_the_command_once_and_it_decides() {
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1), ("QUIT", 3), ("USR1", 10), ("USR2", 12)] {
        let script = format!("trap 'echo got {signal}; exit 40' {signal}; echo ready; while :; do sleep 0.01; done");
        let (mut child, mut out) = ready(shell(&[], &script));
        send(&child, &format!("-{signal}"));
        let mut rest = String::new();
        out.read_to_string(&mut rest).expect("text");
        assert_eq!((child.wait().expect("it ends").code(), rest), (Some(40), format!("got {signal}\n")));

        let (mut child, _out) = ready(shell(&[], "echo ready; exec sleep 60"));
        send(&child, &format!("-{signal}"));
        assert_eq!(child.wait().expect("it ends").signal(), Some(number), "{signal}");
    }
}

#[test]
fn what_is_ignored_stays_ignored() {
    let mut nohup = Command::new("/bin/sh");
    let script = "trap '' HUP; exec \"$0\" run -- /bin/sh -c 'echo ready; kill -HUP $$; sleep 0.3; exit 6'";
    nohup.args([OsStr::new("-c"), OsStr::new(script), &crate::program::program()]).stdout(Stdio::piped());
    let (mut child, _out) = ready(nohup);
    send(&child, "-HUP");
    assert_eq!(child.wait().expect("it ends").code(), Some(6));
}

#[test]
fn both_streams_come_in_the_order_in_which_they_were_written() {
    let script = "i=0; while [ $i -lt 5000 ]; do echo out $i; echo err $i >&2; i=$((i+1)); done";
    for options in [&[][..], &["--mask"]] {
        let run = output(shell(options, script));
        let wanted: String = (0..5000).map(|i| format!("out {i}\nerr {i}\n")).collect();
        assert!(run.stdout == wanted, "{} bytes", run.stdout.len());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    }
}

#[test]
fn output_comes_at_once() {
    let mut child = shell(&["--mask"], "printf 'name? '; sleep 60").spawn().expect("it starts");
    let started = Instant::now();
    let mut prompt = [0; 6];
    child.stdout.take().expect("a pipe").read_exact(&mut prompt).expect("a prompt");
    assert!(&prompt == b"name? " && started.elapsed() < Duration::from_secs(20));
    send(&child, "-TERM");
    child.wait().expect("it ends");
}

/// All that a stream of text and bytes holds comes through, in little memory. (1 GB by hand: docs/run.md.)
#[test]
fn much_output_passes_unchanged_in_constant_memory() {
    let script = "i=0; while [ $i -lt $1 ]; do cat \"$0\"; i=$((i+1)); done";
    let mut rng = Rng::new(12);
    let mut block = Vec::new();
    while block.len() < 1_000_000 {
        let line = rng.below(200) as usize;
        block.extend(if rng.below(50) == 0 { rng.bytes(line) } else { rng.text(testkit::secrets::BASE62, line) });
        block.push(b'\n');
    }
    block.truncate(1_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("block");
    fs::write(&file, &block).expect("written");
    // A debug build looks at a few megabytes a second.
    for (options, blocks) in [(&["--no-env"][..], "200"), (&["--mask"], "30")] {
        let mut command = watched(
            options,
            &[OsStr::new("/bin/sh"), OsStr::new("-c"), OsStr::new(script), file.as_os_str(), OsStr::new(blocks)],
        );
        let mut child = command.stderr(Stdio::inherit()).spawn().expect("it starts");
        let mut out = child.stdout.take().expect("a pipe");
        let mut here = vec![0; block.len()];
        let mut peak = 0;
        for _ in 0..blocks.parse().expect("a number") {
            out.read_exact(&mut here).expect("as much as there was");
            assert!(here == block);
            peak = peak.max(resident(child.id()));
        }
        assert_eq!(out.read(&mut here).expect("the end"), 0);
        assert!(child.wait().expect("it ends").success());
        assert!(peak < 24 << 10, "{peak} KiB");
    }
}

/// Anonymous memory of a process in KiB; 0 where the system does not tell.
fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}

#[test]
fn a_command_that_closes_its_output_early_is_waited_for() {
    let started = Instant::now();
    let run = output(shell(&["--mask"], "echo a; exec >&- 2>&-; sleep 0.5; exit 9"));
    assert_eq!((run.code, run.stdout.as_str()), (9, "a\n"));
    assert!(started.elapsed() >= Duration::from_millis(500));
}

#[test]
fn what_a_command_started_is_waited_for_a_while() {
    let run = output(shell(&["--mask"], "(sleep 0.3; echo late) & echo early; exit 4"));
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (4, "early\nlate\n", ""));
    let started = Instant::now();
    let run = output(shell(&["--linger", "20"], "sleep 30 >/dev/null 2>&1 & echo early"));
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "early\n", ""), "nobody holds the output");
    for linger in ["0", "1"] {
        let mut command = shell(&["--linger", linger], "sleep 30 & echo early; exit 4");
        // The one that is left over must not hold the test's pipe.
        let run = run_to_files(&mut command);
        assert_eq!((run.code, run.stdout.as_str()), (4, "early\n"));
        assert!(run.stderr.contains("still holds its output"), "{}", run.stderr);
    }
    let run = run_to_files(&mut shell(&["--linger", "0"], "yes >&2 & echo early; exit 4"));
    assert_eq!(run.code, 4, "who never stops does not keep us");
    assert!(started.elapsed() < Duration::from_secs(15));
}

fn run_to_files(command: &mut Command) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let (out, error) = (folder.path().join("out"), folder.path().join("err"));
    let file = |path: &Path| fs::File::create(path).expect("a file");
    let status = command.stdout(file(&out)).stderr(file(&error)).status().expect("it runs");
    let text = |path: &Path| fs::read_to_string(path).expect("text");
    Run { code: status.code().unwrap_or(-1), stdout: text(&out), stderr: text(&error) }
}

#[test]
fn a_reader_that_goes_is_seen_by_the_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let note = folder.path().join("note");
    let script = "trap '' PIPE; echo ready; while [ ! -e \"$0.go\" ]; do sleep 0.01; done; sleep 0.1; \
                  echo more 2>/dev/null; echo $? > \"$0\"; exit 11";
    for options in [&[][..], &["--mask"]] {
        let _ = fs::remove_file(note.with_file_name("note.go"));
        let (mut child, out) =
            ready(watched(options, &[OsStr::new("/bin/sh"), OsStr::new("-c"), OsStr::new(script), note.as_os_str()]));
        drop(out);
        fs::write(note.with_file_name("note.go"), "").expect("written");
        assert_eq!(child.wait().expect("it ends").code(), Some(11));
        assert_ne!(fs::read_to_string(&note).expect("a note").trim(), "0", "the very next write fails");
    }
    let (mut child, out) = ready(shell(&[], "echo ready; exec yes"));
    drop(out);
    assert_eq!(child.wait().expect("it ends").signal(), Some(13), "SIGPIPE");
}

#[test]
fn standard_input_is_the_commands() {
    let mut child = watched(&[], &["cat"]).stdin(Stdio::piped()).spawn().expect("it starts");
    child.stdin.take().expect("a pipe").write_all(b"in and out").expect("it reads");
    assert_eq!(run(child.wait_with_output().expect("it ends")).stdout, "in and out");
}

#[test]
fn a_leak_says_so_in_the_status_and_leaves_the_output_alone() {
    let script = "printf '%s\\n' \"a $MY_TOKEN b\" >&2; exit $CODE";
    for (options, code, wanted) in [
        (&[][..], "0", 1),
        (&[], "5", 5),
        (&["--leak-status", "77"], "0", 77),
        (&["--leak-status", "77"], "5", 5),
        (&["--leak-status", "0"], "0", 0),
        (&["--exit-zero"], "0", 0),
        (&["--exit-code", "12"], "0", 12),
        (&["--mask"], "0", 1),
        (&["--no-env"], "0", 0),
    ] {
        let mut command = shell(options, script);
        command.env("CODE", code);
        let run = output(command);
        assert_eq!(run.code, wanted, "{options:?} {code}");
        let shown = if options.contains(&"--mask") { "***" } else { VALUE };
        assert_eq!(run.stdout, format!("a {shown} b\n"));
        assert_eq!(run.stderr.contains("MY_TOKEN"), !options.contains(&"--no-env"), "{}", run.stderr);
        assert!(!run.stderr.contains(VALUE));
    }
}

#[test]
fn kill_ends_the_command_and_what_it_started() {
    let started = Instant::now();
    let leak = "printf '%s\\n' \"$MY_TOKEN\"";
    let run = output(shell(&["--kill"], &format!("sleep 60 & {leak}; sleep 60; echo never")));
    assert_eq!((run.code, run.stdout.as_str()), (1, format!("{VALUE}\n").as_str()));
    let script = format!("trap '' TERM; {leak}; sleep 60; sleep 60; echo never");
    let run = output(shell(&["--kill", "--grace", "1", "--leak-status", "9", "--mask"], &script));
    assert_eq!((run.code, run.stdout.as_str()), (9, "***\n"));
    let run = output(shell(&["--kill"], &format!("trap 'echo tidy; exit 8' TERM; {leak}; sleep 60 & wait")));
    assert_eq!((run.code, run.stdout.ends_with("tidy\n")), (8, true), "its own status, if it has one");
    assert!(started.elapsed() < Duration::from_secs(30));
}

/// [`VALUE`] as it may be printed, and what of it is to be left.
fn forms() -> Vec<Vec<u8>> {
    let base64 = Encoding::Base64 { url_safe: false, padded: true };
    let mut forms: Vec<Vec<u8>> = vec![
        VALUE.into(),
        b"it's <b>&\\\"7/x+y\\\"\\\\ %".to_vec(),
        b"it'\\''s <b>&\"7/x+y\"\\ %".to_vec(),
        b"it%27s%20%3Cb%3E%26%227%2Fx%2By%22%5C%20%25".to_vec(),
        b"it%27s+%3cb%3e%26%227%2fx%2by%22%5c+%25".to_vec(),
        b"it&#39;s &lt;b&gt;&amp;&quot;7/x+y&quot;\\ %".to_vec(),
    ];
    forms.extend(
        [Encoding::Hex { upper: false }, Encoding::Hex { upper: true }, Encoding::Percent]
            .map(|way| way.encode(VALUE.as_bytes())),
    );
    for before in ["", "a", "ab"] {
        let text = format!("{before}{VALUE}");
        forms.push(base64.encode(text.as_bytes()));
        forms.push(Encoding::Base64 { url_safe: true, padded: false }.encode(text.as_bytes()));
        forms.push(through(&[base64, base64], text.as_bytes()));
    }
    forms
}

#[test]
fn every_form_of_a_value_is_masked_across_any_cuts() {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, form) in forms().into_iter().enumerate() {
        let text = [b"[", form.as_slice(), b"]\n"].concat();
        let file = folder.path().join(number.to_string());
        fs::write(&file, &text).expect("written");
        // Whole, and byte by byte with a write for each.
        for script in ["cat \"$0\"", "dd if=\"$0\" bs=1 2>/dev/null"] {
            let words = [OsStr::new("/bin/sh"), OsStr::new("-c"), OsStr::new(script), file.as_os_str()];
            let run = output(watched(&["--mask"], &words));
            let (head, tail) = run.stdout.split_once("***").unwrap_or_else(|| panic!("{number}: {}", run.stdout));
            // At the ends of base64, characters that also hold what stands around the value may stay.
            assert!(head.len() <= 6 && tail.trim_end().len() <= 10, "{number}: {}", run.stdout);
            assert!(text.starts_with(head.as_bytes()) && text.ends_with(tail.as_bytes()), "{number}: {}", run.stdout);
            assert_eq!(run.code, 1);
            assert!(run.stderr.contains("known-value") && !run.stderr.contains(VALUE), "{}", run.stderr);
            let plain = watched(&[], &words).output().expect("it runs");
            assert!(plain.stdout == text, "without --mask nothing is changed");
        }
    }
}

#[test]
fn lines_of_a_key_are_masked_each_and_stay_lines() {
    let key = String::from_utf8(testkit::secrets::private_key(&mut Rng::new(3))).expect("ASCII");
    let mut command = shell(&["--mask"], "echo \"$SIGNING_KEY_PEM\"; echo \"$SIGNING_KEY_PEM\" | sed -n 5p");
    command.env("SIGNING_KEY_PEM", key.trim_end());
    let run = output(command);
    assert_eq!(run.stdout, "***\n".repeat(key.trim_end().lines().count() + 1));
    assert_eq!(run.code, 1);
}

#[test]
fn reports_are_written_as_asked_and_values_left_out_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report");
    let mut command = shell(
        &["--format", "jsonl", "-o", report.to_str().expect("UTF-8")],
        "printf 'ü\\n\\360\\237\\230\\200 %s' \"$MY_TOKEN\"",
    );
    command.env("SHORT_TOKEN", "abc").env("MODE_SECRET", "disabled").env("DATABASE", "postgres-9-value");
    let run = output(command);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("values not looked for: MODE_SECRET (a common word), SHORT_TOKEN (too short)"));
    let text = fs::read_to_string(&report).expect("a report");
    let finding: serde_json::Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    let place = &finding["places"][0];
    assert_eq!((&place["line"], &place["column"], &place["offset"]), (&2.into(), &4.into(), &8.into()));
    assert!(!text.contains(VALUE));

    let mut command = shell(&["--mask", "--env", "DATABASE"], "echo \"$DATABASE\"");
    command.env("DATABASE", "postgres-9-value");
    assert_eq!(output(command).stdout, "***\n");
    let run = output(shell(&["--env", "NOT_THERE"], "echo never"));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("there is no variable of that name"), "{}", run.stderr);
}
