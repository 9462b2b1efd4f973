//! `pipkin`: a folder in, the smallest container image that serves it out.
//!
//! Parse, resolve, run, report: flags -> plan -> pipeline -> report. The story goes to stderr,
//! the result to stdout.

mod deliver;
mod destination;
mod engine;
mod executable;
mod failure;
mod flags;
mod pack;
mod pipeline;
mod place;
mod plan;
mod progress;
mod report;
mod serve;
mod stub;

use std::process::ExitCode;

use clap::Parser as _;
use failure::Failure;
use flags::{Command, Flags};
use plan::Plan;
use progress::Progress;

fn main() -> ExitCode {
    let result = match Flags::parse().command {
        Command::Build(flags) => build(&flags),
        Command::Run(flags) => Err(serve::serve(&flags)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report::tell(&format!("{failure}\n"));
            failure.exit.into()
        }
    }
}

fn build(flags: &flags::Build) -> Result<(), Failure> {
    let plan = Plan::resolve(flags)?;
    let progress = Progress::start(plan.story);
    let built = pipeline::build(&plan, &progress);
    progress.clear();
    built?.print(&plan)
}
