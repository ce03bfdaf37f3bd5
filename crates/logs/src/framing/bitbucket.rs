//! Bitbucket Pipelines: the text of a step, commands as the shell traces them.

use super::{NO_DIALECT, Spec, no_layer};
use crate::split::Shape;

pub(super) const SPEC: Spec = Spec {
    name: "bitbucket",
    title: "Bitbucket Pipelines",
    shape: Shape::Lines,
    sniff: |head| {
        head.lines().find(|line| !line.trim_ascii().is_empty()).is_some_and(|l| l.trim_ascii() == b"+ umask 000")
    },
    layer: no_layer,
    dialects: NO_DIALECT,
    inside: &[],
};
