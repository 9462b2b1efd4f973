//! What pipkin makes of a program.

use std::path::Path;

use serde_json::Value;

use super::Bytes;
use crate::shell::{Outcome, output};

/// The bytes of the image of `program`.
pub(super) fn build(pipkin: &Path, program: &str, work: &Path) -> Outcome<Bytes> {
    let mut build = std::process::Command::new(pipkin);
    build.args(["build", program, "-q", "--json", "-o", "image.tar"]).current_dir(work);
    let report: Value = serde_json::from_str(&output(&mut build)?)?;
    let platform = &report["platforms"][0];
    let number =
        |field: &str| platform[field].as_u64().ok_or_else(|| format!("--json: no {field}"));
    let blobs = ["layer_bytes", "config_bytes", "manifest_bytes"];
    Ok(Bytes {
        files: number("files_bytes")?,
        registry: blobs.iter().map(|field| number(field)).sum::<Result<_, _>>()?,
    })
}
