//! Waiting for many descriptors at once. Source: epoll(7).

use super::{Fd, arch, result};

/// Readable, or the peer has ended its side.
pub(crate) const IN: u32 = 1;
/// Writable.
pub(crate) const OUT: u32 = 4;
/// `struct epoll_event`, packed on x86-64 alone.
#[derive(Clone, Copy)]
#[cfg_attr(target_arch = "x86_64", repr(C, packed))]
#[cfg_attr(not(target_arch = "x86_64"), repr(C))]
pub(crate) struct Event {
    events: u32,
    data: u64,
}

impl Event {
    /// Which descriptor has something to say.
    pub(crate) fn fd(&self) -> Fd {
        Fd(self.data as u32)
    }

    /// The descriptor is in error or shut down on both sides.
    pub(crate) fn is_hung_up(&self) -> bool {
        self.events & (8 | 16) != 0
    }
}

/// A set of descriptors to wait for.
pub(crate) struct Epoll(Fd);

impl Epoll {
    /// A set of none. When there can be no more descriptors, nothing can be added to it.
    ///
    /// Source: epoll_create(2).
    pub(crate) fn new() -> Self {
        // SAFETY: epoll_create1(2) takes no pointer.
        Self(Fd(unsafe { arch::call1(arch::EPOLL_CREATE1, 0) } as u32))
    }

    /// Waits for `events` of `fd` from now on, if it returns true. When it is closed it leaves the set by itself, but
    /// only if no other process has it too.
    pub(crate) fn add(&self, fd: Fd, events: u32) -> bool {
        const ADD: usize = 1;
        self.control(ADD, fd, events)
    }

    /// Waits for other `events` of `fd`.
    pub(crate) fn modify(&self, fd: Fd, events: u32) {
        const MODIFY: usize = 3;
        self.control(MODIFY, fd, events);
    }

    /// Waits for nothing of `fd` any more.
    pub(crate) fn remove(&self, fd: Fd) {
        const DELETE: usize = 2;
        self.control(DELETE, fd, 0);
    }

    /// Source: epoll_ctl(2).
    #[inline(never)]
    fn control(&self, operation: usize, fd: Fd, events: u32) -> bool {
        let event = Event { events, data: fd.0.into() };
        // SAFETY: epoll_ctl(2) reads one `epoll_event`.
        let returned = unsafe {
            let event = &raw const event as usize;
            arch::call4(arch::EPOLL_CTL, self.0.0 as usize, operation, fd.0 as usize, event)
        };
        returned == 0
    }

    /// Waits for `events` a number of milliseconds; `usize::MAX` is forever. How many have come.
    ///
    /// Source: epoll_wait(2).
    pub(crate) fn wait(&self, events: &mut [Event], milliseconds: usize) -> u32 {
        // SAFETY: epoll_pwait(2) writes at most `events.len()` events; without a signal mask it
        // reads nothing.
        let count = result(unsafe {
            let at = events.as_mut_ptr() as usize;
            arch::call5(arch::EPOLL_PWAIT, self.0.0 as usize, at, events.len(), milliseconds, 0)
        });
        count.unwrap_or(0)
    }
}
