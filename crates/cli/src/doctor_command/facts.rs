use super::pipeline::Pipeline;
use super::repository::RepositoryFacts;
use crate::request;
use rules::Ruleset;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Files that say how to scan, in the order in which they are looked for in a folder.
const CONFIGURATION: [&str; 4] = [".deadkey.toml", ".gitleaks.toml", ".gitleaksignore", ".betterleaks.toml"];

/// All that is seen.
#[derive(Serialize)]
pub struct Facts {
    version: &'static str,
    program: Option<PathBuf>,
    rules: RuleFacts,
    key: KeyFacts,
    /// From the folder upwards to the repository's root, the nearest first.
    configuration: Vec<PathBuf>,
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

/// The key's id says nothing about the key.
#[derive(Serialize)]
struct KeyFacts {
    id: String,
    guessable: bool,
}

impl Facts {
    /// Looks around at `path`.
    pub fn of(ruleset: &Ruleset, path: &Path) -> Facts {
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
            configuration: configuration(path, root.as_deref()),
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
        if self.configuration.is_empty() {
            lines.push(("configuration", "none found".to_owned()));
        }
        lines.extend(self.configuration.iter().map(|path| ("configuration", path.display().to_string())));
        lines.push(("git", self.git.clone().unwrap_or_else(|| "could not be run; URLs and `ci` need it".to_owned())));
        match &self.repository {
            None => lines.push(("repository", "none here".to_owned())),
            Some(repository) => lines.extend(repository.lines()),
        }
        lines.extend(self.ci.lines());
        lines
    }
}

/// Configuration counts from the folder upwards, to the repository's root where there is one.
fn configuration(path: &Path, root: Option<&Path>) -> Vec<PathBuf> {
    let Ok(path) = path.canonicalize() else { return Vec::new() };
    let start = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(&path) };
    let mut found = Vec::new();
    for folder in start.ancestors() {
        found.extend(CONFIGURATION.iter().map(|name| folder.join(name)).filter(|file| file.is_file()));
        if root == Some(folder) {
            break;
        }
    }
    found
}
