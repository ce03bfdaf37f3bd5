//! `docs/validation.md` says what the rules say.

use rules::{How, Ruleset};
use std::path::Path;

const MARK: &str = "<!-- generated -->\n";

#[test]
fn the_document_is_that_of_the_rules() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/validation.md");
    let text = std::fs::read_to_string(&path).expect("docs/validation.md is part of the tree");
    let (head, written) = text.split_once(MARK).expect("the mark before what is generated");
    let generated = format!("\n{}", validate::document(&Ruleset::builtin()));
    if std::env::var_os("DEADKEY_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{head}{MARK}{generated}")).expect("it can be written");
        return;
    }
    assert!(
        written == generated,
        "docs/validation.md is not what the rules say; make it: DEADKEY_WRITE_DOCS=1 cargo test -p validate --test document"
    );
}

#[test]
fn what_counts_as_a_refusal_rests_on_the_providers_word() {
    let ruleset = Ruleset::builtin();
    for (at, rule) in ruleset.rules().iter().enumerate() {
        let Some(verify) = ruleset.details(at).verify else { continue };
        let rests = verify.experimental || verify.source.starts_with("https://");
        assert!(rests, "{}: cite the page its check rests on (`source`), or mark it `experimental`", rule.id);
    }
}

#[test]
fn what_is_sent_to_revoke_rests_on_the_providers_word() {
    let ruleset = Ruleset::builtin();
    let mut by_request = 0;
    for (at, rule) in ruleset.rules().iter().enumerate() {
        let Some(revoke) = ruleset.details(at).revoke else { continue };
        by_request += usize::from(revoke.how.is_requests());
        let rests = !revoke.how.is_requests() || revoke.source.starts_with("https://");
        assert!(rests, "{}: cite the page its revocation rests on (`source`)", rule.id);
        let has_code = ["aws-access-key", "aws-secret-access-key", "akeyless-access-key"].contains(&rule.id.as_str());
        assert_eq!(revoke.how == How::Code, has_code, "{}", rule.id);
    }
    assert!(by_request >= 55, "{by_request}");
}
