//! skopeo, umoci, readelf and the specification's JSON schemas read what pipkin writes.

use std::error::Error;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{Pipkin, example, pages, ready, run, unprivileged};
use jsonschema::{Draft, Retrieve, Uri};
use serde_json::Value;

/// Where Debian's golang-github-opencontainers-image-spec-dev has the schemas.
const SCHEMAS: &str = "/usr/share/gocode/src/github.com/opencontainers/image-spec/schema";
const TAG: &str = "localhost/pipkin-e2e/tools:1";

/// `examples/site` as an archive and as a layout folder.
struct Built {
    folder: tempfile::TempDir,
}

impl Built {
    fn new(pipkin: &Pipkin) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for output in ["type=docker,dest=site.tar", "type=oci,dest=layout"] {
            let _ = pipkin.build(folder.path(), &example(), &["-t", TAG, "-o", output]);
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn json(path: &Path) -> Value {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

/// What `skopeo inspect` says about the image at `place`.
fn skopeo(place: &str, args: &[&str]) -> Value {
    let stdout = run(Command::new("skopeo").arg("inspect").args(args).arg(place));
    serde_json::from_slice(&stdout).unwrap()
}

#[test]
fn skopeo_reads_all_three_forms() {
    let Some(pipkin) = ready(&["skopeo"]) else { return };
    let built = Built::new(&pipkin);
    let archive = built.path("site.tar").display().to_string();
    let layout = built.path("layout").display().to_string();
    for place in ["docker-archive:", "oci-archive:"].map(|form| format!("{form}{archive}")) {
        check_skopeo(&place);
    }
    check_skopeo(&format!("oci:{layout}"));
}

fn check_skopeo(place: &str) {
    let said = skopeo(place, &[]);
    assert_eq!((&said["Os"], &said["Architecture"]), (&"linux".into(), &"amd64".into()), "{place}");
    assert_eq!(said["Layers"].as_array().map(Vec::len), Some(1), "{place}");
    let config = skopeo(place, &["--config"]);
    assert_eq!(config["config"]["User"], "65532:65532", "{place}");
    assert_eq!(config["config"]["ExposedPorts"], serde_json::json!({"8080/tcp": {}}), "{place}");
}

/// Not root, skopeo may not give away the folders that an archive does not name.
#[test]
fn skopeo_reads_archives_without_privileges() {
    let Some(pipkin) = ready(&["skopeo", "setpriv"]) else { return };
    let built = Built::new(&pipkin);
    fs::set_permissions(built.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for form in ["docker-archive:", "oci-archive:"] {
        let mut skopeo = unprivileged(Path::new("skopeo"));
        skopeo.arg("inspect").env("HOME", built.folder.path());
        run(skopeo.arg(format!("{form}{}", built.path("site.tar").display())));
    }
}

#[test]
fn umoci_unpacks_the_layout() {
    let Some(pipkin) = ready(&["umoci", "root"]) else { return };
    let built = Built::new(&pipkin);
    let tag = ref_name(&built.path("layout"));
    let image = format!("{}:{tag}", built.path("layout").display());
    run(Command::new("umoci").args(["unpack", "--image", &image]).arg(built.path("bundle")));
    let _ = pipkin.build(built.folder.path(), &example(), &["-o", "type=dir,dest=root"]);
    assert_eq!(tree(&built.path("bundle/rootfs")), tree(&built.path("root")));
    let exe = pipkin.exe(built.folder.path(), &example(), "linux/amd64");
    let (_, mode, bytes) = tree(&built.path("root")).remove(0);
    assert_eq!(mode & 0o111, 0o111, "everybody may run it");
    assert!(bytes == fs::read(exe).unwrap(), "type=exe has other bytes than type=dir");
}

/// What the layout calls its image.
fn ref_name(layout: &Path) -> String {
    let index = json(&layout.join("index.json"));
    let name = &index["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"];
    name.as_str().unwrap_or_else(|| panic!("no ref.name in {index}")).to_string()
}

/// Names, modes and bytes of the files below `folder`.
fn tree(folder: &Path) -> Vec<(String, u32, Vec<u8>)> {
    let pages = pages(folder).into_iter();
    let file = |page: e2e::Page| {
        let mode = page.file.metadata().unwrap().permissions().mode();
        (page.path, mode, fs::read(page.file).unwrap())
    };
    pages.map(file).collect()
}

/// Schemas name each other by relative references, which resolve to addresses that end in
/// the names of the files.
struct Schemas;

impl Retrieve for Schemas {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let name = uri.path().as_str().rsplit('/').next().unwrap_or_default();
        Ok(schema(name))
    }
}

/// Without `$schema`, whose address with https jsonschema does not know; they are draft 4.
fn schema(name: &str) -> Value {
    let mut schema = json(&Path::new(SCHEMAS).join(name));
    schema.as_object_mut().unwrap().remove("$schema");
    schema
}

#[track_caller]
fn check_schema(name: &str, document: &Value) {
    let options = jsonschema::options().with_draft(Draft::Draft4).with_retriever(Schemas);
    let validator = options.build(&schema(name)).unwrap();
    let errors: Vec<_> = validator.iter_errors(document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{name}: {errors:?} in {document}");
}

#[test]
fn a_schema_finds_faults() {
    if ready(&[SCHEMAS]).is_none() {
        return;
    }
    let wrong = serde_json::json!({"schemaVersion": 2, "config": {"digest": "x"}, "layers": []});
    let check = || check_schema("image-manifest-schema.json", &wrong);
    assert!(std::panic::catch_unwind(check).is_err(), "a wrong manifest passes");
}

#[test]
fn the_schemas_of_the_specification_hold() {
    let Some(pipkin) = ready(&[SCHEMAS, "tar"]) else { return };
    let built = Built::new(&pipkin);
    check_layout(&built.path("layout"));
    fs::create_dir(built.path("archive")).unwrap();
    let mut tar = Command::new("tar");
    run(tar.arg("-xf").arg(built.path("site.tar")).arg("-C").arg(built.path("archive")));
    check_layout(&built.path("archive"));
    let both = ["--platform", "linux/amd64,linux/arm64", "-o", "type=oci,dest=both"];
    let _ = pipkin.build(built.folder.path(), &example(), &both);
    check_layout(&built.path("both"));
}

fn check_layout(layout: &Path) {
    check_schema("image-layout-schema.json", &json(&layout.join("oci-layout")));
    check_index(layout, &json(&layout.join("index.json")));
}

/// The index, and whatever it leads to.
fn check_index(layout: &Path, index: &Value) {
    check_schema("image-index-schema.json", index);
    for descriptor in index["manifests"].as_array().unwrap() {
        let document = blob(layout, descriptor);
        if document["manifests"].is_array() {
            check_index(layout, &document);
        } else {
            check_schema("image-manifest-schema.json", &document);
            check_schema("config-schema.json", &blob(layout, &document["config"]));
        }
    }
}

/// The JSON document that `descriptor` describes.
fn blob(layout: &Path, descriptor: &Value) -> Value {
    check_schema("content-descriptor.json", descriptor);
    let digest = descriptor["digest"].as_str().unwrap().replace(':', "/");
    let path = layout.join("blobs").join(digest);
    assert_eq!(path.metadata().unwrap().len(), descriptor["size"].as_u64().unwrap());
    json(&path)
}

#[test]
fn readelf_agrees() {
    let Some(pipkin) = ready(&["readelf"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    for platform in ["linux/amd64", "linux/arm64", "linux/riscv64"] {
        let exe = pipkin.exe(folder.path(), &example(), platform);
        let mut readelf = Command::new("readelf");
        let said = run(readelf.env("LC_ALL", "C").args(["-hlW"]).arg(exe));
        check_segments(&String::from_utf8(said).unwrap());
    }
}

/// Code that may be run and content that may be read; nothing that may be written and run.
#[track_caller]
fn check_segments(readelf: &str) {
    assert!(!readelf.contains("Warning"), "{readelf}");
    let flags: Vec<String> = readelf.lines().filter_map(load_flags).collect();
    assert!(flags.iter().any(|flags| flags == "RE"), "{readelf}");
    assert!(flags.iter().any(|flags| flags == "R"), "{readelf}");
    assert!(!flags.iter().any(|flags| flags.contains('W') && flags.contains('E')), "{readelf}");
}

/// `RE` of `LOAD offset p_vaddr p_paddr p_filesz p_memsz R E p_align`.
fn load_flags(line: &str) -> Option<String> {
    let words: Vec<_> = line.trim().strip_prefix("LOAD ")?.split_whitespace().collect();
    Some(words[5..words.len() - 1].concat())
}
