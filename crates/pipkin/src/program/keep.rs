//! What the user wants along, from the command line and from lists.

use std::fs;
use std::path::{Path, absolute};

use pipkin_closure::{Include, Kind};

use crate::failure::Failure;
use crate::flags::{Closure, Keep};

/// All that `flags` ask for; paths are those of the root, or else of the working directory.
///
/// # Errors
///
/// A list cannot be read, and in which line.
pub(super) fn all(flags: &Closure) -> Result<Vec<Include>, Failure> {
    let has_root = flags.root.is_some();
    let typed = flags.include.iter().map(|keep| include(keep, "--include", has_root));
    let mut all: Vec<Include> = typed.collect::<Result<_, _>>()?;
    for list in &flags.keep_list {
        let text = fs::read_to_string(list).map_err(|error| {
            Failure::new(format!("cannot read {}: {error}", list.display()))
                .help("--keep-list is a file with PATH[:DEST] in each line")
        })?;
        for (line, keep) in lines(list, &text)? {
            all.push(include(&keep, &format!("{}:{line}", list.display()), has_root)?);
        }
    }
    Ok(all)
}

/// What stands in a list, each with its line.
fn lines(list: &Path, text: &str) -> Result<Vec<(usize, Keep)>, Failure> {
    let lines = text.lines().map(str::trim).zip(1..);
    let lines = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    let parse = |(line, number): (&str, usize)| match line.parse() {
        Ok(keep) => Ok((number, keep)),
        Err(why) => Err(Failure::new(format!("{}:{number}: {why}", list.display()))
            .help("each line is PATH[:DEST], or a comment that starts with a #")),
    };
    lines.map(parse).collect()
}

fn include(keep: &Keep, by: &str, has_root: bool) -> Result<Include, Failure> {
    let path = if has_root { Path::new("/").join(&keep.path) } else { keep.path.clone().into() };
    let path = absolute(&path).ok().and_then(|path| path.into_os_string().into_string().ok());
    let path = path.ok_or_else(|| {
        Failure::new(format!("cannot find {}: the working directory is gone", keep.path))
            .help("give a path that starts with a slash")
    })?;
    Ok(Include { path, dest: keep.dest.clone(), kind: Kind::Included, detail: by.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_comments_and_empty_lines() {
        let text = "# data\n\n  /etc/hosts  \n\t# more\n/a b:/c\n";
        let found = lines(Path::new("keep.txt"), text).unwrap();
        let keep =
            |path: &str, dest: Option<&str>| Keep { path: path.into(), dest: dest.map(Into::into) };
        assert_eq!(found, [(3, keep("/etc/hosts", None)), (5, keep("/a b", Some("/c")))]);
    }

    #[test]
    fn a_line_that_makes_no_sense() {
        let failure = lines(Path::new("keep.txt"), "/a\n/b:/../c\n").unwrap_err();
        assert_eq!(
            failure.to_string(),
            "error: keep.txt:2: `/../c` is no place in an image: write /FOLDER/NAME\n \
             help: each line is PATH[:DEST], or a comment that starts with a #"
        );
    }

    #[test]
    fn paths_are_of_the_root_or_of_here() {
        let keep: Keep = "data:/srv".parse().unwrap();
        let path = |has_root| include(&keep, "--include", has_root).unwrap().path;
        assert_eq!(path(true), "/data");
        assert_eq!(path(false), absolute("data").unwrap().to_str().unwrap());
    }
}
