//! CI and container logs to clean text, with a map back to the input: byte, line, column, job, step, stream and time.
//!
//! [`recognise`] tells the framings of a log by its head; an [`Unframer`] takes them off as the log arrives, in memory that
//! does not grow with it. It knows nothing of rules and detection: what it hands out is text to be searched, and
//! [`CleanText::place`] and [`CleanText::context`] say where in the log a find stands.

mod armour;
mod clean;
mod framing;
#[doc(hidden)]
pub mod fuzzing;
mod json;
mod layer;
mod limits;
mod line;
mod lines;
mod mark;
mod member;
mod position;
mod readings;
mod recognise;
mod records;
mod run;
mod scene;
mod screen;
mod sink;
mod split;
mod story;
mod table;
mod terminal;
mod time;
mod unframer;

pub use clean::{CleanText, Context, Piece, Place, Reading};
pub use framing::Framing;
pub use limits::{Limit, LimitKind, Limits};
pub use line::Stream;
pub use lines::LineEnds;
pub use mark::{Block, Mark, MarkKind, masks};
pub use member::Member;
pub use position::Point;
pub use recognise::{HEAD, Recognised, recognise};
pub use scene::{Scene, Step};
pub use time::Time;
pub use unframer::Unframer;
