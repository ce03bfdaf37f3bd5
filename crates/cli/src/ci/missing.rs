//! The sentences of exit code 2: what is not in the clone, and the very line that puts it there.

use super::names::quoted;
use super::plan::{Plan, Target};
use super::system::{Configuration, System};
use std::fmt::Write;

/// What a clone lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// The commit to scan.
    Head,
    /// The commit since which to scan.
    Commit(String),
    /// The branch to compare with.
    Branch(Target),
    /// History between head and base: the clone is shallow.
    History,
    /// Objects of the range: the clone is partial.
    Objects(Vec<String>),
}

/// The sentences. `shallow`: whether the clone is. `said`: what git answered where fetching was tried.
pub(super) fn message(plan: &Plan, lack: &Lack, remote: &str, shallow: bool, said: Option<&str>) -> String {
    let mut text = format!("{}: {}{}", plan.sentence(), what(plan, lack), because(lack, shallow));
    match said {
        Some(said) => {
            let said = shown(said);
            let failed = if said.is_empty() { "; fetching did not bring it" } else { "; fetching failed: git says " };
            write!(text, "{failed}{said}")
        }
        None => write!(text, "; --fetch gets it, or this command before: {}", command(plan, lack, remote, shallow)),
    }
    .expect("a string takes all");
    text + &for_all_runs(plan, lack)
}

/// What to configure once, on lines of its own.
fn for_all_runs(plan: &Plan, lack: &Lack) -> String {
    let like_github = matches!(plan.system, System::GithubActions | System::GiteaActions | System::ForgejoActions);
    match (lack, plan.system.whole_clone()) {
        // The target branch is checked out, however deep.
        (Lack::Head, _) if like_github && plan.head.remote_ref.is_some() => {
            "\nFor all runs, paste as a step after the checkout:\n    \
             - run: git fetch --no-tags origin ${{ github.event.pull_request.head.sha }}"
                .to_owned()
        }
        (Lack::Objects(_), _) if like_github => {
            "\nFor all runs, take 'filter:' out of the actions/checkout step.".to_owned()
        }
        (_, Some(Configuration { line, place })) => format!("\nFor all runs, paste {place}:\n    {line}"),
        (_, None) => String::new(),
    }
}

fn what(plan: &Plan, lack: &Lack) -> String {
    match lack {
        Lack::Head => {
            let head = plan.head.commits.first().map_or("HEAD", String::as_str);
            format!("the commit to scan, {head}, is not in this clone")
        }
        Lack::Commit(commit) => format!("the commit to start from, {commit}, is not in this clone"),
        Lack::Branch(target) => format!("{target} is not in this clone"),
        Lack::History => "the history needed is not in this clone".to_owned(),
        Lack::Objects(ids) => format!("{} objects of the commits to scan are not in this clone", ids.len()),
    }
}

fn because(lack: &Lack, shallow: bool) -> &'static str {
    match lack {
        Lack::Objects(_) => " (it is partial), so they could not be scanned",
        _ if shallow => " (it is shallow), so what is new could not be told",
        Lack::Head => ", so there is nothing to scan",
        _ => ", so what is new could not be told",
    }
}

fn command(plan: &Plan, lack: &Lack, remote: &str, shallow: bool) -> String {
    let mut words = vec!["git".to_owned(), "fetch".to_owned(), "--no-tags".to_owned()];
    if shallow {
        words.push("--unshallow".to_owned());
    }
    if matches!(lack, Lack::Objects(_)) {
        words.extend(["--refetch".to_owned(), "--no-filter".to_owned()]);
    }
    words.push(remote.to_owned());
    match lack {
        Lack::Head => words.extend(plan.head.remote_ref.clone().or_else(|| plan.head.commits.first().cloned())),
        Lack::Branch(target) => words.extend(target.branch.as_ref().map(|branch| refspec(branch.as_str(), remote))),
        Lack::Commit(_) | Lack::History | Lack::Objects(_) => {}
    }
    let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
    words.join(" ")
}

/// The refspec that puts a branch of `remote` where branches of remotes are.
pub(super) fn refspec(branch: &str, remote: &str) -> String {
    format!("+refs/heads/{branch}:refs/remotes/{remote}/{branch}")
}

/// The last thing git said, on one line: no address with a password in it, no control character, at most 300 characters.
pub(super) fn shown(said: &str) -> String {
    let line = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    let mut safe = String::new();
    for c in without_credentials(line).chars().take(300) {
        if c.is_control() || !c.is_ascii() { safe.extend(c.escape_default()) } else { safe.push(c) }
    }
    safe
}

/// `https://user:word@host/` as `https://host/`: git repeats the remote's address in its errors, and checkouts put their
/// token into it.
fn without_credentials(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        clean.push_str(before);
        clean.push_str("://");
        let end = after.find(|c: char| c == '/' || c.is_whitespace() || "'\"".contains(c)).unwrap_or(after.len());
        rest = match after[..end].rfind('@') {
            Some(at) => &after[at + 1..],
            None => after,
        };
    }
    clean + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_says_is_one_line_without_credentials() {
        let word = ["ghs", "0123456789"].join("_");
        let said =
            format!("remote: x\nfatal: unable to access 'https://x-access-token:{word}@h.example/a@b/': \x1b[2J\n\n");
        assert_eq!(shown(&said), r"fatal: unable to access 'https://h.example/a@b/': \u{1b}[2J");
        assert_eq!(shown(""), "");
        assert_eq!(without_credentials("ssh://git@h:22/a and https://h"), "ssh://h:22/a and https://h");
        assert_eq!(shown(&"x".repeat(1000)).len(), 300);
    }
}
