//! Files to routes: which paths answer with which file.

use std::path::PathBuf;

use pipkin_format::PATH_BYTES_MAX;

use crate::Error;

/// The file that answers for its folder.
const INDEX_FILE: &str = "index.html";

/// A path and the file that answers it.
#[derive(Debug)]
pub(crate) struct Route {
    /// Percent-decoded, starts with `/`.
    pub(crate) path: String,
    /// The position of the file in the list of names.
    pub(crate) file: usize,
}

/// The routes of the files with these names, sorted bytewise by path: `/name` for each, and
/// `/folder/` too for the index file of a folder.
///
/// # Errors
///
/// [`Error::PathTooLong`], and [`Error::TwoFiles`] when two files would answer one path.
pub(crate) fn routes(names: &[String]) -> Result<Vec<Route>, Error> {
    let all = names.iter().enumerate().flat_map(|(file, name)| {
        let own = Some(Route { path: format!("/{name}"), file });
        own.into_iter().chain(folder_of_index(name).map(|path| Route { path, file }))
    });
    let mut routes: Vec<Route> = all.collect();
    routes.sort_unstable_by(|a, b| (&a.path, a.file).cmp(&(&b.path, b.file)));
    check(names, &routes)?;
    Ok(routes)
}

/// `/docs/` for `docs/index.html`, `/` for `index.html`, nothing for another file.
fn folder_of_index(name: &str) -> Option<String> {
    let folder = name.strip_suffix(INDEX_FILE)?;
    (folder.is_empty() || folder.ends_with('/')).then(|| format!("/{folder}"))
}

fn check(names: &[String], routes: &[Route]) -> Result<(), Error> {
    let file = |route: &Route| PathBuf::from(&names[route.file]);
    if let Some(route) = routes.iter().find(|route| route.path.len() > PATH_BYTES_MAX) {
        return Err(Error::PathTooLong { path: file(route), bytes: route.path.len() });
    }
    match routes.windows(2).find(|pair| pair[0].path == pair[1].path) {
        Some([a, b]) => {
            Err(Error::TwoFiles { route: a.path.clone(), first: file(a), second: file(b) })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[expect(clippy::needless_pass_by_value, reason = "as `expect!` is meant to be used")]
    #[track_caller]
    fn check(names: &[&str], expected: Expect) {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let text = match routes(&names) {
            Ok(routes) => routes
                .iter()
                .map(|route| format!("{} = {}\n", route.path, names[route.file]))
                .collect(),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&text);
    }

    #[test]
    fn one_per_file_and_one_per_index() {
        check(
            &["a b.txt", "docs/index.html", "index.html", "myindex.html", "é"],
            expect![[r#"
            / = index.html
            /a b.txt = a b.txt
            /docs/ = docs/index.html
            /docs/index.html = docs/index.html
            /index.html = index.html
            /myindex.html = myindex.html
            /é = é
        "#]],
        );
    }

    #[test]
    fn sorted_bytewise() {
        check(
            &["a", "a.txt", "a/b", "B"],
            expect![[r#"
            /B = B
            /a = a
            /a.txt = a.txt
            /a/b = a/b
        "#]],
        );
    }

    #[test]
    fn two_files_for_one_path() {
        check(
            &["docs/", "docs/index.html"],
            expect!["cannot serve both docs/ and docs/index.html: each answers the path /docs/"],
        );
    }

    #[test]
    fn longest_path() {
        let longest = "a".repeat(PATH_BYTES_MAX - 1);
        let error = routes(&[longest.clone() + "b"]).unwrap_err().to_string();
        assert_eq!(routes(&[longest]).unwrap().len(), 1);
        expect![": its path has 2049 bytes, and 2048 is the limit"]
            .assert_eq(error.trim_start_matches(|c| c != ':'));
    }
}
