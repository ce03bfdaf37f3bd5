//! gitleaks' own configuration. It is not ours to keep here: `DEADKEY_GITLEAKS_TOML` names it.

use super::finder::expression;
use rules::Matcher;
use rules::gitleaks::import;

/// Rules with a repetition that has no upper bound.
const OPEN: [&str; 17] = [
    "1password-service-account-token",
    "curl-auth-header",
    "curl-auth-user",
    "facebook-page-access-token",
    "flyio-access-token",
    "freemius-secret-key",
    "generic-api-key",
    "jwt",
    "jwt-base64",
    "kubernetes-secret-yaml",
    "microsoft-teams-webhook",
    "nuget-config-password",
    "private-key",
    "slack-app-token",
    "slack-bot-token",
    "slack-legacy-token",
    "yandex-access-token",
];
/// Rules whose matches need not contain a keyword.
const NEAR: [&str; 6] = [
    "airtable-personnal-access-token",
    "facebook-access-token",
    "sidekiq-sensitive-url",
    "slack-config-access-token",
    "slack-webhook-url",
    "sourcegraph-access-token",
];

#[test]
#[ignore = "reads gitleaks' default configuration, the file that DEADKEY_GITLEAKS_TOML names"]
fn every_rule_of_the_default_configuration_runs() {
    let file = std::env::var("DEADKEY_GITLEAKS_TOML").expect("the variable names the file");
    let text = std::fs::read_to_string(&file).expect("a readable file");
    let imported = import(&file, &text).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(imported.rules.len(), 222);
    let with = |words: &str| -> Vec<&str> {
        let differs = imported.rules.iter().filter(|(_, d)| d.differences.iter().any(|s| s.contains(words)));
        differs.map(|(rule, _)| rule.id.as_str()).collect()
    };
    assert_eq!(with("no upper bound"), OPEN);
    assert_eq!(with("need not contain a keyword"), NEAR);
    assert_eq!(imported.warnings.len(), OPEN.len() + NEAR.len(), "{:#?}", imported.warnings);
    for (rule, _) in &imported.rules {
        if let Matcher::Pattern(pattern) = &rule.matcher {
            expression(&pattern.regex).unwrap_or_else(|e| panic!("{}: {e}", rule.id));
        }
    }
}
