//! All files hashed, several at a time.

use std::path::Path;

use crate::body::Body;
use crate::progress::Meter;
use crate::{Error, parallel};

/// What each thread reads at once: all of nearly every file of a site (the mean of the Rust
/// documentation is 12 kB), and little enough to be asked often whether to go on.
const BUFFER_BYTES: usize = 128 * 1024;

/// The bodies of the named files, in the order of the names.
///
/// # Errors
///
/// The error of the first name that has one.
pub(crate) fn hash_all(
    folder: &Path,
    names: &[String],
    meter: &Meter<'_>,
) -> Result<Vec<Body>, Error> {
    let buffer = || vec![0; BUFFER_BYTES];
    parallel::in_order(names, usize::MAX, buffer, |buffer, name| {
        Body::of_file(folder.join(name), buffer, meter)
    })
}
