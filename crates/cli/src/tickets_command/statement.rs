//! `deadkey tickets report`.

use super::args::{Format, ReportArgs};
use super::open::reading;
use crate::exit;
use crate::print::print;
use anyhow::{Context, Result};
use std::io::Write;
use tickets::{Statement, StatementFormat};

/// Writes the statement.
pub fn run(args: &ReportArgs) -> Result<u8> {
    let ledger = reading(&args.ledger)?;
    let statement = Statement::of(&ledger)?;
    let format = match args.format {
        _ if args.ledger.json => StatementFormat::Json,
        Format::Md => StatementFormat::Markdown,
        Format::Html => StatementFormat::Html,
        Format::Json => StatementFormat::Json,
    };
    let Some(path) = &args.output else { return print(exit::CLEAN, |out| statement.write(format, out)) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(std::path::Path::new("."));
    let written = (|| {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".deadkey-");
        // As of any new file: it holds no secret.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut beside = builder.tempfile_in(folder)?;
        statement.write(format, &mut beside)?;
        beside.flush()?;
        beside.persist(path).map_err(|error| error.error)
    })();
    written.with_context(|| format!("the report cannot be written to {}", path.display()))?;
    Ok(exit::CLEAN)
}
