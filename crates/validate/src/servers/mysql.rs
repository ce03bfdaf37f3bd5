//! MySQL and MariaDB: the handshake of version 10, `mysql_native_password` and `caching_sha2_password`.

use super::login::{Login, Outcome};
use super::wire::{Wire, until_zero, xor};
use crate::net::{Net, NoAnswer};
use sha1::Sha1;
use sha2::{Digest, Sha256};

const CONNECT_WITH_DB: u32 = 0x8;
const TLS: u32 = 0x800;
/// Long passwords, protocol 4.1, secure connection, plugins.
const SPOKEN: u32 = 0x1 | 0x200 | 0x8000 | 0x8_0000;
/// `utf8mb4_general_ci`.
const CHARSET: u8 = 45;

struct Greeting {
    tls: bool,
    plugin: String,
    nonce: Vec<u8>,
}

pub(super) async fn log_in(login: &Login, net: &Net, tls: bool) -> Result<Outcome, NoAnswer> {
    let mut wire = Wire::open(login, net, false).await?;
    let (mut number, packet) = packet(&mut wire).await?;
    if packet.first() == Some(&0xff) {
        return Ok(login.unknown(format_args!("error {} before anything was said", code(&packet))));
    }
    let greeting = greeting(&packet).ok_or_else(|| wire.odd())?;
    let mut spoken = SPOKEN | if login.database.is_empty() { 0 } else { CONNECT_WITH_DB };
    if tls {
        if !greeting.tls {
            return Ok(login.unknown("TLS is demanded, which the server has not"));
        }
        spoken |= TLS;
        number = number.wrapping_add(1);
        send(&mut wire, number, &head(spoken)).await?;
        wire = wire.secured(net).await?;
    }
    let Some(proof) = proof(&greeting.plugin, login, &greeting.nonce, tls).or_else(|| Some(Vec::new())) else {
        return Err(wire.odd());
    };
    let mut answer = head(spoken);
    answer.extend([login.user.as_bytes(), b"\0", &[proof.len() as u8], &proof].concat());
    if spoken & CONNECT_WITH_DB != 0 {
        answer.extend([login.database.as_bytes(), b"\0"].concat());
    }
    answer.extend([greeting.plugin.as_bytes(), b"\0"].concat());
    send(&mut wire, number.wrapping_add(1), &answer).await?;
    converse(login, &mut wire, tls, greeting).await
}

/// What the server says to the answer, until it decides.
async fn converse(login: &Login, wire: &mut Wire<'_>, tls: bool, greeting: Greeting) -> Result<Outcome, NoAnswer> {
    for _ in 0..6 {
        let (number, packet) = packet(wire).await?;
        match packet.first() {
            Some(0x00) => {
                // COM_QUIT; one that is gone already needs none.
                let _ = send(wire, 0, &[1]).await;
                return Ok(login.live("OK", false));
            }
            Some(0xff) => return Ok(refusal(login, code(&packet), tls, greeting.tls)),
            Some(0xfe) => {
                let plugin = String::from_utf8_lossy(until_zero(&packet[1..])).into_owned();
                let nonce = packet.get(plugin.len() + 2..).unwrap_or_default();
                let nonce = nonce.strip_suffix(b"\0").unwrap_or(nonce);
                let Some(proof) = proof(&plugin, login, nonce, tls) else {
                    let known = plugin == "mysql_clear_password";
                    let why = format!("it wants {plugin}{}", if known { ", which is only done over TLS" } else { "" });
                    return Ok(if known { Outcome::WantsTls(why) } else { login.unknown(why) });
                };
                send(wire, number.wrapping_add(1), &proof).await?;
            }
            Some(0x01) if packet.get(1) == Some(&3) => {}
            Some(0x01) if packet.get(1) == Some(&4) && tls => {
                send(wire, number.wrapping_add(1), &[login.password.expose(), b"\0"].concat()).await?;
            }
            Some(0x01) if packet.get(1) == Some(&4) => {
                return Ok(Outcome::WantsTls("it has not this password in its cache, and wants it over TLS".into()));
            }
            _ => return Err(wire.odd()),
        }
    }
    Err(wire.odd())
}

async fn packet(wire: &mut Wire<'_>) -> Result<(u8, Vec<u8>), NoAnswer> {
    let head = wire.read(4).await?;
    let length = u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize;
    Ok((head[3], wire.read(length).await?))
}

async fn send(wire: &mut Wire<'_>, number: u8, body: &[u8]) -> Result<(), NoAnswer> {
    let length = (body.len() as u32).to_le_bytes();
    wire.send(&[&length[..3], &[number], body].concat()).await
}

/// What an answer, and a wish for TLS, begin with.
fn head(spoken: u32) -> Vec<u8> {
    let longest = (super::wire::LONGEST as u32).to_le_bytes();
    [&spoken.to_le_bytes()[..], &longest, &[CHARSET], &[0; 23]].concat()
}

fn greeting(packet: &[u8]) -> Option<Greeting> {
    if packet.first() != Some(&10) {
        return None;
    }
    // Version, then the thread's number.
    let at = 1 + until_zero(&packet[1..]).len() + 1 + 4;
    let rest = packet.get(at..)?;
    let mut nonce = rest.get(..8)?.to_vec();
    let able = u16::from_le_bytes([*rest.get(9)?, *rest.get(10)?]);
    let length = usize::from(*rest.get(16).unwrap_or(&0)).saturating_sub(8).max(13);
    let more = rest.get(27..27 + length).unwrap_or_default();
    nonce.extend_from_slice(more.strip_suffix(b"\0").unwrap_or(more));
    let plugin = rest.get(27 + length..).map(|name| String::from_utf8_lossy(until_zero(name)).into_owned());
    let plugin = plugin.filter(|name| !name.is_empty()).unwrap_or_else(|| "mysql_native_password".to_owned());
    Some(Greeting { tls: u32::from(able) & TLS != 0, plugin, nonce })
}

/// What shows that the password is known, without saying it.
fn proof(plugin: &str, login: &Login, nonce: &[u8], tls: bool) -> Option<Vec<u8>> {
    let password = login.password.expose();
    match plugin {
        "mysql_native_password" => {
            let once = Sha1::digest(password);
            let twice = Sha1::digest(once);
            Some(xor(&once, &Sha1::digest([nonce, &twice[..]].concat())))
        }
        "caching_sha2_password" => {
            let once = Sha256::digest(password);
            let twice = Sha256::digest(once);
            Some(xor(&once, &Sha256::digest([&twice[..], nonce].concat())))
        }
        "mysql_clear_password" if tls => Some([password, b"\0"].concat()),
        _ => None,
    }
}

fn code(packet: &[u8]) -> u16 {
    packet.get(1..3).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn refusal(login: &Login, code: u16, tls: bool, has_tls: bool) -> Outcome {
    match code {
        // A user of whom TLS is demanded is refused with the same code.
        1045 if !tls && has_tls => {
            Outcome::RefusedUnlessTls("1045, which it says also where a user must come over TLS".into())
        }
        1045 => login.refused("1045 (access denied for this user and password)"),
        1049 => login.live("1049 (no such database)", false),
        1044 => login.live("1044 (may not use this database)", false),
        1820 | 1862 => login.live("1862 (the password is right, and must be changed)", false),
        3159 => Outcome::WantsTls("3159: it takes nobody without TLS".into()),
        other => login.unknown(format_args!("error {other}")),
    }
}
