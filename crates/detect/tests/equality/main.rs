//! A hit is local: however the anchors of a text are cut up, the union of what the cuts find is what a scan of the whole
//! finds, hit for hit. Held for every rule, every rule kind and every encoding, over planted texts; and what was planted
//! is found.

mod alone;
mod boundaries;
mod budgets;
mod corpus;
mod escaped;
mod marks;
mod names;
mod partitions;
mod property;
mod repeated;
mod sweep;
