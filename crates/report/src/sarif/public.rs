//! The log that anybody may read: a result a rule, with a number in place of places.

use super::model::{
    self, ArtifactLocation, AutomationDetails, Invocation, Log, Message, NoticeRef, Notification, PhysicalLocation,
    Region, Run, Tool,
};
use super::rules::{self, RuleTable};
use super::{base, driver, past, plain, run_properties, taxonomy, uri};
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
    locations: [PublicLocation; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
    occurrence_count: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PublicLocation {
    physical_location: PhysicalLocation<'static>,
}

/// Code scanning refuses a whole file for one result without a place. This one says that it is none.
fn no_place() -> PublicLocation {
    let description = Message { text: "The place is not told: anybody can read this report.".into() };
    PublicLocation {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation {
                uri: "place-not-told".to_owned(),
                uri_base_id: Some(uri::BASE),
                description: Some(description),
            },
            region: Region { start_line: 1, start_column: 1, end_line: 1, end_column: 2 },
            context_region: None,
        },
    }
}

/// A hash of the rule's name, so that code scanning keeps one alert a rule: FNV-1a, 64 bits.
fn rule_hash(id: &str) -> String {
    let hash = id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}:1")
}

/// A category of its own: numbers must not close the alerts of a report that tells places.
fn category(report: &Report) -> String {
    let names: Vec<_> = report.categories.iter().map(|category| category.name()).collect();
    format!("deadkey/{}/", [&["public"], names.as_slice()].concat().join("-"))
}

pub(crate) fn write_public(report: &Report, rows: &[Row<'_>], out: &mut impl Write) -> io::Result<()> {
    let table = RuleTable::of(report.findings.iter());
    let results: Vec<_> = rows
        .iter()
        .map(|row| PublicResult {
            rule_id: &row.rule.id,
            rule_index: table.index(&row.rule.id),
            level: rules::level(row.rule.severity),
            message: Message { text: plain(&row.sentence()).into() },
            locations: [no_place()],
            partial_fingerprints: BTreeMap::from([(past::LINE_HASH, rule_hash(&row.rule.id))]),
            occurrence_count: row.credentials,
        })
        .collect();
    let run = Run {
        tool: Tool { driver: driver(report, &table) },
        invocations: [invocation(report)],
        version_control_provenance: Vec::new(),
        original_uri_base_ids: BTreeMap::from([(uri::BASE, base())]),
        automation_details: Some(AutomationDetails { id: category(report) }),
        taxonomies: taxonomy::components(table.tags()),
        column_kind: "utf16CodeUnits",
        results,
        properties: run_properties(report),
    };
    serde_json::to_writer(&mut *out, &Log { schema: model::SCHEMA, version: model::VERSION, runs: vec![run] })?;
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
