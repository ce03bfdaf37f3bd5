//! Decoders, as units: where encoded text starts and ends, and what it decodes to.
//!
//! A unit is a maximal stretch of encoded text: a run of base64 or hexadecimal digits, a block of equal lines of them, a
//! cluster of escapes with the text around it, a stretch of UTF-16, a compressed stream. The lanes find *triggers*
//! (see [`Trigger`]); [`at`] decides whether a unit starts there. That decision, the unit's bounds and what it decodes to
//! are a function of the bytes of [`Unit::span`] alone, which reaches little farther than the encoded text. So
//! equal bytes give equal units in every object, and a view that holds those bytes is as good as the whole.
//!
//! One unit is one layer: the decoded text is looked at like any other, with units of its own.
//!
//! Long units are decoded in pieces (see [`Limits`]), each with a margin of its neighbours, so that only a piece has to be
//! in memory. Of nested units that a piece cuts the phase is unknown; they are tried at every phase.

mod alphabet;
mod cluster;
mod covering;
mod escape;
mod gate;
mod inflate;
mod lines;
mod radix;
mod runs;
#[cfg(test)]
mod tests;
mod text;
mod triggers;
mod unit;
mod utf16;

pub(crate) use covering::reaching;
pub use covering::{covering, covering_all, widened};
pub(crate) use escape::is_escape;
pub use inflate::head;
pub use text::Text;
pub use triggers::triggers;
pub use unit::Unit;
pub(crate) use utf16::starts as starts_utf16;

use crate::hit::View;
use rules::Reach;

/// How far beyond its encoded text the bounds of a unit are decided, in bytes: [`BEFORE`] to the one side, this to the
/// other. Along an unbroken token it may be farther, up to [`LOOKBACK`]; see [`widened`].
pub const BESIDE: usize = 640;
/// How far before its trigger a unit reads, in bytes, if no long token stands there.
pub const BEFORE: usize = 384;
/// How far before its trigger a unit reads, at most, in bytes.
pub const LOOKBACK: usize = cluster::RUN + 128;

/// Whether a unit starts somewhere is decided by so many bytes, at most.
const START: usize = 1024;

/// What shows that a unit may start. `at` stands for the position, `p` for the byte there; nothing stands before an
/// object's start. What an object's lanes must report is exactly what [`triggers`] does, except where noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// Of one of the two base64 alphabets (letters and digits with `+` `/`, or with `-` `_`): 24 characters at `at`, and
    /// none of the same alphabet before them.
    Base64Run,
    /// `%` and two hexadecimal digits.
    Percent,
    /// `\` and the rest of an escape of `x`, `u`, `U` or three octal digits.
    Backslash,
    /// `&` and the rest of a number or name of HTML.
    Ampersand,
    /// UTF-16 text: 16 code units of which one byte is NUL and the other is not (of the last big-endian one only the NUL
    /// counts), and before them none of that kind. Read as little-endian where `p` is printable ASCII or the white space
    /// of text; read as big-endian where the byte before `at` is neither such text nor NUL, or is NUL and the byte after
    /// `at` is no such text, or there is none before.
    Nul,
    /// The first byte of *decoded* text that is compressed; see [`head`]. Never reported by lanes.
    Head,
}

/// Bounds of the decoders, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Units of more encoded bytes than this are decoded in pieces of so many. Used as the next multiple of 4.
    pub piece: usize,
    /// Encoded bytes that a piece is given of its neighbours, to each side. Used as the next multiple of 4.
    pub margin: usize,
    /// Most bytes that one compressed unit may give; the rest is not looked at, which is told: see
    /// [`Hit::is_cut_short`](crate::Hit::is_cut_short).
    pub inflate: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { piece: 1 << 20, margin: 16 << 10, inflate: 16 << 20 }
    }
}

/// What becomes of a unit that reaches the end of a view that is not the object's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    /// A longer view will come.
    Wait,
    /// No more will come: it is taken as far as it goes.
    Cut,
    /// The rest will come, without this part: it is taken if it is longer than a piece.
    Grow,
}

/// Hands the units that start at a trigger to `each`; a run may be one in each alphabet, and hexadecimal besides. Gives
/// whether one more may start there of which the bounds are not decided by what is in view, because the view is not the
/// object's end: call again with a longer view, or, for units longer than a piece and its margin, see
/// [`opening`].
///
/// The view must hold [`LOOKBACK`] bytes before `position`, if the object does. A position that is no trigger starts no unit.
/// Takes some nanoseconds where no unit starts, else time linear in the unit's length.
pub fn at(trigger: Trigger, view: View<'_>, position: usize, limits: &Limits, each: &mut dyn FnMut(&Unit)) -> bool {
    find(trigger, view, position, limits, Edge::Wait, each)
}

/// Bytes around a trigger that decide over [`is_dead`] and [`is_local`].
pub(crate) const LOCAL: Reach = runs::LOCAL_REACH.max(Reach { before: cluster::NEAR as u32 + 1, after: 0 });

/// Whether the unit that starts at a trigger, if one does, is decided by what stands within [`LOCAL`], and ends there.
pub(crate) fn is_local(trigger: Trigger, view: View<'_>, at: usize) -> bool {
    trigger == Trigger::Base64Run && runs::is_local(view, at)
}

/// Whether no unit starts at a trigger, whatever stands farther away than [`LOCAL`]: most long names in sources, lines that are drawn,
/// and all escapes of a cluster but the first.
pub(crate) fn is_dead(trigger: Trigger, view: View<'_>, at: usize, limits: &Limits) -> bool {
    match trigger {
        Trigger::Base64Run => {
            let mut starts = false;
            runs::is_local(view, at) && !find(trigger, view, at, limits, Edge::Wait, &mut |_| starts = true) && !starts
        }
        Trigger::Percent | Trigger::Backslash | Trigger::Ampersand => cluster::is_inside(trigger, view.bytes, at),
        Trigger::Nul | Trigger::Head => false,
    }
}

/// The same for decoded text whose neighbours are in other pieces: units that reach an end of a view that is not the
/// object's are taken as far as they go, and those that reach its start at every phase.
pub fn at_cut(trigger: Trigger, view: View<'_>, position: usize, limits: &Limits, each: &mut dyn FnMut(&Unit)) {
    find(trigger, view, position, limits, Edge::Cut, each);
}

/// The units of which [`at`] said that they are open, if they are longer than a piece and its margin: a stream keeps them
/// and goes on with [`Unit::grow`].
pub fn opening(trigger: Trigger, view: View<'_>, position: usize, limits: &Limits, each: &mut dyn FnMut(&Unit)) {
    find(trigger, view, position, limits, Edge::Grow, &mut |unit| {
        if unit.is_open() {
            each(unit);
        }
    });
}

fn find(
    trigger: Trigger,
    view: View<'_>,
    position: usize,
    limits: &Limits,
    edge: Edge,
    each: &mut dyn FnMut(&Unit),
) -> bool {
    if position >= view.bytes.len() {
        return false;
    }
    if edge == Edge::Wait && !view.is_end && view.bytes.len() - position < START {
        return true;
    }
    let site = Site { view, at: position, limits: *limits, edge };
    match trigger {
        Trigger::Base64Run => runs::find(&site, each),
        Trigger::Percent | Trigger::Backslash | Trigger::Ampersand => cluster::find(trigger, &site, each),
        Trigger::Nul => utf16::find(&site, each),
        Trigger::Head => inflate::find(&site, each),
    }
}

/// A place where a unit may start, and what to do at the view's end.
struct Site<'a> {
    view: View<'a>,
    at: usize,
    limits: Limits,
    edge: Edge,
}
