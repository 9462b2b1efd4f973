//! What the kernel charges a container for.

use std::fs;
use std::iter::Sum;
use std::path::{Path, PathBuf};

use crate::shell::Outcome;

const ROOT: &str = "/sys/fs/cgroup";

/// Of servers; pages of files are left out, for which one pays and from which all have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Memory {
    /// Pages of its processes.
    pub(super) user_bytes: f64,
    /// What the kernel keeps for them: page tables, stacks, sockets.
    pub(super) kernel_bytes: f64,
}

impl Sum for Memory {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self { user_bytes: 0.0, kernel_bytes: 0.0 }, |sum, one| Self {
            user_bytes: sum.user_bytes + one.user_bytes,
            kernel_bytes: sum.kernel_bytes + one.kernel_bytes,
        })
    }
}

/// Of the cgroup that `process` is in.
pub(super) fn memory(process: u32) -> Outcome<Memory> {
    let text = fs::read_to_string(format!("/proc/{process}/cgroup"))?;
    let (folder, is_v1) = folder(&text).ok_or("/proc/PID/cgroup: no memory cgroup")?;
    let stat = fs::read_to_string(folder.join("memory.stat"))?;
    let kernel = match is_v1 {
        true => fs::read_to_string(folder.join("memory.kmem.usage_in_bytes"))?,
        false => String::new(),
    };
    Ok(parse(&stat, &kernel).ok_or("memory.stat: no figures")?)
}

/// Where the figures are, and whether they are of the first version.
///
/// Source: cgroups(7).
fn folder(cgroup: &str) -> Option<(PathBuf, bool)> {
    let at = |root: &str, path: &str| Path::new(root).join(path.trim_start_matches('/'));
    let lines = || cgroup.lines().filter_map(|line| line.split_once(':')?.1.split_once(':'));
    let of_v1 =
        lines().find(|(controllers, _)| controllers.split(',').any(|name| name == "memory"));
    let of_v2 = || lines().find(|(controllers, _)| controllers.is_empty());
    match of_v1 {
        Some((_, path)) => Some((at(&format!("{ROOT}/memory"), path), true)),
        None => Some((at(ROOT, of_v2()?.1), false)),
    }
}

/// From `memory.stat`, which in the first version has nothing about the kernel.
///
/// Source: Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst of Linux.
fn parse(stat: &str, kernel: &str) -> Option<Memory> {
    let value = |name: &str| -> Option<f64> {
        let mut fields = stat.lines().filter_map(|line| line.split_once(' '));
        fields.find(|(key, _)| *key == name)?.1.parse().ok()
    };
    let kernel_bytes = value("kernel").or_else(|| kernel.trim().parse().ok())?;
    Some(Memory {
        user_bytes: value("anon").or_else(|| value("rss"))? + value("shmem")?,
        kernel_bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders() {
        let check = |text: &str, expected: Option<(&str, bool)>| {
            assert_eq!(folder(text), expected.map(|(path, is_v1)| (path.into(), is_v1)), "{text}");
        };
        let v1 = "9:name=systemd:/a\n4:memory:/b/c\n1:cpu,cpuacct:/a\n0::/a\n";
        check(v1, Some(("/sys/fs/cgroup/memory/b/c", true)));
        check("5:cpu,memory:/b\n", Some(("/sys/fs/cgroup/memory/b", true)));
        check("0::/user.slice/a\n", Some(("/sys/fs/cgroup/user.slice/a", false)));
        check("1:cpu:/a\n", None);
    }

    #[test]
    fn figures() {
        let check = |stat: &str, kernel: &str, expected: Option<(f64, f64)>| {
            let expected =
                expected.map(|(user_bytes, kernel_bytes)| Memory { user_bytes, kernel_bytes });
            assert_eq!(parse(stat, kernel), expected, "{stat}");
        };
        check(
            "cache 7\nrss 4096\nrss_huge 0\nshmem 1\ntotal_rss 9\n",
            "8192\n",
            Some((4097.0, 8192.0)),
        );
        check(
            "anon 4096\nfile 5\nkernel 300\nkernel_stack 9\nshmem 2\n",
            "",
            Some((4098.0, 300.0)),
        );
        check("rss 4096\nshmem 1\n", "", None);
        check("", "8192\n", None);
    }
}
