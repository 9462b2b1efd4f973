//! A Content-Security-Policy that fits a page: everything from its own host, and the scripts
//! and style sheets that the page has inside, each by its hash.
//!
//! A hash says what the author wrote, so a browser still refuses what somebody else put in. What
//! no hash can allow, such as `onclick`, comes back as a [`Warning`].
//!
//! Source: Content Security Policy Level 3, sections 6.7.3 and 8.3.

mod page;
mod pages;

use std::collections::BTreeSet;
#[cfg(test)]
use std::fmt;

use page::Page;
pub(crate) use pages::{Policies, policies, wanted};

/// The name of the field.
pub(crate) const FIELD: &str = "Content-Security-Policy";

/// Something in a page that its policy makes browsers ignore.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Warning {
    /// The name of the element.
    element: String,
    /// The name of its attribute.
    attribute: String,
    /// What it is, and what to write instead.
    reason: &'static str,
}

impl Warning {
    /// The same, to be told.
    fn of_page(self, page: String) -> crate::Warning {
        let Self { element, attribute, reason } = self;
        crate::Warning::Blocked { page, element, attribute, reason }
    }
}

#[cfg(test)]
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} {}> is {}", self.element, self.attribute, self.reason)
    }
}

/// The value of the field for a page, and what it blocks.
fn policy(html: &[u8]) -> (String, Vec<Warning>) {
    let Page { scripts, styles, warnings, .. } = Page::read(html);
    let (scripts, styles) = (sources(&scripts), sources(&styles));
    let policy = format!(
        "default-src 'self'; script-src 'self'{scripts}; style-src 'self'{styles}; \
         img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; \
         frame-ancestors 'self'"
    );
    (policy, warnings)
}

fn sources(hashes: &BTreeSet<String>) -> String {
    hashes.iter().map(|hash| format!(" 'sha256-{hash}'")).collect()
}

#[cfg(test)]
mod tests;
