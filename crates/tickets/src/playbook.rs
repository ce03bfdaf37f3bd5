//! How to end a credential: what the rule knows, with the credential's own facts filled in.

use crate::ledger::{PlaceRow, Ticket};
use crate::moment;
use std::fmt::Write;

/// How many places are named.
const NAMED: usize = 20;

/// A step of a playbook.
pub(crate) struct Step {
    /// What is done.
    pub name: &'static str,
    /// How, from behind the name on; what stands between backticks is a command.
    pub text: String,
}

/// The steps, as Markdown.
pub fn playbook(ticket: &Ticket, places: &[PlaceRow]) -> String {
    let mut text = String::new();
    let name = ticket.name.as_deref().map(|name| format!(", known as `{name}`")).unwrap_or_default();
    let _ = writeln!(text, "## Ticket {}: {} {}{name}\n", ticket.id, title(ticket), ticket.hint);
    for (n, step) in steps(ticket).iter().enumerate() {
        let gap = if step.text.starts_with(':') { "" } else { " " };
        let _ = writeln!(text, "{}. **{}**{gap}{}", n + 1, step.name, step.text);
        if n == 0 {
            text.push_str(&uses(places));
        }
    }
    text
}

/// The steps, in order.
pub(crate) fn steps(ticket: &Ticket) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut step = |name, text| steps.push(Step { name, text });
    step("Rotate", format!("where it is used. {}", or(&ticket.rotate, GENERIC_ROTATE)));
    let breaks = if ticket.at_head {
        "what is checked out holds it, so whatever runs from there stops working until it has the new one"
    } else {
        "nothing that is checked out holds it; look for what still runs with it (deployments, laptops, scheduled jobs)"
    };
    step("What breaks", format!(": {breaks}."));
    step("Revoke", format!("at {}. {}", ticket.provider, or(&ticket.revoke, GENERIC_REVOKE)));
    let say = format!("`deadkey tickets rotated {0}`", ticket.id);
    step("Say so", format!(": {say}, with `--evidence` and a link to the change."));
    let proof = match (ticket.provable, ticket.verify.is_empty()) {
        (true, false) => format!("`deadkey tickets verify {}` asks the provider ({})", ticket.id, ticket.verify),
        (true, true) => format!(
            "`deadkey tickets verify {} --verifier COMMAND`: no check of its own is known for {}",
            ticket.id, ticket.rule
        ),
        (false, _) => "its value can no longer be read, so the ticket will end as `unprovable`; keep the provider's \
                       own record as evidence"
            .to_owned(),
    };
    step("Prove it dead", format!(": {proof}."));
    if let Some(from) = ticket.exposed_from {
        let until = ticket.ended_at.map_or_else(|| "today".to_owned(), moment::day);
        let from = moment::day(from);
        step("Read the provider's log", format!("for what it was used for from {from} until {until}."));
    }
    steps
}

const GENERIC_ROTATE: &str =
    "Create a new one, put it into the secret store, and let what uses the old one read it from there.";
const GENERIC_REVOKE: &str =
    "Delete or disable it where it was issued; deleting the line that leaked it does not end it.";

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

fn title(ticket: &Ticket) -> &str {
    if ticket.title.is_empty() { &ticket.rule } else { &ticket.title }
}

fn uses(places: &[PlaceRow]) -> String {
    let mut text = String::new();
    for place in places.iter().take(NAMED) {
        let line = if place.line > 0 { format!(":{}", place.line) } else { String::new() };
        let commit = place.commit.get(..12).map(|commit| format!(" since commit {commit}")).unwrap_or_default();
        let _ = writeln!(text, "   - {} {}{line}{commit} ({})", place.kind, place.path, place.source);
    }
    if places.len() > NAMED {
        let _ = writeln!(text, "   - and {} more places", places.len() - NAMED);
    }
    text
}
