//! Tests of the workspace as a whole.

mod architecture;
mod baseline;
mod ci;
mod damaged;
mod faults;
mod faults_of_policies;
mod forms;
mod found;
mod git_modes;
mod help;
mod history;
mod hook_command;
mod hooks;
mod interrupt;
mod labels;
mod log;
mod log_planted;
mod migrating;
mod names;
mod no_secret;
mod policy;
mod program;
mod remembered;
mod repacks;
mod reports;
#[cfg(all(feature = "tickets", feature = "verify"))]
mod revoke;
mod rules;
mod run;
mod sarif_command;
mod sarif_matrix;
mod scan;
#[cfg(all(feature = "tickets", feature = "verify"))]
mod stories;
#[cfg(feature = "tickets")]
mod tickets_faults;
#[cfg(feature = "tickets")]
mod tickets_ingest;
#[cfg(feature = "tickets")]
mod tickets_life;
#[cfg(all(feature = "tickets", feature = "verify"))]
mod tickets_providers;
#[cfg(feature = "tickets")]
mod tickets_seal;
#[cfg(all(feature = "tickets", feature = "verify"))]
mod tickets_sync;
#[cfg(feature = "verify")]
mod upload;
mod verify;
mod verify_secrets;
