//! PostgreSQL: start-up, then a password in the clear (over TLS alone), as MD5 or by SCRAM-SHA-256.

use super::wire::{Wire, hmac, until_zero, xor};
use super::{Login, Outcome};
use crate::net::{Net, NoAnswer};
use crate::values::{base64, hex};
use md5::Md5;
use sha2::{Digest, Sha256};

/// Rounds that a server may demand, at most: each costs time here.
const MOST_ROUNDS: u32 = 1 << 20;

/// A message: its kind and what it says.
type Message = (u8, Vec<u8>);

pub(super) async fn log_in(login: &Login, net: &Net, tls: bool) -> Result<Outcome, NoAnswer> {
    let mut wire = Wire::new(login.connect(net, false).await?, login);
    if tls {
        wire.send(&[0, 0, 0, 8, 4, 210, 22, 47]).await?;
        match wire.read(1).await?[0] {
            b'S' => wire = Wire::new(net.secure(wire.stream, &login.host).await?, login),
            b'N' => return Ok(login.unknown("TLS is demanded, which the server has not")),
            _ => return Err(wire.odd()),
        }
    }
    let mut start = vec![0, 3, 0, 0];
    let database = if login.database.is_empty() { &login.user } else { &login.database };
    for text in ["user", &login.user, "database", database, "application_name", "deadkey"] {
        start.extend_from_slice(text.as_bytes());
        start.push(0);
    }
    start.push(0);
    wire.send(&[&(start.len() as u32 + 4).to_be_bytes()[..], &start].concat()).await?;
    let mut proven = false;
    let mut was_asked = false;
    loop {
        let (kind, body) = message(&mut wire).await?;
        if kind == b'E' {
            return Ok(refusal(login, &body, tls));
        }
        let method = body.first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
        let password = login.password.expose();
        match (kind, method) {
            (b'R', Some(0)) if !was_asked => return Ok(login.unknown("it lets this user in without a password")),
            (b'R', Some(0)) => return Ok(let_in(login, &mut wire, proven).await),
            (b'R', Some(3)) if !tls => {
                return Ok(Outcome::WantsTls("it wants the password in the clear, which is only sent over TLS".into()));
            }
            (b'R', Some(3)) => say(&mut wire, &[password, b"\0"].concat()).await?,
            (b'R', Some(5)) if body.len() == 8 => {
                let inner = hex(&Md5::digest([password, login.user.as_bytes()].concat()));
                let outer = hex(&Md5::digest([inner.as_bytes(), &body[4..]].concat()));
                say(&mut wire, format!("md5{outer}\0").as_bytes()).await?;
            }
            (b'R', Some(10)) => match scram(&mut wire, &body[4..], password, net.options().seed).await? {
                Scram::Proven => proven = true,
                Scram::Refused(body) => return Ok(refusal(login, &body, tls)),
                Scram::Unknown(why) => return Ok(login.unknown(why)),
            },
            (b'R', Some(method)) => {
                return Ok(login.unknown(format_args!("it wants authentication of the kind {method}")));
            }
            (b'N' | b'v', _) => continue,
            _ => return Err(wire.odd()),
        }
        was_asked = true;
    }
}

async fn message(wire: &mut Wire<'_>) -> Result<Message, NoAnswer> {
    let head = wire.read(5).await?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
    let body = length.checked_sub(4).ok_or_else(|| wire.odd())?;
    Ok((head[0], wire.read(body).await?))
}

/// Answers a challenge.
async fn say(wire: &mut Wire<'_>, body: &[u8]) -> Result<(), NoAnswer> {
    wire.send(&[b"p", &(body.len() as u32 + 4).to_be_bytes()[..], body].concat()).await
}

/// It was let in; what follows tells whether the database exists.
async fn let_in(login: &Login, wire: &mut Wire<'_>, proven: bool) -> Outcome {
    let next = message(wire).await;
    // Terminate; a server that is gone already needs none.
    let _ = wire.send(&[b'X', 0, 0, 0, 4]).await;
    match next {
        Ok((b'E', body)) => match code(&body).as_str() {
            "3D000" => login.live("AuthenticationOk, but no such database (3D000),", proven),
            other => login.live(&format!("AuthenticationOk, then {other},"), proven),
        },
        _ => login.live("AuthenticationOk", proven),
    }
}

/// The code of an error.
fn code(body: &[u8]) -> String {
    let field = body.split(|byte| *byte == 0).find(|field| field.first() == Some(&b'C'));
    let code = field.map_or(&[][..], |field| &field[1..]);
    String::from_utf8_lossy(code).chars().filter(char::is_ascii_alphanumeric).take(5).collect()
}

fn refusal(login: &Login, body: &[u8], tls: bool) -> Outcome {
    match code(body).as_str() {
        "28P01" => login.refused("28P01 (password authentication failed)"),
        // Looked up after the password was taken.
        "3D000" => login.live("3D000 (no such database)", false),
        "42501" => login.live("42501 (may not connect to this database)", false),
        // Among others: no entry of pg_hba.conf without encryption.
        "28000" if !tls => {
            Outcome::WantsTls("28000: it lets this user not in from here, at least not without TLS".into())
        }
        "28000" => login.unknown("28000: it lets this user not in from here"),
        "53300" | "57P03" => login.unknown("it is busy or starting"),
        other => login.unknown(format_args!("error {other}")),
    }
}

enum Scram {
    /// The server knows the password, too.
    Proven,
    Refused(Vec<u8>),
    Unknown(&'static str),
}

/// RFC 7677, without binding to a channel.
async fn scram(wire: &mut Wire<'_>, offered: &[u8], password: &[u8], seed: u64) -> Result<Scram, NoAnswer> {
    if !offered.split(|byte| *byte == 0).any(|name| name == b"SCRAM-SHA-256") {
        return Ok(Scram::Unknown("it wants a kind of SCRAM that is not spoken here"));
    }
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos();
    let nonce = hex(&hmac(&seed.to_be_bytes(), &since.to_be_bytes())[..12]);
    let bare = format!("n=,r={nonce}");
    let first = format!("n,,{bare}");
    let head = [b"SCRAM-SHA-256\0", &(first.len() as u32).to_be_bytes()[..], first.as_bytes()].concat();
    say(wire, &head).await?;
    let challenge = match message(wire).await? {
        (b'E', body) => return Ok(Scram::Refused(body)),
        (b'R', body) if body.starts_with(&[0, 0, 0, 11]) => String::from_utf8_lossy(&body[4..]).into_owned(),
        _ => return Err(wire.odd()),
    };
    let field = |name: &str| challenge.split(',').find_map(|field| field.strip_prefix(name));
    let (Some(both), Some(salt), Some(rounds)) = (field("r="), field("s=").and_then(decoded), field("i=")) else {
        return Err(wire.odd());
    };
    let rounds: u32 = rounds.parse().map_err(|_| wire.odd())?;
    if !both.starts_with(&nonce) || rounds == 0 || rounds > MOST_ROUNDS {
        return Err(wire.odd());
    }
    let salted = stretched(password, &salt, rounds);
    let client = hmac(&salted, b"Client Key");
    let last = format!("c=biws,r={both}");
    let signed = format!("{bare},{challenge},{last}");
    let proof = xor(&client, &hmac(&Sha256::digest(client), signed.as_bytes()));
    say(wire, format!("{last},p={}", base64(&proof, false)).as_bytes()).await?;
    let signature = base64(&hmac(&hmac(&salted, b"Server Key"), signed.as_bytes()), false);
    match message(wire).await? {
        (b'E', body) => Ok(Scram::Refused(body)),
        (b'R', body) if body[4.min(body.len())..] == *format!("v={signature}").as_bytes() => Ok(Scram::Proven),
        _ => Ok(Scram::Unknown("it does not prove that it knows the password")),
    }
}

/// PBKDF2 with HMAC of SHA-256, one block.
fn stretched(password: &[u8], salt: &[u8], rounds: u32) -> [u8; 32] {
    let mut block = hmac(password, &[salt, &[0, 0, 0, 1]].concat());
    let mut sum = block;
    for _ in 1..rounds {
        block = hmac(password, &block);
        sum.iter_mut().zip(block).for_each(|(sum, byte)| *sum ^= byte);
    }
    sum
}

/// What padded base64 stands for.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::new());
    for byte in until_zero(text.as_bytes()).iter().filter(|byte| **byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        (bits, held) = (bits << 6 | u32::from(value), held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}
