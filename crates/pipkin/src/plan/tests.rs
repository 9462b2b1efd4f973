use clap::Parser as _;

use super::*;
use crate::flags::{Command, Flags};

/// The flags of `pipkin build` with `args`.
pub(crate) fn build(args: &[&str]) -> Box<Build> {
    let flags = Flags::parse_from([&["pipkin", "build"], args].concat());
    let Command::Build(build) = flags.command else { panic!("not a build") };
    build
}

#[track_caller]
fn check_healthcheck(args: &[&str], expected: &[&str]) {
    let input = Input::Folder("site".into());
    let settings = image_settings(&build(args), &input, Declared::default());
    assert_eq!(settings.healthcheck, expected);
}

#[test]
fn the_server_asks_itself() {
    check_healthcheck(&[], &["/site", "health"]);
    check_healthcheck(&["-p", "80"], &["/site", "health"]);
    check_healthcheck(&["--no-healthcheck"], &[]);
}

#[test]
fn the_command_line_wins() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let declared = Declared {
        port: Some(3001),
        user: Some("1:2".into()),
        env: vec![pair("A", "1"), pair("B", "2")],
        labels: [pair("a", "1"), pair("b", "2")].into(),
        args: vec!["x".into()],
        ..Declared::default()
    };
    let file = tempfile::Builder::new().suffix(".rs").tempfile().unwrap();
    let input = Input::find(file.path(), None, None).unwrap();
    let check = |args: &[&str], user: &str, port, env: &[(String, String)], label: &str| {
        let settings = image_settings(&build(args), &input, declared.clone());
        assert_eq!(settings.user.as_deref(), Some(user));
        assert_eq!((settings.exposed_ports, settings.env), (vec![port], env.to_vec()));
        assert_eq!((settings.labels["a"].as_str(), settings.labels["b"].as_str()), (label, "2"));
        assert_eq!(
            (settings.cmd, settings.entrypoint),
            (vec!["x".into()], vec!["/handler".into()])
        );
    };
    check(&[], "1:2", 3001, &declared.env, "1");
    let args = ["-p", "80", "--user", "3", "-e", "A=3", "-e", "C=4", "-l", "a=3"];
    check(&args, "3", 80, &[pair("A", "3"), pair("B", "2"), pair("C", "4")], "3");
}

#[test]
fn the_port_is_that_of_the_argument() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.html");
    std::fs::write(&file, b"hi").unwrap();
    let document = Input::Document(crate::document::Document::find(&file).unwrap());
    let site = Input::Folder("site".into());
    let check = |input: &Input, args: &[&str], port, cmd: &[&str]| {
        let settings = image_settings(&build(args), input, Declared::default());
        assert_eq!((settings.exposed_ports, settings.cmd.as_slice()), (vec![port], &*texts(cmd)));
    };
    check(&site, &[], 8080, &[]);
    check(&site, &["-p", "80"], 80, &[]);
    check(&site, &["--", "9000"], 9000, &["9000"]);
    check(&site, &["-p", "80", "--", "[::1]:9000"], 9000, &["[::1]:9000"]);
    check(&document, &[], 8080, &["8080"]);
    check(&document, &["-p", "80"], 80, &["80"]);
    check(&document, &["-p", "80", "--", "9000"], 9000, &["9000"]);
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.into()).collect()
}

#[test]
fn golf_leaves_out_what_an_engine_can_do_without() {
    let input = Input::Folder("site".into());
    let check = |args: &[&str], user: Option<&str>, cmd: &[&str]| {
        let flags = build(args);
        let settings = golf(image_settings(&flags, &input, Declared::default()));
        let expected = pipkin_image::Settings {
            user: user.map(Into::into),
            cmd: cmd.iter().map(|&text| text.into()).collect(),
            ..Default::default()
        };
        assert_eq!(settings, expected, "{args:?}");
    };
    check(&["--golf"], None, &["/a"]);
    check(&["--golf", "-p", "80", "--user", "1", "--", "81"], Some("1"), &["/a", "81"]);
}
