//! A root filesystem in a folder, and what it weighs as a layer.

use std::fs;
use std::io::sink;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use pipkin_image::{layer, tar::Entry};

use super::Bytes;
use crate::shell::{Outcome, output};

/// What a file system has at a path.
enum Found {
    File { mode: u32, bytes: u64 },
    Link(String),
    Folder(u32),
}

/// The bytes of what people copy by hand: the program, and each file that `ldd` names.
pub(super) fn by_ldd(program: &str, work: &Path) -> Outcome<Bytes> {
    let said = output(Command::new("ldd").arg(program))?;
    let paths = said.split_whitespace().filter(|word| word.starts_with('/')).chain([program]);
    let root = work.join("ldd");
    for path in paths {
        let to = root.join(&path[1..]);
        fs::create_dir_all(to.parent().ok_or("a file has a folder")?)?;
        fs::copy(path, to)?;
    }
    let bytes = weigh(&root)?;
    fs::remove_dir_all(root)?;
    Ok(bytes)
}

/// The bytes of the files below `root`, and of a layer with them.
pub(super) fn weigh(root: &Path) -> Outcome<Bytes> {
    let mut all = Vec::new();
    walk(root, "", &mut all)?;
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut failed = None;
    let entries = all.iter().filter_map(|(path, found)| match found {
        Found::Link(target) => Some(Entry::link(path, target)),
        Found::Folder(mode) => Some(Entry::folder(path, *mode)),
        Found::File { mode, bytes } => match fs::File::open(root.join(&path[1..])) {
            Ok(file) => Some(Entry::file(path, *mode, *bytes, file)),
            Err(error) => {
                failed = Some(error);
                None
            }
        },
    });
    let (_, layer) = layer::write(entries, sink())?;
    match failed {
        Some(error) => Err(error.into()),
        None => {
            Ok(Bytes { files: layer.files_bytes, archive: None, registry: layer.descriptor.size })
        }
    }
}

/// What is below `root` in the folder `above`; a hard link counts once.
fn walk(root: &Path, above: &str, all: &mut Vec<(String, Found)>) -> Outcome {
    let mut waiting: Vec<(PathBuf, String)> = vec![(root.into(), above.into())];
    let mut seen = std::collections::BTreeSet::new();
    while let Some((folder, above)) = waiting.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = format!("{above}/{}", entry.file_name().to_string_lossy());
            let metadata = entry.metadata()?;
            let mode = metadata.permissions().mode() & 0o7777;
            if metadata.is_dir() {
                all.push((path.clone(), Found::Folder(mode)));
                waiting.push((entry.path(), path));
            } else if metadata.is_symlink() {
                let target = fs::read_link(entry.path())?.to_string_lossy().into_owned();
                all.push((path, Found::Link(target)));
            } else if metadata.is_file() && seen.insert(metadata.ino()) {
                all.push((path, Found::File { mode, bytes: metadata.len() }));
            }
        }
    }
    Ok(())
}
