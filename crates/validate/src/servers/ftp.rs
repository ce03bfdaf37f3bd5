//! FTP: `USER` and `PASS`, within TLS (RFC 4217) wherever the server has it.

use super::login::{Login, OVERHEARD, Outcome};
use super::wire::{Wire, fits_in_a_line};
use crate::net::{Net, NoAnswer};

pub(super) async fn log_in(login: &Login, net: &Net, _: bool) -> Result<Outcome, NoAnswer> {
    let (user, password) = (login.user.as_bytes(), login.password.expose());
    if !fits_in_a_line(user) || !fits_in_a_line(password) {
        return Ok(login.unknown("the user or the password has characters that no line can carry"));
    }
    let mut wire = Wire::open(login, net, login.wrapped).await?;
    let greeting = wire.reply().await?;
    if greeting.code != 220 {
        return Ok(login.unknown(format_args!("it greets with {}", greeting.code)));
    }
    let mut within_tls = login.wrapped;
    if !within_tls && wire.told(b"AUTH TLS").await?.code == 234 {
        wire = wire.secured(net).await?;
        within_tls = true;
    }
    if login.tls && !within_tls {
        return Ok(login.unknown("TLS is demanded, which the server has not"));
    }
    if !within_tls && !login.may_be_overheard(net) {
        return Ok(login.unknown(format_args!("it has no TLS, and {OVERHEARD}")));
    }
    match wire.told(&[b"USER ", user].concat()).await?.code {
        331 => {}
        230 => return Ok(login.unknown("230: it lets this user in without a password")),
        // Said before any password: it concerns the user, or the way.
        530 => return Ok(login.unknown("530 before any password: this user may not log in here")),
        other => return Ok(login.unknown(format_args!("{other} to USER"))),
    }
    let answer = wire.told(&[b"PASS ", password].concat()).await?;
    // One that is gone already needs none.
    let _ = wire.send(b"QUIT\r\n").await;
    Ok(match answer.code {
        230 | 202 => login.live(&format!("{} to PASS", answer.code), false),
        332 => login.live("332 (the password is right, and an account is wanted, too)", false),
        530 if answer.says_too_many() => login.unknown("530: too many are there already"),
        530 => login.refused("530 (not logged in: wrong password, or unknown user)"),
        other => login.unknown(format_args!("{other} to PASS")),
    })
}
