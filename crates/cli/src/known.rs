//! What is known already: the baseline, if there is one, and the key that fingerprints are made with.

use crate::args::KnownArgs;
use crate::configured::Configured;
use anyhow::{Context, Result, bail};
use baseline::Baseline;
use model::{FingerprintKey, Report};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Bytes of a baseline, at most: some two million entries.
const MAX_BASELINE: u64 = 256 << 20;

/// The baseline of a run, and its key.
pub struct Known {
    baseline: Option<Baseline>,
    key: FingerprintKey,
    proposed: Option<Proposed>,
}

/// The baseline that lies in what is judged, where another one counts: it says what has been added to it.
struct Proposed {
    baseline: Baseline,
    /// What is said of a finding that only this one knows.
    remark: String,
}

impl Known {
    /// What the arguments name, or the configuration. Where the policy comes from a commit, so does the baseline; one that is
    /// not there yet does not count.
    pub fn open(args: &KnownArgs, configured: &Configured) -> Result<Known> {
        let Some(path) = configured.baseline(args.baseline.as_deref()) else { return Ok(Known::nothing()) };
        if configured.reference().is_none() {
            // Whoever did not name it is told who did.
            let place = configured.settings.baseline.as_ref().filter(|_| args.baseline.is_none());
            let baseline = match place {
                Some(setting) => read(&path).with_context(|| format!("`baseline` at {}", setting.place()))?,
                None => read(&path)?,
            };
            return Known::of(baseline).with_context(|| named(&path));
        }
        let is_accepted = configured.policy.accepts_new();
        let Some(bytes) = configured.read(&path).with_context(|| named(&path))? else {
            match (path.exists(), is_accepted) {
                (true, true) => return read(&path).and_then(Known::of).with_context(|| named(&path)),
                (true, false) => crate::tell!("{}", configured.policy.not_yet(&named(&path))),
                (false, _) => {
                    crate::tell!("{} is not in the commit of --policy-from: nothing is known yet", named(&path))
                }
            }
            return Ok(Known::nothing());
        };
        let known = Baseline::parse(&bytes).map_err(anyhow::Error::from).and_then(Known::of);
        let known = known.with_context(|| named(&path))?;
        // One that is damaged, or begun anew, knows nothing that the other one could be asked about.
        let proposed = read(&path).ok().filter(|proposed| proposed.key_id() == known.key.id());
        Ok(match proposed {
            Some(baseline) if is_accepted => Known { baseline: Some(baseline), ..known },
            Some(baseline) => {
                let remark = configured.policy.not_yet(&format!("its entry in {}", named(&path)));
                Known { proposed: Some(Proposed { baseline, remark }), ..known }
            }
            None => known,
        })
    }

    /// No baseline; the organisation's key if there is one, else the public salt.
    pub fn nothing() -> Known {
        Known { baseline: None, key: key(), proposed: None }
    }

    /// A baseline that has been read.
    pub fn of(baseline: Baseline) -> Result<Known> {
        let key = baseline.key(configured_key().as_ref())?;
        Ok(Known { baseline: Some(baseline), key, proposed: None })
    }

    /// The key to make fingerprints with.
    pub fn key(&self) -> FingerprintKey {
        self.key.clone()
    }

    /// Marks what the baseline knows among findings that are told as they come. What is to be said of the whole is left to
    /// [`Known::mark`] at the end.
    pub fn mark_early(&self, report: &mut Report, roots: &[PathBuf]) {
        if let Some(baseline) = &self.baseline {
            baseline.mark(report, &self.key, roots);
        }
        self.remark(report, roots);
    }

    /// Marks what the baseline knows; `roots` are the folders scanned.
    pub fn mark(&self, report: &mut Report, roots: &[PathBuf]) {
        let Some(baseline) = &self.baseline else { return };
        let marked = baseline.mark(report, &self.key, roots);
        self.remark(report, roots);
        if marked.waiting > 0 {
            report.notes.push(format!(
                "{} of the baseline came from another tool and matched nothing here",
                count(marked.waiting, "entry", "entries")
            ));
        }
        if marked.by_place > 0 {
            report.notes.push(format!(
                "{} known by path and line, as another tool's redacted report has it; \
                 `deadkey baseline update` ties the baseline to the values",
                count(marked.by_place, "credential is", "credentials are")
            ));
        }
    }
}

impl Known {
    /// Names what would be known by a baseline that does not count yet.
    fn remark(&self, report: &mut Report, roots: &[PathBuf]) {
        if let Some(Proposed { baseline, remark }) = &self.proposed {
            baseline.remark(report, &self.key, roots, remark);
        }
    }
}

/// The organisation's key if there is one, else the public salt.
pub fn key() -> FingerprintKey {
    configured_key().unwrap_or_else(FingerprintKey::public)
}

/// The organisation's key.
pub fn configured_key() -> Option<FingerprintKey> {
    let key = std::env::var_os("DEADKEY_KEY").filter(|key| !key.is_empty())?;
    Some(FingerprintKey::new(key.as_encoded_bytes()))
}

/// Reads a baseline.
pub fn read(path: &Path) -> Result<Baseline> {
    Baseline::parse(&bytes(path)?).with_context(|| named(path))
}

/// Reads a file of a baseline's size.
pub fn bytes(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BASELINE + 1).read_to_end(&mut bytes));
    match read {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("there is no file {}; `deadkey baseline create` makes a baseline", path.display())
        }
        other => other.with_context(|| format!("{} cannot be read", path.display()))?,
    };
    if bytes.len() as u64 > MAX_BASELINE {
        bail!("{} is longer than {MAX_BASELINE} bytes: no baseline is", path.display());
    }
    Ok(bytes)
}

/// How messages name a baseline.
pub fn named(path: &Path) -> String {
    format!("the baseline {}", path.display())
}

/// `1 entry`, `2 entries`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
