//! The cyclic redundancy checks that tokens carry. Parameters: the catalogue of parametrised CRC algorithms
//! (reveng.sourceforge.io/crc-catalogue), entries CRC-32/ISO-HDLC, CRC-16/XMODEM and CRC-24/OPENPGP.

const TABLE32: [u32; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let (mut value, mut bit) = (i as u32, 0);
        while bit < 8 {
            value = (value >> 1) ^ (0xEDB8_8320 & (value & 1).wrapping_neg());
            bit += 1;
        }
        table[i] = value;
        i += 1;
    }
    table
};

/// The CRC32 of zlib and PNG.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, b| (crc >> 8) ^ TABLE32[usize::from(crc as u8 ^ b)])
}

/// CRC-16/XMODEM: polynomial 0x1021, initial value 0.
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, b| {
        (0..8).fold(crc ^ (u16::from(*b) << 8), |crc, _| (crc << 1) ^ (0x1021 & (crc >> 15).wrapping_neg()))
    })
}

/// OpenPGP's CRC-24: polynomial 0x864CFB, initial value 0xB704CE.
pub(super) fn crc24(bytes: &[u8]) -> u32 {
    let crc = bytes.iter().fold(0x00B7_04CE, |crc: u32, b| {
        (0..8).fold(crc ^ (u32::from(*b) << 16), |crc, _| (crc << 1) ^ (0x0186_4CFB & (crc >> 23 & 1).wrapping_neg()))
    });
    crc & 0x00FF_FFFF
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values_of_the_catalogue() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc16(b"123456789"), 0x31C3);
        assert_eq!(crc24(b"123456789"), 0x0021_CF02);
    }
}
