//! What the ledger knows of issues about findings, for SARIF's `workItemUris`.

use crate::args::CommonArgs;
use model::Report;

/// Adds the addresses of the issues that the usual ledger names, where there is one and SARIF is written. A ledger that cannot be read
/// is told, and stops nothing.
#[cfg(feature = "tickets")]
pub fn add(report: &mut Report, args: &CommonArgs, has_sarif: bool) {
    if !has_sarif || report.findings.is_empty() {
        return;
    }
    match crate::tickets_command::issues() {
        Ok(issues) => {
            for finding in &report.findings {
                if let Some(issue) = issues.get(finding.fingerprint.as_str()) {
                    report.work_items.insert(finding.fingerprint.clone(), vec![issue.clone()]);
                }
            }
        }
        Err(error) if !args.quiet => crate::tell!("note: SARIF names no issues: {error:#}"),
        Err(_) => {}
    }
}

/// There is no ledger in this build.
#[cfg(not(feature = "tickets"))]
pub fn add(_: &mut Report, _: &CommonArgs, _: bool) {}
