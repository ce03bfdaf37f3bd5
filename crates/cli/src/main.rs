//! `deadkey`: arguments to rooms, reports to streams, outcomes to exit codes. Decides nothing about credentials.

mod args;
mod ci;
mod ci_command;
mod exit;
mod git_command;
mod log_command;
mod output;
mod progress;
mod request;
mod rule_selection;
mod rules_command;
mod run_command;
mod scan_command;

use args::{Cli, Command};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { exit::USAGE } else { exit::CLEAN };
            // A closed pipe is the only way for this to fail; there is nobody left to tell.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let ran = std::panic::catch_unwind(|| match &cli.command {
        Command::Scan(args) => scan_command::run(args),
        Command::Git(args) => git_command::run(args),
        Command::Ci(args) => ci_command::run(args),
        Command::Log(args) => log_command::run(args),
        Command::Run(args) => run_command::run(args),
        Command::Rules(args) => rules_command::run(&args.command),
    });
    match ran {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(error)) => {
            eprintln!("deadkey: {error:#}");
            ExitCode::from(if request::is_stopped() { exit::INTERRUPTED } else { exit::USAGE })
        }
        // The panic's own message has been printed.
        Err(_) => {
            eprintln!("deadkey: this is a fault of deadkey itself; please report it with the line above");
            ExitCode::from(exit::INTERNAL)
        }
    }
}
