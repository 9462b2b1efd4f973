//! The executable on its own, without any engine.

use std::process::Command;

use e2e::{Server, check_site, example, free_port, ready, run_any};

/// Starts the executable with `args` and `variables`, in which PORT stands for a free port.
fn check(args: &[&str], variables: &[(&str, &str)]) {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let exe = pipkin.exe(folder.path(), &example(), "linux/amd64");
    let port = free_port();
    let filled = |text: &&str| text.replace("PORT", &port.to_string());
    let mut command = Command::new(exe);
    command.args(args.iter().map(filled)).env_clear();
    command.envs(variables.iter().map(|(name, value)| (name, filled(value))));
    let server = Server::start(&mut command, port);
    check_site(server.address);
    assert_eq!(server.stop("TERM").code(), Some(0));
}

#[test]
fn the_first_argument_says_where() {
    check(&["PORT"], &[]);
    check(&["127.0.0.1:PORT"], &[]);
}

#[test]
fn the_variables_say_where() {
    check(&[], &[("PORT", "PORT")]);
    check(&[], &[("PORT", "PORT"), ("HOST", "127.0.0.1")]);
}

#[test]
fn the_argument_wins() {
    check(&["127.0.0.1:PORT"], &[("PORT", "1"), ("HOST", "192.0.2.1")]);
}

#[test]
fn not_an_address() {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let exe = pipkin.exe(folder.path(), &example(), "linux/amd64");
    let done = run_any(Command::new(exe).arg("tea"));
    assert_eq!(done.status.code(), Some(1));
    let expected = "pipkin: cannot listen: not [ADDRESS:]PORT, HOST=ADDRESS, PORT=PORT\n";
    assert_eq!(String::from_utf8_lossy(&done.stderr), expected);
}
