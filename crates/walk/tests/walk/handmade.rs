//! Archives put together by hand, for what no program would write. The formats are those of the readers in `src`.

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use std::io::Write;

/// One member of a zip.
pub struct Member<'a> {
    pub name: &'a [u8],
    pub content: &'a [u8],
    pub method: u16,
    pub flags: u16,
}

impl<'a> Member<'a> {
    pub fn stored(name: &'a str, content: &'a [u8]) -> Member<'a> {
        Member { name: name.as_bytes(), content, method: 0, flags: 0 }
    }

    pub fn deflated(name: &'a str, content: &'a [u8]) -> Member<'a> {
        Member { name: name.as_bytes(), content, method: 8, flags: 0 }
    }
}

/// A zip with these members, in this order, of equal names too.
pub fn zip(members: &[Member<'_>]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for member in members {
        let body = if member.method == 8 { deflate(member.content) } else { member.content.to_vec() };
        let mut crc = flate2::Crc::new();
        crc.update(member.content);
        let mut fixed = Vec::new();
        fixed.extend(20u16.to_le_bytes());
        fixed.extend(member.flags.to_le_bytes());
        fixed.extend(member.method.to_le_bytes());
        fixed.extend([0; 4]);
        fixed.extend(crc.sum().to_le_bytes());
        fixed.extend((body.len() as u32).to_le_bytes());
        fixed.extend((member.content.len() as u32).to_le_bytes());
        fixed.extend((member.name.len() as u16).to_le_bytes());
        fixed.extend([0; 2]);
        list.extend(b"PK\x01\x02\x14\x00");
        list.extend(&fixed);
        list.extend([0; 10]);
        list.extend((out.len() as u32).to_le_bytes());
        list.extend(member.name);
        out.extend(b"PK\x03\x04");
        out.extend(&fixed);
        out.extend(member.name);
        out.extend(body);
    }
    let start = out.len() as u32;
    out.extend(&list);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend((members.len() as u16).to_le_bytes());
    out.extend((members.len() as u16).to_le_bytes());
    out.extend((list.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A tar with these members (kind, name, content).
pub fn tar(members: &[(u8, &str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (kind, name, content) in members {
        let mut header = [0u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = *kind;
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend(header);
        out.extend(*content);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}
