//! Two things done at the same time.

use std::num::NonZeroUsize;

/// What both give; the first is done in a thread of its own, where more than one may be used.
pub(super) fn both<A: Send, B>(
    jobs: NonZeroUsize,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> (A, B) {
    if jobs.get() == 1 {
        return (one(), other());
    }
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), other)
    })
}
