//! CircleCI.
//!
//! Neither the target of a pull request nor the state before a push is in the environment. The latter can be passed in:
//! `DEADKEY_BASE: << pipeline.git.base_revision >>`; it is empty on a branch's first pipeline and where the API started it.

use super::Draft;
use super::environment::Environment;
use super::plan::{Base, Head, Situation};
use super::refusal::Refusal;

pub(super) fn draft(environment: &Environment) -> Result<Draft, Refusal> {
    let head = Head::of(environment.commit("CIRCLE_SHA1")?);
    if environment.text("CIRCLE_TAG").is_some() {
        let situation = Situation::Tag { tag: environment.ref_name("CIRCLE_TAG")? };
        return Ok(Draft { situation, head, base: Base::Everything { all_refs: false } });
    }
    // Set for requests from forks only.
    let forked = environment.text("CIRCLE_PR_NUMBER");
    let address = environment.text("CIRCLE_PULL_REQUEST").and_then(|url| url.rsplit('/').next());
    let number = forked.or(address).filter(|number| super::gitlab::is_number(number)).map(str::to_owned);
    let branch = environment.ref_name("CIRCLE_BRANCH")?;
    if forked.is_some() || address.is_some() {
        let head = match (&number, forked) {
            (Some(number), Some(_)) => head.at(format!("refs/pull/{number}/head")),
            _ => head,
        };
        let situation = Situation::PullRequest { number, target: None, fork: forked.is_some() };
        // A request from main of a fork is not the default branch of this repository.
        let own = if forked.is_some() { None } else { branch };
        return Ok(Draft { situation, head, base: Base::of_branch(own, None) });
    }
    let base = Base::of_branch(branch.clone(), None);
    Ok(Draft { situation: Situation::Branch { branch }, head, base })
}
