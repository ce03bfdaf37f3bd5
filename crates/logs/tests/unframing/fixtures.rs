//! Each `fixtures/logs/NAME.log` comes to what stands in `NAME.expected`.
//!
//! To write it anew: `cargo run -p logs --example unframe -- fixtures/logs/NAME.log >fixtures/logs/NAME.expected`, and read
//! it.

use super::dump;
use logs::{Framing, Limits, Unframer};
use std::path::PathBuf;

/// Name and bytes of every fixture, sorted.
pub fn all() -> Vec<(String, Vec<u8>)> {
    let folder = folder();
    let entries = std::fs::read_dir(&folder).expect("fixtures/logs");
    let mut fixtures: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "log"))
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read(&path).expect("readable"))
        })
        .collect();
    fixtures.sort();
    assert!(fixtures.len() >= 20, "fixtures are missing");
    fixtures
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/logs"))
}

#[test]
fn fixtures_come_to_what_is_expected() {
    for (name, bytes) in all() {
        let mut unframer = Unframer::recognising(Limits::default());
        unframer.feed(&bytes);
        unframer.finish();
        let marks = unframer.take_marks();
        let shown = format!(
            "framings: {}\n{}marks:\n{}",
            dump::framings(unframer.framings().expect("known")),
            dump::clean(unframer.clean()),
            dump::marks(unframer.clean(), &marks)
        );
        let expected = std::fs::read_to_string(folder().join(format!("{name}.expected"))).expect("an expected text");
        for (number, (is, ought)) in shown.lines().zip(expected.lines()).enumerate() {
            assert_eq!(is, ought, "{name}.expected, line {}", number + 1);
        }
        assert_eq!(shown.lines().count(), expected.lines().count(), "{name}");
        assert_eq!(unframer.take_limits(), [], "{name}");
    }
}

#[test]
fn fixtures_are_recognised_by_their_name() {
    for (name, bytes) in all() {
        let first = logs::recognise(&bytes).framings[0].name();
        let outer = if name.starts_with("nested-") { name.split('-').nth(1).expect("a name") } else { name.as_str() };
        assert_eq!(first, outer);
    }
    let missing: Vec<_> = Framing::all().map(Framing::name).filter(|f| !all().iter().any(|(n, _)| n == f)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "framings without a fixture");
}
