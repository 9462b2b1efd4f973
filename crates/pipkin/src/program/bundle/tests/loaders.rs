//! What launchers do with dynamic linkers that are odd, cut or not there.

use super::*;

/// A program with a single segment that ends with status 0 if registers are as the kernel hands them
/// over: nothing where a function to register with atexit(3) may be, and a stack at a multiple of 16.
const CODE: &[u8] = if cfg!(target_arch = "x86_64") {
    // mov rax, rsp; and eax, 15; or rdx, rax; setne dil; movzx edi, dil; mov eax, 60; syscall
    b"\x48\x89\xe0\x83\xe0\x0f\x48\x09\xc2\x40\x0f\x95\xc7\x40\x0f\xb6\xff\xb8\x3c\0\0\0\x0f\x05"
} else {
    // cmp x0, #0; cset w0, ne; mov x8, #93; svc #0
    b"\x1f\0\0\xf1\xe0\x07\x9f\x1a\xa8\x0b\x80\xd2\x01\0\0\xd4"
};

/// Bytes that a launcher reads for the headers.
const HEADERS_BYTES: usize = 64 + 16 * 56;

/// A dynamic linker with `count` program headers, of which the first is of the type `kind`.
fn linker(count: u16, kind: u32) -> Vec<u8> {
    let mut file = vec![0; HEADERS_BYTES];
    file.extend(CODE);
    let bytes = file.len() as u64;
    let mut put = |at: usize, field: &[u8]| file[at..at + field.len()].copy_from_slice(field);
    put(0, b"\x7fELF");
    put(24, &(HEADERS_BYTES as u64).to_le_bytes());
    put(56, &count.to_le_bytes());
    put(64, &kind.to_le_bytes());
    put(68, &5_u32.to_le_bytes());
    put(64 + 32, &bytes.to_le_bytes());
    put(64 + 40, &bytes.to_le_bytes());
    put(64 + 48, &0x1000_u64.to_le_bytes());
    file
}

/// The bundle of a shell, and its dynamic linker.
struct Shell {
    unpacked: Unpacked,
    linker: PathBuf,
    /// The path of it by which the launcher goes.
    path: String,
}

impl Shell {
    fn new() -> Self {
        let unpacked = Unpacked::shell();
        let closure = pipkin_closure::find("/bin/sh", &Settings::default()).unwrap();
        let elves = file::read_all(&closure).unwrap();
        let real = closure.real_path("/bin/sh").unwrap();
        let path = elves[real.as_str()].interpreter.clone().unwrap();
        let linker = unpacked.at(&format!("sh/rootfs{}", closure.real_path(&path).unwrap()));
        let path = format!("/rootfs/bin{}/rootfs{path}", "/..".repeat(real.matches('/').count()));
        Self { unpacked, linker, path }
    }

    #[track_caller]
    fn check(&self, folder: &str, errno: u8, code: i32) {
        let program = format!("{folder}/sh");
        let output = output(self.unpacked.alone(&program).args(ECHO), b"");
        let message = format!("{program}: cannot start {folder}{}: errno {errno}\n", self.path);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((stderr, output.status.code()), (message, Some(code)));
    }

    #[track_caller]
    fn check_with(&self, linker: &[u8], errno: u8) {
        fs::write(&self.linker, linker).unwrap();
        self.check("/sh", errno, 126);
    }
}

#[test]
fn what_cannot_be_started_is_told_as_a_shell_does() {
    let shell = Shell::new();
    shell.check_with(b"text", 8);
    fs::remove_file(&shell.linker).unwrap();
    shell.check("/sh", 2, 127);
    symlink(shell.linker.file_name().unwrap(), &shell.linker).unwrap();
    shell.check("/sh", 40, 126);
    fs::remove_file(&shell.linker).unwrap();
    fs::create_dir(&shell.linker).unwrap();
    shell.check("/sh", 21, 126);
}

/// In its headers, in code, and in the last segment, of which the end is not far from that of the file.
#[test]
fn a_linker_that_is_cut_is_none() {
    let shell = Shell::new();
    let whole = fs::read(&shell.linker).unwrap();
    let headers = [0, 3, 4, 63, 64, 100, 120, 121, 176, 300, 568, HEADERS_BYTES - 1, HEADERS_BYTES];
    for cut in headers.into_iter().chain((4096..whole.len() * 9 / 10).step_by(40_000)) {
        shell.check_with(&whole[..cut], 8);
    }
}

#[test]
fn a_linker_starts_as_the_kernel_starts_programs() {
    let shell = Shell::new();
    fs::write(&shell.linker, linker(1, 1)).unwrap();
    check(&mut shell.unpacked.alone("/sh/sh"), "");
    fs::write(&shell.linker, linker(16, 1)).unwrap();
    check(&mut shell.unpacked.alone("/sh/sh"), "");
    // More headers than there is room for; no segment; none.
    shell.check_with(&linker(17, 1), 8);
    shell.check_with(&linker(1, 4), 8);
    shell.check_with(&linker(0, 1), 8);
}

/// Its list of folders would have others in it, and libraries of the machine be found there.
#[test]
fn a_folder_that_is_a_list_is_refused() {
    let shell = Shell::new();
    for name in ["a:b", "a;b"] {
        let folder = shell.unpacked.at(name);
        fs::create_dir(&folder).unwrap();
        fs::rename(shell.unpacked.at("sh"), folder.join("sh")).unwrap();
        shell.check(&format!("/{name}/sh"), 22, 126);
        fs::rename(folder.join("sh"), shell.unpacked.at("sh")).unwrap();
    }
}

/// It would execute itself for ever.
#[test]
fn a_launcher_without_a_recipe_starts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty");
    let closure = pipkin_closure::find("/bin/sh", &Settings::default()).unwrap();
    fs::write(&path, launcher(&closure, vec![0]).unwrap()).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let output = output(Command::new(&path).arg0("empty"), b"");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "empty: cannot start : errno 2\n");
    assert_eq!(output.status.code(), Some(127));
}
