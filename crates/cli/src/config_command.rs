//! `deadkey config` and `deadkey init`.

use crate::args::{CommonArgs, ConfigCommand, HistoryArgs, InitArgs};
use crate::configured::Configured;
use crate::print::print;
use crate::{exit, known, policy_check, table, tell};
use anyhow::{Context, Result, bail};
use policy::{AllowEntry, FILE_NAME, Setting, Settings};
use std::fmt::Display;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Runs the command; gives the exit code.
pub fn run(command: &ConfigCommand) -> Result<u8> {
    match command {
        ConfigCommand::Show { path, reading, common } => show(path, reading, common),
        ConfigCommand::Check { path, common } => check(path, common),
    }
}

fn show(path: &Path, reading: &HistoryArgs, args: &CommonArgs) -> Result<u8> {
    let configured = Configured::of_paths(args, &[path.to_owned()])?;
    let mut rows = vec![["KEY", "VALUE", "FROM"].map(str::to_owned)];
    rows.extend(values(&configured.settings, reading, args));
    rows.extend(lists(&configured.settings, args));
    rows.extend(configured.settings.allow.iter().map(|entry| allow_row(entry)));
    print(exit::CLEAN, |out| table::write(&rows, out))
}

/// A row for each key that has one value.
fn values(settings: &Settings, reading: &HistoryArgs, args: &CommonArgs) -> Vec<[String; 3]> {
    let pragmas = |setting: &Setting<Vec<policy::Pragma>>| {
        let names: Vec<&str> = setting.value.iter().map(|pragma| pragma.name()).collect();
        Setting {
            value: if names.is_empty() { "none".to_owned() } else { names.join(", ") },
            file: setting.file.clone(),
            line: setting.line,
        }
    };
    let pragmas = settings.pragmas.as_ref().map(pragmas);
    let all = || "all".to_owned();
    let bars: Vec<String> = args.reports.fail_on.iter().map(ToString::to_string).collect();
    let fail_on = (!bars.is_empty()).then(|| bars.join(","));
    let flag = |given: bool, value: &'static str| given.then_some(value);
    vec![
        row("confidence", args.confidence.map(|c| c.to_string()), &settings.confidence, "medium"),
        row("fail_on", fail_on, &settings.fail_on, "what is shown"),
        row("strict", flag(args.strict, "true"), &settings.strict, "false"),
        row("decode_depth", args.decode_depth, &settings.decode_depth, "5"),
        row("jobs", args.jobs, &settings.jobs, "one for each core"),
        row("baseline", None::<String>, &settings.baseline, "none"),
        row("pragmas", flag(args.policy.no_pragmas, "none"), &pragmas, &all()),
        row("gitleaksignore", flag(args.policy.no_config, "false"), &settings.gitleaksignore, "true"),
        row("rules.builtin", flag(args.rules.no_builtin_rules, "false"), &settings.builtin, "true"),
        row("limits.max_object", reading.max_object.map(|size| size.0), &settings.max_object, "1g"),
        row("limits.decode_limit", args.decode_limit, &settings.decode_limit, "200"),
        row("limits.archives", flag(args.no_archives, "false"), &settings.archives, "true"),
    ]
}

fn row<T: Display>(key: &str, given: Option<impl Display>, setting: &Option<Setting<T>>, usual: &str) -> [String; 3] {
    let option = match key.rsplit('.').next().unwrap_or(key) {
        "builtin" => "--no-builtin-rules".to_owned(),
        "archives" => "--no-archives".to_owned(),
        "pragmas" => "--no-pragmas".to_owned(),
        "gitleaksignore" => "--no-config".to_owned(),
        name => format!("--{}", name.replace('_', "-")),
    };
    match (given, setting) {
        (Some(given), _) => [key.to_owned(), given.to_string(), option],
        (None, Some(setting)) => [key.to_owned(), setting.value.to_string(), setting.place()],
        (None, None) => [key.to_owned(), usual.to_owned(), "built in".to_owned()],
    }
}

/// A row for each item of a list.
fn lists(settings: &Settings, args: &CommonArgs) -> Vec<[String; 3]> {
    let mut rows = Vec::new();
    let mut files = |key: &str, list: &[Setting<String>]| {
        rows.extend(list.iter().map(|item| [key.to_owned(), item.value.clone(), item.place()]));
    };
    files("rules.files", &settings.rule_files);
    files("rules.select", if args.rules.rule.is_empty() { &settings.select } else { &[] });
    files("rules.exclude", &settings.exclude);
    files("paths.skip", &settings.skip);
    let given = |key: &str, option: &str, value: String| [key.to_owned(), value, option.to_owned()];
    rows.extend(args.rules.rules.iter().map(|path| given("rules.files", "--rules", path.display().to_string())));
    rows.extend(args.rules.rule.iter().map(|id| given("rules.select", "--rule", id.clone())));
    rows.extend(args.rules.exclude_rule.iter().map(|id| given("rules.exclude", "--exclude-rule", id.clone())));
    rows
}

fn allow_row(entry: &AllowEntry) -> [String; 3] {
    let criteria = entry.criteria().into_iter().map(|(key, value)| format!("{key} = {value}"));
    let more = [
        entry.reason.as_ref().map(|reason| format!("reason = {reason}")),
        entry.expires.map(|day| format!("expires = {day}")),
        entry.owner.as_ref().map(|owner| format!("owner = {owner}")),
    ];
    let all: Vec<String> = criteria.chain(more.into_iter().flatten()).collect();
    ["allow".to_owned(), scan::masked_by_builtin(&all.join(", ")), entry.place()]
}

fn check(path: &Path, args: &CommonArgs) -> Result<u8> {
    let checked = policy_check::check(path, args)?;
    checked.faults.iter().for_each(|fault| tell!("deadkey: {fault}"));
    checked.notes.iter().for_each(|note| tell!("note: {note}"));
    if !checked.faults.is_empty() {
        return Ok(exit::USAGE);
    }
    let files = match checked.files.len() {
        0 => "no policy file counts here or below".to_owned(),
        n => format!(
            "{} right",
            known::count(n, "file that counts here or below is", "files that count here or below are")
        ),
    };
    print(exit::CLEAN, |out| writeln!(out, "{files}"))
}

/// Writes a first policy file.
pub fn init(args: &InitArgs) -> Result<u8> {
    let path = args.folder.join(FILE_NAME);
    match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(mut file) => {
            file.write_all(FIRST.as_bytes()).with_context(|| format!("{} cannot be written", path.display()))?
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{} is there already and stays as it is; `deadkey config show` says what it does", path.display())
        }
        Err(error) => return Err(error).with_context(|| format!("{} cannot be written", path.display())),
    }
    println_path(&path)
}

fn println_path(path: &Path) -> Result<u8> {
    print(exit::CLEAN, |out| writeln!(out, "{} is written; `deadkey scan .` uses it", path.display()))
}

/// What `deadkey init` writes.
const FIRST: &str = r##"# The policy of deadkey: what it looks for here, and what it lets be. docs/configuration.md says what else can
# stand here; `deadkey config show` says what counts, and where each value comes from.

# Findings of this confidence and above are shown: low, medium, high, confirmed.
confidence = "medium"

# Comments such as `deadkey:allow reason` in a line let a credential on it be.
pragmas = true

[paths]
# Patterns as in .gitignore: what is never scanned. Leave out only what nobody writes here.
skip = [
    # "vendor/",
]

[rules]
# Further rules, ours or gitleaks', and rules to leave out.
files = []
exclude = []

# What somebody has looked at. All that an entry says must hold; after its last day it stops counting.
# [[allow]]
# path = "tests/fixtures/"
# rule = "private-key"
# reason = "made for the tests, opens nothing"
# expires = "2027-12-31"
# owner = "platform team"
"##;
