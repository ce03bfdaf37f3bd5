//! What must hold of the search for line ends, whatever it is given: the body of a fuzz target, which panics where it does not.
//! No part of the crate's interface.

/// Lines are what a look at each byte makes them, on this processor and on any.
pub fn line_ends(text: &[u8]) {
    crate::lines::check(text);
}
