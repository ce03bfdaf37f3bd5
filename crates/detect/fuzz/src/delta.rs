//! Any script over any text: what is carried is what a scan of the target finds.

use super::hits::{agree, are_sound, whole};
use super::input::Input;
use super::plants::{planted, samples};
use super::setup::Setup;
use detect::delta::{Carried, Carrier, Instruction, Script};
use detect::{Detector, Scratch};
use rules::Reach;
use testkit::{Encoding, Filler, Op, Piece, Step};

/// Scripts in a chain.
const CHAIN: usize = 3;
/// Targets stay below this many bytes.
const TARGET: usize = 24_000;

/// Two bytes of setup, the number of operations, these (five bytes each), the text of the base.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let setup = Setup::read(&mut input);
    let ops: Vec<Op> = (0..input.below(13)).map(|_| op(&mut input)).collect();
    let base = planted(input.rest());
    unfitting_scripts_are_refused(data, base.len());
    let detector = setup.detector(false);
    carry(&detector, base, &ops);
}

/// Carries along the operations, a third of them a script.
fn carry(detector: &Detector, mut base: Vec<u8>, ops: &[Op]) {
    let carrier = Carrier::new(detector);
    let mut scratch = Scratch::default();
    let mut carried = carrier.whole(&mut scratch, &base);
    for ops in ops.chunks(ops.len().div_ceil(CHAIN).max(1)) {
        let planned = testkit::Script::resolve(ops, base.len(), TARGET, samples());
        let target = planned.apply(&base);
        let script = Script::new(base.len(), planned.0.iter().map(instruction)).expect("a script that fits its base");
        carried = carrier.carry(&mut scratch, &script, &carried, &target).expect("a target that fits its script");
        agree("a delta", detector, &whole(detector, &target), carried.hits());
        are_sound(detector, carried.hits(), target.len());
        let short = &target[..target.len().saturating_sub(1)];
        let refused = carrier.carry(&mut scratch, &script, &Carried::default(), short);
        assert!(refused.is_err() || target.is_empty(), "a target that is too short is refused");
        base = target;
    }
}

fn op(input: &mut Input<'_>) -> Op {
    let kind = input.byte();
    let (a, b) = (input.number(), input.number());
    match kind % 10 {
        0 | 1 => Op::Copy(a, b),
        2 => Op::CopyOn(a),
        3 => Op::Skip(b as u8, a),
        4 => Op::FromStart(a),
        5 => Op::ToEnd,
        6 => Op::Again,
        7 => Op::Byte(a as u8),
        8 => Op::Insert(Piece::Plant {
            sample: usize::from(a),
            chain: Encoding::ALL.get(usize::from(b % 40)).copied().into_iter().collect(),
            around: (0, (b >> 8) as u8 % 5),
            apart: kind >= 128,
        }),
        _ => Op::Insert(Piece::Filler {
            kind: Filler::ALL[usize::from(a) % Filler::ALL.len()],
            seed: u64::from(b),
            len: usize::from(a >> 8),
        }),
    }
}

fn instruction(step: &Step) -> Instruction {
    match step {
        Step::Copy(range) => Instruction::Copy { base: range.start, len: range.len() },
        Step::Insert(bytes) => Instruction::Insert { len: bytes.len() },
    }
}

/// The bytes as instructions of a delta that nobody checked: refused, or dirty ranges that lie in the target in order.
fn unfitting_scripts_are_refused(data: &[u8], base: usize) {
    let number = |bytes: &[u8]| match bytes {
        // Most numbers are of the base's size, some beyond all bounds.
        [255, low, ..] => usize::MAX - usize::from(*low),
        [high, low, ..] => (usize::from(u16::from_be_bytes([*high, *low])) * (base + 2)) >> 15,
        _ => 0,
    };
    let instruction = |chunk: &[u8; 5]| match chunk[0] % 3 {
        0 => Instruction::Insert { len: number(&chunk[1..]) },
        _ => Instruction::Copy { base: number(&chunk[1..]), len: number(&chunk[3..]) },
    };
    let Ok(script) = Script::new(base, data.as_chunks().0.iter().take(12).map(instruction)) else { return };
    for reach in
        [Reach { before: 0, after: 0 }, Reach { before: 7, after: 40 }, Reach { before: u32::MAX, after: u32::MAX }]
    {
        let dirty = script.dirty_ranges(reach);
        assert!(dirty.windows(2).all(|pair| pair[0].end < pair[1].start), "ranges in order and apart");
        assert!(dirty.iter().all(|r| r.start < r.end && r.end <= script.target_len()), "ranges in the target");
    }
}
