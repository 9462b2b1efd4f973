use std::fs;

use serde_json::json;

use super::*;

/// A layout folder with these documents.
fn folder(documents: &[(&str, Value)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("blobs/sha256")).unwrap();
    fs::write(folder.path().join("oci-layout"), "{}").unwrap();
    for (name, document) in documents {
        fs::write(folder.path().join(name), document.to_string()).unwrap();
    }
    folder
}

fn named(hex: &str, architecture: &str) -> Value {
    json!({"digest": format!("sha256:{hex}"), "platform": {"architecture": architecture}})
}

/// The layers of the image with these documents, and what its config says, or why it has none.
#[track_caller]
fn check(documents: &[(&str, Value)], expected: &str) {
    let folder = folder(documents);
    let shown = match Image::find(folder.path()) {
        Ok(image) => {
            let Image { config, layers, .. } = image.unwrap();
            format!("{} {config}", layers.join(" "))
        }
        Err(failure) => failure.to_string().lines().next().unwrap().into(),
    };
    assert_eq!(shown.replace(&*folder.path().to_string_lossy(), "FOLDER"), expected);
}

#[test]
fn documents_lead_to_layers() {
    let config = ("blobs/sha256/c", json!({"config": {"Cmd": ["a"]}}));
    let manifest = json!({"config": named("c", ""), "layers": [named("1", ""), named("2", "")]});
    let found = "blobs/sha256/1 blobs/sha256/2 {\"Cmd\":[\"a\"]}";
    let index = |entries: Value| ("index.json", json!({"manifests": entries}));
    let m = ("blobs/sha256/m", manifest.clone());
    check(&[config.clone(), m.clone(), index(json!([named("m", "amd64")]))], found);

    let other = match host_platform().architecture() {
        "amd64" => "arm64",
        _ => "amd64",
    };
    let host = host_platform();
    let both = json!([named("x", other), named("m", host.architecture())]);
    check(&[config.clone(), m.clone(), index(both.clone())], found);
    let inner = ("blobs/sha256/i", json!({"manifests": both}));
    check(&[config.clone(), m, inner, index(json!([named("i", "")]))], found);

    let docker = json!([{"Config": "blobs/sha256/c", "Layers": ["1/layer.tar"]}]);
    check(&[config, ("manifest.json", docker)], "1/layer.tar {\"Cmd\":[\"a\"]}");
}

#[test]
fn broken_documents() {
    let index = |value: Value| ("index.json", value);
    check(&[], "error: cannot read the image FOLDER: there is no index.json in it");
    check(
        &[index(json!({"manifests": [named("m", "")]}))],
        "error: cannot read the image FOLDER: there is no blobs/sha256/m in it",
    );
    check(
        &[index(json!({"manifests": []}))],
        "error: cannot read the image FOLDER: a descriptor has no digest",
    );
    check(
        &[index(json!([]))],
        "error: cannot read the image FOLDER: its index leads to no manifest",
    );
    let circle = json!({"manifests": [named("i", "")]});
    check(
        &[("blobs/sha256/i", circle.clone()), index(circle)],
        "error: cannot read the image FOLDER: its index leads to no manifest",
    );
    check(
        &[("manifest.json", json!([1, 2]))],
        "error: cannot read the image FOLDER: manifest.json lists 2 images, and one is looked at",
    );
    check(
        &[("manifest.json", json!([{"Layers": [1]}]))],
        "error: cannot read the image FOLDER: manifest.json is broken",
    );
}

#[test]
fn names_lead_into_the_image() {
    let folder = folder(&[]);
    let store = Store::Folder(folder.path().into());
    let error = store.document("blobs/sha256/../../../../etc/passwd").unwrap_err();
    assert_eq!(error, "there is no blobs/sha256/../../../../etc/passwd in it");
}

/// What an image with this config runs, in a root with `/bin/a` and `/opt/a`.
#[track_caller]
fn check_program(config: Value, expected: &str) {
    let root = tempfile::tempdir().unwrap();
    for folder in ["bin", "opt"] {
        fs::create_dir(root.path().join(folder)).unwrap();
        fs::write(root.path().join(folder).join("a"), "").unwrap();
    }
    let store = Store::Folder(root.path().into());
    let image = Image { path: "image.tar".into(), store, config, layers: Vec::new() };
    let program = image.program(root.path());
    let shown = program.map_or_else(|failure| failure.to_string(), |program| program.path);
    assert_eq!(shown, expected);
}

#[test]
fn images_run_programs() {
    check_program(json!({"Entrypoint": ["/bin/a", "x"], "Cmd": ["y"]}), "/bin/a");
    check_program(json!({"Entrypoint": null, "Cmd": ["a"]}), "/bin/a");
    check_program(json!({"Cmd": ["a"], "Env": ["A=1", "PATH=/sbin:/opt:/bin"]}), "/opt/a");
    check_program(json!({"Cmd": ["./a"], "WorkingDir": "/opt"}), "/opt/a");
    check_program(json!({"Cmd": ["bin/../opt/a"]}), "/opt/a");
    let help = " help: name an archive by pipkin or docker save, or the folder of an OCI layout";
    check_program(
        json!({"Cmd": ["b"], "Env": ["PATH=/opt:/bin"]}),
        &format!(
            "error: cannot read the image image.tar: it runs b, which is not in /opt:/bin\n{help}"
        ),
    );
    check_program(
        json!({"Cmd": ["/bin/b"]}),
        &format!(
            "error: cannot read the image image.tar: it runs /bin/b, which is not in it\n{help}"
        ),
    );
    check_program(
        json!({}),
        "error: image.tar runs nothing by itself\n help: name an image with an entrypoint or a \
         command",
    );
}

#[test]
fn what_is_no_image() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Image::find(folder.path()).unwrap().is_none());
    assert!(Image::find(&folder.path().join("gone")).unwrap().is_none());
    let file = folder.path().join("file");
    fs::write(&file, "#!/bin/sh\n").unwrap();
    assert!(Image::find(&file).unwrap().is_none());
    fs::write(&file, b"\x1f\x8b").unwrap();
    let failure = Image::find(&file).err().unwrap().to_string();
    assert!(failure.contains(": it is compressed: gunzip it first\n"), "{failure}");
}
