//! Roots with programs that are made here, and folders with nothing but a closure in them, in which
//! they have to run.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use pipkin_closure::{Body, Closure, Error, Settings, find};
use tempfile::TempDir;

pub(crate) const LOADER: &str = "/lib64/ld-linux-x86-64.so.2";
pub(crate) const LIBS: &str = "/lib/x86_64-linux-gnu";
pub(crate) const MUSL: &str = "/lib/ld-musl-x86_64.so.1";
/// A program that does nothing but say that it ran.
const RUNS: &str = "#include <stdio.h>\nint main(void) { puts(\"ran\"); return 0; }\n";

/// Has the loader of the program in its first argument tell what it takes. It is static: a variable
/// that is set before would have the loader of chroot do that.
const TRACE: &str = "#include <unistd.h>\nint main(int count, char **args) {\n\
    char *env[] = {\"LD_TRACE_LOADED_OBJECTS=1\", 0};\n\
    for (int i = 0; i < 100; i++) execve(args[1], args + 1, env), usleep(10000);\n\
    return 1;\n}\n";

/// Times that a program is run when its file is busy, at most.
const RUNS_MAX: usize = 100;

/// Whether all of `needs` are here; CI may skip nothing.
pub(crate) fn are_here(needs: &[&str]) -> bool {
    let missing = needs.iter().find(|need| !Path::new(need).exists());
    let is_root = Command::new("unshare").args(["--mount", "chroot", "/", "true"]).output();
    let is_root = is_root.is_ok_and(|output| output.status.success());
    let is_debian = missing.is_none() && cfg!(target_arch = "x86_64") && is_root;
    let why = missing.map_or("chroot as root", |missing| missing);
    assert!(is_debian || std::env::var_os("CI").is_none(), "{why} is missing");
    is_debian
}

/// A root filesystem.
pub(crate) struct Lab {
    folder: TempDir,
    /// Libraries with nothing in them, by soname, for linkers to put names into what they link.
    stubs: RefCell<BTreeMap<String, PathBuf>>,
}

impl Lab {
    /// A root with glibc in it, or none where there is no compiler.
    pub(crate) fn new() -> Option<Self> {
        if !are_here(&["/usr/bin/gcc", LOADER]) {
            return None;
        }
        let lab = Self { folder: folder(), stubs: RefCell::default() };
        lab.copy(LOADER);
        lab.copy(&format!("{LIBS}/libc.so.6"));
        lab.c("/.trace", TRACE, &["-static"]);
        Some(lab)
    }

    /// Where `path` is, seen from outside.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        let at = self.folder.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        at
    }

    /// Copies a file of the machine to where it is there.
    pub(crate) fn copy(&self, path: &str) {
        fs::copy(path, self.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::write(self.at(path), text).unwrap();
    }

    pub(crate) fn executable(&self, path: &str, text: &str) {
        self.write(path, text);
        self.chmod(path, 0o755);
    }

    pub(crate) fn chmod(&self, path: &str, mode: u32) {
        fs::set_permissions(self.at(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(crate) fn link(&self, path: &str, target: &str) {
        symlink(target, self.at(path)).unwrap();
    }

    /// Compiles C.
    pub(crate) fn c(&self, path: &str, source: &str, flags: &[&str]) {
        compile("gcc", source, &self.at(path), flags);
    }

    /// A program that needs libraries, by name.
    pub(crate) fn program(&self, path: &str, needed: &[&str], flags: &[&str]) {
        self.c(path, RUNS, &self.linked(needed, flags, &[]));
    }

    /// The same with musl.
    pub(crate) fn musl_program(&self, path: &str, needed: &[&str], flags: &[&str]) {
        compile("musl-gcc", RUNS, &self.at(path), &self.linked(needed, flags, &[]));
    }

    /// A library with a soname, unless that is empty, which needs others.
    pub(crate) fn library(&self, path: &str, soname: &str, needed: &[&str], flags: &[&str]) {
        let name = format!("-Wl,-soname,{soname}");
        let own = ["-shared", "-nostdlib", &name];
        let own = if soname.is_empty() { &own[..2] } else { &own };
        self.c(path, "", &self.linked(needed, flags, own));
    }

    fn linked<'a>(&self, needed: &[&str], flags: &[&'a str], own: &[&'a str]) -> Vec<&'a str> {
        let stubs = needed.iter().map(|name| &*self.stub(name).leak());
        let flags = own.iter().chain(flags).copied();
        flags.chain(["-Wl,--no-as-needed"]).chain(stubs).collect()
    }

    fn stub(&self, soname: &str) -> String {
        let mut stubs = self.stubs.borrow_mut();
        let path = self.folder.path().join(format!(".stubs/{}.so", stubs.len()));
        let path = stubs.entry(soname.into()).or_insert_with(|| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let name = format!("-Wl,-soname,{soname}");
            compile("gcc", "", &path, &["-shared", "-nostdlib", &name]);
            path
        });
        path.to_str().unwrap().into()
    }

    /// Makes the cache, as ldconfig does.
    pub(crate) fn ldconfig(&self) {
        self.at("/etc/ld.so.cache");
        let status = Command::new("/sbin/ldconfig").arg("-r").arg(self.folder.path()).status();
        assert!(status.unwrap().success());
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings { root: self.folder.path().into(), ..Settings::default() }
    }

    pub(crate) fn find(&self, program: &str) -> Result<Closure, Error> {
        find(program, &self.settings())
    }

    /// Runs `words` with this as the root.
    pub(crate) fn run(&self, words: &[&str]) -> Output {
        run(self.folder.path(), words, &[])
    }

    /// The libraries that the loader takes for `program`, by where they are without links.
    pub(crate) fn loaded(&self, program: &str) -> BTreeSet<String> {
        self.paths(&self.traced(program))
    }

    /// What the loader says that it takes for `program`.
    pub(crate) fn traced(&self, program: &str) -> Output {
        self.run(&["/.trace", program])
    }

    /// The same for musl.
    pub(crate) fn loaded_by_musl(&self, program: &str) -> BTreeSet<String> {
        self.paths(&self.run(&[MUSL, "--list", program]))
    }

    fn paths(&self, output: &Output) -> BTreeSet<String> {
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        let real = |line: &str| {
            let path = line.split_once(" => ").map_or(line, |(_, path)| path).trim();
            let path = self.at(path.split(" (").next()?).canonicalize().ok()?;
            let path = path.strip_prefix(self.folder.path()).ok()?;
            Some(format!("/{}", path.to_str()?))
        };
        text.lines().filter_map(real).filter(|path| is_ours(path)).collect()
    }
}

/// Whether a file is one of those made here, rather than of a libc.
pub(crate) fn is_ours(path: &str) -> bool {
    !["ld-linux", "ld-musl", "libc.so", "libc.musl"].iter().any(|name| path.contains(name))
}

/// The libraries in a closure but those of libc.
pub(crate) fn libraries(closure: &Closure) -> BTreeSet<String> {
    let is_library = |(path, entry): &(&String, &pipkin_closure::Entry)| {
        matches!(entry.body, Body::File { .. }) && path.contains(".so") && is_ours(path)
    };
    closure.entries.iter().filter(is_library).map(|(path, _)| path.clone()).collect()
}

pub(crate) fn compile(compiler: &str, source: &str, to: &Path, flags: &[&str]) {
    let mut command = Command::new(compiler);
    command.args(["-w", "-x", "c", "-", "-x", "none", "-o"]).arg(to).args(flags);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(source.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "{compiler} {flags:?}");
}

/// Runs `words` in the root `folder`, with `/proc` and `/dev` as in any container.
pub(crate) fn run(folder: &Path, words: &[&str], env: &[(String, String)]) -> Output {
    const SCRIPT: &str = "set -e; cd \"$0\"; mkdir -p proc dev; mount --rbind /proc proc; \
                          mount --rbind /dev dev; exec chroot --userspec=65532:65532 . \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", SCRIPT]).arg(folder).args(words).env_clear();
    command.env("PATH", pipkin_closure::PATH.join(":"));
    command.envs(env.iter().cloned()).stdin(Stdio::null());
    // A file that was just written is busy for as long as a process that another test starts at that
    // moment has its descriptor.
    let is_busy = |output: &Output| output.stderr.ends_with(b"Text file busy\n");
    let mut outputs = (0..RUNS_MAX).map(|_| command.output().unwrap());
    outputs.find(|output| !is_busy(output)).expect("it is busy no longer")
}

/// A folder that is a root for everybody.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// A folder with what is in the closure, and nothing else.
pub(crate) fn materialise(closure: &Closure) -> TempDir {
    let folder = folder();
    for (path, entry) in &closure.entries {
        let at = folder.path().join(&path[1..]);
        let above: Vec<_> = at.ancestors().skip(1).take_while(|at| *at != folder.path()).collect();
        for at in above.into_iter().rev() {
            // A layer in which a file is below a link means another file to each who unpacks it.
            assert!(!at.is_symlink(), "{path} is below a link");
            if !at.exists() {
                fs::create_dir(at).unwrap();
            }
        }
        let modes = |mode| fs::Permissions::from_mode(mode);
        match &entry.body {
            Body::File { source, mode, bytes } => {
                assert_eq!(fs::copy(source, &at).unwrap(), *bytes, "{path}");
                fs::set_permissions(&at, modes(*mode)).unwrap();
            }
            Body::Made(bytes) => fs::write(&at, bytes).unwrap(),
            Body::Link(target) => symlink(target, &at).unwrap(),
            Body::Folder(mode) => {
                fs::create_dir(&at).unwrap();
                fs::set_permissions(&at, modes(*mode)).unwrap();
            }
        }
    }
    folder
}

/// What the program says in a root with nothing but its closure; it has to end well.
#[track_caller]
pub(crate) fn said(closure: &Closure, args: &[&str]) -> String {
    let words: Vec<&str> = [closure.program.as_str()].iter().chain(args).copied().collect();
    said_by(closure, &words)
}

/// What a command says there.
#[track_caller]
pub(crate) fn said_by(closure: &Closure, words: &[&str]) -> String {
    let folder = materialise(closure);
    let output = run(folder.path(), words, &closure.env);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{:?}: {}", output.status, text(&output.stderr));
    text(&output.stdout)
}

/// Everything that has to be so in any closure.
#[track_caller]
pub(crate) fn sound(closure: &Closure) {
    for path in closure.entries.keys() {
        let chain = closure.why(path).unwrap_or_else(|| panic!("no chain for {path}"));
        assert_eq!(chain[0].0, path);
        let (end, reason) = chain.last().unwrap();
        assert!(reason.by.is_none(), "the chain of {path} ends at {end}: {reason}");
        assert!(!chain.iter().any(|(path, _)| closure.left.iter().any(|left| left.name == *path)));
    }
    materialise(closure);
}
