use model::{Finding, Report};

/// The findings that count, for the formats that list nothing else: annotations, tables, platforms' reports.
pub(crate) fn counted(report: &Report) -> impl Iterator<Item = &Finding> + Clone {
    report.open_findings()
}
