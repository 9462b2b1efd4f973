//! `pipkin`: a folder, a handler or a program in, the smallest container image that serves it out.
//!
//! Parse, run, report: flags -> pipeline (input, plan, ...) -> report. The story goes to stderr,
//! the result to stdout.

mod archive;
mod deliver;
mod destination;
mod document;
mod engine;
mod executable;
mod failure;
mod flags;
mod handler;
mod input;
mod original;
mod pack;
mod pipeline;
mod place;
mod plan;
mod program;
mod progress;
mod recipe;
mod report;
mod root;
mod scratch;
mod serve;
mod stub;
mod tree;
mod watch;
mod why;

use std::process::ExitCode;

use clap::Parser as _;
use failure::Failure;
use flags::{Command, Flags};
use progress::Progress;

fn main() -> ExitCode {
    let stood_in = handler::stand_in_for_rustc().or_else(program::stand_in);
    match stood_in.map_or_else(run, Err) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report::tell(&format!("{failure}\n"));
            failure.exit.into()
        }
    }
}

fn run() -> Result<(), Failure> {
    match Flags::parse().command {
        Command::Build(flags) => build(&flags),
        Command::Run(flags) if flags.watch => watch::watch(&flags),
        Command::Run(flags) => Err(serve::serve(&flags)),
        Command::Why(flags) => why::why(&flags),
    }
}

fn build(flags: &flags::Build) -> Result<(), Failure> {
    let progress = Progress::start(flags.story);
    let built = pipeline::build(flags, &progress);
    progress.clear();
    let (plan, report) = built?;
    report.print(&plan)
}
