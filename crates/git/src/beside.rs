//! Two things done at the same time.

/// What both give; the first is done in a thread of its own, unless the caller's is to do all `alone`. A panic of either is the
/// caller's.
pub fn both<A: Send, B>(alone: bool, one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    if alone {
        return (one(), other());
    }
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), other)
    })
}
