//! SSH's own key files. Sources: openssh-portable `PROTOCOL.key` (`openssh-key-v1`); PuTTY's `import.c` for the format of
//! SSH Communications (`SSH2 ENCRYPTED PRIVATE KEY`, magic 0x3F6FF9EB).

pub(super) const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Takes a four-byte number.
fn number(rest: &mut &[u8]) -> Option<u32> {
    let (head, tail) = rest.split_first_chunk::<4>()?;
    *rest = tail;
    Some(u32::from_be_bytes(*head))
}

/// Takes a string: four bytes of length, then that many.
pub(super) fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = number(rest)? as usize;
    rest.split_off(..len)
}

/// Whether `bytes` are an OpenSSH key file: cipher, derivation, public keys, private part. An open private part must
/// begin with two equal numbers and a key type; an encrypted one must fill its cipher's blocks.
pub(super) fn opens(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(MAGIC) else { return false };
    private_part(&mut rest).is_some_and(|(cipher, private)| match cipher {
        b"none" => is_open_part(private),
        _ => private.len() >= 64 && private.len().is_multiple_of(8),
    })
}

/// The cipher of an OpenSSH key file and its first public key, as SSH sends it.
pub(super) fn public_half(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let cipher = string(&mut rest).filter(|name| is_name(name))?;
    string(&mut rest)?;
    string(&mut rest)?;
    number(&mut rest).filter(|keys| *keys > 0)?;
    Some((cipher, string(&mut rest)?))
}

fn private_part<'a>(rest: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let cipher = string(rest).filter(|name| is_name(name))?;
    string(rest).filter(|name| is_name(name))?;
    string(rest)?;
    let keys = number(rest)?;
    for _ in 0..keys.min(16) {
        let mut public = string(rest)?;
        string(&mut public).filter(|name| is_name(name))?;
    }
    string(rest).filter(|_| (1..=16).contains(&keys)).map(|private| (cipher, private))
}

fn is_open_part(mut private: &[u8]) -> bool {
    let checks = (number(&mut private), number(&mut private));
    checks.0.is_some() && checks.0 == checks.1 && string(&mut private).is_some_and(is_name)
}

fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.len() < 64 && name.iter().all(u8::is_ascii_graphic)
}

/// Whether `bytes` are a key file of SSH Communications: magic, total length, type, cipher, body.
pub(super) fn opens_ssh2(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(&[0x3F, 0x6F, 0xF9, 0xEB]) else { return false };
    let total = number(&mut rest).map(|len| len as usize);
    let named = string(&mut rest).is_some_and(is_name) && string(&mut rest).is_some_and(is_name);
    total.is_some_and(|total| total <= bytes.len()) && named && string(&mut rest).is_some_and(|body| body.len() >= 16)
}
