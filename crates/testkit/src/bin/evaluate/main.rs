//! Measures deadkey, or any scanner that writes SARIF, on labelled data. `docs/evaluation.md` says how and what it showed.

mod arguments;
mod listing;
mod tables;

use arguments::{Arguments, HELP};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use testkit::evaluation::{Hits, Score, Set, layout};

/// One scan of all rows.
struct Column {
    /// `low`, `default`, or the name of the SARIF file.
    name: String,
    hits: Hits,
}

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    if given.is_empty() || given.iter().any(|argument| argument == "--help" || argument == "-h") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match Arguments::parse(&given).and_then(|arguments| run(&arguments)) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("evaluate: {why}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<String, String> {
    let mut sets = Vec::new();
    for path in &arguments.data {
        let set = Set::read(path).map_err(|error| error.to_string())?;
        if sets.iter().any(|other: &Set| other.kind == set.kind) {
            return Err(format!("{}: rows of {} were given already", path.display(), set.kind.name()));
        }
        sets.push(set);
    }
    if let Some(folder) = &arguments.write {
        for set in &sets {
            layout::write(set, folder).map_err(|error| error.to_string())?;
        }
        let rows: usize = sets.iter().map(|set| set.rows.len()).sum();
        return Ok(format!("{rows} rows written below {}; scan that folder, then --sarif FILE\n", folder.display()));
    }
    let columns = match &arguments.sarif {
        Some(file) => vec![by_sarif(file, &sets)?],
        None => by_deadkey(arguments, &sets)?,
    };
    let mut text = String::new();
    for column in columns.iter().filter(|column| column.hits.elsewhere > 0) {
        let count = column.hits.elsewhere;
        let _ = writeln!(text, "{}: {count} results are in files that are no rows of this data\n", column.name);
    }
    for set in &sets {
        let scores: Vec<Score> = columns.iter().map(|column| set.score(&column.hits, arguments.half)).collect();
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        tables::print(&mut text, set, &names, &scores, arguments);
        for (column, score) in columns.iter().zip(&scores).filter(|(column, _)| arguments.lists(&column.name)) {
            listing::print(&mut text, set, &column.name, score, &column.hits, arguments);
        }
    }
    Ok(text)
}

fn by_sarif(file: &Path, sets: &[Set]) -> Result<Column, String> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    let hits = Hits::from_sarif(&name, &text, sets).map_err(|error| error.to_string())?;
    Ok(Column { name: file.file_stem().map_or(name, |stem| stem.to_string_lossy().into_owned()), hits })
}

/// Runs the built binary twice: everything it knows, and what it shows unasked.
fn by_deadkey(arguments: &Arguments, sets: &[Set]) -> Result<Vec<Column>, String> {
    let program = arguments.scanner.clone().map_or_else(beside, Ok)?;
    let program = program.canonicalize().map_err(|error| {
        let build = "build it with `cargo build --release -p deadkey`, or name it with --scanner";
        format!("no scanner at {}: {error}; {build}", program.display())
    })?;
    // Not below a folder whose name speaks of tests, and scanned as `.`: paths count.
    let folder = tempfile::Builder::new().prefix("rows").tempdir().map_err(|error| error.to_string())?;
    for set in sets {
        layout::write(set, folder.path()).map_err(|error| error.to_string())?;
    }
    let mut columns = Vec::new();
    for (name, confidence) in [("low", Some("low")), ("default", None)] {
        let text = scan(&program, folder.path(), confidence)?;
        let least = confidence.unwrap_or("medium");
        let hits = Hits::from_jsonl("the scanner's output", &text, least, sets).map_err(|error| error.to_string())?;
        columns.push(Column { name: name.to_owned(), hits });
    }
    Ok(columns)
}

/// The binary next to this one.
fn beside() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    Ok(own.with_file_name(format!("deadkey{}", std::env::consts::EXE_SUFFIX)))
}

fn scan(program: &Path, folder: &Path, confidence: Option<&str>) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(["scan", "--quiet", "--exit-zero", "--no-config", "--no-pragmas", "--no-ignore", "--format", "jsonl"]);
    if let Some(confidence) = confidence {
        command.args(["--confidence", confidence]);
    }
    let output = command.arg(".").current_dir(folder).output();
    let output = output.map_err(|error| format!("{} does not start: {error}", program.display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{} ended with {}: {}", program.display(), output.status, said.trim()));
    }
    String::from_utf8(output.stdout).map_err(|_| "the scanner's output is not UTF-8".to_owned())
}
