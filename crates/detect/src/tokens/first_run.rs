//! What the first run of a rule's matches is, and what stands behind it: whether a rule may take a token is told by that, before
//! anything else is asked.

use rules::TokenClass;
use rules::shape::{ALNUM, ByteSet, Shape, Step};

/// The first run of bytes of a class in what an alternative matches, and what stands behind it.
pub(super) struct FirstRun {
    /// Its least and greatest length.
    pub lens: (usize, usize),
    /// Whether capitals may stand in it.
    pub takes_capitals: bool,
    /// Whether it is all digits.
    pub is_number: bool,
    /// The byte behind it; any where the match ends with it.
    pub behind: ByteSet,
    /// How many bytes of any class stand behind that byte, at least.
    pub next: u32,
}

impl FirstRun {
    pub(super) fn of(shape: &Shape, steps: &[Step], class: TokenClass) -> FirstRun {
        let class = class.bytes();
        let mut run = FirstRun { lens: (0, 0), takes_capitals: false, is_number: true, behind: ByteSet::ALL, next: 0 };
        let mut steps = steps.iter();
        while let Some(step) = steps.next() {
            match step {
                Step::Literal(bytes) => {
                    let inside = bytes.iter().take_while(|byte| class.contains(**byte)).count();
                    run.add(&ByteSet::of(&bytes[..inside]), (inside, inside));
                    let [behind, rest @ ..] = &bytes[inside..] else { continue };
                    let rest = Step::Literal(rest.to_vec());
                    run.next = rest_len(shape, std::iter::once(&rest).chain(steps));
                    run.behind = ByteSet::of(&[*behind]);
                    break;
                }
                Step::Class { set, min, max } => {
                    let set = shape.sets[usize::from(*set)];
                    // The compiler takes no class of which only some bytes are of the run's.
                    if set.is_subset(&class) {
                        run.add(&set, (usize::from(*min), usize::from(*max)));
                        continue;
                    }
                    run.next = if (*min, *max) == (1, 1) { rest_len(shape, steps) } else { 0 };
                    run.behind = set;
                    break;
                }
                Step::Mark(_) => {}
            }
        }
        run
    }

    /// The run goes on with so many bytes of a set.
    fn add(&mut self, set: &ByteSet, len: (usize, usize)) {
        self.takes_capitals |= !set.is_disjoint(&CAPITALS);
        self.is_number &= set.is_subset(&DIGITS);
        self.lens = (self.lens.0 + len.0, self.lens.1 + len.1);
    }
}

const CAPITALS: ByteSet = ByteSet::of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ");
const DIGITS: ByteSet = ByteSet::of(b"0123456789");

/// The bytes of all classes, and the dot.
const ANY: ByteSet = ALNUM.union(ByteSet::of(b"_-+/."));

/// How many of [`ANY`] the steps match at least, before anything else.
fn rest_len<'s>(shape: &Shape, steps: impl Iterator<Item = &'s Step>) -> u32 {
    let mut len = 0;
    for step in steps {
        match step {
            Step::Literal(bytes) => {
                let inside = bytes.iter().take_while(|byte| ANY.contains(**byte)).count();
                len += inside as u32;
                if inside < bytes.len() {
                    break;
                }
            }
            Step::Class { set, min, .. } if shape.sets[usize::from(*set)].is_subset(&ANY) => len += u32::from(*min),
            Step::Class { .. } => break,
            Step::Mark(_) => {}
        }
    }
    len
}
