//! `pipkin run`: the executable that an image would hold, run right here.
//!
//! It is written to a file without a name and then takes this process's place, so signals reach
//! the server itself, and nothing is left behind however it ends.

use std::fs::{File, Permissions};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::executable::Executable;
use crate::failure::Failure;
use crate::flags::{Pair, Run};
use crate::pipeline;
use crate::plan::site_settings;
use crate::progress::Progress;
use crate::{report, stub};

/// Serves the folder; returns only when it cannot.
pub(crate) fn serve(flags: &Run) -> Failure {
    let progress = Progress::start(flags.story);
    let ready = prepare(flags, &progress);
    progress.clear();
    match ready {
        Ok(mut server) => cannot_run(&server.exec()),
        Err(failure) => failure,
    }
}

/// The command that serves the folder.
fn prepare(flags: &Run, progress: &Progress) -> Result<Command, Failure> {
    let platform = stub::host_platform();
    let servers =
        stub::servers(&platform).map_err(|(message, help)| Failure::usage(message).help(help))?;
    let settings = site_settings(&flags.site, &flags.server);
    let site = pipeline::site(&flags.input, &settings, progress)?;
    let executable = Executable::new(&platform, servers, &site);
    let file = unnamed(&executable, progress).map_err(Failure::temporary)?;
    let (host, port) = (flags.host, flags.server.port);
    // Only to say now, and in more words, what the server would say when it begins.
    TcpListener::bind((host, port)).map_err(|error| {
        Failure::new(format!("cannot listen on {host}:{port}: {error}"))
            .help("give another port with -p, or another address with --host")
    })?;
    progress.clear();
    let url = url(host, port, &flags.site.base_path);
    report::print_serving(flags.story, &executable, &site, &url);
    let mut server = Command::new(format!("/proc/self/fd/{}", file.as_raw_fd()));
    server.arg0("pipkin-site").arg(format!("{host}:{port}"));
    server.envs(flags.server.env.iter().map(|Pair(key, value)| (key, value)));
    // The command names the descriptor, which stays open until the command takes over.
    std::mem::forget(file);
    Ok(server)
}

/// Where the site is, for copying into a browser.
fn url(host: Ipv4Addr, port: u16, base_path: &str) -> String {
    let slash = if base_path.is_empty() { "" } else { "/" };
    format!("http://{host}:{port}{}{slash}", base_path.replace(' ', "%20"))
}

/// The executable in a file without a name, open for reading alone: the kernel runs no file that
/// anybody may still write.
fn unnamed(executable: &Executable<'_>, progress: &Progress) -> io::Result<File> {
    progress.phase("writing", executable.bytes());
    let mut file = tempfile::tempfile()?;
    io::copy(&mut progress.watch(executable.reader()), &mut file)?;
    file.set_permissions(Permissions::from_mode(0o700))?;
    File::open(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

fn cannot_run(error: &io::Error) -> Failure {
    let folder = std::env::temp_dir();
    Failure::new(format!("cannot run the server from {}: {error}", folder.display()))
        .help("set TMPDIR to a folder in which programs may run")
}
