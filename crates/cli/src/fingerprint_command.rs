//! `deadkey fingerprint`.

use crate::print::print;
use crate::{exit, known};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::PathBuf;

/// Bytes of input, at most.
const MOST: u64 = 256 << 20;

/// What the help gives as examples.
pub const EXAMPLES: &str = "Examples:
  deadkey fingerprint values.jsonl > vault.jsonl
  vault kv get -field=password secret/db | deadkey fingerprint --path secret/db > vault.jsonl

A line is a value, or a JSON object with `value` and, if wanted, `path` and `state` (current, previous).
The values stay here; `deadkey tickets vaulted vault.jsonl` compares fingerprints, under the same DEADKEY_KEY.";

/// Arguments of `deadkey fingerprint`.
#[derive(Debug, Args)]
pub struct FingerprintArgs {
    /// A file of values, a line each; `-` is standard input.
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
    /// They are earlier versions: the vault no longer hands them out.
    #[arg(long)]
    pub previous: bool,
    /// Where in the vault they are; written beside each.
    #[arg(long, value_name = "PATH")]
    pub path: Option<String>,
    /// The whole input is one value (a key of several lines).
    #[arg(long)]
    pub whole: bool,
}

#[derive(Deserialize)]
struct Entry {
    value: String,
    path: Option<String>,
    state: Option<State>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Current,
    Previous,
}

#[derive(Serialize)]
struct Line {
    fingerprint: String,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

/// Prints a JSON object a value.
pub fn run(args: &FingerprintArgs) -> Result<u8> {
    let input = read(args)?;
    let key = known::key();
    if key.is_guessable() {
        crate::tell!("deadkey: DEADKEY_KEY is not set, so weak values can be guessed from these fingerprints");
    }
    let usual = if args.previous { State::Previous } else { State::Current };
    let values: Vec<&[u8]> = if args.whole { vec![&input] } else { input.split(|b| *b == b'\n').collect() };
    let mut lines = Vec::new();
    for (number, value) in values.into_iter().enumerate() {
        let value = value.trim_ascii();
        if value.is_empty() {
            continue;
        }
        let entry = if value.starts_with(b"{") && !args.whole { Some(entry(value, number + 1)?) } else { None };
        let bytes = entry.as_ref().map_or(value, |entry| entry.value.trim().as_bytes());
        lines.push(Line {
            fingerprint: key.fingerprint(bytes).to_string(),
            state: entry.as_ref().and_then(|entry| entry.state).unwrap_or(usual),
            path: entry.and_then(|entry| entry.path).or_else(|| args.path.clone()),
        });
    }
    if lines.is_empty() {
        bail!("there is no value in the input; a line is one, or a JSON object with `value`");
    }
    print(exit::CLEAN, |out| {
        lines.iter().try_for_each(|line| writeln!(out, "{}", serde_json::to_string(line).unwrap_or_default()))
    })
}

/// Never says what stands there.
fn entry(line: &[u8], number: usize) -> Result<Entry> {
    let fault = || {
        format!("line {number} begins like a JSON object and is none with `value`; --whole takes the input as it is")
    };
    serde_json::from_slice(line).map_err(|_| anyhow::anyhow!(fault()))
}

fn read(args: &FingerprintArgs) -> Result<Vec<u8>> {
    let mut input = Vec::new();
    if args.file.as_os_str() == "-" {
        std::io::stdin().take(MOST + 1).read_to_end(&mut input).context("standard input cannot be read")?;
    } else {
        std::fs::File::open(&args.file)
            .and_then(|file| file.take(MOST + 1).read_to_end(&mut input))
            .with_context(|| format!("{} cannot be read", args.file.display()))?;
    }
    if input.len() as u64 > MOST {
        bail!("the input is longer than {MOST} bytes; give it in parts");
    }
    Ok(input)
}
