use super::*;
use rules::sample::{self, Rendered};

/// A rule of every kind.
const KINDS: &str = r#"
provider = "Kinds"

[[rule]]
id = "prefix"
name = "A prefix"
severity = "low"
shape = 'knd_[0-9A-Za-z]{20}-[0-9a-f]{4,8}'
min_entropy = 2.0

[[rule]]
id = "sealed"
name = "A prefix with a checksum"
severity = "low"
shape = 'knds_[0-9A-Za-z]{36}'
proof = "crc32-base62-6"

[[rule]]
id = "token"
name = "A token with a keyword"
severity = "low"
shape = '[0-9a-f]{32}'
keywords = ["kindred"]

[[rule]]
id = "literal"
name = "A literal that is no token"
severity = "low"
shape = '#knd\{[0-9a-f]{24,48}\}'

[[rule]]
id = "pattern"
name = "An expression behind its literal"
severity = "low"
pattern = 'kndr:(?P<secret>[a-z]{4}(?:-[0-9a-f]{8}){3});'

[[rule]]
id = "around"
name = "An expression around its keyword"
severity = "low"
pattern = '\b[a-z]{3,12}kndcore[0-9]{12}\b'
keywords = ["kndcore"]

[[rule]]
id = "assignment"
name = "A value assigned to a name"
severity = "low"
generic = true
assignment = { names = ["api_key", "password"], length = [8, 100] }

[[rule]]
id = "userinfo"
name = "A password in a URL"
severity = "low"
userinfo = { schemes = ["kinds"] }

[[rule]]
id = "armour"
name = "An armoured block"
severity = "low"
armour = { labels = ["KND PRIVATE KEY"] }

[[rule]]
id = "parts"
name = "A part with another"
severity = "low"
shape = 'KNDID[0-9A-Z]{16}'
[[rule.companion]]
name = "other"
shape = '[0-9A-Za-z+/]{40}'
distance = 100
required = true
"#;

fn ruleset() -> Arc<Ruleset> {
    let mut ruleset = Ruleset::empty();
    ruleset.add_text("kinds.toml", KINDS).expect("rules that compile");
    Arc::new(ruleset)
}

/// A text for the rule, in which `{secret}` stands for a credential of it.
fn text(ruleset: &Ruleset, id: &str, template: &str) -> Rendered {
    let (index, rule) = ruleset.get(id).expect("one of the rules above");
    sample::render(template, rule, &ruleset.details(index), &crate::proofs::seal, 11).expect("a template that renders")
}

fn explain(id: &str, template: &str) -> (Explanation, Rendered) {
    let ruleset = ruleset();
    let rendered = text(&ruleset, id, template);
    let explainer = Explainer::new(ruleset.clone(), Options::default());
    let index = ruleset.get(id).expect("one of the rules above").0;
    (explainer.explain(index, &rendered.text, Show::default()), rendered)
}

#[track_caller]
fn objects(id: &str, template: &str, why: &str) {
    let (explanation, _) = explain(id, template);
    assert!(!explanation.is_finding(), "{id}: {template}: {explanation:#?}");
    let objection = explanation.objection().unwrap_or_default();
    assert!(objection.contains(why), "{id}: {template}: {objection}");
}

/// For every kind of rule a text that it finds.
const FINDINGS: &[(&str, &str)] = &[
    ("prefix", "key = '{secret}'"),
    ("sealed", "key = '{secret}'"),
    ("token", "kindred_id: {secret}"),
    ("token", "kindred:\n  enabled: true\n  api_key: {secret}"),
    ("token", "\"kindred\": {{\n  \"on\": true,\n  \"key\": \"{secret}\""),
    ("token", "KINDS='{secret}'"),
    ("token", "kinds => \"{secret}\""),
    ("literal", "x {secret} y"),
    ("pattern", "a {secret} b"),
    ("around", "a {secret} b"),
    ("assignment", "DB_PASSWORD = \"{secret}\""),
    ("userinfo", "kinds://me:{secret}@host.example/x"),
    ("armour", "{secret}\n"),
    ("parts", "id {secret} key {part:other}"),
];

#[test]
fn findings_are_told_to_their_end() {
    for (id, template) in FINDINGS {
        let (explanation, rendered) = explain(id, template);
        let first = &explanation.candidates[0];
        assert!(first.is_finding(), "{id}: {explanation:#?}");
        assert!(first.steps.iter().all(|step| step.ok), "{id}: {first:#?}");
        assert!(first.steps.last().is_some_and(|step| step.text.starts_with("confidence ")), "{id}: {first:#?}");
        let secret = first.secret.expect("a finding has a secret").of(&rendered.text);
        assert_eq!(Some(secret), rendered.secret.as_deref(), "{id}");
    }
}

#[test]
fn a_prefix_says_where_it_breaks_off() {
    objects("prefix", "key = 'none of it'", "none of `knd_` stands in the text");
    objects("prefix", "key = KND_{base62:20}-{hex:4}", "`knd_` stands at 1:7 in other case");
    objects(
        "prefix",
        "key = 'knd_{base62:19}-{hex:4}'",
        "in part 2 of 4: 20 of [0-9A-Za-z] wanted, 19 stand there, then a '-'",
    );
    objects("prefix", "x{secret}", "a letter or digit stands before it");
    objects("prefix", "{secret}{hex:8}", "the word goes on behind the match: ");
    objects("prefix", "{secret:repeat}", "");
    objects(
        "prefix",
        "knd_{base62:8} and on",
        "16 bytes of a token are needed from there on; after 12 bytes follows a space",
    );
}

#[test]
fn a_failed_proof_is_told_and_is_low() {
    let (explanation, _) = explain("sealed", "key = '{secret:flip}'");
    let first = &explanation.candidates[0];
    assert_eq!(first.conclusion, Conclusion::Finding(Confidence::Low));
    assert_eq!(first.objection(), Some("its offline proof crc32-base62-6 failed, so its confidence is low"));
}

#[test]
fn a_token_says_what_its_keyword_lacks() {
    objects("token", "id: {secret}", "no keyword (`kindred`) starts a word within 96 bytes before");
    objects("token", "kindred {hex:0}\n\n\n{secret}", "speaks for its own line, the next");
    objects("token", "my_kinds: {secret}", "no keyword");
    objects("token", "kinds are {secret}", "no keyword");
    objects("token", "kindred:\n  enabled: true\n  size: {secret}", "speaks for its own line, the next");
    objects("token", "{secret} is kindred", "stands only behind it or inside a longer word");
    objects(
        "token",
        &format!("kindred {} {{secret}}", ".".repeat(100)),
        "`kindred` starts 109 bytes before, too far away",
    );
    objects("token", "kindred {secret:long}", "its length does not fit: 32 bytes are wanted");
    objects("token", "kindred {secret}_{lower:4}", "the word goes on behind");
}

#[test]
fn an_expression_says_which_part_is_missing() {
    objects("pattern", "kndr:abcd-{hex:8}-{hex:8} ", "breaks off");
    objects("around", "akndcore{digits:12}", "no match that covers it");
}

#[test]
fn an_assignment_says_what_is_bound() {
    objects("assignment", "password = \"{password:6}\"", "is bound to a value of 6 bytes; the rule takes 8 to 100");
    objects("assignment", "the password {password:16} expires", "no value is bound to the name");
    objects("assignment", "passwordless = \"{secret}\"", "a piece of another word");
    let (explanation, _) = explain("assignment", "password={secret}");
    assert!(explanation.candidates[0].conditions[0].contains("without quotes"), "{explanation:#?}");
}

#[test]
fn urls_blocks_and_parts_say_what_is_missing() {
    objects("userinfo", "https://me:{secret}@host.example/x", "its scheme is none of `kinds`");
    objects("userinfo", "kinds://host.example/{secret}", "no `user:password@host`");
    objects("armour", "{pem:KND PUBLIC KEY}", "its label is none of `KND PRIVATE KEY`");
    objects(
        "parts",
        "id {secret} alone",
        "its companion `other`, which the rule requires, does not stand within 100 bytes",
    );
}

#[test]
fn no_step_tells_a_secret() {
    for (id, template) in FINDINGS {
        let (explanation, rendered) = explain(id, template);
        let secret = rendered.secret.expect("each template has one");
        let told = format!("{explanation:?}");
        // Redaction shows the public prefix and four more; any eight bytes further on must not appear.
        let hidden = secret.windows(8).skip(12);
        let told_part = hidden.map(String::from_utf8_lossy).find(|part| told.contains(&**part));
        assert!(told_part.is_none() || *id == "armour" && told.contains("KEY"), "{id}: {told_part:?} in {told}");
    }
}

#[test]
fn secrets_are_told_where_they_are_asked_for() {
    let ruleset = ruleset();
    let rendered = text(&ruleset, "prefix", "{secret}");
    let explainer = Explainer::new(ruleset, Options::default());
    let explanation = explainer.explain(0, &rendered.text, Show { secrets: true, ..Show::default() });
    let secret = String::from_utf8(rendered.secret.expect("a secret")).expect("ASCII");
    assert!(explanation.candidates[0].steps.iter().any(|step| step.text.contains(&secret)));
}

#[test]
fn one_candidate_is_kept_for_each_reason_and_the_rest_counted() {
    let (explanation, _) = explain("prefix", &format!("{} xknd_ {{secret}}", "knd_x ".repeat(3000)));
    assert!(explanation.candidates[0].is_finding());
    assert_eq!(explanation.candidates.len(), 3);
    assert_eq!(explanation.candidates.len() + explanation.left_off, 3002);
}

#[test]
fn no_more_candidates_are_kept_than_asked_for_but_all_findings() {
    let misses: String = (11..20).map(|len| format!("knd_{} ", &"a1".repeat(10)[..len])).collect();
    let (explanation, _) = explain("prefix", &format!("{misses} {}", "{secret} {secret:unsealed} ".repeat(4)));
    assert_eq!(explanation.candidates.iter().filter(|c| c.is_finding()).count(), 8);
    let (explanation, _) = explain("prefix", &misses);
    assert_eq!(explanation.candidates.len(), Show::default().candidates);
}

#[test]
fn places_count_lines_and_utf_16_columns() {
    let text = "one\nzwei ä😀 knd".as_bytes();
    assert_eq!(Lines::new(text).place(text.len() - 3), Place { offset: text.len() - 3, line: 2, column: 10 });
    assert_eq!(Lines::new(b"\xff\xffx").place(2), Place { offset: 2, line: 1, column: 3 });
}

/// What an explanation must never come to say: that it and the scan differ.
fn agrees(explainer: &Explainer, rule: usize, text: &[u8]) -> Result<bool, String> {
    let explanation = explainer.explain(rule, text, Show { secrets: true, candidates: 64 });
    let differs = |step: &Step| step.text.contains("a scan does not come") || step.text.contains("not retraced here");
    if explanation.candidates.iter().flat_map(|c| &c.steps).any(differs) {
        return Err(format!("{explanation:#?}\n{}", text.escape_ascii()));
    }
    Ok(explanation.is_finding())
}

/// Texts near to one that is found: cut, changed, moved to the edges.
fn mutations(text: &[u8], mut each: impl FnMut(&[u8])) {
    each(text);
    for at in 0..text.len() {
        each(&text[at..]);
        each(&text[..at]);
        for byte in [b' ', b'"', b'7', b'q', b'-', b'\\', b'\n'] {
            let mut changed = text.to_vec();
            changed[at] = byte;
            each(&changed);
        }
        each(&[&text[..at], b"\\n", &text[at..]].concat());
    }
}

#[test]
fn explanation_and_scan_agree_on_every_kind() {
    let ruleset = ruleset();
    let explainer = Explainer::new(ruleset.clone(), Options::default());
    let mut found = 0;
    for (id, template) in FINDINGS {
        // A block is long; its head and its end are like those of the others.
        let rendered = text(&ruleset, id, template);
        let index = ruleset.get(id).expect("one of the rules above").0;
        if *id == "armour" {
            found += usize::from(agrees(&explainer, index, &rendered.text).unwrap());
            continue;
        }
        mutations(&rendered.text, |text| found += usize::from(agrees(&explainer, index, text).unwrap()));
    }
    assert!(found > 500, "{found}");
}

#[test]
fn explanation_and_scan_agree_on_every_built_in_rule() {
    let ruleset = Arc::new(Ruleset::builtin());
    let explainer = Explainer::new(ruleset.clone(), Options::default());
    for (index, rule) in ruleset.rules().iter().enumerate() {
        let details = ruleset.details(index);
        for template in details.examples.iter().chain(&details.near_misses) {
            let Ok(rendered) = sample::render(template, rule, &details, &crate::proofs::seal, 5) else { continue };
            agrees(&explainer, index, &rendered.text).unwrap();
        }
    }
}

#[test]
fn what_is_encoded_is_explained_where_it_stands() {
    let ruleset = ruleset();
    let rendered = text(&ruleset, "prefix", "the key is '{secret}', keep it");
    let encoded = base64(&rendered.text);
    let whole = [b"data: \"", &encoded[..], b"\"\n"].concat();
    let explainer = Explainer::new(ruleset, Options::default());
    let explanation = explainer.explain(0, &whole, Show::default());
    let first = &explanation.candidates[0];
    assert!(first.is_finding(), "{explanation:#?}");
    assert_eq!(first.decoded, [Decoder::Base64]);
    assert!(first.steps[0].text.contains("encoded at 1:"), "{first:#?}");
    assert!(agrees(&explainer, 0, &whole).unwrap());
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        text.extend((0..=chunk.len()).map(|i| DIGITS[(bits >> (18 - 6 * i) & 63) as usize]));
    }
    text.resize(text.len().next_multiple_of(4), b'=');
    text
}
