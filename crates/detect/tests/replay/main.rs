//! Every fuzz target on 10,000 inputs that are the same on every machine, and on its committed corpus: no panic, no hang,
//! bounded memory. See `docs/fuzzing.md`.

mod allocator;
mod harness;
mod mutate;
mod rule_texts;
#[path = "../../fuzz/src/lib.rs"]
mod targets;
mod texts;

use harness::Replay;

#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

#[test]
fn rule_files_that_are_accepted_can_be_used() {
    Replay { name: "rule_text", run: targets::accepted::run, generate: rule_texts::input }.run();
}

#[test]
fn any_partition_of_any_text_gives_the_same_hits() {
    Replay {
        name: "detector",
        run: targets::detector::run,
        generate: |rng, corpus| texts::input(rng, corpus, 10, 1500),
    }
    .run();
}

#[test]
fn decoders_stay_within_their_bounds() {
    Replay {
        name: "decoders",
        run: targets::decoders::run,
        generate: |rng, corpus| texts::input(rng, corpus, 3, 1200),
    }
    .run();
}

#[test]
fn any_way_to_read_a_stream_gives_the_same_hits() {
    Replay { name: "stream", run: targets::stream::run, generate: |rng, corpus| texts::input(rng, corpus, 9, 3000) }
        .run();
}

#[test]
fn any_script_carries_what_the_target_holds() {
    Replay { name: "delta", run: targets::delta::run, generate: |rng, corpus| texts::input(rng, corpus, 3 + 40, 1200) }
        .run();
}
