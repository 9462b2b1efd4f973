//! The files below a root, with what is known of those that are ELF, each read once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::rc::Rc;

use crate::facts::Facts;
use crate::root::{Found, Root};
use crate::{Error, Result};

/// The first bytes of an ELF file.
const ELF_MAGIC: &[u8] = b"\x7fELF";

/// Files below a root.
pub(crate) struct Files {
    pub(crate) root: Root,
    facts: RefCell<HashMap<String, Option<Rc<Facts>>>>,
}

impl Files {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { root: Root::new(folder), facts: RefCell::default() }
    }

    /// What is at `path`.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`], [`Error::Dangling`], [`Error::Read`].
    pub(crate) fn find(&self, path: &str) -> Result<Found> {
        let found = self.root.find(path);
        found.map_err(|error| match self.root.link(path) {
            Some((_, target)) if error.kind() == io::ErrorKind::NotFound => {
                Error::Dangling { path: path.into(), target }
            }
            _ => self.error(path, error),
        })
    }

    /// The error that reading `path` ends with.
    pub(crate) fn error(&self, path: &str, source: io::Error) -> Error {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Error::Missing { path },
            _ => Error::Read { path, source },
        }
    }

    /// The facts of the ELF file at `path`, which has no links in it; none when it is another
    /// kind of file.
    ///
    /// # Errors
    ///
    /// [`Error::Read`], [`Error::Elf`].
    pub(crate) fn facts(&self, path: &str) -> Result<Option<Rc<Facts>>> {
        if let Some(known) = self.facts.borrow().get(path) {
            return Ok(known.clone());
        }
        let facts = self.read_facts(path)?.map(Rc::new);
        self.facts.borrow_mut().insert(path.into(), facts.clone());
        Ok(facts)
    }

    fn read_facts(&self, path: &str) -> Result<Option<Facts>> {
        let read = |source| Error::Read { path: path.into(), source };
        if self.root.start(path, ELF_MAGIC.len() as u64).map_err(read)? != ELF_MAGIC {
            return Ok(None);
        }
        let bytes = self.root.program(path).map_err(read)?;
        let facts = Facts::read(&bytes);
        facts.map(Some).map_err(|reason| Error::Elf { path: path.into(), reason })
    }
}
