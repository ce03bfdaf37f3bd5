//! Digits to bytes: base64 (both alphabets at once) and hexadecimal, by tables.

/// The 6 bits of a base64 digit, shifted to each of the four places of a group; 0 for what is no digit.
static GROUP: [[u32; 256]; 4] = [group(18), group(12), group(6), group(0)];
/// The 4 bits of a hexadecimal digit; 0 for what is none.
static NIBBLE: [u8; 256] = nibbles();

const fn group(shift: u32) -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let value = match byte as u8 {
            b'A'..=b'Z' => byte as u32 - 65,
            b'a'..=b'z' => byte as u32 - 71,
            b'0'..=b'9' => byte as u32 + 4,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => 0,
        };
        table[byte] = value << shift;
        byte += 1;
    }
    table
}

const fn nibbles() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'0'..=b'9' => byte as u8 - 48,
            b'a'..=b'f' => byte as u8 - 87,
            b'A'..=b'F' => byte as u8 - 55,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// The three bytes of four base64 digits.
#[inline(always)]
pub(super) fn group_bytes(digits: [u8; 4]) -> [u8; 3] {
    let place = |i: usize| GROUP[i][digits[i] as usize];
    let bits = (place(0) | place(1) | place(2) | place(3)).to_be_bytes();
    [bits[1], bits[2], bits[3]]
}

/// The byte of two hexadecimal digits.
#[inline(always)]
pub(super) fn hex_byte(digits: [u8; 2]) -> u8 {
    NIBBLE[digits[0] as usize] << 4 | NIBBLE[digits[1] as usize]
}

/// Bytes in `digits` base64 digits; a single digit left over is no byte.
pub(super) const fn base64_len(digits: usize) -> usize {
    digits / 4 * 3 + (digits % 4 * 3) / 4
}

/// Appends what `digits` spell.
pub(super) fn base64(digits: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + base64_len(digits.len()), 0);
    let (groups, rest) = digits.as_chunks::<4>();
    let (bytes, last) = out[start..].as_chunks_mut::<3>();
    for (group, bytes) in groups.iter().zip(bytes) {
        *bytes = group_bytes(*group);
    }
    let mut group = [b'A'; 4];
    group[..rest.len()].copy_from_slice(rest);
    last.copy_from_slice(&group_bytes(group)[..last.len()]);
}

/// Appends what `digits` spell.
pub(super) fn hex(digits: &[u8], out: &mut Vec<u8>) {
    let (pairs, _) = digits.as_chunks::<2>();
    out.extend(pairs.iter().map(|pair| hex_byte(*pair)));
}

/// Turns base64 digits into bytes where they stand, and cuts the buffer to them.
pub(super) fn base64_in_place(buffer: &mut Vec<u8>) {
    let len = base64_len(buffer.len());
    let groups = buffer.len() / 4;
    for i in 0..groups {
        let group = [buffer[4 * i], buffer[4 * i + 1], buffer[4 * i + 2], buffer[4 * i + 3]];
        buffer[3 * i..3 * i + 3].copy_from_slice(&group_bytes(group));
    }
    let mut group = [b'A'; 4];
    let rest = buffer.len() - 4 * groups;
    group[..rest].copy_from_slice(&buffer[4 * groups..]);
    let last = group_bytes(group);
    buffer.truncate(len);
    buffer[3 * groups..].copy_from_slice(&last[..len - 3 * groups]);
}

/// Turns hexadecimal digits into bytes where they stand, and cuts the buffer to them.
pub(super) fn hex_in_place(buffer: &mut Vec<u8>) {
    let len = buffer.len() / 2;
    for i in 0..len {
        buffer[i] = hex_byte([buffer[2 * i], buffer[2 * i + 1]]);
    }
    buffer.truncate(len);
}
