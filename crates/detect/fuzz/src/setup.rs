//! Which rules are looked for, and how: the first two bytes of an input. Detectors are built once.

use super::input::Input;
use detect::units::Limits;
use detect::{Detector, Options};
use rules::{Rule, Ruleset};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Rules that read no farther than this to either side are near: a window of 32 KiB is none.
const NEAR: u32 = 700;
/// A rule of every kind the compiler knows.
const KINDS: &str = include_str!("../../tests/equality/kinds.toml");
/// A foreign configuration: slow lane, allowlists, conditions on paths, long repetitions.
const FOREIGN: &str = include_str!("foreign.toml");

/// One way to look for hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Setup {
    rules: Rules,
    depth: usize,
    keep_refuted: bool,
    pieces: Pieces,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rules {
    Near,
    Foreign,
    All,
}

/// How large encoded units may be before they are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pieces {
    Usual,
    Small,
    Tiny,
}

impl Setup {
    /// Reads two bytes.
    pub fn read(input: &mut Input<'_>) -> Setup {
        let (first, second) = (input.byte(), input.byte());
        Setup {
            rules: [Rules::Near, Rules::Foreign, Rules::All, Rules::Near][usize::from(first & 3)],
            pieces: [Pieces::Usual, Pieces::Small, Pieces::Tiny, Pieces::Usual][usize::from(first >> 2 & 3)],
            keep_refuted: second & 1 == 1,
            depth: [5, 1, 0, 8][usize::from(second >> 1 & 3)],
        }
    }

    /// The bounds of its decoders.
    pub fn limits(self) -> Limits {
        match self.pieces {
            Pieces::Usual => Limits::default(),
            Pieces::Small => Limits { piece: 1200, margin: 400, inflate: 64 << 10 },
            Pieces::Tiny => Limits { piece: 64, margin: 16, inflate: 2048 },
        }
    }

    /// The detector, with SIMD or (`portable`) without.
    pub fn detector(self, portable: bool) -> Arc<Detector> {
        static BUILT: Mutex<BTreeMap<(Setup, bool), Arc<Detector>>> = Mutex::new(BTreeMap::new());
        let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
        let detector = built.entry((self, portable)).or_insert_with(|| {
            let units = self.limits();
            let (decode_depth, keep_refuted) = (self.depth, self.keep_refuted);
            let options = Options { decode_depth, portable, keep_refuted, units, ..Options::default() };
            Arc::new(Detector::new(Arc::new(self.rules.ruleset()), options))
        });
        detector.clone()
    }
}

impl Rules {
    fn ruleset(self) -> Ruleset {
        let near = |rule: &Rule| rule.reach.before <= NEAR && rule.reach.after <= NEAR;
        match self {
            Rules::All => all_rules(),
            Rules::Near => {
                let mut ruleset = all_rules();
                ruleset.retain(near);
                ruleset
            }
            Rules::Foreign => {
                let mut ruleset = Ruleset::empty();
                ruleset.add_text("foreign.toml", FOREIGN).expect("a configuration that loads");
                ruleset
            }
        }
    }
}

/// The built-in rules and one of every kind.
pub fn all_rules() -> Ruleset {
    let mut ruleset = Ruleset::builtin();
    ruleset.add_text("kinds.toml", KINDS).expect("rules that compile");
    ruleset
}
