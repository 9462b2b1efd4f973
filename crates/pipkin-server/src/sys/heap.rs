//! The heap of a program without a C library: a kept crate's allocator over one mapping.

use core::alloc::Layout;
use core::sync::atomic::{AtomicBool, Ordering};

use talc::base::Talc;
use talc::base::binning::{Binning, DefaultBinning};
use talc::cell::{TalcCell, TalcSyncCell};
use talc::source::Source;

use super::handler::LIMITS;
use super::memory::map;

/// Memory for the whole heap, once.
#[derive(Debug)]
struct Mapping {
    is_there: bool,
}

/// Whether there was no memory once.
pub(super) fn is_exhausted() -> bool {
    EXHAUSTED.load(Ordering::Relaxed)
}

static EXHAUSTED: AtomicBool = AtomicBool::new(false);

// SAFETY: a mapping allocates nothing.
unsafe impl Source for Mapping {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, _: Layout) -> Result<(), ()> {
        if core::mem::replace(&mut talc.source.is_there, true) {
            EXHAUSTED.store(true, Ordering::Relaxed);
            return Err(());
        }
        let at = map(LIMITS.heap_bytes_max).map_err(|_| ())?;
        // SAFETY: the mapping is that long, never unmapped, and known to nobody else.
        unsafe { talc.claim(at, LIMITS.heap_bytes_max) }.map(|_| ()).ok_or(())
    }
}

// SAFETY: the program has a single thread and no handler of signals.
#[global_allocator]
static HEAP: TalcSyncCell<Mapping, DefaultBinning> =
    unsafe { TalcSyncCell::new(TalcCell::new(Mapping { is_there: false })) };
