//! `deadkey tickets ingest`.

use super::args::IngestArgs;
use super::open::{git_config, making};
use super::reread::Places;
use super::rulebook::Rules;
use crate::known::count;
use crate::print::print;
use crate::{exit, tell};
use anyhow::{Context, Result};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use tickets::{CodeOwners, Origin, Recipient, SealTo, TakenIn, read_report_from, source_name};

/// Where the platforms look for CODEOWNERS.
const OWNERS: [&str; 5] =
    [".github/CODEOWNERS", ".gitlab/CODEOWNERS", ".gitea/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];
/// How many of what was left out is named.
const NAMED: usize = 10;

/// Takes the reports in, each as a whole.
pub fn run(args: &IngestArgs) -> Result<u8> {
    let root = args.root.canonicalize().with_context(|| format!("--root {} is not there", args.root.display()))?;
    let owners = owners(args, &root)?;
    let recipient = args.seal.as_deref().map(Recipient::parse).transpose().context("--seal")?;
    let seal = recipient.map(|recipient| SealTo { recipient, random });
    let mut ledger = making(&args.ledger)?;
    ledger.check_key()?;
    let mut places = Places::new(None)?;
    let rules = Rules::of(places.ruleset());
    let mut all = Vec::new();
    for path in &args.reports {
        let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let named = || path.display().to_string();
        let (reading, digest) = read_report_from(&mut BufReader::with_capacity(1 << 16, file)).with_context(named)?;
        let told = reading.repository.as_deref().map(source_name);
        let remote = || git_config(&root, "remote.origin.url").map(|url| source_name(&url));
        let source = args.repository.as_deref().map(source_name).or(told).or_else(remote);
        let origin = Origin {
            name: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            digest,
            source: source.unwrap_or_else(|| root.display().to_string()),
            is_named: args.repository.is_some(),
            root: Some(root.display().to_string()),
            public: args.public,
            owners: owners.clone(),
            default_owner: args.default_owner.clone(),
            seal: seal.clone(),
        };
        let taken = ledger.take_in(reading, &origin, &mut places, &rules).with_context(named)?;
        if !args.ledger.json {
            say(&taken);
        }
        all.push(taken);
    }
    let code = if all.iter().all(|taken| taken.left_out.is_empty()) { exit::CLEAN } else { exit::GAPS };
    if !args.ledger.json {
        return Ok(code);
    }
    print(code, |out| {
        all.iter().try_for_each(|taken| writeln!(out, "{}", serde_json::to_string(taken).unwrap_or_default()))
    })
}

/// The system's random bytes.
fn random(bytes: &mut [u8]) -> Result<(), String> {
    getrandom::fill(bytes).map_err(|error| error.to_string())
}

fn owners(args: &IngestArgs, root: &Path) -> Result<CodeOwners> {
    if let Some(path) = &args.codeowners {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("--codeowners {} cannot be read", path.display()))?;
        return Ok(CodeOwners::parse(&text));
    }
    let found = OWNERS.iter().find_map(|name| std::fs::read_to_string(root.join(name)).ok());
    Ok(found.map(|text| CodeOwners::parse(&text)).unwrap_or_default())
}

fn say(taken: &TakenIn) {
    if taken.already {
        let done = match taken.sealed {
            0 => "nothing to do".to_owned(),
            sealed => format!("{} sealed", count(sealed, "value", "values")),
        };
        tell!("{}: taken in before, {done}", taken.report);
        return;
    }
    let mut said = vec![
        format!("{} of {}", count(taken.credentials, "credential", "credentials"), taken.tool),
        format!("{} opened", count(taken.opened, "ticket", "tickets")),
        count(taken.new_places, "new place", "new places"),
    ];
    for (number, what) in [
        (taken.reopened, "opened again"),
        (taken.merged, "merged into others"),
        (taken.suppressed, "suppressed and left out"),
        (taken.sealed, "sealed"),
    ] {
        if number > 0 {
            said.push(format!("{number} {what}"));
        }
    }
    tell!("{}: {}", taken.report, said.join(", "));
    if taken.unprovable > 0 {
        tell!(
            "{}: the end of {} can never be proven, since the value cannot be read again; keep the logs and clones that \
             hold it and name their folder with --root, or take the report in where they are with --seal",
            taken.report,
            count(taken.unprovable, "credential", "credentials")
        );
    }
    if taken.fleeting > 0 {
        tell!(
            "{}: only logs hold {}; if they may go before it is dead, take the report in with --seal RECIPIENT",
            taken.report,
            count(taken.fleeting, "credential", "credentials")
        );
    }
    for line in taken.left_out.iter().take(NAMED) {
        tell!("{}: left out: {line}", taken.report);
    }
    if taken.left_out.len() > NAMED {
        tell!("{}: left out: and {} more (--json names all)", taken.report, taken.left_out.len() - NAMED);
    }
}
