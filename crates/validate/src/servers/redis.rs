//! Redis: `AUTH`.

use super::login::{Login, OVERHEARD, Outcome};
use super::wire::Wire;
use crate::net::{Net, NoAnswer};

pub(super) async fn log_in(login: &Login, net: &Net, tls: bool) -> Result<Outcome, NoAnswer> {
    if !tls && !login.may_be_overheard(net) {
        return Ok(Outcome::WantsTls(OVERHEARD.to_owned()));
    }
    let mut wire = Wire::open(login, net, tls).await?;
    let password = login.password.expose();
    let mut words: Vec<&[u8]> = vec![b"AUTH"];
    if !login.user.is_empty() {
        words.push(login.user.as_bytes());
    }
    words.push(password);
    let mut command = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        command.extend(format!("${}\r\n", word.len()).into_bytes());
        command.extend_from_slice(word);
        command.extend_from_slice(b"\r\n");
    }
    let answer = async {
        wire.send(&command).await?;
        wire.line().await
    };
    let answer = match answer.await {
        Ok(answer) => answer,
        // A server that speaks TLS alone hangs up on anything else.
        Err(none) if !tls => return Ok(Outcome::WantsTls(format!("{}; it may want TLS (rediss://)", none.why))),
        Err(none) => return Err(none),
    };
    let ruled = match answer.as_str() {
        "+OK" => login.live("OK to AUTH", false),
        text if text.starts_with("-WRONGPASS") => login.refused("WRONGPASS"),
        // Before version 6.
        "-ERR invalid password" => login.refused("invalid password"),
        text if text.contains("no password is set") || text.contains("without any password configured") => {
            login.unknown("the server has no password, so this one proves nothing")
        }
        text if text.starts_with('-') => {
            login.unknown(format_args!("{}", text[1..].split(' ').take(8).collect::<Vec<_>>().join(" ")))
        }
        _ => return Err(wire.odd()),
    };
    Ok(ruled)
}
