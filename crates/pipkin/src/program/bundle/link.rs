//! Links, which lead from one place of the root to another, and are to do so wherever the root lies.

/// The target of the link at `path` as it is written in a bundle: relative, and not out of the root.
pub(super) fn relative(path: &str, target: &str) -> String {
    let depth = path.matches('/').count() - 1;
    let ups = target.split('/').take_while(|part| *part == "..").count();
    if !target.starts_with('/') && ups <= depth {
        return target.into();
    }
    // Above the root there is the root.
    let from_root: Vec<&str> =
        target.split('/').skip(ups).filter(|part| !part.is_empty()).collect();
    let target = format!("{}{}", "../".repeat(depth), from_root.join("/"));
    if target.is_empty() { ".".into() } else { target }
}

#[cfg(test)]
mod tests {
    #[track_caller]
    fn check(path: &str, target: &str, expected: &str) {
        assert_eq!(super::relative(path, target), expected, "{path} -> {target}");
    }

    #[test]
    fn links_stay_in_the_root() {
        check("/lib", "usr/lib", "usr/lib");
        check("/lib", "/usr/lib", "usr/lib");
        check("/usr/lib64/ld.so", "/lib/ld.so", "../../lib/ld.so");
        check("/usr/lib/a.so", "../../opt//a.so", "../../opt//a.so");
        check("/usr/a", "../../../etc/a", "../etc/a");
        check("/a", "../etc/a", "etc/a");
        check("/a/b", "/", "../");
        check("/a", "/", ".");
    }
}
