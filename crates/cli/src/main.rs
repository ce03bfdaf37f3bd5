//! deadkey
fn main() {}
