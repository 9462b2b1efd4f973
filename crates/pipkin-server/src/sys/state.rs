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
    /// The [`ERA`] in which it is borrowed; 0 when it is not.
    borrowed_in: AtomicU32,
    value: UnsafeCell<T>,
}

/// Counts from 1 how often a handler has failed: what it had borrowed then is borrowed no more.
static ERA: AtomicU32 = AtomicU32::new(1);

/// Ends all borrows.
///
/// # Safety
///
/// Nobody that has borrowed a state may ever run again.
#[cfg(feature = "freestanding")]
pub(crate) unsafe fn end_borrows() {
    ERA.fetch_add(1, Ordering::Relaxed);
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
        Self { borrowed_in: AtomicU32::new(0), value: UnsafeCell::new(value) }
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
    /// When it is called from within itself.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let era = ERA.load(Ordering::Relaxed);
        loop {
            let before = self.borrowed_in.load(Ordering::Relaxed);
            if before != era {
                let taken = self.borrowed_in.compare_exchange(
                    before,
                    era,
                    Ordering::Acquire,
                    Ordering::Relaxed,
                );
                if taken.is_ok() {
                    break;
                }
            } else if cfg!(feature = "freestanding") {
                // A program has a single thread: who waits, waits for itself.
                panic!("State::with within State::with");
            }
            core::hint::spin_loop();
        }
        let release = Release(&self.borrowed_in);
        // SAFETY: `borrowed_in` has just become this era's, so nobody else has the value until it is
        // released; who had it in an earlier era never runs again.
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
    }
}
