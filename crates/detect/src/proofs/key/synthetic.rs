//! Private keys that parse and open nothing: the numbers are random, only their relations hold that a check looks at.

use super::der::{BIT_STRING, OBJECT_ID, OCTET_STRING, SEQUENCE, put, put_natural};
use super::pkcs::EC;
use crate::proofs::crc::crc24;
use crate::proofs::radix::{STANDARD, to_base64_padded};
use crate::proofs::seed::Seed;

/// prime256v1, as DER contents.
const P256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
/// PBES2.
const PBES2: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05, 0x0D];

/// An armoured block with this label.
pub(super) fn block(label: &[u8], seed: &mut Seed) -> Vec<u8> {
    let is_pgp = label.starts_with(b"PGP");
    let body = match label {
        b"EC PRIVATE KEY" => ec(seed),
        b"DSA PRIVATE KEY" => dsa(seed),
        b"PRIVATE KEY" => pkcs8(seed),
        b"ENCRYPTED PRIVATE KEY" => encrypted(seed),
        b"OPENSSH PRIVATE KEY" => openssh(seed),
        _ if is_pgp => pgp(seed),
        _ if label.starts_with(b"SSH2") => ssh2(seed),
        _ => rsa(seed),
    };
    let mut text = [b"-----BEGIN ", label, b"-----\n"].concat();
    if is_pgp {
        text.push(b'\n');
    }
    for line in to_base64_padded(&body, STANDARD).chunks(64) {
        text.extend(line);
        text.push(b'\n');
    }
    if is_pgp {
        text.push(b'=');
        text.extend(to_base64_padded(&crc24(&body).to_be_bytes()[1..], STANDARD));
        text.push(b'\n');
    }
    text.extend([b"-----END ", label, b"-----"].concat());
    text
}

fn sequence(contents: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, SEQUENCE, contents);
    out
}

/// An odd number of exactly `len` bytes.
fn odd(seed: &mut Seed, len: usize) -> Vec<u8> {
    let mut number = seed.bytes(len);
    number[0] |= 0xC0;
    number[len - 1] |= 1;
    number
}

/// The product of two big-endian numbers.
fn product(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut out = vec![0u8; a.len() + b.len()];
    for (i, x) in a.iter().enumerate().rev() {
        let mut carry = 0u16;
        for (j, y) in b.iter().enumerate().rev() {
            carry += u16::from(out[i + j + 1]) + u16::from(*x) * u16::from(*y);
            out[i + j + 1] = carry as u8;
            carry >>= 8;
        }
        out[i] = carry as u8;
    }
    out
}

pub(super) fn rsa(seed: &mut Seed) -> Vec<u8> {
    let (p, q) = (odd(seed, 128), odd(seed, 128));
    let mut key = Vec::new();
    put_natural(&mut key, &[0]);
    put_natural(&mut key, &product(&p, &q));
    put_natural(&mut key, &[1, 0, 1]);
    put_natural(&mut key, &seed.bytes(255));
    put_natural(&mut key, &p);
    put_natural(&mut key, &q);
    (0..3).for_each(|_| put_natural(&mut key, &seed.bytes(127)));
    sequence(&key)
}

fn dsa(seed: &mut Seed) -> Vec<u8> {
    let mut key = Vec::new();
    put_natural(&mut key, &[0]);
    for len in [128, 20, 127, 127, 19] {
        let number = odd(seed, len);
        put_natural(&mut key, &number);
    }
    sequence(&key)
}

fn ec(seed: &mut Seed) -> Vec<u8> {
    let (mut key, mut curve) = (Vec::new(), Vec::new());
    put_natural(&mut key, &[1]);
    put(&mut key, OCTET_STRING, &seed.bytes(32));
    put(&mut curve, OBJECT_ID, P256);
    put(&mut key, 0xA0, &curve);
    sequence(&key)
}

/// The same with its public point, as OpenSSL writes it: 121 bytes.
pub(super) fn ec_with_point(seed: &mut Seed) -> Vec<u8> {
    let (mut key, mut curve, mut point) = (Vec::new(), Vec::new(), Vec::new());
    put_natural(&mut key, &[1]);
    put(&mut key, OCTET_STRING, &seed.bytes(32));
    put(&mut curve, OBJECT_ID, P256);
    put(&mut key, 0xA0, &curve);
    put(&mut point, BIT_STRING, &[&[0, 4], &seed.bytes(64)[..]].concat());
    put(&mut key, 0xA1, &point);
    sequence(&key)
}

fn pkcs8(seed: &mut Seed) -> Vec<u8> {
    let (mut key, mut algorithm) = (Vec::new(), Vec::new());
    put(&mut algorithm, OBJECT_ID, EC);
    put(&mut algorithm, OBJECT_ID, P256);
    put_natural(&mut key, &[0]);
    put(&mut key, SEQUENCE, &algorithm);
    put(&mut key, OCTET_STRING, &ec(seed));
    sequence(&key)
}

fn encrypted(seed: &mut Seed) -> Vec<u8> {
    let (mut key, mut scheme) = (Vec::new(), Vec::new());
    put(&mut scheme, OBJECT_ID, PBES2);
    put(&mut key, SEQUENCE, &scheme);
    put(&mut key, OCTET_STRING, &seed.bytes(144));
    sequence(&key)
}

/// A string as SSH writes it.
fn ssh_string(out: &mut Vec<u8>, text: &[u8]) {
    out.extend((text.len() as u32).to_be_bytes());
    out.extend(text);
}

fn openssh(seed: &mut Seed) -> Vec<u8> {
    let (point, mut public) = (seed.bytes(32), Vec::new());
    ssh_string(&mut public, b"ssh-ed25519");
    ssh_string(&mut public, &point);
    let check = seed.bytes(4);
    let mut private = [&check[..], &check].concat();
    private.extend(&public);
    ssh_string(&mut private, &[seed.bytes(32), point].concat());
    ssh_string(&mut private, b"ci");
    (1..).take((8 - private.len() % 8) % 8).for_each(|pad| private.push(pad));
    let mut key = super::openssh::MAGIC.to_vec();
    [&b"none"[..], b"none", b""].iter().for_each(|text| ssh_string(&mut key, text));
    key.extend(1u32.to_be_bytes());
    ssh_string(&mut key, &public);
    ssh_string(&mut key, &private);
    key
}

fn ssh2(seed: &mut Seed) -> Vec<u8> {
    let mut rest = Vec::new();
    ssh_string(&mut rest, b"dl-modp{sign{dsa-nist-sha1},dh{plain}}");
    ssh_string(&mut rest, b"3des-cbc");
    ssh_string(&mut rest, &seed.bytes(160));
    let mut key = vec![0x3F, 0x6F, 0xF9, 0xEB];
    key.extend((rest.len() as u32 + 8).to_be_bytes());
    key.extend(rest);
    key
}

fn pgp(seed: &mut Seed) -> Vec<u8> {
    let body = seed.bytes(400);
    let mut packet = vec![0x95];
    packet.extend((body.len() as u16 + 6).to_be_bytes());
    // Version 4, a time, RSA.
    packet.extend([4, 0x65, 0x53, 0xF1, 0x00, 1]);
    packet.extend(body);
    packet
}
