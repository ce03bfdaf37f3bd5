//! Bech32 (BIP 173) without its limit of length, as age writes keys.

const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// 32 bytes behind a prefix.
#[cfg(test)]
pub fn encode(prefix: &str, key: &[u8; 32]) -> String {
    let mut digits = regrouped(key.iter().copied(), 8, 5, true).expect("whole bytes");
    let mut checked: Vec<u8> = expanded(prefix).into_iter().chain(digits.iter().copied()).chain([0; 6]).collect();
    let sum = polymod(&checked) ^ 1;
    checked.clear();
    digits.extend((0..6).map(|at| (sum >> (5 * (5 - at)) & 31) as u8));
    format!("{prefix}1{}", digits.iter().map(|digit| char::from(ALPHABET[usize::from(*digit)])).collect::<String>())
}

/// The 32 bytes behind a prefix.
///
/// # Errors
/// What is wrong with it.
pub fn decode(prefix: &str, text: &str) -> Result<[u8; 32], &'static str> {
    if text.bytes().any(|b| b.is_ascii_lowercase()) && text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err("small and capital letters are mixed");
    }
    let text = text.to_ascii_lowercase();
    let (found, data) = text.rsplit_once('1').ok_or("it has no prefix")?;
    if found != prefix {
        return Err("it begins with something else");
    }
    let digit = |b: u8| ALPHABET.iter().position(|known| *known == b).map(|at| at as u8);
    let digits: Option<Vec<u8>> = data.bytes().map(digit).collect();
    let digits = digits.ok_or("it has letters that none has")?;
    if digits.len() < 6 {
        return Err("it is too short");
    }
    let all: Vec<u8> = expanded(prefix).into_iter().chain(digits.iter().copied()).collect();
    if polymod(&all) != 1 {
        return Err("its checksum is wrong, so a letter of it is");
    }
    let bytes = regrouped(digits[..digits.len() - 6].iter().copied(), 5, 8, false).ok_or("its end is wrong")?;
    bytes.try_into().map_err(|_| "it has another length")
}

fn expanded(prefix: &str) -> Vec<u8> {
    prefix.bytes().map(|b| b >> 5).chain([0]).chain(prefix.bytes().map(|b| b & 31)).collect()
}

fn polymod(digits: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    digits.iter().fold(1, |sum, digit| {
        let mut next = (sum & 0x1ff_ffff) << 5 ^ u32::from(*digit);
        for (bit, word) in GENERATOR.iter().enumerate() {
            if sum >> 25 >> bit & 1 == 1 {
                next ^= word;
            }
        }
        next
    })
}

/// Groups of bits in groups of another size; without `pad`, what is left must be short and zero.
fn regrouped(groups: impl Iterator<Item = u8>, from: u32, to: u32, pad: bool) -> Option<Vec<u8>> {
    let (mut held, mut bits, mut all) = (0u32, 0, Vec::new());
    for group in groups {
        held = (held << from | u32::from(group)) & 0xfff;
        bits += from;
        while bits >= to {
            bits -= to;
            all.push((held >> bits & ((1 << to) - 1)) as u8);
        }
    }
    let rest = held & ((1 << bits) - 1);
    if pad && bits > 0 {
        all.push((rest << (to - bits)) as u8);
    } else if !pad && (bits >= from || rest != 0) {
        return None;
    }
    Some(all)
}
