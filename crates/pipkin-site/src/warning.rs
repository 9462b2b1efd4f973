//! What is probably not as its author wants it, and no reason to fail.

use std::fmt;

/// What is probably not as its author wants it.
///
/// `Display` is a line that starts with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// A rule that answers for no path.
    UnusedRule {
        /// Its line in `_redirects`, counted from 1.
        line: usize,
    },
    /// Something in a page that its policy makes browsers ignore.
    Blocked {
        /// The file, relative to the folder.
        page: String,
        /// The name of the element.
        element: String,
        /// The name of its attribute.
        attribute: String,
        /// What it is, and what to write instead.
        reason: &'static str,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnusedRule { line } => write!(
                f,
                "_redirects:{line}: this rule answers for no path: earlier ones do, or files, over \
                 which it wins with ! behind its status"
            ),
            Self::Blocked { page, element, attribute, reason } => {
                write!(f, "{page}: its policy blocks <{element} {attribute}>, {reason}")
            }
        }
    }
}
