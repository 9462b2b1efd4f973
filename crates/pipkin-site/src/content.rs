//! The bytes that follow the server in the executable.

use std::fmt;
use std::io::{self, Read};
use std::slice;

use crate::body::{Body, Verified};

/// The index and then each body, read from its file and checked on the way.
///
/// Each call reads from one file at most, into the caller's buffer: a buffer of 64 KiB or more
/// keeps calls few.
///
/// # Errors
///
/// [`io::Error`] holds an [`Error`](crate::Error), to be had by `get_ref` and `downcast_ref`:
/// [`Error::Changed`](crate::Error::Changed) when a file is not what it was during
/// [`compile`](crate::compile), or is gone, and [`Error::Read`](crate::Error::Read) when it
/// cannot be read any more. What was read before the error is to be thrown away.
pub struct Content<'a> {
    index: &'a [u8],
    bodies: slice::Iter<'a, Body>,
    open: Option<Verified<'a>>,
}

impl<'a> Content<'a> {
    pub(crate) fn new(index: &'a [u8], bodies: &'a [Body]) -> Self {
        Self { index, bodies: bodies.iter(), open: None }
    }
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || !self.index.is_empty() {
            return self.index.read(buffer);
        }
        loop {
            match (&mut self.open, self.bodies.as_slice()) {
                (Some(body), _) if !body.is_done() => return body.read(buffer),
                (_, []) => return Ok(0),
                (open, [next, ..]) => {
                    *open = Some(Verified::open(next)?);
                    self.bodies.next();
                }
            }
        }
    }
}

impl fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content").finish_non_exhaustive()
    }
}
