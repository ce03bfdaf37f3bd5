//! The rule compiler on 10,000 rule files that are the same on every machine, and on the committed corpus: no panic, no
//! hang, bounded memory, and errors that name the place. What is accepted is put to work by the detector's replay; see
//! `docs/fuzzing.md`.

#[path = "../../detect/tests/replay/allocator.rs"]
mod allocator;
#[path = "../../detect/tests/replay/harness.rs"]
mod harness;
#[path = "../../detect/tests/replay/mutate.rs"]
mod mutate;
#[path = "../../detect/fuzz/src/rule_text.rs"]
mod rule_text;
#[path = "../../detect/tests/replay/rule_texts.rs"]
mod rule_texts;

use harness::Replay;
use std::sync::atomic::{AtomicU64, Ordering};

#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

static ACCEPTED: AtomicU64 = AtomicU64::new(0);

fn read(data: &[u8]) {
    if rule_text::read(data).is_some_and(|ruleset| !ruleset.rules().is_empty()) {
        ACCEPTED.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn any_text_is_rules_or_a_clear_error() {
    let tally = Replay { name: "rule_text", run: read, generate: rule_texts::input }.run();
    let accepted = ACCEPTED.load(Ordering::Relaxed);
    // If nearly all ended at the first error, or none did, the generator would test little.
    assert!((tally.inputs / 10..tally.inputs * 9 / 10).contains(&accepted), "{accepted} of {} accepted", tally.inputs);
}
