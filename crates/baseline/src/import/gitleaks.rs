//! A JSON report of gitleaks or betterleaks, which is their baseline: secrets in clear, or redacted as a whole (`REDACTED`)
//! or but for the beginning (`abc...`). A redacted one still says where it is.

use super::{Foreign, Holds, Imported, Tool, Unusable, text};
use crate::foreign::normal;
use crate::{Date, Error};
use model::Secret;
use serde_json::Value;
use std::path::Path;

pub(super) fn read(file: &Value) -> Result<Imported, Error> {
    let mut imported = Imported::of(Tool::Gitleaks);
    for finding in file.as_array().into_iter().flatten() {
        let secret = text(finding, "Secret");
        let holds = if is_redacted(secret) { place(finding) } else { Some(Holds::Value(Secret::new(secret))) };
        match holds {
            Some(holds) => imported.entries.push(Foreign {
                holds,
                rule: format!("gitleaks: {}", text(finding, "RuleID")),
                // The commit's date says when it leaked, and that is not when somebody accepted it.
                added: None::<Date>,
                reason: None,
            }),
            None => imported.refuse(Unusable::NoPlace),
        }
    }
    Ok(imported)
}

fn is_redacted(secret: &str) -> bool {
    secret.is_empty() || secret == "REDACTED" || secret == "REDACT" || secret.ends_with("...")
}

fn place(finding: &Value) -> Option<Holds> {
    let line = finding.get("StartLine").and_then(Value::as_u64).filter(|line| *line > 0)?;
    let path = normal(Path::new(text(finding, "File")));
    (!path.is_empty()).then(|| Holds::Place { commit: text(finding, "Commit").to_owned(), path, line })
}
