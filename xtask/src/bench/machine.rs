//! Where it is measured, and what others do there meanwhile.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use results::Machine;

use crate::shell::{Outcome, command, output};

/// Others may keep so many CPUs busy: more shows in figures of time, by the same share of two CPUs,
/// which is what the goals of `bench speed` leave room for.
const LOAD_MAX: f64 = 0.1;

/// How long others are watched.
const PAUSE: Duration = Duration::from_secs(2);

/// Of the unit of /proc/stat, `USER_HZ`.
const TICKS_PER_S: f64 = 100.0;

/// What the figures depend on, and how it is asked for its version.
const VERSIONS: &[(&str, &[&str])] = &[
    ("rustc", &["--version"]),
    ("docker", &["--version"]),
    ("dockerd", &["--version"]),
    ("containerd", &["--version"]),
    ("podman", &["--version"]),
    ("runc", &["--version"]),
    ("wrk", &["-v"]),
    ("nginx", &["-v"]),
    ("lighttpd", &["-v"]),
    ("busybox", &[]),
];

/// This machine; others have done nothing yet.
pub(super) fn this() -> Outcome<Machine> {
    let processors = fs::read_to_string("/proc/cpuinfo")?;
    let memory = fs::read_to_string("/proc/meminfo")?;
    let here = |(program, args): &(&str, &[&str])| {
        Some((String::from(*program), version(&said(program, args)?)?.into()))
    };
    let ours = ("pipkin".into(), commit().unwrap_or(env!("CARGO_PKG_VERSION").into()));
    Ok(Machine {
        date: output(&mut command("date", &["+%F"]))?.trim().into(),
        cpu: field(&processors, "model name").unwrap_or(std::env::consts::ARCH).into(),
        cpus: std::thread::available_parallelism()?.get(),
        memory_bytes: kib(&memory, "MemTotal").ok_or("/proc/meminfo: no MemTotal")? * 1024,
        kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().into(),
        load: 0.0,
        load_max: LOAD_MAX,
        versions: std::iter::once(ours).chain(VERSIONS.iter().filter_map(here)).collect(),
    })
}

/// The CPUs that others keep busy, while this process waits. An average of the kernel's would have
/// in it what the bench before has done.
pub(super) fn load() -> Outcome<f64> {
    let ticks = || -> Outcome<u64> {
        Ok(busy_ticks(&fs::read_to_string("/proc/stat")?).ok_or("/proc/stat: no times")?)
    };
    let (start, before) = (Instant::now(), ticks()?);
    std::thread::sleep(PAUSE);
    let busy = ticks()?.saturating_sub(before);
    Ok(busy as f64 / TICKS_PER_S / start.elapsed().as_secs_f64())
}

/// The version of this package, and the commit.
fn commit() -> Option<String> {
    let commit = output(&mut command("git", &["describe", "--always", "--dirty"])).ok()?;
    Some(format!("{} ({})", env!("CARGO_PKG_VERSION"), commit.trim()))
}

/// What `program` says about itself, to whichever stream; nothing when it is not there.
fn said(program: &str, args: &[&str]) -> Option<String> {
    let done = Command::new(program).args(args).output().ok()?;
    Some(String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
}

/// The first word that looks like a version.
fn version(said: &str) -> Option<&str> {
    let words = said.split(|c: char| c.is_whitespace() || "/,()".contains(c));
    let mut words = words.map(|word| word.trim_start_matches('v'));
    words.find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'))
}

/// Of lines `NAME : VALUE`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    Some(fields.map(|(key, value)| (key.trim(), value.trim())).find(|(key, _)| *key == name)?.1)
}

/// Of lines `NAME: VALUE kB`, as files of /proc have them.
pub(super) fn kib(text: &str, name: &str) -> Option<u64> {
    field(text, name)?.strip_suffix(" kB")?.trim().parse().ok()
}

/// What all CPUs did but wait, from proc(5): the fields of the first line but `idle` and `iowait`,
/// and but those for guests, who are in `user` already. `steal` is the work of other machines.
fn busy_ticks(stat: &str) -> Option<u64> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let fields: Vec<u64> =
        line.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let &[user, nice, system, _idle, _iowait, irq, softirq, steal, ..] = fields.as_slice() else {
        return None;
    };
    Some(user + nice + system + irq + softirq + steal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let check = |said: &str, expected: &str| assert_eq!(version(said), Some(expected));
        check("rustc 1.95.0 (59807616e 2026-04-14)", "1.95.0");
        check("Docker version 20.10.24+dfsg1, build 297e128", "20.10.24+dfsg1");
        check("wrk debian/4.1.0-3+b2 [epoll] Copyright (C) 2012", "4.1.0-3+b2");
        check("nginx version: nginx/1.22.1\n", "1.22.1");
        check("BusyBox v1.35.0 (Debian 1:1.35.0-4)", "1.35.0");
        assert_eq!(version("error: no such flag"), None);
    }

    #[test]
    fn files_of_proc() {
        let memory = "MemTotal:       24680108 kB\nMemFree:        17000000 kB\n";
        assert_eq!(kib(memory, "MemTotal"), Some(24_680_108));
        assert_eq!(kib(memory, "Mem"), None);
        assert_eq!(field("cpu\t: 0\nmodel name\t: AMD EPYC\n", "model name"), Some("AMD EPYC"));
    }

    #[test]
    fn busy_is_all_but_waiting() {
        let check = |stat: &str, expected| assert_eq!(busy_ticks(stat), expected, "{stat}");
        check("cpu  1 20 300 4000 50000 600000 7000000 80000000 9 9\ncpu0 1\n", Some(87_600_321));
        check("cpu  1 2 3 4\n", None);
        check("cpu0 1 2 3 4 5 6 7 8 9 10\n", None);
    }
}
