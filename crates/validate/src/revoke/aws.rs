//! Keys of AWS: switched off first (IAM `UpdateAccessKey`), deleted later, and switched on again.
//!
//! A key that may do so switches itself off. What is off signs nothing, so it is deleted and switched on again with the
//! operator's own credentials, which also help where a key has no right over itself.

use super::{Act, Revocation, Withdrawal};
use crate::aws::{IAM, Pair, call, element, now, pair};
use crate::check::{Asked, Future, Sent};
use crate::http_answer::Answer;
use crate::net::{Net, NoAnswer};
use crate::options::{Base, Operator};
use crate::values::percent_encoded;

const VERSION: &str = "Version=2010-05-08";

/// Withdraws long-lived access keys.
pub(super) struct Aws;

/// The key, and the pair that signs: the operator's, or its own.
fn parties(asked: &Asked, operator: Option<&Operator>) -> Result<(Pair, Pair), String> {
    let own = pair(asked, IAM)?;
    let Some(operator) = operator else { return Ok((own.clone(), own)) };
    if operator.id == own.id {
        return Err("the credentials of your environment are this very key; --operator needs others".to_owned());
    }
    let signer = Pair {
        id: operator.id.clone(),
        secret: operator.secret.expose().to_vec(),
        session: operator.session.as_ref().map(|token| token.expose_text()),
        ..own.clone()
    };
    Ok((own, signer))
}

/// The call of IAM that does it, for a user where the signer is somebody else.
fn body(act: Act, id: &str, user: Option<&str>) -> String {
    let user = user.map_or(String::new(), |user| format!("&UserName={}", percent_encoded(user.as_bytes(), "")));
    let action = match act {
        Act::Withdraw => "Action=UpdateAccessKey&Status=Inactive",
        Act::Undo => "Action=UpdateAccessKey&Status=Active",
        Act::Delete => "Action=DeleteAccessKey",
    };
    format!("{action}&AccessKeyId={id}{user}&{VERSION}")
}

fn last_used(id: &str) -> String {
    format!("Action=GetAccessKeyLastUsed&AccessKeyId={id}&{VERSION}")
}

fn keys_of(user: &str) -> String {
    format!("Action=ListAccessKeys&UserName={user}&{VERSION}")
}

/// Whether a key is switched off. That its signature is refused says only that the secret found beside it is another's: the
/// key may be at work.
async fn is_off(asked: &Asked, (id, user): (&str, &str), signer: &Pair, net: &Net) -> Result<(), String> {
    let list = keys_of(&percent_encoded(user.as_bytes(), ""));
    let answer = net.send(&call(asked, signer, IAM, &list, now())).await.map_err(|none: NoAnswer| none.why)?;
    let xml = String::from_utf8_lossy(&answer.body);
    if answer.status != 200 {
        return Err(format!("whether it is switched off cannot be read: {}", refusal(&answer, true)));
    }
    let own = xml.split("<member>").find(|one| element(one, "AccessKeyId") == Some(id));
    match own.and_then(|one| element(one, "Status")) {
        Some("Inactive") => Ok(()),
        _ => {
            Err("it is not switched off, as far as ListAccessKeys tells; revoke it first (without --delete)".to_owned())
        }
    }
}

/// What AWS says of an error: its code, and the way out that is known.
fn refusal(answer: &Answer, has_operator: bool) -> String {
    let xml = String::from_utf8_lossy(&answer.body);
    let code: String =
        element(&xml, "Code").unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    let way = match (code.as_str(), has_operator) {
        ("AccessDenied" | "AccessDeniedException", false) => {
            ", the key has no right over itself; --operator signs with the credentials of your environment"
        }
        ("AccessDenied" | "AccessDeniedException", true) => ", your credentials have no right over it",
        ("NoSuchEntity", _) => ", there is no such key",
        _ => "",
    };
    let code = if code.is_empty() { answer.status.to_string() } else { code };
    format!("{code} from {}{way}", answer.host)
}

/// The user that a key belongs to, and when it was last used, as far as the signer may know.
async fn used(asked: &Asked, id: &str, signer: &Pair, net: &Net) -> Result<(String, String), String> {
    let call = call(asked, signer, IAM, &last_used(id), now());
    let answer = net.send(&call).await.map_err(|none: NoAnswer| none.why)?;
    let xml = String::from_utf8_lossy(&answer.body);
    if answer.status != 200 {
        return Err(refusal(&answer, net.options().operator.is_some()));
    }
    let user = element(&xml, "UserName").ok_or_else(|| format!("200 from {} that names nobody", answer.host))?;
    let text = |name: &str| element(&xml, name).filter(|text| !text.is_empty() && *text != "N/A");
    let at = |name: &str, before: &str| text(name).map_or(String::new(), |text| format!("{before}{text}"));
    let told = match text("LastUsedDate") {
        Some(date) => format!("last used {date}{}{}", at("ServiceName", " for "), at("Region", " in ")),
        None => "never used, as far as AWS knows".to_owned(),
    };
    Ok((user.to_owned(), told))
}

impl Revocation for Aws {
    fn plan(&self, asked: &Asked, act: Act, operator: Option<&Operator>) -> Result<Vec<Sent>, String> {
        let (own, _) = parties(asked, operator)?;
        if own.id.starts_with("ASIA") {
            return Err("a temporary key is not revoked by itself: it ends, or the sessions of its role do".to_owned());
        }
        if act == Act::Undo && operator.is_none() {
            return Err(
                "a key that is off cannot sign: --operator takes the credentials of your environment".to_owned()
            );
        }
        let Base { tls, host, port, path } = own.base;
        let scheme = if tls { "https" } else { "http" };
        let url = format!("{scheme}://{host}:{port}{path}/");
        let signer = if operator.is_some() { "<operator>" } else { "<id>" };
        let sent = |body: String| Sent {
            method: "POST".to_owned(),
            url: url.clone(),
            headers: vec![format!("Authorization: AWS4-HMAC-SHA256 {signer} and signature")],
            body,
        };
        let lookup = operator.is_some().then(|| sent(last_used("<id>")));
        let status = (operator.is_some() && act == Act::Delete).then(|| sent(keys_of("<user>")));
        let user = if operator.is_some() { "&UserName=<user>" } else { "" };
        let act = sent(body(act, "<id>", None) + user);
        Ok(lookup.into_iter().chain(status).chain([act]).collect())
    }

    fn tell<'a>(&'a self, asked: &'a Asked, net: &'a Net) -> Future<'a, Vec<String>> {
        Box::pin(async move {
            let Ok((own, signer)) = parties(asked, net.options().operator.as_ref()) else { return Vec::new() };
            match used(asked, &own.id, &signer, net).await {
                Ok((user, told)) => vec![format!("it is the user {user}'s"), told],
                Err(why) => vec![format!("its last use cannot be read: {why}")],
            }
        })
    }

    fn carry_out<'a>(&'a self, asked: &'a Asked, act: Act, net: &'a Net) -> Future<'a, Withdrawal> {
        Box::pin(async move {
            match sent(asked, act, net).await {
                Ok(withdrawal) | Err(withdrawal) => withdrawal,
            }
        })
    }

    fn has_delete(&self) -> bool {
        true
    }

    fn words(&self) -> &'static str {
        "IAM `UpdateAccessKey` to `Inactive`; `--undo` to `Active`; `--delete` `DeleteAccessKey`"
    }
}

async fn sent(asked: &Asked, act: Act, net: &Net) -> Result<Withdrawal, Withdrawal> {
    let not_done = |why: String| Withdrawal::NotDone { why };
    let operator = net.options().operator.as_ref();
    let (own, signer) = parties(asked, operator).map_err(not_done)?;
    let user = match operator {
        // Without a name the signer's own user would be meant.
        Some(_) => Some(used(asked, &own.id, &signer, net).await.map_err(not_done)?.0),
        None => None,
    };
    if let (Act::Delete, Some(user)) = (act, &user) {
        is_off(asked, (&own.id, user), &signer, net).await.map_err(not_done)?;
    }
    let call = call(asked, &signer, IAM, &body(act, &own.id, user.as_deref()), now());
    let answer = net.send_once(&call).await?;
    let action = if act == Act::Delete { "DeleteAccessKey" } else { "UpdateAccessKey" };
    Ok(match answer.status {
        200 if element(&String::from_utf8_lossy(&answer.body), "RequestId").is_some() => {
            Withdrawal::Done { said: format!("{action}: 200 from {}", answer.host) }
        }
        400..=499 => Withdrawal::NotDone { why: format!("{action}: {}", refusal(&answer, operator.is_some())) },
        status => Withdrawal::Unclear { why: format!("{action}: {status} from {} that is none of AWS", answer.host) },
    })
}
