//! Why a file is in a closure.

use std::fmt;

/// How a file came to be asked for. The names are API: they stand in ledgers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is the program.
    Program,
    /// It is on the way to another path: a link, or a folder.
    Way,
    /// It loads the program: `PT_INTERP`.
    Loader,
    /// It is named in `DT_NEEDED`.
    Needed,
    /// It is named in a note of the section `.note.dlopen`.
    DlopenNote,
    /// Its name stands in the read-only data of a file that calls dlopen.
    Literal,
    /// A function that is imported reads it.
    Symbol,
    /// It is named in the file that asks for it, such as a module in nsswitch.conf.
    Named,
    /// The first line of a script names it.
    Shebang,
    /// It is of an interpreter's own library.
    Library,
    /// The program opened it while it was traced.
    Traced,
    /// The program missed it when its image was tried.
    Verified,
    /// The user asked for it.
    Included,
}

impl Kind {
    /// Its name in ledgers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::Way => "way",
            Self::Loader => "loader",
            Self::Needed => "needed",
            Self::DlopenNote => "dlopen-note",
            Self::Literal => "literal",
            Self::Symbol => "symbol",
            Self::Named => "named",
            Self::Shebang => "shebang",
            Self::Library => "library",
            Self::Traced => "traced",
            Self::Verified => "verified",
            Self::Included => "included",
        }
    }
}

/// Why a file is in a closure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// How it came to be asked for.
    pub kind: Kind,
    /// The path of the file in the closure that asks for it; none for what starts a chain.
    pub by: Option<String>,
    /// The particulars: what name was asked for, by which symbol, where it was found.
    pub detail: String,
}

impl Reason {
    /// The reason of what starts a chain.
    #[must_use]
    pub fn start(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, by: None, detail: detail.into() }
    }

    /// The reason of what the file `by` asks for.
    #[must_use]
    pub fn new(kind: Kind, by: &str, detail: impl Into<String>) -> Self {
        Self { kind, by: Some(by.into()), detail: detail.into() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.kind {
            Kind::Program => "the program",
            Kind::Way => "on the way to",
            Kind::Loader => "loads",
            Kind::Needed => "needed by",
            Kind::DlopenNote => "named in a dlopen note of",
            Kind::Literal => "named in read-only data of",
            Kind::Symbol => "read by functions of",
            Kind::Named => "named in",
            Kind::Shebang => "runs",
            Kind::Library => "of the library of",
            Kind::Traced => "opened when traced",
            Kind::Verified => "missed when tried",
            Kind::Included => "asked for",
        };
        f.write_str(verb)?;
        self.by.iter().try_for_each(|by| write!(f, " {by}"))?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, " ({})", self.detail) }
    }
}
