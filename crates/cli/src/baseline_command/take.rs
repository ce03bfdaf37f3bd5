//! `deadkey baseline create` and `update`: a scan, and what it finds in the baseline.

use super::{fresh, save, today};
use crate::args::{BaselineFile, LookArgs};
use crate::known::{self, Known, count, named};
use crate::{exit, request, scan_command};
use anyhow::{Context, Result, bail};
use baseline::{Added, Baseline};
use model::{Confidence, FingerprintKey, GapKind, Report};

/// What an update does.
pub(super) struct Changes<'a> {
    pub(super) prune: bool,
    pub(super) add: bool,
    pub(super) reason: Option<&'a str>,
}

pub(super) fn create(file: &BaselineFile, force: bool, reason: Option<&str>, look: &LookArgs) -> Result<u8> {
    if file.path.exists() && !force {
        bail!(
            "{} is there already; `deadkey baseline update` adds to it, and --force makes it anew with a new salt",
            file.path.display()
        );
    }
    change(file, fresh()?, &Changes { prune: false, add: true, reason }, look)
}

pub(super) fn update(file: &BaselineFile, changes: &Changes<'_>, look: &LookArgs) -> Result<u8> {
    let baseline = known::read(&file.path)?;
    if changes.prune {
        check_whole(look)?;
    }
    change(file, baseline, changes, look)
}

fn change(file: &BaselineFile, mut baseline: Baseline, changes: &Changes<'_>, look: &LookArgs) -> Result<u8> {
    save::check_writable(&file.path)?;
    let known = Known::of(baseline.clone()).with_context(|| named(&file.path))?;
    // Whatever is found at all is seen, so that nothing is dropped that became less certain, or waits to be recognised.
    let scan = look.scan(Confidence::Low);
    let (report, _) = scan_command::look(&scan, &scan_command::configured(&scan)?, &known)?;
    tell_gaps(&report);
    if request::is_stopped() {
        crate::tell!("deadkey: interrupted; the baseline is as it was");
        return Ok(exit::INTERRUPTED);
    }
    let key = known.key();
    let takes = |finding: &model::Finding| changes.add && finding.confidence >= look.confidence;
    let added = baseline.add(&report, &key, &look.paths, today(), changes.reason, takes);
    let dropped = if changes.prune { prune(&mut baseline, &report, &key, look)? } else { None };
    save::save(file, &baseline, look.quiet)?;
    if !look.quiet {
        tell(file, &baseline, &added, dropped);
    }
    Ok(if report.is_complete() { exit::CLEAN } else { exit::GAPS })
}

/// Drops what is not found; `None` where that cannot be told, since something was not scanned.
fn prune(
    baseline: &mut Baseline,
    report: &Report,
    key: &FingerprintKey,
    look: &LookArgs,
) -> Result<Option<baseline::Pruned>> {
    if !report.is_complete() {
        crate::tell!("deadkey: nothing was dropped, since not everything could be scanned");
        return Ok(None);
    }
    Ok(Some(baseline.prune(report, key, &look.paths)))
}

/// Refuses to drop what is missing only because the clone is not whole.
fn check_whole(look: &LookArgs) -> Result<()> {
    for path in look.paths.iter().filter(|path| !look.no_history && scan::is_repository_root(path)) {
        let repository = scan::open_repository(path)?;
        if !repository.shallow().is_empty() || repository.is_partial() {
            bail!(
                "{} is no whole clone, so that what is not found may be there nevertheless; run `git fetch --unshallow`, \
                 or leave --prune out",
                path.display()
            );
        }
    }
    Ok(())
}

fn tell_gaps(report: &Report) {
    // Their names are left to `scan`, whose report covers the secrets in them.
    match report.gaps.iter().filter(|gap| gap.kind == GapKind::Happened).count() {
        0 => {}
        n => crate::tell!(
            "deadkey: {} not be scanned; `deadkey scan` with the same paths says what and why",
            count(n, "thing could", "things could")
        ),
    }
}

fn tell(file: &BaselineFile, baseline: &Baseline, added: &Added, dropped: Option<baseline::Pruned>) {
    let low = match added.low {
        0 => String::new(),
        n => format!(" ({n} of low confidence, not shown by default)"),
    };
    let mut said = vec![format!("{} added{low}", count(added.credentials, "credential", "credentials"))];
    if let Some(dropped) = dropped {
        said.push(format!("{} dropped", count(dropped.credentials + dropped.foreign, "entry", "entries")));
    }
    if added.turned > 0 {
        said.push(format!(
            "{} recognised and turned into fingerprints",
            count(added.turned, "imported entry", "imported entries")
        ));
    }
    if added.suppressed > 0 {
        said.push(format!("{} left out, suppressed already", added.suppressed));
    }
    if added.live > 0 {
        said.push(format!("{} left out, live: a baseline hides none of those", added.live));
    }
    crate::tell!("{}: {}", file.path.display(), said.join(", "));
    let waiting = baseline.entries().filter(|entry| entry.id.is_foreign()).count();
    if waiting > 0 {
        crate::tell!(
            "{} not been recognised by any finding yet",
            count(waiting, "imported entry has", "imported entries have")
        );
    }
}
