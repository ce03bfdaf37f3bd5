//! The ledger when things go wrong: one clear sentence, nothing lost, nothing twice.

use crate::found::{holding, secret};
use crate::program::{Run, command, run};
use crate::tickets_ingest::{KEY, NOW, tickets, tickets_at};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use testkit::{Repository, Rng};

fn world(credentials: u64) -> Repository {
    let mut repository = Repository::new();
    for number in 0..credentials {
        repository.write(&format!("conf/{number}.env"), holding(number));
    }
    repository.commit("all");
    tickets(repository.path(), &["scan", "conf", "--exit-zero", "--report", "jsonl=all.jsonl"]);
    repository
}

#[track_caller]
fn sentence(run: &Run, words: &str) {
    assert_eq!((run.code, run.stderr.trim().lines().count()), (2, 1), "{}", run.stderr);
    assert!(run.stderr.contains(words), "{}", run.stderr);
}

/// Changes the file past deadkey, with Python's SQLite.
fn sql(folder: &Path, statements: &str) {
    let script = "import sqlite3, sys\nd = sqlite3.connect('l.db')\nd.executescript(sys.argv[1])\nd.commit()\n";
    let status = Command::new("python3").args(["-c", script, statements]).current_dir(folder).status();
    assert!(status.expect("python3 is there").success());
}

const INGEST: [&str; 5] = ["tickets", "ingest", "--ledger", "l.db", "all.jsonl"];

#[test]
fn a_changed_row_is_found() {
    let repository = world(3);
    let folder = repository.path();
    tickets(folder, &INGEST);
    let whole = fs::read(folder.join("l.db")).expect("read");
    for (change, words) in [
        ("UPDATE tickets SET state = 'dead' WHERE id = 2", "ticket 2 has the state 'dead' and the trail says 'open'"),
        ("UPDATE tickets SET owner = 'me' WHERE id = 1", "ticket 1 has the owner 'me'"),
        ("UPDATE tickets SET verdict = 'dead' WHERE id = 1", "ticket 1 has the verdict 'dead'"),
        ("DELETE FROM places WHERE ticket = 1", "the trail speaks of 3: rows were changed"),
        (
            "PRAGMA foreign_keys = off; DELETE FROM tickets WHERE id = 3; DELETE FROM places WHERE ticket = 3",
            "rows were changed past the trail",
        ),
        (
            "DROP TRIGGER audit_is_not_changed; UPDATE audit SET body = replace(body, 'Kim', 'Sam') WHERE seq = 2",
            "entry 2 was changed: its hash is not that of its body",
        ),
        ("DROP TRIGGER audit_is_not_cut; DELETE FROM audit WHERE seq = 2", "entry 2 is missing"),
    ] {
        for suffix in ["-wal", "-shm"] {
            let _ = fs::remove_file(folder.join(format!("l.db{suffix}")));
        }
        fs::write(folder.join("l.db"), &whole).expect("written");
        tickets(folder, &["tickets", "audit", "--verify", "--ledger", "l.db"]);
        sql(folder, change);
        let run = tickets_at(folder, NOW, &["tickets", "audit", "--verify", "--ledger", "l.db"]);
        assert_eq!((run.code, run.stderr.lines().count()), (1, 1), "{change}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{change}: {}", run.stderr);
    }
}

#[test]
fn another_key_another_file_and_a_newer_schema_are_refused() {
    let repository = world(2);
    let folder = repository.path();
    tickets(folder, &INGEST);
    let with_key =
        |key: &str, arguments: &[&str]| crate::program::deadkey_with(folder, arguments, &[("DEADKEY_KEY", key)], b"");
    sentence(&with_key("another key, of nobody", &INGEST), "set DEADKEY_KEY to the ledger's key");
    sentence(&with_key("another key, of nobody", &["tickets", "verify", "--ledger", "l.db"]), "made with key");
    sentence(&tickets_at(folder, NOW, &["tickets", "list", "--ledger", "none.db"]), "there is no ledger none.db");
    for file in ["all.jsonl", "conf/1.env"] {
        sentence(&tickets_at(folder, NOW, &["tickets", "list", "--ledger", file]), "is no ledger of deadkey");
    }
    fs::write(folder.join("cut.db"), &fs::read(folder.join("l.db")).expect("read")[..4096 * 3]).expect("written");
    let run = tickets_at(folder, NOW, &["tickets", "list", "--ledger", "cut.db"]);
    sentence(&run, "is damaged; restore it from a copy");
    sql(folder, "PRAGMA user_version = 99");
    sentence(&tickets_at(folder, NOW, &INGEST), "has version 99 and this deadkey reads up to 2; use a newer deadkey");
    sql(folder, "PRAGMA user_version = 1");
    assert_eq!(tickets(folder, &["tickets", "list", "--json", "--ledger", "l.db"]).json_lines().len(), 2);
}

#[test]
fn a_job_of_a_pipeline_gets_no_ledger_that_ends_with_it() {
    let repository = world(1);
    let folder = repository.path();
    let run = |arguments: &[&str]| {
        crate::program::deadkey_with(folder, arguments, &[("DEADKEY_KEY", KEY), ("GITHUB_ACTIONS", "true")], b"")
    };
    sentence(&run(&["tickets", "ingest", "all.jsonl"]), "GITHUB_ACTIONS says that this is a job of a pipeline");
    assert!(!folder.join(".deadkey").exists());
    assert_eq!(run(&INGEST).code, 0);
}

#[test]
fn a_report_that_is_none_or_damaged_leaves_the_ledger_as_it_was() {
    let repository = world(2);
    let folder = repository.path();
    tickets(folder, &INGEST);
    let text = fs::read_to_string(folder.join("all.jsonl")).expect("read");
    let pieces = [
        ("empty", String::new(), "it is empty"),
        ("text", "hello".to_owned(), "it is no JSON"),
        ("other", "{\"a\": 1}".to_owned(), "its first object has the names a"),
        ("cut", text[..text.len() - 20].to_owned(), "it ends in the middle, line 2"),
        ("hash", text.replace("dk1:", "dk9:"), "a fingerprint is none"),
        (
            "leak",
            format!("[{{\"RuleID\": \"x\", \"Secret\": 5, \"Match\": \"{}\"}}]", secret(1)),
            "a field is missing or of another kind",
        ),
    ];
    for (name, bytes, words) in pieces {
        fs::write(folder.join(name), bytes).expect("written");
        let run = tickets_at(folder, NOW, &["tickets", "ingest", "--ledger", "l.db", name]);
        sentence(&run, words);
        assert!(
            run.stderr.contains(&format!("deadkey: {name}: ")) && !run.stderr.contains(&secret(1)),
            "{}",
            run.stderr
        );
    }
    let run = tickets(folder, &["tickets", "audit", "--verify", "--ledger", "l.db"]);
    assert!(run.stderr.contains("whole: 3 entries, 2 tickets"), "{}", run.stderr);
}

/// Starts one more process that takes the report in.
fn start(folder: &Path) -> std::process::Child {
    let mut command = command();
    command.args(INGEST).current_dir(folder).env("DEADKEY_KEY", KEY).env("DEADKEY_WHO", "Kim");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

#[test]
fn processes_that_write_at_once_lose_nothing_and_write_nothing_twice() {
    let repository = world(40);
    let folder = repository.path();
    let children: Vec<_> = (0..6).map(|_| start(folder)).collect();
    let mut opened = 0;
    for child in children {
        let run = run(child.wait_with_output().expect("it ends"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        opened += usize::from(run.stderr.contains("40 tickets opened"));
    }
    assert_eq!(opened, 1);
    let run = tickets(folder, &["tickets", "audit", "--verify", "--ledger", "l.db"]);
    assert!(run.stderr.contains("whole: 41 entries, 40 tickets"), "{}", run.stderr);
}

#[test]
fn a_writer_that_holds_the_ledger_is_waited_for_and_then_named() {
    let repository = world(1);
    let folder = repository.path();
    tickets(folder, &["tickets", "ingest", "--ledger", "l.db", "all.jsonl"]);
    let script = "import sqlite3, time\nd = sqlite3.connect('l.db', isolation_level=None)\nd.execute('BEGIN IMMEDIATE')\nprint(1, flush=True)\ntime.sleep(60)\n";
    let mut holder = Command::new("python3")
        .args(["-c", script])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut ready = [0; 1];
    std::io::Read::read_exact(holder.stdout.as_mut().expect("a pipe"), &mut ready).expect("it holds");
    let held = tickets_at(folder, NOW, &["tickets", "ack", "1", "--ledger", "l.db", "--wait", "1"]);
    // Whoever reads waits for nobody.
    let read = tickets_at(folder, NOW, &["tickets", "list", "--json", "--ledger", "l.db", "--wait", "1"]);
    holder.kill().expect("killed");
    holder.wait().expect("ended");
    sentence(&held, "another process has been writing to the ledger for longer than 1 s; nothing was changed");
    assert_eq!(read.json_lines().len(), 1, "{}", read.stderr);
}

/// Kills the process at a random moment, again and again: what is there is always whole, and at the end all of it once.
/// `DEADKEY_TEST_KILLS` says how often.
#[test]
fn a_process_killed_at_any_moment_loses_and_doubles_nothing() {
    let kills: u64 = std::env::var("DEADKEY_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(25);
    let repository = world(60);
    let folder = repository.path();
    let began = std::time::Instant::now();
    assert_eq!(run(start(folder).wait_with_output().expect("it ends")).code, 0);
    let whole = began.elapsed();
    let clear = || ["", "-wal", "-shm"].iter().for_each(|end| drop(fs::remove_file(folder.join(format!("l.db{end}")))));
    clear();
    let rng = &mut Rng::new(0xdead);
    for turn in 0..kills {
        let mut child = start(folder);
        // Up to a little longer than a whole run, so that the last moment is hit, too.
        let micros = whole.as_micros() as usize;
        std::thread::sleep(Duration::from_micros(rng.below(micros + micros / 8) as u64));
        child.kill().expect("killed");
        child.wait().expect("ended");
        if folder.join("l.db").exists() {
            let check = tickets_at(folder, NOW, &["tickets", "audit", "--verify", "--ledger", "l.db"]);
            let is_unborn = check.code == 2 && check.stderr.contains("is no ledger of deadkey");
            assert!(check.code == 0 || is_unborn, "turn {turn}: {}", check.stderr);
        }
        tickets(folder, &INGEST);
        let check = tickets(folder, &["tickets", "audit", "--verify", "--ledger", "l.db"]);
        assert!(check.stderr.contains("whole: 61 entries, 60 tickets"), "turn {turn}: {}", check.stderr);
        if turn % 3 != 0 {
            clear();
        }
    }
}

/// A file system of its own, as far as this machine lets us mount one; `None` where it does not.
fn small_disk(folder: &Path, options: &str) -> bool {
    fs::create_dir_all(folder.join("disk")).expect("made");
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", options, "deadkey-test", "disk"]).current_dir(folder).stderr(Stdio::null());
    mount.status().is_ok_and(|status| status.success())
}

fn unmount(folder: &Path) {
    let _ = Command::new("umount").arg("disk").current_dir(folder).status();
}

#[test]
fn a_full_disk_keeps_what_was_there() {
    let repository = world(200);
    let folder = repository.path();
    tickets(folder, &["scan", "conf/1.env", "--exit-zero", "--no-history", "--report", "jsonl=one.jsonl"]);
    if !small_disk(folder, "size=400k") {
        eprintln!("this machine mounts nothing; the full disk was not tried");
        return;
    }
    let ledger = "disk/l.db";
    let first = tickets_at(folder, NOW, &["tickets", "ingest", "--ledger", ledger, "one.jsonl"]);
    let full = tickets_at(folder, NOW, &["tickets", "ingest", "--ledger", ledger, "all.jsonl"]);
    let check = tickets_at(folder, NOW, &["tickets", "audit", "--verify", "--ledger", ledger]);
    unmount(folder);
    assert_eq!(first.code, 0, "{}", first.stderr);
    sentence(&full, "there is no room left where the ledger is; nothing of this run was kept");
    assert!(check.stderr.contains("whole: 2 entries, 1 tickets"), "{}", check.stderr);
}

#[test]
fn a_read_only_disk_is_read_and_not_written() {
    let repository = world(2);
    let folder = repository.path();
    if !small_disk(folder, "size=4m") {
        eprintln!("this machine mounts nothing; the read-only disk was not tried");
        return;
    }
    let ledger = "disk/l.db";
    let first = tickets_at(folder, NOW, &["tickets", "ingest", "--ledger", ledger, "all.jsonl"]);
    let mut remount = Command::new("mount");
    remount.args(["-o", "remount,ro", "disk"]).current_dir(folder);
    let is_read_only = remount.status().is_ok_and(|status| status.success());
    let list = tickets_at(folder, NOW, &["tickets", "list", "--json", "--ledger", ledger]);
    let audit = tickets_at(folder, NOW, &["tickets", "audit", "--verify", "--ledger", ledger]);
    let ack = tickets_at(folder, NOW, &["tickets", "ack", "1", "--ledger", ledger]);
    unmount(folder);
    assert!(is_read_only && first.code == 0, "{}", first.stderr);
    assert_eq!((list.code, list.json_lines().len()), (0, 2), "{}", list.stderr);
    assert_eq!(audit.code, 0, "{}", audit.stderr);
    sentence(&ack, "cannot be written (read-only file, folder or disk); nothing was changed");
}
