//! Which package brings a file, as far as a system of packages has written that down.

use crate::root::{Root, file_name, join};

/// Where dpkg has the list of the files of each package, one path a line.
const DPKG_LISTS: &str = "/var/lib/dpkg/info";

/// The Debian package with a file called `name`, by what dpkg has installed.
pub(crate) fn owner(root: &Root, name: &str) -> Option<String> {
    let has_file = |list: &str| {
        let text = root.text(&join(DPKG_LISTS, list)).unwrap_or_default();
        text.lines().any(|path| file_name(path) == file_name(name))
    };
    let names = root.names(DPKG_LISTS).unwrap_or_default();
    let mut lists = names.iter().filter(|list| list.ends_with(".list"));
    let list = lists.find(|list| has_file(list))?;
    Some(list.trim_end_matches(".list").to_owned())
}
