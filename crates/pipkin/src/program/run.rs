//! One run of a program under a tracer, on the host or in its image, with an end: by itself, by a
//! limit, or when a server has answered what it was asked.

mod capture;
mod files;
mod http;
mod listener;
mod outcome;
#[cfg(test)]
pub(super) mod samples;
mod stand_in;
mod tracer;

use std::io;
use std::process::{Child, ChildStderr, ChildStdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use capture::Capture;
use tracer::{Tracer, follow, lock};

pub(crate) use files::Files;
#[cfg(test)]
pub(super) use outcome::Response;
pub(crate) use outcome::{Answer, Outcome, Status};
pub(crate) use stand_in::stand_in;
pub(super) use stand_in::{Inside, Plan};

/// How often is looked whether something has happened that nobody tells.
const TICK: Duration = Duration::from_millis(20);
/// How far the clock of a file system may be behind: files that are there already must be older than
/// the trace.
const CLOCK_TICK: Duration = Duration::from_millis(10);

const UNTRACEABLE: &str = "leave --trace and --verify out, and name what it opens with --include";
const NO_TRACER: &str = "allow ptrace here, in a container with --cap-add SYS_PTRACE; \
                         or leave --trace out, and name what the program opens with --include";
const NO_NAMESPACES: &str = "run pipkin as root, or allow user namespaces: see the sysctls \
                             user.max_user_namespaces, kernel.unprivileged_userns_clone and \
                             kernel.apparmor_restrict_unprivileged_userns; or leave --verify out";

const CHROOT: &str = "namespaces are not allowed here: the image was tried by chroot alone, \
                      without /proc, and what its program missed may not be known";

/// How long a run may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Until the program has ended; until it listens, if it is a server.
    pub(crate) run: Duration,
    /// What the program has started may take longer than itself.
    pub(crate) rest: Duration,
    /// From SIGTERM to SIGKILL.
    pub(crate) end: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let [run, rest, end] = [60, 1, 3].map(Duration::from_secs);
        Self { run, rest, end }
    }
}

/// What to run and how.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    /// The program by a path with a slash in it, and its arguments.
    pub(crate) argv: &'a [String],
    /// All of its variables: see [`environment`](super::trace::environment).
    pub(crate) env: &'a [(String, String)],
    /// What to ask of it by HTTP: then it is a server, which is told to end when it has answered.
    pub(crate) http: &'a [String],
    pub(crate) limits: Limits,
    /// Whether the user wants it all to end.
    pub(crate) is_interrupted: fn() -> bool,
}

/// A program that is running.
struct Session<'a> {
    run: &'a Run<'a>,
    is_inside: bool,
    tracer: Arc<Mutex<Tracer>>,
    /// Closed when all has ended.
    ended: Receiver<io::Result<Outputs>>,
    stdout: Capture,
    stderr: Capture,
}

type Outputs = (ChildStdout, ChildStderr);

/// Runs what `plan` says.
///
/// # Errors
///
/// The program cannot be traced, or not where it should run; or the user has interrupted it. That it
/// cannot be started is an outcome.
pub(super) fn run(plan: &Plan, run: &Run<'_>) -> Result<Outcome, Failure> {
    let session = Session::start(plan, run)?;
    let answers = session.ask();
    let mut warnings = Vec::new();
    if run.http.is_empty() {
        warnings.extend(session.wait_for_end());
    }
    let status = session.tracer().status().cloned().unwrap_or(Status::Ended);
    session.stop();
    session.check()?;
    if session.is_inside && session.tracer().is_first() {
        warnings.push(CHROOT.into());
    }
    let files = session.tracer().take_files();
    if files.is_cut {
        warnings.push(format!("{} had to do with more files than are kept", run.argv[0]));
    }
    let (stdout, stderr) = (session.stdout.take(), session.stderr.take());
    Ok(Outcome { status, stdout, stderr, answers, files, warnings })
}

impl<'a> Session<'a> {
    /// Starts the program, and traces it in a thread of its own: only the thread that has started
    /// it can.
    fn start(plan: &Plan, run: &'a Run<'a>) -> Result<Self, Failure> {
        let tracer = Arc::new(Mutex::new(Tracer::new(&run.argv[0])));
        thread::sleep(CLOCK_TICK);
        let mut command = stand_in::command(plan);
        let shared = Arc::clone(&tracer);
        let (started, ended) = channel();
        thread::spawn(move || {
            // Closed with the thread. Nobody who receives is left only after a panic.
            let started = started;
            let _ = started.send(command.spawn().and_then(outputs));
            follow(&shared);
        });
        let (stdout, stderr) = ended
            .recv()
            .unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()))
            .map_err(|error| not_started(&error))?;
        let (stdout, stderr) = (Capture::start(stdout), Capture::start(stderr));
        Ok(Self { run, is_inside: plan.inside.is_some(), tracer, ended, stdout, stderr })
    }

    fn tracer(&self) -> MutexGuard<'_, Tracer> {
        lock(&self.tracer)
    }

    /// Waits until nothing runs any more, until `is_reached`, or as long as there is patience.
    fn wait(&self, patience: Duration, mut is_reached: impl FnMut() -> bool) {
        let start = Instant::now();
        while start.elapsed() < patience
            && !self.has_ended_within(TICK)
            && !(self.run.is_interrupted)()
            && !is_reached()
        {}
    }

    fn has_ended_within(&self, patience: Duration) -> bool {
        matches!(self.ended.recv_timeout(patience), Err(RecvTimeoutError::Disconnected))
    }

    /// Waits for the program and what it has started; a warning, when that took too long.
    fn wait_for_end(&self) -> Option<String> {
        let limits = &self.run.limits;
        let has_status = || self.tracer().status().is_some();
        self.wait(limits.run, has_status);
        if has_status() {
            self.wait(limits.rest, || false);
            return None;
        }
        let (program, seconds) = (&self.run.argv[0], limits.run.as_secs_f32());
        Some(format!("{program} still ran after {seconds} seconds, and was told to end"))
    }

    /// What a server answers, once it listens.
    fn ask(&self) -> Vec<Answer> {
        if self.run.http.is_empty() {
            return Vec::new();
        }
        let mut address = None;
        self.wait(self.run.limits.run, || {
            let processes = self.tracer().processes();
            address = listener::find(&processes);
            address.is_some()
        });
        let response = |path: &str| match address {
            Some(address) => http::get(address, path).map_err(|error| error.to_string()),
            None if self.has_ended_within(Duration::ZERO) => {
                Err("it ended before it listened".into())
            }
            None => Err("it does not listen".into()),
        };
        let answer = |path: &String| Answer { path: path.clone(), response: response(path) };
        self.run.http.iter().map(answer).collect()
    }

    /// Ends what still runs.
    fn stop(&self) {
        self.tracer().terminate();
        self.wait(self.run.limits.end, || false);
        let start = Instant::now();
        while !self.has_ended_within(TICK) && start.elapsed() < self.run.limits.end {
            // Again and again: they may have started others meanwhile.
            self.tracer().kill();
        }
    }

    /// Whether the run says something of the program.
    fn check(&self) -> Result<(), Failure> {
        let program = &self.run.argv[0];
        let tracer = self.tracer();
        if (self.run.is_interrupted)() {
            return Err(Failure::new("interrupted"));
        }
        if let Some(reason) = tracer.untraceable() {
            let failure = Failure::new(format!("cannot trace {program}: {reason}"));
            return Err(failure.help(UNTRACEABLE));
        }
        if tracer.has_begun() {
            return Ok(());
        }
        let said = self.stderr.so_far();
        let said = String::from_utf8_lossy(&said);
        let said = said.trim().trim_start_matches("error: ");
        let (verb, help) =
            if self.is_inside { ("try", NO_NAMESPACES) } else { ("trace", NO_TRACER) };
        Err(Failure::new(format!("cannot {verb} {program}: {said}")).help(help))
    }
}

fn not_started(error: &io::Error) -> Failure {
    let failure = Failure::new(format!("cannot start pipkin once more: {error}"));
    match error.kind() {
        // All of them are one variable of the stand-in.
        io::ErrorKind::ArgumentListTooLong => {
            failure.help("trace and verify with arguments and variables of less than 128 KiB")
        }
        _ => failure,
    }
}

fn outputs(mut child: Child) -> io::Result<Outputs> {
    let outputs = child.stdout.take().zip(child.stderr.take());
    outputs.ok_or_else(|| io::ErrorKind::BrokenPipe.into())
}
