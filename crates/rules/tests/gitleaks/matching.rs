//! Imported rules find what their expressions find, and no more.

use super::finder::{expression, secrets};
use super::{config, read, rule};
use rules::{Anchor, Matcher};

/// Some characters that look random, the same ones for the same length.
fn value(alphabet: &str, len: usize) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    (0..len).map(|i| alphabet[(i * i * 7 + i * 5 + 3) % alphabet.len()]).collect()
}

const LOWER: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

#[test]
fn plain_tokens_run_as_shapes_and_end_where_words_end() {
    let imported = config("every-key.toml");
    let (token, _) = rule(&imported, "acme-token");
    assert!(matches!((&token.matcher, &token.anchor), (Matcher::Shape(_), Anchor::Prefix(_))));
    let secret = format!("acme_{}", value(LOWER, 24));
    for text in [secret.clone(), format!("x = \"{secret}\""), format!("a-{secret}-b"), format!("ä{secret}.")] {
        assert_eq!(secrets(token, &text).iter().collect::<Vec<_>>(), [&secret], "{text}");
    }
    for text in [format!("x{secret}"), format!("_{secret}"), format!("{secret}0"), secret[..28].to_owned()] {
        assert!(secrets(token, &text).is_empty(), "{text}");
    }
}

#[test]
fn the_secret_is_the_group_that_was_asked_for() {
    let imported = config("every-key.toml");
    let secret = value(LOWER, 30);
    let text = format!("service.ACME = '{secret}'");
    assert!(secrets(&rule(&imported, "acme-assigned").0, &text).contains(&secret));
    let (first, _) = rule(&imported, "acme-first-group");
    let number = value("0123456789", 10);
    assert_eq!(secrets(first, &format!("acme:key={number};")).into_iter().collect::<Vec<_>>(), [number]);
    let name = value("abcdefgh", 10);
    assert_eq!(secrets(first, &format!("acme:user={name};")).into_iter().collect::<Vec<_>>(), [name]);
}

#[test]
fn a_keyword_that_is_not_part_of_it_must_be_near() {
    let imported = config("every-key.toml");
    let (near, _) = rule(&imported, "acme-near");
    let secret = value("0123456789abcdef", 32);
    for (before, found) in [(10, true), (900, true), (1100, false)] {
        let text = format!("Acme{}{secret} ", " ".repeat(before));
        assert_eq!(secrets(near, &text).contains(&secret), found, "{before}");
        let text = format!(" {secret}{}Acme", " ".repeat(before));
        assert_eq!(secrets(near, &text).contains(&secret), found, "{before} after");
    }
}

#[test]
fn a_match_that_reaches_its_cap_is_none() {
    let imported = config("every-key.toml");
    let (open, _) = rule(&imported, "acme-open");
    let fits = format!("acme-open-{}", value(LOWER, 4000));
    assert!(secrets(open, &format!("{fits} ")).contains(&fits));
    assert!(secrets(open, &format!("acme-open-{} ", value(LOWER, 5000))).is_empty());
}

#[test]
fn bounds_in_the_middle_hold() {
    let imported = read("[[rules]]\nid = 'a'\nregex = '(?i)acme[ ]{0,9}=[ ]{0,9}([0-9a-z]{70,90})(?:\\s|$)'");
    let (rule, _) = rule(&imported, "a");
    for (len, found) in [(69, false), (70, true), (90, true), (91, false)] {
        let secret = value(LOWER, len);
        assert_eq!(secrets(rule, &format!("Acme= {secret} ")).contains(&secret), found, "{len}");
    }
}

#[test]
fn a_body_is_read_to_its_end() {
    let header = ["-----", "BEGIN ACME KEY", "-----"].concat();
    let footer = ["-----", "END ACME KEY", "-----"].concat();
    let regex = ["-----", "BEGIN ACME KEY", "-----[\\s\\S]{64,}?-----", "END ACME KEY", "-----"].concat();
    let imported = read(&format!("[[rules]]\nid = 'a'\nregex = '''(?i){regex}'''\nkeywords = ['-----begin']"));
    let (rule, _) = rule(&imported, "a");
    let block = format!("{header}\n{}\n{footer}", value(LOWER, 6000));
    assert_eq!(secrets(rule, &format!("key:\n{block}\n")).into_iter().collect::<Vec<_>>(), [block]);
}

#[test]
fn go_reads_some_texts_otherwise() {
    // A brace that repeats nothing, a bracket in a class, no vertical tab among the white space, characters.
    let imported = read(
        "[[rules]]\nid = 'a'\nregex = '''acme\\$({[a-z[]{8}})'''\n[[rules]]\nid = 'b'\nregex = '''acme\\s=([0-9]{8})'''\n\
         [[rules]]\nid = 'c'\nregex = '''acme:([äöü]{3})'''\n[[rules]]\nid = 'd'\nregex = '''acme\\Q.*\\E(\\pL{4})'''",
    );
    let found = |id: &str, text: &str| secrets(&rule(&imported, id).0, text).into_iter().collect::<Vec<_>>();
    assert_eq!(found("a", "acme${abc[defg}"), ["{abc[defg}"]);
    assert_eq!(found("b", "acme\t=12345678"), ["12345678"]);
    assert_eq!(found("b", "acme\x0b=12345678"), [""; 0]);
    assert_eq!(found("c", "acme:äüö"), ["äüö"]);
    assert_eq!(found("d", "acme.*näïv"), ["näïv"]);
}

#[test]
fn every_expression_of_every_configuration_builds() {
    for name in ["every-key.toml", "base.toml", "betterleaks.toml"] {
        for (rule, _) in config(name).rules {
            let own = match &rule.matcher {
                Matcher::Pattern(pattern) => Some(&pattern.regex),
                _ => None,
            };
            let allowed = rule.allow.iter().flat_map(|allow| allow.regexes.iter().chain(&allow.paths));
            for regex in own.into_iter().chain(&rule.path).chain(allowed) {
                expression(regex).unwrap_or_else(|e| panic!("{}: {e}", rule.id));
            }
        }
    }
}
