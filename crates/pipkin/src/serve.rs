//! `pipkin run`: the executable that an image would hold, run right here: a server, or a program.
//!
//! It is written to a file without a name and then takes this process's place, so signals reach
//! the server itself, and nothing is left behind however it ends.

use std::fs::{File, Permissions};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use pipkin_elf::Shape;
use pipkin_image::Platform;

use crate::executable::Executable;
use crate::failure::Failure;
use crate::flags::Run;
use crate::input::{Compiled, Input};
use crate::progress::Progress;
use crate::{pipeline, plan, report, stub};

/// Serves the input; returns only when it cannot.
pub(crate) fn serve(flags: &Run) -> Failure {
    let progress = Progress::start(flags.story);
    let ready = prepare(flags, &progress).and_then(|ready| {
        ready.check_address()?;
        Ok(ready)
    });
    progress.clear();
    match ready {
        Ok(ready) => {
            ready.tell();
            let error = ready.command().exec();
            cannot_run(&error)
        }
        Err(failure) => failure,
    }
}

/// An executable that is ready to run.
pub(crate) struct Ready {
    file: File,
    /// Where it will listen; a program does not.
    address: Option<(Ipv4Addr, u16)>,
    args: Vec<String>,
    env: Vec<(String, String)>,
    /// What it was made of, by the canonical paths of files and folders.
    pub(crate) sources: Vec<PathBuf>,
    /// What to say about it.
    lines: Vec<String>,
}

/// Builds the executable.
pub(crate) fn prepare(flags: &Run, progress: &Progress) -> Result<Ready, Failure> {
    let platform: Platform = stub::host_platform();
    let input = Input::find_served(&flags.input, flags.kind)?;
    let Compiled { mut servers, declared, mut sources } =
        input.servers(std::slice::from_ref(&platform), progress)?;
    let (_, server) = servers.remove(0);
    plan::check_run(flags, &input, &declared)?;
    let host = flags.host.unwrap_or(Ipv4Addr::LOCALHOST);
    let port = plan::port(&flags.server, &declared);
    let content = plan::content(&input, &flags.site, &flags.server, &declared)?;
    let site = content.as_ref().map(|content| pipeline::site(content, progress)).transpose()?;
    let executable = Executable::new(&platform, &server, site.as_ref(), port, &[Shape::Portable])?;
    let file = unnamed(&executable, progress).map_err(Failure::temporary)?;
    let env = plan::variables(&flags.server, &declared);
    if executable.is_program {
        let args = if flags.args.is_empty() { declared.args } else { flags.args.clone() };
        return Ok(Ready { file, address: None, args, env, sources, lines: Vec::new() });
    }
    let base_path = content.as_ref().map_or("", |content| &content.settings.base_path);
    let what = match (&input, &site) {
        (Input::Folder(_), Some(site)) => report::files(site),
        _ => input.name().unwrap_or_default(),
    };
    let url = url(host, port, if matches!(input, Input::Folder(_)) { base_path } else { "" });
    let lines = report::serving(flags.story, &executable, site.as_ref(), &what, &url);
    sources.extend(content.and_then(|content| content.folder.canonicalize().ok()));
    let (address, args) = (Some((host, port)), vec![format!("{host}:{port}")]);
    Ok(Ready { file, address, args, env, sources, lines })
}

impl Ready {
    /// Whether it listens, and goes on until it is told to end.
    pub(crate) fn serves(&self) -> bool {
        self.address.is_some()
    }

    /// Only to say now, and in more words, what the server would say when it begins.
    pub(crate) fn check_address(&self) -> Result<(), Failure> {
        let Some((host, port)) = self.address else { return Ok(()) };
        let listener = TcpListener::bind((host, port));
        listener.map(drop).map_err(|error| {
            Failure::new(format!("cannot listen on {host}:{port}: {error}"))
                .help("give another port with -p, or another address with --host")
        })
    }

    /// Says what is served and where.
    pub(crate) fn tell(&self) {
        self.lines.iter().for_each(|line| report::tell(line));
    }

    /// The command that serves. It names the descriptor of the file, which stays open until the
    /// command takes over.
    pub(crate) fn command(&self) -> Command {
        let mut server = Command::new(format!("/proc/self/fd/{}", self.file.as_raw_fd()));
        server.arg0(if self.serves() { "pipkin-site" } else { "program" }).args(&self.args);
        server.envs(self.env.iter().map(|(name, value)| (name, value)));
        server
    }
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

pub(crate) fn cannot_run(error: &io::Error) -> Failure {
    let folder = std::env::temp_dir();
    Failure::new(format!("cannot run the server from {}: {error}", folder.display()))
        .help("set TMPDIR to a folder in which programs may run")
}
