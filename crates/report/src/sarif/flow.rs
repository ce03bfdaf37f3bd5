//! The way of a credential through a history: who introduced it, where it was copied to, from where it was removed, and where it
//! still is. Viewers step through it as through the flow of data.

use super::Context;
use super::model::{CodeFlow, FlowLocation, FlowStep, Message, PhysicalLocation, ThreadFlow};
use super::{past, plain, uri};
use crate::history::in_history;
use model::{Commit, Finding, History, Passage, Place, Time};

/// Steps of one flow before its end; the rest is in the places. Platforms show 1,000 and refuse 10,000.
const STEPS: usize = 100;

struct Step<'a> {
    kind: &'static str,
    place: &'a Place,
    commit: Option<&'a Commit>,
    text: String,
}

/// One flow a repository; none where no history is known.
pub(super) fn flows<'a>(context: Context<'_, 'a>, finding: &'a Finding) -> Vec<CodeFlow<'a>> {
    let thread_flow = |history: &'a History| {
        let mut steps = passages(context, finding, history);
        steps.truncate(STEPS);
        let end = end(finding, history, steps.last().map(|step| step.place));
        steps.extend(end);
        let steps = steps.into_iter().zip(1..).map(|(step, order)| written(context, step, order));
        ThreadFlow { locations: steps.collect() }
    };
    let flows: Vec<_> = finding.histories.iter().map(thread_flow).filter(|flow| flow.locations.len() > 1).collect();
    if flows.is_empty() {
        return Vec::new();
    }
    let text = "The way of the credential through the history.";
    vec![CodeFlow { message: Message { text: text.into() }, thread_flows: flows }]
}

/// What commits did, introductions first and ancestors before descendants; then by the commits' time.
fn passages<'a>(context: Context<'_, 'a>, finding: &'a Finding, history: &'a History) -> Vec<Step<'a>> {
    let of_history = |passage: &&Passage| passage.repository == history.repository;
    let mut steps = Vec::new();
    for place in &finding.places {
        let Some(passage) = place.history.as_deref().filter(of_history) else { continue };
        let words = context.words;
        if let Some(commit) = &passage.commit {
            let order = history.introduced.iter().position(|introduced| introduced.id == commit.id);
            let by = if passage.at_or_before { "at or before" } else { "by" };
            let (kind, verb) = if order.is_some() { ("introduced", "Introduced") } else { ("copied", "Copied") };
            let text = format!("{verb} {by} {}", words.commit(commit));
            let key = (order.unwrap_or(usize::MAX), commit.committer.time.seconds);
            steps.push((key, Step { kind, place, commit: Some(commit), text }));
        }
        for commit in &passage.removed {
            let text = format!("Removed here by {}; the history keeps it", words.commit(commit));
            let key = (usize::MAX, commit.committer.time.seconds);
            steps.push((key, Step { kind: "removed", place, commit: Some(commit), text }));
        }
    }
    steps.sort_by_key(|(key, _)| *key);
    steps.into_iter().map(|(_, step)| step).collect()
}

/// Where it is now: in files, at `HEAD`, or only in the history; nothing where nobody knows.
fn end<'a>(finding: &'a Finding, history: &'a History, last: Option<&'a Place>) -> Option<Step<'a>> {
    let here = finding.places.iter().find(|place| !in_history(place));
    let (kind, place, text) = match (here, last) {
        (Some(place), _) => ("present", place, "Still here"),
        (None, Some(place)) if history.at_head => ("present", place, "Still at HEAD"),
        // A range does not ask who else holds it.
        (None, Some(_)) if history.of_a_range => return None,
        (None, Some(place)) if history.branches.is_empty() && history.tags.is_empty() => {
            ("kept", place, "On no branch or tag any more; the repository keeps it")
        }
        (None, Some(place)) => ("kept", place, "Not at HEAD any more; branches or tags hold it"),
        (None, None) => return None,
    };
    Some(Step { kind, place, commit: None, text: text.to_owned() })
}

fn written<'a>(context: Context<'_, 'a>, step: Step<'a>, order: usize) -> FlowStep<'a> {
    let path = context.veil.cover(&step.place.path);
    let artifact_location = uri::artifact(step.place.kind, &path);
    let logical = past::logical(step.place, &path, context.words, context.veil);
    FlowStep {
        location: FlowLocation {
            physical_location: PhysicalLocation {
                artifact_location,
                region: Context::region(step.place),
                context_region: None,
            },
            logical_locations: logical.map(|location| [location]),
            message: Message { text: plain(&step.text).into() },
        },
        kinds: [step.kind],
        execution_order: order,
        execution_time_utc: step.commit.and_then(|commit| utc(commit.committer.time)),
        importance: if step.kind == "copied" { "important" } else { "essential" },
    }
}

/// A moment in UTC, where it has a year of four digits: others are no dates to SARIF.
fn utc(time: Time) -> Option<String> {
    let text = Time { offset: 0, ..time }.to_string();
    (text.len() == "2026-01-02T03:04:05Z".len() && !text.starts_with('-')).then_some(text)
}
