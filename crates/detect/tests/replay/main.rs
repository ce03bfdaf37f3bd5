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
use testkit::Encoding;
use testkit::encode::zlib;

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

#[test]
fn streams_in_streams_do_not_multiply() {
    // A thousandfold each time: 1 MiB, 400 times, 60 times.
    let packed = |bytes: &[u8], times: usize| {
        let base64 = Encoding::Base64 { url_safe: false, padded: true };
        [base64.encode(&zlib(bytes)), b"\n".to_vec()].concat().repeat(times)
    };
    let text = packed(&packed(&packed(&vec![b' '; 1 << 20], 400), 60), 1);
    let replays = [
        Replay { name: "detector", run: targets::detector::run, generate: rule_texts::input },
        Replay { name: "decoders", run: targets::decoders::run, generate: rule_texts::input },
        Replay { name: "stream", run: targets::stream::run, generate: rule_texts::input },
    ];
    for (replay, head) in replays.iter().zip([10, 3, 9]) {
        replay.run_one("multiplied", &[vec![0; head], text.clone()].concat());
    }
}
