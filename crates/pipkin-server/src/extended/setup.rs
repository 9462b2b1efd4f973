//! What is done once: by the supervisor before there are workers, and by a worker for itself and
//! for each connection.

use pipkin_format::Content;

use super::{environment, log};
use crate::Start;
use crate::event::Worker;
use crate::sys::{Address, Errno, Fd, accept};

/// What the supervisor prepares for workers.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    log: Fd,
    made: Content<'static>,
}

/// Prepares what the content asks for, or ends the process with a line on stderr.
pub(crate) fn prepare(start: &Start, site: Content<'static>) -> Setup {
    Setup { log: log::open(site), made: environment::make(start, site) }
}

impl Worker {
    /// Takes what is prepared.
    pub(crate) fn set_up(&mut self, setup: Setup) {
        self.journal.begin(setup.log);
        self.desk.extended.other = setup.made;
    }

    /// A connection, whose origin is kept.
    pub(crate) fn accept(&mut self) -> Result<Fd, Errno> {
        let mut from = Address([0; 28]);
        let fd = accept(self.listener, &mut from)?;
        self.journal.admit(fd, from.ip_mut());
        Ok(fd)
    }
}
