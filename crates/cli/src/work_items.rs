//! What the ledger knows of issues about findings, for SARIF's `workItemUris`.

use crate::args::CommonArgs;
use model::Report;

/// Adds the addresses of the issues that the usual ledger names, where there is one. A ledger that cannot be read is told, and stops
/// nothing.
#[cfg(feature = "tickets")]
pub fn add(report: &mut Report, args: &CommonArgs) {
    if report.findings.is_empty() {
        return;
    }
    match crate::tickets_command::issues(report.findings.iter().map(|finding| &finding.fingerprint)) {
        Ok(issues) => report.work_items = issues,
        Err(error) if !args.quiet => crate::tell!("note: SARIF names no issues: {error:#}"),
        Err(_) => {}
    }
}

/// There is no ledger in this build.
#[cfg(not(feature = "tickets"))]
pub fn add(_: &mut Report, _: &CommonArgs) {}
