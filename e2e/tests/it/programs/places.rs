//! The places in which a program is tried: here, and in all that is made of it.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use e2e::{Pipkin, run};
use tempfile::TempDir;

use crate::docker::Image;

/// Who the program runs as, in numbers.
const USER: &str = "65532:65532";

/// A program, how it is built, and how it is tried.
pub(crate) struct Case<'a> {
    pub(crate) program: &'a str,
    /// Flags of `pipkin build`.
    pub(crate) flags: &'a [&'a str],
    pub(crate) args: &'a [&'a str],
    pub(crate) stdin: &'a str,
}

/// What is made of a program, for as long as the value lives.
pub(crate) struct Made {
    folder: TempDir,
    name: String,
    /// Its path in an image.
    program: String,
    _image: Image,
}

impl Made {
    /// Builds the program at `program` with `flags` for each place, under a name of this test's.
    #[track_caller]
    pub(crate) fn new(pipkin: &Pipkin, name: &str, program: &str, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tag = format!("localhost/pipkin-e2e/program-{name}:1");
        let label = format!("test={tag}");
        let outputs = ["-t", &tag, "-l", &label, "--load", "-o", "type=dir,dest=root"];
        let bundle = ["-o", "type=bundle,dest=bundle.tar"];
        let args = [&outputs[..], &bundle, flags].concat();
        let image = Image(tag.clone());
        let _ = pipkin.build(folder.path(), Path::new(program), &args);
        let empty = folder.path().join("empty");
        fs::create_dir(&empty).unwrap();
        let mut tar = Command::new("tar");
        run(tar.current_dir(folder.path()).args(["-xf", "bundle.tar", "-C", "empty"]));
        Self { folder, name: tag, program: program.into(), _image: image }
    }

    /// A command that runs the program in an engine.
    pub(crate) fn docker(&self, args: &[&str]) -> Command {
        let mut docker = Command::new("docker");
        docker.args(["run", "--rm", "-i", "--network", "host", &self.name]).args(args);
        docker
    }

    /// A command that runs the program where there is only its closure.
    pub(crate) fn root(&self, args: &[&str]) -> Command {
        chroot(&self.folder.path().join("root"), &self.program, args)
    }

    /// A command that runs the program where there is only its bundle.
    pub(crate) fn bundle(&self, args: &[&str]) -> Command {
        let name = self.program.rsplit('/').next().unwrap();
        chroot(&self.folder.path().join("empty"), &format!("/{name}/{name}"), args)
    }

    /// The same with what engines give a container, and other machines have: devices, and a `/tmp` for
    /// everybody.
    #[track_caller]
    pub(crate) fn furnished(self) -> Self {
        for root in [self.root_folder(), self.bundle_folder()] {
            for folder in ["dev", "tmp"] {
                fs::create_dir_all(root.join(folder)).unwrap();
            }
            fs::set_permissions(root.join("tmp"), fs::Permissions::from_mode(0o1777)).unwrap();
            for (name, minor) in [("null", "3"), ("urandom", "9")] {
                let device = root.join("dev").join(name);
                let mut mknod = Command::new("mknod");
                run(mknod.args(["-m", "666"]).arg(device).args(["c", "1", minor]));
            }
        }
        self
    }

    /// That the program, given `stdin`, says `expected` in all places, and ends with 0.
    #[track_caller]
    pub(crate) fn check(&self, args: &[&str], stdin: &str, expected: &str) {
        for mut place in [self.docker(args), self.root(args), self.bundle(args)] {
            let (code, found, said) = outcome(&mut place, stdin);
            assert_eq!((code, found.as_str()), (Some(0), expected), "{place:?}: {said}");
        }
    }

    /// What engines call its image.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The folder with the root filesystem of the closure.
    pub(crate) fn root_folder(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// The folder in which the bundle is alone.
    pub(crate) fn bundle_folder(&self) -> PathBuf {
        self.folder.path().join("empty")
    }
}

/// A command that runs `program` in the root filesystem `root`, as a user without rights.
fn chroot(root: &Path, program: &str, args: &[&str]) -> Command {
    let mut chroot = Command::new("chroot");
    chroot.arg(format!("--userspec={USER}")).arg(root).arg(program).args(args);
    chroot.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    chroot
}

/// Exit code and stdout of `command`, which is given `stdin`.
#[track_caller]
pub(crate) fn outcome(command: &mut Command, stdin: &str) -> (Option<i32>, String, String) {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    // A program may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code(), text(stdout), text(stderr))
}

/// What the program says here, where it ends with 0.
#[track_caller]
pub(crate) fn here(case: &Case<'_>) -> String {
    let mut here = Command::new(case.program);
    here.args(case.args).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let (code, expected, said) = outcome(&mut here, case.stdin);
    assert_eq!(code, Some(0), "{} here: {said}", case.program);
    assert_ne!(expected, "", "{} says nothing here", case.program);
    expected
}

/// That the program says in all places what it says here.
#[track_caller]
pub(crate) fn check(pipkin: &Pipkin, name: &str, case: &Case<'_>) {
    let expected = here(case);
    let made = Made::new(pipkin, name, case.program, case.flags);
    made.check(case.args, case.stdin, &expected);
}
