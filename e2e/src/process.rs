//! Child processes that never outlive a test.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use crate::ready::is_root;

/// How long anything may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);

/// What `command` prints on stdout.
///
/// # Panics
///
/// When it does not exit with 0; the message has its stderr.
#[track_caller]
pub fn run(command: &mut Command) -> Vec<u8> {
    let done = run_any(command);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {}\n{said}", done.status);
    done.stdout
}

/// What `command` prints and ends with.
///
/// # Panics
///
/// When it cannot be started.
#[track_caller]
pub fn run_any(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output();
    output.unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// `program` as somebody who may not do everything: as it is, unless this process is root.
#[must_use]
pub fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(program);
    command
}

/// Sends a signal, such as `TERM`, to one process.
///
/// # Panics
///
/// When there is no such process.
#[track_caller]
pub fn signal(process: u32, name: &str) {
    run(Command::new("kill").arg(format!("-{name}")).arg(process.to_string()));
}

/// What `child` ends with.
///
/// # Panics
///
/// When it does not end within 20 seconds; it is killed then.
#[track_caller]
pub fn wait(child: &mut Child) -> ExitStatus {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return status;
        }
        std::thread::sleep(PAUSE);
    }
    child.kill().expect("a child can be killed");
    panic!("process {} did not end", child.id());
}

/// A port of 127.0.0.1 that nobody uses now.
///
/// # Panics
///
/// When there is none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

/// The processes whose parent is `process`, from proc(5).
///
/// # Panics
///
/// Never where the kernel lists children.
#[must_use]
pub fn children(process: u32) -> Vec<u32> {
    let path = format!("/proc/{process}/task/{process}/children");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().map(|id| id.parse().expect("a number")).collect()
}

/// The platforms whose programs run here only under an emulator, and that.
pub const EMULATED: [(&str, &str); 2] =
    [("linux/arm64", "qemu-aarch64-static"), ("linux/riscv64", "qemu-riscv64-static")];

/// A server that runs as a child.
pub struct Server {
    child: Child,
    /// Where it answers.
    pub address: SocketAddr,
}

impl Server {
    /// Starts `command`, which will listen on `port` of 127.0.0.1, and waits until it does.
    ///
    /// # Panics
    ///
    /// When it ends or does not listen within 20 seconds.
    #[track_caller]
    pub fn start(command: &mut Command, port: u16) -> Self {
        Self::start_at(command, SocketAddr::from(([127, 0, 0, 1], port)))
    }

    /// Starts `command`, which will listen at `address`, and waits until it does.
    ///
    /// # Panics
    ///
    /// When it ends or does not listen within 20 seconds.
    #[track_caller]
    pub fn start_at(command: &mut Command, address: SocketAddr) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut server = Self { child, address };
        server.wait_until_it_listens();
        server
    }

    #[track_caller]
    fn wait_until_it_listens(&mut self) {
        let start = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            let ended = self.child.try_wait().expect("a child can be waited for");
            assert!(ended.is_none(), "the server ended: {ended:?}");
            assert!(start.elapsed() < PATIENCE, "nobody listens on {}", self.address);
            std::thread::sleep(PAUSE);
        }
    }

    /// Its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends `name`, such as `TERM`; what the server ends with.
    #[track_caller]
    pub fn stop(mut self, name: &str) -> ExitStatus {
        signal(self.child.id(), name);
        wait(&mut self.child)
    }
}

impl Drop for Server {
    /// SIGTERM, for the server takes its workers along; nothing may panic here.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let id = self.child.id().to_string();
            Command::new("kill").args(["-TERM", &id]).status().ok();
            self.child.wait().ok();
        }
    }
}
