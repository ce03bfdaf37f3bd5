use super::*;
use crate::Date;
use proptest::prelude::*;

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn sample(n: u64) -> Baseline {
    let mut baseline = Baseline::with_salt([7; 32]);
    let key = FingerprintKey::new(&[7; 32]);
    for i in 0..n {
        let id = match i % 5 {
            0 => Id::Sha1([i as u8; 20]),
            1 => Id::Sha256([i as u8; 32]),
            2 => Id::Kingfisher(i.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            3 => Id::Place(key.fingerprint(&i.to_le_bytes())),
            _ => Id::Credential(key.fingerprint(&i.to_le_bytes())),
        };
        let reason = (i % 3 == 0).then(|| format!("reason\n\"{i}\""));
        baseline.insert(Entry { reason, ..Entry::new(id, format!("rule-{i}"), day("2026-11-27")) });
    }
    baseline
}

fn text(baseline: &Baseline) -> String {
    String::from_utf8(baseline.to_bytes()).expect("UTF-8")
}

#[test]
fn what_is_written_is_read_back() {
    let baseline = sample(60);
    assert_eq!(Baseline::parse(&baseline.to_bytes()), Ok(baseline.clone()));
    assert!(baseline.has_salt());
    let lines: Vec<String> = text(&baseline).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 1 + 256 + 60, "an entry a line");
    let configured = Baseline::with_key(&FingerprintKey::new(b"the organisation's"));
    assert_eq!(Baseline::parse(&configured.to_bytes()), Ok(configured));
}

#[test]
fn what_later_versions_write_besides_is_kept() {
    let key = FingerprintKey::new(&[7; 32]);
    let line =
        format!("{{\"id\":\"{}\",\"rule\":\"r\",\"added\":\"2026-01-01\",\"owner\":\"jo\"}}\n", key.fingerprint(b"x"));
    let read = Baseline::parse(format!("{}{line}", text(&sample(0))).as_bytes()).expect("a baseline");
    assert!(text(&read).contains("\"owner\":\"jo\""));
}

#[test]
fn what_cannot_be_understood_is_refused_as_a_whole() {
    let whole = text(&sample(9));
    let parse = |text: &str| Baseline::parse(text.as_bytes()).expect_err("no baseline");
    assert_eq!(parse(""), Error::NotABaseline);
    assert_eq!(parse("{}"), Error::NotABaseline);
    assert_eq!(Baseline::parse(b"\xff\xfe"), Err(Error::NotABaseline));
    assert_eq!(parse(&whole.replacen(":1,", ":2,", 1)), Error::Newer { version: 2, supported: 1 });
    assert!(matches!(parse(&whole[..whole.len() - 3]), Error::Line { line: 266, .. }));
    assert!(matches!(parse(&whole.replace("sha1:0000", "sha1:zzzz")), Error::Line { .. }));
    assert!(matches!(parse(&whole.replace("2026-11-27", "27.11.2026")), Error::Line { .. }));
    assert!(matches!(parse(&whole.replacen("dks1:07", "dks1:", 1)), Error::Line { line: 1, .. }));
    let marks = whole.replacen("\"80\"\n", "<<<<<<< HEAD\n\"80\"\n=======\n>>>>>>> b\n", 1);
    assert!(matches!(parse(&marks), Error::Conflict { .. }));
    let twice = whole + &text(&Baseline::with_salt([8; 32]));
    assert!(matches!(parse(&twice), Error::TwoKeys { .. }));
    let foreign_key = FingerprintKey::new(b"another").fingerprint(b"x");
    let strange = format!("{}{{\"id\":\"{foreign_key}\",\"rule\":\"r\",\"added\":\"2026-01-01\"}}\n", text(&sample(1)));
    assert!(matches!(parse(&strange), Error::TwoKeys { .. }));
    assert_eq!(parse("{\"results\":{},\"plugins_used\":[]}"), Error::Foreign(crate::Tool::DetectSecrets));
    assert_eq!(parse("[]"), Error::Foreign(crate::Tool::Gitleaks));
}

#[test]
fn errors_do_not_repeat_what_stands_in_the_file() {
    let planted = "Zq8".repeat(12);
    for line in [planted.clone(), format!("{{\"id\":\"{planted}\"}}"), format!("{{\"id\":{{\"{planted}\":1}}}}")] {
        let error = Baseline::parse(format!("{}{line}\n", text(&sample(0))).as_bytes()).expect_err("damaged");
        assert!(!error.to_string().contains(&planted), "{error}");
    }
}

#[test]
fn a_key_that_is_not_the_files_is_an_error() {
    let (salted, other) = (Baseline::with_salt([7; 32]), FingerprintKey::new(b"other"));
    assert_eq!(salted.key(None).expect("its salt").id(), salted.key_id());
    assert!(matches!(salted.key(Some(&other)), Err(Error::OtherKey { .. })));
    let configured = Baseline::with_key(&other);
    assert_eq!(configured.key(Some(&other)).expect("the same").id(), other.id());
    assert!(matches!(configured.key(None), Err(Error::OtherKey { .. })));
    assert!(matches!(configured.key(Some(&FingerprintKey::new(b"third"))), Err(Error::OtherKey { .. })));
}

proptest! {
    #[test]
    fn lines_in_any_order_and_any_number_say_the_same(order in prop::collection::vec(any::<u32>(), 120), n in 0u64..60) {
        let baseline = sample(n);
        let text = text(&baseline);
        let mut lines: Vec<(u32, &str)> = text.lines().chain(text.lines()).enumerate()
            .map(|(i, line)| (order[i % order.len()], line)).collect();
        lines.sort();
        let shuffled: String = lines.iter().map(|(_, line)| format!("{line}\r\n")).collect();
        prop_assert_eq!(Baseline::parse(shuffled.as_bytes()), Ok(baseline));
    }
}
