//! What the extended server does more than the standard one, in the standard one: nothing.

#[cfg(target_os = "linux")]
pub(crate) use linux::Journal;

use core::marker::PhantomData;

use crate::conn::Batch;

/// Bytes that go into a stored head.
pub(crate) const INSERTED_BYTES_MAX: usize = 0;

/// Whether an answer with these flags is not among those to choose from.
#[inline(always)]
pub(crate) fn is_apart(_: u8) -> bool {
    false
}

#[derive(Default)]
pub(crate) struct Extended<'a>(PhantomData<&'a ()>);

impl Batch<'_> {
    #[inline(always)]
    pub(crate) fn begin(&mut self, _: u32) {}

    #[inline(always)]
    pub(crate) fn choose_rule(&mut self) -> bool {
        false
    }

    #[inline(always)]
    pub(crate) fn push_rule(&mut self) -> bool {
        false
    }

    #[inline(always)]
    pub(crate) fn replace(&mut self) {}

    #[inline(always)]
    pub(crate) fn note(&mut self) {}
}

#[cfg(target_os = "linux")]
mod linux {
    use crate::Start;
    use crate::conn::Batch;
    use crate::event::Worker;
    use crate::sys::{Errno, Fd, accept};

    impl Worker {
        #[inline(always)]
        pub(crate) fn prepare(&mut self, _: &Start) {}

        #[inline(always)]
        pub(crate) fn accept(&mut self) -> Result<Fd, Errno> {
            accept(self.listener)
        }
    }

    pub(crate) struct Journal;

    impl Journal {
        #[inline(always)]
        pub(crate) fn is_empty(&self) -> bool {
            true
        }

        #[inline(always)]
        pub(crate) fn receive(&mut self, _: Fd) {}

        #[inline(always)]
        pub(crate) fn log(&mut self, _: Fd, _: &Batch<'_>, _: u64) {}

        #[inline(always)]
        pub(crate) fn flush(&mut self) {}
    }
}
