//! What a program that serves nothing asks of the system.

use super::start::Start;
use super::{Text, arch};

/// Standard output, and standard error.
const STDOUT: u32 = 1;
const STDERR: u32 = 2;

/// Writes `text` to standard output, as far as one call takes it.
#[inline(always)]
pub fn print(text: &[u8]) {
    write(STDOUT, text);
}

/// Writes `text` to standard error, as far as one call takes it.
#[inline(always)]
pub fn eprint(text: &[u8]) {
    write(STDERR, text);
}

/// Source: write(2).
#[inline(always)]
fn write(fd: u32, text: &[u8]) {
    // SAFETY: write(2) reads `text.len()` bytes at `text`, which is borrowed through the call.
    unsafe { arch::short_call3(arch::WRITE as u32, fd, text.as_ptr() as usize, text.len()) };
}

/// Ends the program, whose only thread this is. It never returns, which its type does not say: for
/// what cannot be reached the compiler puts an instruction that traps, which is longer than a return.
///
/// Source: _exit(2). The call that ends all threads has a larger number, which takes 2 bytes more.
#[inline(always)]
pub fn exit(status: u8) {
    // SAFETY: exit(2) takes no pointer.
    unsafe { arch::call1(arch::EXIT, status.into()) };
}

/// The arguments of a program, of which the first is how it was called.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// Invariant: what is there is the address of a C string, or null behind the last; all are
    /// readable and unchanged as long as the process.
    next: *const *const u8,
}

impl Arguments {
    /// Those on the initial stack, where their number comes first; takes note of the variables behind
    /// them, too.
    ///
    /// # Safety
    ///
    /// `stack` must be the initial stack pointer.
    #[inline(always)]
    pub unsafe fn new(stack: *const *const u8) -> Self {
        Start { stack }.remember();
        // SAFETY: the number is a word.
        Self { next: unsafe { stack.add(1) } }
    }
}

impl Iterator for Arguments {
    type Item = &'static [u8];

    fn next(&mut self) -> Option<Self::Item> {
        // SAFETY: the invariant; one that was null is not stepped over.
        unsafe {
            let string = *self.next;
            if string.is_null() {
                return None;
            }
            self.next = self.next.add(1);
            Some(Text::new(string).bytes())
        }
    }
}
