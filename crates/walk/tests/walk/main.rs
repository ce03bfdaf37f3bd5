//! The crate against real folders, repositories made by `git`, and archives made by `zip`, `tar`, `gzip` and Python.

mod archives;
mod handmade;
mod hostile;
mod ignoring;
mod limits;
mod recorder;
mod repeats;
mod targets;
mod zstd;
