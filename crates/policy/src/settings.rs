//! One `.deadkey.toml`, read and checked.

use crate::allow::AllowEntry;
use crate::document::{Document, Placed, Table, TableOrText, shown};
use crate::fault::Fault;
use crate::pragma::Pragma;
use model::Confidence;
use std::sync::Arc;

/// Keys at the top of a file.
const KEYS: &[&str] = &[
    "extends",
    "confidence",
    "fail_on",
    "strict",
    "decode_depth",
    "jobs",
    "baseline",
    "pragmas",
    "gitleaksignore",
    "rules",
    "paths",
    "limits",
    "allow",
    "allow-id",
];
/// What `fail_on` may be.
pub const FAIL_ON: &[&str] = &["low", "medium", "high", "critical", "live"];

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// The file, as the user knows it.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

impl<T> Setting<T> {
    /// `file:line`
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// What one file says, or several that were merged.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The least confidence that is shown.
    pub confidence: Option<Setting<Confidence>>,
    /// The least severity that fails a run, one of [`FAIL_ON`].
    pub fail_on: Option<Setting<String>>,
    /// Whether notices count as gaps.
    pub strict: Option<Setting<bool>>,
    /// How many encodings deep text is decoded.
    pub decode_depth: Option<Setting<u8>>,
    /// How many threads.
    pub jobs: Option<Setting<usize>>,
    /// The baseline, from the policy root.
    pub baseline: Option<Setting<String>>,
    /// The pragmas that count.
    pub pragmas: Option<Setting<Vec<Pragma>>>,
    /// Whether `.gitleaksignore` and `.betterleaksignore` count.
    pub gitleaksignore: Option<Setting<bool>>,
    /// Files with further rules, from the policy root.
    pub rule_files: Vec<Setting<String>>,
    /// Only these rules.
    pub select: Vec<Setting<String>>,
    /// Not these rules.
    pub exclude: Vec<Setting<String>>,
    /// Whether the built-in rules are there.
    pub builtin: Option<Setting<bool>>,
    /// gitignore patterns of paths that are passed over, each with the folder that it counts from.
    pub skip: Vec<Setting<String>>,
    /// Most bytes of one object of a history.
    pub max_object: Option<Setting<u64>>,
    /// How many times its length an encoded text may grow.
    pub decode_limit: Option<Setting<u32>>,
    /// Whether archives are opened.
    pub archives: Option<Setting<bool>>,
    /// What is allowed.
    pub allow: Vec<Arc<AllowEntry>>,
}

/// What a file extends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Extends {
    /// Another file, from the one that names it.
    File(String),
    /// A file of a commit of another repository, whose content has this digest (`sha256:…`).
    Git { repository: String, reference: String, path: String, digest: String },
}

/// A file as read: what it says, and what it extends.
pub(crate) struct Read {
    pub(crate) settings: Settings,
    pub(crate) extends: Vec<Placed<Extends>>,
}

/// Reads a file. `folder`: where its paths count from, from the policy root.
pub(crate) fn read(file: &str, text: &str, folder: &str) -> Result<Read, Fault> {
    let document = Document { file, text };
    let parsed = document.parse()?;
    let root = Table::root(&document, parsed.get_ref());
    root.only(KEYS)?;
    let place = Placing { file: file.into(), folder };
    let mut settings = Settings {
        confidence: place.one(root.parsed("confidence", "low, medium, high or confirmed", |text| text.parse().ok())?),
        fail_on: place.one(root.parsed("fail_on", "low, medium, high, critical or live", |text| {
            FAIL_ON.contains(&text).then(|| text.to_owned())
        })?),
        strict: place.one(root.flag("strict")?),
        decode_depth: place.one(root.number("decode_depth", 0..=16)?.map(|n| n.map(|n| n as u8))),
        jobs: place.one(root.number("jobs", 1..=1024)?.map(|n| n.map(|n| n as usize))),
        baseline: place.one(root.text("baseline")?.map(|path| path.map(|path| join(folder, &path)))),
        pragmas: place.one(pragmas(&root)?),
        gitleaksignore: place.one(root.flag("gitleaksignore")?),
        ..Settings::default()
    };
    place.tables(&root, &mut settings)?;
    settings.allow = allow(&root, &place)?;
    Ok(Read { settings, extends: extends(&root)? })
}

/// Where values come from.
struct Placing<'a> {
    file: Arc<str>,
    folder: &'a str,
}

impl Placing<'_> {
    fn one<T>(&self, placed: Option<Placed<T>>) -> Option<Setting<T>> {
        placed.map(|placed| Setting { value: placed.value, file: self.file.clone(), line: placed.line })
    }

    fn all(&self, placed: Vec<Placed<String>>) -> Vec<Setting<String>> {
        placed.into_iter().filter_map(|placed| self.one(Some(placed))).collect()
    }

    fn tables(&self, root: &Table<'_>, settings: &mut Settings) -> Result<(), Fault> {
        if let Some(rules) = root.table("rules", "rules.")? {
            rules.only(&["files", "select", "exclude", "builtin"])?;
            let files = rules.list("files")?.into_iter().map(|path| path.map(|path| join(self.folder, &path)));
            settings.rule_files = self.all(files.collect());
            settings.select = self.all(rules.list("select")?);
            settings.exclude = self.all(rules.list("exclude")?);
            settings.builtin = self.one(rules.flag("builtin")?);
        }
        if let Some(paths) = root.table("paths", "paths.")? {
            paths.only(&["skip"])?;
            let skip = paths.list("skip")?;
            for pattern in &skip {
                let fault = |why| {
                    paths.unfit("skip", pattern.line, format!("has the pattern `{}`: {why}", shown(&pattern.value)))
                };
                crate::glob::check(&pattern.value).map_err(fault)?;
            }
            settings.skip = self.all(skip);
        }
        if let Some(limits) = root.table("limits", "limits.")? {
            limits.only(&["max_object", "decode_limit", "archives"])?;
            settings.max_object = self.one(limits.parsed("max_object", "a size such as \"500m\" or \"1g\"", size)?);
            settings.decode_limit =
                self.one(limits.number("decode_limit", 1..=1_000_000)?.map(|n| n.map(|n| n as u32)));
            settings.archives = self.one(limits.flag("archives")?);
        }
        Ok(())
    }
}

/// A number of bytes: `500`, `64k`, `10m`, `2g`.
fn size(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(1 << shift)
}

/// `true`, `false`, or the names of those that count.
fn pragmas(root: &Table<'_>) -> Result<Option<Placed<Vec<Pragma>>>, Fault> {
    if let Ok(flag) = root.flag("pragmas") {
        let all = |on: bool| if on { Pragma::ALL.to_vec() } else { Vec::new() };
        return Ok(flag.map(|flag| flag.map(all)));
    }
    let names = root.list("pragmas")?;
    let line = names.first().map_or(root.line, |name| name.line);
    let mut chosen = Vec::new();
    for name in names {
        let known: Vec<&str> = Pragma::ALL.iter().map(|pragma| pragma.name()).collect();
        match Pragma::ALL.iter().find(|pragma| pragma.name() == name.value) {
            Some(pragma) => chosen.push(*pragma),
            None => {
                let what =
                    format!("names `{}`; write true, false, or some of {}", shown(&name.value), known.join(", "));
                return Err(root.unfit("pragmas", name.line, what));
            }
        }
    }
    Ok(Some(Placed { value: chosen, line }))
}

fn allow(root: &Table<'_>, place: &Placing<'_>) -> Result<Vec<Arc<AllowEntry>>, Fault> {
    let mut entries = Vec::new();
    for entry in root.tables("allow", "allow.")? {
        let TableOrText::Table(table) = entry else {
            return Err(root.unfit("allow", root.line, "holds a text; write tables, `[[allow]]`"));
        };
        entries.push(Arc::new(AllowEntry::read(&table, &place.file, place.folder, None)?));
    }
    if let Some(ids) = root.table("allow-id", "allow-id.")? {
        for (id, table) in ids.named_tables("allow-id.")? {
            entries.push(Arc::new(AllowEntry::read(&table, &place.file, place.folder, Some(&id))?));
        }
    }
    Ok(entries)
}

fn extends(root: &Table<'_>) -> Result<Vec<Placed<Extends>>, Fault> {
    let mut all = Vec::new();
    for item in root.tables("extends", "extends.")? {
        all.push(match item {
            TableOrText::Text(path) => path.map(Extends::File),
            TableOrText::Table(table) => one_extends(&table)?,
        });
    }
    Ok(all)
}

fn one_extends(table: &Table<'_>) -> Result<Placed<Extends>, Fault> {
    table.only(&["file", "git", "ref", "path", "digest"])?;
    let line = table.line;
    let (file, repository) = (table.text("file")?, table.text("git")?);
    let value = match (file, repository) {
        (Some(file), None) => {
            for key in ["ref", "path", "digest"] {
                if let Some(other) = table.text(key)? {
                    return Err(table.unfit(key, other.line, "belongs to `git`; a `file` is read as it is"));
                }
            }
            Extends::File(file.value)
        }
        (None, Some(repository)) => {
            let Some(reference) = table.text("ref")? else {
                return Err(table.unfit(
                    "ref",
                    line,
                    "is missing; name the tag, branch or commit that holds the policy",
                ));
            };
            let path = table.text("path")?.map_or_else(|| crate::FILE_NAME.to_owned(), |path| path.value);
            let digest = table.text("digest")?.map(|digest| digest.value).unwrap_or_default();
            Extends::Git { repository: repository.value, reference: reference.value, path, digest }
        }
        _ => return Err(table.fault(line, "`extends` names either a `file` or a `git` repository; write one of them")),
    };
    Ok(Placed { value, line })
}

/// `path` as seen from the policy root, where it was written in a file of `folder`. Absolute paths stay; `..` is taken away
/// with the folder before it, and what leads out of the root begins with `..`.
pub(crate) fn join(folder: &str, path: &str) -> String {
    if path.starts_with('/') || path.get(1..3).is_some_and(|drive| drive == ":\\" || drive == ":/") {
        return path.to_owned();
    }
    let mut names: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|last| *last != "..") => drop(names.pop()),
            name => names.push(name),
        }
    }
    names.join("/")
}

impl Settings {
    /// Adds what another file says that is nearer: its values win, its lists are added.
    pub(crate) fn overlay(&mut self, nearer: &Settings) {
        fn value<T: Clone>(own: &mut Option<Setting<T>>, nearer: &Option<Setting<T>>) {
            if nearer.is_some() {
                own.clone_from(nearer);
            }
        }
        value(&mut self.confidence, &nearer.confidence);
        value(&mut self.fail_on, &nearer.fail_on);
        value(&mut self.strict, &nearer.strict);
        value(&mut self.decode_depth, &nearer.decode_depth);
        value(&mut self.jobs, &nearer.jobs);
        value(&mut self.baseline, &nearer.baseline);
        value(&mut self.pragmas, &nearer.pragmas);
        value(&mut self.gitleaksignore, &nearer.gitleaksignore);
        value(&mut self.builtin, &nearer.builtin);
        value(&mut self.max_object, &nearer.max_object);
        value(&mut self.decode_limit, &nearer.decode_limit);
        value(&mut self.archives, &nearer.archives);
        self.rule_files.extend_from_slice(&nearer.rule_files);
        self.select.extend_from_slice(&nearer.select);
        self.exclude.extend_from_slice(&nearer.exclude);
        self.skip.extend_from_slice(&nearer.skip);
        self.allow.extend_from_slice(&nearer.allow);
    }

    /// The keys here that are about a whole run, and so count only in files above what is scanned.
    pub(crate) fn of_the_run(&self) -> Vec<&'static str> {
        let keys = [
            ("fail_on", self.fail_on.is_some()),
            ("strict", self.strict.is_some()),
            ("decode_depth", self.decode_depth.is_some()),
            ("jobs", self.jobs.is_some()),
            ("baseline", self.baseline.is_some()),
            ("gitleaksignore", self.gitleaksignore.is_some()),
            ("rules.files", !self.rule_files.is_empty()),
            ("rules.select", !self.select.is_empty()),
            ("rules.builtin", self.builtin.is_some()),
            ("limits", self.max_object.is_some() || self.decode_limit.is_some() || self.archives.is_some()),
        ];
        keys.into_iter().filter(|(_, is_set)| *is_set).map(|(key, _)| key).collect()
    }
}
