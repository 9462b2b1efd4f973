//! How far the work is, and the way to end it early.

use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use crate::Error;

/// How far [`compile`](crate::compile) is. The totals grow while the folder is searched, and stand
/// still while its files are read. Where there is something to decode or to encode, the bytes of
/// that are added at once, before each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files read to their end.
    pub files_done: usize,
    /// Files found.
    pub files_total: usize,
    /// Bytes read.
    pub bytes_done: u64,
    /// Bytes of the files found, by their size when they were found, and of what is read again.
    pub bytes_total: u64,
}

/// Counts for all threads, and tells the caller after each step.
pub(crate) struct Meter<'a> {
    report: &'a (dyn Fn(Progress) -> ControlFlow<()> + Sync),
    now: Mutex<Progress>,
}

impl<'a> Meter<'a> {
    /// A meter at zero.
    pub(crate) fn new(report: &'a (dyn Fn(Progress) -> ControlFlow<()> + Sync)) -> Self {
        Self { report, now: Mutex::default() }
    }

    /// Counts a file that the walk has found.
    pub(crate) fn found(&self, bytes: u64) -> Result<(), Error> {
        self.step(|now| {
            now.files_total += 1;
            now.bytes_total += bytes;
        })
    }

    /// Counts bytes that will be read again.
    pub(crate) fn expect(&self, bytes: u64) -> Result<(), Error> {
        if bytes == 0 { Ok(()) } else { self.step(|now| now.bytes_total += bytes) }
    }

    /// Counts bytes that were read.
    pub(crate) fn read(&self, bytes: usize) -> Result<(), Error> {
        self.step(|now| now.bytes_done += bytes as u64)
    }

    /// Counts a file that was read to its end.
    pub(crate) fn done(&self) -> Result<(), Error> {
        self.step(|now| now.files_done += 1)
    }

    fn step(&self, count: impl FnOnce(&mut Progress)) -> Result<(), Error> {
        let now = {
            // Counting cannot panic half way, so a poisoned count is a good one.
            let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
            count(&mut now);
            *now
        };
        match (self.report)(now) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::Interrupted),
        }
    }
}
