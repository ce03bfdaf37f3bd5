//! Reads a log from standard input for as long as it goes, and says what it took: `… | cargo run --release -p logs
//! --example pipe [FRAMING]`.

use logs::{Framing, Limits, Unframer};
use std::io::Read;

fn main() -> std::io::Result<()> {
    let named = std::env::args().nth(1).map(|name| Framing::named(&name).expect("a framing"));
    let limits = Limits::default();
    let mut unframer = named.map_or_else(|| Unframer::recognising(limits), |f| Unframer::new(&[f], limits));
    let mut input = std::io::stdin().lock();
    let mut buffer = vec![0; 256 << 10];
    let (mut bytes, mut marks, mut reached) = (0_u64, 0, 0);
    loop {
        let len = input.read(&mut buffer)?;
        if len == 0 {
            break;
        }
        bytes += len as u64;
        unframer.feed(&buffer[..len]);
        marks += unframer.take_marks().len();
        reached += unframer.take_limits().len();
        unframer.forget(unframer.clean().end().saturating_sub(8 << 10));
    }
    unframer.finish();
    let framings = unframer.framings().unwrap_or_default();
    println!("{bytes} bytes, {framings:?}, {} clean, {marks} marks, {reached} limits", unframer.clean().end());
    let status = std::fs::read_to_string("/proc/self/status")?;
    status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
    let times = std::fs::read_to_string("/proc/self/schedstat")?;
    println!("nanoseconds of processor time: {}", times.split(' ').next().unwrap_or_default());
    Ok(())
}
