//! A cargo package with a handler in its library.

use std::path::Path;
use std::process::Command;

use e2e::{Client, Server, free_port, ready, run, write};

use crate::place::Place;

/// The crate of the repository.
pub(super) fn dependency() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/pipkin-handler");
    format!("pipkin-handler = {{ path = {:?} }}\n", path.canonicalize().unwrap())
}

/// A package in `site` with these dependencies and this library.
pub(super) fn package(place: &Place, dependencies: &str, library: &str) {
    let manifest = format!(
        "[package]\nname = \"my-app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\n{dependencies}"
    );
    write(&place.path("site"), "Cargo.toml", manifest);
    if !library.is_empty() {
        write(&place.path("site"), "src/lib.rs", library);
    }
}

/// A package in `lib` with this library.
pub(super) fn used(place: &Place, library: &str) -> String {
    let manifest = "[package]\nname = \"used-crate\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    write(&place.path("lib"), "Cargo.toml", manifest);
    write(&place.path("lib"), "src/lib.rs", library);
    "used-crate = { path = \"../lib\" }\n".into()
}

/// It answers by what another crate says, and its tests are those of any crate.
pub(super) const LIBRARY: &str = "#![no_std]\n\nuse pipkin_handler::*;\n\nhandler!(hello);\n\n\
    fn hello(_: &Request) -> Response {\n    Response::text(used_crate::hello())\n}\n\n\
    #[test]\nfn it_greets() {\n    assert_eq!(hello(&Request::get(\"/\")).body(), b\"hello\");\n}\n";

const USED: &str = "#![no_std]\n\npub fn hello() -> &'static str {\n    \"hello\"\n}\n";

#[test]
fn a_package_with_a_dependency() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let (place, port) = (Place::new(), free_port());
    package(&place, &(dependency() + &used(&place, USED)), LIBRARY);
    let args = ["run", "-q", "site", "-p", &port.to_string()];
    let mut command = pipkin.command(place.folder.path(), args);
    let server = Server::start(place.prepare(&mut command), port);
    assert_eq!(Client::connect(server.address).get("/").body, b"hello");
    drop(server);
    let mut command = pipkin.command(&place.path("site"), ["build", "-q", "-o", "../out/a.tar"]);
    run(place.prepare(&mut command).current_dir(place.path("site")));
    let names = place.path("site").read_dir().unwrap().count();
    assert_eq!(names, 2, "nothing is written where the source is");
    let mut test = Command::new("cargo");
    test.args(["test", "--quiet", "--lib"]).env("CARGO_TARGET_DIR", place.path("target"));
    run(test.current_dir(place.path("site")));
}

#[test]
fn the_folder_is_not_in_the_bytes() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let library = LIBRARY.replace("used_crate::hello()", "[\"hello\"][_request.path().len()]");
    let library = library.replace("fn hello(_:", "fn hello(_request:");
    let build = || {
        let place = Place::new();
        package(&place, &dependency(), &library);
        let args = ["build", "site", "-q", "-o", "type=exe,dest=out/exe"];
        run(place.prepare(&mut pipkin.command(place.folder.path(), args)));
        (std::fs::read(place.path("out/exe")).unwrap(), place)
    };
    let ((first, place), (second, _other)) = (build(), build());
    assert!(first == second, "the same package gives other bytes in another folder");
    let text = String::from_utf8_lossy(&first);
    let folder = place.folder.path().to_string_lossy().into_owned();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for absent in [&*folder, &*repository.to_string_lossy(), ".cargo"] {
        assert!(!text.contains(absent), "{absent} is in the executable");
    }
    assert!(text.contains("src/lib.rs"), "panics say where they are");
}
