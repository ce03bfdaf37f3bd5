//! Tokens of base64 are found whatever they start with: one in 32 starts with `+` or `/`, or with `-` or `_`.

use crate::corpus::corpus;
use crate::partitions::{check_cuts, check_streams, report, whole};
use detect::{Hit, proofs};
use rules::{Anchor, sample};
use testkit::{Rng, secrets};

const BASE64: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/";

fn of_rule<'h>(hits: &'h [Hit], id: &str) -> impl Iterator<Item = &'h Hit> {
    let rule = corpus().detector.ruleset().get(id).expect("a built-in rule").0 as u32;
    hits.iter().filter(move |hit| hit.rule == rule)
}

#[test]
fn secret_access_keys_are_found_whatever_they_start_with() {
    let mut rng = Rng::new(41);
    let mut faults = Vec::new();
    for (index, first) in BASE64.iter().enumerate().flat_map(|pair| [pair; 8]) {
        let id = secrets::aws_key_id(&mut rng);
        let secret = [&[*first][..], &secrets::aws_secret(&mut rng)[1..]].concat();
        // One in 900 has none, and is found by its id alone.
        let has_digit = secret.iter().any(u8::is_ascii_digit);
        let with = |before: &str, after: &str| [before.as_bytes(), &secret, after.as_bytes()].concat();
        let named = [
            with("aws_secret_access_key = ", "\n"),
            with("AWS_SECRET_ACCESS_KEY=", "\n"),
            with("{\"SecretAccessKey\": \"", "\"}"),
            with("export AWS_SECRET_ACCESS_KEY='", "'"),
            with("url?aws_secret_access_key%3D", "&x"),
        ];
        for text in named.iter().filter(|_| has_digit) {
            let hits = whole(&corpus().detector, text);
            if !of_rule(&hits, "aws-secret-access-key").any(|hit| hit.secret.of(text) == secret) {
                faults.push(format!("starting with {}: not found by its name", *first as char));
            }
        }
        let pair = [&id[..], [" ", ":", "\n", "\", \""][index % 4].as_bytes(), &secret, b"\n"].concat();
        let hits = whole(&corpus().detector, &pair);
        if !of_rule(&hits, "aws-access-key").any(|hit| hit.parts.iter().any(|(_, part)| part.of(&pair) == secret)) {
            faults.push(format!("starting with {}: not found by its id", *first as char));
        }
    }
    report(&faults);
}

#[test]
fn tokens_that_start_with_a_mark_are_found_by_every_rule_that_takes_them() {
    let corpus = corpus();
    let (mut faults, mut rules) = (Vec::new(), Vec::new());
    for (index, rule) in corpus.detector.ruleset().rules().iter().enumerate() {
        let Anchor::Token { .. } = rule.anchor else { continue };
        let details = corpus.detector.ruleset().details(index);
        let Some(example) = details.examples.first() else { continue };
        for seed in 0..400 {
            let rendered = sample::render(example, rule, &details, &proofs::seal, seed);
            let Ok(sample::Rendered { text, secret: Some(secret), .. }) = rendered else { continue };
            if !b"+/_-".contains(&secret[0]) || !secret.iter().any(u8::is_ascii_digit) {
                continue;
            }
            rules.push(index);
            let hits = whole(&corpus.keeping, &text);
            let Some(hit) = hits.iter().find(|hit| hit.rule as usize == index && hit.secret.of(&text) == secret) else {
                faults.push(format!("{}: seed {seed}: {}", rule.id, text.escape_ascii()));
                continue;
            };
            let start = hit.secret.start;
            faults.extend(check_cuts(&text, &[start.saturating_sub(1), start, start + 1]).err());
            faults.extend(check_streams(&text, &[1]).err());
        }
    }
    rules.dedup();
    assert!(rules.len() >= 10, "only {} rules take such tokens", rules.len());
    report(&faults);
}
