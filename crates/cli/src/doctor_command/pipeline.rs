use crate::ci::{self, Environment, Plan, System, Unresolved, Visibility};
use serde::Serialize;
use std::path::Path;

/// What is seen of the CI.
#[derive(Serialize)]
pub struct Pipeline {
    system: System,
    name: &'static str,
    visibility: Visibility,
    /// Whether reports hold rules and numbers only, unless the arguments say otherwise.
    public: bool,
    /// What `deadkey ci` would scan.
    plan: Option<Plan>,
    /// What of it is in the clone, for people.
    decision: Option<String>,
    /// Why `deadkey ci` would refuse.
    error: Option<String>,
}

impl Pipeline {
    /// Looks at the environment, and at the clone at `path` with the eyes of `deadkey ci`.
    pub fn of(path: &Path) -> Pipeline {
        match ci::surroundings() {
            Ok(environment) => Pipeline::in_environment(&environment, path),
            Err(error) => {
                let bare = Environment::default();
                Pipeline { error: Some(format!("{error:#}")), ..Pipeline::in_environment(&bare, path) }
            }
        }
    }

    fn in_environment(environment: &Environment, path: &Path) -> Pipeline {
        let (system, visibility) = (System::of(environment), ci::visibility(environment));
        let public = visibility == Visibility::Public;
        let pipeline =
            Pipeline { system, name: system.name(), visibility, public, plan: None, decision: None, error: None };
        if system == System::Plain {
            return pipeline;
        }
        let plan = match ci::decide(environment) {
            Ok(plan) => plan,
            Err(refusal) => return Pipeline { error: Some(refusal.to_string()), ..pipeline },
        };
        let (decision, error) = match ci::resolve(&plan, path, false) {
            Ok(resolved) => (Some(resolved.decision), None),
            Err(error @ (Unresolved::Missing { .. } | Unresolved::Git { .. })) => (None, Some(error.to_string())),
        };
        Pipeline { plan: Some(plan), decision, error, ..pipeline }
    }

    /// For people: a label and a sentence each.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        if self.system == System::Plain {
            return vec![("CI", "none that deadkey knows".to_owned())];
        }
        let mut lines = vec![("CI", self.plan.as_ref().map_or(self.name.to_owned(), Plan::sentence))];
        lines.extend(self.decision.iter().map(|decision| ("range", decision.clone())));
        lines.extend(self.error.iter().flat_map(|error| error.lines()).map(|line| ("refused", line.to_owned())));
        lines.push((
            "visibility",
            match self.visibility {
                Visibility::Public => "public: reports hold rules and numbers only (--no-public)".to_owned(),
                Visibility::Restricted => "not everybody".to_owned(),
                Visibility::Unsaid => "not said; --public for rules and numbers only".to_owned(),
            },
        ));
        if let Some(plan) = &self.plan {
            lines.push(("SARIF", plan.outputs.sarif.path.display().to_string()));
            lines.extend(plan.outputs.summary.iter().map(|summary| ("summary", summary.path().display().to_string())));
            lines.extend(plan.outputs.annotations.map(|format| ("annotations", format.name().to_owned())));
        }
        lines
    }
}
