//! Attribution against brute force, and against histories made by hand.

mod asked;
mod handmade;
mod hostile;
mod oracle;
