//! Counts what the thread at hand allocates, so that memory is measured input by input while other tests run beside it.

#![expect(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// More than this on one thread is refused, which ends the test: better than a machine without memory.
const MOST: isize = 2 << 30;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator, counting.
pub(crate) struct Counting;

/// Bytes that live on this thread now. Below zero where it frees what others allocated.
pub(crate) fn live() -> isize {
    LIVE.get()
}

/// The most bytes that lived since the last call of [`start_peak`].
pub(crate) fn peak() -> isize {
    PEAK.get()
}

/// Begins to look for the most bytes that live.
pub(crate) fn start_peak() {
    PEAK.set(LIVE.get());
}

/// Counts `by` more bytes; whether they may be had.
fn count(by: isize) -> bool {
    let live = LIVE.get() + by;
    if by > 0 && live > MOST {
        return false;
    }
    LIVE.set(live);
    PEAK.set(PEAK.get().max(live));
    true
}

// SAFETY: every call is handed to the system's allocator unchanged; the counters are cells of the thread without a
// destructor, which allocate nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !count(layout.size() as isize) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promises are those this call needs.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !count(layout.size() as isize) {
            return std::ptr::null_mut();
        }
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !count(size as isize - layout.size() as isize) {
            return std::ptr::null_mut();
        }
        // SAFETY: as above.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}
