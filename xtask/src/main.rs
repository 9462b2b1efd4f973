//! The tasks of this workspace: `cargo xtask NAME`. The table in [`task`] names them.

mod bench;
mod check;
mod ci;
mod daemon;
mod debian;
mod e2e;
mod fuzz;
mod shell;
mod size;
mod skip;
mod task;
mod tidy;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = task::run(&args);
    if let Err(failure) = &outcome {
        eprintln!("error: {failure}");
    }
    ExitCode::from(u8::from(outcome.is_err()))
}
