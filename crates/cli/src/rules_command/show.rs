//! `deadkey rules show`.

use super::{FOUND, find, print};
use crate::args::RuleArgs;
use crate::rule_selection;
use anyhow::Result;
use rules::{
    Allow, AllowTarget, Anchor, Companion, Details, How, MIN_RUN, Matcher, Request, Revoke, Rule, TokenClass, Verify,
};
use std::io::{self, Write};

pub(super) fn run(id: &str, args: &RuleArgs) -> Result<u8> {
    let ruleset = rule_selection::load(args)?;
    let (index, rule) = find(&ruleset, id)?;
    let details = ruleset.details(index);
    print(FOUND, |out| {
        let mut page = Page { out };
        page.write(rule, &details)
    })
}

struct Page<'a> {
    out: &'a mut dyn Write,
}

/// Width of the column of labels.
const LABEL: usize = 13;

impl Page<'_> {
    fn write(&mut self, rule: &Rule, details: &Details) -> io::Result<()> {
        writeln!(self.out, "{}", rule.id)?;
        self.field("name", &rule.name)?;
        self.field("provider", if rule.generic { "nobody in particular (generic)" } else { &rule.provider })?;
        self.field("severity", rule.severity.name())?;
        self.field("confidence", &format!("{} for a bare match", rule.confidence))?;
        self.field(written_label(rule), &details.written)?;
        self.lines("finds", &found(rule))?;
        self.field("anchored", &anchored(rule))?;
        self.field("reads", &reads(rule))?;
        self.conditions(rule)?;
        for companion in &rule.companions {
            self.field("companion", &companion_line(companion))?;
        }
        self.lines("allows", &rule.allow.iter().map(allowed).collect::<Vec<_>>())?;
        self.field("known as", &details.aliases.join(", "))?;
        self.field("tags", &rule.tags.join(", "))?;
        self.field("rotate", &rule.rotate)?;
        if let Some(verify) = &details.verify {
            self.lines("verify", &verified(verify))?;
        }
        if let Some(revoke) = &details.revoke {
            self.lines("revoke", &revoked(revoke))?;
        }
        self.field("tested by", &tests(details))?;
        self.field("written in", &details.source)?;
        self.lines("differs", &details.differences)
    }

    fn conditions(&mut self, rule: &Rule) -> io::Result<()> {
        if !rule.keywords.is_empty() {
            let words = rule.keywords.join(", ");
            self.field("keywords", &format!("{words}; one of them within {} bytes before", rule.keyword_distance))?;
        }
        if rule.min_entropy > 0 {
            let least = f64::from(rule.min_entropy) / 100.0;
            self.field("entropy", &format!("at least {least} bits a byte"))?;
        }
        if rule.min_likelihood > 0 {
            self.field("likelihood", &format!("at least {} of 100", rule.min_likelihood))?;
        }
        if let Some(proof) = rule.proof {
            self.field("proof", proof.name())?;
        }
        if let Some(path) = &rule.path {
            self.field("path", &format!("must match {path}"))?;
        }
        Ok(())
    }

    /// A labelled value; nothing where it is empty.
    fn field(&mut self, label: &str, value: &str) -> io::Result<()> {
        self.lines(label, &value.lines().map(str::to_owned).collect::<Vec<_>>())
    }

    /// A labelled value of several lines.
    fn lines(&mut self, label: &str, values: &[String]) -> io::Result<()> {
        for (i, value) in values.iter().flat_map(|value| value.lines()).enumerate() {
            let label = if i == 0 { label } else { "" };
            writeln!(self.out, "  {label:LABEL$}{value}")?;
        }
        Ok(())
    }
}

fn written_label(rule: &Rule) -> &'static str {
    if matches!(rule.matcher, Matcher::Pattern(_)) { "pattern" } else { "shape" }
}

/// What a rule without a shape of its own looks for.
fn found(rule: &Rule) -> Vec<String> {
    match &rule.matcher {
        Matcher::Shape(_) | Matcher::Pattern(_) => Vec::new(),
        Matcher::Assignment(names) => vec![format!(
            "a value of {} to {} bytes bound to a name with {}",
            names.len.0,
            names.len.1,
            names.names.join(", ")
        )],
        Matcher::UserInfo { schemes } if schemes.is_empty() => {
            vec!["the password of a URL, whose scheme no other rule names".to_owned()]
        }
        Matcher::UserInfo { schemes } => vec![format!("the password of a URL of {}", schemes.join(", "))],
        Matcher::Armour { labels } => {
            let mut lines = vec!["an armoured block with one of the labels".to_owned()];
            lines.extend(labels.iter().cloned());
            lines
        }
        Matcher::Path => vec!["a path; what the file holds does not matter".to_owned()],
        Matcher::Log(sign) => vec![sign.phrase().to_owned()],
    }
}

/// Where hits are anchored, in plain words.
fn anchored(rule: &Rule) -> String {
    match &rule.anchor {
        Anchor::Prefix(prefixes) => {
            format!("at a prefix that starts a word of {MIN_RUN} token bytes or more: {}", prefixes.join(" "))
        }
        Anchor::Token { class, len } => {
            let bytes = match class {
                TokenClass::Alnum => "letters and digits",
                TokenClass::Word => "letters, digits, '_' and '-'",
                TokenClass::Base64 => "letters, digits, '+' and '/'",
            };
            let len = if len.0 == len.1 { len.0.to_string() } else { format!("{} to {}", len.0, len.1) };
            let with = if rule.keywords.is_empty() { "" } else { ", with a keyword before it" };
            format!("at the start of a token: a run of {bytes}, {len} bytes long{with}")
        }
        Anchor::Literal { literals, .. } if matches!(rule.matcher, Matcher::Assignment(_)) => {
            format!("at a name, in any of its spellings: {}", literals.join(" "))
        }
        Anchor::Literal { literals, ignore_case } => {
            let case = if *ignore_case { ", in any case (needs the slow lane)" } else { "" };
            format!("at a literal anywhere{case}: {}", literals.join(" "))
        }
        Anchor::Path => "at the path".to_owned(),
        Anchor::Log => "where a log says so".to_owned(),
    }
}

fn reads(rule: &Rule) -> String {
    match rule.matcher {
        Matcher::Path | Matcher::Log(_) => "no byte".to_owned(),
        _ => format!("at most {} bytes before its anchor and {} from there on", rule.reach.before, rule.reach.after),
    }
}

fn companion_line(companion: &Companion) -> String {
    let required = if companion.required { "required" } else { "may be missing" };
    let (least, most) = companion.shape.len_range();
    let len = if least == most { least.to_string() } else { format!("{least} to {most}") };
    let mut line =
        format!("{}: {len} bytes, within {} bytes to either side, {required}", companion.name, companion.distance);
    if !companion.keywords.is_empty() {
        line += &format!(", after one of {}", companion.keywords.join(", "));
    }
    if companion.min_entropy > 0 {
        line += &format!(", entropy at least {}", f64::from(companion.min_entropy) / 100.0);
    }
    line
}

fn allowed(allow: &Allow) -> String {
    let target = match allow.target {
        AllowTarget::Secret => "secret",
        AllowTarget::Match => "match",
        AllowTarget::Line => "line",
    };
    let mut kinds = Vec::new();
    if !allow.regexes.is_empty() {
        kinds.push(format!("its {target} matches one of {}", expressions(&allow.regexes)));
    }
    if !allow.stopwords.is_empty() {
        let some: Vec<&str> = allow.stopwords.iter().take(8).map(String::as_str).collect();
        let more =
            if allow.stopwords.len() > 8 { format!(" and {} more", allow.stopwords.len() - 8) } else { String::new() };
        kinds.push(format!("its secret holds one of {}{more}", some.join(", ")));
    }
    if !allow.paths.is_empty() {
        kinds.push(format!("its path matches one of {}", expressions(&allow.paths)));
    }
    format!("a hit passes if {}", kinds.join(if allow.all { "\nand " } else { "\nor " }))
}

/// Expressions on one line, whatever they hold.
fn expressions(written: &[String]) -> String {
    let on_one_line = |text: &String| text.replace('\n', "\\n").replace('\r', "\\r");
    written.iter().map(on_one_line).collect::<Vec<_>>().join("  ")
}

fn verified(verify: &Verify) -> Vec<String> {
    let codes = |codes: &[u16]| codes.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let mut lines = Vec::new();
    for request in verify.requests() {
        lines.push(format!("{} {}", request.method, request.url));
        lines.extend(request.headers.iter().map(|header| format!("header {}", header.replace('\n', "\\n"))));
        lines.extend((!request.body.is_empty()).then(|| format!("body {}", request.body)));
    }
    let holds = |text: &str| if text.is_empty() { String::new() } else { format!(", if the answer holds {text}") };
    lines.push(format!("live: {}{}", codes(&verify.live), holds(&verify.live_body)));
    lines.extend(verify.live_when.iter().map(|condition| format!("live only if {condition}")));
    if !verify.dead.is_empty() {
        lines.push(format!("dead: {}", codes(&verify.dead)));
    }
    if !verify.dead_body.is_empty() {
        lines.push(format!("dead: if the answer holds {}", verify.dead_body));
    }
    lines.extend(verify.dead_when.iter().map(|condition| format!("dead: if {condition}")));
    lines.extend(verify.doubt_when.iter().map(|condition| format!("dead if it was live before: if {condition}")));
    if verify.self_hosted {
        lines.push("dead only at a host that --verify-endpoint names".to_owned());
    }
    if !verify.source.is_empty() {
        lines.push(format!("rests on {}", verify.source));
    }
    if verify.experimental {
        lines.push("experimental: rests on habit, not on the provider's word; a refusal decides nothing".to_owned());
    }
    lines
}

fn revoked(revoke: &Revoke) -> Vec<String> {
    let mut lines = Vec::new();
    let mut request = |before: &str, request: &Request| {
        lines.push(format!("{before}{} {}", request.method, request.url));
        lines.extend(request.headers.iter().map(|header| format!("header {}", header.replace('\n', "\\n"))));
        lines.extend((!request.body.is_empty()).then(|| format!("body {}", request.body)));
    };
    match revoke.how {
        How::Api => {
            revoke.steps.iter().for_each(|step| request("first ", &step.request));
            request("", &revoke.request);
            revoke.undo.iter().for_each(|undo| request("undone by ", undo));
            revoke.delete.iter().for_each(|delete| request("deleted by ", delete));
            let codes: Vec<String> = revoke.done.iter().map(u16::to_string).collect();
            lines.push(format!("done: {}", codes.join(", ")));
            lines.extend(revoke.done_when.iter().map(|condition| format!("done only if {condition}")));
        }
        How::Code => lines.push("by requests that are code; `deadkey revoke --dry-run` shows them".to_owned()),
        How::Console => lines.push("by hand, at the provider's console".to_owned()),
        How::None => lines.push("not possible by itself".to_owned()),
    }
    if revoke.how.is_requests() {
        lines.push(format!("a refusal is believed {} s later", revoke.lag));
    }
    lines.extend(revoke.reversible.then(|| "it can be taken back".to_owned()));
    lines.extend((!revoke.breaks.is_empty()).then(|| format!("ends with it: {}", revoke.breaks)));
    lines.extend(revoke.outlives.iter().map(|text| format!("goes on: {text}")));
    lines.extend((!revoke.by_hand.is_empty()).then(|| format!("by hand: {}", revoke.by_hand)));
    lines.extend((!revoke.page.is_empty()).then(|| format!("page {}", revoke.page)));
    lines.extend((!revoke.source.is_empty()).then(|| format!("rests on {}", revoke.source)));
    lines
}

fn tests(details: &Details) -> String {
    match (details.examples.len(), details.near_misses.len()) {
        (0, 0) => "nothing: it has no examples".to_owned(),
        (examples, misses) => format!("{examples} examples, {misses} near misses"),
    }
}
