//! What a configuration says arrives in the rules.

use super::{config, read, rule, warns};
use model::{Confidence, Severity};
use rules::gitleaks::recognises;
use rules::{AllowTarget, Anchor, Matcher};

#[test]
fn configurations_are_told_from_rule_files_of_ours() {
    for text in
        ["[[rules]]\nid = 'a'", "[allowlist]", "[extend]\nuseDefault = true", "[[Allowlists]]", "[[rules]]\n= broken"]
    {
        assert!(recognises(text), "{text}");
    }
    for text in ["provider = 'Acme'\n[[rule]]\nid = 'a'", "provider = 'Acme'", "", "= broken"] {
        assert!(!recognises(text), "{text}");
    }
}

#[test]
fn what_a_rule_says_arrives() {
    let imported = config("every-key.toml");
    let (token, details) = rule(&imported, "acme-token");
    assert_eq!(token.name, "Token of acme's service");
    assert_eq!((token.severity, token.confidence), (Severity::High, Confidence::High));
    assert_eq!((token.min_entropy, token.generic, token.provider.as_str()), (350, false, "Custom"));
    assert_eq!(token.tags, ["acme", "token"]);
    assert_eq!(details.written, r"\b(acme_[0-9a-z]{24})\b");
    assert!(details.source.ends_with("every-key.toml:15"), "{}", details.source);
    assert!(details.differences.is_empty(), "{:?}", details.differences);
    let (assigned, _) = rule(&imported, "acme-assigned");
    assert!(matches!(&assigned.matcher, Matcher::Pattern(p) if p.secret == 2 && p.covers_anchor && p.before > 0));
    assert_eq!((assigned.name.as_str(), assigned.confidence), ("acme-assigned", Confidence::Medium));
    let (keystore, _) = rule(&imported, "acme-keystore");
    assert_eq!((&keystore.matcher, &keystore.anchor), (&Matcher::Path, &Anchor::Path));
    assert_eq!(keystore.path.as_deref(), Some(r"\.acme$"));
    let (ini, _) = rule(&imported, "acme-in-ini");
    assert_eq!(ini.path.as_deref(), Some(r"\.ini$"));
}

#[test]
fn allowlists_arrive_with_the_rules_they_are_for() {
    let imported = config("every-key.toml");
    let allow = &rule(&imported, "acme-token").0.allow;
    assert_eq!(allow.len(), 3 + 2, "its own and the global ones of both files");
    assert!(allow[0].all && allow[0].target == AllowTarget::Secret);
    assert_eq!((&allow[0].paths[..], &allow[0].stopwords[..]), (&[r"\.md$".to_owned()][..], &["demo".to_owned()][..]));
    assert_eq!((allow[1].all, allow[1].target), (false, AllowTarget::Line));
    assert_eq!(allow[2].target, AllowTarget::Match);
    assert_eq!(allow[3].stopwords, ["sample"]);
    assert_eq!(allow[4].regexes, ["^based_0"]);
    let line = rule(&imported, "acme-token").0.reach.before;
    assert!(line >= 1024, "the line is read: {line}");
    for id in ["acme-near", "acme-base"] {
        assert!(rule(&imported, id).0.allow.iter().any(|a| a.regexes == ["^0+$"]), "{id}");
    }
    assert!(imported.warnings.iter().any(|w| w.contains("'acme-nobody', which is not in the file")));
    let [commit] = &imported.commits[..] else { panic!("{:?}", imported.commits) };
    assert_eq!((commit.id.as_str(), &commit.rules[..]), ("0123456789abcdef", &["acme-base".to_owned()][..]));
}

#[test]
fn what_extended_files_say_is_built_on() {
    let imported = config("every-key.toml");
    let (inherits, details) = rule(&imported, "acme-inherits");
    assert_eq!((inherits.name.as_str(), inherits.min_entropy), ("Inherited", 200));
    assert_eq!(inherits.tags, ["theirs", "mine"]);
    assert_eq!(details.written, "acmx([0-9a-z]{16})");
    assert!(imported.rules.iter().all(|(rule, _)| rule.id != "acme-retired"));
    assert!(!imported.extends_default && imported.texts.len() == 1 && imported.disabled.len() == 1);
}

#[test]
fn what_differs_is_said_rule_by_rule() {
    let imported = config("every-key.toml");
    assert!(warns(&imported, "acme-near", "must stand within 1024 bytes"));
    assert!(warns(&imported, "acme-open", "'[0-9a-z]+' has no upper bound"));
    assert!(warns(&imported, "acme-shapeless", "left out: it has no keywords"));
    assert!(warns(&imported, "acme-part", "skipReport"));
    for (rule, details) in &imported.rules {
        for difference in &details.differences {
            assert!(warns(&imported, &rule.id, difference), "{difference}");
        }
    }
    let said: Vec<&str> =
        imported.warnings.iter().filter(|w| w.contains("'acme-token':")).map(String::as_str).collect();
    assert!(said.is_empty(), "nothing to say of a rule that is honoured whole: {said:?}");
}

#[test]
fn required_rules_become_parts_where_their_shape_allows() {
    let imported = config("every-key.toml");
    let (pair, details) = rule(&imported, "acme-pair");
    let parts: Vec<(&str, bool, u32)> =
        pair.companions.iter().map(|c| (c.name.as_str(), c.required, c.distance)).collect();
    assert_eq!(parts, [("acme-token", true, 1024), ("acme-part", false, 1024)]);
    assert_eq!(details.differences.len(), 3);
    assert!(warns(&imported, "acme-pair", "'acme-assigned' (80 column(s)), which is not asked for"));
    assert!(pair.reach.after > 1024);
}

#[test]
fn betterleaks_expressions_are_named_rule_by_rule() {
    let imported = config("betterleaks.toml");
    for words in ["v1.8.0", "'prefilter' is an expression", "'filter' is an expression"] {
        assert!(imported.warnings.iter().any(|w| w.contains(words)), "{words}");
    }
    for words in ["its filter", "its validate", "its specificity"] {
        assert!(warns(&imported, "acme-token", words), "{words}");
    }
    let (token, _) = rule(&imported, "acme-token");
    assert_eq!(token.confidence, Confidence::Low);
    assert_eq!(token.companions.iter().map(|c| c.required).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn values_of_another_kind_are_turned_into_what_is_wanted() {
    let imported = read(
        "[[rules]]\nid = 7\nregex = 'acme_[0-9]{8}'\nkeywords = 'acme_,acme'\nentropy = '2.5'\nsecretGroup = '0'\nskipReport = 'false'",
    );
    let (rule, _) = rule(&imported, "7");
    assert_eq!((rule.min_entropy, &imported.warnings[..]), (250, &[][..]));
}

#[test]
fn one_slow_automaton_takes_all_or_none() {
    let ignore_case = |text: &str| -> Vec<bool> {
        let anchors = read(text).rules.into_iter().map(|(rule, _)| rule.anchor);
        anchors.map(|a| matches!(a, Anchor::Literal { ignore_case: true, .. })).collect()
    };
    let exact = "[[rules]]\nid = 'a'\nregex = 'acme_[0-9]{8}'\n";
    assert_eq!(ignore_case(exact), [false]);
    let with_keyword = format!("{exact}[[rules]]\nid = 'b'\nregex = '[a-z]{{9}}(?i)acme[0-9]{{8}}'\n");
    assert_eq!(ignore_case(&with_keyword), [true, true]);
}

#[test]
fn rules_of_nobody_in_particular_are_generic() {
    let imported = read(
        "[[rules]]\nid = 'generic-thing'\nregex = 'acme_[0-9]{8}'\n\
         [[rules]]\nid = 'words'\nregex = '(?:token|secret)=[0-9]{8}'\nkeywords = ['token', 'Secret']\n\
         [[rules]]\nid = 'own'\nregex = '(?:token|acme)=[0-9]{8}'\nkeywords = ['token', 'acme']",
    );
    let generic: Vec<bool> = imported.rules.iter().map(|(rule, _)| rule.generic).collect();
    assert_eq!(generic, [true, true, false]);
    assert_eq!(imported.rules[1].0.confidence, Confidence::Medium);
}
