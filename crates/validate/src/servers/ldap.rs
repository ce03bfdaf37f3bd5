//! LDAP: a simple bind (RFC 4511), within TLS (StartTLS) wherever the server has it.

use super::login::{Login, OVERHEARD, Outcome};
use super::wire::Wire;
use crate::der::{INTEGER, SEQUENCE, first};
use crate::net::{Net, NoAnswer};

const OCTETS: u8 = 0x04;
const BIND: u8 = 0x60;
const BIND_ANSWER: u8 = 0x61;
const UNBIND: u8 = 0x42;
const EXTENDED: u8 = 0x77;
const EXTENDED_ANSWER: u8 = 0x78;
/// The first element of a choice: the simple password, the name of an extended request.
const CHOICE_0: u8 = 0x80;
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

/// What a server says of a request.
struct Answer {
    code: u8,
    text: String,
}

pub(super) async fn log_in(login: &Login, net: &Net, _: bool) -> Result<Outcome, NoAnswer> {
    if login.user.is_empty() {
        return Ok(login.unknown("the URL names no user to bind as"));
    }
    let mut wire = Wire::open(login, net, login.wrapped).await?;
    let mut within_tls = login.wrapped;
    if !within_tls && told(&mut wire, 1, EXTENDED, &element(CHOICE_0, START_TLS), EXTENDED_ANSWER).await?.code == 0 {
        wire = wire.secured(net).await?;
        within_tls = true;
    }
    if login.tls && !within_tls {
        return Ok(login.unknown("TLS is demanded, which the server has not"));
    }
    if !within_tls && !login.may_be_overheard(net) {
        return Ok(login.unknown(format_args!("it has no TLS, and {OVERHEARD}")));
    }
    let password = login.password.expose();
    let bind = [element(INTEGER, &[3]), element(OCTETS, login.user.as_bytes()), element(CHOICE_0, password)];
    let answer = told(&mut wire, 2, BIND, &bind.concat(), BIND_ANSWER).await?;
    // One that is gone already needs none.
    let _ = wire.send(&message(3, UNBIND, &[])).await;
    Ok(ruled(login, &answer, within_tls))
}

fn ruled(login: &Login, answer: &Answer, within_tls: bool) -> Outcome {
    match answer.code {
        0 => login.live("success of a bind", false),
        49 => by_active_directory(login, &answer.text)
            .unwrap_or_else(|| login.refused("49 (invalid credentials: wrong password, or unknown user)")),
        // OpenLDAP hides which users there are; others say it.
        32 => login.refused("32 (no such user)"),
        8 | 13 if !within_tls => login.unknown(format_args!("{}: it wants TLS, and offers none", answer.code)),
        34 => login.unknown("34: the user in the URL is no name of a directory"),
        53 => login.unknown("53: it is not willing to let this user in"),
        other => login.unknown(format_args!("result {other} of a bind")),
    }
}

/// What Active Directory tells behind `data` of a refusal (49): some are said only where the password was right.
fn by_active_directory(login: &Login, text: &str) -> Option<Outcome> {
    let data = text.split_once(", data ")?.1.split([',', ' ']).next()?;
    Some(match data {
        "525" => login.refused("49, data 525 (no such user)"),
        "52e" => login.refused("49, data 52e (wrong password)"),
        "530" | "531" => login.live("49, data 530 (the password is right, not at this time or from here)", false),
        "532" | "773" => login.live("49, data 532 (the password is right, and must be changed)", false),
        "533" => login.refused("49, data 533 (the account is disabled)"),
        "701" => login.refused("49, data 701 (the account has expired)"),
        "775" => login.unknown("49, data 775: the account is locked, whatever the password is"),
        _ => login.unknown("49: Active Directory gives a reason that is not known here"),
    })
}

async fn told(wire: &mut Wire<'_>, id: u8, kind: u8, body: &[u8], answer: u8) -> Result<Answer, NoAnswer> {
    wire.send(&message(id, kind, body)).await?;
    let bytes = received(wire).await?;
    answer_in(&bytes, id, answer).ok_or_else(|| wire.odd())
}

fn message(id: u8, kind: u8, body: &[u8]) -> Vec<u8> {
    element(SEQUENCE, &[element(INTEGER, &[id]), element(kind, body)].concat())
}

/// A message without its tag and length.
async fn received(wire: &mut Wire<'_>) -> Result<Vec<u8>, NoAnswer> {
    let head = wire.read(2).await?;
    if head[0] != SEQUENCE {
        return Err(wire.odd());
    }
    let length = match head[1] {
        short @ 0..=0x7f => usize::from(short),
        long @ 0x81..=0x84 => {
            let bytes = wire.read(usize::from(long & 0x7f)).await?;
            bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
        }
        _ => return Err(wire.odd()),
    };
    wire.read(length).await
}

fn answer_in(bytes: &[u8], id: u8, kind: u8) -> Option<Answer> {
    let (tag, number, rest) = first(bytes)?;
    if tag != INTEGER || number != [id] {
        return None;
    }
    let (tag, body, _) = first(rest)?;
    let (_, code, rest) = first(body).filter(|_| tag == kind)?;
    let (_, _, rest) = first(rest)?;
    let (_, text, _) = first(rest)?;
    Some(Answer { code: *code.first()?, text: String::from_utf8_lossy(text).into_owned() })
}

fn element(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match value.len() {
        short @ 0..=0x7f => bytes.push(short as u8),
        long => bytes.extend([&[0x84][..], &(long as u32).to_be_bytes()].concat()),
    }
    bytes.extend_from_slice(value);
    bytes
}
