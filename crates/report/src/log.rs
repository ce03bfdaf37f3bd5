//! What reports say of a place in a log: which run, job and step wrote it, when, and the way there.

use crate::veil::Veil;
use model::{LogPlace, LogStep, Place};
use serde::Serialize;
use std::borrow::Cow;

/// A place in a log, as JSON lines and SARIF properties have it.
#[derive(Serialize)]
pub(crate) struct LogObject<'a> {
    framing: &'a str,
    system: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<StepObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
struct StepObject<'a> {
    number: u32,
    counted: bool,
    name: Cow<'a, str>,
    line: u64,
}

impl<'a> LogObject<'a> {
    pub(crate) fn new(log: &'a LogPlace, veil: &Veil<'_>) -> LogObject<'a> {
        let covered = |text: &'a Option<String>| text.as_deref().map(|text| veil.cover(text));
        LogObject {
            framing: &log.framing,
            system: &log.system,
            run: covered(&log.run),
            job: covered(&log.job),
            step: log.step.as_ref().map(|step| StepObject {
                number: step.number,
                counted: step.counted,
                name: veil.cover(&step.name),
                line: step.line,
            }),
            attempt: log.attempt,
            group: covered(&log.group),
            stream: log.stream.as_deref(),
            time: log.time.as_deref(),
            url: covered(&log.url),
        }
    }
}

/// What people are told of a place in a log, piece by piece: `GitHub Actions, job build`, `step 3 "Run make", line 12`.
pub(crate) fn pieces(place: &Place, veil: &Veil<'_>) -> Vec<String> {
    let Some(log) = place.log.as_deref() else { return Vec::new() };
    let mut pieces = Vec::new();
    if log.framing != "plain" {
        pieces.push(log.system.clone());
    }
    pieces.extend(log.job.as_ref().map(|job| format!("job {}", veil.cover(job))));
    pieces.extend(log.step.as_ref().map(|step| step_text(step, veil)));
    let group = log.group.as_ref().filter(|group| log.step.as_ref().is_none_or(|step| step.name != **group));
    pieces.extend(group.map(|group| format!("in \"{}\"", veil.cover(group))));
    pieces.extend(log.attempt.map(|attempt| format!("attempt {attempt}")));
    pieces.extend(log.stream.clone());
    pieces.extend(log.time.clone());
    pieces.extend(log.url.as_ref().map(|url| veil.cover(url).into_owned()));
    pieces
}

fn step_text(step: &LogStep, veil: &Veil<'_>) -> String {
    let name = veil.cover(&step.name);
    let number = if step.number > 0 { format!(" {}", step.number) } else { String::new() };
    format!("step{number} \"{name}\", line {}", step.line)
}

/// Job and step as one name, for SARIF: `build/Run make`.
pub(crate) fn qualified(log: &LogPlace, veil: &Veil<'_>) -> Option<String> {
    let job = log.job.as_deref();
    let step = log.step.as_ref().map(|step| step.name.as_str());
    let names: Vec<_> = job.into_iter().chain(step).map(|name| veil.cover(name).into_owned()).collect();
    (!names.is_empty()).then(|| names.join("/"))
}
