//! Docker loads the archive and runs it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use e2e::{Pipkin, check_site, example, ready, run, run_any};

use crate::inside;

const NEEDS: &[&str] = &["docker", "docker daemon"];

/// What `docker stop` may take; it waits ten seconds before it kills.
const STOP_MAX: Duration = Duration::from_secs(5);

pub(crate) fn docker(args: &[&str]) -> String {
    let stdout = run(Command::new("docker").args(args));
    String::from_utf8(stdout).unwrap().trim().to_string()
}

/// An image in the engine, removed at the end, since a daemon that knows a layer hides a
/// broken one.
pub(crate) struct Image(pub(crate) String);

impl Drop for Image {
    fn drop(&mut self) {
        run_any(Command::new("docker").args(["rmi", "-f", &self.0]));
    }
}

/// A container, removed at the end.
pub(crate) struct Container(pub(crate) String);

impl Drop for Container {
    fn drop(&mut self) {
        run_any(Command::new("docker").args(["rm", "-f", &self.0]));
    }
}

/// The image of `examples/site`, built with `flags` and loaded from an archive.
pub(crate) fn load(pipkin: &Pipkin, tag: &str, flags: &[&str]) -> Image {
    load_site(pipkin, &example(), tag, flags)
}

/// Labelled, so that no test removes the image of another, which would be the same but for names.
pub(crate) fn load_site(pipkin: &Pipkin, site: &Path, tag: &str, flags: &[&str]) -> Image {
    let folder = tempfile::tempdir().unwrap();
    let label = format!("test={tag}");
    let args = [&["-t", tag, "-l", &label, "-o", "site.tar"], flags].concat();
    let _ = pipkin.build(folder.path(), site, &args);
    let image = Image(tag.to_string());
    let archive = folder.path().join("site.tar");
    let said = docker(&["load", "-i", &archive.to_string_lossy()]);
    assert!(said.contains(tag), "docker load: {said}");
    image
}

/// Runs `image` with `options` and `args`, asks for every page, and stops it.
fn check_run(image: &Image, port: &str, options: &[&str], args: &[&str]) {
    let publish = format!("127.0.0.1::{port}");
    let start = [&["run", "-d", "-p", &publish], options, &[&image.0], args].concat();
    let container = Container(docker(&start));
    check_site(address(&container, port));
    check_stop(&container);
}

/// A container that serves `site`, and where; it is removed with the second value.
pub(crate) fn serve(
    pipkin: &Pipkin,
    site: &Path,
    tag: &str,
    flags: &[&str],
) -> (SocketAddr, impl Sized + use<>) {
    let image = load_site(pipkin, site, tag, flags);
    let container = Container(docker(&["run", "-d", "-p", "127.0.0.1::8080", tag]));
    (address(&container, "8080"), (container, image))
}

/// Where the host reaches `port` of the container.
pub(crate) fn address(container: &Container, port: &str) -> SocketAddr {
    let address = docker(&["port", &container.0, port]);
    let address = address.lines().next().and_then(|line| line.parse().ok());
    let address = address.expect("docker port prints an address");
    wait_for(address);
    address
}

/// `docker run -d` returns before the program has started.
fn wait_for(address: SocketAddr) {
    let answers = |_: &u32| {
        std::thread::sleep(Duration::from_millis(50));
        run_any(Command::new("curl").args(["-fsS", &format!("http://{address}/")])).status.success()
    };
    assert!((0..100).any(|turn| answers(&turn)), "nobody answers at {address}");
}

/// It ends at once and says that all is well.
fn check_stop(container: &Container) {
    let start = Instant::now();
    docker(&["stop", &container.0]);
    assert!(start.elapsed() < STOP_MAX, "docker stop took {:?}", start.elapsed());
    let state =
        docker(&["inspect", "-f", "{{.State.ExitCode}} {{.State.OOMKilled}}", &container.0]);
    assert_eq!(state, "0 false");
}

#[test]
fn the_archive_loads_and_runs() {
    let Some(pipkin) = ready(NEEDS) else { return };
    check_run(&load(&pipkin, "pipkin-e2e/plain:1", &[]), "8080", &[], &[]);
}

#[test]
fn hardened() {
    let Some(pipkin) = ready(NEEDS) else { return };
    let options = ["--read-only", "--cap-drop", "ALL", "--user", "12345:12345"];
    let more = ["--security-opt", "no-new-privileges", "--memory", "32m"];
    let image = load(&pipkin, "pipkin-e2e/hardened:1", &[]);
    check_run(&image, "8080", &[options.as_slice(), &more].concat(), &[]);
}

/// No network but a loopback of its own, no place to write to, and every other limit there is.
#[test]
fn sealed() {
    let Some(pipkin) = ready(&[NEEDS, &["nsenter", "curl", "root"]].concat()) else { return };
    let image = load(&pipkin, "pipkin-e2e/sealed:1", &[]);
    let options = ["--network", "none", "--read-only", "--cap-drop", "ALL", "--ipc", "none"];
    let more = ["--security-opt", "no-new-privileges", "--memory", "32m", "--pids-limit", "80"];
    let start = [&["run", "-d"], options.as_slice(), &more, &[&image.0]].concat();
    let container = Container(docker(&start));
    let process = docker(&["inspect", "-f", "{{.State.Pid}}", &container.0]).parse().unwrap();
    inside::check_site(process);
    inside::check_powerless(process);
    check_stop(&container);
}

#[test]
fn the_port_is_chosen_when_it_runs() {
    let Some(pipkin) = ready(NEEDS) else { return };
    let image = load(&pipkin, "pipkin-e2e/port:1", &[]);
    check_run(&image, "9001", &["-e", "PORT=9001"], &[]);
    check_run(&image, "9002", &["-e", "PORT=9001"], &["9002"]);
}

/// As [`sealed`]: unpacking itself, it needs no more than that. A golfed image says no user, and what is
/// behind it takes the place of its program.
#[test]
fn golfed() {
    let Some(pipkin) = ready(&[NEEDS, &["nsenter", "curl", "root"]].concat()) else { return };
    let image = load(&pipkin, "pipkin-e2e/golfed:1", &["--golf"]);
    let options = ["--read-only", "--cap-drop", "ALL", "--user", "65532:65532"];
    let more = ["--security-opt", "no-new-privileges", "--memory", "32m", "--pids-limit", "80"];
    let options = [options.as_slice(), &more].concat();
    check_run(&image, "9001", &[options.as_slice(), &["-e", "PORT=9001"]].concat(), &[]);
    check_run(&image, "9002", &options, &["/a", "9002"]);
    let start = [&["run", "-d", "--network", "none"], options.as_slice(), &[&image.0]].concat();
    let container = Container(docker(&start));
    let process = docker(&["inspect", "-f", "{{.State.Pid}}", &container.0]).parse().unwrap();
    inside::check_site(process);
    inside::check_powerless(process);
}

#[test]
fn load_without_an_archive() {
    let Some(pipkin) = ready(NEEDS) else { return };
    let folder = tempfile::tempdir().unwrap();
    let image = Image("pipkin-e2e/direct:1".to_string());
    let report = pipkin.build(folder.path(), &example(), &["-t", &image.0, "--load"]);
    assert!(report["archive_bytes"].is_null(), "{report}");
    assert!(is_empty(folder.path()), "--load wrote a file");
    check_run(&image, "8080", &[], &[]);
}

fn is_empty(folder: &Path) -> bool {
    folder.read_dir().unwrap().next().is_none()
}

#[test]
fn what_docker_says_about_the_image() {
    let Some(pipkin) = ready(NEEDS) else { return };
    let image = load(&pipkin, "pipkin-e2e/said:1", &[]);
    let says = |format: &str| docker(&["image", "inspect", "-f", format, &image.0]);
    assert_eq!(says("{{.Os}}/{{.Architecture}}"), "linux/amd64");
    assert_eq!(says("{{.Config.User}}"), "65532:65532");
    assert_eq!(says("{{json .Config.ExposedPorts}}"), r#"{"8080/tcp":{}}"#);
    assert_eq!(says("{{len .RootFS.Layers}}"), "1");
}

#[test]
fn the_health_check_is_in_the_image() {
    let Some(pipkin) = ready(NEEDS) else { return };
    let says = |image: &Image| {
        docker(&["image", "inspect", "-f", "{{json .Config.Healthcheck}}", &image.0])
    };
    let image = load(&pipkin, "pipkin-e2e/checked:1", &[]);
    assert_eq!(says(&image), r#"{"Test":["CMD","/site","health"]}"#);
    let image = load(&pipkin, "pipkin-e2e/unchecked:1", &["--no-healthcheck"]);
    assert_eq!(says(&image), "null");
}

//

/// What a container may take to become healthy or unhealthy when it is asked each second.
const HEALTH_MAX: Duration = Duration::from_secs(20);

/// The container becomes `expected`, by Docker's own asking.
#[track_caller]
fn check_health(container: &Container, expected: &str) {
    let start = Instant::now();
    let health = || docker(&["inspect", "-f", "{{.State.Health.Status}}", &container.0]);
    while health() != expected {
        let log = || docker(&["inspect", "-f", "{{json .State.Health}}", &container.0]);
        assert!(start.elapsed() < HEALTH_MAX, "not {expected}: {}", log());
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Starts `image` with `options`, asked each second and believed at once when it is not well.
fn start_asked(image: &Image, options: &[&str], args: &[&str]) -> Container {
    let asked = ["run", "-d", "--health-interval", "1s", "--health-retries", "1"];
    Container(docker(&[&asked, options, &[&image.0], args].concat()))
}

#[test]
fn the_container_becomes_healthy() {
    let Some(pipkin) = ready(NEEDS) else { return };
    let image = load(&pipkin, "pipkin-e2e/healthy:1", &[]);
    check_health(&start_asked(&image, &[], &[]), "healthy");
    check_health(&start_asked(&image, &["-e", "PORT=9001"], &[]), "healthy");
    // An address of one family, and no network but the loopback.
    check_health(&start_asked(&image, &["-e", "HOST=127.0.0.1"], &[]), "healthy");
    let sealed = ["--network", "none", "--read-only", "--cap-drop", "ALL"];
    let more = ["--security-opt", "no-new-privileges", "--memory", "32m"];
    check_health(&start_asked(&image, &[sealed.as_slice(), &more].concat(), &[]), "healthy");
}

/// Nobody listens at the port that the check knows.
#[test]
fn the_container_becomes_unhealthy() {
    let Some(pipkin) = ready(NEEDS) else { return };
    let image = load(&pipkin, "pipkin-e2e/unhealthy:1", &[]);
    check_health(&start_asked(&image, &["-e", "PORT=9001"], &["9002"]), "unhealthy");
}
