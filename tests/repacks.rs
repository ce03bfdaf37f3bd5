//! However a history is packed, and however many threads read it, the report is the same, to the byte; and it is the one
//! of scanning every object whole.

use crate::program::deadkey;
use testkit::history::{Grown, History, ObjectFormat, Packing};

const PACKINGS: [Packing; 8] = [
    Packing::Loose,
    Packing::Imported,
    Packing::One { depth: 1, window: 10 },
    Packing::One { depth: 7, window: 3 },
    Packing::One { depth: 50, window: 10 },
    Packing::Deep,
    Packing::Old,
    Packing::Several(3),
];

fn report(grown: &Grown, more: &[&str]) -> String {
    let arguments = [&["git", "--format", "jsonl", "--show-secrets", "--confidence", "low", "-q"], more].concat();
    let run = deadkey(grown.path(), &arguments);
    assert!(matches!(run.code, 0 | 1), "{more:?}: {} {}", run.code, run.stderr);
    run.stdout
}

/// Where two reports differ first, without showing secrets of a whole report.
#[track_caller]
fn same(one: &str, other: &str, what: &str) {
    assert_eq!(one.lines().count(), other.lines().count(), "lines, {what}");
    for (one, other) in one.lines().zip(other.lines()) {
        assert_eq!(one, other, "{what}");
    }
}

#[test]
fn reports_do_not_depend_on_packing_threads_or_deltas() {
    let some = [PACKINGS[0], PACKINGS[5], PACKINGS[7]];
    for (seed, format, packings) in [(31, ObjectFormat::Sha1, &PACKINGS[..]), (32, ObjectFormat::Sha256, &some)] {
        let mut first: Option<String> = None;
        for (at, packing) in packings.iter().enumerate() {
            let grown = History::new(seed).commits(40).credentials(30).format(format).packing(*packing).build();
            let what = format!("seed {seed}, {packing:?}");
            let whole = report(&grown, &["--whole-objects", "--jobs", "1"]);
            assert!(whole.lines().count() >= 20, "{what}");
            // Every packing with another number of threads; deep deltas with each.
            let jobs = ["1", "2", "8"];
            for jobs in if *packing == Packing::Deep { &jobs[..] } else { &jobs[at % 3..=at % 3] } {
                same(&report(&grown, &["--jobs", jobs]), &whole, &format!("{what}, {jobs} threads"));
            }
            same(&whole, first.get_or_insert_with(|| whole.clone()), &what);
        }
    }
}

#[test]
fn what_nothing_leads_to_does_not_depend_on_them_either() {
    for packing in [Packing::Deep, Packing::Several(4)] {
        let grown = History::new(34).commits(40).credentials(30).packing(packing).build();
        let whole = report(&grown, &["--unreachable", "--whole-objects"]);
        same(&report(&grown, &["--unreachable", "--jobs", "8"]), &whole, &format!("{packing:?}"));
    }
}
