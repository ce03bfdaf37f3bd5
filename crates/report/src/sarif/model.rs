//! The part of SARIF 2.1.0 (OASIS standard, errata 01) that we write, field for field.

use crate::commit::CommitObject;
use crate::expiry::ExpiresObject;
use crate::log::LogObject;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
pub(super) const VERSION: &str = "2.1.0";

/// `sarifLog`; `Results` is whatever serialises to an array of [`SarifResult`].
#[derive(Serialize)]
pub(super) struct Log<'a, Results: Serialize> {
    #[serde(rename = "$schema")]
    pub schema: &'static str,
    pub version: &'static str,
    pub runs: Vec<Run<'a, Results>>,
}

/// The category of a run.
#[derive(Serialize)]
pub(super) struct AutomationDetails {
    pub id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Run<'a, Results: Serialize> {
    pub tool: Tool<'a>,
    pub invocations: [Invocation<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub version_control_provenance: Vec<VersionControlDetails>,
    pub original_uri_base_ids: BTreeMap<&'static str, UriBase>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automation_details: Option<AutomationDetails>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taxonomies: Vec<Component<'a>>,
    pub column_kind: &'static str,
    pub results: Results,
    pub properties: RunProperties<'a>,
}

#[derive(Serialize)]
pub(super) struct Tool<'a> {
    pub driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Driver<'a> {
    pub name: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub semantic_version: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub information_uri: &'static str,
    pub rules: Vec<Rule<'a>>,
    pub notifications: Vec<NoticeDescriptor>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub supported_taxonomies: Vec<ComponentRef>,
}

/// `reportingDescriptor` of a notification.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NoticeDescriptor {
    pub id: &'static str,
    pub name: &'static str,
    pub short_description: Message<'static>,
    pub full_description: Message<'static>,
    pub help: Message<'static>,
}

/// `toolComponent` of a taxonomy.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Component<'a> {
    pub name: &'static str,
    pub version: &'static str,
    pub organization: &'static str,
    pub guid: &'static str,
    pub information_uri: &'static str,
    pub short_description: Message<'static>,
    pub is_comprehensive: bool,
    pub taxa: Vec<Taxon<'a>>,
}

/// `reportingDescriptor` of a taxon.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Taxon<'a> {
    pub id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_description: Option<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help_uri: Option<String>,
}

/// `toolComponentReference`.
#[derive(Serialize)]
pub(super) struct ComponentRef {
    pub name: &'static str,
    /// Its place in `run.taxonomies`.
    pub index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guid: Option<&'static str>,
}

/// `reportingDescriptorReference` of a taxon.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TaxonRef<'a> {
    pub id: &'a str,
    pub tool_component: ComponentRef,
}

/// `reportingDescriptorRelationship`.
#[derive(Serialize)]
pub(super) struct Relationship<'a> {
    pub target: TaxonRef<'a>,
    pub kinds: [&'static str; 1],
}

/// `reportingDescriptor` of a rule.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule<'a> {
    pub id: &'a str,
    pub name: String,
    pub short_description: Message<'a>,
    pub full_description: Message<'a>,
    pub help: Help,
    pub default_configuration: Configuration,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub relationships: Vec<Relationship<'a>>,
    pub properties: RuleProperties,
}

#[derive(Serialize)]
pub(super) struct Message<'a> {
    pub text: Cow<'a, str>,
}

#[derive(Serialize)]
pub(super) struct Help {
    pub text: String,
    pub markdown: String,
}

#[derive(Serialize)]
pub(super) struct Configuration {
    pub level: &'static str,
}

#[derive(Serialize)]
pub(super) struct RuleProperties {
    pub tags: Vec<String>,
    pub precision: &'static str,
    #[serde(rename = "problem.severity")]
    pub problem_severity: &'static str,
    #[serde(rename = "security-severity")]
    pub security_severity: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation<'a> {
    pub execution_successful: bool,
    pub tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
pub(super) struct Notification<'a> {
    pub descriptor: NoticeRef,
    pub level: &'static str,
    pub message: Message<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properties: Option<GapProperties<'a>>,
}

#[derive(Serialize)]
pub(super) struct NoticeRef {
    pub id: &'static str,
}

#[derive(Serialize)]
pub(super) struct GapProperties<'a> {
    pub what: Cow<'a, str>,
}

#[derive(Serialize)]
pub(super) struct UriBase {
    pub description: Message<'static>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VersionControlDetails {
    pub repository_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapped_to: Option<ArtifactLocation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunProperties<'a> {
    pub ruleset_digest: &'a str,
    pub rules: usize,
    pub key_id: &'a str,
    pub key_guessable: bool,
    pub below_threshold: usize,
    pub files: u64,
    pub members: u64,
    pub bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<HistoryStats>,
    /// How many findings of the scan a profile left out, all runs together.
    #[serde(skip_serializing_if = "is_zero")]
    pub left_out: usize,
}

/// What was scanned of histories.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HistoryStats {
    pub repositories: u64,
    pub objects: u64,
    pub commits: u64,
    pub object_bytes: u64,
}

/// `result`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifResult<'a, Related: Serialize> {
    pub rule_id: &'a str,
    pub rule_index: usize,
    pub kind: &'static str,
    pub level: &'static str,
    /// From 0 to 100: how urgent it is, as far as a report can tell.
    pub rank: f64,
    pub message: Message<'a>,
    pub locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related_locations: Option<Related>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub code_flows: Vec<CodeFlow<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taxa: Vec<TaxonRef<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub work_item_uris: Vec<Cow<'a, str>>,
    pub partial_fingerprints: BTreeMap<&'static str, Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suppressions: Vec<SarifSuppression<'a>>,
    pub properties: ResultProperties<'a>,
}

/// `suppression`.
#[derive(Serialize)]
pub(super) struct SarifSuppression<'a> {
    pub kind: &'static str,
    pub status: &'static str,
    pub justification: Cow<'a, str>,
    pub properties: SuppressionProperties<'a>,
}

/// What SARIF's two kinds do not tell.
#[derive(Serialize)]
pub(super) struct SuppressionProperties<'a> {
    pub by: &'static str,
    /// The pragma, or the file and line of the entry.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub what: Cow<'a, str>,
}

/// `codeFlow`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeFlow<'a> {
    pub message: Message<'static>,
    pub thread_flows: Vec<ThreadFlow<'a>>,
}

#[derive(Serialize)]
pub(super) struct ThreadFlow<'a> {
    pub locations: Vec<FlowStep<'a>>,
}

/// `threadFlowLocation`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FlowStep<'a> {
    pub location: FlowLocation<'a>,
    pub kinds: [&'static str; 1],
    pub execution_order: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_time_utc: Option<String>,
    pub importance: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FlowLocation<'a> {
    pub physical_location: PhysicalLocation<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logical_locations: Option<[LogicalLocation<'a>; 1]>,
    pub message: Message<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<usize>,
    pub physical_location: PhysicalLocation<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logical_locations: Option<[LogicalLocation<'a>; 1]>,
    pub properties: PlaceProperties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhysicalLocation<'a> {
    pub artifact_location: ArtifactLocation,
    pub region: Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_region: Option<ContextRegion<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactLocation {
    /// Empty for the base itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri_base_id: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Message<'static>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region {
    pub start_line: u64,
    pub start_column: u64,
    pub end_line: u64,
    pub end_column: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContextRegion<'a> {
    pub start_line: u64,
    pub end_line: u64,
    pub snippet: Message<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogicalLocation<'a> {
    pub name: String,
    pub fully_qualified_name: Cow<'a, str>,
    pub kind: &'static str,
}

/// What SARIF has no field for: the place as our other formats have it.
#[derive(Serialize)]
pub(super) struct PlaceProperties<'a> {
    pub kind: model::PlaceKind,
    pub path: Cow<'a, str>,
    pub offset: u64,
    pub length: u64,
    pub decoded: &'a [model::Decoder],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Cow<'a, str>>,
    pub confidence: model::Confidence,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<PassageProperties<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<LogObject<'a>>,
}

/// Which commit brought the credential to the place, and which took it away.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PassageProperties<'a> {
    pub repository: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introduced: Option<CommitObject<'a>>,
    pub at_or_before: bool,
    pub removed: Vec<CommitObject<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub object: Cow<'a, str>,
}

/// What the history of a repository says of the credential.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HistoryProperties<'a> {
    pub repository: Cow<'a, str>,
    pub introduced: Vec<CommitObject<'a>>,
    #[serde(skip_serializing_if = "is_zero")]
    pub introduced_omitted: usize,
    pub removed: Vec<CommitObject<'a>>,
    #[serde(skip_serializing_if = "is_zero")]
    pub removed_omitted: usize,
    pub at_or_before: bool,
    pub at_head: bool,
    pub branches: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "is_zero")]
    pub branches_omitted: usize,
    pub tags: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "is_zero")]
    pub tags_omitted: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposed_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposed_until: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultProperties<'a> {
    pub provider: &'a str,
    pub severity: model::Severity,
    pub confidence: model::Confidence,
    pub verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict_why: Option<Cow<'a, str>>,
    /// What the provider said, as in JSON lines; absent where nobody was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) verification: Option<crate::verdict::VerdictObject<'a>>,
    pub decoded: &'a [model::Decoder],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<ExpiresObject>,
    pub reasons: Vec<Cow<'a, str>>,
    pub secret: String,
    pub parts: Vec<PartProperties<'a>>,
    /// All places, also those that a limit left out.
    pub places: usize,
    #[serde(skip_serializing_if = "is_zero")]
    pub places_omitted: usize,
    /// Whether nothing that is checked out holds it, but a history does.
    #[serde(skip_serializing_if = "is_false")]
    pub only_in_history: bool,
    /// One a repository.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<HistoryProperties<'a>>,
}

#[derive(Serialize)]
pub(super) struct PartProperties<'a> {
    pub name: &'a str,
    pub fingerprint: &'a str,
    pub secret: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_false(yes: &bool) -> bool {
    !*yes
}
