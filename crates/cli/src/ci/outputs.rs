use super::environment::Environment;
use super::system::System;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The file that SARIF goes to where nobody says otherwise, in the working folder.
const SARIF: &str = "deadkey.sarif";

/// Where a platform looks for results, beside the text on standard output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outputs {
    /// The format whose lines, on standard output, the platform shows at the places they name.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "by_name")]
    pub annotations: Option<report::Format>,
    /// The Markdown summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
    /// The SARIF log.
    pub sarif: SarifFile,
    /// Whether the platform takes lines of the log for commands, so that text with scanned names and lines in it must be
    /// written through [`report::CommandGuard`].
    pub log_has_commands: bool,
}

/// Where the Markdown summary goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Summary {
    /// Appended to this file; the platform takes at most 1 MiB of it in a step.
    Append {
        /// The file.
        path: PathBuf,
    },
    /// Written to this file, then announced.
    Write {
        /// The file.
        path: PathBuf,
    },
}

impl Summary {
    /// The file.
    pub fn path(&self) -> &Path {
        match self {
            Summary::Append { path } | Summary::Write { path } => path,
        }
    }
}

/// Where the SARIF log goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SarifFile {
    /// The file; relative to the working folder.
    pub path: PathBuf,
    /// What the user has to configure once for the platform to take it in; empty where nothing is needed.
    pub pick_up: &'static str,
}

/// A line for standard output that makes the platform take a file in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announcement {
    /// Of a Markdown summary.
    Summary,
    /// Of a SARIF log.
    Sarif,
}

impl Announcement {
    /// The line, without its end, for a file that has been written; `None` where the platform needs none. `path` has to be
    /// absolute.
    pub fn line(self, system: System, path: &Path) -> Option<String> {
        if system != System::Azure {
            return None;
        }
        let command = match self {
            Announcement::Summary => "task.uploadsummary",
            Announcement::Sarif => "artifact.upload containerfolder=CodeAnalysisLogs;artifactname=CodeAnalysisLogs",
        };
        Some(report::azure_command(command, &path.to_string_lossy()))
    }
}

impl Outputs {
    /// What the platform offers.
    pub fn of(system: System, environment: &Environment) -> Outputs {
        let file = |name: &str| environment.text(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let github = matches!(system, System::GithubActions | System::GiteaActions | System::ForgejoActions);
        let azure = system == System::Azure;
        Outputs {
            annotations: match () {
                () if github => Some(report::Format::Github),
                () if azure => Some(report::Format::Azure),
                () => None,
            },
            summary: match () {
                () if github => file("GITHUB_STEP_SUMMARY").map(|path| Summary::Append { path }),
                () if azure => {
                    file("AGENT_TEMPDIRECTORY").map(|folder| Summary::Write { path: folder.join("deadkey-summary.md") })
                }
                () => None,
            },
            sarif: SarifFile {
                path: match file("BUILD_ARTIFACTSTAGINGDIRECTORY").filter(|_| azure) {
                    Some(folder) => folder.join(SARIF),
                    None => PathBuf::from(SARIF),
                },
                pick_up: pick_up(system),
            },
            log_has_commands: github || azure,
        }
    }
}

fn pick_up(system: System) -> &'static str {
    match system {
        System::GithubActions => {
            "a step 'uses: github/codeql-action/upload-sarif@v3' with 'if: always()' and 'sarif_file: deadkey.sarif'"
        }
        System::GiteaActions | System::ForgejoActions => {
            "a step 'uses: actions/upload-artifact@v3' with 'if: always()' and 'path: deadkey.sarif'"
        }
        System::Gitlab => "'artifacts: {when: always, paths: [deadkey.sarif]}' in the job",
        System::Jenkins => "'recordIssues(tool: sarif(pattern: \"deadkey.sarif\"))' in 'post { always { … } }'",
        System::Circleci => "a step 'store_artifacts: {path: deadkey.sarif}'",
        System::Buildkite => "'artifact_paths: deadkey.sarif' in the step",
        System::Bitbucket => "'artifacts: [deadkey.sarif]' in the step",
        System::Azure | System::Travis | System::Plain => "",
    }
}

fn by_name<S: serde::Serializer>(format: &Option<report::Format>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(format.map_or("", report::Format::name))
}
