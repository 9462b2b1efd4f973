//! What the kernel hands to a new program.

use core::ffi::CStr;

use super::Text;

/// The arguments, the environment, and the content behind the program.
#[derive(Clone, Copy)]
pub struct Start {
    /// The initial stack: the argument count, the arguments, null, the variables, null.
    ///
    /// Invariant: that layout, with C strings, readable and unchanged as long as the process, or until a
    /// launcher makes its `Stack` of it; strings stay then, too.
    pub(super) stack: *const *const u8,
}

impl Start {
    /// The content blob.
    pub(crate) fn content(&self) -> &'static [u8] {
        #[cfg(not(feature = "freestanding"))]
        return b"";
        // SAFETY: the builder has placed the content.
        #[cfg(feature = "freestanding")]
        unsafe {
            freestanding::content()
        }
    }

    /// The port that the builder has written into the program: into the physical address of the first
    /// program header, of which the system makes no use (gABI, "Program Header").
    #[cfg(feature = "handler")]
    pub fn port(&self) -> u16 {
        const FIRST_P_PADDR: usize = 64 + 24;
        #[cfg(not(feature = "freestanding"))]
        return FIRST_P_PADDR as u16;
        // SAFETY: the header is mapped with the code, its start at that of a page, so its fields are
        // aligned.
        #[cfg(feature = "freestanding")]
        unsafe {
            crate::sys::arch::executable().add(FIRST_P_PADDR).cast::<u16>().read()
        }
    }

    /// The first argument; nothing without one.
    pub(crate) fn argument(&self) -> Text<'static> {
        if self.arguments() < 2 {
            return Text::from(c"");
        }
        // SAFETY: by the invariant the argument count comes first, then as many C strings, of which
        // the first is the program's name.
        unsafe { Text::new(*self.stack.add(2)) }
    }

    /// What follows `name`, which ends with `=`, among the variables; nothing without one.
    pub(crate) fn variable(&self, name: &CStr) -> Text<'static> {
        let mut at = 2 + self.arguments();
        // SAFETY: by the invariant the variables follow the null behind the arguments, and a null
        // follows them, at which this ends.
        while let Some(mut variable) = unsafe { self.string(at) } {
            if variable.skip(name) {
                return variable;
            }
            at += 1;
        }
        Text::from(c"")
    }

    /// The same as bytes; none without one.
    #[cfg(feature = "extended")]
    pub fn find(&self, name: &[u8]) -> Option<&'static [u8]> {
        let mut at = 2 + self.arguments();
        // SAFETY: as in `variable`.
        while let Some(variable) = unsafe { self.string(at) } {
            if let value @ Some(_) = variable.bytes().strip_prefix(name) {
                return value;
            }
            at += 1;
        }
        None
    }

    /// Takes note of the start, for [`variable`].
    #[cfg(feature = "handler")]
    pub(crate) fn remember(&self) {
        // SAFETY: the program has a single thread, and no reference into the place is kept.
        unsafe { *STACK.0.get() = self.stack.expose_provenance() };
    }

    fn arguments(&self) -> usize {
        // SAFETY: by the invariant the argument count comes first.
        unsafe { *self.stack as usize }
    }

    /// The string of the stack's word `at`; none for null.
    ///
    /// # Safety
    ///
    /// No word before `at` may be the null behind the variables.
    unsafe fn string(&self, at: usize) -> Option<Text<'static>> {
        // SAFETY: by the invariant the words up to that null are null or C strings.
        unsafe {
            let string = *self.stack.add(at);
            if string.is_null() { None } else { Some(Text::new(string)) }
        }
    }
}

/// Where the initial stack is; 0 before it is known. A number: where no handler asks for variables
/// the optimiser drops it, which it would not do with a pointer.
#[cfg(feature = "handler")]
struct Stack(core::cell::UnsafeCell<usize>);

// SAFETY: the program has a single thread; elsewhere nobody writes there.
#[cfg(feature = "handler")]
unsafe impl Sync for Stack {}

#[cfg(feature = "handler")]
static STACK: Stack = Stack(core::cell::UnsafeCell::new(0));

/// The value of a variable of the environment; none without one.
#[cfg(feature = "handler")]
pub fn variable(name: &str) -> Option<&'static [u8]> {
    // SAFETY: as in `remember`.
    let stack = core::ptr::with_exposed_provenance(unsafe { *STACK.0.get() });
    if <*const *const u8>::is_null(stack) {
        return None;
    }
    let start = Start { stack };
    let mut at = 2 + start.arguments();
    // SAFETY: as in `Start::variable`.
    while let Some(variable) = unsafe { start.string(at) } {
        if let Some([b'=', value @ ..]) = variable.bytes().strip_prefix(name.as_bytes()) {
            return Some(value);
        }
        at += 1;
    }
    None
}

/// Where the content is in the executable.
pub(super) fn content_offset() -> usize {
    #[cfg(not(feature = "freestanding"))]
    return 0;
    // SAFETY: the builder has placed the content.
    #[cfg(feature = "freestanding")]
    unsafe {
        freestanding::content_offset()
    }
}

/// What a program without a C library must bring itself.
#[cfg(feature = "freestanding")]
mod freestanding {
    #[cfg(feature = "handler")]
    use core::mem::MaybeUninit;
    use core::slice;

    #[cfg(not(any(feature = "micro", feature = "unpacker")))]
    use super::Start;
    use crate::sys::arch;

    #[cfg(not(feature = "handler"))]
    unsafe extern "C" {
        /// Does not exist, so that a build in which the panic handler is reachable fails to link.
        fn a_panic_path_is_linked() -> !;
    }

    /// Where `_start` goes.
    ///
    /// # Safety
    ///
    /// `stack` must be the initial stack pointer.
    #[cfg(not(feature = "micro"))]
    pub(in crate::sys) unsafe extern "C" fn enter(stack: *const *const u8) -> ! {
        #[cfg(feature = "launcher")]
        crate::launcher::run(Start { stack });
        // SAFETY: the builder has packed what is unpacked, and the caller's promise.
        #[cfg(feature = "unpacker")]
        unsafe {
            crate::sys::unpacker::run(stack)
        }
        #[cfg(not(any(feature = "launcher", feature = "unpacker")))]
        crate::run(Start { stack })
    }

    /// Where it is, from the start of the executable.
    const SECOND_PROGRAM_HEADER: usize = 64 + 56;

    /// The content: the segment of the second program header.
    ///
    /// # Safety
    ///
    /// The executable must be one that the builder has put together: ELF header and program
    /// headers at its start, the second one a readable segment.
    ///
    /// Source: gABI, "Program Header".
    pub(super) unsafe fn content() -> &'static [u8] {
        if !crate::sys::has_site() {
            return b"";
        }
        const P_VADDR: usize = 16;
        const P_MEMSZ: usize = 40;
        let start = arch::executable();
        // SAFETY: the header is mapped with the code, its start at that of a page, so its fields are
        // aligned; the kernel has mapped `p_memsz` bytes readable at `p_vaddr` from the start, and
        // nobody writes there.
        unsafe {
            let header = start.add(SECOND_PROGRAM_HEADER);
            let at = header.add(P_VADDR).cast::<usize>().read();
            // A handler may have to be where its headers say, which then is not 0.
            #[cfg(feature = "handler")]
            let at = at - start.add(64 + P_VADDR).cast::<usize>().read();
            let bytes = header.add(P_MEMSZ).cast::<usize>().read();
            slice::from_raw_parts(start.add(at), bytes)
        }
    }

    /// The offset of that segment.
    ///
    /// # Safety
    ///
    /// As for [`content`].
    pub(super) unsafe fn content_offset() -> usize {
        const P_OFFSET: usize = 8;
        // SAFETY: as in `content`.
        unsafe { arch::executable().add(SECOND_PROGRAM_HEADER + P_OFFSET).cast::<usize>().read() }
    }

    #[cfg(not(feature = "handler"))]
    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        // SAFETY: never called, since no program with this call can be linked.
        unsafe { a_panic_path_is_linked() }
    }

    /// What the landing pads in the toolchain's `alloc` name, which is compiled for unwinding. Nothing
    /// here unwinds, so nobody calls it.
    #[cfg(feature = "alloc")]
    #[unsafe(no_mangle)]
    extern "C" fn rust_eh_personality() {}

    /// As [`rust_eh_personality`].
    #[cfg(feature = "alloc")]
    #[unsafe(no_mangle)]
    extern "C" fn _Unwind_Resume() -> ! {
        crate::sys::exit(1)
    }

    /// memcpy(3), which the compiler calls.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
        // SAFETY: memcpy's own contract.
        unsafe { arch::copy(to, from, count) };
        to
    }

    /// memset(3), which the compiler calls.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
        // SAFETY: memset's own contract.
        unsafe { arch::fill(to, byte as u8, count) };
        to
    }

    /// bcmp(3), which the compiler calls to compare slices: 0 when all bytes agree.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
        for at in 0..count {
            // SAFETY: bcmp's own contract.
            if unsafe { *a.add(at) != *b.add(at) } {
                return 1;
            }
        }
        0
    }

    /// memmove(3), which the compiler calls.
    #[cfg(feature = "handler")]
    #[unsafe(no_mangle)]
    unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
        // SAFETY: memmove's own contract: what is overwritten has been read, since the copy begins at
        // the end where the two overlap. Bytes may be of those that nobody has set.
        unsafe {
            if (to as usize).wrapping_sub(from as usize) >= count {
                arch::copy(to, from, count);
            } else {
                let (to, from) = (to.cast::<MaybeUninit<u8>>(), from.cast::<MaybeUninit<u8>>());
                for at in (0..count).rev() {
                    to.add(at).write_volatile(from.add(at).read());
                }
            }
        }
        to
    }

    /// memcmp(3), which the compiler calls.
    #[cfg(feature = "handler")]
    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
        for at in 0..count {
            // SAFETY: memcmp's own contract.
            let difference = unsafe { i32::from(*a.add(at)) - i32::from(*b.add(at)) };
            if difference != 0 {
                return difference;
            }
        }
        0
    }

    /// memcmp(3): the compiler calls it where it has not seen that only equality matters; this
    /// program orders no slices.
    #[cfg(not(feature = "handler"))]
    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
        // SAFETY: memcmp's own contract.
        unsafe { bcmp(a, b, count) }
    }
}

#[cfg(all(feature = "freestanding", not(feature = "micro")))]
pub(super) use freestanding::enter;
