//! The tracer: every task of a program stops at both ends of its system calls, and what it named and
//! got there is noted.
//!
//! It does not see what is opened through io_uring, and cannot pass on real-time signals: `nix`, which
//! knows ptrace for us, has no names for them.
//!
//! Source: ptrace(2).

mod call;
mod interpreter;
mod meeting;
mod place;
mod registers;
mod status;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use rustix::process::{self, WaitId, WaitIdOptions, WaitOptions};

use super::files::{Files, How};
use super::outcome::Status;
use call::Kind;
use meeting::{Meeting, is_missing, is_refused};
use registers::Registers;
use status::Change;

/// Tasks of any kind, but only those that this thread traces: what others of this process start
/// is theirs.
const OURS: u32 = (libc::__WALL | libc::__WNOTHREAD) as u32;

/// A program that is traced, with all that it starts.
pub(super) struct Tracer {
    /// The path at which it is run: what happens before is not its doing.
    program: String,
    /// What is younger, the program has made.
    since: SystemTime,
    tasks: BTreeMap<i32, Task>,
    /// The first task, which stands in for the program, or starts who does.
    first: Option<i32>,
    /// The process that is the program.
    leader: Option<i32>,
    status: Option<Status>,
    untraceable: Option<String>,
    files: Files,
}

/// A thread, or a process with one.
#[derive(Default)]
struct Task {
    /// Whether the stop with which its tracing begins has come.
    is_known: bool,
    /// The system call in which it is, if that names a file.
    meeting: Option<Meeting>,
}

/// The tracer, whatever became of others who had it.
pub(super) fn lock(tracer: &Mutex<Tracer>) -> MutexGuard<'_, Tracer> {
    tracer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Traces what this thread has started until all of it has ended.
pub(super) fn follow(shared: &Mutex<Tracer>) {
    let any = WaitIdOptions::EXITED | WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT;
    let any = any | WaitIdOptions::from_bits_retain(OURS);
    let ready = WaitOptions::NOHANG | WaitOptions::from_bits_retain(OURS);
    loop {
        // Only looks. The number of a task that has ended becomes free while the tracer is locked,
        // so that nobody sends a signal to the next who gets it.
        match process::waitid(WaitId::All, any) {
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return,
            Ok(_) => {}
        }
        // One at a time: others want the tracer, too.
        let mut tracer = lock(shared);
        if let Ok(Some((task, status))) = process::wait(ready) {
            tracer.handle(Pid::from_raw(task.as_raw_pid()), status.as_raw());
        }
    }
}

impl Tracer {
    /// The tracer of a program that will be run as `program`.
    pub(super) fn new(program: &str) -> Self {
        Self {
            program: program.into(),
            since: SystemTime::now(),
            tasks: BTreeMap::new(),
            first: None,
            leader: None,
            status: None,
            untraceable: None,
            files: Files::default(),
        }
    }

    /// Whether the program has been run, or cannot be.
    pub(super) fn has_begun(&self) -> bool {
        self.leader.is_some() || self.status.is_some()
    }

    /// Whether the program is the first process: nobody stayed behind in other namespaces.
    pub(super) fn is_first(&self) -> bool {
        self.leader.is_some() && self.leader == self.first
    }

    /// How the program ended, if it did; what it started may go on.
    pub(super) fn status(&self) -> Option<&Status> {
        self.status.as_ref()
    }

    /// Why the program cannot be traced, if so.
    pub(super) fn untraceable(&self) -> Option<&str> {
        self.untraceable.as_deref()
    }

    /// The files met so far.
    pub(super) fn take_files(&mut self) -> Files {
        std::mem::take(&mut self.files)
    }

    /// The processes of the program.
    pub(super) fn processes(&self) -> Vec<i32> {
        let helper = self.first.filter(|first| self.leader != Some(*first));
        let others = self.tasks.keys().filter(|task| Some(**task) != helper);
        others.copied().filter(|task| is_process(*task)).collect()
    }

    /// Asks the processes of the program to end.
    pub(super) fn terminate(&self) {
        for process in self.processes() {
            send(process, process::Signal::TERM);
        }
    }

    /// Ends everything.
    pub(super) fn kill(&self) {
        for task in self.tasks.keys() {
            send(*task, process::Signal::KILL);
        }
    }

    fn handle(&mut self, task: Pid, status: i32) {
        self.tasks.entry(task.as_raw()).or_default();
        let signal = match Change::of(status) {
            Change::Exited(code) => return self.end(task, Status::Exited(code)),
            Change::Killed(signal) => return self.end(task, Status::Killed(signal)),
            Change::Signal(signal) => self.signal(task, signal),
            Change::Event(event) => {
                self.event(task, event);
                None
            }
            Change::Syscall => {
                match self.syscall(task) {
                    // A task that was killed says so next.
                    Ok(()) | Err(Errno::ESRCH) => {}
                    Err(error) => self.give_up(format!("no PTRACE_GET_SYSCALL_INFO here: {error}")),
                }
                None
            }
        };
        // Here, too.
        let _ = ptrace::syscall(task, signal);
    }

    fn end(&mut self, task: Pid, status: Status) {
        self.tasks.remove(&task.as_raw());
        if self.leader == Some(task.as_raw()) {
            self.status.get_or_insert(status);
        }
    }

    /// The signal to go on with.
    fn signal(&mut self, task: Pid, signal: i32) -> Option<Signal> {
        if self.first.is_none() {
            self.first = Some(task.as_raw());
            let _ = ptrace::setoptions(task, options());
        }
        let known = self.tasks.entry(task.as_raw()).or_default();
        if signal == libc::SIGSTOP && !known.is_known {
            known.is_known = true;
            return None;
        }
        let Ok(signal) = Signal::try_from(signal) else {
            self.give_up(format!("it sends the real-time signal {signal}"));
            return None;
        };
        (!has_stopped(task, signal)).then_some(signal)
    }

    fn give_up(&mut self, reason: String) {
        self.untraceable.get_or_insert(reason);
        self.kill();
    }

    fn event(&mut self, task: Pid, event: i32) {
        if event == libc::PTRACE_EVENT_EXEC {
            // The thread that ran it, whose number is now that of its process.
            let former = ptrace::getevent(task).map_or(task.as_raw(), |former| former as i32);
            let meeting = self.tasks.remove(&former).and_then(|former| former.meeting);
            self.tasks.insert(task.as_raw(), Task { is_known: true, meeting: None });
            meeting.into_iter().for_each(|meeting| self.run(task, meeting.path));
        }
    }

    fn is_program(&self, task: Pid, path: &str) -> bool {
        place::absolute(task, None, &self.program).as_deref() == Some(path)
    }

    /// Notes that `task` has become what is at `path`.
    fn run(&mut self, task: Pid, path: String) {
        if self.leader.is_none() && self.is_program(task, &path) {
            self.leader = Some(task.as_raw());
        }
        if self.leader.is_some() && !self.files.opened.contains(&path) {
            let chain = interpreter::chain(task, path).into_iter();
            let found = chain.filter(|(_, is_there)| *is_there);
            found.for_each(|(path, _)| self.files.note(How::Opened, path));
        }
    }

    fn syscall(&mut self, task: Pid) -> nix::Result<()> {
        let stop = registers::stop(task)?;
        let own = self.tasks.entry(task.as_raw()).or_default();
        if stop.is_entry {
            let registers = Registers::read(task, stop.architecture)?;
            let call = call::find(stop.architecture, registers.number);
            let call = call.filter(|call| self.leader.is_some() || call.kind == Kind::Run);
            own.meeting = call.and_then(|call| Meeting::read(task, call, &registers));
        } else if let Some(meeting) = own.meeting.take() {
            let result = Registers::read(task, stop.architecture)?.result();
            self.leave(task, meeting, result);
        }
        Ok(())
    }

    /// Notes what came of a system call.
    fn leave(&mut self, task: Pid, meeting: Meeting, result: nix::Result<i32>) {
        match (meeting.kind, result) {
            (Kind::Run, Err(error)) if self.leader.is_none() => {
                self.run_in_vain(task, meeting.path.clone(), error);
                if self.is_program(task, &meeting.path) {
                    self.status = Some(Status::NotStarted(io::Error::from(error).to_string()));
                    self.kill();
                }
            }
            (Kind::Run, Err(error)) => self.run_in_vain(task, meeting.path, error),
            _ => {
                let how = meeting.how(task, result, self.since);
                how.into_iter().for_each(|how| self.files.note(how, meeting.path.clone()));
            }
        }
    }

    /// Notes what was missing: the file itself, or one of its interpreters.
    fn run_in_vain(&mut self, task: Pid, path: String, error: Errno) {
        if !is_missing(error) {
            let how = if is_refused(error) { How::Refused } else { How::Seen };
            return self.files.note(how, path);
        }
        for (path, is_there) in interpreter::chain(task, path) {
            self.files.note(if is_there { How::Seen } else { How::Missing }, path);
        }
    }
}

fn options() -> Options {
    Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACEFORK
        | Options::PTRACE_O_TRACEVFORK
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL
}

/// Whether `task` has stopped because of `signal`, rather than being about to get it. It goes on:
/// somebody who stops a program that is traced wants to see it stopped, and nobody looks.
fn has_stopped(task: Pid, signal: Signal) -> bool {
    let stops = [Signal::SIGSTOP, Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGTTOU];
    stops.contains(&signal) && ptrace::getsiginfo(task) == Err(Errno::EINVAL)
}

/// Whether a task is a process, rather than another thread of one.
fn is_process(task: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{task}/status")).unwrap_or_default();
    let group = status.lines().find_map(|line| line.strip_prefix("Tgid:"));
    group.is_some_and(|group| group.trim() == task.to_string())
}

fn send(task: i32, signal: process::Signal) {
    if let Some(task) = process::Pid::from_raw(task) {
        // One that has ended already needs no signal.
        let _ = process::kill_process(task, signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_no_process() {
        let own = rustix::thread::gettid().as_raw_nonzero().get();
        let process = i32::try_from(std::process::id()).unwrap();
        assert_eq!((is_process(process), is_process(own)), (true, own == process));
    }
}
