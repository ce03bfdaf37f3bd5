//! How far a scan of history is, on a terminal.

use crate::args::CommonArgs;
use scan::Progress;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Nothing is shown of a scan that is done before this.
const QUIET: Duration = Duration::from_secs(1);
const EVERY: Duration = Duration::from_millis(120);

/// Does `work`, while a line on standard error says how far it is, if that is a terminal.
pub fn shown<T>(args: &CommonArgs, progress: &Progress, work: impl FnOnce() -> T) -> T {
    if args.quiet || args.no_progress || !io::stderr().is_terminal() {
        return work();
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let teller = scope.spawn(|| tell(progress, &done));
        // Also when the work panics, the line must end.
        let _end = End(&done, teller.thread().clone());
        work()
    })
}

struct End<'a>(&'a AtomicBool, std::thread::Thread);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        self.1.unpark();
    }
}

fn tell(progress: &Progress, done: &AtomicBool) {
    let started = Instant::now();
    let mut wrote = false;
    while !done.load(Ordering::Relaxed) {
        std::thread::park_timeout(if started.elapsed() < QUIET { QUIET } else { EVERY });
        if done.load(Ordering::Relaxed) || started.elapsed() < QUIET {
            continue;
        }
        if let Some(line) = line(progress, started.elapsed()) {
            // Nobody is hurt if the terminal is gone.
            let _ = write!(io::stderr(), "\r\x1b[K{line}");
            let _ = io::stderr().flush();
            wrote = true;
        }
    }
    if wrote {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
}

fn line(progress: &Progress, elapsed: Duration) -> Option<String> {
    let total = progress.total.load(Ordering::Relaxed);
    let objects = progress.passed.objects.load(Ordering::Relaxed).min(total);
    let bytes = progress.passed.bytes.load(Ordering::Relaxed);
    if total == 0 {
        return None;
    }
    let seconds = elapsed.as_secs_f64();
    let left = if objects == 0 { String::new() } else { left(seconds * (total - objects) as f64 / objects as f64) };
    let rate = bytes as f64 / seconds / 1e6;
    let percent = objects * 100 / total;
    Some(format!(
        "history: {objects} of {total} objects ({percent} %), {:.1} GB, {rate:.0} MB/s{left}",
        bytes as f64 / 1e9
    ))
}

fn left(seconds: f64) -> String {
    match seconds.ceil() as u64 {
        0..2 => String::new(),
        seconds @ 2..100 => format!(", {seconds} s left"),
        seconds => format!(", {} min left", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_much_is_left() {
        let progress = Progress::default();
        assert_eq!(line(&progress, Duration::from_secs(2)), None, "nothing to say yet");
        progress.total.store(400, Ordering::Relaxed);
        (0..100).for_each(|_| progress.passed.add(50_000_000));
        let line = line(&progress, Duration::from_secs(2)).expect("a line");
        assert_eq!(line, "history: 100 of 400 objects (25 %), 5.0 GB, 2500 MB/s, 6 s left");
        assert_eq!(left(600.0), ", 10 min left");
    }
}
