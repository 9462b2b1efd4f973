//! What a task that is stopped at a system call has in its registers.
//!
//! Source: syscall(2), ptrace(2).

use nix::Result;
use nix::errno::Errno;
use nix::sys::ptrace;
use nix::unistd::Pid;

use super::call::I386;

/// At which end of a system call a task stands, and of which architecture that is.
pub(super) struct Stop {
    pub(super) is_entry: bool,
    pub(super) architecture: u32,
}

/// `PTRACE_SYSCALL_INFO_ENTRY`.
#[cfg(target_env = "gnu")]
const ENTRY: u8 = 1;

/// Where a task stands.
///
/// # Errors
///
/// It is gone; or the kernel, before 5.3, or the C library does not have this request.
#[cfg(target_env = "gnu")]
pub(super) fn stop(task: Pid) -> Result<Stop> {
    let info = ptrace::syscall_info(task)?;
    Ok(Stop { is_entry: info.op == ENTRY, architecture: info.arch })
}

#[cfg(not(target_env = "gnu"))]
pub(super) fn stop(_: Pid) -> Result<Stop> {
    Err(Errno::ENOSYS)
}

/// The registers of a system call.
pub(super) struct Registers {
    pub(super) number: u64,
    pub(super) arguments: [u64; 3],
    result: u64,
}

impl Registers {
    /// Those of `task`, which makes a system call of `architecture`.
    ///
    /// # Errors
    ///
    /// The task is gone.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn read(task: Pid, architecture: u32) -> Result<Self> {
        let all = ptrace::getregs(task)?;
        let arguments = if architecture == I386 {
            [all.rbx, all.rcx, all.rdx].map(|argument| argument & u64::from(u32::MAX))
        } else {
            [all.rdi, all.rsi, all.rdx]
        };
        // The 32 bits of a small program are not always extended with their sign.
        let result = if architecture == I386 { i64::from(all.rax as i32) as u64 } else { all.rax };
        Ok(Self { number: all.orig_rax, arguments, result })
    }

    /// Those of `task`, which makes a system call of `architecture`.
    ///
    /// # Errors
    ///
    /// The task is gone.
    #[cfg(target_arch = "aarch64")]
    pub(super) fn read(task: Pid, architecture: u32) -> Result<Self> {
        debug_assert_ne!(architecture, I386);
        let all = ptrace::getregs(task)?.regs;
        Ok(Self { number: all[8], arguments: [all[0], all[1], all[2]], result: all[0] })
    }

    /// On other architectures nobody has tried it yet.
    ///
    /// # Errors
    ///
    /// Always.
    #[cfg(not(any(target_arch = "aarch64", target_arch = "x86_64")))]
    pub(super) fn read(_: Pid, architecture: u32) -> Result<Self> {
        debug_assert_ne!(architecture, I386);
        Err(Errno::ENOSYS)
    }

    /// What the call returned.
    ///
    /// # Errors
    ///
    /// That which the program gets.
    pub(super) fn result(&self) -> Result<i32> {
        let result = self.result as i64;
        let is_error = (-4095..0).contains(&result);
        if is_error { Err(Errno::from_raw(-result as i32)) } else { Ok(result as i32) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(result: i64, expected: Result<i32>) {
        let registers = Registers { number: 0, arguments: [0; 3], result: result as u64 };
        assert_eq!(registers.result(), expected);
    }

    #[test]
    fn results() {
        check(3, Ok(3));
        check(0, Ok(0));
        check(-2, Err(Errno::ENOENT));
        check(-4095, Err(Errno::UnknownErrno));
        check(-4096, Ok(-4096));
    }
}
