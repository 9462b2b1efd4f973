//! The sources that handlers are compiled with: the crates of this workspace that end up in a
//! handler's executable, and those from elsewhere that they use when the handler has a heap. Their
//! manifests are made to stand on their own and to find each other, so that a handler in one file
//! needs no registry. With them come the versions of everything else, and the profile.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;
use toml::{Table, Value};

/// The crates of this workspace.
const CRATES: [&str; 3] = ["pipkin-format", "pipkin-handler", "pipkin-server"];

/// Tables of a manifest that concern those who work on the crate.
const NOT_CARRIED: [&str; 8] =
    ["badges", "bench", "dev-dependencies", "example", "lints", "target", "test", "workspace"];

/// A package that uses what a handler in one file uses. The crates are not members, for of members
/// cargo wants to know every dependency that there might be.
const PROBE: &str = r#"
[package]
name = "probe"
version = "0.0.0"
edition = "2024"
[lib]
path = "lib.rs"
[workspace]
exclude = ["pipkin-format", "pipkin-handler", "pipkin-server"]
[dependencies.pipkin-handler]
path = "pipkin-handler"
features = ["alloc"]
"#;

/// The manifest of each crate, and where it is.
type Crates = BTreeMap<String, (Table, PathBuf)>;

/// Writes `carried.rs` and `profile.toml` into `out`: a list of paths and contents, and the profile.
pub(crate) fn write(workspace: &Path, out: &Path) {
    let manifest = read(&workspace.join("Cargo.toml"));
    let mut crates = Crates::new();
    for name in CRATES {
        let folder = workspace.join("crates").join(name);
        println!("cargo::rerun-if-changed={}", folder.display());
        let table = stand_alone(read(&folder.join("Cargo.toml")), &manifest["workspace"]);
        crates.insert(name.into(), (table, folder));
    }
    for folder in used(&crates, workspace, &out.join("probe")) {
        let table = stand_alone(read(&folder.join("Cargo.toml")), &manifest["workspace"]);
        crates.insert(table["package"]["name"].as_str().expect("a name").into(), (table, folder));
    }
    let mut files = vec![("Cargo.lock".into(), workspace.join("Cargo.lock"))];
    add_crates(&crates, &out.join("manifests"), &mut files);
    files.sort();
    let mut list = String::from("&[\n");
    for (name, path) in files {
        writeln!(list, "    ({name:?}, include_bytes!({path:?}).as_slice()),").expect("it grows");
    }
    put(&out.join("carried.rs"), &(list + "]\n"));
    let profile = Table::from_iter([("stub".into(), manifest["profile"]["stub"].clone())]);
    let profile = Table::from_iter([("profile".into(), Value::Table(profile))]);
    put(&out.join("profile.toml"), &profile.to_string());
}

fn read(path: &Path) -> Table {
    let text = fs::read_to_string(path).expect("a manifest can be read");
    text.parse().expect("cargo has read the manifest")
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("OUT_DIR is writable");
    fs::write(path, text).expect("OUT_DIR is writable");
}

/// The folders of the crates from elsewhere, which cargo fetches if need be.
fn used(crates: &Crates, workspace: &Path, probe: &Path) -> Vec<PathBuf> {
    for (name, (table, _)) in crates {
        put(&probe.join(name).join("Cargo.toml"), &table.to_string());
        put(&probe.join(name).join("src/lib.rs"), "");
    }
    put(&probe.join("lib.rs"), "");
    put(&probe.join("Cargo.toml"), PROBE);
    fs::copy(workspace.join("Cargo.lock"), probe.join("Cargo.lock")).expect("OUT_DIR is writable");
    let mut cargo = Command::new(env::var_os("CARGO").expect("cargo sets CARGO"));
    cargo.args(["metadata", "--format-version=1", "--filter-platform=x86_64-unknown-linux-gnu"]);
    let output = cargo.current_dir(probe).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Json = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("there are packages");
    let others = packages.iter().filter(|package| !package["source"].is_null());
    let manifest = |package: &Json| package["manifest_path"].as_str().map(PathBuf::from);
    others.filter_map(|package| Some(manifest(package)?.parent()?.into())).collect()
}

/// Each crate as it is carried: manifest, licences, sources.
fn add_crates(crates: &Crates, out: &Path, files: &mut Vec<(String, PathBuf)>) {
    for (name, (table, folder)) in crates {
        let manifest = out.join(name).join("Cargo.toml");
        put(&manifest, &beside(table.clone(), crates).to_string());
        files.push((format!("{name}/Cargo.toml"), manifest));
        add_files(&folder.join("src"), &format!("{name}/src"), files);
        for entry in fs::read_dir(folder).expect("sources can be read").flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            // Documentation may include the latter.
            if file.starts_with("LICENSE") || file.starts_with("README") {
                files.push((format!("{name}/{file}"), entry.path()));
            }
        }
    }
}

/// Every file below `folder` but tests.
fn add_files(folder: &Path, name: &str, files: &mut Vec<(String, PathBuf)>) {
    for entry in fs::read_dir(folder).expect("sources can be read") {
        let path = entry.expect("sources can be read").path();
        let file = path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8");
        let name = format!("{name}/{file}");
        if file == "tests" || file == "tests.rs" {
            continue;
        }
        if path.is_dir() { add_files(&path, &name, files) } else { files.push((name, path)) }
    }
}

/// `manifest` with what it inherits from `workspace` written out.
fn stand_alone(mut manifest: Table, workspace: &Value) -> Table {
    NOT_CARRIED.iter().for_each(|name| drop(manifest.remove(*name)));
    if let Some(Value::Table(package)) = manifest.get_mut("package") {
        package.remove("readme");
        for (key, value) in package.iter_mut().filter(|(_, value)| inherits(value)) {
            *value = workspace["package"][key].clone();
        }
    }
    for (name, dependency) in dependencies(&mut manifest).filter(|(_, value)| inherits(value)) {
        *dependency = merged(name, &workspace["dependencies"][name], dependency);
    }
    manifest
}

/// `manifest` with the paths of `crates`, which lie beside it.
fn beside(mut manifest: Table, crates: &Crates) -> Table {
    for (name, dependency) in dependencies(&mut manifest) {
        if crates.contains_key(name) {
            if !dependency.is_table() {
                *dependency = Value::Table(Table::new());
            }
            let table = dependency.as_table_mut().expect("it is one now");
            table.insert("path".into(), Value::String(format!("../{name}")));
        }
    }
    manifest
}

fn dependencies(manifest: &mut Table) -> impl Iterator<Item = (&String, &mut Value)> {
    let table = manifest.get_mut("dependencies").and_then(Value::as_table_mut);
    table.into_iter().flat_map(Table::iter_mut)
}

fn inherits(value: &Value) -> bool {
    value.get("workspace") == Some(&Value::Boolean(true))
}

/// A dependency as the workspace has it, with what the crate adds.
fn merged(name: &str, inherited: &Value, own: &Value) -> Value {
    let mut merged = match inherited {
        Value::Table(table) => table.clone(),
        version => Table::from_iter([("version".into(), version.clone())]),
    };
    for (key, value) in own.as_table().into_iter().flatten().filter(|(key, _)| *key != "workspace")
    {
        match (merged.get_mut(key), value) {
            (Some(Value::Array(inherited)), Value::Array(own)) => inherited.extend(own.clone()),
            _ => drop(merged.insert(key.clone(), value.clone())),
        }
    }
    if merged.contains_key("path") {
        merged.insert("path".into(), Value::String(format!("../{name}")));
    }
    Value::Table(merged)
}
