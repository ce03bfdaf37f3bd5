//! What tests of histories share: secrets by number, git in a folder, what a report says in short.

use crate::program::{Run, deadkey_with};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};

/// A secret; the same number, the same secret.
pub fn secret(number: u64) -> String {
    String::from_utf8(testkit::secrets::github_classic(&mut testkit::Rng::new(0x5ec2e7 + number))).expect("ASCII")
}

/// A file that holds a secret, and nothing that another one holds.
pub fn holding(number: u64) -> String {
    format!("# file {number}\ntoken = \"{}\"\n", secret(number))
}

/// Secrets by their numbers.
pub fn secrets(numbers: impl IntoIterator<Item = u64>) -> BTreeSet<String> {
    numbers.into_iter().map(secret).collect()
}

/// git in a folder, with the settings of nobody.
pub fn git_command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "protocol.file.allow=always", "-c", "gc.auto=0"]).args(arguments);
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Jo Doe").env(format!("GIT_{who}_EMAIL"), "jo@example.invalid");
    }
    command
}

/// Runs git in a folder, whether or not it succeeds.
pub fn try_git(folder: &Path, arguments: &[&str]) -> Output {
    git_command(folder, arguments).output().expect("git is installed")
}

/// Runs git in a folder; what it prints, without the end of its last line.
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = try_git(folder, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {}: {said}", arguments.join(" "));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// Where a report says that secrets are: kind of place and path.
pub type Places = BTreeMap<String, BTreeSet<(String, String)>>;

/// The places of all findings, by secret.
pub fn places(run: &Run) -> Places {
    let mut all = Places::new();
    for finding in run.json_lines() {
        let places = finding["places"].as_array().expect("places").iter();
        let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
        let places = places.map(|place| (text(&place["kind"]), text(&place["path"]))).collect();
        assert!(all.insert(text(&finding["secret"]), places).is_none(), "a credential is one finding");
    }
    all
}

/// `deadkey COMMAND … --format jsonl --show-secrets` in a folder.
pub fn look(folder: &Path, arguments: &[&str]) -> Run {
    look_with(folder, arguments, &[], b"")
}

/// The same with variables and input.
pub fn look_with(folder: &Path, arguments: &[&str], variables: &[(&str, &str)], input: &[u8]) -> Run {
    let all = [arguments, &["--format", "jsonl", "--show-secrets"]].concat();
    deadkey_with(folder, &all, variables, input)
}

/// The secrets that a run finds, which must go as it went with exit code 1 or 0.
pub fn found(folder: &Path, arguments: &[&str]) -> BTreeSet<String> {
    let run = look(folder, arguments);
    let found: BTreeSet<String> = places(&run).into_keys().collect();
    assert_eq!(run.code, i32::from(!found.is_empty()), "{arguments:?}: {}", run.stderr);
    found
}

/// What of the secrets with these numbers a run shows anywhere: plain, percent-encoded, in base64 at any phase.
pub fn find_all(run: &Run, numbers: impl IntoIterator<Item = u64>) -> Vec<String> {
    shown(numbers, &[("standard output", &run.stdout), ("standard error", &run.stderr)])
}

/// What of the secrets with these numbers stands in texts.
pub fn shown(numbers: impl IntoIterator<Item = u64>, texts: &[(&str, &str)]) -> Vec<String> {
    let mut all = Vec::new();
    for number in numbers {
        for (form, needle) in forms(&secret(number)) {
            let hits = texts.iter().filter(|(_, text)| text.contains(&needle));
            all.extend(hits.map(|(name, _)| format!("secret {number} as {form} in {name}")));
        }
    }
    all
}

/// How a secret may be written.
pub fn forms(secret: &str) -> Vec<(&'static str, String)> {
    use testkit::Encoding;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("ASCII");
    let mut forms = vec![("plain text", secret.to_owned())];
    // Twelve characters of it are already too much.
    forms.push(("its middle", secret[12.min(secret.len() / 2)..24.min(secret.len())].to_owned()));
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    forms.extend([("percent, capital", percent.clone()), ("percent", percent.to_lowercase())]);
    forms.push(("hex", secret.bytes().map(|byte| format!("{byte:02x}")).collect()));
    for phase in 0..3 {
        for url_safe in [false, true] {
            let shifted = ["x".repeat(phase), secret.to_owned()].concat();
            let encoded = text(Encoding::Base64 { url_safe, padded: false }.encode(shifted.as_bytes()));
            // Without the digits that the neighbours have a part in.
            forms.push(("base64", encoded[2 * phase..encoded.len() - 3].to_owned()));
        }
    }
    forms
}
