//! The table of framings. A new one is a module with its `SPEC`, and a line in [`TABLE`].

mod azure;
mod bitbucket;
mod buildkit;
mod buildkite;
mod circleci;
mod cri;
mod docker;
mod drone;
mod github;
mod gitlab;
mod jenkins;
mod journald;
mod plain;
mod stamped;
mod syslog;
mod teamcity;
mod travis;
mod typescript;

use crate::layer::Layer;
use crate::limits::Limits;
use crate::recognise::Head;
use crate::split::Shape;
use crate::story::Dialects;
use std::fmt;

pub(crate) use buildkit::BuildKit;

/// What the program knows of a framing.
pub(crate) struct Spec {
    /// The name people give.
    pub name: &'static str,
    /// One phrase for people.
    pub title: &'static str,
    /// What its records are, if it is the outermost.
    pub shape: Shape,
    /// Whether the head of an input looks like it.
    pub sniff: fn(&Head<'_>) -> bool,
    /// Its layer, if it has one.
    pub layer: fn(&Limits) -> Option<Box<dyn Layer>>,
    /// What its lines say.
    pub dialects: Dialects,
    /// Framings that always stand inside it, outside in.
    pub inside: &'static [&'static str],
}

/// No layer: the framing is only known by name and by what its lines say.
fn no_layer(_: &Limits) -> Option<Box<dyn Layer>> {
    None
}

/// What lines say in no dialect in particular.
const NO_DIALECT: Dialects = Dialects { github: false, buildkite: false };

/// All framings, in the order in which they are tried: what is told apart by little stands behind what it could be
/// mistaken for.
static TABLE: [&Spec; 23] = [
    &journald::EXPORT,
    &journald::JSON,
    &docker::SPEC,
    &circleci::SPEC,
    &drone::WOODPECKER,
    &drone::DRONE,
    &github::COMMAND_LINE,
    &azure::SPEC,
    &github::SPEC,
    &gitlab::TIMED,
    &cri::SPEC,
    &buildkite::SPEC,
    &gitlab::SPEC,
    &travis::SPEC,
    &jenkins::SPEC,
    &teamcity::SPEC,
    &typescript::SPEC,
    &buildkit::SPEC,
    &syslog::RFC5424,
    &syslog::RFC3164,
    &stamped::SPEC,
    &bitbucket::SPEC,
    &plain::SPEC,
];

/// A framing of logs.
#[derive(Clone, Copy)]
pub struct Framing(pub(crate) &'static Spec);

impl Framing {
    /// All framings.
    pub fn all() -> impl Iterator<Item = Framing> {
        TABLE.iter().map(|spec| Framing(spec))
    }

    /// The framing of that name (`github`, `cri`, …).
    pub fn named(name: &str) -> Option<Framing> {
        Framing::all().find(|framing| framing.name() == name)
    }

    /// Its name, as `--framing` takes it.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// What it is, for people.
    pub fn title(self) -> &'static str {
        self.0.title
    }

    /// Whether its records are JSON objects, of which nothing is known before they are whole.
    pub fn has_records(self) -> bool {
        self.0.shape == Shape::Objects || self.name() == docker::SPEC.name
    }

    /// Plain text.
    pub fn plain() -> Framing {
        Framing(&plain::SPEC)
    }
}

impl PartialEq for Framing {
    fn eq(&self, other: &Framing) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Framing {}

impl fmt::Debug for Framing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
