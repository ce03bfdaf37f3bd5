use super::environment::Environment;
use super::system::System;
use serde::Serialize;
use serde_json::Value;

/// Who can read the repository, as far as its platform says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// Anybody, and with it, on these platforms, the logs of its pipelines.
    Public,
    /// Not everybody.
    Restricted,
    /// The platform does not say.
    Unsaid,
}

/// What the platform says. GitHub, Gitea and Forgejo tell it with the event, GitLab in a variable; the others do not.
pub fn visibility(environment: &Environment) -> Visibility {
    match System::of(environment) {
        System::GithubActions | System::GiteaActions | System::ForgejoActions => of_event(environment),
        System::Gitlab => match environment.text("CI_PROJECT_VISIBILITY") {
            Some(text) => of_word(text),
            None => Visibility::Unsaid,
        },
        _ => Visibility::Unsaid,
    }
}

fn of_word(word: &str) -> Visibility {
    if word.eq_ignore_ascii_case("public") { Visibility::Public } else { Visibility::Restricted }
}

fn of_event(environment: &Environment) -> Visibility {
    if let Some(word) = environment.event_text("/repository/visibility") {
        return of_word(word);
    }
    match environment.event.as_ref().and_then(|event| event.pointer("/repository/private")) {
        Some(Value::Bool(false)) => Visibility::Public,
        Some(Value::Bool(true)) => Visibility::Restricted,
        _ => Visibility::Unsaid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(variables: &[(&str, &str)], event: Option<Value>) -> Visibility {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        visibility(&Environment { variables, event })
    }

    #[test]
    fn only_what_the_platform_says_counts() {
        let github = [("GITHUB_ACTIONS", "true")];
        assert_eq!(of(&github, Some(json!({"repository": {"private": false}}))), Visibility::Public);
        assert_eq!(of(&github, Some(json!({"repository": {"private": true}}))), Visibility::Restricted);
        // Of an enterprise: all of its members, not everybody.
        let internal = json!({"repository": {"private": true, "visibility": "internal"}});
        assert_eq!(of(&github, Some(internal)), Visibility::Restricted);
        assert_eq!(of(&github, None), Visibility::Unsaid);
        let gitlab = |word| of(&[("GITLAB_CI", "true"), ("CI_PROJECT_VISIBILITY", word)], None);
        assert_eq!(
            ["public", "internal", "private"].map(gitlab),
            [Visibility::Public, Visibility::Restricted, Visibility::Restricted]
        );
        assert_eq!(of(&[("JENKINS_URL", "x"), ("CI_PROJECT_VISIBILITY", "public")], None), Visibility::Unsaid);
        assert_eq!(of(&[], Some(json!({"repository": {"private": false}}))), Visibility::Unsaid);
    }
}
