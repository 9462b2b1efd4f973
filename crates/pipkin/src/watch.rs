//! `pipkin run --watch`: the server is built and started anew whenever what it is made of changes.
//!
//! A server that no longer builds leaves the one before in its place. One that does takes over:
//! the old one lets its address go at once when it is told to end, and goes on with the
//! connections that it has.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::sleep;
use std::time::{Duration, Instant};

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use rustix::process::{Pid, Signal, kill_process};

use crate::failure::{Exit, Failure};
use crate::flags::Run;
use crate::input::Input;
use crate::progress::{Progress, is_interrupted};
use crate::report::tell;
use crate::serve::{self, Ready, cannot_run};

/// How long nothing must change before a build: editors write a file in several steps.
const QUIET: Duration = Duration::from_millis(50);
/// How often signals and servers that ended are looked for.
const TICK: Duration = Duration::from_millis(100);
/// How long the address may take to be free.
const TAKE_OVER: Duration = Duration::from_secs(5);
/// How long a server needs at most to fail, since it has an address or not at once.
const START: Duration = Duration::from_millis(200);
const PAUSE: Duration = Duration::from_millis(10);

/// Serves the input until a signal comes.
///
/// # Errors
///
/// There is no such input, or it cannot be watched, or the flags are not for it from the start. What does
/// not build is only told.
pub(crate) fn watch(flags: &Run) -> Result<(), Failure> {
    let input = Input::find_served(&flags.input, flags.kind)?;
    let mut watched = Watched::new()?;
    watched.add(&input.sources())?;
    let progress = Progress::start(flags.story);
    let mut servers = Servers::default();
    while !is_interrupted() {
        let ready = serve::prepare(flags, &progress);
        progress.clear();
        let started = ready.and_then(|ready| {
            watched.add(&ready.sources)?;
            servers.start(&ready)
        });
        match started {
            // No change of the input is what it takes.
            Err(failure) if failure.exit == Exit::Usage && servers.are_none() => {
                return Err(failure);
            }
            Err(failure) if !is_interrupted() => tell(&format!("{failure}\n")),
            _ => {}
        }
        watched.wait(&mut servers);
    }
    servers.stop();
    Ok(())
}

/// Files and folders, and what happens to them.
struct Watched {
    watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
    /// Folders that the watcher knows.
    folders: BTreeSet<(PathBuf, bool)>,
    /// Files, and folders with all that is in them.
    paths: BTreeSet<PathBuf>,
}

impl Watched {
    fn new() -> Result<Self, Failure> {
        let (sender, events) = channel();
        let watcher = notify::recommended_watcher(sender)
            .map_err(|error| cannot_watch(Path::new("files"), &error))?;
        Ok(Self { watcher, events, folders: BTreeSet::new(), paths: BTreeSet::new() })
    }

    /// Watches these, too. Of a file it is the folder that is watched: editors put another file
    /// in its place.
    fn add(&mut self, paths: &[PathBuf]) -> Result<(), Failure> {
        for path in paths {
            let is_folder = path.is_dir();
            let folder = if is_folder { path } else { path.parent().unwrap_or(path) };
            let mode =
                if is_folder { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
            if self.folders.insert((folder.into(), is_folder)) {
                let watched = self.watcher.watch(folder, mode);
                watched.map_err(|error| cannot_watch(folder, &error))?;
            }
            self.paths.insert(path.clone());
        }
        Ok(())
    }

    /// Returns after a change, or a signal.
    fn wait(&self, servers: &mut Servers) {
        let mut patience = TICK;
        let mut has_changed = false;
        while !is_interrupted() {
            match self.events.recv_timeout(patience) {
                Ok(event) if self.is_change(&event) => (has_changed, patience) = (true, QUIET),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) if has_changed => return,
                Err(_) => servers.look(),
            }
        }
    }

    fn is_change(&self, event: &notify::Result<Event>) -> bool {
        let Ok(event) = event else { return true };
        let is_ours = |path: &PathBuf| path.ancestors().any(|above| self.paths.contains(above));
        // Reading is no change, and builds read.
        !event.kind.is_access() && (event.paths.iter().any(is_ours) || event.need_rescan())
    }
}

fn cannot_watch(path: &Path, error: &notify::Error) -> Failure {
    Failure::new(format!("cannot watch {}: {error}", path.display()))
        .help("leave --watch out, or raise fs.inotify.max_user_watches")
}

/// The server that is in place, and those that end.
#[derive(Default)]
struct Servers {
    current: Option<Child>,
    ending: Vec<Child>,
}

impl Servers {
    /// Puts `ready` in the place of the server that runs.
    fn start(&mut self, ready: &Ready) -> Result<(), Failure> {
        self.end_current();
        let start = Instant::now();
        loop {
            let is_late = start.elapsed() > TAKE_OVER;
            match ready.check_address() {
                Err(failure) if is_late => return Err(failure),
                Err(_) => sleep(PAUSE),
                Ok(()) => {
                    let child = ready.command().spawn().map_err(|error| cannot_run(&error))?;
                    if self.has_started(child) || is_late {
                        break;
                    }
                }
            }
        }
        ready.tell();
        Ok(())
    }

    /// Whether none has run yet, or goes on.
    fn are_none(&self) -> bool {
        self.current.is_none() && self.ending.is_empty()
    }

    /// Whether `child` goes on.
    fn has_started(&mut self, mut child: Child) -> bool {
        let start = Instant::now();
        while start.elapsed() < START {
            if !matches!(child.try_wait(), Ok(None)) {
                return false;
            }
            sleep(PAUSE);
        }
        self.current = Some(child);
        true
    }

    fn end_current(&mut self) {
        if let Some(child) = self.current.take() {
            terminate(&child);
            self.ending.push(child);
        }
    }

    /// Takes note of those that have ended.
    fn look(&mut self) {
        self.ending.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        if let Some(child) = &mut self.current
            && let Ok(Some(status)) = child.try_wait()
        {
            self.current = None;
            tell(&format!("the server ended, {status}: the next change starts it again\n"));
        }
    }

    /// Ends all, and waits until they have answered what they were asked.
    fn stop(mut self) {
        self.end_current();
        for mut child in self.ending {
            // Nobody to tell when it has ended already.
            let _ = child.wait();
        }
    }
}

/// SIGTERM, after which a server lets its address go and finishes its answers.
fn terminate(child: &Child) {
    if let Some(id) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // One that has ended already needs no signal.
        let _ = kill_process(id, Signal::TERM);
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::flags::{Command, Flags};

    #[test]
    fn a_command_line_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let line = ["pipkin", "run", "--watch", folder.path().to_str().unwrap(), "--", "x"];
        let Command::Run(run) = Flags::parse_from(line).command else { panic!("not a run") };
        let failure = watch(&run).unwrap_err();
        assert_eq!(
            (failure.exit, failure.to_string().as_str()),
            (
                Exit::Usage,
                "error: arguments are for a program, and this is a folder\n help: -p and --host say \
                 where it listens"
            )
        );
    }
}
