//! Keys in DER. Sources: RFC 8017 appendix A.1.2 (RSAPrivateKey), RFC 5915 (ECPrivateKey), RFC 5958 (PKCS #8), RFC 8410
//! (Ed25519 and its kin), RFC 8018 (encrypted PKCS #8), RFC 7292 (PKCS #12); OpenSSL's `DSAPrivateKey`.

use super::der::{BIT_STRING, Der, INTEGER, NULL, OBJECT_ID, OCTET_STRING, SEQUENCE};

/// Object identifiers, as their DER contents.
pub(super) const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
pub(super) const EC: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const DSA: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x01];
/// X25519, X448, Ed25519, Ed448 are `1.3.101.110` to `.113`.
const EDWARDS: &[u8] = &[0x2B, 0x65];
/// PKCS #5 and PKCS #12 encryption schemes.
const ENCRYPTION: [&[u8]; 2] =
    [&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05], &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x01]];
/// PKCS #7 content types.
const CONTENT: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07];

/// Whether `bytes` are exactly one private key of any kind here.
pub(super) fn opens(bytes: &[u8]) -> bool {
    let mut whole = Der(bytes);
    let Some(key) = whole.sequence() else { return false };
    whole.is_empty() && [rsa, ec, dsa, pkcs8, encrypted, tpm].iter().any(|kind| kind(key).is_some())
}

/// Whether `bytes` begin as a private key does that is not encrypted: a sequence, its version, then a number, an algorithm
/// or the key. Lengths are not looked at.
pub(super) fn begins(bytes: &[u8]) -> bool {
    let inside = match bytes {
        [SEQUENCE, 0..=0x7F, inside @ ..] | [SEQUENCE, 0x81, _, inside @ ..] | [SEQUENCE, 0x82, _, _, inside @ ..] => {
            inside
        }
        _ => return false,
    };
    matches!(inside, [INTEGER, 1, 0 | 1, SEQUENCE | INTEGER | OCTET_STRING, _, ..])
}

/// The number's low 64 bits.
fn low_bits(number: &[u8]) -> u64 {
    number.iter().rev().take(8).rev().fold(0, |low, b| low << 8 | u64::from(*b))
}

/// Version, n, e, d, p, q, d mod p-1, d mod q-1, 1/q. That p times q is n is checked on the low 64 bits: one changed
/// character in any of them shows.
fn rsa(mut key: Der<'_>) -> Option<()> {
    let version = key.natural()?;
    let mut numbers = [&[][..]; 8];
    for number in &mut numbers {
        *number = key.natural()?;
    }
    let [n, e, d, p, q, ..] = numbers;
    let sized = n.len() >= 32 && e.len() <= 8 && d.len() <= n.len() && p.len() < n.len() && q.len() < n.len();
    let fits = version == [1] || low_bits(p).wrapping_mul(low_bits(q)) == low_bits(n);
    (matches!(version, [0 | 1]) && sized && fits).then_some(())
}

/// Version 1, the private number, optionally the curve and the public point.
fn ec(mut key: Der<'_>) -> Option<()> {
    let version = key.natural()?;
    let secret = key.expect(OCTET_STRING)?;
    if let Some(curve) = key.expect(0xA0) {
        Der(curve).expect(OBJECT_ID).or_else(|| Der(curve).sequence().map(|curve| curve.0))?;
    }
    if let Some(point) = key.expect(0xA1) {
        Der(point).expect(BIT_STRING)?;
    }
    (version == [1] && (14..=72).contains(&secret.len()) && key.is_empty()).then_some(())
}

/// Version 0, p, q, g, y, x.
fn dsa(mut key: Der<'_>) -> Option<()> {
    let mut numbers = [&[][..]; 6];
    for number in &mut numbers {
        *number = key.natural()?;
    }
    let [version, p, q, g, y, x] = numbers;
    let sized = p.len() >= 64 && q.len() >= 20 && g.len() <= p.len() && y.len() <= p.len() && x.len() <= q.len();
    (version == [0] && sized && key.is_empty()).then_some(())
}

/// Version, algorithm, the key inside, optionally attributes and a public key.
fn pkcs8(mut key: Der<'_>) -> Option<()> {
    let version = key.natural()?;
    let mut algorithm = key.sequence()?;
    let name = algorithm.expect(OBJECT_ID)?;
    let inside = key.expect(OCTET_STRING)?;
    let mut body = Der(inside);
    let fits = match name {
        RSA => rsa(body.sequence()?).is_some(),
        EC => ec(body.sequence()?).is_some(),
        DSA => body.natural()?.len() >= 16,
        // Curve keys are an octet string of their own.
        _ if name.strip_prefix(EDWARDS).is_some_and(|rest| matches!(rest, [0x6E..=0x71])) => {
            matches!(body.expect(OCTET_STRING)?.len(), 32 | 56 | 57)
        }
        _ => inside.len() >= 16,
    };
    (matches!(version, [0 | 1]) && fits).then_some(())
}

/// An encryption scheme and what it was applied to.
fn encrypted(mut key: Der<'_>) -> Option<()> {
    let name = key.sequence()?.expect(OBJECT_ID)?;
    let sealed = key.expect(OCTET_STRING)?;
    let known = ENCRYPTION.iter().any(|scheme| name.starts_with(scheme));
    (known && sealed.len() >= 16 && key.is_empty()).then_some(())
}

/// A key wrapped by a TPM (`TSS2 PRIVATE KEY`): its type, then wrapped parts.
fn tpm(mut key: Der<'_>) -> Option<()> {
    let name = key.expect(OBJECT_ID)?;
    // 2.23.133.10.1, the TCG's arc for TPM 2.0 key files.
    let of_tcg = name.starts_with(&[0x67, 0x81, 0x05, 0x0A, 0x01]);
    let mut wrapped = 0;
    while let Some((tag, contents)) = key.element() {
        wrapped += usize::from(tag == OCTET_STRING && contents.len() >= 16);
    }
    (of_tcg && wrapped > 0 && key.is_empty()).then_some(())
}

/// Whether `bytes` are a PKCS #12 store: version 3, then PKCS #7 content; what a store is cut off at is not looked at.
pub(super) fn is_pkcs12(bytes: &[u8]) -> bool {
    let version_and_content = |mut store: Der<'_>| {
        let version = store.natural()?;
        let mut content = store.sequence()?;
        let kind = content.expect(OBJECT_ID)?;
        (version == [3] && kind.starts_with(CONTENT) && content.expect(NULL).is_none()).then_some(())
    };
    let mut whole = Der(bytes);
    whole.sequence().and_then(version_and_content).is_some() && whole.is_empty()
}
