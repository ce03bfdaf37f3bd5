//! Azure Pipelines: lines as those of GitHub Actions, whose runner descends from its agent.

use super::github::{is_stamped, records};
use super::{NO_DIALECT, Spec};
use crate::split::Shape;

pub(super) const SPEC: Spec = Spec {
    name: "azure",
    title: "Azure Pipelines",
    shape: Shape::Lines,
    sniff: |head| {
        let is_mark = |line: &[u8]| {
            [&b"##[section]Starting: "[..], b" Agent name: '", b"##[section]Async Command Start"]
                .iter()
                .any(|mark| memchr::memmem::find(line, mark).is_some())
        };
        head.count(is_mark) > 0 && head.share(3, is_stamped)
    },
    layer: records,
    dialects: NO_DIALECT,
    inside: &[],
};
