//! How much a text reads like words.

use super::fnv64;
use super::tables::{BIGRAMS, TRIGRAMS, WORDS};

/// Places in [`INDEX`]; a power of two above twice the number of words.
const PLACES: usize = 4096;

/// For each word a place found by its hash: offset in [`WORDS`] and length. Zero length: none.
static INDEX: [(u16, u8); PLACES] = {
    let text = WORDS.as_bytes();
    let mut index = [(0u16, 0u8); PLACES];
    let (mut start, mut at) = (0, 0);
    while at <= text.len() {
        if at == text.len() || text[at] == b' ' {
            let (_, word) = text.split_at(start);
            let (word, _) = word.split_at(at - start);
            let mut place = fnv64(word) as usize % PLACES;
            while index[place].1 != 0 {
                place = (place + 1) % PLACES;
            }
            index[place] = (start as u16, (at - start) as u8);
            start = at + 1;
        }
        at += 1;
    }
    index
};

/// Length of the longest word looked for.
const LONGEST: usize = 12;

/// Whether a lower-case text is one of the frequent words.
pub(super) fn is_word(text: &[u8]) -> bool {
    lookup(fnv64(text), text)
}

fn lookup(hash: u64, text: &[u8]) -> bool {
    let mut place = hash as usize % PLACES;
    while INDEX[place].1 != 0 {
        let (start, len) = (usize::from(INDEX[place].0), usize::from(INDEX[place].1));
        if &WORDS.as_bytes()[start..start + len] == text {
            return true;
        }
        place = (place + 1) % PLACES;
    }
    false
}

/// How many of the bytes of a lower-case run of letters the frequent words cover, taken greedily from the left, the
/// longest first; at most as many bytes as there are.
pub(super) fn covered(run: &[u8]) -> usize {
    let (mut at, mut covered) = (0, 0);
    while at + 3 <= run.len() {
        let rest = &run[at..run.len().min(at + LONGEST)];
        let mut longest = 0;
        // Words begin with familiar triples, so most of random text is passed over here.
        if is_familiar(rest[0], rest[1], rest[2]) {
            let mut hash = fnv64(&rest[..2]);
            for len in 3..=rest.len() {
                hash = (hash ^ u64::from(rest[len - 1])).wrapping_mul(0x0100_0000_01B3);
                if lookup(hash, &rest[..len]) {
                    longest = len;
                }
            }
        }
        covered += longest;
        at += longest.max(1);
    }
    covered
}

/// How often the second letter follows the first inside words, against chance: log2, in quarters of a bit. Both lower
/// case.
pub(super) fn bigram(a: u8, b: u8) -> i32 {
    i32::from(BIGRAMS[usize::from(a - b'a') * 26 + usize::from(b - b'a')])
}

/// Whether three lower-case letters follow each other inside words more than rarely.
pub(super) fn is_familiar(a: u8, b: u8, c: u8) -> bool {
    let at = (usize::from(a - b'a') * 26 + usize::from(b - b'a')) * 26 + usize::from(c - b'a');
    TRIGRAMS[at / 64] >> (at % 64) & 1 == 1
}

/// Whether the letters of a value follow each other as in no word: two thirds of at least three triples are not
/// familiar. Of random letters it is six in seven.
pub(super) fn is_noise(value: &[u8]) -> bool {
    let (mut triples, mut strange) = (0, 0);
    for three in value.windows(3).filter(|three| three.iter().all(u8::is_ascii_alphabetic)) {
        let [a, b, c] = [0, 1, 2].map(|at| three[at].to_ascii_lowercase());
        triples += 1;
        strange += usize::from(!is_familiar(a, b, c));
    }
    triples >= 3 && strange * 3 >= triples * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_noise() {
        assert!(WORDS.split(' ').all(|word| is_word(word.as_bytes())));
        assert!(!is_word(b"wqzx") && !is_word(b""));
        assert_eq!(covered(b"usernamefield"), 13);
        assert_eq!(covered(b"wqzxkvjq"), 0);
        assert!(bigram(b't', b'h') > 0 && bigram(b'q', b'z') < 0);
        for word in ["correcthorsebattery", "Passwort", "Kennwort", "MotDePasse", "contrasena", "wachtwoord", "abc"] {
            assert!(!is_noise(word.as_bytes()), "{word}");
        }
        assert!(is_noise(b"obttcvrt") && is_noise(b"xkqzw"));
        assert!(is_familiar(b'i', b'n', b'g') && !is_familiar(b'q', b'z', b'x'));
    }
}
