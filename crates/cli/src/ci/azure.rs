//! Azure Pipelines.
//!
//! A pull request is built as the merge that the server made of it (`refs/pull/N/merge`, first parent the target branch).
//! What a branch was before a push is not told.

use super::Draft;
use super::environment::Environment;
use super::plan::{Base, Head, Situation, Target};
use super::refusal::Refusal;
use super::system::System;

pub(super) fn draft(environment: &Environment) -> Result<Draft, Refusal> {
    let reason = environment.text("BUILD_REASON").unwrap_or_default();
    let built = environment.commit("BUILD_SOURCEVERSION")?;
    let source = environment.text("BUILD_SOURCEBRANCH").unwrap_or_default();
    if reason == "PullRequest" || source.starts_with("refs/pull/") {
        return pull_request(environment);
    }
    let head = Head::of(built);
    let whole = |situation, all_refs| Draft { situation, head: head.clone(), base: Base::Everything { all_refs } };
    if source.starts_with("refs/tags/") {
        return Ok(whole(Situation::Tag { tag: environment.ref_name("BUILD_SOURCEBRANCH")? }, false));
    }
    Ok(match reason {
        "Schedule" | "ScheduleForced" => whole(Situation::Schedule, true),
        "Manual" | "UserCreated" => whole(Situation::Manual, true),
        "BuildCompletion" => whole(Situation::triggered("build-completion"), false),
        "ResourceTrigger" => whole(Situation::triggered("resource-trigger"), false),
        // IndividualCI, BatchedCI
        _ => {
            let branch = environment.ref_name("BUILD_SOURCEBRANCH")?;
            let base = Base::of_branch(branch.clone(), None);
            Draft { situation: Situation::Branch { branch }, head, base }
        }
    })
}

fn pull_request(environment: &Environment) -> Result<Draft, Refusal> {
    // The short name in some builds, refs/heads/… in others.
    let name = "SYSTEM_PULLREQUEST_TARGETBRANCH";
    let target = environment.ref_name(name)?.ok_or(Refusal::NoVariable {
        system: System::Azure,
        situation: "a pull request",
        name,
    })?;
    let own = environment.commit("SYSTEM_PULLREQUEST_SOURCECOMMITID")?;
    let head = Head::of_request(environment.commit("BUILD_SOURCEVERSION")?, own);
    let number = ["SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "SYSTEM_PULLREQUEST_PULLREQUESTID"];
    let number =
        number.iter().find_map(|name| environment.text(name)).filter(|number| super::gitlab::is_number(number));
    let head = match environment.text("BUILD_SOURCEBRANCH").filter(|name| is_request_ref(name)) {
        Some(name) => head.at(name),
        None => head,
    };
    Ok(Draft {
        situation: Situation::PullRequest {
            number: number.map(str::to_owned),
            target: Some(target.clone()),
            fork: environment.is_true("SYSTEM_PULLREQUEST_ISFORK"),
        },
        head,
        base: Base::Branch { target: Target::branch(target) },
    })
}

/// `refs/pull/12/merge`.
fn is_request_ref(name: &str) -> bool {
    let number = name.strip_prefix("refs/pull/").and_then(|rest| rest.strip_suffix("/merge"));
    number.is_some_and(|number| !number.is_empty() && super::gitlab::is_number(number))
}
