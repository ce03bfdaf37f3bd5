//! Tests of the workspace as a whole.

mod architecture;
mod baseline;
mod ci;
mod damaged;
mod found;
mod git_modes;
mod help;
mod history;
mod hooks;
mod interrupt;
mod labels;
mod no_secret;
mod policy;
mod program;
mod repacks;
mod rules;
mod scan;
