//! Bringing a result to its destination, and what each kind of destination gets.

use std::fs::{self, File};
use std::io::{self, Read, Seek as _, Write};
use std::path::Path;

use pipkin_image::layout::{self, Contents, LayoutFile};
use pipkin_image::{Image, archive as image_archive};

use crate::archive::{self, Compression};
use crate::destination::Destination;
use crate::failure::Failure;
use crate::pack::Packed;
use crate::place::{self, EXECUTABLE_MODE, FILE_MODE};
use crate::plan::Plan;
use crate::program::{bundle, ledger};
use crate::progress::Progress;
use crate::tree::Tree;
use crate::{engine, root};

/// Brings the result to its destination; the length of the archive, where one was written.
pub(crate) fn deliver(
    destination: &Destination,
    plan: &Plan,
    tree: &Tree<'_>,
    packed: &mut [Packed],
    progress: &Progress,
) -> Result<Option<u64>, Failure> {
    let layers: u64 = packed.iter().map(|packed| packed.image.layer().descriptor.size).sum();
    progress.phase("writing", layers);
    match destination {
        Destination::Archive(path) => place::write_file(path, FILE_MODE, |sink| {
            write_archive(plan, packed, progress, sink).map(Some)
        }),
        Destination::Stdout => write_archive(plan, packed, progress, &mut io::stdout().lock())
            .map(Some)
            .map_err(|error| Failure::io(Path::new("stdout"), error)),
        Destination::Engine => {
            engine::load(|sink| write_archive(plan, packed, progress, sink).map(|_| None))
        }
        Destination::Layout(path) => place::write_folder(path, |folder| {
            write_layout(plan, packed, progress, folder).map(|()| None)
        }),
        Destination::Root(path) => {
            place::write_folder(path, |folder| root::write(tree, progress, folder).map(|()| None))
        }
        Destination::RootArchive(path) => place::write_file(path, FILE_MODE, |sink| {
            archive::write(tree, Compression::Xz, progress, sink).map(|()| None)
        }),
        Destination::Executable(path) => place::write_file(path, EXECUTABLE_MODE, |sink| {
            io::copy(&mut progress.watch(tree.program().body.reader()), sink).map(|_| None)
        }),
        Destination::Bundle(path) => {
            let bundle = plan.closure().map(|closure| bundle::tree(closure, &tree.platform));
            let bundle = bundle.transpose()?;
            let tree = bundle.as_ref().unwrap_or(tree);
            place::write_file(path, FILE_MODE, |sink| {
                archive::write(tree, Compression::of(path), progress, sink).map(|()| None)
            })
        }
        Destination::Ledger(path) => place::write_file(path, FILE_MODE, |sink| {
            let closure = plan.closure().map(|closure| ledger::write(closure, tree, sink));
            closure.transpose().map(|_| None)
        }),
    }
}

fn write_archive(
    plan: &Plan,
    packed: &mut [Packed],
    progress: &Progress,
    sink: &mut dyn Write,
) -> io::Result<u64> {
    let images: Vec<Image> = packed.iter().map(|packed| packed.image.clone()).collect();
    packed.iter_mut().try_for_each(|packed| packed.layer.rewind())?;
    let mut layers: Vec<_> =
        packed.iter_mut().map(|packed| progress.watch(&mut packed.layer)).collect();
    let mut layers: Vec<_> = layers.iter_mut().map(|layer| layer as &mut dyn Read).collect();
    Ok(image_archive::write(&images, &plan.references, &mut layers, sink)?)
}

fn write_layout(
    plan: &Plan,
    packed: &mut [Packed],
    progress: &Progress,
    folder: &Path,
) -> io::Result<()> {
    let images: Vec<Image> = packed.iter().map(|packed| packed.image.clone()).collect();
    for LayoutFile { path, contents } in layout::files(&images, &plan.references, false) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        match contents {
            Contents::Bytes(bytes) => fs::write(path, bytes)?,
            Contents::Layer(number) => {
                let layer = &mut packed[number].layer;
                layer.rewind()?;
                io::copy(&mut progress.watch(layer), &mut File::create(path)?)?;
            }
        }
    }
    Ok(())
}
