//! What rule files declare (`[rule.revoke]`).

use super::{Act, Revocation, Withdrawal};
use crate::answer::Read;
use crate::check::{Asked, Future, Ruling, Sent};
use crate::declared::{call, fetched, missing_part, planned};
use crate::net::Net;
use crate::options::Operator;
use crate::values::Values;
use rules::{How, Request, Revoke};

/// Sends what the rule's file says.
pub(super) struct Declared;

fn revoke(asked: &Asked) -> Result<&Revoke, String> {
    asked.kind.details.revoke.as_ref().ok_or_else(|| "its rule knows no way to revoke it".to_owned())
}

/// The request that does it.
fn request(revoke: &Revoke, act: Act) -> Result<&Request, String> {
    match (revoke.how, act) {
        (How::Console | How::Code, _) => Err("it is revoked by hand alone".to_owned()),
        (How::None, _) => Err("it cannot be revoked by itself".to_owned()),
        (How::Api, Act::Withdraw) => Ok(&revoke.request),
        (How::Api, Act::Delete) => {
            revoke.delete.as_ref().ok_or_else(|| "revoking it is all there is; there is nothing to delete".to_owned())
        }
        (How::Api, Act::Undo) => revoke.undo.as_ref().ok_or_else(|| "revoking it cannot be undone".to_owned()),
    }
}

impl Revocation for Declared {
    fn plan(&self, asked: &Asked, act: Act, _: Option<&Operator>) -> Result<Vec<Sent>, String> {
        let revoke = revoke(asked)?;
        let request = request(revoke, act)?;
        let steps = revoke.steps.iter();
        missing_part(asked, steps.map(|step| (&step.request, step.take.as_slice())).chain([(request, &[][..])]))?;
        let mut values = asked.values.clone();
        let mut sent = Vec::new();
        for step in &revoke.steps {
            sent.push(planned(asked, &step.request, &values)?);
            step.take.iter().for_each(|(name, _)| values.set(name, format!("<{name}>")));
        }
        sent.push(planned(asked, request, &values)?);
        Ok(sent)
    }

    fn tell<'a>(&'a self, asked: &'a Asked, net: &'a Net) -> Future<'a, Vec<String>> {
        Box::pin(async move {
            let Ok(revoke) = revoke(asked) else { return Vec::new() };
            if revoke.tells.is_empty() {
                return Vec::new();
            }
            let Ok(values) = fetched(asked, &revoke.steps, net).await else { return Vec::new() };
            let mut told = Vec::new();
            for tells in &revoke.tells {
                let headers = revoke.request.headers.clone();
                let request = Request { method: "GET".into(), url: tells.url.clone(), headers, body: String::new() };
                let Ok(call) = call(asked, &request, &values) else { continue };
                let Ok(answer) = net.send(&call).await else { continue };
                let said = Read::of(&answer).texts(&tells.names);
                if answer.status == 200 && !said.is_empty() {
                    told.push(format!("{}: {}", tells.kind, said.join(", ")));
                }
            }
            told
        })
    }

    fn carry_out<'a>(&'a self, asked: &'a Asked, act: Act, net: &'a Net) -> Future<'a, Withdrawal> {
        Box::pin(async move {
            match sent(asked, act, net).await {
                Ok(withdrawal) | Err(withdrawal) => withdrawal,
            }
        })
    }
}

async fn sent(asked: &Asked, act: Act, net: &Net) -> Result<Withdrawal, Withdrawal> {
    let not_done = |why: String| Withdrawal::NotDone { why };
    let revoke = revoke(asked).map_err(not_done)?;
    let request = request(revoke, act).map_err(not_done)?;
    // Nothing has been changed yet, so nothing is unclear.
    let values: Values = fetched(asked, &revoke.steps, net).await.map_err(|ruling| not_done(why(ruling)))?;
    let call = call(asked, request, &values).map_err(not_done)?;
    let answer = net.send_once(&call).await?;
    Ok(Read::of(&answer).withdrawal(&revoke.done, &revoke.done_when).covered(&values))
}

fn why(ruling: Ruling) -> String {
    match ruling {
        Ruling::Live { live, .. } => live.evidence,
        Ruling::Refused { why, .. } | Ruling::Bare { why, .. } | Ruling::Unknown { why } | Ruling::Doubtful { why } => {
            why
        }
        Ruling::NoAnswer(none) => none.why,
    }
}
