//! GitHub Actions, and Gitea's and Forgejo's, which take over its variables and payloads.
//!
//! `GITHUB_SHA` is what `actions/checkout` checks out. For `pull_request` that is a merge which GitHub made of the target
//! branch (first parent) and of the request (Gitea and Forgejo: the request's own head); for `pull_request_target` and
//! everything not about commits it is the default branch's tip, not what is to be reviewed.

use super::Draft;
use super::environment::Environment;
use super::names::RefName;
use super::plan::{Base, Head, Situation, Target};
use super::refusal::Refusal;
use super::system::System;

pub(super) fn draft(system: System, environment: &Environment) -> Result<Draft, Refusal> {
    let event = environment.text("GITHUB_EVENT_NAME").unwrap_or_default();
    match event {
        "pull_request" | "pull_request_review" | "pull_request_review_comment" => pull_request(environment, false),
        "pull_request_target" => pull_request(environment, true),
        "merge_group" => merge_group(system, environment),
        "push" => push(system, environment),
        "create" => create(environment),
        "release" => whole(environment, Situation::Tag { tag: ref_built(environment)? }, false),
        "schedule" => whole(environment, Situation::Schedule, true),
        "workflow_dispatch" | "repository_dispatch" => whole(environment, Situation::Manual, true),
        other => whole(environment, Situation::triggered(other), false),
    }
}

fn whole(environment: &Environment, situation: Situation, all_refs: bool) -> Result<Draft, Refusal> {
    let head = Head::of(environment.commit("GITHUB_SHA")?);
    Ok(Draft { situation, head, base: Base::Everything { all_refs } })
}

/// `privileged`: run by `pull_request_target`, with the target branch checked out.
fn pull_request(environment: &Environment, privileged: bool) -> Result<Draft, Refusal> {
    let number = environment.event_number("/pull_request/number");
    let target = match environment.event_ref_name("/pull_request/base/ref")? {
        Some(target) => Some(target),
        None => environment.ref_name("GITHUB_BASE_REF")?,
    };
    let own = environment.event_commit("/pull_request/head/sha")?;
    let head = if privileged {
        // The merge commit of the payload is no help: it may be of an older state of the request.
        let own = own.ok_or(Refusal::NoHead { event: "pull_request_target", field: "pull_request.head.sha" })?;
        Head::of(Some(own))
    } else {
        Head::of_request(environment.commit("GITHUB_SHA")?, own)
    };
    let head = match &number {
        Some(number) if privileged => head.at(format!("refs/pull/{number}/head")),
        _ => match environment.text("GITHUB_REF").filter(|name| is_request_ref(name)) {
            Some(name) => head.at(name),
            None => head,
        },
    };
    let repository = |side: &str| environment.event_text(&format!("/pull_request/{side}/repo/full_name"));
    // The repository of a head whose fork was deleted is null.
    let fork = repository("base").is_some() && repository("head") != repository("base");
    let base = match &target {
        Some(target) => {
            let tip = environment.event_commit("/pull_request/base/sha")?;
            Base::Branch { target: Target::branch(target.clone()).at(tip) }
        }
        None if base_is_given(environment) => Base::Everything { all_refs: false },
        None => return Err(Refusal::NoBase { event: "pull_request", field: "pull_request.base.ref" }),
    };
    Ok(Draft { situation: Situation::PullRequest { number, target, fork }, head, base })
}

/// `refs/pull/12/merge` and `refs/pull/12/head`.
fn is_request_ref(name: &str) -> bool {
    let number = name.strip_prefix("refs/pull/").and_then(|rest| rest.split_once('/'));
    number.is_some_and(|(number, side)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && matches!(side, "merge" | "head")
    })
}

/// The base is the parent of the group: the target's tip, or the group before it in the queue.
fn merge_group(system: System, environment: &Environment) -> Result<Draft, Refusal> {
    let target = environment.event_ref_name("/merge_group/base_ref")?;
    let before = match environment.event_commit("/merge_group/base_sha")? {
        Some(before) => before,
        None if base_is_given(environment) => return whole(environment, Situation::MergeQueue { target }, false),
        None if environment.event.is_none() => return Err(Refusal::NoEvent { system, event: "merge_group" }),
        None => return Err(Refusal::NoBase { event: "merge_group", field: "merge_group.base_sha" }),
    };
    let commits = [environment.event_commit("/merge_group/head_sha")?, environment.commit("GITHUB_SHA")?];
    let otherwise = match &target {
        Some(target) => Base::Branch { target: Target::branch(target.clone()) },
        None => Base::of_branch(None, default_branch(environment)?),
    };
    Ok(Draft {
        situation: Situation::MergeQueue { target },
        head: Head::first_of(commits.into_iter().flatten()),
        base: Base::Since { commit: before, otherwise: Box::new(otherwise) },
    })
}

fn push(system: System, environment: &Environment) -> Result<Draft, Refusal> {
    let built = ref_built(environment)?;
    if environment.event.is_none() {
        return match base_is_given(environment) {
            true => whole(environment, Situation::Push { branch: built }, false),
            false => Err(Refusal::NoEvent { system, event: "push" }),
        };
    }
    if environment.event_is_true("/deleted") {
        return whole(environment, Situation::triggered("deletion"), false);
    }
    let before = environment.event_commit("/before")?;
    let head = Head::of(match environment.commit("GITHUB_SHA")? {
        Some(head) => Some(head),
        None => environment.event_commit("/after")?,
    });
    if is_tag(environment) {
        let otherwise = Base::Everything { all_refs: false };
        let base = match before {
            Some(commit) => Base::Since { commit, otherwise: Box::new(otherwise) },
            None => otherwise,
        };
        return Ok(Draft { situation: Situation::Tag { tag: built }, head, base });
    }
    let default = default_branch(environment)?;
    Ok(match before {
        Some(before) => Draft {
            situation: if environment.event_is_true("/forced") {
                Situation::ForcePush { branch: built.clone() }
            } else {
                Situation::Push { branch: built.clone() }
            },
            head,
            base: Base::since(before, built, default),
        },
        None => new_branch(head, built, default),
    })
}

fn create(environment: &Environment) -> Result<Draft, Refusal> {
    let built = ref_built(environment)?;
    if is_tag(environment) {
        return whole(environment, Situation::Tag { tag: built }, false);
    }
    Ok(new_branch(Head::of(environment.commit("GITHUB_SHA")?), built, default_branch(environment)?))
}

fn new_branch(head: Head, branch: Option<RefName>, default: Option<RefName>) -> Draft {
    let base = Base::of_branch(branch.clone(), default);
    Draft { situation: Situation::NewBranch { branch }, head, base }
}

/// Then what the payload lacks does not matter.
fn base_is_given(environment: &Environment) -> bool {
    environment.text(super::BASE_VARIABLE).is_some()
}

fn is_tag(environment: &Environment) -> bool {
    environment.says("GITHUB_REF_TYPE", "tag")
        || environment.text("GITHUB_REF").is_some_and(|name| name.starts_with("refs/tags/"))
}

fn ref_built(environment: &Environment) -> Result<Option<RefName>, Refusal> {
    environment.ref_name("GITHUB_REF")
}

fn default_branch(environment: &Environment) -> Result<Option<RefName>, Refusal> {
    environment.event_ref_name("/repository/default_branch")
}
