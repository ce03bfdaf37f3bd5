//! Bitbucket Pipelines.
//!
//! A pull request is built at its own head, into which the destination is merged in the work tree only; the commit of the
//! destination is abbreviated to 12 digits. What a branch was before a push, and whether a schedule or a person started
//! it, is not told.

use super::Draft;
use super::environment::Environment;
use super::plan::{Base, Head, Situation, Target};
use super::refusal::Refusal;
use super::system::System;

pub(super) fn draft(environment: &Environment) -> Result<Draft, Refusal> {
    let head = Head::of(environment.commit("BITBUCKET_COMMIT")?);
    if let Some(number) = environment.text("BITBUCKET_PR_ID") {
        let name = "BITBUCKET_PR_DESTINATION_BRANCH";
        let target = environment.ref_name(name)?.ok_or(Refusal::NoVariable {
            system: System::Bitbucket,
            situation: "a pull request",
            name,
        })?;
        let tip = environment.commit("BITBUCKET_PR_DESTINATION_COMMIT")?;
        let number = Some(number).filter(|number| super::gitlab::is_number(number)).map(str::to_owned);
        // Requests from forks start no pipeline.
        let situation = Situation::PullRequest { number, target: Some(target.clone()), fork: false };
        return Ok(Draft { situation, head, base: Base::Branch { target: Target::branch(target).at(tip) } });
    }
    if environment.text("BITBUCKET_TAG").is_some() {
        let situation = Situation::Tag { tag: environment.ref_name("BITBUCKET_TAG")? };
        return Ok(Draft { situation, head, base: Base::Everything { all_refs: false } });
    }
    let branch = environment.ref_name("BITBUCKET_BRANCH")?;
    let base = Base::of_branch(branch.clone(), None);
    Ok(Draft { situation: Situation::Branch { branch }, head, base })
}
