//! The sources that handlers are compiled with: manifests that stand on their own, outside of
//! this workspace, the files of each crate, the versions of what they use, and the profile.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// The crates that end up in a handler's executable.
const CRATES: [&str; 3] = ["pipkin-format", "pipkin-handler", "pipkin-server"];

/// Tables of a manifest that concern those who work on the crate.
const NOT_CARRIED: [&str; 3] = ["dev-dependencies", "lints", "workspace"];

/// Writes `carried.rs` into `out`: a list of path and contents.
pub(crate) fn write(workspace: &Path, out: &Path) {
    let manifest = read(&workspace.join("Cargo.toml"));
    let mut files = Vec::new();
    for name in CRATES {
        let folder = workspace.join("crates").join(name);
        println!("cargo::rerun-if-changed={}", folder.display());
        let generated = out.join(format!("{name}.toml"));
        let table = stand_alone(read(&folder.join("Cargo.toml")), &manifest["workspace"]);
        fs::write(&generated, table.to_string()).expect("OUT_DIR is writable");
        files.push((format!("{name}/Cargo.toml"), generated));
        add_sources(&folder.join("src"), &format!("{name}/src"), &mut files);
    }
    files.push(("Cargo.lock".into(), workspace.join("Cargo.lock")));
    files.sort();
    let mut list = String::from("&[\n");
    for (name, path) in files {
        writeln!(list, "    ({name:?}, include_bytes!({path:?}).as_slice()),").expect("it grows");
    }
    fs::write(out.join("carried.rs"), list + "]\n").expect("OUT_DIR is writable");
    let profile = Table::from_iter([("stub".into(), manifest["profile"]["stub"].clone())]);
    let profile = Table::from_iter([("profile".into(), Value::Table(profile))]);
    fs::write(out.join("profile.toml"), profile.to_string()).expect("OUT_DIR is writable");
}

fn read(path: &Path) -> Table {
    let text = fs::read_to_string(path).expect("a manifest can be read");
    text.parse().expect("cargo has read the manifest")
}

/// Every file below `folder` but tests.
fn add_sources(folder: &Path, name: &str, files: &mut Vec<(String, PathBuf)>) {
    for entry in fs::read_dir(folder).expect("sources can be read") {
        let path = entry.expect("sources can be read").path();
        let file = path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8");
        let name = format!("{name}/{file}");
        if file == "tests" || file == "tests.rs" {
            continue;
        }
        if path.is_dir() { add_sources(&path, &name, files) } else { files.push((name, path)) }
    }
}

/// `manifest` with what it inherits from `workspace` written out.
fn stand_alone(mut manifest: Table, workspace: &Value) -> Table {
    NOT_CARRIED.iter().for_each(|name| drop(manifest.remove(*name)));
    if let Some(Value::Table(package)) = manifest.get_mut("package") {
        for (key, value) in package.iter_mut() {
            if inherits(value) {
                *value = workspace["package"][key].clone();
            }
        }
    }
    if let Some(Value::Table(dependencies)) = manifest.get_mut("dependencies") {
        for (name, dependency) in dependencies.iter_mut() {
            if inherits(dependency) {
                *dependency = merged(name, &workspace["dependencies"][name], dependency);
            }
        }
    }
    manifest
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
