//! Tests of the workspace as a whole.

mod architecture;
mod ci;
mod damaged;
mod found;
mod git_modes;
mod help;
mod history;
mod hooks;
mod interrupt;
mod labels;
mod log;
mod log_planted;
mod no_secret;
mod program;
mod repacks;
mod rules;
mod run;
mod scan;
