//! What holds for every framing: fixtures, cuts, places, hostile input.

mod dump;

mod cuts;
mod fixtures;
mod places;
mod planted;
mod replay;
mod runs;
mod streaming;
