//! How to end a credential: what the rule knows, with the credential's own facts filled in.

use crate::ledger::{PlaceRow, Ticket};
use crate::moment;
use std::fmt::Write;

/// How many places are named.
const NAMED: usize = 20;

/// The steps, as Markdown.
pub fn playbook(ticket: &Ticket, places: &[PlaceRow]) -> String {
    let mut text = String::new();
    let name = ticket.name.as_deref().map(|name| format!(", known as `{name}`")).unwrap_or_default();
    let _ = writeln!(text, "## Ticket {}: {} {}{name}\n", ticket.id, title(ticket), ticket.hint);
    let _ = writeln!(text, "1. **Rotate** where it is used. {}", or(&ticket.rotate, GENERIC_ROTATE));
    text.push_str(&uses(places));
    let breaks = if ticket.at_head {
        "what is checked out holds it, so whatever runs from there stops working until it has the new one"
    } else {
        "nothing that is checked out holds it; look for what still runs with it (deployments, laptops, scheduled jobs)"
    };
    let _ = writeln!(text, "2. **What breaks**: {breaks}.");
    let _ = writeln!(text, "3. **Revoke** at {}. {}", ticket.provider, or(&ticket.revoke, GENERIC_REVOKE));
    let say = format!("`deadkey tickets rotated {0}`", ticket.id);
    let _ = writeln!(text, "4. **Say so**: {say}, with `--evidence` and a link to the change.");
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
    let _ = writeln!(text, "5. **Prove it dead**: {proof}.");
    if let Some(from) = ticket.exposed_from {
        let until = ticket.ended_at.map_or_else(|| "today".to_owned(), moment::day);
        let _ = writeln!(
            text,
            "6. **Read the provider's log** for what it was used for from {} until {until}.",
            moment::day(from)
        );
    }
    text
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
