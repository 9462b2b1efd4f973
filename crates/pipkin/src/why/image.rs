//! An image on disk, of anybody's making: an archive of pipkin or of `docker save`, or the folder of
//! an OCI layout.
//!
//! Nothing of it is believed: names lead nowhere but into it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use pipkin_closure::{Root, resolve};
use serde_json::Value;

use super::unpack;
use crate::failure::Failure;
use crate::program::Program;
use crate::progress::{Progress, is_interrupted};
use crate::stub::host_platform;

/// Bytes of a JSON document at most; those of large images have 100 kB.
const DOCUMENT_BYTES_MAX: u64 = 16 << 20;
/// How deep indexes stand in indexes.
const DEPTH_MAX: usize = 4;
/// Where the magic of a tar is.
const MAGIC_OFFSET: usize = 257;

/// An image.
pub(super) struct Image {
    /// As typed.
    path: PathBuf,
    store: Store,
    /// What is in the config under that name.
    config: Value,
    /// The names of the layers in the store, the lowest first.
    layers: Vec<String>,
}

impl Image {
    /// The image at `path`; none when that is something else.
    ///
    /// # Errors
    ///
    /// It is an image, and broken.
    pub(super) fn find(path: &Path) -> Result<Option<Self>, Failure> {
        let store = Store::open(path).map_err(|error| broken(path, &error.to_string()))?;
        let Some(store) = store else { return Ok(None) };
        let (config, layers) = documents(&store).map_err(|why| broken(path, &why))?;
        Ok(Some(Self { path: path.into(), store, config, layers }))
    }

    /// Nothing, after `root` has what the layers hold.
    pub(super) fn unpack(&self, root: &Path, progress: &Progress) -> Result<(), Failure> {
        progress.phase("unpacking", 0);
        for layer in &self.layers {
            let found = self.store.reader(layer);
            let (reader, bytes) = found.map_err(|error| broken(&self.path, &error.to_string()))?;
            let unpacked = unpack::layer(progress.watch(reader), bytes, root);
            unpacked.map_err(|error| match error {
                _ if is_interrupted() => Failure::new("interrupted"),
                unpack::Error::Layer(why) => broken(&self.path, &format!("{layer}: {why}")),
                unpack::Error::Folder(error) => Failure::temporary(error),
            })?;
        }
        Ok(())
    }

    /// What it runs, once it is unpacked in `root`.
    pub(super) fn program(&self, root: &Path) -> Result<Program, Failure> {
        let list = |field: &str| self.config[field].as_array().cloned().unwrap_or_default();
        let mut words = list("Entrypoint").into_iter().chain(list("Cmd"));
        let first = words.next().and_then(|word| word.as_str().map(String::from));
        let first = first.ok_or_else(|| {
            Failure::new(format!("{} runs nothing by itself", self.path.display()))
                .help("name an image with an entrypoint or a command")
        })?;
        if !first.contains('/') {
            let variables = list("Env");
            let mut variables = variables.iter().filter_map(Value::as_str);
            let path = variables.find_map(|variable| variable.strip_prefix("PATH="));
            return Program::named(&first, root, path).map_err(|_| {
                let path = path.unwrap_or("the usual folders");
                broken(&self.path, &format!("it runs {first}, which is not in {path}"))
            });
        }
        let here = self.config["WorkingDir"].as_str().unwrap_or("/");
        let path = if first.starts_with('/') { first } else { format!("{here}/{first}") };
        let program = Program::at(&path, root);
        match Root::new(root).find(&program.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(broken(&self.path, &format!("it runs {}, which is not in it", program.path)))
            }
            _ => Ok(program),
        }
    }
}

/// The config, and the names of the layers.
fn documents(store: &Store) -> Result<(Value, Vec<String>), String> {
    let (config, layers) = match store.document("manifest.json") {
        Ok(docker) => of_docker(&docker)?,
        Err(_) => of_oci(store)?,
    };
    let config = store.document(&config)?;
    Ok((config["config"].clone(), layers))
}

/// What a `manifest.json` names.
///
/// Source: Docker image-spec v1.2, Combined Image JSON.
fn of_docker(document: &Value) -> Result<(String, Vec<String>), String> {
    let images = document.as_array().map_or(&[][..], Vec::as_slice);
    let [image] = images else {
        return Err(format!("manifest.json lists {} images, and one is looked at", images.len()));
    };
    let texts = |value: &Value| value.as_str().map(String::from).ok_or("manifest.json is broken");
    let layers = image["Layers"].as_array().ok_or("manifest.json is broken")?;
    let layers = layers.iter().map(texts).collect::<Result<_, _>>()?;
    Ok((texts(&image["Config"])?, layers))
}

/// What the manifest that `index.json` leads to names; of several platforms, that of this machine or
/// else the first.
///
/// Source: OCI image-spec, Image Layout, Image Index, Image Manifest.
fn of_oci(store: &Store) -> Result<(String, Vec<String>), String> {
    let mut document = store.document("index.json")?;
    for _ in 0..DEPTH_MAX {
        let Some(entries) = document["manifests"].as_array() else { break };
        let host = host_platform();
        let is_host = |entry: &&Value| entry["platform"]["architecture"] == host.architecture();
        let entry = entries.iter().find(is_host).or(entries.first());
        document = store.document(&blob(entry.unwrap_or(&Value::Null))?)?;
    }
    let layers = document["layers"].as_array().ok_or("its index leads to no manifest")?;
    Ok((blob(&document["config"])?, layers.iter().map(blob).collect::<Result<_, _>>()?))
}

/// The name of the blob behind a descriptor.
fn blob(descriptor: &Value) -> Result<String, String> {
    let digest = descriptor["digest"].as_str().and_then(|digest| digest.split_once(':'));
    let (algorithm, hex) = digest.ok_or("a descriptor has no digest")?;
    Ok(format!("blobs/{algorithm}/{hex}"))
}

/// Files by name.
enum Store {
    Folder(PathBuf),
    Archive {
        path: PathBuf,
        /// Where each file starts, and its length.
        files: HashMap<String, (u64, u64)>,
        /// Links, which `docker save` makes of layers that are the same.
        links: HashMap<String, String>,
    },
}

impl Store {
    fn open(path: &Path) -> io::Result<Option<Self>> {
        if path.is_dir() {
            let is_layout = path.join("oci-layout").is_file();
            return Ok(is_layout.then(|| Self::Folder(path.into())));
        }
        if !path.is_file() {
            return Ok(None);
        }
        let mut start = Vec::new();
        File::open(path)?.take(512).read_to_end(&mut start)?;
        if start.starts_with(b"\x1f\x8b") {
            return Err(io::Error::other("it is compressed: gunzip it first"));
        }
        let is_tar = start.get(MAGIC_OFFSET..).is_some_and(|rest| rest.starts_with(b"ustar"));
        if is_tar { Self::index(path).map(Some) } else { Ok(None) }
    }

    /// The names in an archive.
    fn index(path: &Path) -> io::Result<Self> {
        let (mut files, mut links) = (HashMap::new(), HashMap::new());
        let mut archive = tar::Archive::new(File::open(path)?);
        for entry in archive.entries_with_seek()? {
            let entry = entry?;
            let name = name(&entry.path_bytes());
            let place = (entry.raw_file_position(), entry.size());
            if let Some(target) = entry.link_name_bytes() {
                links.insert(format!("/{name}"), String::from_utf8_lossy(&target).into_owned());
            } else if entry.header().entry_type().is_file() {
                files.insert(name, place);
            }
        }
        Ok(Self::Archive { path: path.into(), files, links })
    }

    /// The content of a file, and its length.
    fn reader(&self, name: &str) -> io::Result<(Box<dyn Read>, u64)> {
        let missing = || io::Error::other(format!("there is no {name} in it"));
        match self {
            Self::Folder(folder) => {
                let inside = Root::new(folder);
                let found = inside.find(name).ok().filter(|found| found.metadata.is_file());
                let found = found.ok_or_else(missing)?;
                let file = File::open(inside.outside(&found.path))?;
                Ok((Box::new(BufReader::new(file)), found.metadata.len()))
            }
            Self::Archive { path, files, links } => {
                let found = resolve(name, |path| Ok(links.get(path).cloned()))?;
                let (start, bytes) = files.get(&found[1..]).ok_or_else(missing)?;
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(*start))?;
                Ok((Box::new(BufReader::new(file.take(*bytes))), *bytes))
            }
        }
    }

    fn document(&self, name: &str) -> Result<Value, String> {
        let (reader, _) = self.reader(name).map_err(|error| error.to_string())?;
        serde_json::from_reader(reader.take(DOCUMENT_BYTES_MAX))
            .map_err(|error| format!("{name} is no JSON: {error}"))
    }
}

/// A name without what archives put before it.
fn name(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim_start_matches("./").trim_matches('/').to_owned()
}

fn broken(path: &Path, why: &str) -> Failure {
    Failure::new(format!("cannot read the image {}: {why}", path.display()))
        .help("name an archive by pipkin or docker save, or the folder of an OCI layout")
}

#[cfg(test)]
mod tests;
