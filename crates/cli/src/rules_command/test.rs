//! `deadkey rules test`: why a text is or is not a finding of a rule.

use super::{FAILED, FOUND, find, print};
use crate::args::RuleArgs;
use crate::rule_selection;
use anyhow::{Context, Result, bail};
use detect::Options;
use detect::explain::{Candidate, Conclusion, Explainer, Explanation, Show};
use model::Confidence;
use rules::{Matcher, Rule, Ruleset};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(id: &str, text: &str, show_secrets: bool, args: &RuleArgs) -> Result<u8> {
    let ruleset = Arc::new(rule_selection::load(args)?);
    let (index, rule) = find(&ruleset, id)?;
    let input = Input::read(text)?;
    if let Matcher::Log(_) = rule.matcher {
        bail!("rule '{id}' is about what logs say; `deadkey log` finds it, and its text alone does not");
    }
    if let Matcher::Path = rule.matcher {
        return print(FAILED, |out| path_only(rule, &input, out));
    }
    let explainer = Explainer::new(ruleset.clone(), Options::default());
    let show = Show { secrets: show_secrets, ..Show::default() };
    let explanation = explainer.explain(index, &input.bytes, show);
    let code = if explanation.is_finding() { FOUND } else { FAILED };
    print(code, |out| Story { rule, ruleset: &ruleset, input: &input, explanation: &explanation }.write(out))
}

/// What is looked at, and what it is called.
struct Input {
    name: String,
    bytes: Vec<u8>,
}

impl Input {
    /// Standard input for `-`, a file if there is one of that name, else the text itself.
    fn read(text: &str) -> Result<Input> {
        if text == "-" {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).context("standard input cannot be read to its end")?;
            return Ok(Input { name: "standard input".to_owned(), bytes });
        }
        let path = Path::new(text);
        // A text with a line end or a NUL, or one too long, is no path; `metadata` says so by an error.
        match std::fs::metadata(path) {
            Ok(entry) if entry.is_dir() => anyhow::bail!("{text} is a folder; name a file in it, or `-`"),
            Ok(_) => {
                let bytes = std::fs::read(path).with_context(|| format!("{text} cannot be read"))?;
                Ok(Input { name: format!("file {text}"), bytes })
            }
            Err(_) => Ok(Input { name: "the text given".to_owned(), bytes: text.as_bytes().to_vec() }),
        }
    }
}

fn path_only(rule: &Rule, input: &Input, out: &mut dyn Write) -> io::Result<()> {
    let pattern = rule.path.as_deref().unwrap_or("");
    writeln!(out, "{}: looks at paths alone: those that match {pattern}", rule.id)?;
    writeln!(out, "what {} holds does not matter; `deadkey scan` applies the rule to paths", input.name)
}

/// An explanation, and what it is about.
struct Story<'a> {
    rule: &'a Rule,
    ruleset: &'a Ruleset,
    input: &'a Input,
    explanation: &'a Explanation,
}

impl Story<'_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let id = &self.rule.id;
        writeln!(out, "{id} in {} ({} bytes): {}", self.input.name, self.input.bytes.len(), self.verdict())?;
        if let Some(missing) = &self.explanation.missing {
            writeln!(out, "\n  no  {}", missing.text)?;
        }
        for candidate in &self.explanation.candidates {
            writeln!(out)?;
            self.candidate(candidate, out)?;
        }
        if self.explanation.left_off > 0 {
            writeln!(
                out,
                "\n{} more places where the anchor stands: refused for one of these reasons, or farther from a finding",
                self.explanation.left_off
            )?;
        }
        if !self.explanation.others.is_empty() {
            let ids: Vec<&str> =
                self.explanation.others.iter().map(|rule| self.ruleset.rules()[*rule as usize].id.as_str()).collect();
            writeln!(
                out,
                "\nother rules find something there, too, so a scan may report it as theirs: {}",
                ids.join(", ")
            )?;
        }
        Ok(())
    }

    fn verdict(&self) -> String {
        let found = self.explanation.candidates.iter().filter(|c| c.is_finding()).count();
        match found {
            0 => "no finding".to_owned(),
            1 => "a finding".to_owned(),
            _ => format!("{found} findings"),
        }
    }

    fn candidate(&self, candidate: &Candidate, out: &mut dyn Write) -> io::Result<()> {
        let (line, column) = (candidate.place.line, candidate.place.column);
        writeln!(out, "{line}:{column}")?;
        for step in &candidate.steps {
            writeln!(out, "  {}  {}", if step.ok { "ok" } else { "no" }, step.text)?;
        }
        for condition in &candidate.conditions {
            writeln!(out, "  if  {condition}")?;
        }
        writeln!(out, "  =>  {}", conclusion(candidate.conclusion))
    }
}

fn conclusion(conclusion: Conclusion) -> String {
    match conclusion {
        Conclusion::Nothing => "no finding".to_owned(),
        Conclusion::Refuted(why) => format!("no finding: taken back as {}", why.phrase()),
        Conclusion::Finding(Confidence::Low) => {
            "a finding of confidence low: a scan shows it with --confidence low".to_owned()
        }
        Conclusion::Finding(confidence) => format!("a finding of confidence {confidence}"),
    }
}
