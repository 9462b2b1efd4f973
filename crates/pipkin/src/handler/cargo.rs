//! Running cargo, with the toolchain and the configuration of the folder that the source is in.

use std::env;
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, thread};

use pipkin_elf::Handler;
use pipkin_image::Platform;
use serde::de::DeserializeOwned;

use super::messages::Messages;
use super::rustc;
use super::workspace::{PROGRAM, SCRIPT_PATH, Workspace};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::recipe;

/// What `cargo metadata` says about the package of `manifest` and its workspace.
pub(super) fn metadata<T: DeserializeOwned>(folder: &Path, manifest: &Path) -> Result<T, Failure> {
    let shown = manifest.display();
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--no-deps", "--format-version=1"]).current_dir(folder);
    let output = cargo.output().map_err(|error| cannot_run("cargo", &error))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("cannot read {shown}: cargo says:\n{}", reason.trim())));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Failure::new(format!("cannot read what cargo says of {shown}: {error}")))
}

/// The program for `platform`.
pub(super) fn build(
    workspace: &Workspace<'_>,
    platform: &Platform,
    progress: &Progress,
) -> Result<Handler, Failure> {
    let target = target(platform)?;
    check_target(workspace, platform, target)?;
    progress.phase("compiling", 0);
    run(command(workspace, target), workspace, progress)?;
    let program = program(workspace, target);
    let program = fs::read(&program)
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", program.display())))?;
    pipkin_elf::read_handler(&program).map_err(|error| {
        let source = workspace.source.path().display();
        Failure::new(format!("{source} is linked to what pipkin cannot use: {error}"))
    })
}

/// What the program for `platform` was compiled from, as cargo tells make of it, but for what this
/// program carries.
///
/// Source: "Dep-Info Files" in the cargo book.
pub(super) fn sources(workspace: &Workspace<'_>, platform: &Platform) -> Vec<PathBuf> {
    let Ok(target) = target(platform) else { return Vec::new() };
    let rule = program(workspace, target).with_extension("d");
    let text = fs::read_to_string(rule).unwrap_or_default();
    let (_, files) = text.split_once(": ").unwrap_or_default();
    // A blank in a name has a backslash before it.
    let files = files.trim().replace("\\ ", "\0");
    let files = files.split(' ').map(|file| PathBuf::from(file.replace('\0', " ")));
    files.filter(|file| !file.starts_with(&workspace.folder)).collect()
}

fn program(workspace: &Workspace<'_>, target: &str) -> PathBuf {
    target_folder(workspace).join(target).join(recipe::PROFILE).join(PROGRAM)
}

fn target(platform: &Platform) -> Result<&'static str, Failure> {
    let is_wanted = |(architecture, _): &&(&str, &str)| {
        *architecture == platform.architecture() && platform.variant().is_none()
    };
    let target = recipe::TARGETS.iter().find(is_wanted).map(|(_, target)| *target);
    target.ok_or_else(|| {
        let known = recipe::TARGETS.map(|(architecture, _)| format!("linux/{architecture}"));
        Failure::usage(format!("there is no server for platform {platform}"))
            .help(format!("choose from {}", known.join(", ")))
    })
}

fn check_target(
    workspace: &Workspace<'_>,
    platform: &Platform,
    target: &str,
) -> Result<(), Failure> {
    let mut rustc = Command::new("rustc");
    let core = recipe::core_for(rustc.current_dir(workspace.source.folder()), target);
    let (_, has_core) = core.map_err(|error| cannot_run("rustc", &error))?;
    if has_core {
        return Ok(());
    }
    let source = workspace.source.path().display();
    Err(Failure::new(format!(
        "cannot compile {source} for {platform}: the toolchain lacks the target {target}"
    ))
    .help(format!("rustup target add {target}")))
}

/// Cargo that builds the workspace, run where the source is.
fn command(workspace: &Workspace<'_>, target: &str) -> Command {
    let mut cargo = Command::new("cargo");
    recipe::prepare(&mut cargo, target, SCRIPT_PATH, &remapped(workspace));
    rustc::stand_in(&mut cargo, &registries());
    let is_coloured = io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none();
    let rendered = if is_coloured { "json-diagnostic-rendered-ansi" } else { "json" };
    cargo.args(["--quiet", "--message-format", rendered, "--manifest-path"]);
    cargo.arg(workspace.folder.join("Cargo.toml"));
    cargo.arg("--target-dir").arg(target_folder(workspace));
    cargo.current_dir(workspace.source.folder());
    cargo.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    cargo
}

fn target_folder(workspace: &Workspace<'_>) -> PathBuf {
    workspace.folder.join("target")
}

/// Flags after which the places of panics read the same on every machine; what the compiler says
/// to the user has its paths as they are.
fn remapped(workspace: &Workspace<'_>) -> Vec<String> {
    let folders = registries().into_iter().chain(workspace.hidden.iter().cloned());
    let flags = folders.map(|folder| format!("--remap-path-prefix={}=", folder.display()));
    let scope = "--remap-path-scope=macro,debuginfo,coverage,object".to_owned();
    flags.chain([scope]).collect()
}

/// Where cargo unpacks the sources of packages.
fn registries() -> Vec<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    let Some(home) = home else { return Vec::new() };
    let sources = home.join("registry/src");
    let entries = sources.read_dir().into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    folders.sort();
    [sources, home.join("git/checkouts")].into_iter().chain(folders).collect()
}

/// Runs `cargo`, and shows what the compiler says.
fn run(mut cargo: Command, workspace: &Workspace<'_>, progress: &Progress) -> Result<(), Failure> {
    let mut child = cargo.spawn().map_err(|error| cannot_run("cargo", &error))?;
    let stdout = child.stdout.take().expect("stdout is piped");
    let mut stderr = child.stderr.take().expect("stderr is piped");
    let complaints = thread::spawn(move || {
        let mut text = Vec::new();
        stderr.read_to_end(&mut text).ok();
        String::from_utf8_lossy(&text).into_owned()
    });
    let mut messages = Messages::new(workspace.source, &workspace.folder);
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        if let Some(rendered) = messages.read(&line) {
            progress.tell(&rendered);
        }
    }
    let status = child.wait().map_err(|error| cannot_run("cargo", &error))?;
    let complaints = complaints.join().unwrap_or_default();
    if status.success() { Ok(()) } else { Err(messages.failure(&complaints)) }
}

fn cannot_run(program: &str, error: &io::Error) -> Failure {
    let failure = Failure::new(format!("cannot run {program}: {error}"));
    match error.kind() {
        io::ErrorKind::NotFound => Failure::new(format!(
            "cannot compile: there is no {program} on the PATH"
        ))
        .help(
            "install Rust with rustup, or add its folder bin to PATH; a folder of files needs none",
        ),
        _ => failure,
    }
}
