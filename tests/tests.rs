//! Tests of the workspace as a whole.

mod architecture;
mod ci;
mod damaged;
mod faults;
mod found;
mod git_modes;
mod help;
mod history;
mod hook_command;
mod hooks;
mod interrupt;
mod labels;
mod no_secret;
mod program;
mod repacks;
mod reports;
mod rules;
mod scan;
