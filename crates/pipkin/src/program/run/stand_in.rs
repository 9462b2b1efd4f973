//! This program, started again as what will become a program that is traced: no other way to be
//! ready before its first instruction is safe code.
//!
//! On the host it asks to be traced, and runs the program. For a trial it goes into namespaces of its
//! own first; the process in them that is number 1 starts it once more, makes the world of an
//! image, and becomes the program.

mod identity;
mod namespaces;
mod world;

use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::ptrace;
use rustix::process::{Signal, getpid, kill_process};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use namespaces::Way;

/// A variable that says that this program is to stand in. Its value is a [`Plan`].
const STANDS_IN: &str = "PIPKIN_STANDS_IN_FOR_PROGRAM";

/// This program, for as long as it can see its `/proc`.
const SELF: &str = "/proc/self/exe";

/// What to become.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(in crate::program) struct Plan {
    /// The program by a path with a slash, and its arguments.
    pub(in crate::program) argv: Vec<String>,
    /// All of its variables.
    pub(in crate::program) env: Vec<(String, String)>,
    /// Where it runs; on the host, when there is nothing.
    pub(in crate::program) inside: Option<Inside>,
}

/// An image to run in.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(in crate::program) struct Inside {
    /// The folder with its files; a path that is no text could not be written down.
    pub(in crate::program) root: OsString,
    /// Its uid and gid.
    pub(in crate::program) user: (u32, u32),
    /// How the namespaces were entered in which this is.
    pub(in crate::program) way: Option<Way>,
}

/// A command that becomes the program of `plan`. It waits to be traced by the thread that starts it.
pub(super) fn command(plan: &Plan) -> Command {
    let mut command = again(plan, &myself());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Ctrl-C is for us: it ends the program by the tracer.
    command.process_group(0);
    command
}

fn again(plan: &Plan, program: &str) -> Command {
    let mut command = Command::new(program);
    let plan = serde_json::to_string(plan).expect("text and numbers");
    command.arg0("pipkin").env_clear().env(STANDS_IN, plan);
    command
}

#[cfg(not(test))]
fn myself() -> String {
    SELF.into()
}

/// The program itself, since that which runs tests cannot stand in. Cargo builds it for the tests
/// beside `src`.
#[cfg(test)]
fn myself() -> String {
    let tests = env::current_exe().expect("there is one");
    let program = tests.parent().and_then(|folder| Some(folder.parent()?.join("pipkin")));
    let program = program.filter(|program| program.exists()).expect("cargo test -p pipkin");
    program.into_os_string().into_string().expect("text")
}

/// Becomes the program, if this is to stand in for one; returns only when it cannot.
pub(crate) fn stand_in() -> Option<Failure> {
    let plan = env::var_os(STANDS_IN)?;
    let plan: Option<Plan> = plan.to_str().and_then(|plan| serde_json::from_str(plan).ok());
    Some(match plan.filter(|plan| !plan.argv.is_empty()) {
        Some(plan) => become_program(plan).unwrap_or_else(|failure| failure),
        None => Failure::new(format!("the variable {STANDS_IN} is no plan: it is ours to set")),
    })
}

/// Returns why it cannot, one way or the other.
fn become_program(mut plan: Plan) -> Result<Failure, Failure> {
    let is_again = plan.inside.as_ref().is_some_and(|inside| inside.way.is_some());
    if !is_again {
        ask_to_be_traced()?;
    }
    if let Some(inside) = &mut plan.inside {
        let way = inside.way.map_or_else(namespaces::enter, Ok)?;
        if !is_again && way != Way::Chroot {
            inside.way = Some(way);
            return start_again(&plan);
        }
        world::enter(Path::new(&inside.root), way)?;
        identity::assume(inside.user, way)?;
    }
    Ok(exec(&plan))
}

/// Only what is started from here on is in the namespace of processes.
fn start_again(plan: &Plan) -> Result<Failure, Failure> {
    let status = again(plan, SELF).status();
    status.map_err(|error| Failure::new(format!("cannot start {SELF}: {error}")))?;
    std::process::exit(0)
}

/// Stops, until whoever started this traces it.
fn ask_to_be_traced() -> Result<(), Failure> {
    let cannot = |error: std::io::Error| Failure::new(format!("nobody may trace here: {error}"));
    ptrace::traceme().map_err(|error| cannot(error.into()))?;
    kill_process(getpid(), Signal::STOP).map_err(|error| cannot(error.into()))
}

/// Runs the program in the place of this process.
fn exec(plan: &Plan) -> Failure {
    let (program, arguments) = plan.argv.split_first().expect("there is a program");
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(plan.env.iter().map(|(name, value)| (name, value)));
    // The tracer has seen it fail.
    let error = command.exec();
    Failure::new(format!("cannot run {program}: {error}"))
}
