//! A file of an image that is like one that exists: by path, and read when it is needed.

use std::borrow::Cow;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::failure::Failure;

/// A file that exists, as it was when it was found.
pub(crate) struct Original<'a> {
    path: Cow<'a, Path>,
    stamp: Stamp,
}

/// What changes when a file does: another takes its place, or it is written to.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    device: u64,
    inode: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            bytes: metadata.len(),
            device: metadata.dev(),
            inode: metadata.ino(),
            seconds: metadata.mtime(),
            nanoseconds: metadata.mtime_nsec(),
        }
    }
}

impl<'a> Original<'a> {
    /// The file at `path`, which has `bytes`.
    ///
    /// # Errors
    ///
    /// It has changed since somebody found that.
    pub(crate) fn find(path: impl Into<Cow<'a, Path>>, bytes: u64) -> Result<Self, Failure> {
        let path = path.into();
        let metadata = fs::metadata(&path).map_err(|error| cannot_read(&path, &error))?;
        let stamp = Stamp::of(&metadata);
        if !metadata.is_file() || stamp.bytes != bytes {
            return Err(changed(&path));
        }
        Ok(Self { path, stamp })
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.stamp.bytes
    }

    /// Its content. The call that returns the last byte has seen that it is the same file still.
    /// It is opened by the first call, so that thousands of readers can wait.
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader { original: self, file: None, bytes: 0 }
    }
}

/// See [`Original::reader`].
pub(crate) struct Reader<'a> {
    original: &'a Original<'a>,
    file: Option<File>,
    /// How many bytes have been read.
    bytes: u64,
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Original { path, stamp } = self.original;
        let failed = |error: io::Error| match error.kind() {
            // Readers are expected to try again.
            io::ErrorKind::Interrupted => error,
            _ => io::Error::other(cannot_read(path, &error)),
        };
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(File::open(path).map_err(failed)?),
        };
        let count = file.read(buffer).map_err(failed)?;
        self.bytes += count as u64;
        let is_end = count == 0 && !buffer.is_empty();
        if is_end || self.bytes >= stamp.bytes {
            let now = Stamp::of(&file.metadata().map_err(failed)?);
            if now != *stamp || self.bytes != stamp.bytes {
                return Err(io::Error::other(changed(path)));
            }
        }
        Ok(count)
    }
}

fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::NotFound {
        return changed(path);
    }
    Failure::new(format!("cannot read {}: {error}", path.display()))
}

/// What to say of a file that is not as it was found.
pub(crate) fn changed(path: &Path) -> Failure {
    Failure::new(format!("cannot read {}: it was changed or removed meanwhile", path.display()))
        .help("end what is writing to it, then try again")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// Reads a file with "four" in it, after `change` and the first byte.
    #[track_caller]
    fn check(change: impl FnOnce(&Path), expected: Result<&str, &str>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "four").unwrap();
        let original = Original::find(path.as_path(), 4).unwrap();
        let mut reader = original.reader();
        let mut content = vec![0];
        reader.read_exact(&mut content).unwrap();
        change(&path);
        let read = reader.read_to_end(&mut content);
        let shown = read.map(|_| String::from_utf8(content).unwrap());
        let shown = shown.map_err(|error| error.to_string());
        let expected = expected.map(Into::into);
        let place = path.display().to_string();
        assert_eq!(
            shown.map_err(|error| error.replace(&place, "PATH")),
            expected.map_err(Into::into)
        );
    }

    #[test]
    fn a_file_that_changes_is_an_error() {
        let changed =
            Err("error: cannot read PATH: it was changed or removed meanwhile\n help: end \
                           what is writing to it, then try again");
        let append = |path: &Path| {
            let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
            file.write_all(b"!").unwrap();
        };
        let rewrite = |path: &Path| {
            let file = fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_modified(std::time::UNIX_EPOCH).unwrap();
        };
        check(|_| {}, Ok("four"));
        check(append, changed);
        check(rewrite, changed);
        check(|path| fs::write(path, "for").unwrap(), changed);
        // What was opened is read, though another has its name now.
        check(|path| fs::remove_file(path).unwrap(), Ok("four"));
    }

    #[test]
    fn a_file_that_is_not_as_it_was_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let find = |bytes| Original::find(path.as_path(), bytes).map(|original| original.bytes());
        let changed = "it was changed or removed meanwhile";
        assert!(find(0).unwrap_err().to_string().contains(changed));
        fs::write(&path, "four").unwrap();
        assert!(find(5).unwrap_err().to_string().contains(changed));
        assert_eq!(find(4).unwrap(), 4);
        let original = Original::find(path.as_path(), 4).unwrap();
        fs::remove_file(&path).unwrap();
        let error = original.reader().read(&mut [0]).unwrap_err();
        assert!(error.to_string().contains(changed));
    }
}
