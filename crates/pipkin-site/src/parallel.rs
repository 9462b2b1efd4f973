//! The same work on many items, several at a time, with results and errors in order.

use std::iter;
use std::num::NonZero;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::Error;

/// The results of `work` on each item, in the order of the items. Each thread makes a `state`
/// for itself, and no more than `threads_max` of them run.
///
/// # Errors
///
/// The error of the first item that has one. Items are taken in order, so every item before one
/// that fails has been taken too, and is finished.
pub(crate) fn in_order<T: Sync, S, R: Send>(
    items: &[T],
    threads_max: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &T) -> Result<R, Error> + Sync,
) -> Result<Vec<R>, Error> {
    let mut results: Vec<_> = iter::repeat_with(|| None).take(items.len()).collect();
    let queue = Mutex::new(items.iter().zip(&mut results));
    let lock = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    let run = || {
        let mut state = state();
        loop {
            // Apart from `while let`, which would hold the lock during the work.
            let next = lock().next();
            let Some((item, result)) = next else { break };
            let done = work(&mut state, item);
            if done.is_err() {
                lock().by_ref().for_each(drop);
            }
            *result = Some(done);
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 1..threads.min(threads_max).min(items.len()) {
            // A thread that cannot start leaves its share to the others.
            let _ = thread::Builder::new().spawn_scoped(scope, run);
        }
        run();
    });
    // What was not taken is empty, and comes behind an error.
    results.into_iter().flatten().collect()
}
