//! `deadkey`: arguments to rooms, reports to streams, outcomes to exit codes. Decides nothing about credentials.

mod args;
mod baseline_command;
mod ci;
mod ci_command;
mod config_command;
mod configured;
mod doctor_command;
mod exit;
mod fingerprint_command;
mod git_command;
mod hook_command;
#[cfg(feature = "verify")]
mod http_client;
mod key_command;
mod known;
mod log_command;
mod manual_command;
mod output;
mod policy_check;
mod policy_files;
mod print;
mod progress;
mod report_args;
mod report_file;
mod request;
#[cfg(all(feature = "tickets", feature = "verify"))]
mod revocation;
#[cfg(all(feature = "tickets", feature = "verify"))]
mod revoke_command;
mod rule_selection;
mod rules_command;
mod run_command;
mod sarif_command;
mod scan_command;
mod suggestion;
mod table;
#[cfg(feature = "tickets")]
mod tickets_command;
#[cfg(feature = "verify")]
mod upload_command;
#[cfg(feature = "verify")]
mod verification;
#[cfg(not(feature = "verify"))]
#[path = "no_verification.rs"]
mod verification;
#[cfg(feature = "verify")]
mod verify_command;
mod work_items;

use args::{Cli, Command};
use clap::Parser;
use std::process::ExitCode;

/// Writes a line to standard error. Where nobody takes it, there is nobody to tell; `eprintln!` would panic.
macro_rules! tell {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($text)*);
    }};
}
pub(crate) use tell;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            if !error.use_stderr() {
                // A closed pipe is the only way for this to fail; there is nobody left to tell.
                let _ = error.print();
                return ExitCode::from(exit::CLEAN);
            }
            let text = error.to_string();
            match without_credentials(&text) {
                masked if masked != text.trim_end() => tell!("{masked}"),
                _ => drop(error.print()),
            }
            return ExitCode::from(exit::USAGE);
        }
    };
    let ran = std::panic::catch_unwind(|| match &cli.command {
        Command::Scan(args) => scan_command::run(args),
        Command::Git(args) => git_command::run(args),
        Command::Ci(args) => ci_command::run(args),
        Command::Log(args) => log_command::run(args),
        Command::Baseline(args) => baseline_command::run(&args.command),
        Command::Run(args) => run_command::run(args),
        Command::Config(args) => config_command::run(&args.command),
        Command::Init(args) => config_command::init(args),
        Command::Rules(args) => rules_command::run(&args.command),
        Command::Hook(args) => hook_command::run(args),
        Command::Doctor(args) => doctor_command::run(args),
        Command::Key(args) => key_command::run(&args.command),
        Command::Fingerprint(args) => fingerprint_command::run(args),
        Command::Sarif(args) => sarif_command::run(&args.command),
        #[cfg(feature = "tickets")]
        Command::Tickets(args) => tickets_command::run(&args.command),
        Command::Completions(args) => manual_command::completions(args),
        #[cfg(feature = "verify")]
        Command::Upload(args) => upload_command::run(args),
        #[cfg(feature = "verify")]
        Command::Verify(args) => verify_command::run(args),
        #[cfg(all(feature = "tickets", feature = "verify"))]
        Command::Revoke(args) => revoke_command::run(args),
        Command::Man(args) => manual_command::manual(args),
    });
    match ran {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(error)) => {
            tell!("deadkey: {}", without_credentials(&format!("{error:#}")));
            ExitCode::from(match () {
                () if request::is_stopped() => exit::INTERRUPTED,
                () if error.is::<output::Unwritten>() => exit::INTERNAL,
                () => exit::USAGE,
            })
        }
        // The panic's own message has been printed.
        Err(_) => {
            tell!("deadkey: this is a fault of deadkey itself; please report it with the line above");
            ExitCode::from(exit::INTERNAL)
        }
    }
}

/// A message without what it repeats of an argument or a name, should that be a credential: a log of a pipeline keeps it.
fn without_credentials(text: &str) -> String {
    text.lines().map(scan::masked_by_builtin).collect::<Vec<_>>().join("\n")
}
