//! Patterns of paths, for what is to be left.

/// What stands before a pattern that says of no folder where it is.
const ANYWHERE: &str = "**/";

/// Patterns of paths: `*` stands for any text within a name, `**` for any text. One that does not
/// start with `/` fits in any folder.
#[derive(Debug)]
pub(crate) struct Patterns(Vec<String>);

impl Patterns {
    pub(crate) fn new(patterns: &[String]) -> Self {
        Self(patterns.into())
    }

    /// The first pattern that `path` fits, or a folder that it is in.
    pub(crate) fn matching(&self, path: &str) -> Option<&str> {
        let folders =
            path.match_indices('/').map(|(at, _)| &path[..at]).filter(|part| !part.is_empty());
        let parts = folders.chain([path]);
        let is_fitting = |pattern: &&String| {
            let is_anywhere = !pattern.starts_with(['/']) && !pattern.starts_with(ANYWHERE);
            let pattern =
                if is_anywhere { format!("{ANYWHERE}{pattern}") } else { (*pattern).clone() };
            parts.clone().any(|part| fits(pattern.as_bytes(), part.as_bytes()))
        };
        self.0.iter().find(is_fitting).map(String::as_str)
    }
}

/// Whether `text` fits `pattern`. Takes time of their product at most: only the last star of each
/// kind is ever tried again.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut here) = (0, 0);
    // For each kind of star: where the pattern goes on, and the text that it has taken so far.
    let mut any: Option<(usize, usize)> = None;
    let mut in_name: Option<(usize, usize)> = None;
    loop {
        let rest = &pattern[at..];
        if rest.starts_with(b"**") {
            at += 2;
            (any, in_name) = (Some((at, here)), None);
        } else if rest.starts_with(b"*") {
            at += 1;
            in_name = Some((at, here));
        } else if here == text.len() && rest.is_empty() {
            return true;
        } else if here < text.len() && rest.first() == Some(&text[here]) {
            (at, here) = (at + 1, here + 1);
        } else if let Some((next, taken)) =
            in_name.filter(|(_, taken)| text.get(*taken).is_some_and(|byte| *byte != b'/'))
        {
            (at, here) = (next, taken + 1);
            in_name = Some((next, taken + 1));
        } else if let Some((next, taken)) = any.filter(|(_, taken)| *taken < text.len()) {
            (at, here) = (next, taken + 1);
            (any, in_name) = (Some((next, taken + 1)), None);
        } else {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars() {
        let check = |pattern: &str, path: &str, expected: bool| {
            let patterns = Patterns::new(&[pattern.into()]);
            assert_eq!(patterns.matching(path).is_some(), expected, "{pattern} {path}");
        };
        check("/a/b", "/a/b", true);
        check("/a/b", "/a/b/c", true);
        check("/a/b", "/a/bc", false);
        check("/a/*", "/a/b/c", true);
        check("/*/c", "/a/b/c", false);
        check("/**/c", "/a/b/c", true);
        check("**/libz.so.*", "/usr/lib/libz.so.1", true);
        check("**/libz.so.*", "/usr/lib/libz.so", false);
        check("/usr/lib*/x*z", "/usr/lib64/xyz", true);
        check("/usr/lib*/x*z", "/usr/lib64/xy/z", false);
        check("**a**b", "/xaxaxxb", true);
        check("*.so", "/usr/lib/libz.so", true);
        check("doc", "/usr/share/doc/x", true);
        check("share/doc", "/usr/share/doc/x", true);
        check("are/doc", "/usr/share/doc/x", false);
        check("", "/a", false);
    }

    #[test]
    fn many_stars_take_no_time() {
        let patterns = Patterns::new(&["**a".repeat(200) + "b"]);
        assert_eq!(patterns.matching(&format!("/{}", "a".repeat(10_000))), None);
    }
}
