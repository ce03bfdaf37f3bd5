//! `deadkey completions` and `deadkey man`: what the definition of the command line gives besides parsing.

use crate::args::Cli;
use crate::print::print;
use crate::{exit, suggestion};
use anyhow::{Context, Result, bail};
use clap::builder::StyledStr;
use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use std::fs;
use std::path::{Path, PathBuf};

/// Examples of `deadkey completions`.
pub const COMPLETIONS: &str = "Examples:
  deadkey completions bash > ~/.local/share/bash-completion/completions/deadkey
  deadkey completions zsh > ~/.zfunc/_deadkey
  deadkey completions fish > ~/.config/fish/completions/deadkey.fish";
/// Examples of `deadkey man`.
pub const MANUAL: &str = "Examples:
  deadkey man | man -l -
  deadkey man rules show | man -l -
  deadkey man --all ~/.local/share/man/man1";

/// Arguments of `deadkey completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell.
    pub shell: Shell,
}

/// Arguments of `deadkey man`.
#[derive(Debug, Args)]
pub struct ManualArgs {
    /// The command, such as `git` or `rules show`; deadkey itself if there is none.
    pub command: Vec<String>,
    /// Write the pages of all commands into this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    pub all: Option<PathBuf>,
}

/// Prints the script for a shell.
pub fn completions(args: &CompletionsArgs) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "deadkey", &mut script);
    print(exit::CLEAN, |out| out.write_all(&script))
}

/// Prints a page, or writes all.
pub fn manual(args: &ManualArgs) -> Result<u8> {
    let mut root = root();
    if let Some(folder) = &args.all {
        fs::create_dir_all(folder).with_context(|| format!("there is no folder {}", folder.display()))?;
        return write_all(&root, folder).map(|()| exit::CLEAN);
    }
    let mut command = &mut root;
    for name in &args.command {
        let names: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
        if !names.contains(name) {
            let near = suggestion::question(name, names.iter().map(String::as_str));
            bail!(
                "there is no command '{}'{near}; `deadkey man` has a page of: {}",
                args.command.join(" "),
                names.join(", ")
            );
        }
        command = command.find_subcommand_mut(name).context("it was listed")?;
    }
    let page = page(command)?;
    print(exit::CLEAN, |out| out.write_all(&page))
}

/// The whole command line, each command named with those above it, as its page is.
fn root() -> Command {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    plain(root)
}

/// Without colours, which pages do not take, and with the names that pages have.
fn plain(command: Command) -> Command {
    let after = command.get_after_help().map(|text| StyledStr::from(text.to_string()));
    let name = command.get_bin_name().unwrap_or("deadkey").replace(' ', "-");
    let command = command.display_name(name).mut_subcommands(plain);
    after.map_or_else(|| command.clone(), |after| command.clone().after_help(after))
}

fn page(command: &Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page).context("the page cannot be made")?;
    Ok(page)
}

fn write_all(command: &Command, folder: &Path) -> Result<()> {
    let name = command.get_display_name().unwrap_or("deadkey");
    let path = folder.join(format!("{name}.1"));
    fs::write(&path, page(command)?).with_context(|| format!("the page cannot be written to {}", path.display()))?;
    command.get_subcommands().try_for_each(|command| write_all(command, folder))
}
