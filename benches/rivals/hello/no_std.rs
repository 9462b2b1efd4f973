//! A line by two system calls, for x86-64, with what rustc and the linker do when told by flags.

#![no_std]
#![no_main]

use core::arch::asm;

const LINE: &[u8] = b"Hello, world!\n";

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    // SAFETY: write(2) reads LINE, which has so many bytes; exit(2) does not return.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") 1 => _,
            in("rdi") 1,
            in("rsi") LINE.as_ptr(),
            in("rdx") LINE.len(),
            lateout("rcx") _,
            lateout("r11") _,
        );
        asm!("syscall", in("rax") 60, in("rdi") 0, options(noreturn));
    }
}
