//! A statement as one HTML file: no script, nothing from elsewhere, readable on a phone and on paper.

use super::chart::{Bar, bars, escape};
use super::{GroupRow, Says, Spread, Statement, duration};
use model::Severity;
use std::fmt::Write;

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1c2024;--soft:#60646c;--line:#d9d9e0;--paper:#fff;--card:#f7f7f9;
--critical:#a3123c;--high:#cc4e00;--medium:#a87800;--low:#5b7083;--good:#1f7a4d}
@media(prefers-color-scheme:dark){:root{--ink:#edeef0;--soft:#b0b4ba;--line:#3a3f45;--paper:#15181b;--card:#1e2226;
--critical:#ff6b8e;--high:#ff9b5c;--medium:#e5b94e;--low:#93a9bd;--good:#5bc98f}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1.5rem 1rem 3rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2.25rem 0 .5rem}
.when,.note{color:var(--soft);font-size:.9rem;margin:0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.6rem;margin:1.25rem 0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.7rem .9rem}
.tile b{display:block;font-size:1.7rem;line-height:1.2;font-variant-numeric:tabular-nums}
.tile span{color:var(--soft);font-size:.85rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{font-weight:600;color:var(--soft);font-size:.85rem}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.name{overflow-wrap:anywhere}
.chart{width:100%;max-width:37rem;height:auto;font-size:13px}.chart text{fill:var(--ink)}
.critical{fill:var(--critical);color:var(--critical)}.high{fill:var(--high);color:var(--high)}
.medium{fill:var(--medium);color:var(--medium)}.low{fill:var(--low);color:var(--low)}
.good{fill:var(--good);color:var(--good)}
.says{font-weight:600;white-space:nowrap}
.broken{border:2px solid var(--critical);padding:.75rem 1rem;border-radius:.5rem}
code{font-size:.85em;overflow-wrap:anywhere}
@media(max-width:40rem){th.n{white-space:normal}th,td{padding:.3rem .3rem;font-size:.82rem}.chart{font-size:17px}.evidence thead{display:none}.evidence tr{display:block;padding:.6rem 0;border-bottom:1px solid var(--line)}
.evidence td{display:block;border:0;padding:.1rem 0}.evidence td[data-h]:before{content:attr(data-h) ': ';color:var(--soft)}}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;--card:#fff}body{max-width:none;padding:0;font-size:11pt}
h2{break-after:avoid}tr,svg,.tile{break-inside:avoid}.scroll{overflow:visible}.chart rect{print-color-adjust:exact}}
";

pub(super) fn of(statement: &Statement) -> String {
    let s = statement;
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>Leaked credentials, {0}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>Leaked credentials</h1>\n<p class=\"when\">{0}, key {1}</p>\n",
        escape(&s.time),
        escape(&s.key)
    );
    if let Some(broken) = &s.trail.broken {
        let _ = writeln!(page, "<p class=\"broken\"><b>The audit trail is broken.</b> {}</p>", escape(broken));
    }
    tiles(s, &mut page);
    by_age(s, &mut page);
    times(s, &mut page);
    groups("Providers", "Provider", &s.providers, &mut page);
    groups("Teams", "Team", &s.teams, &mut page);
    groups("Repositories", "Repository", &s.repositories, &mut page);
    evidence(s, &mut page);
    if s.trail.broken.is_none() {
        let _ = writeln!(
            page,
            "<p class=\"note\">Audit trail: {} entries, whole, newest <code>{}</code></p>",
            s.trail.entries,
            escape(&s.trail.hash)
        );
    }
    page.push_str("</body>\n</html>\n");
    page
}

fn tiles(s: &Statement, page: &mut String) {
    let dead = s.states.get(&crate::State::Dead).copied().unwrap_or(0);
    page.push_str("<div class=\"tiles\">");
    for (number, name, class) in [
        (s.open, "open", ""),
        (s.live, "open and known to work", "critical"),
        (s.overdue, "past their day", "high"),
        (dead, "proven dead", "good"),
    ] {
        let class = if number > 0 { class } else { "" };
        let _ = write!(page, "<div class=\"tile\"><b class=\"{class}\">{number}</b><span>{name}</span></div>");
    }
    page.push_str("</div>\n");
    let states: Vec<String> = s.states.iter().map(|(state, n)| format!("{n} {state}")).collect();
    if !states.is_empty() {
        let _ = writeln!(page, "<p class=\"note\">All tickets: {}.</p>", states.join(", "));
    }
}

fn by_age(s: &Statement, page: &mut String) {
    page.push_str("<h2>Open, by severity and age</h2>\n");
    let all: Vec<Bar<'_>> = s
        .by_age
        .iter()
        .map(|row| Bar { name: row.severity.name(), pieces: vec![(class(row.severity), row.total)] })
        .collect();
    page.push_str(&bars("Open tickets by severity", &all));
    page.push_str("<div class=\"scroll\"><table><thead><tr><th>Severity</th>");
    for age in s.by_age.first().map(|row| row.ages.as_slice()).unwrap_or_default() {
        let _ = write!(page, "<th class=\"n\">{}</th>", age.age);
    }
    page.push_str("<th class=\"n\">all</th></tr></thead><tbody>");
    for row in &s.by_age {
        let _ = write!(page, "<tr><td class=\"{}\">{}</td>", class(row.severity), row.severity);
        for age in &row.ages {
            let _ = write!(page, "<td class=\"n\">{}</td>", age.tickets);
        }
        let _ = write!(page, "<td class=\"n\">{}</td></tr>", row.total);
    }
    page.push_str("</tbody></table></div>\n");
}

fn class(severity: Severity) -> &'static str {
    severity.name()
}

fn times(s: &Statement, page: &mut String) {
    page.push_str(
        "<h2>Times and deadlines</h2>\n<div class=\"scroll\"><table><thead><tr><th>From opening to</th>\
         <th class=\"n\">tickets</th><th class=\"n\">median</th><th class=\"n\">90th percentile</th></tr></thead><tbody>",
    );
    let mut row = |name: &str, spread: &Spread| {
        let _ = write!(
            page,
            "<tr><td>{name}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            spread.tickets,
            duration(spread.median_hours),
            duration(spread.p90_hours)
        );
    };
    row("rotated, as the owner says", &s.times.to_rotated);
    row("proven dead", &s.times.to_dead);
    page.push_str("</tbody></table></div>\n");
    let d = &s.deadlines;
    let all = [
        Bar { name: "ended by their day", pieces: vec![("good", d.kept)] },
        Bar { name: "ended after it", pieces: vec![("high", d.missed)] },
        Bar { name: "open, in time", pieces: vec![("low", d.running)] },
        Bar { name: "open, past it", pieces: vec![("critical", d.overdue)] },
    ];
    page.push_str(&bars("Deadlines", &all));
}

fn groups(title: &str, head: &str, rows: &[GroupRow], page: &mut String) {
    let _ = writeln!(page, "<h2>{title}</h2>");
    if rows.is_empty() {
        page.push_str("<p class=\"note\">None.</p>\n");
        return;
    }
    let open: Vec<Bar<'_>> = rows
        .iter()
        .filter(|row| row.open > 0)
        .take(10)
        .map(|row| Bar { name: &row.name, pieces: vec![("critical", row.urgent), ("low", row.open - row.urgent)] })
        .collect();
    if !open.is_empty() {
        page.push_str(&bars(&format!("Open tickets by {}", head.to_lowercase()), &open));
        page.push_str("<p class=\"note\"><span class=\"critical\">■</span> critical or high <span class=\"low\">■</span> lower</p>\n");
    }
    let _ = write!(
        page,
        "<div class=\"scroll\"><table><thead><tr><th>{head}</th><th class=\"n\">open</th><th class=\"n\">critical or high</th>\
         <th class=\"n\">past their day</th><th class=\"n\">proven dead</th></tr></thead><tbody>"
    );
    for row in rows {
        let _ = write!(
            page,
            "<tr><td class=\"name\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escape(&row.name),
            row.open,
            row.urgent,
            row.overdue,
            row.dead
        );
    }
    page.push_str("</tbody></table></div>\n");
}

fn evidence(s: &Statement, page: &mut String) {
    page.push_str(
        "<h2>Evidence by framework</h2>\n<p class=\"note\">No line says that an outcome is met. docs/evidence.md says what \
         was asked of the ledger.</p>\n<table class=\"evidence\"><thead><tr><th>Outcome</th><th>About</th><th>Evidence</th>\
         <th>Because</th><th>Does not prove</th></tr></thead><tbody>",
    );
    for e in &s.evidence {
        let class = match e.says {
            Says::For => "good",
            Says::Against => "critical",
            Says::None => "low",
        };
        let _ = write!(
            page,
            "<tr><td><b>{}</b><br><span class=\"note\">{}</span></td><td>{}</td><td class=\"says {class}\" data-h=\"Evidence\">{}</td>\
             <td data-h=\"Because\">{}</td><td data-h=\"Does not prove\">{}</td></tr>",
            e.outcome,
            e.framework,
            escape(e.about),
            e.says.name(),
            escape(&e.because),
            escape(e.does_not_prove)
        );
    }
    page.push_str("</tbody></table>\n");
}
