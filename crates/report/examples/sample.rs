//! Writes the sample report of the tests to standard output, to be looked at or given to other programs:
//! `cargo run -p report --example sample -- text|jsonl|sarif|summary [WIDTH] [colour]`.

#[path = "../tests/sample/mod.rs"]
mod sample;

use report::{Options, summary, write};
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let format = arguments.next().unwrap_or_else(|| "text".to_owned());
    let width = arguments.next().map_or(Ok(100), |width| width.parse())?;
    let options = Options { width, colour: arguments.next().is_some(), ..Options::default() };
    let report = sample::report(&sample::Planted::new());
    let mut out = std::io::stdout().lock();
    match format.as_str() {
        "summary" => summary(&report, Duration::from_millis(310), &options, &mut out)?,
        format => write(format.parse()?, &report, &options, &mut out)?,
    }
    Ok(())
}
