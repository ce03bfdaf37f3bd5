use super::environment::Environment;
use serde::Serialize;
use std::fmt;

/// A CI whose variables we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// GitHub Actions.
    GithubActions,
    /// Gitea Actions: GitHub's variables, but pull requests are checked out at their own head.
    GiteaActions,
    /// Forgejo Actions, like Gitea's.
    ForgejoActions,
    /// GitLab CI.
    Gitlab,
    /// Jenkins with its git plugin; multibranch jobs for pull requests.
    Jenkins,
    /// Azure Pipelines.
    Azure,
    /// CircleCI.
    Circleci,
    /// Buildkite.
    Buildkite,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// Travis CI.
    Travis,
    /// None of them: a terminal, or a CI that we do not know.
    Plain,
}

impl System {
    /// The platform that set the variables. Hosted platforms come before Jenkins, whose agents pass their variables on to
    /// whatever they start.
    pub fn of(environment: &Environment) -> System {
        let set = |name| environment.text(name).is_some();
        match () {
            () if environment.is_true("FORGEJO_ACTIONS") => System::ForgejoActions,
            () if environment.is_true("GITEA_ACTIONS") => System::GiteaActions,
            () if environment.is_true("GITHUB_ACTIONS") => System::GithubActions,
            () if environment.is_true("GITLAB_CI") => System::Gitlab,
            () if environment.is_true("TF_BUILD") => System::Azure,
            () if environment.is_true("CIRCLECI") => System::Circleci,
            () if environment.is_true("BUILDKITE") => System::Buildkite,
            () if set("BITBUCKET_BUILD_NUMBER") => System::Bitbucket,
            () if environment.is_true("TRAVIS") => System::Travis,
            () if set("JENKINS_URL") => System::Jenkins,
            () => System::Plain,
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            System::GithubActions => "GitHub Actions",
            System::GiteaActions => "Gitea Actions",
            System::ForgejoActions => "Forgejo Actions",
            System::Gitlab => "GitLab CI",
            System::Jenkins => "Jenkins",
            System::Azure => "Azure Pipelines",
            System::Circleci => "CircleCI",
            System::Buildkite => "Buildkite",
            System::Bitbucket => "Bitbucket Pipelines",
            System::Travis => "Travis CI",
            System::Plain => "no known CI",
        }
    }

    /// What it calls a request to merge.
    pub const fn request(self) -> &'static str {
        if matches!(self, System::Gitlab) { "merge request" } else { "pull request" }
    }

    /// The line by which it clones everything; `None` where there is no configuration.
    pub const fn whole_clone(self) -> Option<Configuration> {
        let (line, place) = match self {
            System::GithubActions | System::GiteaActions | System::ForgejoActions => {
                ("fetch-depth: 0", "under 'with:' of the actions/checkout step")
            }
            System::Gitlab => ("GIT_DEPTH: \"0\"", "under 'variables:' of the job"),
            System::Jenkins => (
                "extensions: [cloneOption(shallow: false)]",
                "in the checkout step's scmGit(…), or clear 'Shallow clone' in the job's clone behaviours",
            ),
            System::Azure => ("fetchDepth: 0", "under '- checkout: self' in the job's steps"),
            System::Circleci => ("- checkout: {method: full}", "in place of '- checkout' in the job's steps"),
            System::Buildkite => (
                "env: {BUILDKITE_GIT_CLONE_FLAGS: \"-v\", BUILDKITE_GIT_FETCH_FLAGS: \"-v --prune\"}",
                "in the step, so that neither holds --depth",
            ),
            System::Bitbucket => ("clone: {depth: full}", "at the top of bitbucket-pipelines.yml or in the step"),
            System::Travis => ("git: {depth: false}", "at the top of .travis.yml"),
            System::Plain => return None,
        };
        Some(Configuration { line, place })
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A line of a platform's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// The line to paste.
    pub line: &'static str,
    /// Where it goes.
    pub place: &'static str,
}
