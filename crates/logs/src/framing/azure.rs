//! Azure Pipelines: lines as those of GitHub Actions, whose runner descends from its agent.

use super::github::{is_stamped, records};
use super::{NO_DIALECT, Spec};
use crate::split::Shape;

pub(super) const SPEC: Spec = Spec {
    name: "azure",
    title: "Azure Pipelines",
    shape: Shape::Lines,
    sniff: |head| {
        let has = |line: &[u8], mark: &[u8]| memchr::memmem::find(line, mark).is_some();
        let agent = head.count(|line| has(line, b" Agent name: '") || has(line, b"##[section]Starting: ")) > 0;
        // Copies from the web have lost the times.
        agent && (head.share(3, is_stamped) || head.count(|line| line.starts_with(b"##[section]Starting: ")) > 0)
    },
    layer: records,
    dialects: NO_DIALECT,
    inside: &[],
};
