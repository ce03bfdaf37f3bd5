//! Text that is framed by nothing we know.

use super::{NO_DIALECT, Spec, no_layer};
use crate::split::Shape;

pub(super) const SPEC: Spec = Spec {
    name: "plain",
    title: "plain text",
    shape: Shape::Lines,
    sniff: |_| true,
    layer: no_layer,
    dialects: NO_DIALECT,
    inside: &[],
};
