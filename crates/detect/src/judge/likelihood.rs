//! How likely a value bound to a name is a credential: a logistic regression over a hundred explainable numbers.
//!
//! `sample` in `features` turns value, name and whether quotes stand around the value into the numbers; `weights` holds, for
//! each, a weight common to all names and one for the name's kind on top. That file and `tables` (letter pairs, letter
//! triples, frequent words) are written by `cargo run --release -p detect --example train`, from data that is not part of the
//! repository; `docs/evaluation.md` names it and says how well the model does. Same data, same bytes.
//!
//! 1. `train tables TREE...`: words of three to twelve letters of source trees, weighed by the logarithms of how many files
//!    of each tree hold them; pairs and triples counted over the 12,000 most common.
//! 2. `train weights LINES TREE...`: a logistic regression with ridge penalty (1 on the common weights, 4 on the others). It
//!    learns from the generic rows of labelled lines, the half chosen by a hash of the line, bound as the detector binds them;
//!    from what source trees assign to credential-like names, tests and documentation left out, as negatives of 0.15 the
//!    weight; from invented positives, passwords of words, digits and marks (so that what people choose does not score as what
//!    they call things) and random tokens; and from invented negatives, digests, ids, public keys and names of things.
//!
//! A feature more: put zeros of the new length in `weights`, build, train.

use super::features::{self, Said};
use super::weights::{COMMON, OF_GROUP};

/// The odds, as natural logarithms in 1/1024, from which on each of the percentages is reached: `ln(p / (1 - p))`.
const PERCENT: [i32; 100] = {
    let mut table = [0; 100];
    let mut percent = 1;
    while percent < 100 {
        // Percentages 1 to 99; the odds are symmetric about 50.
        let (more, less) = (percent as u64, 100 - percent as u64);
        table[percent] = ln(more) - ln(less);
        percent += 1;
    }
    table[0] = i32::MIN;
    table
};

/// The natural logarithm of a whole number up to 100, in 1/1024, by the series of `atanh` from the power of two below.
const fn ln(n: u64) -> i32 {
    let whole = n.ilog2();
    // z = (m - 1) / (m + 1) of the mantissa m, with 30 bits behind the point; below 1/3.
    let (power, scale) = (1u64 << whole, 1u64 << 30);
    let z = (n - power) * scale / (n + power);
    let square = z * z / scale;
    let (mut term, mut sum, mut k) = (z, 0, 1);
    while k < 20 {
        sum += term / k;
        term = term * square / scale;
        k += 2;
    }
    // ln 2 with 30 bits is 744_261_118.
    let total = 2 * sum + whole as u64 * 744_261_118;
    ((total + (1 << 19)) >> 20) as i32
}

/// How likely `value`, bound to `name`, is a credential, 0 to 100: the model's own percentage, at the share of credentials in
/// its training data (one in five of the values bound to credential-like names), so an order rather than a frequency. A name
/// may be empty. `quoted`: whether quotes or tags stand around the value, or could not. Values and names are looked at up
/// to their 96th byte; about half a microsecond.
pub fn likelihood(name: &[u8], value: &[u8], quoted: bool) -> u8 {
    let (sample, group) = features::sample(name, value, quoted);
    let own = &OF_GROUP[group];
    let mut odds = 0;
    for i in 0..features::COUNT {
        odds += i32::from(sample[i]) * (i32::from(COMMON[i]) + i32::from(own[i]));
    }
    let odds = odds / 64;
    let percent = PERCENT.partition_point(|least| *least <= odds) as u8 - u8::from(odds < PERCENT[99]);
    match features::said(name, value, group) {
        _ if is_jumble(value) => percent.max(JUMBLED),
        Said::Issued if is_uuid(value) => percent.max(JUMBLED),
        Said::Issued if is_typed(value) => percent.min(FOREIGN),
        Said::Who => percent.min(FOREIGN),
        _ => percent,
    }
}

/// The most likelihood of what is no credential by what its name says: who logs in, or a token in which stand marks that no
/// issuer takes.
const FOREIGN: u8 = 9;
/// What is shorter may have been thought up by somebody.
const MACHINE_MADE: usize = 20;

fn is_uuid(value: &[u8]) -> bool {
    let dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let fits = |(at, b): (usize, &u8)| if dash(at) { *b == b'-' } else { b.is_ascii_hexdigit() };
    value.len() == 36 && value.iter().enumerate().all(fits)
}

/// Whether marks stand in a value that only people type, and nothing that makes it a text or a program.
fn is_typed(value: &[u8]) -> bool {
    value.len() >= MACHINE_MADE
        && value.iter().all(|b| b.is_ascii_graphic() && !b"\"'`\\{}".contains(b))
        && value.iter().any(|b| b"^!?@,()[];<>$#".contains(b))
}

/// The least likelihood of a jumble of marks: the examples that weights were fitted to hold few, and take marks for a program's.
const JUMBLED: u8 = 40;
/// How many different marks make a jumble.
const MARKS: u32 = 6;

/// Whether a value without spaces holds many different marks, and brackets that do not belong together: programs, templates
/// and expressions nest theirs, what somebody typed at random does not.
pub(super) fn is_jumble(value: &[u8]) -> bool {
    let (mut marks, mut open, mut nests) = (0u128, Vec::new(), true);
    for byte in value {
        match byte {
            b'(' => open.push(b')'),
            b'[' => open.push(b']'),
            b'{' => open.push(b'}'),
            b')' | b']' | b'}' => nests &= open.pop() == Some(*byte),
            _ => {}
        }
        if byte.is_ascii_punctuation() {
            marks |= 1 << byte;
        } else if byte.is_ascii_whitespace() || byte.is_ascii_control() {
            return false;
        }
    }
    let has_brackets = [b'(', b'[', b'{', b')', b']', b'}'].iter().any(|b| marks >> b & 1 == 1);
    marks.count_ones() >= MARKS && (!has_brackets || !nests || !open.is_empty())
}
