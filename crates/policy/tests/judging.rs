//! What must hold of every policy and every text.

use model::{Fingerprint, FingerprintKey, Span};
use policy::{Around, Date, Files, LOOKAHEAD, Lookup, Options, Policy, Root, Ruling, Subject};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Default)]
struct InMemory(BTreeMap<String, Vec<u8>>);

impl Files for InMemory {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(path).cloned())
    }

    fn name(&self, path: &str) -> String {
        path.to_owned()
    }

    fn read_outside(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("{path} lies outside"))
    }

    fn read_shared(&self, repository: &str, _: &str, _: &str) -> Result<Vec<u8>, String> {
        Err(format!("{repository} is not at hand"))
    }
}

fn files(all: &[(&str, &str)]) -> InMemory {
    InMemory(all.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect())
}

fn open(policy: InMemory, judged: Option<InMemory>, start: &str, shown: &str) -> Result<Policy, policy::Fault> {
    let options = Options {
        lookup: Lookup::Search,
        today: "2026-11-27".parse::<Date>().expect("a day"),
        confidence: None,
        reference: judged.is_some().then(|| "main".to_owned()),
        accept_new: false,
        pragmas: true,
        partial: false,
    };
    let root = Root {
        shown: shown.to_owned(),
        start: start.to_owned(),
        is_file: false,
        files: Box::new(policy),
        judged: judged.map(|files| Box::new(files) as Box<dyn Files>),
    };
    Policy::open(vec![root], options)
}

fn fingerprint() -> Fingerprint {
    FingerprintKey::public().fingerprint(b"value")
}

fn judge(policy: &Policy, path: &str, bytes: &[u8], span: Span) -> Ruling {
    let none = Vec::new;
    policy.judge_of(&Subject {
        path,
        rule: "some-rule",
        aliases: &none,
        generic: false,
        fingerprint: &fingerprint(),
        value: b"value",
        name: Some("SOME_TOKEN"),
        line: 1,
        commit: None,
        around: Around { bytes, span },
    })
}

fn is_allowed(ruling: &Ruling) -> bool {
    matches!(ruling, Ruling::Allowed(_))
}

#[test]
fn paths_are_those_of_the_root_however_they_are_shown() {
    let all =
        files(&[(".deadkey.toml", "[[allow]]\npath = '/a/b/x'\n"), ("a/.deadkey.toml", "[[allow]]\npath = '/y'\n")]);
    for (start, shown, path, allowed) in [
        ("", "", "a/b/x", true),
        ("", "", "b/x", false),
        ("a", "a", "a/b/x", true),
        ("a", "", "b/x", true),
        ("a", "../repo/a", "../repo/a/y", true),
        ("a/b", "/srv/repo/a/b", "/srv/repo/a/b/x", true),
        ("a/b", "/srv/repo/a/b", "/srv/repo/a/bb/x", false),
    ] {
        let policy = open(all.clone(), None, start, shown).expect("a policy");
        assert_eq!(is_allowed(&judge(&policy, path, b"", Span::new(0, 0))), allowed, "{start} {shown} {path}");
    }
}

#[test]
fn a_name_counts_in_any_case_and_only_if_it_is_known() {
    let policy = open(files(&[(".deadkey.toml", "[[allow]]\nname = 'some_*'\n")]), None, "", "").expect("a policy");
    assert!(is_allowed(&judge(&policy, "x", b"", Span::new(0, 0))));
    let policy = open(files(&[(".deadkey.toml", "[[allow]]\nname = 'other'\n")]), None, "", "").expect("a policy");
    assert!(!is_allowed(&judge(&policy, "x", b"", Span::new(0, 0))));
}

#[test]
fn a_secret_of_several_lines_has_a_pragma_on_any_of_them() {
    let policy = open(InMemory::default(), None, "", "").expect("a policy");
    let text = b"a\nkey = BEGIN\nMIDDLE\nEND # deadkey:allow\nb # deadkey:allow\n";
    assert!(is_allowed(&judge(&policy, "x", text, Span::new(8, 24))));
    assert!(!is_allowed(&judge(&policy, "x", text, Span::new(0, 1))));
}

#[test]
fn unused_and_expired_entries_are_listed() {
    let text = "[[allow]]\npath = 'a'\n[[allow]]\npath = 'b'\nexpires = '2026-11-26'\n[[allow]]\npath = 'c'\nexpires = '2026-11-27'\n";
    let policy = open(files(&[(".deadkey.toml", text)]), None, "", "").expect("a policy");
    assert!(is_allowed(&judge(&policy, "a", b"", Span::new(0, 0))));
    let Ruling::Counts(Some(remark)) = judge(&policy, "b", b"", Span::new(0, 0)) else { panic!("it expired") };
    assert!(remark.contains(".deadkey.toml:3") && remark.contains("2026-11-26"), "{remark}");
    let remarks = policy.remarks(true, "k").join("\n");
    assert!(remarks.contains(".deadkey.toml:6: an allow entry that is of no use"), "{remarks}");
    assert!(remarks.contains(".deadkey.toml:3: an allow entry that has expired"), "{remarks}");
    assert!(!remarks.contains(":1:") && !policy.remarks(false, "k").join("\n").contains("of no use"), "{remarks}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_of_a_policy_makes_it_panic(text in r#"(\[{0,2}(allow|rules|paths|limits|allow-id|x)\.?("dk1:0")?\]{0,2}|(path|rule|value|jobs|extends|expires|pragmas|skip|confidence) ?= ?(1|true|'[^']{0,8}'|\[('a', ?){0,2}'!\*'\]|2026-01-01)|\n| |é){0,12}"#) {
        if let Ok(policy) = open(files(&[(".deadkey.toml", &text)]), None, "", "") {
            judge(&policy, "a/b", b"text", Span::new(0, 4));
            policy.remarks(true, "k");
        }
    }

    /// A stream holds what is judged, and so does a file; both must say the same.
    #[test]
    fn only_what_a_stream_has_at_hand_decides(
        before in prop::collection::vec(prop::sample::select(vec![&b"x"[..], b"\n", b" # deadkey:allow reason ", b"pragma: allowlist nextline secret\n", &[b'y'; 700]]), 0..12),
        behind in prop::collection::vec(prop::sample::select(vec![&b"x"[..], b"\n", b" gitleaks:allow", b" // deadkey:allow some-rule", &[b'z'; 300]]), 0..8),
    ) {
        let (before, behind) = (before.concat(), behind.concat());
        let text = [&before[..], b"secret", &behind].concat();
        let span = Span::new(before.len(), before.len() + 6);
        let policy = open(InMemory::default(), None, "", "").expect("a policy");
        let whole = judge(&policy, "x", &text, span);
        let start = span.start.saturating_sub(8 << 10);
        let end = (span.end + LOOKAHEAD).min(text.len());
        let window = judge(&policy, "x", &text[start..end], Span::new(span.start - start, span.end - start));
        prop_assert_eq!(is_allowed(&whole), is_allowed(&window));
    }

    /// Whatever the tree says besides, what counts is what counts without it.
    #[test]
    fn a_tree_allows_nothing_that_its_base_does_not(
        base in prop::sample::select(vec!["", "[[allow]]\npath = 'a'\n", "[paths]\nskip = ['b/']\n", "pragmas = false\n"]),
        tree in prop::sample::select(vec!["", "[[allow]]\npath = '*'\n", "[paths]\nskip = ['*']\n", "[rules]\nexclude = ['*']\n"]),
        nested in prop::sample::select(vec!["", "[[allow]]\nrule = '*'\n"]),
        path in prop::sample::select(vec!["a", "b/x", "c"]),
        line in prop::sample::select(vec!["secret", "secret # gitleaks:allow"]),
        old in any::<bool>(),
    ) {
        let old_line = if old { line } else { "" };
        let base = files(&[(".deadkey.toml", base), (path, old_line)]);
        let tree = files(&[(".deadkey.toml", tree), ("b/.deadkey.toml", nested), (path, line), (".gitleaksignore", "a:some-rule:1\nc:some-rule:1\n")]);
        let span = Span::new(0, 6);
        let alone = judge(&open(base.clone(), None, "", "").expect("a policy"), path, old_line.as_bytes(), if old { span } else { Span::new(0, 0) });
        let judged = judge(&open(base, Some(tree), "", "").expect("a policy"), path, line.as_bytes(), span);
        let counts = |ruling: &Ruling| matches!(ruling, Ruling::Counts(_));
        prop_assert_eq!(counts(&alone), counts(&judged));
    }
}
