//! Jenkins: the git plugin's variables, and those of multibranch jobs.
//!
//! Scripted pipelines have no `GIT_*` in the environment; what is checked out counts then. A change request is built at
//! its own head or merged with the target, whose commit then comes second, so no parent is taken for the target's.
//! The base of a branch is what was last built *successfully*: what failed must not pass with the next push.

use super::Draft;
use super::environment::Environment;
use super::names::{Commit, RefName};
use super::plan::{Base, Head, Situation, Target};
use super::refusal::Refusal;
use super::system::System;

pub(super) fn draft(environment: &Environment) -> Result<Draft, Refusal> {
    let head = Head::of(commit(environment, "GIT_COMMIT")?);
    if let Some(number) = environment.text("CHANGE_ID") {
        let name = "CHANGE_TARGET";
        let target = environment.ref_name(name)?.ok_or(Refusal::NoVariable {
            system: System::Jenkins,
            situation: "a change request",
            name,
        })?;
        let number = Some(number).filter(|number| super::gitlab::is_number(number)).map(str::to_owned);
        let fork = environment.text("CHANGE_FORK").is_some();
        let situation = Situation::PullRequest { number, target: Some(target.clone()), fork };
        return Ok(Draft { situation, head, base: Base::Branch { target: Target::branch(target) } });
    }
    if environment.text("TAG_NAME").is_some() {
        let situation = Situation::Tag { tag: environment.ref_name("TAG_NAME")? };
        return Ok(Draft { situation, head, base: Base::Everything { all_refs: false } });
    }
    let branch = branch(environment)?;
    let default = branch.clone().filter(|_| environment.is_true("BRANCH_IS_PRIMARY"));
    Ok(match commit(environment, "GIT_PREVIOUS_SUCCESSFUL_COMMIT")? {
        Some(before) => Draft {
            situation: Situation::Push { branch: branch.clone() },
            head,
            base: Base::since(before, branch, default),
        },
        None => {
            let base = Base::of_branch(branch.clone(), default);
            Draft { situation: Situation::Branch { branch }, head, base }
        }
    })
}

/// Groovy writes `null` where there is none.
fn commit(environment: &Environment, name: &str) -> Result<Option<Commit>, Refusal> {
    if environment.says(name, "null") { Ok(None) } else { environment.commit(name) }
}

/// `GIT_BRANCH` is `origin/main` in plain jobs, and `detached` where it is none.
fn branch(environment: &Environment) -> Result<Option<RefName>, Refusal> {
    if let Some(branch) = environment.ref_name("BRANCH_NAME")? {
        return Ok(Some(branch));
    }
    let malformed = |wanted| Refusal::Malformed { name: "GIT_BRANCH".to_owned(), wanted };
    match environment.text("GIT_BRANCH").filter(|name| *name != "detached") {
        Some(name) => RefName::parse(name.strip_prefix("origin/").unwrap_or(name)).map(Some).map_err(malformed),
        None => Ok(None),
    }
}
