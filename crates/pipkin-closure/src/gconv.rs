//! The modules with which glibc converts between character sets.
//!
//! Each is a library in a folder of libc's, with a cache of what there is, or text in its place:
//!
//! ```text
//! alias   LATIN2//    ISO-8859-2//
//! module  ISO-8859-2//  INTERNAL  ISO8859-2  1
//! ```
//!
//! Source: glibc manual, "glibc iconv Implementation"; `iconv/gconv_conf.c`.

use crate::finder::{Asker, Finder};
use crate::reason::Reason;
use crate::root::join;
use crate::{Error, Result};

const CACHE: &str = "gconv-modules.cache";
const TEXT: &str = "gconv-modules";
const TEXTS: &str = "gconv-modules.d";
/// What libc converts itself.
const BUILT_IN: [&str; 9] = [
    "UTF-8",
    "UTF8",
    "ASCII",
    "US-ASCII",
    "ANSI_X3.4-1968",
    "UCS-2",
    "UCS-4",
    "WCHAR_T",
    "INTERNAL",
];
/// Libraries that convert between UTF-8 and what the locale says, and so need no module: an
/// image's locale is C or C.UTF-8.
const OF_THE_LOCALE: [&str; 4] = ["libunistring.so", "libidn2.so", "libidn.so", "libpsl.so"];

/// Keeps the modules for the character sets that are wanted; whether that is done for all.
pub(crate) fn keep(finder: &mut Finder<'_>, asker: &Asker, reason: &Reason) -> Result<bool> {
    let Some(folder) = folder(finder, asker) else { return Ok(false) };
    let soname = asker.facts.soname.as_deref().unwrap_or_default();
    if OF_THE_LOCALE.iter().any(|name| soname.starts_with(name)) {
        finder.leave(
            &folder,
            reason.clone(),
            "it converts to the character set of the locale only",
        );
        return Ok(false);
    }
    let modules = modules(finder, &folder)?;
    if modules.is_empty() {
        finder.leave(&folder, reason.clone(), "it is not there");
        return Ok(true);
    }
    if !finder.keep_if_there(&join(&folder, CACHE), reason)? {
        finder.keep_if_there(&join(&folder, TEXT), reason)?;
        if finder.files.root.folder(&join(&folder, TEXTS)).is_some() {
            let texts = join(&folder, TEXTS);
            finder.keep_folder(&texts, reason, None, &|_| None)?;
        }
    }
    for name in modules {
        let path = join(&folder, &name);
        let reason = Reason { detail: format!("{}, {name}", reason.detail), ..reason.clone() };
        finder.dlopen(asker, &path, reason)?;
    }
    Ok(true)
}

/// The folder of the modules, which is a literal in libc.
fn folder(finder: &Finder<'_>, asker: &Asker) -> Option<String> {
    let loaded = &finder.linkers[asker.place?.0].loaded;
    let places = loaded.iter().flat_map(|loaded| &loaded.facts.places);
    places.filter(|place| place.ends_with("/gconv")).map(String::clone).next()
}

/// The files of the modules that are wanted: all of them, or those of the character sets in the
/// flags.
fn modules(finder: &Finder<'_>, folder: &str) -> Result<Vec<String>> {
    let names = finder.files.root.names(folder).unwrap_or_default();
    let mut modules: Vec<String> = names.into_iter().filter(|name| name.ends_with(".so")).collect();
    let charsets = &finder.settings.gconv;
    if charsets.is_empty() {
        return Ok(modules);
    }
    let text = texts(finder, folder);
    let mut wanted = Vec::new();
    for charset in charsets {
        let files = files_for(&text, charset);
        if files.is_empty() && !BUILT_IN.contains(&charset.to_uppercase().as_str()) {
            return Err(Error::Charset { name: charset.clone() });
        }
        wanted.extend(files);
    }
    modules.retain(|module| wanted.contains(module));
    Ok(modules)
}

/// The texts that say which module is for which character set.
fn texts(finder: &Finder<'_>, folder: &str) -> String {
    let more = join(folder, TEXTS);
    let names = finder.files.root.names(&more).unwrap_or_default();
    let paths = names.iter().map(|name| join(&more, name)).chain([join(folder, TEXT)]);
    paths.filter_map(|path| finder.files.root.text(&path)).collect::<Vec<_>>().join("\n")
}

/// The files of the modules that convert from or to `charset`.
fn files_for(text: &str, charset: &str) -> Vec<String> {
    let lines = || text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let spelled = |name: &str| name.trim_end_matches('/').to_uppercase();
    let mut name = spelled(charset);
    let alias = lines().find_map(|line| match line.as_slice() {
        ["alias", from, to, ..] if spelled(from) == name => Some(spelled(to)),
        _ => None,
    });
    name = alias.unwrap_or(name);
    let mut files = Vec::new();
    for line in lines() {
        if let ["module", from, to, file, ..] = line.as_slice() {
            let file = format!("{}.so", file.trim_end_matches(".so"));
            if (spelled(from) == name || spelled(to) == name) && !files.contains(&file) {
                files.push(file);
            }
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_of_a_character_set() {
        let text = "# alias\nalias\tLATIN2//\tISO-8859-2//\nmodule ISO-8859-2// INTERNAL ISO8859-2 1\n\
                    module INTERNAL ISO-8859-2// ISO8859-2 1\nmodule UTF-16// INTERNAL UTF-16 1\n";
        let check = |name, expected: &[&str]| assert_eq!(files_for(text, name), expected, "{name}");
        check("latin2", &["ISO8859-2.so"]);
        check("ISO-8859-2", &["ISO8859-2.so"]);
        check("UTF-16", &["UTF-16.so"]);
        check("KLINGON", &[]);
    }
}
