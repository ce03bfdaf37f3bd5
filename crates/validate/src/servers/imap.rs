//! IMAP: `LOGIN`, within TLS wherever the server has it.

use super::login::{Login, OVERHEARD, Outcome};
use super::wire::{Wire, fits_in_a_line};
use crate::net::{Net, NoAnswer};

/// Lines before the one that answers, at most.
const MOST_LINES: usize = 64;

pub(super) async fn log_in(login: &Login, net: &Net, _: bool) -> Result<Outcome, NoAnswer> {
    let (user, password) = (login.user.as_bytes(), login.password.expose());
    if !fits_in_a_line(user) || !fits_in_a_line(password) {
        return Ok(login.unknown("the user or the password has characters that no line can carry"));
    }
    let mut wire = Wire::open(login, net, login.wrapped).await?;
    let greeting = wire.line().await?;
    if greeting.starts_with("* PREAUTH") {
        return Ok(login.unknown("PREAUTH: it lets in without a password"));
    }
    if !greeting.starts_with("* OK") {
        return Err(wire.odd());
    }
    let mut within_tls = login.wrapped;
    if !within_tls && told(&mut wire, "a1", b"STARTTLS").await?.starts_with("OK") {
        wire = wire.secured(net).await?;
        within_tls = true;
    }
    if login.tls && !within_tls {
        return Ok(login.unknown("TLS is demanded, which the server has not"));
    }
    if !within_tls && !login.may_be_overheard(net) {
        return Ok(login.unknown(format_args!("it has no TLS, and {OVERHEARD}")));
    }
    let command = [b"LOGIN ", &quoted(user)[..], b" ", &quoted(password)].concat();
    let answer = told(&mut wire, "a2", &command).await?;
    // One that is gone already needs none.
    let _ = wire.send(b"a3 LOGOUT\r\n").await;
    Ok(ruled(login, &answer))
}

fn ruled(login: &Login, answer: &str) -> Outcome {
    let code = answer.split_once('[').and_then(|(_, rest)| rest.split([']', ' ']).next()).unwrap_or_default();
    match (answer.split(' ').next().unwrap_or_default(), code) {
        ("OK", _) => login.live("OK to LOGIN", false),
        ("NO", "AUTHENTICATIONFAILED") => login.refused("NO [AUTHENTICATIONFAILED]"),
        ("NO", "EXPIRED") => login.refused("NO [EXPIRED]"),
        // RFC 5530: the password was right, and this user may not have what he asks for.
        ("NO", "AUTHORIZATIONFAILED") => login.live("NO [AUTHORIZATIONFAILED]", false),
        ("NO", "PRIVACYREQUIRED") => login.unknown("NO [PRIVACYREQUIRED]: it wants TLS, and offers none"),
        ("NO", "") => login.unknown("NO to LOGIN without a reason"),
        (word, code) => login.unknown(format_args!("{} {} to LOGIN", plain(word), plain(code))),
    }
}

fn plain(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).take(40).collect()
}

/// What is answered to a command, without its tag.
async fn told(wire: &mut Wire<'_>, tag: &str, command: &[u8]) -> Result<String, NoAnswer> {
    wire.send(&[tag.as_bytes(), b" ", command, b"\r\n"].concat()).await?;
    for _ in 0..MOST_LINES {
        let line = wire.line().await?;
        match line.strip_prefix(tag) {
            Some(answer) => return Ok(answer.trim_start().to_owned()),
            None if line.starts_with('*') => {}
            None => return Err(wire.odd()),
        }
    }
    Err(wire.odd())
}

fn quoted(text: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'"'];
    for byte in text {
        if matches!(byte, b'"' | b'\\') {
            quoted.push(b'\\');
        }
        quoted.push(*byte);
    }
    quoted.push(b'"');
    quoted
}
