//! What was measured, and the table that is printed of it.

use super::PIPKIN;
use super::case::{Case, Goal};
use super::options::Options;
use crate::bench::median;

/// One measurement of one server.
pub(crate) struct Sample {
    pub(crate) cpu_us_per_request: f64,
    pub(crate) requests_per_s: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) memory_kib: f64,
    pub(crate) resident_kib: f64,
    pub(crate) errors: u64,
}

/// All measurements of a case, in the order of the rounds.
#[derive(Default)]
pub(crate) struct Samples(Vec<(&'static str, Vec<Sample>)>);

impl Samples {
    pub(crate) fn add(&mut self, rival: &'static str, sample: Sample) {
        match self.0.iter_mut().find(|(name, _)| *name == rival) {
            Some((_, samples)) => samples.push(sample),
            None => self.0.push((rival, vec![sample])),
        }
    }

    /// Prints the table, with CPU times as multiples of those of `others`.
    pub(crate) fn print(&self, case: &Case, options: &Options, others: &[&str]) {
        let (rounds, seconds) = (options.rounds, options.seconds + case.more_seconds);
        println!("{} ({}): medians of {rounds} x {seconds} s", case.title, case.name);
        println!(
            "  {:<9}{:>10} {:>16}{} {:>12} {:>9} {:>9} {:>11} {:>8} {:>7}",
            "",
            "CPU us/rq",
            "min - max",
            others.iter().map(|other| format!(" {:>8}", format!("x {other}"))).collect::<String>(),
            "requests/s",
            "p50 us",
            "p99 us",
            "memory KiB",
            "Pss KiB",
            "errors"
        );
        for (name, samples) in &self.0 {
            println!("  {}", self.line(name, samples, others));
        }
    }

    /// Prints which goals of `case` hold.
    pub(crate) fn print_goals(&self, case: &Case) {
        case.goals.iter().for_each(|goal| self.print_goal(goal));
    }

    /// What was measured of `name`.
    pub(crate) fn of(&self, name: &str) -> Option<&[Sample]> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, samples)| samples.as_slice())
    }

    fn line(&self, name: &'static str, samples: &[Sample], others: &[&str]) -> String {
        let of = |figure: fn(&Sample) -> f64| median(samples.iter().map(figure));
        let cpu = |sample: &Sample| sample.cpu_us_per_request;
        let least = samples.iter().map(cpu).fold(f64::INFINITY, f64::min);
        let most = samples.iter().map(cpu).fold(0.0, f64::max);
        let times = |other: &&str| match self.ratio(cpu, name, other) {
            Some(ratio) => format!(" {ratio:>8.2}"),
            None => format!(" {:>8}", "-"),
        };
        format!(
            "{name:<9}{:>10.2} {:>16}{} {:>12.0} {:>9.0} {:>9.0} {:>11.0} {:>8.0} {:>7}",
            of(cpu),
            format!("{least:.2} - {most:.2}"),
            others.iter().map(times).collect::<String>(),
            of(|sample| sample.requests_per_s),
            of(|sample| sample.p50_us),
            of(|sample| sample.p99_us),
            of(|sample| sample.memory_kib),
            of(|sample| sample.resident_kib),
            samples.iter().map(|sample| sample.errors).sum::<u64>(),
        )
    }

    fn print_goal(&self, goal: &Goal) {
        let Goal { figure_name, figure, rival, bound } = goal;
        let wanted = format!("  goal: {figure_name} {} x {rival}", bound.words());
        match self.ratio(figure, PIPKIN, rival) {
            Some(ratio) if bound.holds(ratio) => println!("{wanted}: {ratio:.2}, holds"),
            Some(ratio) => println!("{wanted}: {ratio:.2}, MISSED"),
            None => println!("{wanted}: {rival} was not measured"),
        }
    }

    /// The figure of `name` as a multiple of that of `rival`: the median of what it is in each
    /// round.
    fn ratio(&self, figure: impl Fn(&Sample) -> f64, name: &str, rival: &str) -> Option<f64> {
        let pairs = self.of(name)?.iter().zip(self.of(rival)?);
        Some(median(pairs.map(|(ours, theirs)| figure(ours) / figure(theirs))))
    }
}

#[cfg(test)]
mod tests {
    use super::{Sample, Samples};

    fn sample(cpu_us_per_request: f64) -> Sample {
        let requests_per_s = 1e6 / cpu_us_per_request;
        Sample {
            cpu_us_per_request,
            requests_per_s,
            p50_us: 1.0,
            p99_us: 2.0,
            memory_kib: 3.0,
            resident_kib: 4.0,
            errors: 0,
        }
    }

    #[test]
    fn ratios_are_of_the_same_round() {
        let mut samples = Samples::default();
        // The second round was slow for both.
        for (ours, theirs) in [(8.0, 16.0), (30.0, 50.0), (9.0, 18.0)] {
            samples.add("pipkin", sample(ours));
            samples.add("nginx", sample(theirs));
        }
        let cpu = |sample: &Sample| sample.cpu_us_per_request;
        assert_eq!(samples.ratio(cpu, "pipkin", "nginx"), Some(0.5));
        assert_eq!(samples.ratio(cpu, "pipkin", "null"), None);
    }
}
