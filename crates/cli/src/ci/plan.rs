use super::names::{Commit, RefName};
use super::outputs::Outputs;
use super::system::System;
use serde::Serialize;
use std::fmt;

/// What to scan and where results go, as far as the platform's variables tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Who runs this.
    pub system: System,
    /// What made it run.
    pub situation: Situation,
    /// The commit to scan.
    pub head: Head,
    /// What of its history is left out.
    pub base: Base,
    /// Where results go.
    pub outputs: Outputs,
}

impl Plan {
    /// For people: who runs this, why, and what is scanned; one line.
    pub fn sentence(&self) -> String {
        format!("{}, {}: {}", self.system, self.occasion(), self.base)
    }

    /// What made it run, in the platform's words.
    pub fn occasion(&self) -> String {
        self.situation.words(self.system.request())
    }

    /// What to ask the remote for, in order, where the base is not in the clone: commit ids, refspecs, or `HEAD` for the
    /// remote's default branch.
    pub fn fetches(&self) -> Vec<String> {
        self.base.fetches()
    }
}

/// What made the pipeline run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Situation {
    /// A pull request (GitLab: merge request) was opened or changed.
    PullRequest {
        /// Its number, where known.
        number: Option<String>,
        /// The branch it is to go into, where known.
        target: Option<RefName>,
        /// Whether it comes from another repository.
        fork: bool,
    },
    /// A merge queue (GitLab: merge train) tries what the target branch would become.
    MergeQueue {
        /// The target branch.
        target: Option<RefName>,
    },
    /// Commits were added to a branch.
    Push {
        /// The branch.
        branch: Option<RefName>,
    },
    /// A branch was replaced.
    ForcePush {
        /// The branch.
        branch: Option<RefName>,
    },
    /// A branch was pushed for the first time.
    NewBranch {
        /// The branch.
        branch: Option<RefName>,
    },
    /// A branch is built, and the platform does not say what it was before.
    Branch {
        /// The branch; none if the checkout is detached.
        branch: Option<RefName>,
    },
    /// A tag was pushed.
    Tag {
        /// The tag.
        tag: Option<RefName>,
    },
    /// A schedule.
    Schedule,
    /// A person or a program asked for it.
    Manual,
    /// Another event or pipeline.
    Triggered {
        /// The event's name: lower-case ASCII letters, digits, `_` and `-` only.
        event: String,
    },
    /// No CI that we know.
    Plain,
}

impl Situation {
    /// An event of any name; a name that is none is left out.
    pub fn triggered(event: &str) -> Situation {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        let known = event.len() <= 64 && event.bytes().all(fits);
        Situation::Triggered { event: if known { event.to_owned() } else { "unknown".to_owned() } }
    }

    fn words(&self, request: &str) -> String {
        let named = |words: &str, name: &Option<RefName>| match name {
            Some(name) => format!("{words} {name}"),
            None => words.to_owned(),
        };
        match self {
            Situation::PullRequest { number, target, fork } => {
                let number = number.as_deref().map(|number| format!(" {number}")).unwrap_or_default();
                let target = target.as_ref().map(|target| format!(" into {target}")).unwrap_or_default();
                format!("{request}{number}{target}{}", if *fork { " from a fork" } else { "" })
            }
            Situation::MergeQueue { target } => named("merge queue of", target).trim_end_matches(" of").to_owned(),
            Situation::Push { branch } => named("push to", branch).trim_end_matches(" to").to_owned(),
            Situation::ForcePush { branch } => named("force-push to", branch).trim_end_matches(" to").to_owned(),
            Situation::NewBranch { branch } => named("first push of branch", branch),
            Situation::Branch { branch: Some(branch) } => format!("build of branch {branch}"),
            Situation::Branch { branch: None } => "build of a detached commit".to_owned(),
            Situation::Tag { tag } => named("tag", tag),
            Situation::Schedule => "schedule".to_owned(),
            Situation::Manual => "started by hand".to_owned(),
            Situation::Triggered { event } => format!("event {event}"),
            Situation::Plain => "started by hand".to_owned(),
        }
    }
}

/// The commit to scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Names for it: commit ids or `HEAD`. The first that is in the clone counts.
    pub commits: Vec<String>,
    /// The remote's ref that holds it, for fetching it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_ref: Option<String>,
    /// If the first commit may be a merge that the platform made of the target branch (its first parent) and of this
    /// commit: this commit. What the first parent holds is the target's, even if the target's tip as recorded is older.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merge_of: Option<Commit>,
}

impl Head {
    /// What is checked out, whatever it is called.
    pub fn checked_out() -> Head {
        Head { commits: vec!["HEAD".to_owned()], remote_ref: None, merge_of: None }
    }

    /// One commit; what is checked out if the platform names none.
    pub fn of(commit: Option<Commit>) -> Head {
        match commit {
            Some(commit) => Head::first_of([commit]),
            None => Head::checked_out(),
        }
    }

    /// The first of these that is in the clone.
    pub fn first_of(commits: impl IntoIterator<Item = Commit>) -> Head {
        let mut names: Vec<String> = Vec::new();
        for commit in commits {
            if !names.iter().any(|name| name == commit.as_str()) {
                names.push(commit.as_str().to_owned());
            }
        }
        if names.is_empty() { Head::checked_out() } else { Head { commits: names, remote_ref: None, merge_of: None } }
    }

    /// The head of a request: the merge that the platform made of it, where there is one and it is in the clone, else the
    /// request's own head.
    pub fn of_request(merge: Option<Commit>, own: Option<Commit>) -> Head {
        let merge_of = own.clone().filter(|own| merge.is_some() && merge.as_ref() != Some(own));
        Head { merge_of, ..Head::first_of(merge.into_iter().chain(own)) }
    }

    /// With the remote's ref that holds it.
    pub fn at(self, remote_ref: impl Into<String>) -> Head {
        Head { remote_ref: Some(remote_ref.into()), ..self }
    }
}

/// What of the head's history is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Base {
    /// What is reachable from a commit: `commit..head`. The commit need not be an ancestor of the head.
    Since {
        /// The commit.
        commit: Commit,
        /// What counts if history is whole and the commit is nevertheless nowhere: a force-push replaced it.
        otherwise: Box<Base>,
    },
    /// What is reachable from the merge bases with a branch.
    #[serde(rename = "merge-base")]
    Branch {
        /// The branch.
        target: Target,
    },
    /// Nothing.
    Everything {
        /// Whether what other branches and tags hold is scanned, too.
        all_refs: bool,
    },
}

impl Base {
    /// For a branch of which the platform does not say what it was before: what is not in the default branch; for the
    /// default branch itself everything.
    ///
    /// Other branches do not count. Two branches pushed one after the other would each leave out what the other brought.
    pub fn of_branch(own: Option<RefName>, default: Option<RefName>) -> Base {
        match default {
            Some(default) if own.as_ref() == Some(&default) => Base::Everything { all_refs: false },
            Some(default) => Base::Branch { target: Target::branch(default) },
            None if own.as_ref().is_some_and(|own| matches!(own.as_str(), "main" | "master")) => {
                Base::Everything { all_refs: false }
            }
            None => Base::Branch { target: Target::default_branch(own) },
        }
    }

    /// What is new since `before`, or else what is not in the default branch.
    pub fn since(before: Commit, own: Option<RefName>, default: Option<RefName>) -> Base {
        Base::Since { commit: before, otherwise: Box::new(Base::of_branch(own, default)) }
    }

    fn fetches(&self) -> Vec<String> {
        match self {
            Base::Since { commit, otherwise } => {
                let whole = commit.is_whole().then(|| commit.as_str().to_owned());
                whole.into_iter().chain(otherwise.fetches()).collect()
            }
            Base::Branch { target } => target.fetches(),
            Base::Everything { .. } => Vec::new(),
        }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Base::Since { commit, .. } => write!(f, "the commits since {commit}"),
            Base::Branch { target } => write!(f, "the commits that are not in {target}"),
            Base::Everything { all_refs: false } => f.write_str("the full history of what is checked out"),
            Base::Everything { all_refs: true } => f.write_str("the full history of all branches and tags"),
        }
    }
}

/// A branch to compare with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    /// Its name; none for the repository's default branch where the platform does not name it. A named branch that is
    /// not in the clone must be fetched; without a default branch everything is scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<RefName>,
    /// A commit of it that the platform names; counts before the refs, which may have moved on since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// Refs of the clone to try, in order.
    pub refs: Vec<String>,
    /// The branch that is built: if it turns out to be the default branch, everything is scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<RefName>,
}

impl Target {
    /// A branch by its name.
    pub fn branch(branch: RefName) -> Target {
        let refs = vec![format!("refs/remotes/origin/{branch}"), format!("refs/heads/{branch}")];
        Target { branch: Some(branch), commit: None, refs, own: None }
    }

    /// The repository's default branch, whatever its name; `own` is the branch that is built.
    pub fn default_branch(own: Option<RefName>) -> Target {
        let refs = ["HEAD", "main", "master"].map(|name| format!("refs/remotes/origin/{name}"));
        Target { branch: None, commit: None, refs: refs.to_vec(), own }
    }

    /// With a commit of it that the platform names.
    pub fn at(self, commit: Option<Commit>) -> Target {
        Target { commit, ..self }
    }

    fn fetches(&self) -> Vec<String> {
        let commit = self.commit.as_ref().filter(|commit| commit.is_whole()).map(|commit| commit.as_str().to_owned());
        let branch = match &self.branch {
            Some(branch) => format!("+refs/heads/{branch}:refs/remotes/origin/{branch}"),
            None => "HEAD".to_owned(),
        };
        commit.into_iter().chain([branch]).collect()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.branch {
            Some(branch) => write!(f, "{branch}"),
            None => f.write_str("the default branch"),
        }
    }
}
