//! AMQP 0-9-1, as RabbitMQ speaks it: `PLAIN`, then the virtual host is opened.

use super::login::{Login, OVERHEARD, Outcome};
use super::wire::{LONGEST, Wire};
use crate::net::{Net, NoAnswer};

const HEADER: &[u8] = b"AMQP\0\0\x09\x01";
const METHOD: u8 = 1;
const END: u8 = 0xce;
/// Class and method, two bytes each.
const START: u32 = 10 << 16 | 10;
const START_OK: u32 = 10 << 16 | 11;
const TUNE: u32 = 10 << 16 | 30;
const TUNE_OK: u32 = 10 << 16 | 31;
const OPEN: u32 = 10 << 16 | 40;
const OPEN_OK: u32 = 10 << 16 | 41;
const CLOSE: u32 = 10 << 16 | 50;

pub(super) async fn log_in(login: &Login, net: &Net, tls: bool) -> Result<Outcome, NoAnswer> {
    if !tls && !login.may_be_overheard(net) {
        return Ok(Outcome::WantsTls(OVERHEARD.to_owned()));
    }
    let mut wire = Wire::open(login, net, tls).await?;
    let greeted = async {
        wire.send(HEADER).await?;
        wire.read(7).await
    };
    let head = match greeted.await {
        Ok(head) if head.starts_with(b"AMQP") => return Ok(login.unknown("it speaks another version of AMQP")),
        // A server that speaks TLS alone sends an alert, or hangs up.
        Ok(head) if !tls && head.starts_with(&[21, 3]) => {
            return Ok(Outcome::WantsTls("it speaks TLS alone (amqps://)".to_owned()));
        }
        Ok(head) => head,
        Err(none) if !tls => return Ok(Outcome::WantsTls(format!("{}; it may want TLS (amqps://)", none.why))),
        Err(none) => return Err(none),
    };
    let (method, arguments) = frame(&mut wire, head).await?;
    if method != START {
        return Err(wire.odd());
    }
    if !offers_plain(&arguments) {
        return Ok(login.unknown("it does not take user and password"));
    }
    let response = [b"\0", login.user.as_bytes(), b"\0", login.password.expose()].concat();
    let answer = [client().as_slice(), b"\x05PLAIN", &long(&response), b"\x05en_US"].concat();
    say(&mut wire, START_OK, &answer).await?;
    let (method, arguments) = next(&mut wire).await?;
    match method {
        TUNE => open(login, &mut wire, &arguments).await,
        CLOSE => Ok(refusal(login, &arguments)),
        _ => Err(wire.odd()),
    }
}

/// The password was right; whether the virtual host is there.
async fn open(login: &Login, wire: &mut Wire<'_>, tuned: &[u8]) -> Result<Outcome, NoAnswer> {
    say(wire, TUNE_OK, tuned.get(..8).ok_or_else(|| wire.odd())?).await?;
    let name = if login.database.is_empty() { "/" } else { &login.database };
    let name = name.get(..name.len().min(255)).unwrap_or_default();
    say(wire, OPEN, &[&[name.len() as u8][..], name.as_bytes(), b"\0\0"].concat()).await?;
    let opened = next(wire).await;
    // Close, with a code of success; one that is gone already needs none.
    let _ = say(wire, CLOSE, &[0, 200, 0, 0, 0, 0, 0]).await;
    Ok(match opened {
        Ok((OPEN_OK, _)) => login.live("connection.open-ok", false),
        Ok((CLOSE, arguments)) => match close(&arguments) {
            Some((530, text)) if text.contains("not found") => {
                login.live("connection.tune, but no such virtual host (530),", false)
            }
            Some((code, _)) => login.live(&format!("connection.tune, then {code} for the virtual host,"), false),
            None => return Err(wire.odd()),
        },
        _ => login.live("connection.tune", false),
    })
}

fn refusal(login: &Login, arguments: &[u8]) -> Outcome {
    match close(arguments) {
        // The user `guest` is refused from outside, whatever the password is.
        Some((403, text)) if text.contains("localhost") => {
            login.unknown("403: this user may only come from its own machine")
        }
        Some((403, _)) => login.refused("403 (ACCESS_REFUSED: wrong password, or unknown user)"),
        Some((code, _)) => login.unknown(format_args!("it closes with {code}")),
        None => login.unknown("it closes without a reason"),
    }
}

/// Code and text of a close.
fn close(arguments: &[u8]) -> Option<(u16, String)> {
    let code = u16::from_be_bytes([*arguments.first()?, *arguments.get(1)?]);
    let text = arguments.get(3..3 + usize::from(*arguments.get(2)?))?;
    Some((code, String::from_utf8_lossy(text).into_owned()))
}

/// Whether the list of mechanisms behind version and properties has `PLAIN`.
fn offers_plain(start: &[u8]) -> bool {
    let long_at = |at: usize| Some((start.get(at..at + 4)?, at + 4));
    let string_at = |at: usize| {
        let (length, at) = long_at(at)?;
        let length = u32::from_be_bytes(length.try_into().ok()?) as usize;
        Some((start.get(at..at.checked_add(length)?)?, at + length))
    };
    let mechanisms = string_at(2).and_then(|(_, behind)| string_at(behind));
    mechanisms.is_some_and(|(names, _)| names.split(|byte| *byte == b' ').any(|name| name == b"PLAIN"))
}

/// Who asks: a table with the wish to be told of a refusal, instead of being hung up on.
fn client() -> Vec<u8> {
    let wish = long(b"\x1cauthentication_failure_closet\x01");
    let capabilities = [b"\x0ccapabilitiesF".as_slice(), &wish].concat();
    let product = [b"\x07productS".as_slice(), &long(b"deadkey")].concat();
    long(&[product, capabilities].concat())
}

fn long(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat()
}

async fn say(wire: &mut Wire<'_>, method: u32, arguments: &[u8]) -> Result<(), NoAnswer> {
    let payload = [&method.to_be_bytes()[..], arguments].concat();
    wire.send(&[&[METHOD, 0, 0][..], &long(&payload), &[END]].concat()).await
}

/// The next method and its arguments.
async fn next(wire: &mut Wire<'_>) -> Result<(u32, Vec<u8>), NoAnswer> {
    let head = wire.read(7).await?;
    frame(wire, head).await
}

async fn frame(wire: &mut Wire<'_>, head: Vec<u8>) -> Result<(u32, Vec<u8>), NoAnswer> {
    let length = u32::from_be_bytes([head[3], head[4], head[5], head[6]]) as usize;
    if head[0] != METHOD || !(4..LONGEST).contains(&length) {
        return Err(wire.odd());
    }
    let payload = wire.read(length + 1).await?;
    if payload[length] != END {
        return Err(wire.odd());
    }
    let method = u32::from_be_bytes([payload[0], payload[1], payload[2], payload[3]]);
    Ok((method, payload[4..length].to_vec()))
}
