//! `deadkey scan`.

use crate::args::ScanArgs;
use crate::output::Output;
use crate::{progress, request};
use anyhow::{Result, bail};
use scan::{HistoryRequest, Progress, Target};
use std::path::Path;

/// Runs the scan and writes its report; gives the exit code.
pub fn run(args: &ScanArgs) -> Result<u8> {
    let output = Output::open(&args.common)?;
    let progress = Progress::default();
    let mut request = request::of(&args.common, &progress)?;
    request.targets = args.paths.iter().map(|path| target(path)).collect();
    request.ignore = !args.no_ignore;
    if !args.no_history {
        for path in args.paths.iter().filter(|path| path.as_os_str() != "-") {
            request.histories.extend(history(path, args)?);
        }
    }
    if args.reading.state.is_some() && request.histories.len() > 1 {
        bail!("--state remembers one repository; give each its own file and run");
    }
    let report = progress::shown(&args.common, &progress, || scan::scan(request))?;
    output.finish(&args.common, &report)
}

fn target(path: &Path) -> Target {
    if path.as_os_str() == "-" { Target::Stdin } else { Target::Path(path.to_owned()) }
}

/// The history that belongs to a path: a repository's root brings its own; with `--history` any path brings that of the
/// repository that holds it, as far as it is about the path.
fn history(path: &Path, args: &ScanArgs) -> Result<Option<HistoryRequest>> {
    if scan::is_repository_root(path) {
        return Ok(Some(request::history(path, &args.reading)));
    }
    if !args.history {
        return Ok(None);
    }
    let Some((root, below)) = scan::repository_holding(path)? else {
        bail!("{} lies in no git repository, so that --history has nothing to read", path.display());
    };
    let history = request::history(&root, &args.reading);
    Ok(Some(HistoryRequest { paths: vec![below], ..history }))
}
