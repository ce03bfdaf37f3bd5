//! Ending as the command ended.

use rustix::process::{Resource, getrlimit, setrlimit};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// The exit code for a command that ended with `status`. `leak`: the status for a leak, if there was one.
/// Does not come back if a signal ended the command: then the same ends us, so that whoever waits sees what he would
/// have seen (a shell stops its loop on Ctrl-C only then).
pub fn code(status: ExitStatus, was_killed: bool, leak: Option<u8>) -> u8 {
    let leak = leak.filter(|leak| *leak != 0);
    match (status.code(), leak) {
        (Some(0), Some(leak)) => leak,
        (None, Some(leak)) if was_killed => leak,
        (Some(code), _) => code as u8,
        (None, _) => end_by(status.signal().unwrap_or(0)),
    }
}

fn end_by(signal: i32) -> u8 {
    // A dump of our memory would hold what the command printed.
    let core = getrlimit(Resource::Core);
    let without = rustix::process::Rlimit { current: Some(0), maximum: core.maximum };
    if setrlimit(Resource::Core, without).is_ok() {
        // It fails for what ends nobody; then the status says what a shell says.
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
    128u8.wrapping_add(signal as u8)
}
