//! Travis CI.
//!
//! `TRAVIS_COMMIT_RANGE` is `BEFORE...AFTER`, abbreviated to 12 digits, and empty on a branch's first build. A pull request
//! is built as GitHub's merge of it, and `TRAVIS_BRANCH` is then its target.

use super::Draft;
use super::environment::Environment;
use super::names::Commit;
use super::plan::{Base, Head, Situation, Target};
use super::refusal::Refusal;
use super::system::System;

pub(super) fn draft(environment: &Environment) -> Result<Draft, Refusal> {
    let built = environment.commit("TRAVIS_COMMIT")?;
    if let Some(number) = environment.text("TRAVIS_PULL_REQUEST").filter(|number| *number != "false") {
        return pull_request(environment, built, number);
    }
    let head = Head::of(built);
    let whole = |situation, all_refs| Draft { situation, head: head.clone(), base: Base::Everything { all_refs } };
    if environment.text("TRAVIS_TAG").is_some() {
        return Ok(whole(Situation::Tag { tag: environment.ref_name("TRAVIS_TAG")? }, false));
    }
    match environment.text("TRAVIS_EVENT_TYPE").unwrap_or_default() {
        "cron" => return Ok(whole(Situation::Schedule, true)),
        "api" => return Ok(whole(Situation::Manual, true)),
        _ => {}
    }
    let branch = environment.ref_name("TRAVIS_BRANCH")?;
    Ok(match before(environment)? {
        Some(before) => Draft {
            situation: Situation::Push { branch: branch.clone() },
            head,
            base: Base::since(before, branch, None),
        },
        None => {
            let base = Base::of_branch(branch.clone(), None);
            Draft { situation: Situation::NewBranch { branch }, head, base }
        }
    })
}

fn pull_request(environment: &Environment, built: Option<Commit>, number: &str) -> Result<Draft, Refusal> {
    let name = "TRAVIS_BRANCH";
    let target = environment.ref_name(name)?.ok_or(Refusal::NoVariable {
        system: System::Travis,
        situation: "a pull request",
        name,
    })?;
    let head = Head::of_request(built, environment.commit("TRAVIS_PULL_REQUEST_SHA")?);
    let number = Some(number).filter(|number| super::gitlab::is_number(number)).map(str::to_owned);
    let head = match &number {
        Some(number) => head.at(format!("refs/pull/{number}/merge")),
        None => head,
    };
    let slug = environment.text("TRAVIS_PULL_REQUEST_SLUG");
    let fork = slug.is_some() && slug != environment.text("TRAVIS_REPO_SLUG");
    let base = Base::Branch { target: Target::branch(target.clone()).at(before(environment)?) };
    Ok(Draft { situation: Situation::PullRequest { number, target: Some(target), fork }, head, base })
}

/// The left end of the range.
fn before(environment: &Environment) -> Result<Option<Commit>, Refusal> {
    let name = "TRAVIS_COMMIT_RANGE";
    let malformed = || Refusal::Malformed { name: name.to_owned(), wanted: "a range of commits ('BEFORE...AFTER')" };
    let Some(range) = environment.text(name) else { return Ok(None) };
    let (before, _) = range.split_once("...").or_else(|| range.split_once("..")).ok_or_else(malformed)?;
    Commit::parse(before).map_err(|_| malformed())
}
