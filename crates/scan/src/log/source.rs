//! What is known of a log as a whole: its path, its framing, the page of its run.

use detect::Detector;
use logs::{Framing, Scene};
use model::{LogPlace, LogStep};

/// A log, as places in it name it.
pub(crate) struct Source<'a> {
    pub(crate) framing: Framing,
    pub(crate) page: Option<&'a str>,
    pub(crate) detector: &'a Detector,
}

impl Source<'_> {
    /// What is known of a line of the log, `line` counted from 1.
    pub(crate) fn place(&self, context: &logs::Context, line: u64) -> LogPlace {
        let scene = &*context.scene;
        let step = scene.step.as_ref().map(|step| LogStep {
            number: step.number,
            counted: step.is_counted,
            name: self.masked(&step.name),
            line: scene.line_in_step(line).unwrap_or(1),
        });
        LogPlace {
            framing: self.framing.name().to_owned(),
            system: self.framing.title().to_owned(),
            run: self.page.map(str::to_owned),
            job: scene.job.as_deref().map(|job| self.masked(job)),
            step,
            attempt: scene.attempt.or_else(|| self.page.and_then(attempt_of)),
            group: scene.group.as_deref().map(|group| self.masked(group)),
            stream: context.stream.map(|stream| stream_name(stream).to_owned()),
            time: context.time.map(|time| time.to_string()),
            url: self.page.map(|page| link(page, self.framing, scene, line)),
        }
    }

    /// A name with the credentials in it masked.
    fn masked(&self, name: &str) -> String {
        crate::covered(self.detector, name, |_| true)
    }
}

fn stream_name(stream: logs::Stream) -> &'static str {
    match stream {
        logs::Stream::Stdout => "stdout",
        logs::Stream::Stderr => "stderr",
    }
}

/// The attempt that a page is of: `…/actions/runs/1/attempts/2`.
fn attempt_of(page: &str) -> Option<u32> {
    let (_, rest) = page.split_once("/attempts/")?;
    rest.split(['/', '?', '#']).next()?.parse().ok()
}

/// The line on the page of its run, in the form in which the system's own pages link lines; the page itself where it has
/// none.
fn link(page: &str, framing: Framing, scene: &Scene, line: u64) -> String {
    let (page, fragment) = page.split_once('#').unwrap_or((page, ""));
    match framing.name() {
        "github" | "github-cli" => match &scene.step {
            Some(step) if step.number > 0 => {
                format!("{page}#step:{}:{}", step.number, scene.line_in_step(line).unwrap_or(1))
            }
            _ => page.to_owned(),
        },
        "gitlab" | "gitlab-timed" | "travis" => format!("{page}#L{line}"),
        "azure" => {
            let joint = if page.contains('?') { '&' } else { '?' };
            format!("{page}{joint}l={line}")
        }
        // A build has one page; its fragment names the job.
        "buildkite" if !fragment.is_empty() => {
            format!("{page}#{}/{line}", fragment.split('/').next().unwrap_or(fragment))
        }
        _ => page.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_those_of_the_systems_pages() {
        let scene = Scene::default();
        let of = |framing: &str, page: &str| link(page, Framing::named(framing).expect("a framing"), &scene, 7);
        assert_eq!(of("gitlab", "https://gitlab.example/a/b/-/jobs/3#L1"), "https://gitlab.example/a/b/-/jobs/3#L7");
        assert_eq!(
            of("azure", "https://dev.example/_build/results?buildId=4"),
            "https://dev.example/_build/results?buildId=4&l=7"
        );
        let build = "https://buildkite.example/a/b/builds/5";
        assert_eq!(of("buildkite", &format!("{build}#018f-ab/3-9")), format!("{build}#018f-ab/7"));
        assert_eq!(of("buildkite", build), build);
        assert_eq!(of("jenkins", "https://ci.example/job/x/6/console"), "https://ci.example/job/x/6/console");
    }

    #[test]
    fn a_page_tells_the_attempt() {
        assert_eq!(attempt_of("https://github.com/o/r/actions/runs/1/attempts/2"), Some(2));
        assert_eq!(attempt_of("https://github.com/o/r/actions/runs/1/attempts/12?pr=3#x"), Some(12));
        assert_eq!(attempt_of("https://github.com/o/r/actions/runs/1"), None);
    }
}
