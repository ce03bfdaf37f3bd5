use super::*;

fn checked(rules: &str) -> Checked {
    let mut ruleset = Ruleset::empty();
    ruleset.add_text("own.toml", &format!("provider = \"Own\"\n{rules}")).expect("rules that compile");
    check(&Arc::new(ruleset))
}

fn prefix_rule(rest: &str) -> Checked {
    checked(&format!(
        "[[rule]]\nid = \"own\"\nname = \"Own\"\nseverity = \"low\"\nshape = 'own_[0-9A-Za-z]{{24}}'\n{rest}"
    ))
}

#[test]
fn a_rule_that_does_what_it_says_passes() {
    let checked =
        prefix_rule("examples = ['a={secret}', '\"{secret}\"']\nnear_misses = ['{secret:short}', 'x{secret}']");
    assert_eq!(checked, Checked { examples: 2, near_misses: 2, ..Checked::default() });
}

#[test]
fn an_example_that_is_not_found_fails_with_the_reason() {
    let checked = prefix_rule("examples = ['{secret}', 'x{secret}', 'own']");
    let failures: Vec<_> = checked.failures.iter().map(|f| f.what.as_str()).collect();
    assert_eq!(failures, ["example 2", "example 3"]);
    assert!(checked.failures[0].why.contains("a letter or digit stands before it"), "{checked:?}");
    assert!(checked.failures[1].why.contains("none of `own_` stands in the text"), "{checked:?}");
}

#[test]
fn an_example_whose_secret_is_another_fails() {
    let checked = prefix_rule("examples = ['own_{base62:24} not {secret:lower}{secret}']");
    assert!(checked.failures[0].why.starts_with("another secret is found: bytes 0..28"), "{checked:?}");
}

#[test]
fn a_near_miss_that_is_found_fails() {
    let checked = prefix_rule("examples = ['{secret}']\nnear_misses = ['{secret:short}', 'a {secret:unsealed}']");
    assert_eq!(checked.failures.len(), 1);
    assert_eq!(checked.failures[0].what, "near miss 2");
    assert!(checked.failures[0].why.starts_with("found with confidence high: `own_` stands at 1:3"), "{checked:?}");
}

#[test]
fn a_near_miss_with_a_broken_checksum_may_stay_low() {
    let checked = prefix_rule("proof = \"crc32-base62-6\"\nexamples = ['{secret}']\nnear_misses = ['{secret:flip}']");
    assert_eq!(checked.failures, []);
}

#[test]
fn a_template_that_does_not_render_fails_once() {
    let checked = prefix_rule("examples = ['{secret:tall}']");
    assert_eq!(checked.failures.len(), 1);
    assert!(checked.failures[0].why.contains("cannot be rendered"), "{checked:?}");
}

#[test]
fn rules_without_examples_are_named() {
    assert_eq!(prefix_rule("").untested, ["own"]);
}

#[test]
fn a_likelihood_that_values_do_not_reach_fails() {
    let check = |names: &str, least: &str| {
        let head = "[[rule]]\nid = \"own\"\nname = \"Own\"\nseverity = \"low\"";
        let examples = "examples = ['password = \"{secret}\"']";
        checked(&format!("{head}\nassignment = {{ {names} }}\nmin_likelihood = {least}\n{examples}")).failures
    };
    assert_eq!(check("names = [\"password\"]", "0.1"), []);
    let never = check("names = [\"password\"], length = [4, 6]", "1.0");
    assert!(never[0].why.contains("of 100, at least 100 wanted (in "), "{never:?}");
}
