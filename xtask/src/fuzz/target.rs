//! One fuzz target: its program, its corpus and what it says.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{Outcome, root, run as sh};

/// An input that takes longer is a finding: every parser is linear in at most 4,096 bytes.
const INPUT_SECONDS: u64 = 10;

/// The longest input worth committing.
const KEPT_BYTES_MAX: u64 = 1024;

/// A fuzz target.
pub(super) struct Target {
    name: String,
    program: PathBuf,
    /// The committed corpus, which fuzzing only reads.
    seeds: PathBuf,
    /// The corpus that grows from run to run, below target/.
    corpus: PathBuf,
    /// Where inputs that fail are written.
    found: PathBuf,
    /// What libFuzzer said in the last run.
    log: PathBuf,
}

impl Target {
    /// The target whose program is in `programs`; it works in a folder of its own in `work`.
    pub(super) fn new(name: &str, programs: &Path, work: &Path) -> Self {
        let work = work.join(name);
        Self {
            name: name.into(),
            program: programs.join(name),
            seeds: root().join("fuzz/corpus").join(name),
            corpus: work.join("corpus"),
            found: work.join("found"),
            log: work.join("log"),
        }
    }

    /// Runs it for some seconds, its seeds first, and says on stderr what came of it; the failure
    /// says which input did it and how to see it again.
    pub(super) fn fuzz(&self, seconds: u64) -> Result<(), String> {
        let status = self.start(seconds).map_err(|error| format!("{}: {error}", self.name))?;
        let log = String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned();
        if status {
            eprintln!("fuzz: {}: {}", self.name, summary(&log));
            return Ok(());
        }
        Err(failure(&self.name, &log, &self.log))
    }

    /// True when nothing was found.
    fn start(&self, seconds: u64) -> std::io::Result<bool> {
        for folder in [&self.seeds, &self.corpus, &self.found] {
            fs::create_dir_all(folder)?;
        }
        let log = File::create(&self.log)?;
        let mut fuzz = self.command();
        fuzz.arg(format!("-max_total_time={seconds}")).arg(&self.corpus).arg(&self.seeds);
        Ok(fuzz.stdout(log.try_clone()?).stderr(log).status()?.success())
    }

    /// Runs it on one input, with everything that it says.
    pub(super) fn repeat(&self, input: &Path) -> Outcome {
        fs::create_dir_all(&self.found)?;
        sh(self.command().arg(input))
    }

    /// Adds to the committed corpus the fewest inputs that reach code that it does not reach. How
    /// often code is reached does not count: that would be a hundred files for a parser.
    pub(super) fn keep(&self) -> Outcome {
        fs::create_dir_all(&self.corpus)?;
        let mut merge = self.command();
        merge.args([
            "-set_cover_merge=1",
            "-use_counters=0",
            &format!("-max_len={KEPT_BYTES_MAX}"),
        ]);
        sh(merge.arg(&self.seeds).arg(&self.corpus))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(root()).arg(format!("-timeout={INPUT_SECONDS}"));
        command.arg(format!("-artifact_prefix={}/", self.found.display()));
        command
    }
}

/// What a run came to, in libFuzzer's words: the last statistics and the number of inputs.
fn summary(log: &str) -> String {
    let last = |word: &str| log.lines().rev().find_map(|line| Some(&line[line.find(word)?..]));
    let coverage = last("cov: ").and_then(|text| text.split(" lim:").next());
    let (done, coverage) = (last("Done "), coverage.unwrap_or("no coverage"));
    format!("{}; {coverage}", done.unwrap_or("ended"))
}

/// Why a run failed, which input did it, and what to type to see it again.
fn failure(name: &str, log: &str, path: &Path) -> String {
    let written = |line: &str| Some(line.split_once("Test unit written to ")?.1.to_string());
    let Some(input) = log.lines().find_map(written) else {
        return format!("{name} ended without a finding; its log is {}", path.display());
    };
    let is_reason = |line: &&str| line.contains("panicked at") || line.starts_with("==");
    let start = log.lines().position(|line| is_reason(&line)).unwrap_or(0);
    let reason: Vec<&str> = log.lines().skip(start).take(2).collect();
    let input = input.strip_prefix(&format!("{}/", root().display())).unwrap_or(&input);
    let again = format!("cargo xtask fuzz {name} {input}");
    format!("{name} fails on {input}\n  {}\n  again: {again}", reason.join("\n  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_summed_up() {
        let log = "INFO: Seed: 1\n#2\tINITED cov: 3 ft: 4 corp: 1/2b exec/s: 0 rss: 31Mb\n\
            #90\tDONE   cov: 13 ft: 14 corp: 5/9b lim: 4 exec/s: 45 rss: 31Mb\n\
            ###### Recommended dictionary. ######\nDone 90 runs in 2 second(s)\n";
        let expected = "Done 90 runs in 2 second(s); cov: 13 ft: 14 corp: 5/9b";
        assert_eq!(summary(log), expected);
        assert_eq!(summary(""), "ended; no coverage");
    }

    #[test]
    fn a_failure_says_what_to_type() {
        let log = format!(
            "INFO: Seed: 1\nthread '<unnamed>' panicked at src/lib.rs:1:2:\nat a loss\n\
             ==7== ERROR: libFuzzer: deadly signal\n\
             artifact_prefix='x'; Test unit written to {}/target/found/crash-1\nBase64: eA==\n",
            root().display()
        );
        let expected = "elf fails on target/found/crash-1\n  \
            thread '<unnamed>' panicked at src/lib.rs:1:2:\n  at a loss\n  \
            again: cargo xtask fuzz elf target/found/crash-1";
        assert_eq!(failure("elf", &log, Path::new("log")), expected);
        let expected = "elf ended without a finding; its log is target/log";
        assert_eq!(failure("elf", "", Path::new("target/log")), expected);
    }
}
