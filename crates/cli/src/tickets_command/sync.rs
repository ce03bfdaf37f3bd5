//! `deadkey tickets sync`.

use super::open::writing;
use super::sync_args::{SyncArgs, SyncSettings};
use crate::http_client::{HttpClient, checked_address, token};
use crate::known::count;
use crate::print::print;
use crate::{exit, tell};
use anyhow::{Result, bail};
use serde_json::json;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tickets::tracker::{
    Action, Applied, Change, Courier, GitHub, GitLab, Jira, Lost, Patience, Plan, Request, Response, Tracker, Webhook,
    apply, sync_plan, what,
};

/// Brings the tracker to what the ledger says, and the ledger to what people said there.
pub fn run(args: &SyncArgs) -> Result<u8> {
    let settings = SyncSettings::of(args)?;
    let mut tracker = tracker(args, &settings)?;
    let mut ledger = writing(&args.ledger)?;
    let _alone = ledger.lock_for_sync()?;
    let plan = sync_plan(&ledger, tracker.as_mut(), &settings.plan)?;
    if args.dry_run {
        return planned(args, &plan);
    }
    let json = args.ledger.json;
    let applied = apply(&mut ledger, tracker.as_mut(), &plan, |done| {
        if !json {
            tell!("{done}");
        }
    })?;
    done(args, &plan, &applied)
}

/// Says what would be done.
fn planned(args: &SyncArgs, plan: &Plan) -> Result<u8> {
    let verb = |action: &Action| match action {
        Action::Open { .. } => "open",
        Action::Rotated { .. } => "rotated",
        Action::Change { change: Change::Update, .. } => "update",
        Action::Change { change: Change::Close, .. } => "close",
        Action::Change { change: Change::Reopen, .. } => "reopen",
    };
    print(exit::CLEAN, |out| {
        for action in &plan.actions {
            if args.ledger.json {
                writeln!(out, "{}", json!({"action": verb(action), "what": what(action)}))?;
            } else {
                writeln!(out, "{}", super::list::plain(&what(action)))?;
            }
        }
        Ok(())
    })?;
    if !args.ledger.json {
        for waiting in &plan.waiting {
            tell!("not yet: {waiting}");
        }
        tell!(
            "{} to do, {} unchanged; nothing was done",
            count(plan.actions.len(), "thing", "things"),
            count(plan.unchanged, "issue", "issues")
        );
    }
    Ok(exit::CLEAN)
}

fn done(args: &SyncArgs, plan: &Plan, applied: &Applied) -> Result<u8> {
    let code = if applied.refused.is_empty() && applied.broken.is_none() { exit::CLEAN } else { exit::GAPS };
    if args.ledger.json {
        return print(code, |out| writeln!(out, "{}", serde_json::to_string(applied).unwrap_or_default()));
    }
    for why in &applied.refused {
        tell!("deadkey: refused: {}", super::list::plain(why));
    }
    for waiting in &plan.waiting {
        tell!("not yet: {waiting}");
    }
    tell!(
        "{} opened, {} updated, {} closed, {} reopened, {} rotated, {} unchanged",
        count(applied.opened, "issue", "issues"),
        applied.updated,
        applied.closed,
        applied.reopened,
        count(applied.rotated, "ticket", "tickets"),
        applied.unchanged
    );
    if let Some(why) = &applied.broken {
        tell!("deadkey: {why}; what was done is done, and the next run does the rest");
    }
    Ok(code)
}

fn tracker(args: &SyncArgs, settings: &SyncSettings) -> Result<Box<dyn Tracker>> {
    let courier = Box::new(Http { client: HttpClient::new(args.ca.as_deref())? });
    let patience = Patience { between_changes: args.pace, ..Patience::default() };
    let base = match (settings.kind.as_str(), &settings.api_url) {
        ("webhook", _) => settings.of.clone(),
        (_, Some(url)) => url.clone(),
        ("github", None) => "https://api.github.com".to_owned(),
        ("gitlab", None) => "https://gitlab.com/api/v4".to_owned(),
        ("jira", None) => bail!("--api-url names the site of Jira, as https://acme.atlassian.net"),
        (other, _) => bail!("'{other}' is no tracker that is known; there are github, gitlab, jira and webhook"),
    };
    checked_address(if settings.kind == "webhook" { "--tracker" } else { "--api-url" }, &base)?;
    let what = if settings.kind == "webhook" { "the key that events are signed with" } else { "the tracker's token" };
    let token = token(&settings.token_env, what)?;
    let (of, logins) = (settings.of.as_str(), settings.assignees.clone());
    Ok(match settings.kind.as_str() {
        "github" => Box::new(GitHub::new(courier, patience, &base, &token, of, logins)?),
        "gitlab" => Box::new(GitLab::new(courier, patience, &base, &token, of, logins)?),
        "jira" => {
            let authorization = match std::env::var("DEADKEY_TRACKER_USER").ok().filter(|user| !user.trim().is_empty())
            {
                Some(user) => {
                    format!("Basic {}", validate::base64(format!("{}:{token}", user.trim()).as_bytes(), false))
                }
                None => format!("Bearer {token}"),
            };
            Box::new(Jira::new(courier, patience, &base, &authorization, of, &settings.issue_type, logins)?)
        }
        "webhook" => Box::new(Webhook::new(courier, patience, &base, token.as_bytes(), Box::new(now))),
        other => bail!("'{other}' is no tracker that is known; there are github, gitlab, jira and webhook"),
    })
}

/// The time that events are signed for: the receiver's clock is compared with it.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

struct Http {
    client: HttpClient,
}

impl Courier for Http {
    fn send(&mut self, request: &Request) -> Result<Response, Lost> {
        let answer = self.client.send(request.method, &request.url, &request.headers, request.body.clone());
        let answer = answer.map_err(Lost)?;
        let retry_after = answer.retry_after(now());
        Ok(Response { status: answer.status, headers: answer.headers, body: answer.body, retry_after })
    }

    fn pause(&mut self, seconds: f64) {
        if seconds > 5.0 {
            tell!("waiting for {seconds:.0} s");
        }
        std::thread::sleep(Duration::from_secs_f64(seconds));
    }
}
