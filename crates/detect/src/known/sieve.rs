//! Tells at which places of a text a form may stand: only there it is compared.
//!
//! The first bytes of every form, [`WINDOW`] of them or fewer, are taken apart into overlapping heads. A form that stands in the text has
//! one of its heads at one of the places that are looked up: every so many bytes of the text, so that among the heads of a form
//! that stands there in one piece one is looked up; and beside line ends, for forms that are broken by one in these first bytes.

use super::lane::HEAD;

/// Bytes at the start of a form from which heads are taken, at most.
const WINDOW: usize = 12;
/// Bits of the table for each head in it, and most of all: 64 KiB. For 250 values half of that, which the nearest cache would hold, took
/// a fifth longer, and twice as much took a tenth less while nothing else used the caches.
const SPARSE: usize = 32;
const MOST: usize = 1 << 19;
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
    /// Each head where it hashes to or behind.
    heads: Vec<Head>,
    /// How many of them there are.
    known: usize,
    uses: Vec<Use>,
}

/// A head and the last of its uses; where there is no use, there is no head.
#[derive(Clone, Copy)]
struct Head {
    bytes: u32,
    last: u32,
}

/// Where a form has a head.
#[derive(Clone, Copy)]
struct Use {
    form: u32,
    offset: u8,
    /// The one before of the same head.
    before: u32,
}

/// Stands for no use.
const NONE: u32 = u32::MAX;

impl Sieve {
    /// The heads of forms, which are told by these numbers.
    pub(super) fn new<'a>(forms: impl Iterator<Item = (u32, &'a [u8])> + Clone) -> Sieve {
        let Some(shortest) = forms.clone().map(|(_, form)| form.len()).min() else { return Sieve::default() };
        let mut sieve = Sieve { window: shortest.clamp(HEAD, WINDOW), ..Sieve::default() };
        sieve.grow(64);
        forms.for_each(|(number, form)| sieve.add(number, form));
        sieve
    }

    /// Adds the heads of more forms, if none is shorter than what heads are taken from; else nothing is added.
    #[must_use]
    pub(super) fn extend<'a>(&mut self, forms: impl Iterator<Item = (u32, &'a [u8])> + Clone) -> bool {
        let fits = !self.is_empty() && forms.clone().all(|(_, form)| form.len() >= self.window);
        if fits {
            forms.for_each(|(number, form)| self.add(number, form));
        }
        fits
    }

    fn add(&mut self, form: u32, text: &[u8]) {
        for (offset, bytes) in (0..).zip(text[..self.window].windows(HEAD)) {
            let bytes = head(bytes, 0);
            let place = self.place(bytes);
            let before = std::mem::replace(&mut self.heads[place], Head { bytes, last: self.uses.len() as u32 }).last;
            self.uses.push(Use { form, offset, before });
            if before == NONE {
                self.set_bit(bytes);
                self.known += 1;
                if self.known * 2 > self.heads.len() {
                    self.grow(self.heads.len() * 2);
                }
            }
        }
    }

    /// Makes room for half of `heads` heads, a power of two.
    fn grow(&mut self, heads: usize) {
        let bits = (heads * SPARSE / 2).clamp(64, MOST);
        (self.bits, self.shift) = (vec![0; bits / 64], u32::BITS - bits.trailing_zeros());
        let old = std::mem::replace(&mut self.heads, vec![Head { bytes: 0, last: NONE }; heads]);
        for head in old.into_iter().filter(|head| head.last != NONE) {
            let place = self.place(head.bytes);
            self.heads[place] = head;
            self.set_bit(head.bytes);
        }
    }

    fn set_bit(&mut self, head: u32) {
        let hash = self.hash(head);
        self.bits[hash / 64] |= 1 << (hash % 64);
    }

    /// Where a head is, or would be.
    fn place(&self, head: u32) -> usize {
        let mask = self.heads.len() - 1;
        let mut place = (u64::from(head).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & mask;
        while self.heads[place].last != NONE && self.heads[place].bytes != head {
            place = (place + 1) & mask;
        }
        place
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bits.is_empty()
    }

    #[inline(always)]
    fn hash(&self, head: u32) -> usize {
        (head.wrapping_mul(0x9E37_79B1) >> self.shift) as usize
    }

    /// Whether the hash of the head at `at` is one's, as 0 or 1.
    #[inline(always)]
    fn may_be(&self, bytes: &[u8], at: usize) -> u64 {
        let hash = self.hash(head(bytes, at));
        self.bits[hash / 64] >> (hash % 64) & 1
    }

    /// Hands out where a head stands in `text`, a form that has it, and where in the form: of every form that stands in the text, broken
    /// into lines or not, one head at least.
    pub(super) fn each(&self, text: &[u8], found: &mut impl FnMut(usize, usize, usize)) {
        if !self.is_empty() {
            self.straight(text, found);
            self.broken(text, found);
        }
    }

    /// Looks up the head at `at`, which stands for `place`.
    fn offer(&self, text: &[u8], at: usize, place: usize, found: &mut impl FnMut(usize, usize, usize)) {
        if self.may_be(text, at) != 0 {
            self.offer_likely(text, at, place, found);
        }
    }

    /// The same of a head whose bit is set.
    #[inline]
    fn offer_likely(&self, text: &[u8], at: usize, place: usize, found: &mut impl FnMut(usize, usize, usize)) {
        let mut next = self.heads[self.place(head(text, at))].last;
        while let Some(Use { form, offset, before }) = self.uses.get(next as usize) {
            found(place, *form as usize, usize::from(*offset));
            next = *before;
        }
    }

    /// Looks up every so many heads.
    fn straight(&self, text: &[u8], found: &mut impl FnMut(usize, usize, usize)) {
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
    fn broken(&self, text: &[u8], found: &mut impl FnMut(usize, usize, usize)) {
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
                self.beside(text, before, behind, is_straight, found);
            }
            (line, ends) = (behind, 0);
        }
    }

    #[inline(always)]
    fn found(
        &self,
        text: &[u8],
        from: usize,
        mut any: u64,
        stride: usize,
        found: &mut impl FnMut(usize, usize, usize),
    ) {
        while any != 0 {
            let at = from + any.trailing_zeros() as usize * stride;
            self.offer_likely(text, at, at, found);
            any &= any - 1;
        }
    }

    /// Looks up the heads beside the line end from `before` to `behind`. `is_straight`: whether the lines to both sides are as long as
    /// the window.
    #[inline]
    fn beside(
        &self,
        text: &[u8],
        before: usize,
        behind: usize,
        is_straight: bool,
        found: &mut impl FnMut(usize, usize, usize),
    ) {
        if is_straight {
            // Of a form that is broken here one of these two heads is in the window. Mostly neither is any form's.
            if self.may_be(text, before - HEAD) | self.may_be(text, behind) != 0 {
                self.offer(text, before - HEAD, before - HEAD, found);
                self.offer(text, behind, behind, found);
            }
            return;
        }
        self.near(text, before, behind, found);
    }

    /// Looks up all heads near a line end, the line ends there left out.
    #[cold]
    fn near(&self, text: &[u8], before: usize, behind: usize, found: &mut impl FnMut(usize, usize, usize)) {
        let mut near = [(0, 0); 2 * WINDOW];
        let is_letter = |(_, byte): &(usize, &u8)| !matches!(byte, b'\n' | b'\r');
        let left = text[..before].iter().enumerate().rev().filter(is_letter).take(WINDOW);
        let start = WINDOW - left.zip(near[..WINDOW].iter_mut().rev()).map(|((i, byte), at)| *at = (i, *byte)).count();
        let right = text[behind..].iter().enumerate().filter(is_letter).take(WINDOW);
        let right = right.zip(&mut near[WINDOW..]).map(|((i, byte), at)| *at = (behind + i, *byte));
        let end = WINDOW + right.count();
        let squeezed = near.map(|(_, byte)| byte);
        for (at, (place, _)) in near.iter().enumerate().take((end + 1).saturating_sub(HEAD)).skip(start) {
            self.offer(&squeezed, at, *place, found);
        }
    }
}

#[inline(always)]
fn head(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + HEAD].try_into().expect("four bytes"))
}
