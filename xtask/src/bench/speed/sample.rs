//! What was measured, and the table that is printed of it.

use super::case::{Case, Goal};
use super::options::Options;
use super::rival::{NGINX, NULL, PIPKIN, RIVALS};
use crate::bench::median;

/// One measurement of one server.
pub(super) struct Sample {
    pub(super) cpu_us_per_request: f64,
    pub(super) requests_per_s: f64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    pub(super) memory_kib: f64,
    pub(super) errors: u64,
}

/// All measurements of a case, in the order of the rounds.
#[derive(Default)]
pub(super) struct Samples(Vec<(&'static str, Vec<Sample>)>);

impl Samples {
    pub(super) fn add(&mut self, rival: &'static str, sample: Sample) {
        match self.0.iter_mut().find(|(name, _)| *name == rival) {
            Some((_, samples)) => samples.push(sample),
            None => self.0.push((rival, vec![sample])),
        }
    }

    pub(super) fn print(&self, case: &Case, options: &Options) {
        let (rounds, seconds) = (options.rounds, options.seconds + case.more_seconds);
        println!("{} ({}): medians of {rounds} x {seconds} s", case.title, case.name);
        println!(
            "  {:<9}{:>10} {:>16} {:>8} {:>8} {:>12} {:>9} {:>9} {:>11} {:>7}",
            "",
            "CPU us/rq",
            "min - max",
            "x null",
            "x nginx",
            "requests/s",
            "p50 us",
            "p99 us",
            "memory KiB",
            "errors"
        );
        for (name, samples) in &self.0 {
            println!("  {}", self.line(name, samples));
        }
        for rival in RIVALS.iter().filter(|rival| self.of(rival.name).is_some()) {
            rival.note.iter().for_each(|note| println!("  {}: {note}", rival.name));
        }
        case.goals.iter().for_each(|goal| self.print_goal(goal));
        println!();
    }

    fn of(&self, name: &str) -> Option<&[Sample]> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, samples)| samples.as_slice())
    }

    fn line(&self, name: &'static str, samples: &[Sample]) -> String {
        let of = |figure: fn(&Sample) -> f64| median(samples.iter().map(figure));
        let cpu = |sample: &Sample| sample.cpu_us_per_request;
        let least = samples.iter().map(cpu).fold(f64::INFINITY, f64::min);
        let most = samples.iter().map(cpu).fold(0.0, f64::max);
        let times = |rival| self.ratio(cpu, name, rival).map_or("-".into(), |r| format!("{r:.2}"));
        format!(
            "{name:<9}{:>10} {:>16} {:>8} {:>8} {:>12.0} {:>9.0} {:>9.0} {:>11.0} {:>7}",
            format!("{:.2}", of(cpu)),
            format!("{least:.2} - {most:.2}"),
            times(NULL),
            times(NGINX),
            of(|sample| sample.requests_per_s),
            of(|sample| sample.p50_us),
            of(|sample| sample.p99_us),
            of(|sample| sample.memory_kib),
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
        let (p50_us, p99_us, memory_kib, errors) = (1.0, 2.0, 3.0, 0);
        Sample { cpu_us_per_request, requests_per_s, p50_us, p99_us, memory_kib, errors }
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
