//! What a run in a pipeline is to scan, and where its results go.
//!
//! [`decide`] turns the variables and the event payload of a CI into a [`Plan`]: which commit, without which commits, and
//! which files and log commands the platform reads. It is a pure function. [`resolve()`] holds a plan against a clone:
//! it asks `git` whether the commits are there and the history between them is whole, fetches what lacks if it may, and
//! else says which line to paste where.
//!
//! The rule behind all of it: what is scanned may be more than what is new, never less. An empty range is never an
//! answer, and a clone that was cut off is never taken for a short history.

mod azure;
mod bitbucket;
mod buildkite;
mod circleci;
mod environment;
mod git_program;
mod github;
mod gitlab;
mod jenkins;
mod missing;
mod names;
mod outputs;
mod plan;
mod refusal;
mod resolve;
mod surroundings;
mod system;
#[cfg(test)]
mod tests;
mod travis;
mod visibility;

pub use environment::Environment;
pub use outputs::{Announcement, Outputs, Summary};
pub use plan::{Base, Head, Plan, Situation, Target};
pub use refusal::Refusal;
pub use resolve::{Resolved, Unresolved, resolve};
pub use surroundings::surroundings;
pub use system::System;
pub use visibility::{Visibility, visibility};

use names::{Commit, RefName};

/// The variable by which a user names the base where the platform does not: a commit id or the name of a branch.
pub const BASE_VARIABLE: &str = "DEADKEY_BASE";

/// Decides what to scan and where results go.
///
/// # Errors
/// If what the platform says is not what it documents; the sentence names the variable and the way out.
pub fn decide(environment: &Environment) -> Result<Plan, Refusal> {
    let system = System::of(environment);
    let draft = match system {
        System::GithubActions | System::GiteaActions | System::ForgejoActions => github::draft(system, environment),
        System::Gitlab => gitlab::draft(environment),
        System::Azure => azure::draft(environment),
        System::Circleci => circleci::draft(environment),
        System::Buildkite => buildkite::draft(environment),
        System::Bitbucket => bitbucket::draft(environment),
        System::Travis => travis::draft(environment),
        System::Jenkins => jenkins::draft(environment),
        System::Plain => Ok(plain()),
    }?;
    let base = match given_base(environment)? {
        Some(given) => given.or(draft.base),
        None => draft.base,
    };
    let outputs = Outputs::of(system, environment);
    Ok(Plan { system, situation: draft.situation, head: draft.head, base, outputs })
}

/// What a platform's variables say, before what the user says and what all platforms share.
struct Draft {
    situation: Situation,
    head: Head,
    base: Base,
}

/// No CI that we know: all there is.
fn plain() -> Draft {
    Draft { situation: Situation::Plain, head: Head::checked_out(), base: Base::Everything { all_refs: true } }
}

/// The base the user names.
enum Given {
    Commit(Commit),
    Branch(RefName),
}

impl Given {
    /// In place of what was decided; that stays the answer where a commit turns out to be gone (a force-push).
    fn or(self, decided: Base) -> Base {
        match self {
            Given::Commit(commit) => Base::Since { commit, otherwise: Box::new(decided) },
            Given::Branch(branch) => Base::Branch { target: Target::branch(branch) },
        }
    }
}

/// All zeros and nothing (what CircleCI's `pipeline.git.base_revision` is on a first build) say nothing.
fn given_base(environment: &Environment) -> Result<Option<Given>, Refusal> {
    let Some(text) = environment.text(BASE_VARIABLE) else { return Ok(None) };
    if Commit::looks_like_one(text) {
        return Ok(environment.commit(BASE_VARIABLE)?.map(Given::Commit));
    }
    Ok(environment.ref_name(BASE_VARIABLE)?.map(Given::Branch))
}
