//! What the command line says.

use std::path::PathBuf;
use testkit::evaluation::{Half, Row};

pub const HELP: &str = "\
Measures deadkey, or any scanner that writes SARIF, on labelled data.

Usage: evaluate [OPTIONS] DATA...

  DATA                 JSON lines, gzipped or not: test vectors or lines; recognised by their fields
      --scanner FILE   the deadkey to measure; default: the one beside this program
      --write DIR      write the rows as files below DIR, for any scanner, and end
      --sarif FILE     measure what a scanner wrote of the folder made by --write
      --half HALF      'training' or 'held': lines and vectors of one half, by a hash of their text
      --by-rule        recall and alarms also by rule (vectors)
      --misses         list the credentials that were not found
      --alarms         list what was found where nothing is
      --level LEVEL    of these lists: 'low' (the default), 'default' or 'both'
      --source TEXT    in these lists only rows of this source
      --rule TEXT      in these lists only rows of this rule or category
      --class TEXT     in these lists only rows of this class or group
      --show-secrets   show the rows' texts in these lists
";

#[derive(Default)]
pub struct Arguments {
    pub data: Vec<PathBuf>,
    pub scanner: Option<PathBuf>,
    pub write: Option<PathBuf>,
    pub sarif: Option<PathBuf>,
    pub half: Option<Half>,
    pub by_rule: bool,
    pub misses: bool,
    pub alarms: bool,
    pub show_secrets: bool,
    level: Option<String>,
    source: Option<String>,
    rule: Option<String>,
    class: Option<String>,
}

impl Arguments {
    pub fn parse(given: &[String]) -> Result<Arguments, String> {
        let mut arguments = Arguments::default();
        let mut given = given.iter();
        while let Some(argument) = given.next() {
            // `--name=value` as well as `--name value`.
            let (name, joined) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (argument.as_str(), None),
            };
            let mut value = || {
                let next = joined.clone().or_else(|| given.next().cloned());
                next.ok_or_else(|| format!("{name} needs a value; see --help"))
            };
            match name {
                "--scanner" => arguments.scanner = Some(value()?.into()),
                "--write" => arguments.write = Some(value()?.into()),
                "--sarif" => arguments.sarif = Some(value()?.into()),
                "--half" => arguments.half = Some(half(&value()?)?),
                "--level" => arguments.level = Some(level(value()?)?),
                "--source" => arguments.source = Some(value()?),
                "--rule" => arguments.rule = Some(value()?),
                "--class" => arguments.class = Some(value()?),
                "--by-rule" => arguments.by_rule = true,
                "--misses" => arguments.misses = true,
                "--alarms" => arguments.alarms = true,
                "--show-secrets" => arguments.show_secrets = true,
                other if other.starts_with('-') => return Err(format!("there is no option {other}; see --help")),
                data => arguments.data.push(data.into()),
            }
        }
        if arguments.data.is_empty() {
            return Err("no data given; see --help".to_owned());
        }
        Ok(arguments)
    }

    /// Whether misses and alarms of a column are to be listed; a SARIF file is the only one there is.
    pub fn lists(&self, column: &str) -> bool {
        let level = self.level.as_deref().unwrap_or("low");
        (self.misses || self.alarms) && (self.sarif.is_some() || level == "both" || level == column)
    }

    /// Whether the lists are to hold a row.
    pub fn wants(&self, row: &Row) -> bool {
        let fits = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted == is);
        fits(&self.source, &row.source) && fits(&self.rule, &row.rule) && fits(&self.class, &row.class)
    }
}

fn half(text: &str) -> Result<Half, String> {
    match text {
        "training" => Ok(Half::Training),
        "held" => Ok(Half::Held),
        other => Err(format!("there is no half '{other}'; there are 'training' and 'held'")),
    }
}

fn level(text: String) -> Result<String, String> {
    match text.as_str() {
        "low" | "default" | "both" => Ok(text),
        other => Err(format!("there is no level '{other}'; there are 'low', 'default' and 'both'")),
    }
}
