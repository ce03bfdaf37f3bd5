//! Tests of the workspace as a whole.

mod architecture;
mod history;
mod labels;
mod program;
mod rules;
mod scan;
