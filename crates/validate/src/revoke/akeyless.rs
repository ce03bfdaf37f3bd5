//! Access keys of Akeyless: the method that an access id belongs to gets another key, so that the old one is worth nothing.
//!
//! The answer holds the new key, which is not kept: nobody asked for it here.

use super::{Act, Revocation, Withdrawal};
use crate::answer::Read;
use crate::check::{Asked, Future, Sent};
use crate::declared::{call, missing_part, planned};
use crate::http_answer::Answer;
use crate::net::Net;
use crate::options::Operator;
use crate::values::Values;
use rules::{Request, Spot};
use serde_json::Value;

/// Pages of methods that are read, at most.
const PAGES: usize = 50;

/// Resets access keys.
pub(super) struct Akeyless;

fn request(path: &str, body: &str) -> Request {
    Request {
        method: "POST".to_owned(),
        url: format!("https://api.akeyless.io/{path}"),
        headers: vec!["Content-Type: application/json".to_owned()],
        body: body.to_owned(),
    }
}

fn log_in() -> Request {
    request("auth", r#"{"access-id":"{access_id}","access-key":"{secret}"}"#)
}

fn list() -> Request {
    request("list-auth-methods", r#"{"token":"{token}","type":["api_key"],"pagination-token":"{page}"}"#)
}

fn reset() -> Request {
    request("reset-access-key", r#"{"token":"{token}","name":"{name}"}"#)
}

impl Revocation for Akeyless {
    fn plan(&self, asked: &Asked, act: Act, _: Option<&Operator>) -> Result<Vec<Sent>, String> {
        if act != Act::Withdraw {
            return Err("resetting its method's key is all there is; it cannot be undone".to_owned());
        }
        missing_part(asked, [(&log_in(), &[][..])].into_iter())?;
        let mut values = asked.values.clone();
        ["token", "page", "name"].into_iter().for_each(|name| values.set_open(name, format!("<{name}>")));
        [log_in(), list(), reset()].iter().map(|request| planned(asked, request, &values)).collect()
    }

    fn tell<'a>(&'a self, _: &'a Asked, _: &'a Net) -> Future<'a, Vec<String>> {
        Box::pin(std::future::ready(Vec::new()))
    }

    fn carry_out<'a>(&'a self, asked: &'a Asked, act: Act, net: &'a Net) -> Future<'a, Withdrawal> {
        Box::pin(async move {
            if let Err(why) = self.plan(asked, act, None) {
                return Withdrawal::NotDone { why };
            }
            match sent(asked, net).await {
                Ok(withdrawal) | Err(withdrawal) => withdrawal,
            }
        })
    }

    fn words(&self) -> &'static str {
        "`POST https://api.akeyless.io/auth`, then `POST …/list-auth-methods` for the method of its access id, then \
         `POST …/reset-access-key`"
    }
}

async fn sent(asked: &Asked, net: &Net) -> Result<Withdrawal, Withdrawal> {
    let not_done = |why: String| Withdrawal::NotDone { why };
    let mut values = asked.values.clone();
    let answer = read(asked, &log_in(), &values, net).await.map_err(not_done)?;
    let token = Read::of(&answer).texts(&Spot::Json("/token".to_owned())).into_iter().next();
    values.set("token", token.ok_or_else(|| not_done(format!("{} without a token", Read::of(&answer).said())))?);
    let name = method(asked, &mut values, net).await.map_err(not_done)?;
    values.set_open("name", name);
    let call = call(asked, &reset(), &values).map_err(not_done)?;
    let answer = net.send_once(&call).await?;
    Ok(Read::of(&answer).withdrawal(&[200], &[]).covered(&values))
}

/// The name of the method that the access id belongs to.
async fn method(asked: &Asked, values: &mut Values, net: &Net) -> Result<String, String> {
    let id = asked.values.get("access_id").map(|id| id.expose_text()).unwrap_or_default();
    let mut page = String::new();
    for _ in 0..PAGES {
        values.set_open("page", page.clone());
        let answer = read(asked, &list(), values, net).await?;
        let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let methods = json["auth_methods"].as_array().map_or(&[][..], Vec::as_slice);
        let own = methods.iter().find(|method| method["auth_method_access_id"] == id.as_str());
        if let Some(name) = own.and_then(|method| method["auth_method_name"].as_str()).filter(|name| !name.is_empty()) {
            return Ok(name.to_owned());
        }
        page = json["next_page"].as_str().unwrap_or_default().to_owned();
        if page.is_empty() {
            break;
        }
    }
    Err("the key may not see its own method, so that somebody else must reset it".to_owned())
}

/// The answer to a request that changes nothing.
async fn read(asked: &Asked, request: &Request, values: &Values, net: &Net) -> Result<Answer, String> {
    let call = call(asked, request, values)?;
    let answer = net.send(&call).await.map_err(|none| none.why)?;
    match Read::of(&answer).withdrawal(&[200], &[]).covered(values) {
        Withdrawal::Done { .. } => Ok(answer),
        Withdrawal::NotDone { why } | Withdrawal::Unclear { why } => Err(why),
    }
}
