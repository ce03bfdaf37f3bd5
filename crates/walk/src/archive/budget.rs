//! What one outermost archive may cost.

use crate::{Limits, Options};
use model::{Gap, Origin};
use std::cell::Cell;
use std::io::{self, BufRead, Read};

/// A limit that was reached, with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    Depth(u64),
    Bytes(u64),
    MemberBytes(u64),
    Ratio(u64),
    Entries(u64),
    NestedZip(u64),
}

impl Limit {
    /// The gap of an archive or member at which the limit was reached.
    pub(crate) fn gap(self, origin: &Origin) -> Gap {
        let why = match self {
            Limit::Depth(most) => {
                format!("lies in {most} other archives, the most that are opened in each other; scanned as it is")
            }
            Limit::Bytes(most) => format!("inflates to more than the {most} bytes allowed for one archive; {REST}"),
            Limit::MemberBytes(most) => {
                format!("inflates to more than the {most} bytes allowed for one member; {REST}")
            }
            Limit::Ratio(most) => {
                format!("inflates to more than {most} times its size, as an archive bomb does; {REST}")
            }
            Limit::Entries(most) => format!("has more than the {most} members allowed for one archive; {REST}"),
            Limit::NestedZip(most) => {
                format!(
                    "is a compressed zip of more than {most} bytes in another archive; scanned as it is, not opened"
                )
            }
        };
        Gap::happened(origin.path(), why)
    }
}

const REST: &str = "the rest was not scanned (unpack it and scan the folder to scan all)";

/// What the work on one outermost file has cost so far. Shared by everything that reads from it.
pub(crate) struct Budget<'a> {
    options: &'a Options<'a>,
    /// Bytes of the outermost file, where known.
    size: Option<u64>,
    inflated: Cell<u64>,
    entries: Cell<u64>,
    reached: Cell<Option<Limit>>,
}

impl<'a> Budget<'a> {
    pub(crate) fn new(options: &'a Options<'a>, size: Option<u64>) -> Budget<'a> {
        Budget { options, size, inflated: Cell::new(0), entries: Cell::new(0), reached: Cell::new(None) }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.options.limits
    }

    /// The limit that ended the work, if one did.
    pub(crate) fn reached(&self) -> Option<Limit> {
        self.reached.get()
    }

    /// Whether nothing more may be opened: a limit is reached, or the walk is stopped.
    pub(crate) fn is_over(&self) -> bool {
        self.reached.get().is_some() || self.options.is_stopped()
    }

    /// Accounts for one more member; false if there may be none.
    pub(crate) fn take_entry(&self) -> bool {
        if self.is_over() {
            return false;
        }
        let most = self.limits().entries;
        self.entries.set(self.entries.get() + 1);
        if self.entries.get() > most {
            self.reached.set(Some(Limit::Entries(most)));
        }
        self.entries.get() <= most
    }

    /// Whether so many bytes may come out of a member at once, without any limit being reached on the way.
    pub(crate) fn has_room(&self, bytes: u64) -> bool {
        let limits = self.limits();
        let all = self.inflated.get().saturating_add(bytes);
        !self.is_over()
            && bytes < limits.whole_member as u64
            && bytes <= limits.member_bytes.min(limits.ratio_bound(0))
            && all <= limits.bytes
            && self.size.is_none_or(|size| all <= limits.ratio_bound(size))
    }

    /// Accounts for bytes that came out.
    pub(crate) fn inflate(&self, bytes: u64) {
        let limits = self.limits();
        let inflated = self.inflated.get() + bytes;
        self.inflated.set(inflated);
        if inflated > limits.bytes {
            self.reached.set(Some(Limit::Bytes(limits.bytes)));
        } else if self.size.is_some_and(|size| inflated > limits.ratio_bound(size)) {
            self.reached.set(Some(Limit::Ratio(limits.ratio)));
        }
    }
}

impl Limits {
    /// How many bytes may come out of `compressed` ones.
    fn ratio_bound(&self, compressed: u64) -> u64 {
        self.ratio.saturating_mul(compressed).max(self.ratio_from)
    }
}

/// Bytes that one read inflates at most, and by which a limit may be overrun.
const CHUNK: usize = 64 << 10;

/// An inflating reader that ends when a limit is reached.
pub(crate) struct Metered<'a, R> {
    inner: R,
    budget: &'a Budget<'a>,
    consumed: &'a Cell<u64>,
    inflated: u64,
    reached: Option<Limit>,
}

impl<'a, R: Read> Metered<'a, R> {
    /// Meters `inner`, which counts the compressed bytes it takes in `consumed`.
    pub(crate) fn new(inner: R, budget: &'a Budget<'a>, consumed: &'a Cell<u64>) -> Metered<'a, R> {
        Metered { inner, budget, consumed, inflated: 0, reached: None }
    }

    pub(crate) fn inner(&self) -> &R {
        &self.inner
    }

    /// Bytes that came out.
    pub(crate) fn inflated(&self) -> u64 {
        self.inflated
    }

    /// The limit of its own that this reader has reached.
    pub(crate) fn reached(&self) -> Option<Limit> {
        self.reached
    }

    /// Whether the end that this reader shows may not be the real one.
    pub(crate) fn is_cut(&self) -> bool {
        self.reached.is_some() || self.budget.is_over()
    }
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_cut() {
            return Ok(0);
        }
        // A limit is seen between two reads, so one read may not bring much.
        let len = buffer.len().min(CHUNK);
        let read = self.inner.read(&mut buffer[..len])?;
        self.inflated += read as u64;
        self.budget.inflate(read as u64);
        let limits = self.budget.limits();
        if self.inflated > limits.member_bytes {
            self.reached = Some(Limit::MemberBytes(limits.member_bytes));
        } else if self.inflated > limits.ratio_bound(self.consumed.get()) {
            self.reached = Some(Limit::Ratio(limits.ratio));
        }
        Ok(read)
    }
}

/// A reader that counts the bytes taken from it.
pub(crate) struct Consumed<'a, R> {
    inner: R,
    bytes: &'a Cell<u64>,
}

impl<'a, R> Consumed<'a, R> {
    pub(crate) fn new(inner: R, bytes: &'a Cell<u64>) -> Consumed<'a, R> {
        Consumed { inner, bytes }
    }
}

impl<R: BufRead> Read for Consumed<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes.set(self.bytes.get() + read as u64);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Consumed<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.bytes.set(self.bytes.get() + bytes as u64);
        self.inner.consume(bytes);
    }
}

/// A stream on its way to the visitor: counted, and ended when the walk is stopped.
pub(crate) struct Counted<'a> {
    inner: &'a mut dyn Read,
    budget: &'a Budget<'a>,
    /// Bytes read so far.
    pub(crate) bytes: u64,
}

impl<'a> Counted<'a> {
    pub(crate) fn new(inner: &'a mut dyn Read, budget: &'a Budget<'a>) -> Counted<'a> {
        Counted { inner, budget, bytes: 0 }
    }
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.budget.options.is_stopped() {
            return Ok(0);
        }
        let read = self.inner.read(buffer)?;
        self.bytes += read as u64;
        Ok(read)
    }
}
