//! `deadkey baseline import`.

use super::{fresh, save, today};
use crate::args::BaselineFile;
use crate::exit;
use crate::known::{self, Known, count, named};
use anyhow::{Context, Result, bail};
use baseline::{Imported, TakenOver};
use std::path::Path;

pub(super) fn run(from: &Path, file: &BaselineFile) -> Result<u8> {
    let imported = baseline::import(&read(from)?).with_context(|| from.display().to_string())?;
    let mut baseline = if file.path.exists() { known::read(&file.path)? } else { fresh()? };
    let known = Known::of(baseline.clone()).with_context(|| named(&file.path))?;
    let taken = baseline.take_over(&imported, &known.key(), today());
    save::save(file, &baseline, false)?;
    tell(from, &imported, &taken);
    Ok(exit::CLEAN)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    if !path.exists() {
        bail!("there is no file {}", path.display());
    }
    known::bytes(path)
}

fn tell(from: &Path, imported: &Imported, taken: &TakenOver) {
    crate::tell!("{}: {} of {}", from.display(), count(imported.total(), "entry", "entries"), imported.tool);
    let kept = [
        (taken.fingerprints, "turned into fingerprints"),
        (taken.waiting, "kept under the other tool's hash until `deadkey baseline update` sees the credential"),
        (taken.by_place, "of those name a path and line alone: whatever stands there is known, until the update"),
        (taken.known, "in the baseline already, or twice in the file"),
    ];
    for (n, what) in kept.into_iter().filter(|(n, _)| *n > 0) {
        crate::tell!("  {n} {what}");
    }
    for (why, n) in &imported.unusable {
        crate::tell!("  {n} can never be matched and left out: {why}");
    }
    if imported.in_clear() > 0 {
        crate::tell!(
            "deadkey: {} holds {} in clear; delete it, and keep it out of git",
            from.display(),
            count(imported.in_clear(), "secret", "secrets")
        );
    }
}
