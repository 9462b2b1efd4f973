//! Which package may use which.

use serde_json::Value;

use super::tree::Tree;
use crate::shell::{metadata, root};

/// Each package with the crates of the workspace that it may use. Crates not listed, which
/// are tools, use none of them; the command line knows all of them.
const ARROWS: &[(&str, &[&str])] = &[
    ("pipkin-format", &[]),
    ("pipkin-elf", &[]),
    ("pipkin-image", &[]),
    ("pipkin-closure", &["pipkin-elf"]),
    ("pipkin-server", &["pipkin-format"]),
    ("pipkin-site", &["pipkin-format"]),
    // Its tests make a site.
    ("pipkin-handler", &["pipkin-format", "pipkin-server"]),
    ("pipkin", &["pipkin-format", "pipkin-site", "pipkin-elf", "pipkin-closure", "pipkin-image"]),
    ("stub", &["pipkin-server"]),
    ("launcher", &["pipkin-server"]),
    ("micro", &["pipkin-server"]),
    ("unpacker", &["pipkin-server"]),
    // It packs the rivals of pipkin as pipkin packs.
    ("xtask", &["pipkin-image", "results"]),
    ("report", &["results"]),
];

/// Packages that end up in the executable of an image, and so use nothing from elsewhere.
const BARE: &[&str] = &["pipkin-format", "pipkin-server", "stub", "launcher", "micro", "unpacker"];

/// Any target may be fuzzed.
const FREE: &[&str] = &["fuzz"];

/// Dependencies that no arrow allows.
pub(super) fn point_one_way(_: &Tree) -> Vec<String> {
    let manifests = ["Cargo.toml", "stub/Cargo.toml", "fuzz/Cargo.toml"];
    let present = manifests.iter().filter(|manifest| root().join(manifest).exists());
    present.flat_map(|manifest| in_workspace(manifest)).collect()
}

fn in_workspace(manifest: &str) -> Vec<String> {
    match metadata(manifest) {
        Ok(metadata) => array(&metadata["packages"]).iter().flat_map(in_package).collect(),
        Err(failure) => vec![format!("{manifest}:1: {failure}")],
    }
}

fn in_package(package: &Value) -> Vec<String> {
    // The folder names the package: what the stub is called is the stub's business.
    let manifest = text(&package["manifest_path"]);
    let folder = manifest.rsplit('/').nth(1).unwrap_or_default();
    let wrong = array(&package["dependencies"]).iter().filter(|used| !may_use(folder, used));
    wrong.map(|used| finding(manifest, folder, text(&used["name"]))).collect()
}

/// Build dependencies do not end up in the package, and tests may use what they like from
/// elsewhere.
fn may_use(package: &str, used: &Value) -> bool {
    let kind = text(&used["kind"]);
    if FREE.contains(&package) || kind == "build" {
        return true;
    }
    if used["path"].is_null() {
        // What is optional is for handlers, which ask for it.
        return kind == "dev" || used["optional"] == true || !BARE.contains(&package);
    }
    let arrow = ARROWS.iter().find(|(name, _)| *name == package);
    arrow.is_some_and(|(_, allowed)| allowed.contains(&text(&used["name"])))
}

/// Names the line of the manifest where the dependency stands.
fn finding(manifest: &str, package: &str, used: &str) -> String {
    let content = std::fs::read_to_string(manifest).unwrap_or_default();
    let line = content.lines().position(|line| line.starts_with(used)).map_or(1, |at| at + 1);
    let path = manifest.strip_prefix(&*root().to_string_lossy()).unwrap_or(manifest);
    format!("{}:{line}: {package} must not use {used}", path.trim_start_matches('/'))
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    fn check(package: &str, name: &str, kind: Option<&str>, path: Option<&str>, expected: bool) {
        let used = json!({"name": name, "kind": kind, "path": path});
        assert_eq!(super::may_use(package, &used), expected, "{package} uses {used}");
    }

    #[test]
    fn arrows() {
        let here = Some("/somewhere");
        check("pipkin-server", "pipkin-format", None, here, true);
        check("pipkin-format", "pipkin-server", None, here, false);
        check("pipkin-elf", "pipkin-format", Some("dev"), here, false);
        check("pipkin-elf", "object", None, None, true);
        check("pipkin-server", "libc", None, None, false);
        check("pipkin-server", "expect-test", Some("dev"), None, true);
        check("stub", "pipkin-site", None, here, false);
        check("pipkin", "pipkin-server", Some("build"), here, true);
        check("fuzz", "pipkin-elf", None, here, true);
    }
}
