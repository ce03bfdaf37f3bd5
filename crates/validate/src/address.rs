//! Which addresses a host of scanned text may lead to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address belongs to the public internet: neither this machine, nor a private network, nor a link, nor a
/// cloud's metadata service, nor anything an IPv6 address wraps of those.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    let private = match (a, b) {
        (0 | 10 | 127, _) | (169, 254) | (192, 168) => true,
        // Carrier-grade NAT; one cloud's metadata service is in it.
        (100, 64..=127) | (172, 16..=31) | (198, 18..=19) => true,
        (192, 0) => c == 0 || c == 2,
        (192, 88) => c == 99,
        (198, 51) => c == 100,
        (203, 0) => c == 113,
        // Azure's wire server, reachable from its virtual machines only.
        (168, 63) => (c, d) == (129, 16),
        (224.., _) => true,
        _ => false,
    };
    !private
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let s = address.segments();
    let embedded = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    match s {
        // Unspecified, loopback, and addresses that once wrapped IPv4.
        [0, 0, 0, 0, 0, 0, _, _] => false,
        // NAT64, well-known and local.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(embedded(high, low)),
        [0x64, 0xff9b, ..] => false,
        // 6to4 and Teredo.
        [0x2002, high, low, ..] => is_public_v4(embedded(high, low)),
        [0x2001, 0, ..] | [0x2001, 0xdb8, ..] => false,
        [0x100, 0, 0, 0, ..] => false,
        // Only what is handed out as global unicast.
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_addresses_are_not_public_however_written() {
        for inner in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.100.100.200",
            "168.63.129.16",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "ff02::1",
            "::127.0.0.1",
        ] {
            assert!(!is_public(inner.parse().unwrap()), "{inner}");
        }
        for outer in ["8.8.8.8", "140.82.121.6", "172.32.0.1", "2606:4700::1111", "64:ff9b::808:808", "192.0.1.1"] {
            assert!(is_public(outer.parse().unwrap()), "{outer}");
        }
    }
}
