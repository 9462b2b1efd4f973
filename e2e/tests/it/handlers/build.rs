//! From a source file to an image: what the source says, what the command line says, and what
//! the bytes come from.

use std::fs;
use std::path::Path;
use std::process::Command;

use e2e::{Client, EMULATED, Pipkin, Server, free_port, ready, run, write};
use serde_json::{Value, json};

use crate::place::Place;

/// A source with `settings` of its image.
fn source(settings: &str) -> String {
    format!(
        "use pipkin_handler::*;\n\nimage! {{ {settings} }}\n\nhandler!(hello);\n\n\
         fn hello(_: &Request) -> Response {{\n    Response::text(\"hello\")\n}}\n"
    )
}

/// Every setting that there is.
const SETTINGS: &str = r#"
    tag: "registry.example.com/team/hello:1.2",
    port: 3001,
    user: "1000:1000",
    env: ["GREETING=hello = world", "EMPTY="],
    labels: ["team=blue"],
    args: ["3002"],
    platforms: ["linux/amd64", "linux/arm64"],
"#;

/// Builds `hello.rs` with `settings` as a layout in `out/layout`.
fn build(pipkin: &Pipkin, settings: &str, args: &[&str]) -> (Place, Value) {
    let place = Place::new();
    write(&place.path("site"), "hello.rs", source(settings));
    let args = [&["build", "site/hello.rs", "--json", "-o", "type=oci,dest=out/layout"], args];
    let mut command = pipkin.command(place.folder.path(), args.concat());
    let report = serde_json::from_slice(&run(place.prepare(&mut command))).unwrap();
    (place, report)
}

fn blob(layout: &Path, descriptor: &Value) -> Value {
    let digest = descriptor["digest"].as_str().unwrap().replace(':', "/");
    serde_json::from_slice(&fs::read(layout.join("blobs").join(digest)).unwrap()).unwrap()
}

/// The config of each image in a layout, by architecture.
fn configs(place: &Place) -> Vec<(String, Value)> {
    let layout = place.path("out/layout");
    let index: Value =
        serde_json::from_slice(&fs::read(layout.join("index.json")).unwrap()).unwrap();
    let mut documents = vec![blob(&layout, &index["manifests"][0])];
    if let Some(manifests) = documents[0]["manifests"].as_array() {
        documents = manifests.iter().map(|manifest| blob(&layout, manifest)).collect();
    }
    let config = |manifest: &Value| {
        let document = blob(&layout, &manifest["config"]);
        (document["architecture"].as_str().unwrap().into(), document["config"].clone())
    };
    documents.iter().map(config).collect()
}

#[test]
fn the_source_says_what_the_image_is() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let (place, report) = build(&pipkin, SETTINGS, &[]);
    assert_eq!(report["reference"], "registry.example.com/team/hello:1.2");
    let configs = configs(&place);
    let architectures: Vec<_> = configs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(architectures, ["amd64", "arm64"]);
    for (_, config) in configs {
        assert_eq!(config["User"], "1000:1000");
        assert_eq!(config["ExposedPorts"], json!({"3001/tcp": {}}));
        assert_eq!(config["Env"], json!(["GREETING=hello = world", "EMPTY="]));
        assert_eq!(config["Labels"], json!({"team": "blue"}));
        assert_eq!(config["Entrypoint"], json!(["/handler"]));
        assert_eq!(config["Cmd"], json!(["3002"]));
        assert_eq!(config["Healthcheck"]["Test"], json!(["CMD", "/handler", "health"]));
    }
}

#[test]
fn the_command_line_wins() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let args = "-t other:2 -p 80 --user 7 -e EMPTY=no -e NEW=1 -l team=red --platform linux/amd64";
    let args: Vec<_> = args.split(' ').collect();
    let (place, report) = build(&pipkin, SETTINGS, &args);
    assert_eq!(report["reference"], "other:2");
    let configs = configs(&place);
    assert_eq!(configs.len(), 1);
    let (architecture, config) = &configs[0];
    assert_eq!(architecture, "amd64");
    assert_eq!(config["User"], "7");
    assert_eq!(config["ExposedPorts"], json!({"80/tcp": {}}));
    assert_eq!(config["Env"], json!(["GREETING=hello = world", "EMPTY=no", "NEW=1"]));
    assert_eq!(config["Labels"], json!({"team": "red"}));
}

#[test]
fn who_says_nothing_gets_the_name_of_the_file() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let place = Place::new();
    write(&place.path("site"), "Hello.rs", source(""));
    let mut command = pipkin.command(place.folder.path(), ["build", "site/Hello.rs", "--json"]);
    let report: Value = serde_json::from_slice(&run(place.prepare(&mut command))).unwrap();
    assert_eq!(report["reference"], "hello:latest");
    assert_eq!(report["outputs"], json!(["hello.tar"]));
    let platform = &report["platforms"][0];
    assert_eq!(platform["server_bytes"], platform["files_bytes"]);
    assert_eq!(platform["content_bytes"], 0);
}

#[test]
fn no_registry_is_asked() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let place = Place::new();
    write(&place.path("site"), "a.rs", WITH_DATA);
    let args = ["build", "site/a.rs", "-q", "-o", "out/a.tar"];
    let mut command = pipkin.command(place.folder.path(), args);
    command.env("CARGO_NET_OFFLINE", "true").env("CARGO_HOME", place.path("empty"));
    run(place.prepare(&mut command));
}

/// The executable of `text`, in `name` below a new folder.
fn executable(pipkin: &Pipkin, name: &str, text: &str, platform: &str) -> (Place, Vec<u8>) {
    let place = Place::new();
    write(&place.path("site"), name, text);
    let input = format!("site/{name}");
    let args = ["build", &input, "-q", "--platform", platform, "-o", "type=exe,dest=out/exe"];
    run(place.prepare(&mut pipkin.command(place.folder.path(), args)));
    let bytes = fs::read(place.path("out/exe")).unwrap();
    (place, bytes)
}

/// It has variables, constants that hold addresses, and places of panics.
const WITH_DATA: &str = r#"
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use pipkin_handler::*;

image! { tag: "not-in-the-image:1" }
handler!(hello);

static COUNT: AtomicU32 = AtomicU32::new(7);
static ZERO: AtomicU32 = AtomicU32::new(0);
static WAYS: [fn(u32) -> String; 2] = [one, other];

fn one(count: u32) -> String { format!("one {count}") }
fn other(count: u32) -> String { format!("other {count} {}", ZERO.fetch_add(1, Relaxed)) }

fn hello(request: &Request) -> Response {
    let way = request.path().len() - 1;
    Response::text(WAYS[way](COUNT.fetch_add(1, Relaxed)))
}
"#;

#[test]
fn the_folder_is_not_in_the_bytes() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let (place, first) = executable(&pipkin, "a.rs", WITH_DATA, "linux/amd64");
    let (_other, second) = executable(&pipkin, "deep/er/a.rs", WITH_DATA, "linux/amd64");
    assert!(first == second, "the same source gives other bytes in another folder");
    let text = String::from_utf8_lossy(&first);
    let folder = place.folder.path().to_string_lossy().into_owned();
    for absent in [&*folder, ".cargo", "not-in-the-image"] {
        assert!(!text.contains(absent), "{absent} is in the executable");
    }
    assert!(text.contains("a.rs"), "panics say where they are");
}

#[test]
fn variables_and_constants_with_addresses() {
    let [arm, riscv] = EMULATED.map(|(_, emulator)| emulator);
    let Some(pipkin) = ready(&["cargo", "readelf", arm, riscv]) else { return };
    let emulated = EMULATED.map(|(platform, emulator)| (platform, Some(emulator)));
    for (platform, runner) in [("linux/amd64", None)].into_iter().chain(emulated) {
        let (place, _) = executable(&pipkin, "a.rs", WITH_DATA, platform);
        let exe = place.path("out/exe");
        let said = run(Command::new("readelf").args(["-lW"]).arg(&exe));
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains("EXEC"), "{said}");
        let flags: Vec<_> = said.lines().filter(|line| line.contains("LOAD")).collect();
        assert_eq!(flags.len(), 2, "{said}");
        assert!(flags[0].contains(" R E ") && flags[1].contains(" RW "), "{said}");
        let port = free_port();
        let mut command = Command::new(runner.map_or(exe.as_os_str(), AsRef::as_ref));
        command.args(runner.map(|_| &exe)).arg(format!("127.0.0.1:{port}")).env("WORKERS", "1");
        let server = Server::start(&mut command, port);
        let mut client = Client::connect(server.address);
        assert_eq!(client.get("/").body, b"one 7", "{platform}");
        assert_eq!(client.get("/x").body, b"other 8 0", "{platform}");
    }
}

#[test]
fn it_runs_where_its_source_says() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let (place, port) = (Place::new(), free_port());
    write(&place.path("site"), "hello.rs", source(&format!("port: {port}")));
    let mut command = pipkin.command(place.folder.path(), ["run", "-q", "site/hello.rs"]);
    let server = Server::start(place.prepare(&mut command), port);
    assert_eq!(Client::connect(server.address).get("/").body, b"hello");
    assert_eq!(server.stop("TERM").code(), Some(0));
}

#[test]
fn a_folder_beside_the_source() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let place = Place::new();
    write(&place.path("site"), "public/index.html", "hello world\n".repeat(100));
    let text = "use pipkin_handler::*;\nroutes! { \"/static/*\" => site(\"public\") }\n";
    write(&place.path("site"), "app.rs", text);
    let args =
        ["build", "site/app.rs", "--json", "--compress", "gzip", "-o", "type=exe,dest=out/exe"];
    let mut command = pipkin.command(place.folder.path(), args);
    let report: Value = serde_json::from_slice(&run(place.prepare(&mut command))).unwrap();
    assert!(report["platforms"][0]["content_bytes"].as_u64().unwrap() > 1200, "{report}");
    let port = free_port();
    let mut exe = Command::new(place.path("out/exe"));
    let server = Server::start(exe.arg(format!("127.0.0.1:{port}")), port);
    let mut client = Client::connect(server.address);
    assert_eq!(client.get("/static/").body.len(), 1200);
    assert_eq!(client.get("/").status, 404);
}
