use super::pipeline::Pipeline;
use super::repository::RepositoryFacts;
use crate::policy_check::Checked;
use crate::request;
use rules::Ruleset;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Rule files of other tools, which count only where somebody names them.
const RULE_FILES: [&str; 2] = [".gitleaks.toml", ".betterleaks.toml"];

/// All that is seen.
#[derive(Serialize)]
pub struct Facts {
    version: &'static str,
    program: Option<PathBuf>,
    rules: RuleFacts,
    key: KeyFacts,
    configuration: PolicyFacts,
    /// What `git version` says.
    git: Option<String>,
    repository: Option<RepositoryFacts>,
    ci: Pipeline,
}

#[derive(Serialize)]
struct RuleFacts {
    number: usize,
    digest: String,
    warnings: usize,
}

/// What scans read here.
#[derive(Serialize)]
struct PolicyFacts {
    /// Policy and ignore files that count here or below.
    files: Vec<String>,
    /// Rule files of other tools from the folder upwards to the repository's root, the nearest first.
    rule_files: Vec<PathBuf>,
    /// What makes a scan end with exit code 2, a sentence each.
    faults: Vec<String>,
    notes: Vec<String>,
}

/// The key's id says nothing about the key.
#[derive(Serialize)]
struct KeyFacts {
    id: String,
    guessable: bool,
}

impl Facts {
    /// Looks around at `path`.
    pub fn of(ruleset: &Ruleset, path: &Path, checked: Checked) -> Facts {
        let key = crate::known::key();
        let repository = RepositoryFacts::of(path);
        let root = repository.as_ref().and_then(|repository| repository.root.clone());
        Facts {
            version: env!("CARGO_PKG_VERSION"),
            program: std::env::current_exe().ok(),
            rules: RuleFacts {
                number: ruleset.rules().len(),
                digest: ruleset.digest().to_owned(),
                warnings: ruleset.warnings().len(),
            },
            key: KeyFacts { id: key.id().to_owned(), guessable: key.is_guessable() },
            configuration: PolicyFacts {
                files: checked.files,
                rule_files: rule_files(path, root.as_deref()),
                faults: checked.faults,
                notes: checked.notes,
            },
            git: request::git().version().ok(),
            repository,
            ci: Pipeline::of(path),
        }
    }

    /// The same for people: a label and a sentence each.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![("deadkey", self.version.to_owned())];
        lines.extend(self.program.as_ref().map(|path| ("program", path.display().to_string())));
        let warnings = match self.rules.warnings {
            0 => String::new(),
            n => format!(", {n} remarks on them (`deadkey scan -v` lists them)"),
        };
        lines.push(("rules", format!("{}, digest {}{warnings}", self.rules.number, self.rules.digest)));
        lines.push((
            "key",
            match self.key.guessable {
                true => "the public salt: fingerprints are guessable; set DEADKEY_KEY before sharing them".to_owned(),
                false => format!("of DEADKEY_KEY, id {}", self.key.id),
            },
        ));
        lines.extend(self.configuration.lines());
        lines.push(("git", self.git.clone().unwrap_or_else(|| "could not be run; URLs and `ci` need it".to_owned())));
        match &self.repository {
            None => lines.push(("repository", "none here".to_owned())),
            Some(repository) => lines.extend(repository.lines()),
        }
        lines.extend(self.ci.lines());
        lines
    }
}

impl PolicyFacts {
    fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines: Vec<_> = self.files.iter().map(|file| ("configuration", file.clone())).collect();
        lines.extend(self.faults.iter().map(|fault| ("wrong", fault.clone())));
        if lines.is_empty() {
            lines.push(("configuration", "none found".to_owned()));
        }
        lines.extend(self.notes.iter().map(|note| ("note", note.clone())));
        let rule_files = self.rule_files.iter();
        lines.extend(rule_files.map(|file| ("rule file", format!("{0}, counts with `--rules {0}`", file.display()))));
        lines
    }
}

/// Looked for from the folder upwards, to the repository's root where there is one.
fn rule_files(path: &Path, root: Option<&Path>) -> Vec<PathBuf> {
    let Ok(path) = path.canonicalize() else { return Vec::new() };
    let start = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(&path) };
    let mut found = Vec::new();
    for folder in start.ancestors() {
        found.extend(RULE_FILES.iter().map(|name| folder.join(name)).filter(|file| file.is_file()));
        if root == Some(folder) {
            break;
        }
    }
    found
}
