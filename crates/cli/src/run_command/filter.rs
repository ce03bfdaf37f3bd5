//! What looks at a command's output on its way through.

use model::Report;

/// Takes the output as it comes. Where it masks, it adds to `out` what may be passed on, masked; where it does not, it adds
/// nothing, for all was passed on already. What it finds depends on the bytes alone, not on how they are cut.
pub trait Filter {
    /// The next bytes.
    fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>);
    /// Nothing came for a few milliseconds: what may be passed on or told is.
    fn pause(&mut self, out: &mut Vec<u8>);
    /// Nothing will come any more.
    fn finish(&mut self, out: &mut Vec<u8>);
    /// Whether something was found.
    fn leaked(&self) -> bool;
    /// What was found.
    fn report(self) -> Report
    where
        Self: Sized;
}
