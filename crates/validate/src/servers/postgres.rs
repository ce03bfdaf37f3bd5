//! PostgreSQL: start-up, then a password in the clear (over TLS alone), as MD5 or by SCRAM-SHA-256.

use super::login::{Login, Outcome};
use super::scram::{Hash, Scram};
use super::wire::Wire;
use crate::net::{Net, NoAnswer};
use crate::values::hex;
use md5::{Digest, Md5};

/// A message: its kind and what it says.
type Message = (u8, Vec<u8>);

pub(super) async fn log_in(login: &Login, net: &Net, tls: bool) -> Result<Outcome, NoAnswer> {
    let mut wire = Wire::open(login, net, false).await?;
    if tls {
        wire.send(&[0, 0, 0, 8, 4, 210, 22, 47]).await?;
        match wire.read(1).await?[0] {
            b'S' => wire = wire.secured(net).await?,
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
                Proof::Mutual => proven = true,
                Proof::Refused(body) => return Ok(refusal(login, &body, tls)),
                Proof::Unknown(why) => return Ok(login.unknown(why)),
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

enum Proof {
    /// The server knows the password, too.
    Mutual,
    Refused(Vec<u8>),
    Unknown(&'static str),
}

/// SCRAM-SHA-256, without binding to a channel; its user is that of the start-up.
async fn scram(wire: &mut Wire<'_>, offered: &[u8], password: &[u8], seed: u64) -> Result<Proof, NoAnswer> {
    if !offered.split(|byte| *byte == 0).any(|name| name == b"SCRAM-SHA-256") {
        return Ok(Proof::Unknown("it wants a kind of SCRAM that is not spoken here"));
    }
    let scram = Scram::new(Hash::Sha256, "", seed);
    let first = scram.first();
    let head = [b"SCRAM-SHA-256\0", &(first.len() as u32).to_be_bytes()[..], first.as_bytes()].concat();
    say(wire, &head).await?;
    let challenge = match message(wire).await? {
        (b'E', body) => return Ok(Proof::Refused(body)),
        (b'R', body) if body.starts_with(&[0, 0, 0, 11]) => String::from_utf8_lossy(&body[4..]).into_owned(),
        _ => return Err(wire.odd()),
    };
    let (last, expected) = scram.last(&challenge, password).ok_or_else(|| wire.odd())?;
    say(wire, last.as_bytes()).await?;
    match message(wire).await? {
        (b'E', body) => Ok(Proof::Refused(body)),
        (b'R', body) if body[4.min(body.len())..] == *expected.as_bytes() => Ok(Proof::Mutual),
        _ => Ok(Proof::Unknown("it does not prove that it knows the password")),
    }
}
