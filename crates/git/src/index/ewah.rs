//! Compressed bitmaps as git stores them (EWAH): <https://git-scm.com/docs/bitmap-format>, appendix A.

use super::entries::{Input, Trouble};

/// The first `len` bits of the bitmap that `bytes` begins with. No bytes at all are a bitmap without a set bit, and
/// bits past `len` are passed over; so the work is bounded by `len` and `bytes`, whatever the run lengths say.
pub(crate) fn set_bits(bytes: &[u8], len: usize) -> Result<Vec<bool>, Trouble> {
    let mut bits = Vec::with_capacity(len);
    if !bytes.is_empty() {
        let mut input = Input { bytes, at: 0 };
        let _bit_count = input.u32()?;
        let words = input.u32()? as usize;
        let words = input.take(words.checked_mul(8).ok_or_else(super::entries::cut)?)?;
        let mut words = Input { bytes: words, at: 0 };
        while words.at < words.bytes.len() && bits.len() < len {
            let marker = words.u64()?;
            let run = usize::try_from(marker >> 1 & 0xffff_ffff).unwrap_or(usize::MAX).saturating_mul(64);
            bits.resize(len.min(bits.len().saturating_add(run)), marker & 1 == 1);
            for _ in 0..marker >> 33 {
                let word = words.u64()?;
                let room = (len - bits.len()).min(64);
                bits.extend((0..room).map(|at| word >> at & 1 == 1));
            }
        }
    }
    bits.resize(len, false);
    Ok(bits)
}

/// What follows the bitmap that `bytes` begins with.
pub(crate) fn after(bytes: &[u8]) -> Result<&[u8], Trouble> {
    let mut input = Input { bytes, at: 0 };
    if !bytes.is_empty() {
        let _bit_count = input.u32()?;
        let words = input.u32()? as usize;
        input.take(words.checked_mul(8).ok_or_else(super::entries::cut)?)?;
        let _last_marker = input.u32()?;
    }
    Ok(&bytes[input.at..])
}

#[cfg(test)]
mod tests {
    use super::{after, set_bits};

    fn bitmap(words: &[u64]) -> Vec<u8> {
        let mut bytes = 0u32.to_be_bytes().to_vec();
        bytes.extend((words.len() as u32).to_be_bytes());
        words.iter().for_each(|word| bytes.extend(word.to_be_bytes()));
        bytes.extend(0u32.to_be_bytes());
        bytes
    }

    #[test]
    fn runs_and_literal_words_are_read() {
        // One word of zeros, one literal word with bits 0 and 63, then two words of ones.
        let bytes = bitmap(&[1 << 1 | 1 << 33, 1 << 63 | 1, 1 | 2 << 1]);
        let set: Vec<usize> =
            set_bits(&bytes, 200).unwrap().iter().enumerate().filter(|(_, set)| **set).map(|(at, _)| at).collect();
        let expected: Vec<usize> = [64, 127].into_iter().chain(128..200).collect();
        assert_eq!(set, expected);
        let two = [bytes.as_slice(), b"next"].concat();
        assert_eq!(after(&two).unwrap(), b"next");
        assert!(after(&bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn huge_runs_and_cut_words_are_no_trouble() {
        assert_eq!(set_bits(&bitmap(&[u64::MAX >> 31]), 70).unwrap(), vec![true; 70]);
        assert!(set_bits(&bitmap(&[1 << 33]), 70).is_err());
        assert!(set_bits(&[0, 0, 0, 0, 255, 255, 255, 255], 70).is_err());
        assert_eq!(set_bits(&[], 2).unwrap(), vec![false; 2]);
    }
}
