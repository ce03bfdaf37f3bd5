//! One JSON document: the findings as [`crate::jsonl`] has them, and beside them what JSON lines leave out: gaps, remarks,
//! figures. Described in `docs/schema/report.schema.json`. Keys are only ever added.

use crate::history::Words;
use crate::jsonl::finding_line;
use crate::sequence::Sequence;
use crate::veil::Veil;
use crate::{Options, printable};
use model::{Gap, GapKind, Report, Stats};
use serde::Serialize;
use std::borrow::Cow;
use std::io::{self, Write};

pub(crate) fn write(report: &Report, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let veil = Veil::unless_shown(report, options);
    let words = Words::new(report, &veil);
    let lines = report.findings.iter().map(|finding| {
        let baseline = crate::suppressed::baseline_state(report, finding);
        finding_line(finding, baseline, options, &veil, words)
    });
    let gaps = report.gaps.iter().map(|gap| GapObject::new(gap, &veil)).collect();
    let notes = report.notes.iter().map(|note| veil.cover(note)).collect();
    serde_json::to_writer(&mut *out, &Document { head: Head::of(report), findings: Sequence(lines), gaps, notes })?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a, Findings: Serialize> {
    #[serde(flatten)]
    head: Head<'a>,
    findings: Findings,
    gaps: Vec<GapObject<'a>>,
    notes: Vec<Cow<'a, str>>,
}

/// What a document says of the run as a whole.
#[derive(Serialize)]
pub(crate) struct Head<'a> {
    tool: Tool<'a>,
    ruleset: Ruleset<'a>,
    key: Key<'a>,
    complete: bool,
    below_threshold: usize,
    stats: StatsObject,
}

impl<'a> Head<'a> {
    pub(crate) fn of(report: &'a Report) -> Head<'a> {
        Head {
            tool: Tool { name: "deadkey", version: &report.tool_version },
            ruleset: Ruleset { digest: &report.ruleset_digest, rules: report.rules },
            key: Key { id: &report.key_id, guessable: report.key_guessable },
            complete: report.is_complete(),
            below_threshold: report.below_threshold,
            stats: StatsObject::of(&report.stats),
        }
    }
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'static str,
    version: &'a str,
}

#[derive(Serialize)]
struct Ruleset<'a> {
    digest: &'a str,
    rules: usize,
}

#[derive(Serialize)]
struct Key<'a> {
    id: &'a str,
    guessable: bool,
}

#[derive(Serialize)]
struct StatsObject {
    files: u64,
    members: u64,
    bytes: u64,
    repositories: u64,
    objects: u64,
    commits: u64,
    object_bytes: u64,
    #[serde(skip_serializing_if = "is_none")]
    unreached: u64,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

impl StatsObject {
    fn of(stats: &Stats) -> StatsObject {
        let Stats { files, members, bytes, repositories, objects, commits, object_bytes, unreached, .. } = *stats;
        StatsObject { files, members, bytes, repositories, objects, commits, object_bytes, unreached }
    }
}

#[derive(Serialize)]
struct GapObject<'a> {
    kind: GapKind,
    what: Cow<'a, str>,
    why: Cow<'a, str>,
}

impl<'a> GapObject<'a> {
    fn new(gap: &'a Gap, veil: &Veil<'_>) -> GapObject<'a> {
        let why = printable::line(&veil.cover(&gap.why)).into_owned().into();
        GapObject { kind: gap.kind, what: veil.cover(&gap.what), why }
    }
}
