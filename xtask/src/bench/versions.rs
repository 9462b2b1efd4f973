//! What was measured, by the versions of its packages.

use std::path::Path;
use std::process::Command;

use crate::shell::output;

/// Each of `packages` that this Debian has, with its version.
pub(crate) fn of(packages: &[&str]) -> Vec<(String, String)> {
    within(Path::new("/"), packages)
}

/// Each of `packages` that the Debian in `root` has, with its version.
///
/// Source: dpkg-query(1), `--show`.
pub(crate) fn within(root: &Path, packages: &[&str]) -> Vec<(String, String)> {
    let root = format!("--root={}", root.display());
    let one = |package: &&str| {
        let mut query = Command::new("dpkg-query");
        query.args([&root, "--show", "--showformat=${Version}", package]);
        let version = output(&mut query).ok()?;
        // A package that was removed is known still, by no version.
        (!version.is_empty()).then(|| (package.to_string(), version))
    };
    packages.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_has_no_version() {
        assert_eq!(of(&["no-such-package-at-all"]), []);
        assert_eq!(within(Path::new("/nonexistent"), &["dpkg"]), []);
    }

    #[test]
    fn what_is_there_has_one() {
        if Path::new("/var/lib/dpkg/status").exists() {
            let found = of(&["no-such-package-at-all", "dpkg"]);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].0 == "dpkg" && found[0].1.starts_with('1'), "{found:?}");
        }
    }
}
