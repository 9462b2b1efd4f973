//! Running other programs, and where things are.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a task ends with.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// The top of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
}

/// `program` with `args`, to be run at the top of the repository.
pub(crate) fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}

/// The cargo that runs this task, with `args`.
pub(crate) fn cargo(args: &[&str]) -> Command {
    command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()), args)
}

/// Runs `command`, its words on stderr first; an error when it does not exit with 0.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let words = words(command);
    eprintln!("$ {words}");
    let status = command.status().map_err(|error| format!("{words}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{words}: {status}").into()) }
}

/// What `command` prints on stdout; an error when it does not exit with 0.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let words = words(command);
    let done = command.output().map_err(|error| format!("{words}: {error}"))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        return Err(format!("{words}: {}\n{said}", done.status).into());
    }
    Ok(String::from_utf8(done.stdout)?)
}

/// True when `command` starts and exits with 0; silent.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// True when `program` is in one of the folders of `PATH`.
pub(crate) fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// What `cargo metadata` says about the package or workspace at `manifest`.
pub(crate) fn metadata(manifest: &str) -> Outcome<serde_json::Value> {
    let args = ["metadata", "--no-deps", "--format-version=1", "--manifest-path", manifest];
    Ok(serde_json::from_str(&output(&mut cargo(&args))?)?)
}

/// The folder that cargo builds this workspace into.
pub(crate) fn target() -> Outcome<PathBuf> {
    let metadata = metadata("Cargo.toml")?;
    Ok(metadata["target_directory"].as_str().ok_or("cargo metadata: no target_directory")?.into())
}

/// Builds the release `pipkin` and returns its path.
pub(crate) fn pipkin() -> Outcome<PathBuf> {
    run(&mut cargo(&["build", "--release", "--package", "pipkin"]))?;
    Ok(target()?.join("release/pipkin"))
}

fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
