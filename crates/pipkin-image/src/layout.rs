//! The OCI layout: images as a folder of files.
//!
//! ```text
//! oci-layout               the version of the layout
//! index.json               the names and the descriptor of the image, or of the index of several
//! manifest.json            the same for Docker, which reads nothing else before version 25
//! blobs/sha256/DIGEST      index of several images, manifests, configs, layers
//! ```
//!
//! Source: OCI image-spec, Image Layout; Docker image-spec v1.2, Combined Image JSON.

use std::collections::HashSet;

use serde::Serialize;

use crate::{Descriptor, Image, Index, Reference, index};

/// The only version of the layout.
const VERSION: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// One file of a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayoutFile {
    /// The path in the layout's folder.
    pub path: String,
    /// The content.
    pub contents: Contents,
}

/// What is in a file of a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contents {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The layer of the image with this place in the list.
    Layer(usize),
}

/// The `manifest.json` entry of one image.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DockerImage {
    config: String,
    repo_tags: Vec<String>,
    layers: [String; 1],
}

/// The files of the layout of `images` under `references`: documents first, layers last, each
/// blob once.
///
/// One image stands in `index.json` itself, several as one index, as `docker buildx` has it: of
/// two entries with one name skopeo would copy the first alone. Several names are several
/// entries, of which `skopeo inspect oci-archive:FILE` wants one to be chosen by its tag.
///
/// With `docker` the layout of one image has a `manifest.json` too. That of several has none,
/// since the form knows no platforms, and so Docker 20.10 does not load it. The names there are
/// in full: a short one becomes `localhost/NAME` in podman and not in Docker.
pub fn files(images: &[Image], references: &[Reference], docker: bool) -> Vec<LayoutFile> {
    let mut files = vec![file("oci-layout", VERSION)];
    if let [image] = images {
        files.push(file("index.json", &index::entry(image.descriptor(), references)));
        if docker {
            files.push(file("manifest.json", &docker_manifest(image, references)));
        }
    } else {
        let index = Index::new(images);
        files.push(file("index.json", &index::entry(index.descriptor(), references)));
        files.push(blob(index.descriptor(), index.bytes()));
    }
    files.extend(images.iter().map(|image| blob(image.descriptor(), image.manifest())));
    files.extend(images.iter().map(|image| blob(image.config_descriptor(), image.config())));
    files.extend(images.iter().enumerate().map(|(i, image)| layer(i, image)));
    let mut paths = HashSet::new();
    files.retain(|file| paths.insert(file.path.clone()));
    files
}

fn file(path: &str, bytes: &[u8]) -> LayoutFile {
    LayoutFile { path: path.into(), contents: Contents::Bytes(bytes.to_vec()) }
}

fn blob(descriptor: &Descriptor, bytes: &[u8]) -> LayoutFile {
    file(&descriptor.blob_path(), bytes)
}

fn layer(i: usize, image: &Image) -> LayoutFile {
    let path = image.layer().descriptor.blob_path();
    LayoutFile { path, contents: Contents::Layer(i) }
}

fn docker_manifest(image: &Image, references: &[Reference]) -> Vec<u8> {
    crate::json(&[DockerImage {
        config: image.config_descriptor().blob_path(),
        repo_tags: references.iter().map(Reference::normalised).collect(),
        layers: [image.layer().descriptor.blob_path()],
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(platforms: &[&str], references: &[&str], docker: bool, expected: &Expect) {
        let images: Vec<Image> =
            platforms.iter().map(|platform| samples::image(platform, b"#!").0).collect();
        let references: Vec<Reference> =
            references.iter().map(|text| text.parse().unwrap()).collect();
        let shown: String = files(&images, &references, docker).iter().map(show).collect();
        expected.assert_eq(&shown);
    }

    /// The path, and the text of what is no blob.
    fn show(file: &LayoutFile) -> String {
        match &file.contents {
            Contents::Layer(i) => format!("{} (layer {i})\n", file.path),
            Contents::Bytes(_) if file.path.starts_with("blobs/") => format!("{}\n", file.path),
            Contents::Bytes(bytes) => {
                format!("{}\n    {}\n", file.path, String::from_utf8_lossy(bytes))
            }
        }
    }

    #[test]
    fn one_image() {
        check(
            &["linux/amd64"],
            &["ghcr.io/me/site:1"],
            true,
            &expect![[r#"
            oci-layout
                {"imageLayoutVersion":"1.0.0"}
            index.json
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:0dd2e8edeeb7af2e043e1f90a00fc23041d23594f3ab2c7a734553ebb87a26ca","size":400,"platform":{"architecture":"amd64","os":"linux"},"annotations":{"io.containerd.image.name":"ghcr.io/me/site:1","org.opencontainers.image.ref.name":"1"}}]}
            manifest.json
                [{"Config":"blobs/sha256/3c6eb1a475c8df02b6b9d36efbff2ae7980924c64c7534f7e4c7f5a06f2a2c41","RepoTags":["ghcr.io/me/site:1"],"Layers":["blobs/sha256/79f2102d2193397c7df12246d68c4e9c5920d3b7e40db3f6172d0ef7705733e4"]}]
            blobs/sha256/0dd2e8edeeb7af2e043e1f90a00fc23041d23594f3ab2c7a734553ebb87a26ca
            blobs/sha256/3c6eb1a475c8df02b6b9d36efbff2ae7980924c64c7534f7e4c7f5a06f2a2c41
            blobs/sha256/79f2102d2193397c7df12246d68c4e9c5920d3b7e40db3f6172d0ef7705733e4 (layer 0)
        "#]],
        );
    }

    #[test]
    fn one_image_without_name_or_docker() {
        check(
            &["linux/amd64"],
            &[],
            false,
            &expect![[r#"
            oci-layout
                {"imageLayoutVersion":"1.0.0"}
            index.json
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:0dd2e8edeeb7af2e043e1f90a00fc23041d23594f3ab2c7a734553ebb87a26ca","size":400,"platform":{"architecture":"amd64","os":"linux"}}]}
            blobs/sha256/0dd2e8edeeb7af2e043e1f90a00fc23041d23594f3ab2c7a734553ebb87a26ca
            blobs/sha256/3c6eb1a475c8df02b6b9d36efbff2ae7980924c64c7534f7e4c7f5a06f2a2c41
            blobs/sha256/79f2102d2193397c7df12246d68c4e9c5920d3b7e40db3f6172d0ef7705733e4 (layer 0)
        "#]],
        );
    }

    #[test]
    fn several_names() {
        check(
            &["linux/amd64"],
            &["site", "site:1"],
            true,
            &expect![[r#"
                oci-layout
                    {"imageLayoutVersion":"1.0.0"}
                index.json
                    {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:0dd2e8edeeb7af2e043e1f90a00fc23041d23594f3ab2c7a734553ebb87a26ca","size":400,"platform":{"architecture":"amd64","os":"linux"},"annotations":{"io.containerd.image.name":"docker.io/library/site:latest","org.opencontainers.image.ref.name":"latest"}},{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:0dd2e8edeeb7af2e043e1f90a00fc23041d23594f3ab2c7a734553ebb87a26ca","size":400,"platform":{"architecture":"amd64","os":"linux"},"annotations":{"io.containerd.image.name":"docker.io/library/site:1","org.opencontainers.image.ref.name":"1"}}]}
                manifest.json
                    [{"Config":"blobs/sha256/3c6eb1a475c8df02b6b9d36efbff2ae7980924c64c7534f7e4c7f5a06f2a2c41","RepoTags":["docker.io/library/site:latest","docker.io/library/site:1"],"Layers":["blobs/sha256/79f2102d2193397c7df12246d68c4e9c5920d3b7e40db3f6172d0ef7705733e4"]}]
                blobs/sha256/0dd2e8edeeb7af2e043e1f90a00fc23041d23594f3ab2c7a734553ebb87a26ca
                blobs/sha256/3c6eb1a475c8df02b6b9d36efbff2ae7980924c64c7534f7e4c7f5a06f2a2c41
                blobs/sha256/79f2102d2193397c7df12246d68c4e9c5920d3b7e40db3f6172d0ef7705733e4 (layer 0)
            "#]],
        );
    }

    #[test]
    fn several_platforms_share_equal_blobs() {
        check(
            &["linux/amd64", "linux/arm64"],
            &["site"],
            true,
            &expect![[r#"
            oci-layout
                {"imageLayoutVersion":"1.0.0"}
            index.json
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"sha256:83fb607bbea21fe5bc67a0ce28477f987701b066f6867c641ac2e2ce8c0300aa","size":491,"annotations":{"io.containerd.image.name":"docker.io/library/site:latest","org.opencontainers.image.ref.name":"latest"}}]}
            blobs/sha256/83fb607bbea21fe5bc67a0ce28477f987701b066f6867c641ac2e2ce8c0300aa
            blobs/sha256/0dd2e8edeeb7af2e043e1f90a00fc23041d23594f3ab2c7a734553ebb87a26ca
            blobs/sha256/3521ce1c2c71dfcf08571f4d85e87700e9fe13911ff8c68a7d759583918c8301
            blobs/sha256/3c6eb1a475c8df02b6b9d36efbff2ae7980924c64c7534f7e4c7f5a06f2a2c41
            blobs/sha256/a57bc2a72cfa221b7c99f5f317b4ee154b609031c866ba53bc74e544a1ae15cf
            blobs/sha256/79f2102d2193397c7df12246d68c4e9c5920d3b7e40db3f6172d0ef7705733e4 (layer 0)
        "#]],
        );
    }
}
