use model::RuleRef;

/// What a credential is called: the rule's name, and the provider where the name does not say it.
pub(crate) fn title(rule: &RuleRef) -> String {
    let provider = rule.provider.trim();
    let said = rule.name.to_lowercase().contains(&provider.to_lowercase());
    if said || provider == "Generic" { rule.name.clone() } else { format!("{} ({provider})", rule.name) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Severity;

    #[test]
    fn the_provider_is_said_once() {
        let title = |name: &str, provider: &str| {
            let (name, provider) = (name.to_owned(), provider.to_owned());
            let severity = Severity::Low;
            title(&RuleRef { id: String::new(), name, provider, severity, tags: Vec::new(), rotate: String::new() })
        };
        assert_eq!(title("GitHub token", "GitHub"), "GitHub token");
        assert_eq!(title("AWS access key", "Amazon Web Services"), "AWS access key (Amazon Web Services)");
        assert_eq!(title("Private key", "Generic"), "Private key");
        assert_eq!(title("Private key", ""), "Private key");
    }
}
