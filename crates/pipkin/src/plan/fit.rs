//! Flags that mean nothing for an input: saying so is better than leaving somebody to believe in them.

use std::num::NonZeroU16;
use std::path::Path;

use crate::destination::Destination;
use crate::failure::Failure;
use crate::flags::{Build, Program, Run, Server, Site};
use crate::handler::Declared;
use crate::input::Input;

/// Whether a flag is given, and its name.
type Given = (bool, &'static str);

/// That the flags are for `input`, as far as that is known before it is compiled.
pub(super) fn check(flags: &Build, input: &Input) -> Result<(), Failure> {
    match input {
        Input::Program(program) => check_program(flags, &program.path),
        Input::Document(_) => {
            check_document(flags).and_then(|()| check_served(flags, input.what()))
        }
        _ => check_served(flags, input.what()),
    }
}

/// The same for what is known once it is compiled.
pub(super) fn check_declared(
    flags: &Build,
    input: &Input,
    declared: &Declared,
) -> Result<(), Failure> {
    match input {
        Input::Program(_) => Ok(()),
        Input::Handler(source) if declared.is_program => {
            let program = source.path().display().to_string();
            none_is_given([(flags.no_healthcheck, "--no-healthcheck")], &program)
        }
        _ => check_args(&flags.args, input.what()),
    }
}

fn check_program(flags: &Build, program: &str) -> Result<(), Failure> {
    let healthcheck = (flags.no_healthcheck, "--no-healthcheck");
    let given =
        of_site(&flags.site).into_iter().chain(of_server(&flags.server)).chain([healthcheck]);
    let Program { trace, trace_http, verify, .. } = &flags.program;
    if !trace_http.is_empty() && trace.is_empty() && verify.is_none() {
        return Err(Failure::usage("--trace-http asks a server that runs, and none does")
            .help("give --trace or --verify, too"));
    }
    none_is_given(given, program)
}

fn none_is_given(given: impl IntoIterator<Item = Given>, program: &str) -> Result<(), Failure> {
    match first(given) {
        None => Ok(()),
        Some(flag) => Err(Failure::usage(format!(
            "{flag} is for what pipkin serves, and {program} is a program"
        ))
        .help("leave it out")),
    }
}

/// A micro server has no part that such a flag could change.
fn check_document(flags: &Build) -> Result<(), Failure> {
    let env = (!flags.server.env.is_empty(), "-e");
    let given = of_site(&flags.site).into_iter().chain(of_server(&flags.server)).chain([env]);
    if let Some(flag) = first(given) {
        return Err(Failure::usage(format!("{flag} is more than --server micro can do"))
            .help("leave out one of the two"));
    }
    match &flags.args[..] {
        [] => Ok(()),
        [port] if !port.starts_with('+') && port.parse::<NonZeroU16>().is_ok() => Ok(()),
        _ => Err(Failure::usage(format!(
            "a micro server listens on every address and takes a port alone, and not: {}",
            flags.args.join(" ")
        ))
        .help("-p gives the port; or leave out --server micro")),
    }
}

fn check_served(flags: &Build, what: &str) -> Result<(), Failure> {
    if let Some(flag) = first(of_program(&flags.program)) {
        return Err(Failure::usage(format!("{flag} is for a program, and this is a {what}"))
            .help("leave it out, or give the path of a program"));
    }
    let mut places = flags.outputs.iter().filter_map(|output| output.resolve(None).ok());
    if places.any(|place| matches!(place, Destination::Bundle(_))) {
        return Err(Failure::usage(format!("a bundle is of a program, and this is a {what}"))
            .help("-o type=exe,dest=PATH writes a server that runs on any Linux"));
    }
    Ok(())
}

/// That `pipkin run` is given nothing that means nothing for `input`, which has declared this.
///
/// # Errors
///
/// An address or `--watch` for a program that ends, arguments for a server.
pub(crate) fn check_run(flags: &Run, input: &Input, declared: &Declared) -> Result<(), Failure> {
    if declared.is_program {
        let program = input.place().0.display().to_string();
        let given = [
            (flags.server.port.is_some(), "-p"),
            (flags.host.is_some(), "--host"),
            (flags.watch, "--watch"),
        ];
        return none_is_given(given, &program);
    }
    match &flags.args[..] {
        [] => Ok(()),
        _ => Err(Failure::usage(format!(
            "arguments are for a program, and this is a {}",
            input.what()
        ))
        .help("-p and --host say where it listens")),
    }
}

fn check_args(args: &[String], what: &str) -> Result<(), Failure> {
    match args {
        [] => Ok(()),
        _ if port_of(args).is_some() => Ok(()),
        _ => Err(Failure::usage(format!(
            "the server of a {what} takes one argument, [ADDRESS:]PORT, and not: {}",
            args.join(" ")
        ))
        .help("leave out what stands after `--`; -p gives the port")),
    }
}

/// The port with which the only one of `args` ends, as what a server listens on does; it judges the rest
/// when it starts.
pub(super) fn port_of(args: &[String]) -> Option<u16> {
    let [address] = args else { return None };
    let port = address.rsplit(':').next().filter(|port| !port.starts_with('+'))?;
    port.parse().ok().filter(|&port| port != 0)
}

/// That the flags are for a handler, or a program, in `source` that has declared this.
pub(super) fn check_handler(
    source: &Path,
    site: &Site,
    server: &Server,
    declared: &Declared,
) -> Result<(), Failure> {
    if declared.is_program {
        let given = of_site(site).into_iter().chain(of_server(server));
        return none_is_given(given, &source.display().to_string());
    }
    let wrong = |flag: &str, help: &str| {
        Err(Failure::usage(format!("{flag} is for a folder of files, and this is a handler"))
            .help(help))
    };
    if !site.base_path.is_empty() {
        return wrong("--base-path", "the routes in the source say where everything is");
    }
    if server.access_log {
        return wrong("--access-log", "leave it out; a handler can write to stderr");
    }
    if !server.env_js.is_empty() {
        return wrong("--env-js", "leave it out; a handler can answer with what it likes");
    }
    let is_for_files = site.spa.is_some() || !site.compress.is_empty() || site.csp;
    if is_for_files && declared.site.is_none() {
        return wrong("a flag among --spa, --compress and --csp", "embed a folder by routes!");
    }
    Ok(())
}

fn first(given: impl IntoIterator<Item = Given>) -> Option<&'static str> {
    given.into_iter().find(|(is_given, _)| *is_given).map(|(_, flag)| flag)
}

fn of_site(site: &Site) -> [Given; 4] {
    [
        (site.spa.is_some(), "--spa"),
        (!site.base_path.is_empty(), "--base-path"),
        (!site.compress.is_empty(), "--compress"),
        (site.csp, "--csp"),
    ]
}

fn of_server(server: &Server) -> [Given; 2] {
    [(server.access_log, "--access-log"), (!server.env_js.is_empty(), "--env-js")]
}

fn of_program(program: &Program) -> [Given; 12] {
    let closure = &program.closure;
    [
        (closure.root.is_some(), "--root"),
        (!closure.include.is_empty(), "--include"),
        (!closure.keep_list.is_empty(), "--keep-list"),
        (!closure.exclude.is_empty(), "--exclude"),
        (!closure.gconv.is_empty(), "--gconv"),
        (closure.tz.is_some(), "--tz"),
        (closure.allow_setuid, "--allow-setuid"),
        (!program.trace.is_empty(), "--trace"),
        (!program.trace_http.is_empty(), "--trace-http"),
        (program.verify.is_some(), "--verify"),
        (program.ledger.is_some(), "--ledger"),
        (program.strip, "--strip"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::plan::tests::build;

    /// What is said of the flags for the input.
    #[track_caller]
    fn check_said(input: &Input, args: &[&str], expected: &str) {
        let flags = build(args);
        let said = check(&flags, input)
            .and_then(|()| check_declared(&flags, input, &Declared::default()))
            .map_err(|failure| failure.to_string());
        assert_eq!(said.err().unwrap_or_default(), expected, "{args:?}");
    }

    #[test]
    fn flags_of_sites_are_not_for_programs() {
        let shell = Input::find(Path::new("/bin/sh"), None, None).unwrap();
        let flags = ["--spa", "--csp", "--access-log", "--no-healthcheck"];
        for flag in flags {
            let expected = format!(
                "error: {flag} is for what pipkin serves, and /bin/sh is a program\n help: leave \
                 it out"
            );
            check_said(&shell, &[flag], &expected);
        }
        let with_values = ["--base-path=/a", "--compress=gzip", "--env-js=A"];
        for flag in with_values {
            let name = flag.split('=').next().unwrap();
            let expected = format!(
                "error: {name} is for what pipkin serves, and /bin/sh is a program\n help: leave \
                 it out"
            );
            check_said(&shell, &[flag], &expected);
        }
        check_said(&shell, &["-p", "80", "-e", "A=1", "--strip", "--", "-c", "true"], "");
        check_said(&shell, &["--verify", "--trace-http=/"], "");
        check_said(
            &shell,
            &["--trace-http=/"],
            "error: --trace-http asks a server that runs, and none does\n help: give --trace or \
             --verify, too",
        );
    }

    #[test]
    fn a_micro_server_can_do_nothing_more() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.html"), b"hi").unwrap();
        let file = Input::Document(Document::find(folder.path()).unwrap());
        for flag in ["--spa", "--csp", "--access-log", "--base-path=/a", "--env-js=A", "-ePORT=80"]
        {
            let name = flag.split(['=', 'P']).next().unwrap();
            let expected = format!(
                "error: {name} is more than --server micro can do\n help: leave out one of the two"
            );
            check_said(&file, &[flag], &expected);
        }
        check_said(&file, &["-p", "80"], "");
        check_said(&file, &["--", "80"], "");
        for args in ["127.0.0.1:80", "tea", "0", "+80", "65536", "80 81"] {
            let expected = format!(
                "error: a micro server listens on every address and takes a port alone, and not: \
                 {args}\n help: -p gives the port; or leave out --server micro"
            );
            let words = args.split(' ').collect::<Vec<_>>();
            check_said(&file, &[&["--"], &words[..]].concat(), &expected);
        }
        check_said(
            &file,
            &["--strip"],
            "error: --strip is for a program, and this is a file\n help: leave it out, or give \
             the path of a program",
        );
    }

    #[test]
    fn flags_of_programs_are_not_for_sites() {
        let site = Input::Folder("site".into());
        let flags = [
            "--root=/a",
            "--include=/a",
            "--keep-list=a",
            "--exclude=/a",
            "--gconv=a",
            "--tz=a",
            "--allow-setuid",
            "--trace",
            "--trace-http=/",
            "--verify",
            "--ledger=a",
            "--strip",
        ];
        for flag in flags {
            let name = flag.split('=').next().unwrap();
            let expected = format!(
                "error: {name} is for a program, and this is a folder\n help: leave it out, or \
                 give the path of a program"
            );
            check_said(&site, &[flag], &expected);
        }
    }

    #[test]
    fn a_bundle_is_of_a_program() {
        let shell = Input::find(Path::new("/bin/sh"), None, None).unwrap();
        check_said(&shell, &["-o", "type=bundle,dest=a"], "");
        let expected = "error: a bundle is of a program, and this is a folder\n help: -o \
                        type=exe,dest=PATH writes a server that runs on any Linux";
        check_said(&Input::Folder("site".into()), &["-o", "type=bundle,dest=a"], expected);
    }

    #[test]
    fn a_server_takes_one_argument() {
        let site = Input::Folder("site".into());
        for address in ["80", "127.0.0.1:80", "[::1]:80"] {
            check_said(&site, &["--", address], "");
        }
        for args in [&["0"][..], &["http"], &["80", "81"], &["127.0.0.1:"]] {
            let said = args.join(" ");
            let expected = format!(
                "error: the server of a folder takes one argument, [ADDRESS:]PORT, and not: \
                 {said}\n help: leave out what stands after `--`; -p gives the port"
            );
            check_said(&site, &[&["--"], args].concat(), &expected);
        }
    }
}
