//! Tells which places of a whole text a form may have begun at: little of a text is fed to the automata.
//!
//! The first bytes of every form, [`WINDOW`] of them or fewer, are taken apart into overlapping heads. A form that stands in the text has
//! one of its heads at one of the places that are looked up: every so many bytes of the text, so that among the heads of a form
//! that stands there in one piece one is looked up; and beside line ends, for forms that are broken by one in these first bytes.

use super::lane::HEAD;

/// Bytes at the start of a form from which heads are taken, at most.
const WINDOW: usize = 12;
/// Bits of the table for each head in it, and most of all, which the nearest cache holds.
const SPARSE: usize = 32;
const MOST: usize = 1 << 18;
/// Bytes before and behind a place that is handed out in which the first bytes stand of a form that begins there.
pub(super) const AROUND: usize = 2 * WINDOW;
/// Heads looked up together: one after the other each would wait for the last.
const TOGETHER: usize = 8;

/// The heads of some forms.
#[derive(Default)]
pub(super) struct Sieve {
    /// Bytes at the start of a form of which heads are known.
    window: usize,
    /// A bit for the hash of each head: most of what is looked up is told by it to be none.
    bits: Vec<u64>,
    shift: u32,
    /// The heads themselves, where they hash to or behind; 0 where there is none.
    heads: Vec<u32>,
    has_zero: bool,
}

impl Sieve {
    pub(super) fn new<'a>(forms: impl Iterator<Item = &'a Vec<u8>> + Clone) -> Sieve {
        let Some(shortest) = forms.clone().map(Vec::len).min() else { return Sieve::default() };
        let window = shortest.clamp(HEAD, WINDOW);
        let mut heads: Vec<u32> = forms.flat_map(|form| form[..window].windows(HEAD)).map(|at| head(at, 0)).collect();
        heads.sort_unstable();
        heads.dedup();
        let bits = (heads.len() * SPARSE).next_power_of_two().clamp(64, MOST);
        let places = (heads.len() * 4).next_power_of_two();
        let has_zero = heads.first() == Some(&0);
        let mut sieve = Sieve {
            window,
            bits: vec![0; bits / 64],
            shift: u32::BITS - bits.trailing_zeros(),
            heads: vec![0; places],
            has_zero,
        };
        for head in heads {
            let hash = sieve.hash(head);
            sieve.bits[hash / 64] |= 1 << (hash % 64);
            let free = sieve.probes(head).find(|place| sieve.heads[*place] == 0);
            sieve.heads[free.expect("a quarter of them is used")] = head;
        }
        sieve
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bits.is_empty()
    }

    #[inline(always)]
    fn hash(&self, head: u32) -> usize {
        (head.wrapping_mul(0x9E37_79B1) >> self.shift) as usize
    }

    fn probes(&self, head: u32) -> impl Iterator<Item = usize> + use<> {
        let (first, len) = ((head.wrapping_mul(0x85EB_CA6B) >> 7) as usize, self.heads.len());
        (0..len).map(move |i| (first + i) % len)
    }

    /// Whether the hash of the head at `at` is one's, as 0 or 1.
    #[inline(always)]
    fn may_be(&self, bytes: &[u8], at: usize) -> u64 {
        let hash = self.hash(head(bytes, at));
        self.bits[hash / 64] >> (hash % 64) & 1
    }

    fn is_head(&self, bytes: &[u8], at: usize) -> bool {
        if self.may_be(bytes, at) == 0 {
            return false;
        }
        let head = head(bytes, at);
        let mut seen = self.probes(head).map(|place| self.heads[place]).take_while(|seen| *seen != 0);
        if head == 0 { self.has_zero } else { seen.any(|seen| seen == head) }
    }

    /// Places of `text`, in order, from which on forms are to be looked for: every form that stands there begins behind one of
    /// them less [`AROUND`], and before it.
    pub(super) fn places(&self, text: &[u8]) -> Vec<usize> {
        let mut places = Vec::new();
        if !self.is_empty() {
            self.straight(text, &mut |at| places.push(at));
            self.broken(text, &mut |at| places.push(at));
            places.sort_unstable();
        }
        places
    }

    /// Looks up every so many heads.
    fn straight(&self, text: &[u8], found: &mut impl FnMut(usize)) {
        let stride = self.window - HEAD + 1;
        let together = TOGETHER * stride + HEAD;
        let mut at = 0;
        while at + together <= text.len() {
            let heads = &text[at..at + together];
            let any = (0..TOGETHER).fold(0, |any, i| any | self.may_be(heads, i * stride) << i);
            self.found(text, at, any, stride, found);
            at += TOGETHER * stride;
        }
        while at + HEAD <= text.len() {
            self.found(text, at, self.may_be(text, at), stride, found);
            at += stride;
        }
    }

    /// Looks up the heads beside line ends.
    fn broken(&self, text: &[u8], found: &mut impl FnMut(usize)) {
        let (mut line, mut ends) = (0, 0);
        let mut line_ends = memchr::memchr2_iter(b'\n', b'\r', text);
        let mut line_end = line_ends.next();
        while let Some(at) = line_end {
            ends += 1;
            line_end = line_ends.next();
            // Of several line ends in a row the last stands for all, and behind more than one nothing goes on.
            if line_end == Some(at + 1) {
                continue;
            }
            let (before, behind) = (at + 1 - ends, at + 1);
            if ends == 1 || text[before..behind] == *b"\r\n" {
                let is_long = |line: usize| self.window == WINDOW && line >= WINDOW;
                let is_straight = is_long(before - line) && is_long(line_end.unwrap_or(text.len()) - behind);
                if self.is_broken(text, before, behind, is_straight) {
                    found(before);
                }
            }
            (line, ends) = (behind, 0);
        }
    }

    #[inline(always)]
    fn found(&self, text: &[u8], from: usize, mut any: u64, stride: usize, found: &mut impl FnMut(usize)) {
        while any != 0 {
            let at = from + any.trailing_zeros() as usize * stride;
            if self.is_head(text, at) {
                found(at);
            }
            any &= any - 1;
        }
    }

    /// Whether a form may be broken by the line end from `before` to `behind` in its window. `is_straight`: whether the lines to both
    /// sides are as long.
    fn is_broken(&self, text: &[u8], before: usize, behind: usize, is_straight: bool) -> bool {
        if is_straight {
            // Of a form that is broken here one of these two heads is in the window.
            return self.is_head(text, before - HEAD) || self.is_head(text, behind);
        }
        let mut squeezed = [0; 2 * WINDOW];
        let is_letter = |byte: &&u8| !matches!(byte, b'\n' | b'\r');
        let left = text[..before].iter().rev().filter(is_letter).take(WINDOW);
        let start = WINDOW - left.zip(squeezed[..WINDOW].iter_mut().rev()).map(|(byte, at)| *at = *byte).count();
        let right = text[behind..].iter().filter(is_letter).take(WINDOW);
        let end = WINDOW + right.zip(&mut squeezed[WINDOW..]).map(|(byte, at)| *at = *byte).count();
        (start..(end + 1).saturating_sub(HEAD)).any(|at| self.is_head(&squeezed, at))
    }
}

/// Where a form has begun, at the earliest, of which the first bytes stand around `at`.
pub(super) fn begin(text: &[u8], at: usize) -> usize {
    let mut left = AROUND;
    let mut begin = at;
    while begin > 0 && left > 0 {
        begin -= 1;
        left -= usize::from(!matches!(text[begin], b'\n' | b'\r'));
    }
    begin
}

#[inline(always)]
fn head(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + HEAD].try_into().expect("four bytes"))
}
