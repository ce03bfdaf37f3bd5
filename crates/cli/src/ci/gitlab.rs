//! GitLab CI.
//!
//! `CI_COMMIT_BEFORE_SHA` is all zeros in merge request pipelines, on a branch's first pipeline and where somebody started
//! it. A detached merge request pipeline builds the request's own head; merged results and merge trains build a merge whose
//! first parent is the target branch (in a train: with the requests before this one).

use super::Draft;
use super::environment::Environment;
use super::names::RefName;
use super::plan::{Base, Head, Situation, Target};
use super::refusal::Refusal;
use super::system::System;

pub(super) fn draft(environment: &Environment) -> Result<Draft, Refusal> {
    let source = environment.text("CI_PIPELINE_SOURCE").unwrap_or_default();
    if environment.text("CI_MERGE_REQUEST_IID").is_some() {
        return merge_request(environment);
    }
    if environment.text("CI_EXTERNAL_PULL_REQUEST_IID").is_some() {
        return external_pull_request(environment);
    }
    let head = Head::of(environment.commit("CI_COMMIT_SHA")?);
    let before = environment.commit("CI_COMMIT_BEFORE_SHA")?;
    if environment.text("CI_COMMIT_TAG").is_some() {
        let situation = Situation::Tag { tag: environment.ref_name("CI_COMMIT_TAG")? };
        let otherwise = Base::Everything { all_refs: false };
        let base = match before {
            Some(commit) => Base::Since { commit, otherwise: Box::new(otherwise) },
            None => otherwise,
        };
        return Ok(Draft { situation, head, base });
    }
    let branch = match environment.ref_name("CI_COMMIT_BRANCH")? {
        Some(branch) => Some(branch),
        None => environment.ref_name("CI_COMMIT_REF_NAME")?,
    };
    let whole = |situation, all_refs| Ok(Draft { situation, head: head.clone(), base: Base::Everything { all_refs } });
    match source {
        "schedule" => whole(Situation::Schedule, true),
        "web" | "api" | "chat" => whole(Situation::Manual, true),
        "trigger" | "pipeline" | "ondemand_dast_scan" | "ondemand_dast_validation" => {
            whole(Situation::triggered(source), false)
        }
        _ => {
            let default = environment.ref_name("CI_DEFAULT_BRANCH")?;
            Ok(match before {
                Some(before) => Draft {
                    situation: Situation::Push { branch: branch.clone() },
                    head,
                    base: Base::since(before, branch, default),
                },
                None => first(head, branch, default, source),
            })
        }
    }
}

/// All zeros: of a push they say that the branch is new, of a child pipeline nothing.
fn first(head: Head, branch: Option<RefName>, default: Option<RefName>, source: &str) -> Draft {
    let base = Base::of_branch(branch.clone(), default);
    let situation = if source == "push" { Situation::NewBranch { branch } } else { Situation::Branch { branch } };
    Draft { situation, head, base }
}

fn merge_request(environment: &Environment) -> Result<Draft, Refusal> {
    let name = "CI_MERGE_REQUEST_TARGET_BRANCH_NAME";
    let target = environment.ref_name(name)?.ok_or(Refusal::NoVariable {
        system: System::Gitlab,
        situation: "a merge request",
        name,
    })?;
    let number = environment.text("CI_MERGE_REQUEST_IID").map(str::to_owned).filter(|number| is_number(number));
    let built = environment.commit("CI_COMMIT_SHA")?;
    let kind = environment.text("CI_MERGE_REQUEST_EVENT_TYPE").unwrap_or_default();
    let (head, tip) = if matches!(kind, "merged_result" | "merge_train") {
        let own = environment.commit("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")?;
        (Head::of_request(built, own), environment.commit("CI_MERGE_REQUEST_TARGET_BRANCH_SHA")?)
    } else {
        (Head::of(built), environment.commit("CI_MERGE_REQUEST_DIFF_BASE_SHA")?)
    };
    let head = match &number {
        Some(number) => head.at(format!("refs/merge-requests/{number}/head")),
        None => head,
    };
    let fork =
        environment.text("CI_MERGE_REQUEST_SOURCE_PROJECT_ID") != environment.text("CI_MERGE_REQUEST_PROJECT_ID");
    let base = Base::Branch { target: Target::branch(target.clone()).at(tip) };
    let situation = if kind == "merge_train" {
        Situation::MergeQueue { target: Some(target) }
    } else {
        Situation::PullRequest { number, target: Some(target), fork }
    };
    Ok(Draft { situation, head, base })
}

/// A pull request on GitHub whose pipelines run here: of the repository itself only, and built at its own head.
fn external_pull_request(environment: &Environment) -> Result<Draft, Refusal> {
    let name = "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME";
    let target = environment.ref_name(name)?.ok_or(Refusal::NoVariable {
        system: System::Gitlab,
        situation: "a pull request of an external repository",
        name,
    })?;
    let commits = ["CI_COMMIT_SHA", "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA"].map(|name| environment.commit(name));
    let [built, own] = commits;
    let number = environment.text("CI_EXTERNAL_PULL_REQUEST_IID").map(str::to_owned).filter(|number| is_number(number));
    let tip = environment.commit("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA")?;
    Ok(Draft {
        situation: Situation::PullRequest { number, target: Some(target.clone()), fork: false },
        head: Head::first_of(built?.into_iter().chain(own?)),
        base: Base::Branch { target: Target::branch(target).at(tip) },
    })
}

/// Numbers of requests go into refs and sentences.
pub(super) fn is_number(text: &str) -> bool {
    text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit())
}
