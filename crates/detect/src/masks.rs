//! Classifies bytes into bit masks, 64 bytes to a word: which bytes are letters or digits, which can be part of a token,
//! where escapes begin. With AVX-512 or AVX2 at the speed of memory; portable code gives the same bits elsewhere.

#[cfg(target_arch = "x86_64")]
mod avx512;

/// Bytes looked at in one go; the masks of a stretch stay in the first-level cache.
pub(crate) const STRETCH: usize = 8 << 10;
/// Bytes before a stretch for which masks are made, too: how far keywords are looked for, and a block to spare.
pub(crate) const BEFORE: usize = 384;
/// Bytes after a stretch for which masks are made, too: the longest run measured by masks.
pub(crate) const AFTER: usize = 256;

const BLOCKS: usize = (BEFORE + STRETCH + AFTER) / 64 + 1;

/// Masks of one stretch and its surroundings. Bit `i` of word `w` is byte `base + 64 * w + i`; bytes outside the object
/// have no bit set.
pub(crate) struct Masks {
    /// Letters and digits.
    pub(crate) alnum: [u64; BLOCKS],
    /// `A`-`Z`
    pub(crate) upper: [u64; BLOCKS],
    /// `0`-`9`
    pub(crate) digit: [u64; BLOCKS],
    /// `-` and `_`
    pub(crate) dash: [u64; BLOCKS],
    /// `+` and `/`
    pub(crate) plus: [u64; BLOCKS],
    /// `.` `:` `=` `~`
    pub(crate) dot: [u64; BLOCKS],
    /// `\`
    pub(crate) backslash: [u64; BLOCKS],
    /// `%`
    pub(crate) percent: [u64; BLOCKS],
    /// `&`
    pub(crate) ampersand: [u64; BLOCKS],
    /// NUL
    pub(crate) nul: [u64; BLOCKS],
    /// Position in the view of bit 0 of word 0; may lie before the view's start.
    pub(crate) base: isize,
    /// Number of words filled.
    pub(crate) len: usize,
}

impl Default for Masks {
    fn default() -> Masks {
        let none = [0; BLOCKS];
        Masks {
            alnum: none,
            upper: none,
            digit: none,
            dash: none,
            plus: none,
            dot: none,
            backslash: none,
            percent: none,
            ampersand: none,
            nul: none,
            base: 0,
            len: 0,
        }
    }
}

/// The masks of 64 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    alnum: u64,
    upper: u64,
    digit: u64,
    dash: u64,
    plus: u64,
    dot: u64,
    backslash: u64,
    percent: u64,
    ampersand: u64,
    nul: u64,
}

/// How blocks are classified on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Classifier {
    /// AVX-512 with VBMI; made only where the processor has it.
    #[cfg(target_arch = "x86_64")]
    Avx512(avx512::Detected),
    /// AVX2; made only where the processor has it.
    #[cfg(target_arch = "x86_64")]
    Avx2(avx2::Detected),
    /// A table, byte by byte.
    Portable,
}

impl Classifier {
    /// The fastest there is, or the portable one if asked for.
    pub(crate) fn new(portable: bool) -> Classifier {
        Classifier::all()
            .into_iter()
            .find(|classifier| !portable || *classifier == Classifier::Portable)
            .expect("the last one")
    }

    /// All that this machine can do, the fastest first and the portable one last.
    fn all() -> Vec<Classifier> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(avx512::Detected::new().map(Classifier::Avx512));
            all.extend(avx2::Detected::new().map(Classifier::Avx2));
        }
        all.push(Classifier::Portable);
        all
    }

    /// Sets the words from `first` on to the masks of `bytes`, whole blocks.
    fn fill(self, masks: &mut Masks, first: usize, bytes: &[u8]) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Classifier::Avx512(detected) => detected.fill(masks, first, bytes),
            #[cfg(target_arch = "x86_64")]
            Classifier::Avx2(detected) => detected.fill(masks, first, bytes),
            Classifier::Portable => {
                let (blocks, _) = bytes.as_chunks::<64>();
                blocks.iter().enumerate().for_each(|(i, block)| masks.set(first + i, portable(block)));
            }
        }
    }

    #[cfg(test)]
    fn block(self, bytes: &[u8; 64]) -> Block {
        let mut masks = Box::new(Masks::default());
        self.fill(&mut masks, 0, bytes);
        masks.get(0)
    }
}

impl Masks {
    /// Fills the masks for the stretch that starts at `at`, and its surroundings.
    pub(crate) fn fill(&mut self, classifier: Classifier, bytes: &[u8], at: usize, end: usize) {
        self.base = at as isize - BEFORE as isize;
        let stop = (end + AFTER).min(bytes.len()) as isize;
        self.len = ((stop - self.base) as usize).div_ceil(64).min(BLOCKS);
        // Blocks that lie in the object whole, and those before and after them that do not.
        let first = (-self.base).max(0) as usize;
        let first = first.div_ceil(64).min(self.len);
        let inside = (bytes.len() as isize - self.base).max(0) as usize / 64;
        let last = inside.clamp(first, self.len);
        (0..first).chain(last..self.len).for_each(|word| {
            let start = self.base + 64 * word as isize;
            if start + 64 <= 0 || start >= bytes.len() as isize {
                self.set(word, Block::default());
            } else {
                classifier.fill(self, word, &padded(bytes, start));
            }
        });
        if first < last {
            let start = (self.base + 64 * first as isize) as usize;
            classifier.fill(self, first, &bytes[start..start + 64 * (last - first)]);
        }
        if self.len < BLOCKS {
            self.set(self.len, Block::default());
        }
    }

    #[inline]
    fn set(&mut self, word: usize, block: Block) {
        self.alnum[word] = block.alnum;
        self.upper[word] = block.upper;
        self.digit[word] = block.digit;
        self.dash[word] = block.dash;
        self.plus[word] = block.plus;
        self.dot[word] = block.dot;
        self.backslash[word] = block.backslash;
        self.percent[word] = block.percent;
        self.ampersand[word] = block.ampersand;
        self.nul[word] = block.nul;
    }

    #[cfg(test)]
    fn get(&self, word: usize) -> Block {
        Block {
            alnum: self.alnum[word],
            upper: self.upper[word],
            digit: self.digit[word],
            dash: self.dash[word],
            plus: self.plus[word],
            dot: self.dot[word],
            backslash: self.backslash[word],
            percent: self.percent[word],
            ampersand: self.ampersand[word],
            nul: self.nul[word],
        }
    }

    /// Word and bit of a position of the view.
    #[inline]
    pub(crate) fn place(&self, position: usize) -> (usize, u32) {
        let bit = (position as isize - self.base) as usize;
        (bit / 64, (bit % 64) as u32)
    }

    /// The position of a place in the view.
    #[inline]
    pub(crate) fn position(&self, word: usize, bit: u32) -> usize {
        (self.base + (64 * word) as isize) as usize + bit as usize
    }

    /// Whether anything stands in `word` that a unit other than base64 may begin with; UTF-16 shows by the byte behind, too.
    #[inline]
    pub(crate) fn has_escapes(&self, word: usize) -> bool {
        self.percent[word] | self.backslash[word] | self.ampersand[word] | self.nul[word] | self.nul[word + 1] != 0
    }

    /// Length of the run of set bits at `position`, as far as the masks go (at most [`AFTER`] bytes).
    #[inline]
    pub(crate) fn run(&self, word_bits: impl Fn(usize) -> u64, position: usize) -> usize {
        let (mut word, bit) = self.place(position);
        let rest = !(word_bits(word) >> bit);
        let len = rest.trailing_zeros().min(64 - bit) as usize;
        if len < (64 - bit) as usize {
            return len;
        }
        let mut total = len;
        loop {
            word += 1;
            if word >= self.len || total >= AFTER {
                return total.min(AFTER);
            }
            let ones = word_bits(word).trailing_ones() as usize;
            total += ones;
            if ones < 64 {
                return total.min(AFTER);
            }
        }
    }
}

/// 64 bytes from `start` on; what lies outside the object reads as a byte of no class.
fn padded(bytes: &[u8], start: isize) -> [u8; 64] {
    let mut padded = [b' '; 64];
    let from = start.max(0) as usize;
    let until = ((start + 64) as usize).min(bytes.len());
    let skip = (from as isize - start) as usize;
    padded[skip..skip + until - from].copy_from_slice(&bytes[from..until]);
    padded
}

fn portable(bytes: &[u8; 64]) -> Block {
    let mut block = Block::default();
    for (i, byte) in bytes.iter().enumerate() {
        let bit = |is: bool| u64::from(is) << i;
        block.alnum |= bit(byte.is_ascii_alphanumeric());
        block.upper |= bit(byte.is_ascii_uppercase());
        block.digit |= bit(byte.is_ascii_digit());
        block.dash |= bit(matches!(byte, b'-' | b'_'));
        block.plus |= bit(matches!(byte, b'+' | b'/'));
        block.dot |= bit(matches!(byte, b'.' | b':' | b'=' | b'~'));
        block.backslash |= bit(*byte == b'\\');
        block.percent |= bit(*byte == b'%');
        block.ampersand |= bit(*byte == b'&');
        block.nul |= bit(*byte == 0);
    }
    block
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "measured: the portable table is 8 times slower, and it is most of a scan's time")]
mod avx2 {
    use super::{Block, Masks};
    use std::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8,
        _mm256_setr_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16,
    };

    /// Proof that the processor has AVX2: made only by [`Detected::new`].
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Detected(());

    impl Detected {
        pub(crate) fn new() -> Option<Detected> {
            std::arch::is_x86_feature_detected!("avx2").then_some(Detected(()))
        }

        pub(crate) fn fill(self, masks: &mut Masks, first: usize, bytes: &[u8]) {
            // SAFETY: a `Detected` exists only where the processor has AVX2.
            unsafe { fill(masks, first, bytes) }
        }
    }

    // One bit a class; each class is a set of high nibbles times a set of low nibbles.
    const LETTER_LOW: i8 = 1; // @A-O, `a-o without the first
    const LETTER_HIGH: i8 = 2; // P-Z, p-z
    const DIGIT: i8 = 4;
    const PLUS: i8 = 8; // + /
    const HYPHEN: i8 = 16;
    const UNDERSCORE: i8 = 32;
    const COLON: i8 = 64; // : =
    const DOT: i8 = -128; // . ~

    const LOW: [i8; 16] = [
        LETTER_HIGH | DIGIT,
        LETTER_LOW | LETTER_HIGH | DIGIT,
        LETTER_LOW | LETTER_HIGH | DIGIT,
        LETTER_LOW | LETTER_HIGH | DIGIT,
        LETTER_LOW | LETTER_HIGH | DIGIT,
        LETTER_LOW | LETTER_HIGH | DIGIT,
        LETTER_LOW | LETTER_HIGH | DIGIT,
        LETTER_LOW | LETTER_HIGH | DIGIT,
        LETTER_LOW | LETTER_HIGH | DIGIT,
        LETTER_LOW | LETTER_HIGH | DIGIT,
        LETTER_LOW | LETTER_HIGH | COLON,
        LETTER_LOW | PLUS,
        LETTER_LOW,
        LETTER_LOW | HYPHEN | COLON,
        LETTER_LOW | DOT,
        LETTER_LOW | PLUS | UNDERSCORE,
    ];
    const HIGH: [i8; 16] = [
        0,
        0,
        PLUS | HYPHEN | DOT,
        DIGIT | COLON,
        LETTER_LOW,
        LETTER_HIGH | UNDERSCORE,
        LETTER_LOW,
        LETTER_HIGH | DOT,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
    ];

    #[inline]
    #[target_feature(enable = "avx2")]
    fn twice(table: [i8; 16]) -> __m256i {
        let t = table;
        _mm256_setr_epi8(
            t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], t[10], t[11], t[12], t[13], t[14], t[15], t[0],
            t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], t[10], t[11], t[12], t[13], t[14], t[15],
        )
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn any(classes: __m256i, wanted: i8) -> u32 {
        let hit = _mm256_and_si256(classes, _mm256_set1_epi8(wanted));
        !(_mm256_movemask_epi8(_mm256_cmpeq_epi8(hit, _mm256_setzero_si256())) as u32)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn equal(bytes: __m256i, byte: u8) -> u32 {
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte as i8))) as u32
    }

    /// The masks of 32 bytes, in the low halves.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn half(bytes: __m256i) -> Block {
        let nibble = _mm256_set1_epi8(0x0f);
        let low = _mm256_shuffle_epi8(twice(LOW), _mm256_and_si256(bytes, nibble));
        let high = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble);
        let high = _mm256_shuffle_epi8(twice(HIGH), high);
        let classes = _mm256_and_si256(low, high);
        let letters = any(classes, LETTER_LOW | LETTER_HIGH);
        // Bit 5 tells small letters from capitals; moved to where movemask looks.
        let small = _mm256_movemask_epi8(_mm256_slli_epi16::<2>(bytes)) as u32;
        let digit = any(classes, DIGIT);
        Block {
            alnum: u64::from(letters | digit),
            upper: u64::from(letters & !small),
            digit: u64::from(digit),
            dash: u64::from(any(classes, HYPHEN | UNDERSCORE)),
            plus: u64::from(any(classes, PLUS)),
            dot: u64::from(any(classes, COLON | DOT)),
            backslash: u64::from(equal(bytes, b'\\')),
            percent: u64::from(equal(bytes, b'%')),
            ampersand: u64::from(equal(bytes, b'&')),
            nul: u64::from(equal(bytes, 0)),
        }
    }

    #[target_feature(enable = "avx2")]
    fn fill(masks: &mut Masks, first: usize, bytes: &[u8]) {
        let (blocks, _) = bytes.as_chunks::<64>();
        for (i, bytes) in blocks.iter().enumerate() {
            masks.set(first + i, block(bytes));
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn block(bytes: &[u8; 64]) -> Block {
        let at = bytes.as_ptr().cast::<__m256i>();
        // SAFETY: both loads lie in the 64 bytes; the load does not ask for alignment.
        let (a, b) = unsafe { (half(_mm256_loadu_si256(at)), half(_mm256_loadu_si256(at.add(1)))) };
        Block {
            alnum: a.alnum | b.alnum << 32,
            upper: a.upper | b.upper << 32,
            digit: a.digit | b.digit << 32,
            dash: a.dash | b.dash << 32,
            plus: a.plus | b.plus << 32,
            dot: a.dot | b.dot << 32,
            backslash: a.backslash | b.backslash << 32,
            percent: a.percent | b.percent << 32,
            ampersand: a.ampersand | b.ampersand << 32,
            nul: a.nul | b.nul << 32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_ones_and_the_portable_one_agree_on_every_byte_at_every_place() {
        for byte in 0..=255u8 {
            for at in [0, 1, 15, 16, 31, 32, 63] {
                let mut bytes = [b'('; 64];
                bytes[at] = byte;
                for fast in Classifier::all() {
                    assert_eq!(fast.block(&bytes), portable(&bytes), "{fast:?}, byte {byte:#x} at {at}");
                }
            }
        }
    }

    #[test]
    fn bits_outside_the_object_are_clear() {
        let mut masks = Masks::default();
        masks.fill(Classifier::new(false), b"abc", 0, 3);
        let (word, bit) = masks.place(0);
        assert_eq!(masks.alnum[word] >> bit, 0b111);
        assert_eq!(masks.alnum[0], 0);
        assert_eq!(masks.nul.iter().filter(|w| **w != 0).count(), 0);
        assert_eq!(masks.run(|w| masks.alnum[w], 0), 3);
    }
}
