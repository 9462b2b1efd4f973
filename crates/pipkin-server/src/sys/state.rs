//! What a worker keeps between requests.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, Ordering};

/// A value that a worker keeps from request to request. Each worker has its own; it begins anew when
/// the worker is replaced.
///
/// ```
/// use pipkin_server::handler::State;
///
/// static VISITS: State<u64> = State::new(0);
///
/// let visits = VISITS.with(|visits| {
///     *visits += 1;
///     *visits
/// });
/// assert_eq!(visits, 1);
/// ```
pub struct State<T> {
    /// The [`borrower`] that has it, or had it when it failed; 0 when it is not borrowed.
    borrowed_by: AtomicU32,
    value: UnsafeCell<T>,
}

/// How many borrows there are, those included that a handler has failed with.
#[cfg(feature = "freestanding")]
static BORROWS: AtomicU32 = AtomicU32::new(0);

/// Whether a handler that fails now has borrowed a state. Its value may be one that safe code never
/// sees: a sort whose comparison fails leaves an element in two places. So it is lost.
#[cfg(feature = "freestanding")]
pub(crate) fn is_any_borrowed() -> bool {
    BORROWS.load(Ordering::Relaxed) != 0
}

/// Who borrows: in a program, which has a single thread, always the same.
#[cfg(feature = "freestanding")]
fn borrower() -> u32 {
    1
}

/// Who borrows: on a host, where tests run beside each other, this thread.
#[cfg(not(feature = "freestanding"))]
fn borrower() -> u32 {
    super::process::thread()
}

// SAFETY: the value is only ever reached by one `with` at a time, as behind a lock.
unsafe impl<T: Send> Sync for State<T> {}

impl<T> State<T> {
    /// A state that begins with `value`.
    ///
    /// ```
    /// use pipkin_server::handler::State;
    ///
    /// static NAME: State<&str> = State::new("nobody");
    /// assert_eq!(NAME.with(|name| name.len()), 6);
    /// ```
    pub const fn new(value: T) -> Self {
        Self { borrowed_by: AtomicU32::new(0), value: UnsafeCell::new(value) }
    }

    /// What `work` makes of the value.
    ///
    /// ```
    /// use pipkin_server::handler::State;
    ///
    /// static LAST: State<u64> = State::new(1);
    /// assert_eq!(LAST.with(|last| std::mem::replace(last, 2)), 1);
    /// assert_eq!(LAST.with(|last| *last), 2);
    /// ```
    ///
    /// # Panics
    ///
    /// When it is called from within itself, and after `work` has panicked: what it leaves behind
    /// is half a change, of which the next worker knows nothing.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let borrower = borrower();
        loop {
            let before = self.borrowed_by.load(Ordering::Relaxed);
            // Who waits for itself waits for ever.
            assert!(before != borrower, "State::with within State::with, or after it has failed");
            let (acquire, relaxed) = (Ordering::Acquire, Ordering::Relaxed);
            if before == 0
                && self.borrowed_by.compare_exchange(before, borrower, acquire, relaxed).is_ok()
            {
                break;
            }
            core::hint::spin_loop();
        }
        #[cfg(feature = "freestanding")]
        BORROWS.fetch_add(1, Ordering::Relaxed);
        let release = Release(&self.borrowed_by);
        // SAFETY: `borrowed_by` has just become this borrower's, so nobody else has the value until it
        // is released, which a failure in a program never does.
        let result = work(unsafe { &mut *self.value.get() });
        drop(release);
        result
    }
}

/// Ends a borrow, also when a test panics.
struct Release<'a>(&'a AtomicU32);

impl Drop for Release<'_> {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Release);
        #[cfg(feature = "freestanding")]
        BORROWS.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    /// It is a program's in which threads do not exist, but tests have them.
    #[test]
    fn threads_take_turns() {
        const TURNS: u32 = 10_000;
        static COUNTS: State<(u32, u32)> = State::new((0, 0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..TURNS {
                        COUNTS.with(|(first, second)| {
                            assert_eq!(first, second);
                            *first += 1;
                            *second += 1;
                        });
                    }
                });
            }
        });
        assert_eq!(COUNTS.with(|counts| *counts), (4 * TURNS, 4 * TURNS));
    }

    #[test]
    fn who_has_it_cannot_have_it_again() {
        static STATE: State<u32> = State::new(7);
        static OTHER: State<u32> = State::new(8);
        let within = catch_unwind(|| STATE.with(|_| STATE.with(|value| *value)));
        let message = *within.unwrap_err().downcast::<&str>().unwrap();
        assert_eq!(message, "State::with within State::with, or after it has failed");
        // A panic ends the borrow, on a host.
        assert_eq!(STATE.with(|value| OTHER.with(|other| *value + *other)), 15);
    }
}
