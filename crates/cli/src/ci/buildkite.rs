//! Buildkite.
//!
//! `BUILDKITE_COMMIT` may be the word `HEAD` (builds started by hand). `BUILDKITE_PULL_REQUEST` is `false` outside pull
//! requests. What a branch was before a push is not told; the pipeline's default branch is.

use super::Draft;
use super::environment::Environment;
use super::plan::{Base, Head, Situation, Target};
use super::refusal::Refusal;

pub(super) fn draft(environment: &Environment) -> Result<Draft, Refusal> {
    let head = if environment.says("BUILDKITE_COMMIT", "HEAD") {
        Head::checked_out()
    } else {
        Head::of(environment.commit("BUILDKITE_COMMIT")?)
    };
    let default = environment.ref_name("BUILDKITE_PIPELINE_DEFAULT_BRANCH")?;
    if let Some(before) = environment.commit("BUILDKITE_MERGE_QUEUE_BASE_COMMIT")? {
        let target = environment.ref_name("BUILDKITE_MERGE_QUEUE_BASE_BRANCH")?;
        let base = Base::since(before, None, target.clone().or(default));
        return Ok(Draft { situation: Situation::MergeQueue { target }, head, base });
    }
    let branch = environment.ref_name("BUILDKITE_BRANCH")?;
    if let Some(number) = environment.text("BUILDKITE_PULL_REQUEST").filter(|number| *number != "false") {
        return pull_request(environment, head, number);
    }
    let whole = |situation, all_refs| Draft { situation, head: head.clone(), base: Base::Everything { all_refs } };
    if environment.text("BUILDKITE_TAG").is_some() {
        return Ok(whole(Situation::Tag { tag: environment.ref_name("BUILDKITE_TAG")? }, false));
    }
    Ok(match environment.text("BUILDKITE_SOURCE").unwrap_or_default() {
        "schedule" => whole(Situation::Schedule, true),
        "ui" | "api" => whole(Situation::Manual, true),
        "trigger_job" => whole(Situation::triggered("trigger_job"), false),
        _ => {
            let base = Base::of_branch(branch.clone(), default);
            Draft { situation: Situation::Branch { branch }, head, base }
        }
    })
}

fn pull_request(environment: &Environment, head: Head, number: &str) -> Result<Draft, Refusal> {
    let target = environment.ref_name("BUILDKITE_PULL_REQUEST_BASE_BRANCH")?;
    let base = match &target {
        Some(target) => Base::Branch { target: Target::branch(target.clone()) },
        None => Base::of_branch(None, environment.ref_name("BUILDKITE_PIPELINE_DEFAULT_BRANCH")?),
    };
    let number = Some(number).filter(|number| super::gitlab::is_number(number)).map(str::to_owned);
    let head = match &number {
        Some(number) if environment.says("BUILDKITE_PIPELINE_PROVIDER", "github") => {
            head.at(format!("refs/pull/{number}/head"))
        }
        _ => head,
    };
    let repository = environment.text("BUILDKITE_PULL_REQUEST_REPO").map(path_of);
    let fork = repository.is_some() && repository != environment.text("BUILDKITE_REPO").map(path_of);
    Ok(Draft { situation: Situation::PullRequest { number, target, fork }, head, base })
}

/// `acme/shop` of `git://github.com/acme/shop.git` and of `git@github.com:acme/shop.git`: the two variables use different
/// protocols.
fn path_of(address: &str) -> &str {
    let address = address.strip_suffix(".git").unwrap_or(address);
    let start = address.rmatch_indices(['/', ':']).nth(1).map_or(0, |(at, _)| at + 1);
    &address[start..]
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn addresses_are_compared_by_path() {
        let addresses = [
            "git://github.com/acme/shop.git",
            "git@github.com:acme/shop.git",
            "https://github.com/acme/shop",
            "acme/shop",
        ];
        for address in addresses {
            assert_eq!(path_of(address), "acme/shop", "{address}");
        }
    }
}
