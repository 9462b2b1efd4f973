//! What a closure depends on besides the program.

use std::path::PathBuf;

use crate::reason::Kind;

/// What a closure depends on besides the program.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder in which `/` is: `/`, or another root filesystem.
    pub root: PathBuf,
    /// What else to take along.
    pub include: Vec<Include>,
    /// What to leave, although it is asked for: paths, where `*` stands for any text within a name
    /// and `**` for any text.
    pub exclude: Vec<String>,
    /// The character sets that `iconv_open` shall know; all, when none is named.
    pub gconv: Vec<String>,
    /// The time zone, such as `Europe/Berlin`; that of the root, when there is none.
    pub tz: Option<String>,
    /// The user that the program runs as, for a passwd file: uid and gid.
    pub user: (u32, u32),
    /// Whether a program may be setuid or setgid.
    pub may_be_setuid: bool,
    /// Whether the program was traced: then what the trace saw stands for the library of an
    /// interpreter.
    pub is_traced: bool,
}

/// A file or folder to take along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// Where it is, as seen in the root.
    pub path: String,
    /// Where it goes; to the same path, when none is given.
    pub dest: Option<String>,
    /// [`Kind::Included`], [`Kind::Traced`] or [`Kind::Verified`].
    pub kind: Kind,
    /// More about why.
    pub detail: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            root: "/".into(),
            include: Vec::new(),
            exclude: Vec::new(),
            gconv: Vec::new(),
            tz: None,
            user: (65532, 65532),
            may_be_setuid: false,
            is_traced: false,
        }
    }
}
