//! One SARIF 2.1.0 log with one run. Never a secret, whatever the options: SARIF is made to be uploaded.
//!
//! How our words map to SARIF's:
//!
//! - A finding is a `result`; its first place is `locations[0]`, by which platforms place it, all others are
//!   `relatedLocations`. `partialFingerprints` holds the credential's fingerprint under [`FINGERPRINT`].
//! - `level` follows the rule's severity; a finding of low confidence is a `note` unless it is live.
//! - A path is a percent-encoded URI relative to `SRCROOT`, the folder the scan was started in; an absolute path is a
//!   `file://` URI. Standard input is `-` without a base, described as such.
//! - A member of an archive has the URI of the outermost file, the only one a platform can open, and a logical location
//!   whose name is the member's path and whose full name is ours, `outer.zip!inner/path`. Its region counts in the
//!   member, not in the archive's bytes: what a person needs after unpacking. `properties.kind` is then `archive`.
//! - A place in a log has the log's URI, a logical location named after its step (`job/step` in full), and
//!   `properties.log` with all that is known, a link to the line among it. Logs are a category of their own
//!   (`automationDetails.id` is `deadkey/logs/`), so that uploading them closes no alert of the files.
//! - A place in a repository's history is the path it had there, relative like any other; its logical location has the
//!   full name that git takes, `COMMIT:path`, and `properties.history` says which commit brought it and which removed it.
//!   Messages, loose objects and a repository's own data are no files: like standard input, a URI without a base.
//! - What a history says of a finding as a whole is in `properties.history`, an object a repository, and in the message.
//!   `properties.onlyInHistory` marks what nothing checked out holds.
//! - Code scanning knows an alert again by `primaryLocationLineHash`, which comes with the first place. Where that
//!   place is in no readable file (history, archives, standard input) it is here, made of the credential's hash.
//! - `region` is the credential's place; `contextRegion.snippet` its masked line.
//! - A gap is a notification of the invocation: `error` if it happened, `note` if the input was made so. A remark of the
//!   run is a `note` too. Their `descriptor.id` is `gap/happened`, `gap/input` or `note`. `executionSuccessful` says
//!   whether all that was asked for was scanned.
//! - What was held against a baseline is `unchanged` if that knows it, else `new` (`baselineState`). What suppresses a finding
//!   is in `suppressions`; a live one has none, since it counts.
//! - `precision` belongs to a rule, and our rules are judged by finding, so it is the least of the rule's findings here.

mod flow;
mod model;
mod parts;
mod past;
mod public;
mod rank;
mod rules;
mod taxonomy;
mod uri;

pub(crate) use self::public::write_public;
pub(crate) use self::uri::split_archive;

use self::model::{
    AutomationDetails, ContextRegion, Driver, GapProperties, HistoryStats, Invocation, Location, Log, Message,
    NoticeDescriptor, NoticeRef, Notification, PartProperties, PhysicalLocation, PlaceProperties, Region,
    ResultProperties, Run, RunProperties, SarifResult, SarifSuppression, SuppressionProperties, Tool, UriBase,
};
use self::parts::{Part, parts};
use self::rank::{kind_and_level, rank};
use self::rules::RuleTable;
use crate::expiry::ExpiresObject;
use crate::history::{Words, is_only_in_history, remedy};
use crate::log::LogObject;
use crate::sequence::Sequence;
use crate::suppressed::{self, baseline_state};
use crate::veil::Veil;
use crate::verdict::{self, VerdictObject};
use crate::{Options, SARIF_PLACES, SarifProfile, printable};
use ::model::{Finding, Gap, GapKind, Place, PlaceKind, Report, Suppression, SuppressionKind, Verdict};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The key of our fingerprint among a result's `partialFingerprints`.
const FINGERPRINT: &str = "deadkey/credential/v1";
/// How many further places the message of a result links.
const LINKED: usize = 5;

pub(crate) fn write(report: &Report, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let veil = Veil::over(report);
    let words = Words::new(report, &veil);
    let parts: Vec<_> =
        parts(report, options).into_iter().map(|part| (RuleTable::of(part.findings.iter().copied()), part)).collect();
    let left_out = LeftOut::of(report, options);
    let run = |(table, part)| run(Context { report, veil: &veil, words, table, options }, part, &left_out);
    let runs = parts.iter().map(|(table, part)| run((table, part))).collect();
    // Not indented: at a million places that more than doubles the file, and machines read it.
    serde_json::to_writer(&mut *out, &Log { schema: model::SCHEMA, version: model::VERSION, runs })?;
    out.write_all(b"\n")
}

fn run<'c, 'a>(
    context: Context<'c, 'a>,
    part: &'c Part<'a>,
    left_out: &'c LeftOut,
) -> Run<'a, Sequence<impl Iterator<Item = impl Serialize + use<'c, 'a>> + Clone + use<'c, 'a>>> {
    let Context { report, veil, words, table, .. } = context;
    let notes = if part.is_continued() { Vec::new() } else { notifications(report, veil, left_out) };
    Run {
        tool: Tool { driver: driver(report, table) },
        invocations: [Invocation { execution_successful: report.is_complete(), tool_execution_notifications: notes }],
        version_control_provenance: past::provenance(report, words),
        original_uri_base_ids: BTreeMap::from([(uri::BASE, base())]),
        automation_details: part.id().map(|id| AutomationDetails { id }),
        taxonomies: taxonomy::components(table.tags()),
        column_kind: "utf16CodeUnits",
        results: Sequence(part.findings.iter().map(move |finding| context.result(finding))),
        properties: RunProperties { left_out: left_out.count, ..run_properties(report) },
    }
}

/// What the profile leaves out, as a sentence for the log, too: nothing is dropped in silence.
struct LeftOut {
    count: usize,
    sentence: Option<String>,
}

impl LeftOut {
    fn of(report: &Report, options: &Options) -> LeftOut {
        let count = match options.sarif_profile {
            SarifProfile::Full => 0,
            SarifProfile::Github => report.findings.len() - report.open_findings().count(),
        };
        let by = suppressed::counts(report).filter(|_| count > 0);
        let noun = if count == 1 { "finding" } else { "findings" };
        let sentence = by.map(|by| {
            format!("{count} {noun} left out, since code scanning would show as open what is suppressed: {by}")
        });
        LeftOut { count, sentence }
    }
}

/// See [`crate::sarif_left_out()`].
pub(crate) fn left_out(report: &Report, options: &Options) -> Option<String> {
    LeftOut::of(report, options).sentence
}

fn driver<'a>(report: &'a Report, table: &RuleTable<'a>) -> Driver<'a> {
    Driver {
        name: "deadkey",
        semantic_version: &report.tool_version,
        // Set `repository` in the manifest, and it appears here.
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: table.descriptors(),
        notifications: notices(),
        supported_taxonomies: taxonomy::supported(),
    }
}

/// What notifications are about. Code scanning asks of them what it asks of rules.
fn notices() -> Vec<NoticeDescriptor> {
    let notice = |id, name, [short, full, help]: [&'static str; 3]| NoticeDescriptor {
        id,
        name,
        short_description: Message { text: short.into() },
        full_description: Message { text: full.into() },
        help: Message { text: help.into() },
    };
    vec![
        notice(
            "gap/happened",
            "NotScanned",
            [
                "Not scanned.",
                "Something that was asked for could not be scanned, so that it may hold more than is reported.",
                "The message says why, and what to do about it.",
            ],
        ),
        notice(
            "gap/input",
            "IncompleteInput",
            [
                "Input that is not whole.",
                "The input was made without something, such as the history beyond a shallow clone.",
                "The message says how to get the rest.",
            ],
        ),
        notice(
            "note",
            "Remark",
            ["A remark.", "What was scanned and reported, and how.", "There is nothing to do about a remark."],
        ),
    ]
}

fn notifications<'a>(report: &'a Report, veil: &Veil<'_>, left_out: &LeftOut) -> Vec<Notification<'a>> {
    let gaps = report.gaps.iter().map(|gap| gap_notification(gap, veil));
    let notes = report.notes.iter().chain(&left_out.sentence).map(|note| {
        let message = Message { text: printable::line(&veil.cover(note)).into_owned().into() };
        Notification { descriptor: NoticeRef { id: "note" }, level: "note", message, properties: None }
    });
    gaps.chain(notes).collect()
}

fn gap_notification<'a>(gap: &'a Gap, veil: &Veil<'_>) -> Notification<'a> {
    let (id, level) = match gap.kind {
        GapKind::Happened => ("gap/happened", "error"),
        GapKind::Input => ("gap/input", "note"),
    };
    let what = veil.cover(&gap.what);
    let text = format!("{}: {}", printable::line(&what), printable::line(&veil.cover(&gap.why)));
    let message = Message { text: plain(&text).into() };
    Notification { descriptor: NoticeRef { id }, level, message, properties: Some(GapProperties { what }) }
}

fn base() -> UriBase {
    UriBase { description: Message { text: "The folder that the scan was started in.".into() } }
}

fn run_properties(report: &Report) -> RunProperties<'_> {
    RunProperties {
        ruleset_digest: &report.ruleset_digest,
        rules: report.rules,
        key_id: &report.key_id,
        key_guessable: report.key_guessable,
        below_threshold: report.below_threshold,
        files: report.stats.files,
        members: report.stats.members,
        bytes: report.stats.bytes,
        history: (report.stats.repositories > 0).then_some(HistoryStats {
            repositories: report.stats.repositories,
            objects: report.stats.objects,
            commits: report.stats.commits,
            object_bytes: report.stats.object_bytes,
        }),
        left_out: 0,
    }
}

/// What every result needs.
#[derive(Clone, Copy)]
struct Context<'c, 'a> {
    report: &'a Report,
    veil: &'c Veil<'a>,
    words: Words<'c, 'a>,
    table: &'c RuleTable<'a>,
    options: &'c Options,
}

impl<'c, 'a> Context<'c, 'a> {
    fn result(self, finding: &'a Finding) -> SarifResult<'a, impl Serialize + use<'c, 'a>> {
        let further = finding.places.get(1..).unwrap_or_default();
        let most = match self.options.sarif_profile {
            SarifProfile::Full => self.options.sarif_places,
            SarifProfile::Github => self.options.sarif_places.min(SARIF_PLACES),
        };
        let listed = &further[..further.len().min(most)];
        let related = listed.iter().zip(1..).map(move |(place, id)| Location { id: Some(id), ..self.location(place) });
        let (kind, level) = kind_and_level(finding, self.options.sarif_profile);
        SarifResult {
            rule_id: &finding.rule.id,
            rule_index: self.table.index(&finding.rule.id),
            kind,
            level,
            rank: f64::from(rank(finding)) / 10.0,
            message: Message { text: self.message(finding, listed, further.len()).into() },
            locations: finding.places.first().map(|place| self.location(place)).into_iter().collect(),
            related_locations: (!listed.is_empty()).then_some(Sequence(related)),
            code_flows: flow::flows(self, finding),
            taxa: taxonomy::taxa(finding),
            work_item_uris: self.work_items(finding),
            partial_fingerprints: fingerprints(finding),
            baseline_state: baseline_state(self.report, finding),
            suppressions: self.suppressions(finding),
            properties: self.properties(finding, further.len() - listed.len()),
        }
    }

    /// None for what is live: that counts, whatever speaks for leaving it alone.
    fn suppressions(self, finding: &'a Finding) -> Vec<SarifSuppression<'a>> {
        let listed = finding.suppressions.iter().filter(|_| finding.is_suppressed());
        let object = |suppression: &'a Suppression| SarifSuppression {
            kind: if suppression.kind == SuppressionKind::InlinePragma { "inSource" } else { "external" },
            status: "accepted",
            justification: match suppression.reason.as_deref().filter(|reason| !reason.trim().is_empty()) {
                Some(reason) => self.veil.cover(reason),
                None => self.unreasoned(suppression).into(),
            },
            properties: SuppressionProperties { by: suppression.kind.name(), what: self.veil.cover(&suppression.by) },
        };
        listed.map(object).collect()
    }

    /// What is said where whoever let it be gave no reason.
    fn unreasoned(self, suppression: &Suppression) -> String {
        let by = self.veil.cover(&suppression.by);
        let named = if by.is_empty() { String::new() } else { format!(" ({by})") };
        match suppression.kind {
            SuppressionKind::InlinePragma => format!("A comment at its line lets it be{named}; it gives no reason."),
            SuppressionKind::Allow => format!("An entry of the configuration allows it{named}; it gives no reason."),
            SuppressionKind::IgnoreFile => format!("A line of an ignore file names it{named}."),
            SuppressionKind::Baseline => format!("It was known when the baseline was made{named}."),
        }
    }

    /// Only addresses: the standard asks for absolute URIs.
    fn work_items(self, finding: &Finding) -> Vec<Cow<'a, str>> {
        let known = self.report.work_items.get(&finding.fingerprint);
        let addresses = known.into_iter().flatten().filter(|item| uri::repository(item).is_some());
        addresses.map(|item| self.veil.cover(item)).collect()
    }

    /// What people read first: what it is, why it is believed, and links to the places listed.
    fn message(self, finding: &Finding, listed: &[Place], further: usize) -> String {
        let mut text = plain(&format!("{} {}", finding.rule.name, finding.redacted()));
        text.push_str(&format!(", {} confidence", finding.confidence));
        if finding.verdict != Verdict::NotChecked {
            let said = verdict::phrase(&finding.verdict, self.veil);
            text.push_str(&plain(&format!(", {}", printable::line(&said))));
        }
        if !finding.reasons.is_empty() {
            text.push_str(": ");
            text.push_str(&plain(&printable::line(&self.veil.cover(&finding.reasons.join("; ")))));
        }
        text.push('.');
        self.history_sentences(finding, &mut text);
        if further == 0 {
            return text;
        }
        let links: Vec<_> = listed.iter().take(LINKED).zip(1..).map(|(place, id)| self.link(place, id)).collect();
        text.push_str(" Also at ");
        text.push_str(&links.join(", "));
        let more = further - links.len();
        if more > 0 {
            let and = if links.is_empty() { "" } else { " and " };
            text.push_str(&format!("{and}{more} more {}", if more == 1 { "place" } else { "places" }));
        }
        text.push('.');
        text
    }

    fn history_sentences(self, finding: &Finding, text: &mut String) {
        let histories = self.words.histories(finding);
        if !histories.is_empty() {
            text.push_str(&format!(" History: {}.", plain(&histories.join(". "))));
        }
        if let Some(remedy) = remedy(finding) {
            text.push_str(&format!(" It is {remedy}."));
        }
    }

    fn link(self, place: &Place, id: usize) -> String {
        let (thing, within) = (self.words.thing(place), self.words.within(place));
        // A name has no lines.
        let line = if place.kind == PlaceKind::Name { String::new() } else { format!(":{}", place.line) };
        format!("[{}]({id})", plain(&format!("{thing}{line}{within}")))
    }

    fn region(place: &Place) -> Region {
        Region {
            start_line: place.line,
            start_column: place.column,
            end_line: place.end_line,
            end_column: place.end_column,
        }
    }

    fn location(self, place: &'a Place) -> Location<'a> {
        let path = self.veil.cover(&place.path);
        let context_region = place.snippet.as_ref().map(|snippet| ContextRegion {
            start_line: place.line,
            end_line: place.end_line,
            snippet: Message { text: self.veil.snippet(snippet).0 },
        });
        Location {
            id: None,
            physical_location: PhysicalLocation {
                artifact_location: uri::artifact(place.kind, &path),
                region: Context::region(place),
                context_region,
            },
            logical_locations: past::logical(place, &path, self.words, self.veil).map(|location| [location]),
            properties: PlaceProperties {
                kind: place.kind,
                path,
                offset: place.offset,
                length: place.length,
                decoded: &place.decoded,
                name: place.name.as_deref().map(|name| self.veil.cover(name)),
                confidence: place.confidence,
                rule: place.rule.as_deref(),
                history: place.history.as_ref().map(|passage| past::passage(passage, self.words)),
                log: place.log.as_ref().map(|log| LogObject::new(log, self.veil)),
            },
        }
    }

    fn properties(self, finding: &'a Finding, places_omitted: usize) -> ResultProperties<'a> {
        let parts = finding.parts.iter().map(|part| PartProperties {
            name: &part.name,
            fingerprint: part.fingerprint.as_str(),
            secret: part.value.redacted(0),
        });
        ResultProperties {
            provider: &finding.rule.provider,
            severity: finding.rule.severity,
            confidence: finding.confidence,
            verdict: finding.verdict.name(),
            verdict_why: match &finding.verdict {
                Verdict::Unknown { why, .. } => Some(self.veil.cover(why)),
                Verdict::Dead { why } if !why.is_empty() => Some(self.veil.cover(why)),
                Verdict::NotChecked | Verdict::Live(_) | Verdict::Dead { .. } => None,
            },
            verification: (finding.verdict != Verdict::NotChecked)
                .then(|| VerdictObject::new(&finding.verdict, self.veil)),
            decoded: finding.places.first().map_or(&[], |place| &place.decoded),
            name: finding.places.iter().find_map(|place| place.name.as_deref()).map(|name| self.veil.cover(name)),
            expires: finding.expires.as_ref().map(|expires| ExpiresObject::new(expires, self.options.now)),
            reasons: finding.reasons.iter().map(|reason| self.veil.cover(reason)).collect(),
            secret: finding.redacted(),
            parts: parts.collect(),
            places: finding.places.len(),
            places_omitted,
            only_in_history: is_only_in_history(finding),
            history: finding.histories.iter().map(|history| past::history(history, self.words)).collect(),
        }
    }
}

fn fingerprints(finding: &Finding) -> BTreeMap<&'static str, Cow<'_, str>> {
    let mut fingerprints = BTreeMap::from([(FINGERPRINT, finding.fingerprint.as_str().into())]);
    if let Some(hash) = past::line_hash(finding) {
        fingerprints.insert(past::LINE_HASH, hash.into());
    }
    fingerprints
}

/// `text` as SARIF reads it literally: brackets and backslashes would begin a link (section 3.11.6).
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '[' | ']') {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}
