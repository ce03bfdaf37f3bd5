//! Shannon entropy by integers alone.

/// Fraction bits of [`LOG2`].
const SCALE: u32 = 16;
/// Counts with a ready logarithm.
const TABLE: usize = 257;

/// log2(n) for n below 257, in 1/65536; the first entry, of zero, is never asked for.
const LOG2: [u32; TABLE] = {
    let mut table = [0; TABLE];
    let mut n = 1;
    while n < TABLE {
        table[n] = log2(n as u64);
        n += 1;
    }
    table
};

/// log2 of a number above zero, in 1/65536, by repeated squaring of the mantissa.
const fn log2(n: u64) -> u32 {
    let whole = n.ilog2();
    // The mantissa, between 1 and 2, with 31 bits behind the point.
    let mut mantissa = if whole <= 31 { n << (31 - whole) } else { n >> (whole - 31) };
    let (mut fraction, mut bit) = (0, 0);
    while bit < SCALE {
        mantissa = (mantissa * mantissa) >> 31;
        fraction <<= 1;
        if mantissa >> 32 != 0 {
            mantissa >>= 1;
            fraction |= 1;
        }
        bit += 1;
    }
    (whole << SCALE) | fraction
}

fn logarithm(n: u64) -> u64 {
    let ready = usize::try_from(n).ok().and_then(|n| LOG2.get(n)).copied();
    u64::from(ready.unwrap_or_else(|| log2(n)))
}

/// n times log2(n), in 1/65536.
const TIMES_LOG2: [u32; TABLE] = {
    let mut table = [0; TABLE];
    let mut n = 1;
    while n < TABLE {
        table[n] = n as u32 * LOG2[n];
        n += 1;
    }
    table
};

/// Shannon entropy of `value`'s bytes, in hundredths of a bit per byte: 0 for nothing and for one byte repeated, at most
/// 800. Exact to one hundredth. Linear.
pub fn entropy(value: &[u8]) -> u16 {
    if value.len() >= TABLE {
        return of_long(value);
    }
    let (mut counts, mut sum) = ([0u8; 256], 0u32);
    for b in value {
        let count = &mut counts[usize::from(*b)];
        // One more of the same byte; the last of 256 equal ones wraps to zero and is not counted on.
        sum += TIMES_LOG2[usize::from(*count) + 1] - TIMES_LOG2[usize::from(*count)];
        *count = count.wrapping_add(1);
    }
    of_sum(u64::from(sum), value.len() as u64)
}

fn of_long(value: &[u8]) -> u16 {
    let mut counts = [0u64; 256];
    value.iter().for_each(|b| counts[usize::from(*b)] += 1);
    of_sum(counts.iter().filter(|c| **c > 1).map(|c| c * logarithm(*c)).sum(), value.len() as u64)
}

/// H = log2(n) - 1/n * sum of c * log2(c), over the counts c of the n bytes.
fn of_sum(sum: u64, len: u64) -> u16 {
    if len < 2 {
        return 0;
    }
    let bits = logarithm(len).saturating_sub(sum.div_ceil(len));
    ((bits * 100 + (1 << (SCALE - 1))) >> SCALE) as u16
}

/// The most entropy that `len` bytes can have.
pub(super) fn of_len(len: usize) -> u16 {
    ((logarithm(len.clamp(1, 256) as u64) * 100) >> SCALE) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_floats(value: &[u8]) -> f64 {
        let count = |b: u8| value.iter().filter(|v| **v == b).count() as f64 / value.len() as f64;
        (0..=255).map(count).filter(|p| *p > 0.0).map(|p| -p * p.log2()).sum()
    }

    #[test]
    fn as_floats_have_it() {
        let mut value = Vec::new();
        let mut state = 7u32;
        for len in [2, 3, 10, 40, 255, 256, 257, 1000, 70_000] {
            while value.len() < len {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                value.push((state >> 24) as u8 % (len % 250 + 2) as u8);
            }
            let exact = by_floats(&value) * 100.0;
            assert!((f64::from(entropy(&value)) - exact).abs() <= 1.0, "{len}: {} {exact}", entropy(&value));
        }
    }

    #[test]
    fn ends_of_the_scale() {
        assert_eq!(entropy(b""), 0);
        assert_eq!(entropy(&[7; 500]), 0);
        assert_eq!(entropy(&(0..=255).collect::<Vec<u8>>()), 800);
        assert_eq!(entropy(b"ab"), 100);
    }
}
