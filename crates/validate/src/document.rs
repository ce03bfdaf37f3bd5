//! `docs/validation.md`: what is sent where.

use rules::template::{Address, HostKind};
use rules::{How, Revoke, Ruleset, Verify};
use std::fmt::Write;

/// What every check and every revocation of the rules sends, as Markdown.
pub fn document(ruleset: &Ruleset) -> String {
    let mut text = String::new();
    let checked: Vec<_> = (0..ruleset.rules().len())
        .filter_map(|at| ruleset.details(at).verify.map(|verify| (&ruleset.rules()[at], verify)))
        .collect();
    let sourced = checked.iter().filter(|(_, verify)| !verify.experimental).count();
    let _ = writeln!(
        text,
        "{} credential types are checked; the refusals of {sourced} of them count, the other {} are experimental.\n",
        checked.len(),
        checked.len() - sourced
    );
    text.push_str("| rule | request | live | dead | rests on |\n|---|---|---|---|---|\n");
    let mut sorted = checked;
    sorted.sort_by(|a, b| (&a.0.provider.to_lowercase(), &a.0.id).cmp(&(&b.0.provider.to_lowercase(), &b.0.id)));
    for (rule, verify) in &sorted {
        let cells = [format!("`{}`", rule.id), requests(verify), live(verify), dead(verify), rests_on(verify)];
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text + &revocations(ruleset)
}

/// What `deadkey revoke` sends.
fn revocations(ruleset: &Ruleset) -> String {
    let mut known: Vec<_> = (0..ruleset.rules().len())
        .filter_map(|at| ruleset.details(at).revoke.map(|revoke| (&ruleset.rules()[at], revoke)))
        .collect();
    known.sort_by(|a, b| (&a.0.provider.to_lowercase(), &a.0.id).cmp(&(&b.0.provider.to_lowercase(), &b.0.id)));
    let count = |hows: &[How]| known.iter().filter(|(_, revoke)| hows.contains(&revoke.how)).count();
    let mut text = format!(
        "\n{} credential types are revoked by a request; for {} more the rule knows the steps in the provider's console; {} by \
         neither, since they end by themselves or with something else (`deadkey rules show ID`).\n\n",
        count(&[How::Api, How::Code]),
        count(&[How::Console]),
        count(&[How::None])
    );
    text.push_str("| rule | `deadkey revoke` sends | done | believed after | ends with it | goes on | rests on |\n");
    text.push_str("|---|---|---|---|---|---|---|\n");
    for (rule, revoke) in known.iter().filter(|(_, revoke)| revoke.how.is_requests()) {
        let cells = [
            format!("`{}`", rule.id),
            sends(&rule.id, revoke),
            done(revoke),
            format!("{} s", revoke.lag),
            revoke.breaks.clone(),
            revoke.outlives.join("; "),
            revoke.source.clone(),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

fn sends(rule: &str, revoke: &Revoke) -> String {
    if revoke.how == How::Code {
        return crate::revoke::words(rule).to_owned();
    }
    let mut text = revoke.steps.iter().map(|step| &step.request).chain([&revoke.request]).map(one).collect::<Vec<_>>();
    let further = [("--undo", &revoke.undo), ("--delete", &revoke.delete)];
    let last = text.pop().unwrap_or_default();
    let further =
        further.into_iter().filter_map(|(option, request)| Some(format!("`{option}` {}", one(request.as_ref()?))));
    let last = [last].into_iter().chain(further).collect::<Vec<_>>().join("; ");
    text.push(last);
    text.join(", then ")
}

fn done(revoke: &Revoke) -> String {
    if revoke.how == How::Code {
        return "200".to_owned();
    }
    let conditions = revoke.done_when.iter().map(|condition| condition.to_string());
    [codes(&revoke.done)].into_iter().chain(conditions).collect::<Vec<_>>().join(" and ")
}

fn requests(verify: &Verify) -> String {
    verify.requests().map(one).collect::<Vec<_>>().join(", then ")
}

fn one(request: &rules::Request) -> String {
    let body = if request.body.is_empty() { String::new() } else { format!(" with `{}`", request.body) };
    format!("`{} {}`{body}", request.method, request.url)
}

fn live(verify: &Verify) -> String {
    let mut parts = vec![codes(&verify.live)];
    parts.extend((!verify.live_body.is_empty()).then(|| format!("`{}` in the body", verify.live_body)));
    parts.extend(verify.live_when.iter().map(|condition| condition.to_string()));
    parts.join(" and ")
}

fn dead(verify: &Verify) -> String {
    if verify.experimental {
        return "never".to_owned();
    }
    let mut parts = Vec::new();
    parts.extend((!verify.dead.is_empty()).then(|| codes(&verify.dead)));
    parts.extend((!verify.dead_body.is_empty()).then(|| format!("`{}` in the body", verify.dead_body)));
    parts.extend(verify.dead_when.iter().map(|condition| condition.to_string()));
    parts.extend(verify.doubt_when.iter().map(|condition| format!("{condition} where it was live before")));
    let open = Address::parse(&verify.request.url).is_some_and(|at| at.host_kind() == HostKind::Open);
    match (verify.self_hosted, parts.is_empty()) {
        (_, true) => "never".to_owned(),
        (true, _) if !open || verify.hosts.is_empty() => format!("{}, at a host the user named", parts.join(", or ")),
        _ => parts.join(", or "),
    }
}

fn codes(codes: &[u16]) -> String {
    codes.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

fn rests_on(verify: &Verify) -> String {
    match (verify.experimental, verify.source.is_empty()) {
        (true, _) => "experimental".to_owned(),
        (false, true) => "the documented statuses".to_owned(),
        (false, false) => verify.source.clone(),
    }
}
