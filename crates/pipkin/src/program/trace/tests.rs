use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;
use crate::program::run::Files;
use crate::program::run::Limits;
use crate::program::run::Response;
use crate::program::run::samples::{argv, compile, find, run};

/// A folder with some files; `{}` stands for it in texts.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        ["a", "b", "c"].iter().for_each(|name| fs::write(place.path(name), name).unwrap());
        fs::create_dir(place.path("folder")).unwrap();
        symlink("a", place.path("link")).unwrap();
        place.script("script", "#!{}/interpreter -n\n");
        symlink("/bin/cat", place.path("interpreter")).unwrap();
        place.script("text", "echo");
        place.script("orphan", "#!{}/gone\n");
        place
    }

    fn path(&self, name: &str) -> String {
        self.fill(&format!("{{}}/{name}"))
    }

    fn fill(&self, text: &str) -> String {
        text.replace("{}", self.0.path().to_str().unwrap())
    }

    fn script(&self, name: &str, text: &str) {
        fs::write(self.path(name), self.fill(text)).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn trace(&self, words: &[&str]) -> Result<Outcome, Failure> {
        let filled: Vec<_> = words.iter().map(|word| self.fill(word)).collect();
        trace(&run(&filled, &environment(&[])))
    }

    /// What was noted of this folder, such as `opened: a b; missing: c`.
    fn noted(&self, files: &Files) -> String {
        let sets = [
            ("opened", &files.opened),
            ("folders", &files.folders),
            ("created", &files.created),
            ("seen", &files.seen),
            ("missing", &files.missing),
            ("refused", &files.refused),
        ];
        let prefix = self.path("");
        let own = sets.map(|(name, set)| {
            let own: Vec<_> = set.iter().filter_map(|path| path.strip_prefix(&prefix)).collect();
            (!own.is_empty()).then(|| format!("{name}: {}", own.join(" ")))
        });
        own.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

#[track_caller]
fn check(words: &[&str], stdout: &str, noted: &str) {
    let place = Place::new();
    let outcome = place.trace(words).unwrap();
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    assert_eq!(String::from_utf8_lossy(&outcome.stdout), place.fill(stdout), "{stderr}");
    assert_eq!(place.noted(&outcome.files), noted, "{stderr}");
}

#[track_caller]
fn check_shell(script: &str, stdout: &str, noted: &str) {
    check(&["/bin/sh", "-c", script], stdout, noted);
}

#[test]
fn what_is_opened() {
    check(&["/bin/cat", "{}/a"], "a", "opened: a");
    check(&["/bin/cat", "{}/link"], "a", "opened: link");
    check(&["{}//./interpreter", "{}/a"], "a", "opened: a interpreter");
    check(&["/bin/cat", "{}//folder/.././b"], "b", "opened: b");
    check(&["/bin/cat", "{}/a", "{}/gone", "{}/a/x"], "a", "opened: a; missing: a/x gone");
}

#[test]
fn what_children_open() {
    check_shell("cat {}/a; cat {}/b", "ab", "opened: a b");
    check_shell("(cat {}/a; exec cat {}/b) | cat; cat < {}/c", "abc", "opened: a b c");
    check(
        &["/usr/bin/env", "-i", "/bin/sh", "-c", "read x < {}/a; exec /bin/cat {}/b"],
        "b",
        "opened: a b",
    );
    check_shell("cat {}/a & wait", "a", "opened: a");
}

#[test]
fn paths_are_relative_to_folders() {
    check_shell("cd {}/folder; cat ../a; cd ..; cat ./b", "ab", "opened: a b; folders: folder");
    check(&["/usr/bin/find", "{}/folder"], "{}/folder\n", "folders: folder; seen: folder");
}

#[test]
fn what_is_asked_about() {
    check_shell("test -e {}/a; test -x {}/gone", "", "seen: a; missing: gone");
    check(&["/bin/readlink", "{}/link"], "a\n", "seen: link");
}

#[test]
fn what_is_made_is_not_needed() {
    check_shell("echo x > {}/new; cat {}/new", "x\n", "created: new");
    check_shell("echo x > {}/new; mv {}/new {}/newer; cat {}/newer", "x\n", "created: new newer");
    check_shell("echo x > {}/a; echo y >> {}/b", "", "created: a b");
    check_shell("mkdir {}/made; cd {}/made", "", "created: made");
}

#[test]
fn what_runs_has_interpreters() {
    let numbered = "     1\t#!{}/interpreter -n\n     2\ta";
    check(&["{}/script", "{}/a"], numbered, "opened: a interpreter script");
    check_shell("cd {}; ./script a", numbered, "opened: a interpreter script");
    check_shell("exec {}/orphan", "", "seen: orphan; missing: gone");
    check_shell("{}/nothing; true", "", "missing: nothing");
}

#[track_caller]
fn check_compiled(source: &str, flags: &[&str], stdout: &str, noted: &str) {
    let folder = tempfile::tempdir().unwrap();
    if let Some(program) = compile(folder.path(), source, flags) {
        check(&[&program, "{}"], stdout, noted);
    }
}

#[test]
fn threads_are_traced() {
    let source = r#"
        #include <fcntl.h>
        #include <pthread.h>
        #include <unistd.h>
        static void *look(void *name) { close(open(name, O_RDONLY)); return 0; }
        int main(int count, char **words) {
            pthread_t threads[3];
            char *names[] = {"a", "b", "gone"};
            chdir(words[1]);
            for (int i = 0; i < 3; i++) pthread_create(&threads[i], 0, look, names[i]);
            for (int i = 0; i < 3; i++) pthread_join(threads[i], 0);
        }"#;
    check_compiled(source, &["-pthread"], "", "opened: a b; missing: gone");
}

#[test]
fn a_thread_may_run_a_program() {
    let source = r#"
        #include <pthread.h>
        #include <unistd.h>
        static void *run(void *_) { execl("./interpreter", "cat", "a", (char *)0); return 0; }
        static void *wait(void *_) { pause(); return 0; }
        int main(int count, char **words) {
            pthread_t threads[2];
            chdir(words[1]);
            pthread_create(&threads[0], 0, wait, 0);
            pthread_create(&threads[1], 0, run, 0);
            pause();
        }"#;
    check_compiled(source, &["-pthread"], "a", "opened: a interpreter");
}

#[test]
fn paths_are_relative_to_descriptors() {
    let source = r#"
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/wait.h>
        #include <unistd.h>
        int main(int count, char **words) {
            struct stat found;
            unsigned long how[3] = {O_RDONLY};
            int folder = open(words[1], O_DIRECTORY);
            int file = openat(folder, "a", O_RDONLY);
            syscall(SYS_openat2, folder, "b", how, sizeof how);
            fstatat(folder, "link", &found, AT_SYMLINK_NOFOLLOW);
            fstat(file, &found);
            openat(folder, "gone", O_RDONLY);
            openat(folder, "new", O_CREAT | O_RDWR, 0600);
            openat(file, "gone", O_RDONLY);
            if (vfork() == 0) {
                char *none[] = {"cat", 0};
                fchdir(folder);
                execve("interpreter", none, none + 1);
                _exit(1);
            }
            wait(0);
            fchdir(folder);
            execveat(open("c", O_PATH), "", words, words + count, AT_EMPTY_PATH);
        }"#;
    let noted =
        "opened: a b interpreter; created: new; seen: c link; missing: a/gone gone; refused: c";
    check_compiled(source, &[], "", noted);
}

#[test]
fn small_programs_are_read_as_such() {
    let source = r#"
        __asm__(".globl _start\n_start: mov %esp, %eax\npush %eax\ncall begin");
        static void call(int number, const void *one) {
            __asm__ volatile("int $0x80" : "+a"(number) : "b"(one), "c"(0), "d"(0) : "memory");
        }
        void begin(char **stack) {
            call(12, stack[2]);
            call(5, "a");
            call(5, "gone");
            call(33, "b");
            call(1, 0);
        }"#;
    if cfg!(target_arch = "x86_64") {
        let flags = ["-m32", "-nostdlib", "-static", "-fno-pie", "-no-pie"];
        check_compiled(source, &flags, "", "opened: a; seen: b; missing: gone");
    }
}

#[test]
fn signals_are_passed_on() {
    check_shell("trap 'cat {}/a' USR1; kill -USR1 $$; cat {}/b", "ab", "opened: a b");
    check_shell("kill -STOP $$; cat {}/a", "a", "opened: a");
    check_shell("(kill -KILL $$); cat {}/a", "", "");
}

/// Gives it a second and a half, and what it has started as much.
#[track_caller]
fn check_end(script: &str, status: Status, stdout: &str, warnings: &[&str]) {
    let place = Place::new();
    let argv = argv(&["/bin/sh", "-c", &place.fill(script)]);
    let [limit, rest, end] = [1500, 1500, 300].map(Duration::from_millis);
    let start = Instant::now();
    let limits = Limits { run: limit, rest, end };
    let outcome = trace(&Run { limits, ..run(&argv, &environment(&[])) }).unwrap();
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!((outcome.status, outcome.warnings), (status, self::argv(warnings)));
    assert_eq!(String::from_utf8(outcome.stdout).unwrap(), stdout);
}

#[test]
fn every_program_ends() {
    let late = &["/bin/sh still ran after 1.5 seconds, and was told to end"];
    check_end("exit 3", Status::Exited(3), "", &[]);
    check_end("kill -SEGV $$", Status::Killed(11), "", &[]);
    check_end("cat {}/a; exec sleep 100", Status::Ended, "a", late);
    check_end("trap 'cat {}/b; exit' TERM; sleep 100 & wait", Status::Ended, "b", late);
    check_end("trap '' TERM; sleep 100; sleep 100", Status::Ended, "", late);
    check_end("(sleep 100; cat {}/b) & cat {}/a", Status::Exited(0), "a", &[]);
    check_end("(sleep 0.1; cat {}/a) & exit 7", Status::Exited(7), "a", &[]);
}

#[track_caller]
fn check_failure(words: &[&str], expected: &str) {
    let place = Place::new();
    let failure = place.trace(words).unwrap_err();
    assert_eq!(failure.to_string(), place.fill(expected));
}

#[test]
fn what_cannot_be_run_says_why() {
    let help = "\n help: give the path of a program that runs on this machine";
    let missing = "No such file or directory (os error 2)";
    check_failure(&["{}/gone"], &format!("error: cannot run {{}}/gone: {missing}{help}"));
    check_failure(
        &["{}/orphan"],
        &format!(
            "error: cannot run {{}}/orphan: {missing}\n help: install its interpreter, {{}}/gone"
        ),
    );
    let refused = "Permission denied (os error 13)";
    check_failure(&["{}/a"], &format!("error: cannot run {{}}/a: {refused}{help}"));
    check_failure(&["{}/folder"], &format!("error: cannot run {{}}/folder: {refused}{help}"));
    let format = "Exec format error (os error 8)";
    check_failure(&["{}/text"], &format!("error: cannot run {{}}/text: {format}{help}"));
}

#[test]
fn arguments_may_be_too_long() {
    let expected = "error: cannot start pipkin once more: Argument list too long (os error 7)\n \
                    help: trace and verify with arguments and variables of less than 128 KiB";
    check_failure(&["/bin/true", &"x".repeat(128 << 10)], expected);
}

#[test]
fn loaders_are_interpreters() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["-Wl,--dynamic-linker=/nowhere/ld.so"];
    let Some(program) = compile(folder.path(), "int main(void) {}", &flags) else { return };
    let missing = "No such file or directory (os error 2)";
    let help = " help: install its interpreter, /nowhere/ld.so";
    check_failure(&[&program], &format!("error: cannot run {program}: {missing}\n{help}"));
    let cat = fs::read("/bin/cat").unwrap();
    let loader = pipkin_elf::Object::read(&cat).unwrap().interpreter().map(String::from);
    let outcome = Place::new().trace(&["/bin/cat"]).unwrap();
    assert!(outcome.files.opened.contains(&loader.unwrap()), "{:?}", outcome.files.opened);
}

#[test]
fn what_cannot_be_traced_says_why() {
    let source = r#"
        #include <signal.h>
        static void handle(int _) {}
        int main(void) { signal(SIGRTMIN + 3, handle); return raise(SIGRTMIN + 3); }"#;
    let folder = tempfile::tempdir().unwrap();
    let Some(program) = compile(folder.path(), source, &[]) else { return };
    let expected = "sends the real-time signal 37\n help: leave --trace and --verify out, and name \
                    what it opens with --include";
    check_failure(&[&program], &format!("error: cannot trace {program}: it {expected}"));
}

#[test]
fn the_user_may_interrupt() {
    let argv = argv(&["/bin/sleep", "100"]);
    let start = Instant::now();
    let failure = trace(&Run { is_interrupted: || true, ..run(&argv, &[]) }).unwrap_err();
    assert_eq!(failure.to_string(), "error: interrupted");
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn the_environment_is_that_of_a_container() {
    let variables =
        [("A", "b"), ("HOME", "/home")].map(|(name, value)| (name.into(), value.into()));
    let argv = argv(&["/usr/bin/env"]);
    let outcome = trace(&run(&argv, &environment(&variables))).unwrap();
    let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n";
    assert_eq!(String::from_utf8(outcome.stdout).unwrap(), format!("A=b\nHOME=/home\n{path}"));
}

#[test]
fn outputs_are_kept_apart() {
    let outcome = Place::new().trace(&["/bin/sh", "-c", "echo out; echo err >&2; cat"]).unwrap();
    assert_eq!((&*outcome.stdout, &*outcome.stderr), (&b"out\n"[..], &b"err\n"[..]));
}

/// A server that answers with the content of a file; its port is one that was free.
const SERVER: &str = r#"
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path[1:]
        body = b"" if name == "error" else open(sys.argv[1] + name, "rb").read()
        self.send_response(500 if name == "error" else 200)
        self.end_headers()
        self.wfile.write(body)
if sys.argv[2] == "broken":
    sys.exit("no luck")
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
if sys.argv[2] == "daemon" and os.fork():
    os._exit(0)
server.serve_forever()
"#;

fn serve(mode: &str, paths: &[&str]) -> Option<(Place, Result<Outcome, Failure>)> {
    let place = Place::new();
    let argv = argv(&[&find("python3")?, "-c", SERVER, &place.path(""), mode]);
    let http = self::argv(paths);
    let result = trace(&Run { http: &http, ..run(&argv, &environment(&[])) });
    Some((place, result))
}

#[track_caller]
fn check_server(mode: &str, status: &Status) {
    let Some((place, outcome)) = serve(mode, &["/a", "/b"]) else { return };
    let outcome = outcome.unwrap();
    let answer = |(path, body): (&str, &str)| Answer {
        path: path.into(),
        response: Ok(Response { status: 200, body: body.into() }),
    };
    assert_eq!(outcome.answers, [("/a", "a"), ("/b", "b")].map(answer));
    assert_eq!(outcome.status, *status);
    assert!(
        place.noted(&outcome.files).ends_with("opened: a b"),
        "{:?}",
        place.noted(&outcome.files)
    );
}

#[test]
fn a_server_is_asked_and_ended() {
    check_server("stay", &Status::Ended);
    check_server("daemon", &Status::Exited(0));
}

#[track_caller]
fn check_no_answer(mode: &str, path: &str, expected: &str) {
    let Some((_, outcome)) = serve(mode, &[path]) else { return };
    let failure = outcome.unwrap_err().to_string();
    let help = " help: give arguments after -- with which it serves on this machine";
    let (first, last) = failure.split_once('\n').unwrap();
    assert_eq!(first, format!("error: /usr/bin/python3 did not answer GET {path}: {expected}"));
    assert!(last.ends_with(help), "{failure}");
}

#[test]
fn a_server_that_does_not_answer_says_why() {
    check_no_answer("broken", "/a", "no answer: it ended before it listened");
    check_no_answer("stay", "/error", "500");
    check_no_answer("stay", "/gone", "no answer: this is no HTTP/1.1 response");
    let (_, outcome) = serve("broken", &["/a"]).unwrap();
    assert!(outcome.unwrap_err().to_string().contains("\n   no luck\n"));
}
