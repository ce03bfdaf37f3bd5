//! What all policy files together say about a credential at a place.

use crate::allow::{AllowEntry, fits};
use crate::date::Date;
use crate::fault::Fault;
use crate::files::Files;
use crate::former::Former;
use crate::glob::below;
use crate::layers::{Chain, Layers, Lookup};
use crate::pragma::{self, Pragma};
use crate::settings::Settings;
use crate::subject::Subject;
use crate::suggest::listed;
use model::{Confidence, Suppression, SuppressionKind};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// A folder that is scanned, and where its policy is.
pub struct Root {
    /// What stands before its paths in reports; empty for the working folder.
    pub shown: String,
    /// The folder that is scanned (or the file), from the root of `files`.
    pub start: String,
    /// Whether that is a file.
    pub is_file: bool,
    /// Where the policy is read.
    pub files: Box<dyn Files>,
    /// What is judged, where the policy comes from somewhere else: what is there and not in `files` does not count.
    pub judged: Option<Box<dyn Files>>,
}

/// How to read policies.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where they are looked for.
    pub lookup: Lookup,
    /// The day on which entries expire.
    pub today: Date,
    /// The least confidence shown, where the user has said so.
    pub confidence: Option<Confidence>,
    /// What the policy is read from, for messages, if it is not the tree that is judged.
    pub reference: Option<String>,
    /// Whether what is new against that counts, too.
    pub accept_new: bool,
    /// Whether pragmas count; the files say which.
    pub pragmas: bool,
    /// Whether the run looks for less than entries may be about (some rules, no history): what is of no use in it may be
    /// of use in another.
    pub partial: bool,
}

/// What a policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It counts. The remark says what would have allowed it, and why it did not.
    Counts(Option<String>),
    /// It is let be.
    Allowed(Suppression),
    /// Nobody asked for this path or rule.
    Skipped,
}

/// All policies of a run.
pub struct Policy {
    /// The longest `shown` first.
    roots: Vec<Judge>,
    options: Options,
}

/// One root's.
struct Judge {
    shown: String,
    start: String,
    is_file: bool,
    layers: Layers,
    judged: Option<Layers>,
    /// The lines of files of the policy's own tree, for pragmas.
    old: Mutex<HashMap<String, Option<Arc<Vec<u8>>>>>,
    former: Former,
}

/// What allows a credential besides pragmas.
enum Ground {
    Skip(String),
    Excluded(String),
    Entry(Arc<AllowEntry>),
    IgnoreFile(String),
}

impl Policy {
    /// Reads the policies of all roots, as far as they are about all of what is scanned.
    ///
    /// # Errors
    /// The first fault in a file; files of folders below are read when something is found there, see [`Policy::faults`].
    pub fn open(roots: Vec<Root>, options: Options) -> Result<Policy, Fault> {
        let mut judges = Vec::with_capacity(roots.len());
        for root in roots {
            let folder = match root.is_file {
                true => root.start.rsplit_once('/').map_or("", |(folder, _)| folder),
                false => &root.start,
            };
            judges.push(Judge {
                layers: Layers::open(root.files, (folder, root.is_file), &options.lookup)?,
                judged: root
                    .judged
                    .map(|files| Layers::open(files, (folder, root.is_file), &options.lookup))
                    .transpose()?,
                shown: root.shown,
                start: root.start,
                is_file: root.is_file,
                old: Mutex::default(),
                former: Former::default(),
            });
        }
        judges.sort_by_key(|judge| std::cmp::Reverse(judge.shown.len()));
        Ok(Policy { roots: judges, options })
    }

    /// What counts for the whole run: what the policies above the root with the shortest name say.
    pub fn of_the_run(&self) -> Settings {
        self.roots.last().map(|judge| judge.layers.of_the_run()).unwrap_or_default()
    }

    /// Reads a file that the policy names, from where the policy is: `path` is from the root.
    ///
    /// # Errors
    /// A sentence, if it is not there or cannot be read.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let Some(judge) = self.roots.last() else { return Err("there is no policy".to_owned()) };
        let files = judge.layers.files();
        if crate::layers::is_outside(path) {
            return files.read_outside(path);
        }
        files.read(path)?.ok_or_else(|| format!("there is no file {}", files.name(path)))
    }

    /// Whether a file is passed over before it is looked at, by the policies above what is scanned.
    pub fn skips(&self, path: &str) -> bool {
        let Some((judge, path)) = self.judge(path) else { return false };
        let run = judge.layers.at(&format!("{}/x", judge.folder()));
        run.iter().any(|layer| layer.skips(&path))
    }

    /// Whether [`Policy::skips`] can be true of anything.
    pub fn has_skips(&self) -> bool {
        self.roots.iter().any(|judge| !judge.layers.of_the_run().skip.is_empty())
    }

    /// The least confidence that is shown of a path.
    pub fn confidence(&self, path: &str) -> Confidence {
        let own = || {
            let (judge, path) = self.judge(path)?;
            let chain = judge.layers.at(&path);
            chain.iter().rev().find_map(|layer| layer.settings.confidence.as_ref()).map(|setting| setting.value)
        };
        self.options.confidence.or_else(own).unwrap_or(Confidence::Medium)
    }

    /// Judges a credential at a place. Takes time linear in the entries that count there, and in the lines around it.
    pub fn judge_of(&self, subject: &Subject<'_>) -> Ruling {
        let Some((judge, path)) = self.judge(subject.path) else {
            // Pragmas count wherever there is no policy.
            let pragmas = if self.options.pragmas { Pragma::ALL } else { &[] };
            return pragma::find(subject, pragmas)
                .map_or(Ruling::Counts(None), |found| Ruling::Allowed(of_pragma(&found)));
        };
        let chain = judge.layers.at(&path);
        let mut remark = None;
        match self.ground(&judge.layers, &chain, subject, &path, &mut remark) {
            Some(Ground::Skip(_) | Ground::Excluded(_)) => return Ruling::Skipped,
            Some(ground) => return Ruling::Allowed(ground.suppression()),
            None => {}
        }
        let pragmas = chain.iter().rev().find_map(|layer| layer.settings.pragmas.as_ref());
        let pragmas = pragmas.map_or(Pragma::ALL, |setting| &setting.value);
        let pragmas = if self.options.pragmas { pragmas } else { &[] };
        if let Some(found) = pragma::find(subject, pragmas) {
            if self.options.accept_new || self.options.reference.is_none() || judge.is_old(&path, &found) {
                return Ruling::Allowed(of_pragma(&found));
            }
            remark = remark.or_else(|| Some(self.not_yet(&format!("`{}` stands on a line that", found.word))));
        }
        let Some(judged) = &judge.judged else { return Ruling::Counts(remark) };
        let mut expired = None;
        match self.ground(judged, &judged.at(&path), subject, &path, &mut expired) {
            Some(ground) if self.options.accept_new => Ruling::Allowed(ground.suppression()),
            Some(ground) => Ruling::Counts(Some(self.not_yet(&ground.words()))),
            None => Ruling::Counts(remark),
        }
    }

    /// Whether what only the judged tree allows counts.
    pub fn accepts_new(&self) -> bool {
        self.options.accept_new
    }

    /// The sentence on something (`the entry in known.jsonl`) that what is judged has and the policy's own commit has not.
    pub fn not_yet(&self, what: &str) -> String {
        let reference = self.options.reference.as_deref().unwrap_or("the policy");
        format!(
            "{what} is new against {reference}, so it does not count yet; it will once merged, or now with --accept-new-allow"
        )
    }

    fn ground(
        &self,
        layers: &Layers,
        chain: &Chain,
        subject: &Subject<'_>,
        path: &str,
        remark: &mut Option<String>,
    ) -> Option<Ground> {
        for layer in chain.iter() {
            if layer.skips(path) {
                let place = layer.settings.skip.first().map_or_else(String::new, |skip| skip.place());
                return Some(Ground::Skip(place));
            }
            if let Some(rule) = layer.settings.exclude.iter().find(|rule| fits(&rule.value, subject.rule)) {
                return Some(Ground::Excluded(rule.place()));
            }
        }
        let mut found = None;
        // All that fit are of use.
        for entry in chain.iter().flat_map(|layer| &layer.settings.allow).filter(|entry| entry.fits(subject, path)) {
            if entry.is_expired(self.options.today) {
                *remark = Some(expired(entry));
            } else {
                found = found.or_else(|| Some(entry.clone()));
            }
        }
        if let Some(entry) = found {
            return Some(Ground::Entry(entry));
        }
        let files = layers.ignore_files().iter();
        files
            .filter_map(|file| file.find(subject, path).map(|line| Ground::IgnoreFile(format!("{}:{line}", file.file))))
            .next()
    }

    fn judge(&self, shown: &str) -> Option<(&Judge, String)> {
        self.roots.iter().find_map(|judge| judge.own_path(shown).map(|path| (judge, path)))
    }

    /// The policy files and ignore files that have been read, as the user knows them; sorted.
    pub fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = self.roots.iter().flat_map(|judge| judge.layers.names()).collect();
        files.sort();
        files.dedup();
        files
    }

    /// All allow entries of files that have been read.
    pub fn entries(&self) -> Vec<Arc<AllowEntry>> {
        let layers = self.roots.iter().flat_map(|judge| judge.layers.known());
        layers.flat_map(|layer| layer.settings.allow.clone()).collect()
    }

    /// What was wrong with files that were read while judging; what they say did not count.
    pub fn faults(&self) -> Vec<Fault> {
        let layers = self.roots.iter().flat_map(|judge| std::iter::once(&judge.layers).chain(&judge.judged));
        layers.flat_map(Layers::faults).collect()
    }

    /// Remarks at the end of a run, a sentence each. `whole`: whether all was scanned that entries could be about; `key_id`:
    /// the key that fingerprints were made with.
    pub fn remarks(&self, whole: bool, key_id: &str) -> Vec<String> {
        let mut remarks = Vec::new();
        for judge in &self.roots {
            remarks.extend(judge.layers.out_of_place());
            self.remarks_on_entries(&judge.layers, (whole, key_id), &mut remarks);
            let reference = self.options.reference.as_deref().unwrap_or("the policy");
            let changed = judge.judged.iter().flat_map(|judged| judged.changed(&judge.layers));
            remarks.extend(changed.map(|path| format!("{path} differs from the one of {reference}, which counts")));
        }
        remarks.sort();
        remarks.dedup();
        remarks
    }

    fn remarks_on_entries(&self, layers: &Layers, (whole, key_id): (bool, &str), remarks: &mut Vec<String>) {
        let (mut unused, mut expired_ones, mut foreign) = (Vec::new(), Vec::new(), Vec::new());
        let known = layers.known();
        let entries = known.iter().flat_map(|layer| layer.settings.allow.iter().map(move |entry| (layer, entry)));
        for (layer, entry) in entries {
            let whole = whole && !self.options.partial && layers.covers(&layer.folder);
            let place = entry.place();
            if entry.is_expired(self.options.today) {
                expired_ones.push(place);
            } else if entry.key_id().is_some_and(|id| id != key_id) {
                foreign.push(place);
            } else if !entry.is_used() && whole {
                unused.push(place);
            }
        }
        for file in layers.ignore_files() {
            // The other tool may need them: it finds what deadkey does not.
            let is_looked_at = whole && !self.options.partial && layers.covers(&file.folder);
            let idle = if is_looked_at { file.unused() } else { 0 };
            if idle > 0 {
                let noun = if idle == 1 { "entry names" } else { "entries name" };
                remarks.push(format!("{}: {idle} {noun} nothing that was found here", file.file));
            }
            let unread: Vec<String> = file.unread.iter().map(|line| format!("{}:{line}", file.file)).collect();
            remarks.extend(listed("no fingerprint of gitleaks, so it allows nothing", &unread));
        }
        remarks.extend(listed("an allow entry that is of no use any more; take it out", &unused));
        remarks.extend(listed("an allow entry that has expired and allows nothing", &expired_ones));
        let why =
            "an allow entry whose fingerprint was made with another DEADKEY_KEY, so it allows nothing in this run";
        remarks.extend(listed(why, &foreign));
    }
}

fn expired(entry: &AllowEntry) -> String {
    let owner = entry.owner.as_ref().map_or_else(String::new, |owner| format!(" ({owner} answers for it)"));
    let day = entry.expires.map_or_else(String::new, |day| day.to_string());
    format!(
        "the allow entry at {} expired after {day}{owner}; look again, and renew it or rotate the credential",
        entry.place()
    )
}

fn of_pragma(found: &pragma::Found<'_>) -> Suppression {
    Suppression { kind: SuppressionKind::InlinePragma, by: found.word.to_owned(), reason: found.reason.clone() }
}

impl Ground {
    fn suppression(&self) -> Suppression {
        let (kind, by, reason) = match self {
            Ground::Entry(entry) => (SuppressionKind::Allow, entry.place(), entry.reason.clone()),
            Ground::IgnoreFile(place) => (SuppressionKind::IgnoreFile, place.clone(), None),
            Ground::Skip(place) | Ground::Excluded(place) => (SuppressionKind::Allow, place.clone(), None),
        };
        Suppression { kind, by, reason }
    }

    fn words(&self) -> String {
        match self {
            Ground::Entry(entry) => format!("the allow entry at {}", entry.place()),
            Ground::IgnoreFile(place) => format!("the line {place}"),
            Ground::Skip(place) => format!("`paths.skip` at {place}"),
            Ground::Excluded(place) => format!("`rules.exclude` at {place}"),
        }
    }
}

impl Judge {
    fn folder(&self) -> &str {
        if self.is_file { self.start.rsplit_once('/').map_or("", |(folder, _)| folder) } else { &self.start }
    }

    /// A path as seen from the policy's root, if it belongs to what is scanned here.
    fn own_path(&self, shown: &str) -> Option<String> {
        if self.is_file {
            let own = shown == self.shown
                || below(shown, &self.shown).is_some()
                || shown.strip_prefix(&self.shown)?.starts_with('!');
            return own.then(|| format!("{}{}", self.start, &shown[self.shown.len()..]));
        }
        let inside = match self.shown.as_str() {
            "/" => shown.strip_prefix('/')?,
            own => below(shown, own)?,
        };
        Some(if self.start.is_empty() { inside.to_owned() } else { format!("{}/{inside}", self.start) })
    }

    /// Whether the lines from a pragma to its credential stand in the same file where the policy is read, or in one that
    /// what is judged has renamed.
    fn is_old(&self, path: &str, found: &pragma::Found<'_>) -> bool {
        if !found.is_whole {
            return false;
        }
        let old = {
            let mut known = self.old.lock().expect("no thread panicked with the lock held");
            let read = || self.layers.files().read(path).ok().flatten().map(Arc::new);
            known.entry(path.to_owned()).or_insert_with(read).clone()
        };
        match (old, &self.judged) {
            (Some(old), _) => holds_lines(&old, found.lines),
            (None, Some(judged)) => {
                let files = self.layers.files();
                let holds = |former: &&str| {
                    files.read(former).ok().flatten().is_some_and(|text| holds_lines(&text, found.lines))
                };
                self.former.of(path, files, judged.files()).iter().any(holds)
            }
            (None, None) => false,
        }
    }
}

/// Whether whole lines stand in a text, one behind the other; a carriage return at their ends does not count.
fn holds_lines(text: &[u8], lines: &[u8]) -> bool {
    let lines = lines.strip_suffix(b"\r").unwrap_or(lines);
    memchr::memmem::find_iter(text, lines).any(|at| {
        let starts = at == 0 || text[at - 1] == b'\n';
        let rest = &text[at + lines.len()..];
        starts && (rest.is_empty() || rest.starts_with(b"\n") || rest.starts_with(b"\r\n"))
    })
}

#[cfg(test)]
mod tests {
    use super::holds_lines;

    #[test]
    fn lines_are_old_only_as_a_whole() {
        let text = b"a\nkey=1 # allow\r\nb";
        for (lines, old) in [
            (&b"key=1 # allow"[..], true),
            (b"key=1 # allow\r", true),
            (b"ey=1 # allow", false),
            (b"key=1", false),
            (b"b", true),
        ] {
            assert_eq!(holds_lines(text, lines), old, "{}", String::from_utf8_lossy(lines));
        }
    }
}
