//! An image as an engine takes it: unpacked from its archive, and run as its configuration says.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::jail;
use crate::shell::{Outcome, command, output};

/// What an engine sets where an image does not.
const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// An unpacked image, which goes with this value.
pub(super) struct Image {
    folder: TempDir,
    /// What its configuration says of the process.
    settings: Value,
}

impl Image {
    /// The image of a `docker save` archive.
    pub(super) fn unpack(archive: &Path) -> Outcome<Self> {
        let image = Self { folder: tempfile::tempdir()?, settings: Value::Null };
        untar("cat", archive, image.folder.path())?;
        let manifest = image.json(&"manifest.json".into())?;
        let settings = image.json(&manifest[0]["Config"])?["config"].take();
        fs::create_dir(image.root())?;
        let layers = manifest[0]["Layers"].as_array().ok_or("manifest.json: no Layers")?;
        layers.iter().try_for_each(|layer| untar("zcat", &image.at(layer), &image.root()))?;
        Ok(Self { settings, ..image })
    }

    /// What it answers to GET / at port 8080, as its user.
    pub(super) fn serve(&self) -> Outcome<String> {
        jail::serve(&self.root(), &self.argv())
    }

    /// What it prints, as its user.
    pub(super) fn run(&self) -> Outcome<String> {
        jail::run(&self.root(), &self.argv())
    }

    /// Where the file of that name in the archive is.
    fn at(&self, name: &Value) -> PathBuf {
        self.folder.path().join(name.as_str().unwrap_or_default())
    }

    fn json(&self, name: &Value) -> Outcome<Value> {
        Ok(serde_json::from_slice(&fs::read(self.at(name))?)?)
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    fn argv(&self) -> Vec<String> {
        argv(&self.settings, &self.root().display().to_string())
    }
}

/// The command that runs in `root` what `settings` say.
///
/// Source: OCI image-spec, config.md, `config`.
fn argv(settings: &Value, root: &str) -> Vec<String> {
    let texts = |name: &str| settings[name].as_array().cloned().unwrap_or_default();
    let texts = |name| texts(name).into_iter().filter_map(|text| Some(text.as_str()?.to_string()));
    let mut argv: Vec<String> = ["env", "-i", PATH].map(Into::into).into();
    argv.extend(texts("Env"));
    argv.push("chroot".into());
    if let Some(user) = settings["User"].as_str() {
        // With a plus no file is asked for a user of that name.
        let ids: Vec<_> = user.split(':').map(|id| format!("+{id}")).collect();
        argv.extend([format!("--userspec={}", ids.join(":")), "--groups=".into()]);
    }
    argv.push(root.into());
    argv.extend(texts("Entrypoint").chain(texts("Cmd")));
    argv
}

/// Unpacks what `cat` makes of `archive`, with zeros behind it: engines do without the end of the last
/// block, which GNU tar insists on.
fn untar(cat: &str, archive: &Path, folder: &Path) -> Outcome {
    const PIPE: &str = r#"{ "$0" "$1" && head -c 1024 /dev/zero; } | tar -xf - -C "$2""#;
    let [archive, folder] = [archive, folder].map(|path| path.display().to_string());
    output(&mut command("sh", &["-c", PIPE, cat, &archive, &folder])).map(drop)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[track_caller]
    fn check(settings: &serde_json::Value, expected: &str) {
        let argv = super::argv(settings, "/root").join(" ");
        assert_eq!(argv, format!("env -i {} {expected}", super::PATH));
    }

    #[test]
    fn an_image_runs_as_its_configuration_says() {
        check(&json!({ "Cmd": ["/a", "b c"] }), "chroot /root /a b c");
        let settings = json!({
            "User": "65532:65532",
            "Env": ["LANG=C.UTF-8"],
            "Entrypoint": ["/site"],
            "Cmd": ["8080"],
        });
        let expected = "LANG=C.UTF-8 chroot --userspec=+65532:+65532 --groups= /root /site 8080";
        check(&settings, expected);
    }
}
