//! SMTP: `AUTH PLAIN` or `AUTH LOGIN` (RFC 4954), within TLS wherever the server has it.

use super::login::{Login, OVERHEARD, Outcome};
use super::wire::{Reply, Wire};
use crate::net::{Net, NoAnswer};
use crate::values::base64;

pub(super) async fn log_in(login: &Login, net: &Net, _: bool) -> Result<Outcome, NoAnswer> {
    let mut wire = Wire::open(login, net, login.wrapped).await?;
    let greeting = wire.reply().await?;
    if greeting.code != 220 {
        return Ok(login.unknown(format_args!("it greets with {}", greeting.code)));
    }
    let mut able = wire.told(b"EHLO deadkey.invalid").await?;
    let mut within_tls = login.wrapped;
    if !within_tls && able.has("STARTTLS") {
        let go = wire.told(b"STARTTLS").await?;
        if go.code != 220 {
            return Ok(login.unknown(format_args!("it offers TLS and then answers {}", go.code)));
        }
        wire = wire.secured(net).await?;
        able = wire.told(b"EHLO deadkey.invalid").await?;
        within_tls = true;
    }
    if login.tls && !within_tls {
        return Ok(login.unknown("TLS is demanded, which the server has not"));
    }
    if !within_tls && !login.may_be_overheard(net) {
        return Ok(login.unknown(format_args!("it has no TLS, and {OVERHEARD}")));
    }
    let Some(mechanisms) = able.value_of("AUTH") else {
        return Ok(login.unknown("it lets nobody log in here"));
    };
    let offers = |name: &str| mechanisms.split([' ', '=']).any(|word| word.eq_ignore_ascii_case(name));
    let (user, password) = (login.user.as_bytes(), login.password.expose());
    let answer = if offers("PLAIN") {
        let both = [b"\0", user, b"\0", password].concat();
        wire.told(format!("AUTH PLAIN {}", base64(&both, false)).as_bytes()).await?
    } else if offers("LOGIN") {
        let mut answer = wire.told(b"AUTH LOGIN").await?;
        for part in [user, password] {
            if answer.code == 334 {
                answer = wire.told(base64(part, false).as_bytes()).await?;
            }
        }
        answer
    } else {
        return Ok(login.unknown(format_args!("it wants one of {mechanisms}, which is not spoken here")));
    };
    // One that is gone already needs none.
    let _ = wire.send(b"QUIT\r\n").await;
    Ok(ruled(login, &answer, within_tls))
}

fn ruled(login: &Login, answer: &Reply, within_tls: bool) -> Outcome {
    let text = answer.lines.join(" ");
    // The enhanced code (RFC 3463) where there is one.
    let enhanced = text.split(' ').next().filter(|word| word.starts_with("5.")).unwrap_or_default();
    match (answer.code, enhanced) {
        (235, _) => login.live("235 to AUTH", false),
        // Exchange Online: log-ins with passwords are switched off, whatever the password is.
        (535, "5.7.139") => login.unknown("535 5.7.139: it takes nobody's password (any more)"),
        (535, _) if answer.says_too_many() => login.unknown("535: too many tries, whatever the password is"),
        (535, _) => login.refused("535 (authentication failed: wrong password, or unknown user)"),
        // Gmail: the password is right, and wants one made for programs, or a second factor.
        (534, "5.7.9") => login.unknown("534 5.7.9: it wants a password made for programs"),
        (530 | 538, _) if !within_tls => login.unknown(format_args!("{}: it wants TLS, and offers none", answer.code)),
        (other, _) => login.unknown(format_args!("{other} to AUTH")),
    }
}

impl Reply {
    /// Whether a line is this keyword.
    fn has(&self, keyword: &str) -> bool {
        self.lines.iter().any(|line| line.eq_ignore_ascii_case(keyword))
    }

    /// What stands behind a keyword, or its old form with `=`.
    fn value_of(&self, keyword: &str) -> Option<&str> {
        let is_it = |line: &&String| line.get(..keyword.len()).is_some_and(|head| head.eq_ignore_ascii_case(keyword));
        let line = self.lines.iter().find(is_it)?;
        Some(line[keyword.len()..].trim_start_matches([' ', '=']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_offers_is_read_in_both_forms() {
        let reply = |lines: &[&str]| Reply { code: 250, lines: lines.iter().map(|l| (*l).to_owned()).collect() };
        assert_eq!(reply(&["mail", "AUTH PLAIN LOGIN"]).value_of("AUTH"), Some("PLAIN LOGIN"));
        assert_eq!(reply(&["AUTH=LOGIN"]).value_of("AUTH"), Some("LOGIN"));
        assert_eq!(reply(&["mail"]).value_of("AUTH"), None);
        assert!(reply(&["starttls"]).has("STARTTLS") && !reply(&["STARTTLSX"]).has("STARTTLS"));
    }
}
