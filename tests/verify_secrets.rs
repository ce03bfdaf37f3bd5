//! Every secret that is checked, searched for in everything that a run writes: reports, logs, caches, errors. The servers say
//! back whatever they are sent.

use crate::program::{Run, deadkey_with};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use testkit::double::{Double, Received, Reply};
use testkit::{Encoding, Rng, secrets};

/// Formats of reports, and the files that they are written to.
const FORMATS: [&str; 11] =
    ["jsonl", "json", "sarif", "gitlab", "csv", "markdown", "junit", "github", "azure", "codequality", "sonarqube"];

fn text(seed: u64, alphabet: &[u8], length: usize) -> String {
    String::from_utf8(Rng::new(seed).text(alphabet, length)).expect("ASCII")
}

fn password(seed: u64) -> String {
    text(seed, secrets::BASE62, 24)
}

/// Whatever it is sent it says back, in texts that reports take over; what is not among these secrets is refused.
fn parrot(status: u16, held: &[String]) -> Double {
    let held = held.to_vec();
    Double::start(move |received: &Received| {
        let said = received.text();
        let status = if held.iter().any(|secret| said.contains(secret)) { status } else { 401 };
        let body = serde_json::json!({
            "login": said, "ok": status == 200, "message": said, "error": said, "error_description": said, "user": said,
            "name": said, "access_token": "x", "error_codes": [7_000_215],
        });
        Reply::json(status, body.to_string()).with("X-OAuth-Scopes: repo")
    })
}

/// A server of lines, or of nothing that is known, that says back what it hears.
fn echo(greeting: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let _ = stream.write_all(greeting.as_bytes());
                // Whoever waits for the other side to speak need not wait long.
                let _ = stream.set_read_timeout(Some(Duration::from_millis(300)));
                let mut bytes = [0; 4096];
                while let Ok(read @ 1..) = stream.read(&mut bytes) {
                    let said = [b"250 AUTH PLAIN ", &bytes[..read], b"\r\n"].concat();
                    let _ = stream.write_all(&said);
                }
            });
        }
    });
    port
}

/// A file for every kind of credential that is asked about in code and some that are in rules; and the secrets in them.
fn folder() -> (tempfile::TempDir, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let github = String::from_utf8(secrets::github_classic(&mut Rng::new(71))).expect("ASCII");
    let aws = (format!("AKIA{}", text(72, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)), text(73, secrets::BASE62, 40));
    let entra = format!("{}8Q~{}", text(74, secrets::BASE62, 3), text(75, secrets::BASE62, 34));
    let mail = echo("220 mail\r\n");
    let odd = echo("");
    let urls = [
        ("postgres", odd, 81),
        ("mysql", odd, 82),
        ("redis", odd, 83),
        ("mongodb", odd, 84),
        ("amqp", odd, 85),
        ("smtp", mail, 86),
        ("ftp", mail, 87),
        ("imap", odd, 88),
        ("ldap", odd, 89),
        ("postgres", 1, 90),
    ];
    let mut held = vec![github.clone(), aws.1.clone(), entra.clone()];
    let mut lines = String::new();
    for (scheme, port, seed) in urls {
        let password = password(seed);
        lines.push_str(&format!("URL_{seed}={scheme}://app:{password}@127.0.0.1:{port}/app\n"));
        held.push(password);
    }
    let ids = "11111111-2222-3333-4444-55555555555";
    let write = |name: &str, text: String| fs::write(folder.path().join(name), text).expect("written");
    write("urls.env", lines);
    write("github.env", format!("GITHUB_TOKEN={github}\n"));
    write("aws.env", format!("AWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY={}\n", aws.0, aws.1));
    write("entra.env", format!("AZURE_TENANT_ID={ids}6\nAZURE_CLIENT_ID={ids}7\nAZURE_CLIENT_SECRET={entra}\n"));
    let key = folder.path().join("id");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(&key).status();
    if made.is_ok_and(|status| status.success()) {
        fs::remove_file(folder.path().join("id.pub")).expect("there");
        held.extend(fs::read_to_string(&key).expect("a key").lines().filter(|line| line.len() > 40).map(str::to_owned));
    }
    (folder, held)
}

/// Pieces of a secret that nothing may show: it has a prefix that is told, and is written in several ways.
fn needles(secret: &str) -> Vec<String> {
    let bytes = &secret.as_bytes()[8..];
    // What base64 makes of it, at each of three offsets, without what depends on its neighbours.
    let coded = (0..3).map(|offset| {
        let standard = Encoding::Base64 { url_safe: false, padded: true };
        let whole = standard.encode(&[&vec![b'x'; offset][..], secret.as_bytes()].concat());
        String::from_utf8(whole[8..whole.len() - 6].to_vec()).expect("ASCII")
    });
    let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    coded.chain([secret[8..].to_owned(), hex]).collect()
}

fn assert_clean(what: &str, text: &str, held: &[String]) {
    for secret in held {
        for needle in needles(secret) {
            assert!(!text.contains(&needle), "{what} shows a part of a secret:\n{text}");
        }
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Run {
    deadkey_with(folder, arguments, &[("RUST_BACKTRACE", "1"), ("RUST_LOG", "trace")], b"")
}

#[test]
fn no_secret_that_is_checked_is_shown_anywhere() {
    let (folder, held) = folder();
    let ssh = format!("deploy@127.0.0.1:{}", echo("SSH-2.0-x\r\n"));
    let wrong = tempfile::NamedTempFile::new().expect("a file");
    for double in [200, 401, 403, 500].map(|status| parrot(status, &held)) {
        let endpoints = ["github", "aws", "azure"].map(|provider| format!("{provider}={}", double.url()));
        let cache = tempfile::tempdir().expect("a folder");
        let path = cache.path().join("verdicts");
        let path = path.to_str().expect("UTF-8");
        let mut asked =
            vec!["--verify", "--allow-private", "--blast-radius", "--verify-ssh", &ssh, "--verify-rate", "500"];
        endpoints.iter().for_each(|endpoint| asked.extend(["--verify-endpoint", endpoint]));
        let files = FORMATS.map(|format| cache.path().join(format).to_str().expect("UTF-8").to_owned());
        let reports: Vec<String> =
            FORMATS.iter().zip(&files).map(|(format, file)| format!("{format}={file}")).collect();
        reports.iter().for_each(|report| asked.extend(["--report", report]));
        let scan = [&["scan", ".", "-vv", "--confidence", "low", "--verify-cache", path], &asked[..]].concat();
        let told = run(folder.path(), &scan);
        assert!(told.stderr.contains("credentials checked at their providers"), "{}", told.stderr);
        assert_clean("standard output", &told.stdout, &held);
        assert_clean("standard error", &told.stderr, &held);
        for file in &files {
            assert_clean(file, &fs::read_to_string(file).expect("a report"), &held);
        }
        let lines = fs::read_to_string(&files[0]).expect("a report");
        let asked = lines.lines().filter(|line| line.contains(r#""state":"#) && !line.contains("not-checked")).count();
        assert!(asked >= 14, "{asked} were asked about:\n{lines}");
        assert_clean("the cache", &fs::read_to_string(path).expect("a cache"), &held);
        assert!(double.received().iter().any(|one| one.text().contains(&held[0])), "it was asked");
    }
    let dry =
        run(folder.path(), &["scan", ".", "-vv", "--confidence", "low", "--verify-dry-run", "--verify-ssh", &ssh]);
    assert_clean("a dry run", &format!("{}{}", dry.stdout, dry.stderr), &held);
    assert!(dry.stderr.contains("log in with user and <secret>"), "{}", dry.stderr);
    // What goes wrong: no cache, no certificate, nobody there.
    let wrong = wrong.path().to_str().expect("UTF-8");
    for slip in [
        ["--verify-cache", "/nowhere/at/all"],
        ["--verify-ca", wrong],
        ["--verify-certificate", wrong],
        ["--verify-endpoint", "github=http://127.0.0.1:1"],
        ["--verify-endpoint", "githob=http://127.0.0.1:1"],
    ] {
        let told = run(folder.path(), &["scan", ".", "-vv", "--verify", slip[0], slip[1]]);
        assert_clean(&slip.join(" "), &format!("{}{}", told.stdout, told.stderr), &held);
    }
}
