//! What an executable weighs, alone and in an image from scratch.

use std::io::{Read, sink};
use std::path::Path;

use pipkin_image::{Annotations, Entry, Image, Settings, archive, layer};
use serde_json::Value;

use crate::shell::Outcome;

/// The path of the executable in the image; as short as that which pipkin gives its own.
const PATH: &str = "/site";

/// Of an executable, and of the image with nothing but it.
pub(super) struct Bytes {
    executable: u64,
    /// The tar that engines load.
    archive: u64,
    /// What a registry stores: layer, config and manifest.
    registry: u64,
}

impl Bytes {
    /// What [`Self::figures`] are.
    pub(super) const NAMES: [&str; 3] = ["executable", "archive", "registry"];

    pub(super) fn figures(&self) -> [u64; 3] {
        [self.executable, self.archive, self.registry]
    }

    /// From what `pipkin build --json` says.
    pub(super) fn reported(report: &Value) -> Outcome<Self> {
        let number = |value: &Value, field: &str| {
            value[field].as_u64().ok_or_else(|| format!("--json: no {field}"))
        };
        let platform = &report["platforms"][0];
        let blobs = ["layer_bytes", "config_bytes", "manifest_bytes"];
        Ok(Self {
            executable: number(platform, "files_bytes")?,
            archive: number(report, "archive_bytes")?,
            registry: blobs.iter().map(|field| number(platform, field)).sum::<Result<_, _>>()?,
        })
    }

    /// Of the image in which pipkin's packer puts `executable`, with the settings that pipkin gives
    /// its own but for the health check, for which these have no answer.
    pub(super) fn packed(executable: &Path) -> Outcome<Self> {
        let program = std::fs::read(executable)?;
        let size = program.len() as u64;
        let file = Entry::file(PATH, 0o755, size, program.as_slice());
        let (blob, written) = layer::write([file], Vec::new())?;
        let settings = Settings {
            user: Some("65532:65532".into()),
            exposed_ports: vec![8080],
            entrypoint: vec![PATH.into()],
            cmd: vec!["[::]:8080".into()],
            ..Settings::default()
        };
        let platform = format!("linux/{}", std::env::consts::ARCH).parse()?;
        let image = Image::new(&platform, &settings, &Annotations::new(), written);
        let registry = image.registry_bytes();
        let layers: &mut [&mut dyn Read] = &mut [&mut blob.as_slice()];
        let archive = archive::write(&[image], &["hello".parse()?], layers, sink())?;
        Ok(Self { executable: size, archive, registry })
    }
}
