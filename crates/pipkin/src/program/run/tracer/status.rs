//! What wait(2) says of a task that is traced.
//!
//! Read by ourselves, since `nix` has no name for real-time signals and so fails where one comes.

use nix::libc;

/// What happened to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Exited(i32),
    Killed(i32),
    /// It stands at one end of a system call.
    Syscall,
    /// One of the events `PTRACE_EVENT_*`.
    Event(i32),
    /// It is about to get this signal, or stopped because of it.
    Signal(i32),
}

impl Change {
    /// What a status of wait(2) means.
    pub(super) fn of(status: i32) -> Self {
        let signal = libc::WSTOPSIG(status);
        if libc::WIFEXITED(status) {
            Self::Exited(libc::WEXITSTATUS(status))
        } else if !libc::WIFSTOPPED(status) {
            Self::Killed(libc::WTERMSIG(status))
        } else if signal == libc::SIGTRAP | 0x80 {
            Self::Syscall
        } else if status >> 16 != 0 {
            Self::Event(status >> 16)
        } else {
            Self::Signal(signal)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: i32, expected: Change) {
        assert_eq!(Change::of(status), expected, "{status:#x}");
    }

    #[test]
    fn statuses() {
        check(0x0000, Change::Exited(0));
        check(0x2a00, Change::Exited(42));
        check(0x000b, Change::Killed(11));
        check(0x008b, Change::Killed(11));
        check(0x857f, Change::Syscall);
        check(0x0004_057f, Change::Event(4));
        check(0x137f, Change::Signal(19));
        check(0x057f, Change::Signal(5));
        check(0x217f, Change::Signal(33));
    }
}
