use super::*;
use crate::Ruleset;

/// Accepts every secret as it is: what a shape looks like does not depend on proofs.
fn no_seal(_: Proof, _: &mut Vec<u8>) -> bool {
    true
}

fn matches_whole(rule: &Rule, details: &Details, text: &[u8]) -> bool {
    match &rule.matcher {
        Matcher::Shape(shape) => shape.match_at(text).is_some_and(|found| found.len == text.len()),
        Matcher::Pattern(_) => {
            let bytes = regex_automata::util::syntax::Config::new().unicode(false).utf8(false);
            let anchored = format!("^(?:{})$", details.written);
            let regex = regex_automata::meta::Regex::builder().syntax(bytes).build(&anchored);
            regex.expect("a rule's pattern").is_match(text)
        }
        _ => true,
    }
}

#[test]
fn every_template_of_every_built_in_rule_renders() {
    let ruleset = Ruleset::builtin();
    for (index, rule) in ruleset.rules().iter().enumerate() {
        // What a log says has no example text.
        if matches!(rule.matcher, Matcher::Path | Matcher::Log(_)) {
            continue;
        }
        let details = ruleset.details(index);
        assert!(details.examples.len() >= 2, "{}: two examples, please", rule.id);
        assert!(details.near_misses.len() >= 2, "{}: two near misses, please", rule.id);
        for template in details.examples.iter().chain(&details.near_misses) {
            let rendered = render(template, rule, &details, &no_seal, 7).unwrap_or_else(|e| panic!("{e}: {template}"));
            assert!(!rendered.text.is_empty(), "{}: {template}", rule.id);
        }
    }
}

#[test]
fn every_example_holds_its_secret() {
    let ruleset = Ruleset::builtin();
    for (index, rule) in ruleset.rules().iter().enumerate() {
        let details = ruleset.details(index);
        for template in &details.examples {
            let rendered = render(template, rule, &details, &no_seal, 7).unwrap_or_else(|e| panic!("{e}: {template}"));
            let Some(secret) = rendered.secret else {
                // What counts for random values alone has examples of them.
                assert!(rule.generic && template.contains("{base62:"), "{}: no secret in {template}", rule.id);
                continue;
            };
            let held = rendered.text.windows(secret.len()).any(|w| w == secret);
            assert!(held, "{}: {template}", rule.id);
        }
    }
}

#[test]
fn samples_match_and_cut_ones_do_not() {
    let ruleset = Ruleset::builtin();
    for (index, rule) in ruleset.rules().iter().enumerate() {
        // Of a dump any value counts, a short one, too.
        let is_sampled = matches!(rule.matcher, Matcher::Shape(_) | Matcher::Pattern(_)) && !rule.declared;
        if !is_sampled {
            continue;
        }
        let details = ruleset.details(index);
        for seed in 0..20 {
            let form = |form| render(form, rule, &details, &no_seal, seed).unwrap_or_else(|e| panic!("{e}"));
            let whole = form("{secret}");
            assert!(matches_whole(rule, &details, &whole.text), "{} with seed {seed}", rule.id);
            assert!(!matches_whole(rule, &details, &form("{secret:short}").text), "{} short, seed {seed}", rule.id);
            assert!(!matches_whole(rule, &details, &form("{secret:long}").text), "{} long, seed {seed}", rule.id);
            assert!(whole == form("{secret}"), "{} with seed {seed}", rule.id);
        }
    }
}

/// One shape rule with groups, a companion and a proof, as the tests below need them.
fn rule() -> (Rule, Details) {
    let text = r#"
        provider = "Acme"
        [[rule]]
        id = "acme-key"
        name = "Acme key"
        severity = "low"
        shape = 'acme_(?P<identity>[0-9a-f]{8})_(?P<secret>[0-9A-Za-z]{20,300})'
        proof = "crc32-base62-6"
        [[rule.companion]]
        name = "host"
        shape = '[a-z]{8}\.acme\.example'
    "#;
    crate::compile::compile_file("acme.toml", text).expect("a sound rule").remove(0)
}

fn rendered(template: &str, seed: u64) -> Result<Rendered, Error> {
    let (rule, details) = rule();
    let seal = |_: Proof, secret: &mut Vec<u8>| {
        secret.extend(b"SEALED");
        true
    };
    render(template, &rule, &details, &seal, seed)
}

fn text(template: &str) -> String {
    String::from_utf8(rendered(template, 3).expect("a sound template").text).expect("ASCII")
}

#[test]
fn a_secret_is_sealed_and_the_same_wherever_it_stands() {
    let made = rendered("{secret} {secret}", 3).expect("a sound template");
    let text = String::from_utf8(made.text).expect("ASCII");
    let (first, second) = text.split_once(' ').expect("two words");
    assert_eq!(first, second);
    assert!(first.ends_with("SEALED"));
    let secret = made.secret.expect("there is one");
    assert_eq!(first.as_bytes()[14..], secret, "behind the prefix, the identity and two underlines");
}

#[test]
fn variants_differ_from_the_secret_as_they_say() {
    let words: Vec<String> =
        text("{secret} {secret:short} {secret:long} {secret:flip} {secret:upper} {secret:lower} {secret:repeat}")
            .split(' ')
            .map(str::to_owned)
            .collect();
    let [whole, short, long, flip, upper, lower, repeat] = &words[..] else { panic!("seven words") };
    assert_eq!(short.len(), 14 + 19);
    assert!(whole.starts_with(short.as_str()));
    assert_eq!(long.len(), 14 + 301);
    assert!(long.starts_with(whole.as_str()));
    assert_eq!(whole.bytes().zip(flip.bytes()).filter(|(a, b)| a != b).count(), 1);
    assert_eq!((upper, lower), (&whole.to_ascii_uppercase(), &whole.to_ascii_lowercase()));
    assert_eq!(repeat.len(), whole.len());
    assert_eq!(repeat[..14], format!("acme_{}_", "a".repeat(8)));
    assert!(repeat[14..].bytes().all(|b| b == repeat.as_bytes()[14]));
}

#[test]
fn random_fields_have_their_alphabet_and_length() {
    let fields =
        text("{hex:6}|{HEX:7}|{digits:8}|{upper:3}|{lower:4}|{alnum-lower:5}|{base62:40}|{password}|{uuid}|{{}}");
    let fields: Vec<&str> = fields.split('|').collect();
    let lengths: Vec<usize> = fields.iter().map(|f| f.len()).collect();
    assert_eq!(lengths, [6, 7, 8, 3, 4, 5, 40, 16, 36, 2]);
    assert!(fields[0].bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()));
    assert!(fields[2].bytes().all(|b| b.is_ascii_digit()));
    assert_eq!(&fields[8][14..15], "4");
    assert_eq!(fields[9], "{}");
    assert!(text("{part:host}").ends_with(".acme.example"));
    assert!(rendered("{hex:32}", 1).ok() != rendered("{hex:32}", 2).ok());
}

#[test]
fn faulty_templates_are_named() {
    let message = |template| rendered(template, 3).err().expect("a fault").to_string();
    assert!(message("{secrets}").contains("no form of templates"));
    assert!(message("{hex}").contains("{hex:32}"));
    assert!(message("{part:port}").contains("known are host"));
    assert!(message("{secret:tiny}").contains("known are short"));
    assert!(message("a } b").contains("write '}}'"));
    assert!(message("a { b").contains("write '{{'"));
    assert!(message("{secrets}").starts_with("acme.toml:3: rule 'acme-key'"));
}

#[test]
fn a_sample_that_no_seal_fits_is_an_error() {
    let (rule, details) = rule();
    let message = render("{secret}", &rule, &details, &|_, _| false, 1).err().expect("a fault").to_string();
    assert!(message.contains("crc32-base62-6"), "{message}");
}

#[test]
fn patterns_are_sampled_with_their_groups() {
    let hir = pattern::parse(r"\bab(?:c|d){2,3}=(?P<secret>[0-9]{4}(?:x[a-f]{2})?)\b").expect("an expression");
    for seed in 0..50 {
        let sample = Sampler::new(seed).pattern(&hir);
        let text = String::from_utf8(sample.bytes.clone()).expect("ASCII");
        let (name, value) = text.split_once('=').expect("a separator");
        assert!(name.starts_with("ab") && (4..=5).contains(&name.len()), "{text}");
        assert_eq!(&sample.bytes[sample.secret], value.as_bytes());
        assert!([4, 7].contains(&value.len()), "{text}");
    }
}
