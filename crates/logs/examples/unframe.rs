//! Shows what a log comes to: `cargo run -p logs --example unframe -- FILE [FRAMING…]`. Output holds the text of the log.

#[path = "../tests/unframing/dump.rs"]
mod dump;

use logs::{Framing, Limits, Member, Unframer};

fn main() {
    let mut args = std::env::args().skip(1);
    let path = args.next().expect("a file");
    let named: Vec<Framing> = args.map(|name| Framing::named(&name).expect("a framing")).collect();
    let bytes = std::fs::read(&path).expect("readable");
    let limits = Limits::default();
    let mut unframer = if named.is_empty() { Unframer::recognising(limits) } else { Unframer::new(&named, limits) };
    if let Some(member) = Member::from_path(&path) {
        unframer.set_member(&member);
    }
    unframer.feed(&bytes);
    unframer.finish();
    println!("framings: {}", dump::framings(unframer.framings().unwrap_or_default()));
    print!("{}", dump::clean(unframer.clean()));
    println!("marks:");
    let marks = unframer.take_marks();
    print!("{}", dump::marks(unframer.clean(), &marks));
    unframer.take_limits().iter().for_each(|limit| println!("limit: {limit:?}"));
}
