//! The log that anybody may read: a result a rule, with a number in place of places.

use super::model::{self, Invocation, Log, Message, NoticeRef, Notification, Run, Tool};
use super::rules::{self, RuleTable};
use super::{automation_details, base, driver, plain, run_properties, uri};
use crate::public::Row;
use ::model::{GapKind, Report};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PublicResult<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Message<'a>,
    occurrence_count: usize,
}

pub(crate) fn write_public(report: &Report, rows: &[Row<'_>], out: &mut impl Write) -> io::Result<()> {
    let table = RuleTable::of(&report.findings);
    let results: Vec<_> = rows
        .iter()
        .map(|row| PublicResult {
            rule_id: &row.rule.id,
            rule_index: table.index(&row.rule.id),
            level: rules::level(row.rule.severity),
            message: Message { text: plain(&row.sentence()).into() },
            occurrence_count: row.credentials,
        })
        .collect();
    let run = Run {
        tool: Tool { driver: driver(report, &table) },
        invocations: [invocation(report)],
        version_control_provenance: Vec::new(),
        original_uri_base_ids: BTreeMap::from([(uri::BASE, base())]),
        automation_details: automation_details(report),
        column_kind: "utf16CodeUnits",
        results,
        properties: run_properties(report),
    };
    serde_json::to_writer(&mut *out, &Log { schema: model::SCHEMA, version: model::VERSION, runs: [run] })?;
    out.write_all(b"\n")
}

fn invocation(report: &Report) -> Invocation<'_> {
    let kinds = [
        (GapKind::Happened, "gap/happened", "error", "not scanned"),
        (GapKind::Input, "gap/input", "note", "notices on the input"),
    ];
    let told = kinds.into_iter().filter_map(|(kind, id, level, what)| {
        let n = report.gaps.iter().filter(|gap| gap.kind == kind).count();
        let message = Message { text: format!("{what}: {n}").into() };
        (n > 0).then_some(Notification { descriptor: NoticeRef { id }, level, message, properties: None })
    });
    Invocation { execution_successful: report.is_complete(), tool_execution_notifications: told.collect() }
}
