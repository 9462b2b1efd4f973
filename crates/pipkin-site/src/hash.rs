//! All files hashed, several at a time.

use std::iter;
use std::num::NonZero;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::Error;
use crate::body::Body;
use crate::progress::Meter;

/// What each thread reads at once: all of nearly every file of a site (the mean of the Rust
/// documentation is 12 kB), and little enough to be asked often whether to go on.
const BUFFER_BYTES: usize = 128 * 1024;

/// The bodies of the named files, in the order of the names.
///
/// # Errors
///
/// The error of the first name that has one. Files are taken in order, so every file before
/// one that fails has been taken too, and is finished.
pub(crate) fn hash_all(
    folder: &Path,
    names: &[String],
    meter: &Meter<'_>,
) -> Result<Vec<Body>, Error> {
    let mut results: Vec<_> = iter::repeat_with(|| None).take(names.len()).collect();
    let queue = Mutex::new(names.iter().zip(&mut results));
    let lock = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    let work = || {
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            // Apart from `while let`, which would hold the lock during the body.
            let next = lock().next();
            let Some((name, result)) = next else { break };
            let body = Body::of_file(folder.join(name), &mut buffer, meter);
            if body.is_err() {
                lock().by_ref().for_each(drop);
            }
            *result = Some(body);
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(names.len());
    thread::scope(|scope| {
        for _ in 1..threads {
            // A thread that cannot start leaves its share to the others.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    // What was not taken is empty, and comes behind an error.
    results.into_iter().flatten().collect()
}
