//! `deadkey run`.

#[cfg(unix)]
mod child;
#[cfg(unix)]
mod ending;
#[cfg(unix)]
mod environment;
#[cfg(unix)]
mod filter;
#[cfg(unix)]
mod relay;
#[cfg(unix)]
mod scan_filter;
#[cfg(unix)]
mod sink;
#[cfg(unix)]
mod watch;

#[cfg(unix)]
pub use watch::run;

/// Says that there is no such thing here: one pipe for both streams, process groups and signals are Unix's.
#[cfg(not(unix))]
pub fn run(_: &crate::args::RunArgs) -> anyhow::Result<u8> {
    anyhow::bail!("deadkey run is for Unix; here, use `COMMAND 2>&1 | deadkey log --tee --mask -`")
}
