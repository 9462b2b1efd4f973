//! A single document, which a micro server serves.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use pipkin_format::micro::{self, DOCUMENT_BYTES_MAX};
use pipkin_image::Platform;

use crate::failure::Failure;
use crate::input::Compiled;
use crate::stub::{self, Micro, Server};

/// A file, and how it was found.
#[derive(Debug)]
pub(crate) struct Document {
    path: PathBuf,
    /// What the user gave: the file itself, or the folder in which nothing else is.
    given: PathBuf,
}

impl Document {
    /// The file at `given`, or the only one in the folder there, but for names that start with a dot.
    ///
    /// # Errors
    ///
    /// There is none, or more than one.
    pub(crate) fn find(given: &Path) -> Result<Self, Failure> {
        let unreadable = |error| unreadable(given, &error);
        let found = given.metadata().map_err(unreadable)?;
        if found.is_file() {
            return Ok(Self { path: given.into(), given: given.into() });
        }
        if !found.is_dir() {
            return Err(neither(given));
        }
        let entries = fs::read_dir(given).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let entries = entries.map_err(unreadable)?.into_iter();
        let entries = entries.filter(|entry| !entry.file_name().as_bytes().starts_with(b"."));
        let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        match &paths[..] {
            [path] if path.is_file() => Ok(Self { path: path.clone(), given: given.into() }),
            _ => Err(several(given, &paths)),
        }
    }

    /// What an image of it is called, unless it says.
    pub(crate) fn name(&self) -> Option<String> {
        let real = self.given.canonicalize().unwrap_or_else(|_| self.given.clone());
        let name = if real.is_dir() { real.file_name() } else { real.file_stem() };
        Some(name?.to_str()?.to_owned())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A server for each platform, with the document in it.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is too long; there is no server for a platform.
    pub(crate) fn compile(&self, platforms: &[Platform]) -> Result<Compiled, Failure> {
        let content = self.content()?;
        let host = [stub::host_platform()];
        let platforms = if platforms.is_empty() { &host } else { platforms };
        let with_server = |platform: &Platform| {
            let program = stub::micro(platform);
            let program = program.map_err(|(message, help)| Failure::usage(message).help(help))?;
            let content = content.clone();
            Ok((platform.clone(), Server::Micro(Micro { program, content })))
        };
        let servers = platforms.iter().map(with_server).collect::<Result<_, Failure>>()?;
        Ok(Compiled { servers, declared: Default::default(), sources: Vec::new() })
    }

    fn content(&self) -> Result<Vec<u8>, Failure> {
        let unreadable = |error| unreadable(&self.path, &error);
        let mut document = Vec::new();
        // One byte more is enough to know.
        let file = File::open(&self.path).map_err(unreadable)?;
        file.take(DOCUMENT_BYTES_MAX as u64 + 1).read_to_end(&mut document).map_err(unreadable)?;
        micro::write(&self.content_type(&document), &document).ok_or_else(|| {
            let path = self.path.display();
            Failure::new(format!(
                "{path} is longer than {DOCUMENT_BYTES_MAX} bytes, the most that a micro server sends"
            ))
            .help("leave out --server micro, and give the folder of the file")
        })
    }

    /// As of a site, but that ASCII, which is the same in every encoding that a browser guesses, does not
    /// name one.
    fn content_type(&self, document: &[u8]) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let mut content_type = pipkin_site::content_type(&name);
        if document.is_ascii()
            && let Some(at) = content_type.find(';')
        {
            content_type.truncate(at);
        }
        content_type
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    Failure::new(format!("cannot read {path}: {error}")).help("give a file, or the folder of one")
}

/// Of a fifo, which nobody may write to, or a device, which may have no end.
fn neither(given: &Path) -> Failure {
    let shown = given.display();
    Failure::new(format!("a micro server serves one file, and {shown} is neither file nor folder"))
        .help("give a file, or the folder of one")
}

fn several(folder: &Path, paths: &[PathBuf]) -> Failure {
    let shown = folder.display();
    let what = match paths {
        [] => "has no file".into(),
        [_] => "has a folder and no file".into(),
        paths => format!("has {} entries", paths.len()),
    };
    let failure = Failure::new(format!("a micro server serves one file, and {shown} {what}"));
    match paths.iter().find(|path| path.ends_with("index.html")).or(paths.first()) {
        Some(path) if path.is_file() => {
            failure.help(format!("give the one: {}; or leave out --server micro", path.display()))
        }
        _ => failure.help("give a file; or leave out --server micro"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error of a folder with such files, in which `DIR` stands for it.
    #[track_caller]
    fn check_folder(files: &[&str], expected: Result<&str, &str>) {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"hi").unwrap();
        }
        let shown = |text: String| text.replace(&*folder.path().to_string_lossy(), "DIR");
        let found = Document::find(folder.path());
        let found = found.map(|found| shown(found.path.display().to_string()));
        let found = found.map_err(|failure| shown(failure.to_string()));
        assert_eq!(found, expected.map(String::from).map_err(String::from));
    }

    #[test]
    fn the_only_file_of_a_folder() {
        check_folder(&["a.txt"], Ok("DIR/a.txt"));
        check_folder(&["a.txt", ".git/config", ".DS_Store"], Ok("DIR/a.txt"));
        let one = "error: a micro server serves one file, and DIR has";
        let or = "; or leave out --server micro";
        check_folder(&[], Err(&format!("{one} no file\n help: give a file{or}")));
        check_folder(&["a/b"], Err(&format!("{one} a folder and no file\n help: give a file{or}")));
        check_folder(
            &["a.css", "index.html"],
            Err(&format!("{one} 2 entries\n help: give the one: DIR/index.html{or}")),
        );
        check_folder(
            &["a.txt", "b.txt"],
            Err(&format!("{one} 2 entries\n help: give the one: DIR/a.txt{or}")),
        );
    }

    #[test]
    fn a_device_is_no_file() {
        assert_eq!(
            Document::find("/dev/null".as_ref()).unwrap_err().to_string(),
            "error: a micro server serves one file, and /dev/null is neither file nor folder\n help: \
             give a file, or the folder of one"
        );
    }

    #[track_caller]
    fn check_type(name: &str, document: &str, expected: &str) {
        let document_path = Document { path: name.into(), given: name.into() };
        assert_eq!(document_path.content_type(document.as_bytes()), expected);
    }

    #[test]
    fn ascii_names_no_encoding() {
        check_type("index.html", "hello", "text/html");
        check_type("index.html", "hell\u{f6}", "text/html; charset=utf-8");
        check_type("a.json", "\u{f6}", "application/json");
        check_type("a", "", "application/octet-stream");
    }
}
