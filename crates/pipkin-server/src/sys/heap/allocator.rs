//! The heap of a program without a C library: a kept crate's allocator over memory of the program.

use core::alloc::Layout;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

use talc::base::Talc;
use talc::base::binning::{Binning, DefaultBinning};
use talc::cell::{TalcCell, TalcSyncCell};
use talc::source::Source;

/// Memory for the heap of a program: zeros, which cost nothing until they are used.
#[repr(C, align(16))]
pub struct Memory<const N: usize>(UnsafeCell<[u8; N]>);

// SAFETY: the allocator alone has it.
unsafe impl<const N: usize> Sync for Memory<N> {}

impl<const N: usize> Memory<N> {
    /// Zeros.
    pub const ZEROS: Self = Self(UnsafeCell::new([0; N]));

    /// Where they are.
    pub fn bytes(&'static self) -> *mut [u8] {
        self.0.get()
    }
}

unsafe extern "Rust" {
    /// Who brings the handler's limits brings the memory that they speak of.
    #[link_name = "pipkin_heap"]
    safe fn memory() -> *mut [u8];
}

/// The memory of the program, once. No mapping: a worker may make none.
#[derive(Debug)]
struct Once {
    is_taken: bool,
}

/// Whether there was no memory for what the handler that is being called has asked for.
pub(in crate::sys) fn is_exhausted() -> bool {
    EXHAUSTED.load(Ordering::Relaxed)
}

/// Takes note that a handler is called.
pub(in crate::sys) fn begin() {
    EXHAUSTED.store(false, Ordering::Relaxed);
}

static EXHAUSTED: AtomicBool = AtomicBool::new(false);

// SAFETY: it allocates nothing.
unsafe impl Source for Once {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, _: Layout) -> Result<(), ()> {
        if core::mem::replace(&mut talc.source.is_taken, true) {
            EXHAUSTED.store(true, Ordering::Relaxed);
            return Err(());
        }
        let memory = memory();
        // SAFETY: the bytes live as long as the program, and nobody else has them.
        let heap = unsafe { talc.claim(memory.cast(), memory.len()) };
        heap.map(|_| ()).ok_or(())
    }
}

// SAFETY: the program has a single thread and no handler of signals.
#[global_allocator]
static HEAP: TalcSyncCell<Once, DefaultBinning> =
    unsafe { TalcSyncCell::new(TalcCell::new(Once { is_taken: false })) };
