//! One automaton over many forms, fed in parts.

use super::Owner;
use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};

/// Bytes that are looked up at once. No form is shorter.
pub(super) const HEAD: usize = 4;
/// Bytes at the start of a form by which most of a text is passed over, at most.
const WINDOW: usize = 12;
/// Bits of the table for each head in it, so that few others are taken for one; and most of all, which the nearest cache holds.
const SPARSE: usize = 32;
const MOST: usize = 1 << 18;
/// Heads looked up together: one after the other each would wait for the last.
const TOGETHER: usize = 8;

/// Forms and an automaton that finds every one of them, also within one another.
pub(super) struct Lane {
    automaton: Option<NFA>,
    /// How many bytes of a form lead to each state.
    depths: Vec<u32>,
    owners: Vec<Owner>,
    skips: Skips,
}

/// Tells where no form begins: of every form, any so many heads in a row include one that stands in the table, so that only one
/// head in so many of a text is looked up.
#[derive(Default)]
struct Skips {
    /// Heads at the start of a form that are in the table.
    stride: usize,
    /// A bit for the hash of each.
    table: Vec<u64>,
    /// Bits of a hash that are dropped.
    shift: u32,
}

/// How far a lane has come in a text: the state of its automaton.
#[derive(Clone, Copy, Default)]
pub(super) struct Progress(Option<StateID>);

impl Lane {
    pub(super) fn new(forms: &[(&[u8], Owner)]) -> Lane {
        let mut lane = Lane { automaton: None, depths: Vec::new(), owners: Vec::new(), skips: Skips::default() };
        if forms.is_empty() {
            return lane;
        }
        let texts = || forms.iter().map(|(form, _)| *form);
        let mut builder = NFA::builder();
        // The limit of forms keeps it far below what an automaton may hold.
        let built = builder.match_kind(MatchKind::Standard).prefilter(false).build(texts());
        let automaton = built.expect("fewer states than 31 bits count");
        lane.skips = Skips::new(texts());
        lane.depths = depths(&automaton, texts());
        lane.owners = forms.iter().map(|(_, owner)| *owner).collect();
        lane.automaton = Some(automaton);
        lane
    }

    pub(super) fn is_empty(&self) -> bool {
        self.automaton.is_none()
    }

    /// How many bytes at the end of what was fed may be the start of a form.
    pub(super) fn open(&self, progress: Progress) -> usize {
        progress.0.map_or(0, |state| self.depths[state.as_usize()] as usize)
    }

    /// Goes on through `bytes`; `found` is told of each form the position behind it in `bytes`, and its length.
    pub(super) fn feed(&self, progress: &mut Progress, bytes: &[u8], found: &mut dyn FnMut(usize, usize, Owner)) {
        let Some(automaton) = &self.automaton else { return };
        let root = root(automaton);
        let mut state = progress.0.unwrap_or(root);
        let mut at = 0;
        while at < bytes.len() {
            let open = self.depths[state.as_usize()] as usize;
            let mut until = at + 1;
            if open < HEAD && open <= at {
                // Nothing that is open is known to go on: look for the next form from its first byte on.
                at = self.skips.next(bytes, at - open);
                state = root;
                // All of what was looked up at once, so that the same head is not found again.
                until = (at + self.skips.stride - 1 + HEAD).min(bytes.len());
            }
            while at < until {
                state = automaton.next_state(Anchored::No, state, bytes[at]);
                at += 1;
                if automaton.is_special(state) && automaton.is_match(state) {
                    for index in 0..automaton.match_len(state) {
                        let pattern = automaton.match_pattern(state, index);
                        found(at, automaton.pattern_len(pattern), self.owners[pattern.as_usize()]);
                    }
                }
            }
        }
        progress.0 = Some(state);
    }
}

impl Skips {
    fn new<'a>(forms: impl Iterator<Item = &'a [u8]> + Clone) -> Skips {
        let window = forms.clone().map(<[u8]>::len).min().unwrap_or(HEAD).clamp(HEAD, WINDOW);
        let stride = window - HEAD + 1;
        let bits = (forms.clone().count() * stride * SPARSE).next_power_of_two().clamp(64, MOST);
        let mut skips = Skips { stride, table: vec![0; bits / 64], shift: u32::BITS - bits.trailing_zeros() };
        for head in forms.flat_map(|form| form[..window].windows(HEAD)) {
            let hash = skips.hash(head.try_into().expect("four bytes"));
            skips.table[hash / 64] |= 1 << (hash % 64);
        }
        skips
    }

    #[inline(always)]
    fn hash(&self, head: [u8; HEAD]) -> usize {
        (u32::from_le_bytes(head).wrapping_mul(0x9E37_79B1) >> self.shift) as usize
    }

    /// Whether a head of some form may stand at `at`, as 0 or 1.
    #[inline(always)]
    fn has(&self, bytes: &[u8], at: usize) -> u64 {
        let hash = self.hash(bytes[at..at + HEAD].try_into().expect("four bytes"));
        self.table[hash / 64] >> (hash % 64) & 1
    }

    /// Where the next form may begin from `from` on: where a head may be one's, or where too few bytes are left to tell.
    fn next(&self, bytes: &[u8], from: usize) -> usize {
        let mut at = from;
        let behind = self.stride - 1;
        let together = TOGETHER * self.stride + HEAD;
        while at + together <= bytes.len() {
            let heads = &bytes[at + behind..at + together];
            let any = (0..TOGETHER).fold(0, |any, i| any | self.has(heads, i * self.stride));
            if any != 0 {
                break;
            }
            at += TOGETHER * self.stride;
        }
        while at + behind + HEAD <= bytes.len() && self.has(bytes, at + behind) == 0 {
            at += self.stride;
        }
        at.min(bytes.len())
    }
}

fn root(automaton: &NFA) -> StateID {
    automaton.start_state(Anchored::No).expect("it is built for searches that are not anchored")
}

fn depths<'a>(automaton: &NFA, forms: impl Iterator<Item = &'a [u8]>) -> Vec<u32> {
    let root = root(automaton);
    let mut depths = vec![0; root.as_usize() + 1];
    for form in forms {
        let mut state = root;
        // A form leads from the root to states of its own starts.
        for (depth, byte) in (1..).zip(form) {
            state = automaton.next_state(Anchored::No, state, *byte);
            if state.as_usize() >= depths.len() {
                depths.resize(state.as_usize() + 1, 0);
            }
            depths[state.as_usize()] = depth;
        }
    }
    depths
}
