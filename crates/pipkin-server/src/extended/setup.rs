//! What is done once: by the supervisor before there are workers, and by a worker for itself and
//! for each connection.

use super::{environment, log};
use crate::Start;
use crate::event::Worker;
use crate::sys::{Address, Errno, Fd, accept};

impl Worker {
    /// Prepares what the content asks for, or ends the process with a line on stderr.
    pub(crate) fn prepare(&mut self, start: &Start) {
        let site = self.desk.content;
        self.journal.begin(log::open(site));
        self.desk.extended.other = environment::make(start, site);
    }

    /// A connection, whose origin is kept.
    pub(crate) fn accept(&mut self) -> Result<Fd, Errno> {
        let mut from = Address([0; 28]);
        let fd = accept(self.listener, &mut from)?;
        self.journal.admit(fd, from.ip_mut());
        Ok(fd)
    }
}
