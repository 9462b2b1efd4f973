//! A judge of layouts and archives, which shares no code with what writes them.
//!
//! It reads the documents as untyped JSON and the tars by the offsets of POSIX, so that a fault
//! of a writer is not repeated in its check. Layers are held in memory while they are checked.

use std::collections::BTreeMap;
use std::io;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

mod entries;
mod gunzip;

pub use entries::{Body, Found, entries};
pub use gunzip::gunzip;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// How deep indexes may stand in indexes; a layout of several platforms has two.
const DEPTH_MAX: usize = 4;

const BLOCK_BYTES: usize = 512;

/// All that is wrong with the layout whose files `read` gives, `None` standing for a file that
/// does not exist. An empty list says that it is valid.
///
/// Checked are the version of the layout, the size, digest and media type behind every
/// descriptor, the architecture, system and diff ids of every config, the tar in every layer, and
/// that a `manifest.json` names files that exist.
///
/// Source: OCI image-spec, Image Layout, Image Index, Image Manifest, Image Configuration.
pub fn layout(read: &mut dyn FnMut(&str) -> io::Result<Option<Vec<u8>>>) -> Vec<String> {
    let mut judge = Judge { read, problems: Vec::new() };
    judge.version();
    judge.entry();
    judge.docker();
    judge.problems
}

/// All that is wrong with `tar` as an archive that holds a layout.
pub fn archive(tar: &[u8]) -> Vec<String> {
    if tar.len() < 2 * BLOCK_BYTES || tar[tar.len() - 2 * BLOCK_BYTES..].iter().any(|&b| b != 0) {
        return vec!["the archive does not end with two zero blocks".into()];
    }
    match entries(tar) {
        Err(problem) => vec![format!("the archive {problem}")],
        Ok(list) => {
            let file = |Found { path, body, .. }| match body {
                Body::File(bytes) => Some((path, bytes)),
                Body::Link(_) | Body::Folder => None,
            };
            let files: BTreeMap<String, &[u8]> = list.into_iter().filter_map(file).collect();
            layout(&mut |path| Ok(files.get(path).map(|bytes| bytes.to_vec())))
        }
    }
}

/// A descriptor that has been read.
struct Named<'a> {
    media_type: &'a str,
    /// What problems call the blob.
    place: String,
    bytes: Vec<u8>,
}

struct Judge<'a> {
    read: &'a mut dyn FnMut(&str) -> io::Result<Option<Vec<u8>>>,
    problems: Vec<String>,
}

impl Judge<'_> {
    fn expect(&mut self, holds: bool, problem: impl FnOnce() -> String) {
        if !holds {
            self.problems.push(problem());
        }
    }

    fn file(&mut self, path: &str) -> Option<Vec<u8>> {
        match (self.read)(path) {
            Ok(Some(bytes)) => return Some(bytes),
            Ok(None) => self.problems.push(format!("{path} does not exist")),
            Err(error) => self.problems.push(format!("{path} cannot be read: {error}")),
        }
        None
    }

    fn json(&mut self, place: &str, bytes: &[u8]) -> Option<Value> {
        let parsed = serde_json::from_slice(bytes);
        parsed.map_err(|error| self.problems.push(format!("{place} is no JSON: {error}"))).ok()
    }

    fn version(&mut self) {
        let Some(bytes) = self.file("oci-layout") else { return };
        let Some(value) = self.json("oci-layout", &bytes) else { return };
        let version = &value["imageLayoutVersion"];
        self.expect(version == "1.0.0", || {
            format!("oci-layout has imageLayoutVersion {version}, not \"1.0.0\"")
        });
    }

    fn entry(&mut self) {
        let Some(bytes) = self.file("index.json") else { return };
        self.index("index.json", &bytes, 1);
    }

    fn index(&mut self, place: &str, bytes: &[u8], depth: usize) {
        if depth > DEPTH_MAX {
            return self.problems.push(format!("{place} stands in too many indexes"));
        }
        let Some(value) = self.json(place, bytes) else { return };
        self.head(place, &value, INDEX);
        for (i, entry) in self.list(place, &value, "manifests").iter().enumerate() {
            let Some(named) = self.blob(&format!("{place} manifests[{i}]"), entry) else {
                continue;
            };
            match named.media_type {
                INDEX => self.index(&named.place, &named.bytes, depth + 1),
                MANIFEST => self.manifest(&named.place, &named.bytes, &entry["platform"]),
                other => {
                    self.problems.push(format!("{} has the media type {other:?}", named.place));
                }
            }
        }
    }

    fn manifest(&mut self, place: &str, bytes: &[u8], platform: &Value) {
        let Some(value) = self.json(place, bytes) else { return };
        self.head(place, &value, MANIFEST);
        let mut diff_ids = Vec::new();
        for (i, entry) in self.list(place, &value, "layers").iter().enumerate() {
            if let Some(layer) = self.typed_blob(&format!("{place} layers[{i}]"), entry, LAYER) {
                diff_ids.extend(self.layer(&layer));
            }
        }
        let config = self.typed_blob(&format!("{place} config"), &value["config"], CONFIG);
        if let Some(config) = config {
            self.config(&config, &diff_ids, platform);
        }
    }

    /// The digest of the tar in `layer`.
    fn layer(&mut self, layer: &Named) -> Option<Value> {
        let read = gunzip(&layer.bytes).and_then(|tar| entries(&tar).map(|_| digest(&tar)));
        read.map_err(|problem| self.problems.push(format!("{} {problem}", layer.place))).ok()
    }

    fn config(&mut self, config: &Named, diff_ids: &[Value], platform: &Value) {
        let place = &config.place;
        let Some(value) = self.json(place, &config.bytes) else { return };
        for field in ["architecture", "os"] {
            let found = &value[field];
            let is_text = found.as_str().is_some_and(|text| !text.is_empty());
            self.expect(is_text, || format!("{place} has no {field}"));
        }
        for field in ["architecture", "os", "variant"] {
            let (found, expected) = (&value[field], &platform[field]);
            self.expect(platform.is_null() || found == expected, || {
                format!("{place} has {field} {found}, and the index says {expected}")
            });
        }
        let rootfs = &value["rootfs"];
        self.expect(rootfs["type"] == "layers", || format!("{place} has no rootfs of layers"));
        let found = &rootfs["diff_ids"];
        self.expect(found.as_array().is_some_and(|found| found == diff_ids), || {
            format!("{place} has diff ids {found}, and the layers {}", Value::from(diff_ids))
        });
    }

    /// Checks what manifests and indexes start with.
    fn head(&mut self, place: &str, value: &Value, media_type: &str) {
        let version = &value["schemaVersion"];
        self.expect(version == 2, || format!("{place} has schemaVersion {version}, not 2"));
        let found = &value["mediaType"];
        let may_lack = media_type == MANIFEST && found.is_null();
        self.expect(may_lack || found == media_type, || {
            format!("{place} has mediaType {found}, not {media_type:?}")
        });
    }

    fn list(&mut self, place: &str, value: &Value, field: &str) -> Vec<Value> {
        let list = value[field].as_array().cloned();
        self.expect(list.is_some(), || format!("{place} has no {field}"));
        list.unwrap_or_default()
    }

    fn typed_blob<'a>(&mut self, place: &str, entry: &'a Value, kind: &str) -> Option<Named<'a>> {
        let named = self.blob(place, entry)?;
        self.expect(named.media_type == kind, || {
            format!("{place} has the media type {:?}, not {kind:?}", named.media_type)
        });
        Some(named)
    }

    /// The blob behind the descriptor `entry`, when it exists, with its size and digest checked.
    fn blob<'a>(&mut self, place: &str, entry: &'a Value) -> Option<Named<'a>> {
        let named = entry["digest"].as_str().and_then(|name| name.strip_prefix("sha256:"));
        let (Some(hex), Some(media_type)) = (named, entry["mediaType"].as_str()) else {
            self.problems.push(format!("{place} is no descriptor"));
            return None;
        };
        let path = format!("blobs/sha256/{hex}");
        let bytes = self.file(&path)?;
        let (found, expected) = (bytes.len(), &entry["size"]);
        self.expect(*expected == found, || {
            format!("{place} has {found} bytes, and its descriptor says {expected}")
        });
        let (found, expected) = (digest(&bytes), &entry["digest"]);
        self.expect(found == *expected, || {
            format!("{place} has the digest {found}, and its descriptor says {expected}")
        });
        Some(Named { media_type, place: place.into(), bytes })
    }

    /// Checks `manifest.json`, which a layout need not have.
    fn docker(&mut self) {
        let Ok(Some(bytes)) = (self.read)("manifest.json") else { return };
        let Some(value) = self.json("manifest.json", &bytes) else { return };
        let images = value.as_array().cloned().unwrap_or_default();
        self.expect(!images.is_empty(), || "manifest.json lists no image".into());
        for (i, image) in images.iter().enumerate() {
            self.docker_image(&format!("manifest.json [{i}]"), image);
        }
    }

    fn docker_image(&mut self, place: &str, image: &Value) {
        let tags = image["RepoTags"].as_array();
        let are_texts = tags.is_some_and(|tags| tags.iter().all(Value::is_string));
        self.expect(are_texts, || format!("{place} has no RepoTags"));
        let layers = self.list(place, image, "Layers");
        for path in layers.iter().chain([&image["Config"]]) {
            match path.as_str() {
                Some(path) => drop(self.file(path)),
                None => self.problems.push(format!("{place} has {path} for a path")),
            }
        }
    }
}

/// The digest of `bytes` as a descriptor spells it.
fn digest(bytes: &[u8]) -> Value {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Value::from(format!("sha256:{hex}"))
}

#[cfg(test)]
mod tests;
