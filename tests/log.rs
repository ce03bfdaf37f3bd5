//! `deadkey log`, from one end to the other.

use crate::found::{holding, secret, shown};
use crate::program::{Run, command, deadkey, deadkey_with, deadkey_with_input, run};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use testkit::{Framed, Rng, encode, secrets};

/// Longer than anything takes, on any machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn start(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = command();
    command.arg("log").args(arguments).current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("it starts")
}

/// Lines of a pipe, read by a thread of their own.
fn lines(pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(pipe).lines().map_while(Result::ok).try_for_each(|line| sender.send(line)).ok()
    });
    receiver
}

#[track_caller]
fn next(lines: &mpsc::Receiver<String>) -> String {
    lines.recv_timeout(PATIENCE).expect("a line comes before anything more is written")
}

#[test]
fn the_policy_decides_over_a_log_as_it_comes_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let password = ["kq8#Vz2m", "!Tw9xLpe"].concat();
    let line = format!("DB_PASSWORD={password}\nHOME=/root\n");
    let code = |arguments: &[&str]| deadkey_with(folder.path(), arguments, &[], line.as_bytes()).code;
    let printed = format!("printf 'DB_PASSWORD=%s\nHOME=/root\n' '{password}'");
    let watched = ["run", "--no-env", "--", "sh", "-c", &printed];
    assert_eq!((code(&["log", "-"]), code(&watched)), (1, 1));
    fs::write(folder.path().join(".deadkey.toml"), "fail_on = \"critical\"\n").expect("written");
    assert_eq!((code(&["log", "-"]), code(&watched)), (0, 0), "the policy says what fails");
    let found = deadkey_with(folder.path(), &["log", "--format", "jsonl", "-"], &[], line.as_bytes()).json_lines();
    let entry = format!("[allow-id.\"{}\"]\n", found[0]["fingerprint"].as_str().expect("text"));
    fs::write(folder.path().join(".deadkey.toml"), entry).expect("written");
    assert_eq!((code(&["log", "-"]), code(&watched)), (0, 0), "what is allowed does not count");
    assert_eq!(code(&["log", "--fail-fast", "-"]), 0, "nor does it end the watch");
}

/// A step of GitHub Actions that prints secrets, one a line.
fn github(numbers: &[u64]) -> Vec<u8> {
    let framed = Framed::named("github");
    let mut page = framed.begin();
    (framed.line)(&mut page, b"added 120 packages in 3s");
    for number in numbers {
        (framed.line)(&mut page, format!("pushing with {} now", secret(*number)).as_bytes());
    }
    framed.end(&mut page);
    page.bytes
}

fn fingerprints(run: &Run) -> Vec<String> {
    run.json_lines().iter().map(|finding| finding["fingerprint"].as_str().expect("text").to_owned()).collect()
}

const PAGE: &str = "https://github.com/example/shop/actions/runs/1/job/2";

#[test]
fn every_format_tells_run_step_and_line_and_none_a_secret() {
    let log = github(&[1]);
    for format in ["text", "jsonl", "sarif", "github", "azure", "markdown"] {
        let run = deadkey_with_input(&["log", "-", "--format", format, "--page", PAGE], &log);
        assert_eq!(run.code, 1, "{format}: {}", run.stderr);
        let texts = [("standard output", &*run.stdout), ("standard error", &*run.stderr)];
        assert_eq!(shown([1], &texts), Vec::<String>::new(), "{format}");
        assert!(run.stdout.to_lowercase().contains("github"), "{format}: {}", run.stdout);
    }
    let text = deadkey_with_input(&["log", "-", "--page", PAGE], &log).stdout;
    assert!(text.contains("GitHub Actions") && text.contains("Run make deploy"), "{text}");
    assert!(text.contains(&format!("{PAGE}#step:")), "{text}");
}

#[test]
fn a_log_that_pauses_before_it_ends_is_told_with_its_framing() {
    let mut child = start(Path::new("."), &["-", "--format", "jsonl", "--page", PAGE]);
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(&github(&[1])).expect("it reads");
    std::thread::sleep(Duration::from_millis(300));
    drop(input);
    let run = run(child.wait_with_output().expect("it ends"));
    let log = &run.json_lines()[0]["places"][0]["log"];
    assert_eq!((&log["framing"], &log["step"]["name"]), (&"github".into(), &"Run make deploy".into()), "{log}");
    assert!(log["url"].as_str().expect("a link").contains("#step:"), "{log}");
}

#[test]
fn json_lines_and_sarif_name_the_place_in_the_log() {
    let log = github(&[1]);
    let jsonl = deadkey_with_input(&["log", "-", "--format", "jsonl", "--page", PAGE], &log);
    let place = &jsonl.json_lines()[0]["places"][0];
    assert_eq!((place["line"].as_u64(), place["column"].as_u64()), (Some(10), Some(43)));
    assert_eq!(place["kind"], "log");
    assert_eq!((&place["log"]["framing"], &place["log"]["system"]), (&"github".into(), &"GitHub Actions".into()));
    assert_eq!(place["log"]["run"], PAGE);
    assert_eq!(place["log"]["step"]["name"], "Run make deploy");
    assert_eq!(place["log"]["time"], "2026-01-02T03:04:05.123Z");
    let url = place["log"]["url"].as_str().expect("a link");
    let step = &place["log"]["step"];
    assert_eq!(url, format!("{PAGE}#step:{}:{}", step["number"], step["line"]));

    let sarif = deadkey_with_input(&["log", "-", "--format", "sarif", "--page", PAGE], &log);
    let sarif: Value = serde_json::from_str(&sarif.stdout).expect("JSON");
    let run = &sarif["runs"][0];
    assert_eq!(run["automationDetails"]["id"], "deadkey/logs/");
    let location = &run["results"][0]["locations"][0];
    let logical = &location["logicalLocations"][0];
    assert!(logical["fullyQualifiedName"].as_str().expect("a name").contains("Run make deploy"), "{location}");
    assert!(location.to_string().contains("#step:"), "{location}");
}

#[test]
fn an_unknown_framing_is_refused_by_name_and_a_known_one_is_taken() {
    let log = github(&[1]);
    let run = deadkey_with_input(&["log", "-", "--framing", "githup"], &log);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains("'githup'") && run.stderr.contains("github"), "{}", run.stderr);
    let run = deadkey_with_input(&["log", "-", "--framing", "plain", "--format", "jsonl"], &log);
    assert_eq!(run.json_lines()[0]["places"][0]["log"]["framing"], "plain");
}

#[test]
fn exit_codes_and_what_does_not_go_together() {
    assert_eq!(deadkey_with_input(&["log", "-"], b"all is well\n").code, 0);
    assert_eq!(deadkey_with_input(&["log", "-"], b"").code, 0);
    assert_eq!(deadkey_with_input(&["log", "-", "--exit-zero"], &github(&[1])).code, 0);
    assert_eq!(deadkey_with_input(&["log", "-", "--exit-code", "7"], &github(&[1])).code, 7);
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [&["log", "--tee", "."][..], &["log", "--mask", "."], &["log", "--follow", "."], &["log", "none"]]
    {
        let run = deadkey(folder.path(), arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}: {}", run.stderr);
        assert!(!run.stderr.trim().is_empty());
    }
}

/// Runs the program on a log in pieces with pauses; standard output is bytes.
fn in_pieces(arguments: &[&str], log: &[u8], rng: &mut Rng) -> (i32, Vec<u8>) {
    let mut child = start(Path::new("."), arguments);
    let mut input = child.stdin.take().expect("a pipe");
    let mut output = child.stdout.take().expect("a pipe");
    let reader = std::thread::spawn(move || {
        let mut all = Vec::new();
        output.read_to_end(&mut all).map(|_| all).expect("it can be read")
    });
    let mut at = 0;
    while at < log.len() {
        let end = (at + rng.between(1, 400)).min(log.len());
        input.write_all(&log[at..end]).expect("it reads");
        if rng.chance(1, 4) {
            std::thread::sleep(Duration::from_millis(6));
        }
        at = end;
    }
    drop(input);
    let status = child.wait().expect("it ends");
    (status.code().expect("no signal"), reader.join().expect("it ended"))
}

#[test]
fn tee_passes_the_log_on_byte_for_byte() {
    let mut rng = Rng::new(3);
    // Bytes of any value among the lines, and a last line without its end.
    let log = [github(&[1, 2]), rng.bytes(3000), b"\r\r\n\x1b[".to_vec(), github(&[3]), b"no end".to_vec()].concat();
    for _ in 0..3 {
        let (code, passed) = in_pieces(&["-", "--tee"], &log, &mut rng);
        assert!(code == 1 && passed == log, "{code}");
    }
}

#[test]
fn mask_replaces_the_secrets_and_nothing_else() {
    let mut rng = Rng::new(4);
    for framed in Framed::ALL {
        let mut page = framed.begin();
        let mut secrets_at = Vec::new();
        for number in 0..6 {
            (framed.line)(&mut page, b"Downloading [=====>    ] 52% sha256:0123456789abcdef0123456789abcdef");
            let token = secret(number);
            let from = page.text.len() + 8;
            (framed.line)(&mut page, format!("pushing {token} ok").as_bytes());
            secrets_at.push(page.text[from].start..page.text[from + token.len() - 1].end);
        }
        let password = String::from_utf8(secrets::password(&mut rng)).expect("ASCII");
        let from = page.text.len() + 13;
        (framed.line)(&mut page, format!("DB_PASSWORD=\"{password}\" done").as_bytes());
        secrets_at.push(page.text[from].start..page.text[from + password.len() - 1].end);
        framed.end(&mut page);
        let mut ought = Vec::new();
        let mut at = 0;
        for secret in secrets_at {
            ought.extend_from_slice(&page.bytes[at..secret.start]);
            ought.extend_from_slice(b"***");
            at = secret.end;
        }
        ought.extend_from_slice(&page.bytes[at..]);
        let (code, passed) = in_pieces(&["-", "--mask"], &page.bytes, &mut rng);
        assert_eq!(code, 1, "{}", framed.name);
        assert_eq!(passed.escape_ascii().to_string(), ought.escape_ascii().to_string(), "{}", framed.name);
    }
}

#[test]
fn a_finding_is_told_before_the_next_byte_comes() {
    for arguments in [&["-", "--format", "jsonl"][..], &["-"]] {
        let mut child = start(Path::new("."), arguments);
        let mut input = child.stdin.take().expect("a pipe");
        let told = lines(child.stdout.take().expect("a pipe"));
        // A delimiter, and no line end.
        input.write_all(format!("pushing with {} ", secret(1)).as_bytes()).expect("it reads");
        assert!(next(&told).contains("github-pat-classic"));
        drop(input);
        assert_eq!(child.wait().expect("it ends").code(), Some(1));
    }
}

#[test]
fn fail_fast_ends_with_the_first_finding_while_the_input_is_open() {
    for pass in [None, Some("--tee"), Some("--mask")] {
        let arguments: Vec<&str> = ["-", "--fail-fast"].into_iter().chain(pass).collect();
        let mut child = start(Path::new("."), &arguments);
        let mut input = child.stdin.take().expect("a pipe");
        let text = format!("one\npushing with {} \n", secret(1));
        input.write_all(text.as_bytes()).expect("it reads");
        // The input stays open: it ends by itself.
        let output = run(child.wait_with_output().expect("it ends"));
        drop(input);
        assert_eq!(output.code, 1, "{}", output.stderr);
        match pass {
            Some("--tee") => assert_eq!(output.stdout, text),
            Some(_) => assert!(!output.stdout.contains(&secret(1)[..8]), "{}", output.stdout),
            None => assert!(output.stdout.contains("github-pat-classic"), "{}", output.stdout),
        }
        assert!(output.stderr.contains("--fail-fast"), "{}", output.stderr);
    }
}

#[test]
fn on_finding_runs_a_command_that_learns_no_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = "cat >>told.json; echo \"$DEADKEY_RULE $DEADKEY_LINE $DEADKEY_COLUMN\" >>told.txt; echo noise";
    let run = deadkey_with(folder.path(), &["log", "-", "--tee", "--on-finding", told], &[], &github(&[1, 2]));
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(run.stdout.as_bytes(), github(&[1, 2]), "what the command prints is not in the log");
    let text = fs::read_to_string(folder.path().join("told.txt")).expect("it ran");
    let mut words: Vec<&str> = text.lines().collect();
    words.sort_unstable();
    assert_eq!(words, ["github-pat-classic 10 43", "github-pat-classic 11 43"]);
    let json = fs::read_to_string(folder.path().join("told.json")).expect("it ran");
    let told: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(told.len(), 2);
    assert_eq!(shown(1..=2, &[("told.json", &json)]), Vec::<String>::new());
}

/// A run of GitHub Actions as its zip has it.
fn run_zip(folder: &Path) -> Vec<u8> {
    for (name, numbers) in
        [("build/1_Set up job.txt", &[][..]), ("build/3_Run make.txt", &[1]), ("test (linux)/2_Test.txt", &[2])]
    {
        let path = folder.join("run").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, github(numbers)).expect("written");
    }
    let status = Command::new("zip").args(["-q", "-r", "../run.zip", "."]).current_dir(folder.join("run")).status();
    assert!(status.expect("zip is installed").success());
    fs::read(folder.join("run.zip")).expect("made")
}

#[test]
fn the_zip_of_a_run_tells_job_and_step_by_its_paths() {
    let folder = tempfile::tempdir().expect("a folder");
    let zip = run_zip(folder.path());
    let as_file = deadkey(folder.path(), &["log", "run.zip", "--format", "jsonl", "--page", PAGE]);
    let as_stream = deadkey_with(folder.path(), &["log", "-", "--format", "jsonl", "--page", PAGE], &[], &zip);
    for run in [&as_file, &as_stream] {
        assert_eq!(run.code, 1, "{}", run.stderr);
        let mut steps: Vec<(String, u64, String)> = Vec::new();
        for finding in run.json_lines() {
            let log = &finding["places"][0]["log"];
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            assert_eq!(log["step"]["counted"], false);
            steps.push((
                text(&log["job"]),
                log["step"]["number"].as_u64().expect("a number"),
                text(&log["step"]["name"]),
            ));
        }
        steps.sort();
        let ought =
            [("build", 3, "Run make"), ("test (linux)", 2, "Test")].map(|(j, n, s)| (j.to_owned(), n, s.to_owned()));
        assert_eq!(steps, ought);
    }
    assert_eq!(fingerprints(&as_file), fingerprints(&as_stream));
}

#[test]
fn a_compressed_log_is_opened_as_a_file_and_as_a_stream() {
    let folder = tempfile::tempdir().expect("a folder");
    let packed = encode::gzip(&github(&[1]));
    fs::write(folder.path().join("job.log.gz"), &packed).expect("written");
    fs::write(folder.path().join("job.log"), github(&[1])).expect("written");
    let status = Command::new("zstd").args(["-q", "job.log"]).current_dir(folder.path()).status();
    assert!(status.expect("zstd is installed").success());
    for name in ["job.log.gz", "job.log.zst"] {
        let bytes = fs::read(folder.path().join(name)).expect("made");
        let file = deadkey(folder.path(), &["log", name, "--format", "jsonl"]);
        let stream = deadkey_with_input(&["log", "-", "--format", "jsonl"], &bytes);
        for run in [&file, &stream] {
            assert_eq!(fingerprints(run).len(), 1, "{name}: {}", run.stderr);
            assert_eq!(run.json_lines()[0]["places"][0]["log"]["framing"], "github", "{name}");
        }
    }
    let refused = deadkey_with_input(&["log", "-", "--mask"], &packed);
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{}", refused.stderr);
}

#[test]
fn a_file_that_grows_is_followed_also_when_it_is_cut_short_or_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("app.log");
    fs::write(&path, holding(1)).expect("written");
    let mut child = start(folder.path(), &["--follow", "app.log", "--format", "jsonl", "--show-secrets"]);
    let told = lines(child.stdout.take().expect("a pipe"));
    assert!(next(&told).contains(&secret(1)));
    let mut file = fs::OpenOptions::new().append(true).open(&path).expect("it is there");
    file.write_all(holding(2).as_bytes()).expect("written");
    assert!(next(&told).contains(&secret(2)));
    // Cut short, as `copytruncate` does, and written from its start.
    file.set_len(0).expect("it can be cut");
    file.write_all(format!("{}\n", secret(3)).as_bytes()).expect("written");
    assert!(next(&told).contains(&secret(3)));
    // Replaced by another one of its name.
    fs::write(folder.path().join("new.log"), holding(4)).expect("written");
    fs::rename(folder.path().join("new.log"), &path).expect("renamed");
    assert!(next(&told).contains(&secret(4)));
    interrupt(&child);
    let left = run(child.wait_with_output().expect("it ends"));
    assert_eq!(left.code, 130, "{}", left.stderr);
    assert!(left.stderr.contains("4 credentials"), "{}", left.stderr);
}

fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(status.expect("kill is there").success());
}

#[test]
fn an_interrupt_ends_a_watch_and_passes_on_what_was_held_back() {
    let mut child = start(Path::new("."), &["-", "--mask"]);
    let mut input = child.stdin.take().expect("a pipe");
    let passed = lines(child.stdout.take().expect("a pipe"));
    input.write_all(b"all is well\nand half a tok").expect("it reads");
    assert_eq!(next(&passed), "all is well");
    interrupt(&child);
    let left = run(child.wait_with_output().expect("it ends"));
    drop(input);
    assert_eq!(left.code, 130, "{}", left.stderr);
    assert_eq!(next(&passed), "and half a tok");
}

#[test]
fn a_reader_that_has_enough_ends_it() {
    for pass in ["--tee", "--mask"] {
        let mut child = start(Path::new("."), &["-", pass]);
        drop(child.stdout.take());
        let mut input = child.stdin.take().expect("a pipe");
        let writer = std::thread::spawn(move || {
            // Without end, until nobody reads any more.
            while input.write_all(b"all is well, and goes on being so\n").is_ok() {}
        });
        let left = run(child.wait_with_output().expect("it ends"));
        writer.join().expect("it ended");
        assert!(!left.stderr.contains("panic"), "{}", left.stderr);
        assert_eq!(left.code, 0, "{}", left.stderr);
    }
}

/// A password that nothing but its name gives away.
fn password() -> String {
    ["kq8Vz2m", "Tw9xLpe4R"].concat()
}

#[test]
fn what_a_log_is_called_says_nothing_of_what_it_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("DB_PASSWORD={}\nHOME=/root\n", password());
    let names =
        ["test/2_Run tests.txt", "build/1_Set up.txt", "consoleText", "examples/trace", "README.md", "0_spec.c"];
    for name in names {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, &line).expect("written");
    }
    let run = deadkey(folder.path(), &["log", ".", "--format", "jsonl"]);
    let [finding] = &run.json_lines()[..] else { panic!("{}", run.stdout) };
    assert_eq!(finding["confidence"], "medium");
    let places = finding["places"].as_array().expect("places");
    assert_eq!(places.len(), names.len(), "{finding}");
    assert!(places.iter().all(|place| place["confidence"] == "medium"), "{finding}");
}

/// The names and values told of a log, at default confidence.
fn named(log: &str) -> Vec<(String, String)> {
    let run = deadkey_with_input(&["log", "-", "--format", "jsonl", "--show-secrets"], log.as_bytes());
    let told = run.json_lines();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    told.iter().map(|finding| (text(&finding["places"][0]["name"]), text(&finding["secret"]))).collect()
}

#[test]
fn what_commands_print_of_their_secrets_is_bound_to_its_name() {
    let value = password();
    let table = format!(
        "====== Data ======\nKey                Value\n---                -----\nusername           shop\npassword           {value}\n\
         token_accessor     {value}q\ntoken_duration     768h0m0s\ntoken_policies     [default]\n\nnext       words\n"
    );
    assert_eq!(named(&table), [("password".to_owned(), value.clone())]);
    let shell = format!(
        "Name              Value\n----              -----\nDB_PASSWORD       {value}\nPATH              /usr/bin\n"
    );
    assert_eq!(named(&shell), [("DB_PASSWORD".to_owned(), value.clone())]);
    for log in [
        format!(
            "{{\"environment\": [{{\"value\": \"{value}\", \"name\": \"DB_PASSWORD\"}}, {{\"value\": \"info\", \"name\": \"LEVEL\"}}]}}\n"
        ),
        format!("    env:\n    - value: {value}\n      name: DB_PASSWORD\n    - value: info\n      name: LEVEL\n"),
        format!(
            "{{\n  \"DB_PASSWORD\": {{\n    \"sensitive\": true,\n    \"type\": \"string\",\n    \"value\": \"{value}\"\n  }}\n}}\n"
        ),
        format!(
            "{{\"Parameter\": {{\"Name\": \"/shop/DB_PASSWORD\", \"Type\": \"SecureString\", \"Value\": \"{value}\"}}}}\n"
        ),
        format!("DB_PASSWORD = \"{value}\"\n"),
    ] {
        assert_eq!(named(&log), [("DB_PASSWORD".to_owned(), value.clone())], "{log}");
    }
    assert_eq!(
        named("+ docker login --username AWS --password-stdin 308535385114.dkr.ecr.us-east-1.amazonaws.com\n"),
        []
    );
}

#[test]
fn a_line_of_gitlab_that_a_further_record_goes_on_with_is_held_back_while_masking() {
    let token = secret(1);
    let (begin, end) = token.split_at(20);
    let stamp = "2026-01-02T03:04:05.123456Z 01O";
    let head = format!("{stamp} $ make deploy\n{stamp} pushing with {begin}\n");
    let noise = "2026-01-02T03:04:05.123456Z 01E noise of another stream\n";
    let tail = format!("{stamp}+{end} to the registry\n{stamp} all tests passed\n");
    // Before anything of it has come, within its time, before its flag, within its text.
    for cut in [0, 12, stamp.len(), stamp.len() + 4] {
        let mut child = start(Path::new("."), &["-", "--mask", "-q"]);
        let mut input = child.stdin.take().expect("a pipe");
        for part in [&*format!("{head}{noise}"), &tail[..cut], &tail[cut..]] {
            input.write_all(part.as_bytes()).expect("it reads");
            std::thread::sleep(Duration::from_millis(60));
        }
        drop(input);
        let run = run(child.wait_with_output().expect("it ends"));
        let ought = format!("{head}{noise}{tail}").replace(begin, "***").replace(end, "***");
        assert_eq!((run.code, run.stdout), (1, ought), "{cut}");
    }
}

#[test]
fn a_log_full_of_secrets_takes_no_more_memory_and_says_what_its_report_leaves_out() {
    let mut log = Vec::new();
    for number in 0..2500 {
        log.extend_from_slice(format!("pushing with {} now\n", secret(number)).as_bytes());
    }
    let run = deadkey_with_input(&["log", "-", "--format", "jsonl"], &log);
    assert_eq!((run.code, run.json_lines().len()), (1, 2500), "every one is told as it comes");
    assert!(run.stderr.contains("500 more places were found"), "{}", run.stderr);
    assert!(run.stderr.contains("2,000 credentials in"), "{}", run.stderr);
    // A report at the end has no more: that is a gap, and its way out is named.
    let run = deadkey_with_input(&["log", "-", "--format", "sarif"], &log);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("500 more places were found") && run.stderr.contains("jsonl"), "{}", run.stderr);
}

#[test]
fn what_comes_last_decides_on_the_exit_code_however_much_came_before() {
    let known = format!("DB_PASSWORD={}\n", password());
    let mut log: String = (0..2500).map(|number| format!("pushing with {} now\n", secret(number))).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let baseline = folder.path().join("known.json");
    fs::write(folder.path().join("log"), &log).expect("written");
    let made = deadkey(folder.path(), &["baseline", "create", "--output", "known.json", "log"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let arguments = ["log", "-", "--format", "jsonl", "--baseline", baseline.to_str().expect("text")];
    assert_eq!(deadkey_with_input(&arguments, log.as_bytes()).code, 0);
    log.push_str(&known);
    assert_eq!(deadkey_with_input(&arguments, log.as_bytes()).code, 1, "one that is not known");
}

/// What a provider's rule is not sure of took the place of what the dump declares.
#[test]
fn what_a_dump_declares_is_told_also_where_a_provider_has_a_rule_for_it() {
    let mut rng = Rng::new(0xd0);
    let value = String::from_utf8(
        rng.bytes(200).iter().map(|byte| b"ABCDEFGHKLMNPQRSTabcdefghijkmnpqrst23456789"[*byte as usize % 43]).collect(),
    );
    let value = &value.expect("ASCII")[..40];
    let dump = format!("{{\"AWS_SECRET_ACCESS_KEY\":{{\"value\":\"{value}\",\"isSecret\":true}}}}");
    for times in 0..4 {
        let layers = vec![testkit::Encoding::Base64 { url_safe: false, padded: true }; times];
        let line = String::from_utf8(encode::through(&layers, dump.as_bytes())).expect("ASCII");
        let log = format!(
            "2026-01-02T03:04:05.0100000Z Current runner version: 'x'\n2026-01-02T03:04:05.0100000Z {line}\n2026-01-02T03:04:05.0100000Z done\n"
        );
        let told = named(&log);
        assert_eq!(told, [("AWS_SECRET_ACCESS_KEY".to_owned(), value.to_owned())], "{times} layers");
    }
}
