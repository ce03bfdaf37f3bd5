//! Tests of the workspace as a whole.

mod architecture;
mod labels;
mod program;
mod rules;
mod scan;
