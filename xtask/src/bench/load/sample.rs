//! What was measured, and the table that is made of it.

use results::Table;

use super::PIPKIN;
use super::case::{Case, Goal};
use super::options::Options;
use crate::bench::median;

/// Of a table: name, unit and digits behind the point.
type Column = (&'static str, &'static str, usize);

/// What comes before the multiples of others, and after them.
const CPU: [Column; 3] = [("CPU", "us/request", 2), ("least", "us", 2), ("most", "us", 2)];
const BESIDES: [Column; 6] = [
    ("requests", "/s", 0),
    ("p50", "us", 0),
    ("p99", "us", 0),
    ("memory", "KiB", 0),
    ("Pss", "KiB", 0),
    ("errors", "", 0),
];

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

    /// A row for each server, with CPU times as multiples of those of `others`, and a note for each goal.
    pub(crate) fn table(&self, case: &Case, options: &Options, others: &[&str]) -> Table {
        let (rounds, seconds) = (options.rounds, options.seconds + case.more_seconds);
        let title = format!("{}: medians of {rounds} x {seconds} s", case.title);
        let times: Vec<String> = others.iter().map(|other| format!("x {other}")).collect();
        let times = times.iter().map(|times| (times.as_str(), "", 2));
        let columns: Vec<_> = CPU.into_iter().chain(times).chain(BESIDES).collect();
        let mut table = Table::new(case.name, &title, &columns);
        for (name, samples) in &self.0 {
            table.push(name, *name == PIPKIN, &self.cells(name, samples, others));
        }
        table.notes = case.goals.iter().map(|goal| self.goal(goal)).collect();
        table
    }

    /// What was measured of `name`.
    pub(crate) fn of(&self, name: &str) -> Option<&[Sample]> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, samples)| samples.as_slice())
    }

    /// The CPU time per request of `name`.
    pub(crate) fn cpu_us(&self, name: &str) -> Option<f64> {
        let samples = self.of(name)?.iter();
        Some(median(samples.map(|sample| sample.cpu_us_per_request)))
    }

    /// As the columns of [`Self::table`] are.
    fn cells(&self, name: &str, samples: &[Sample], others: &[&str]) -> Vec<Option<f64>> {
        let of = |figure: fn(&Sample) -> f64| median(samples.iter().map(figure));
        let cpu = |sample: &Sample| sample.cpu_us_per_request;
        let least = samples.iter().map(cpu).fold(f64::INFINITY, f64::min);
        let most = samples.iter().map(cpu).fold(0.0, f64::max);
        let times = others.iter().map(|other| self.ratio(cpu, name, other));
        let besides = [
            of(|sample| sample.requests_per_s),
            of(|sample| sample.p50_us),
            of(|sample| sample.p99_us),
            of(|sample| sample.memory_kib),
            of(|sample| sample.resident_kib),
            samples.iter().map(|sample| sample.errors as f64).sum::<f64>(),
        ];
        let cpu = [of(cpu), least, most].map(Some);
        cpu.into_iter().chain(times).chain(besides.map(Some)).collect()
    }

    /// Whether it holds.
    fn goal(&self, goal: &Goal) -> String {
        let Goal { figure_name, figure, rival, bound } = goal;
        let wanted = format!("goal: {figure_name} {} x {rival}", bound.words());
        match self.ratio(figure, PIPKIN, rival) {
            Some(ratio) if bound.holds(ratio) => format!("{wanted}: {ratio:.2}, holds"),
            Some(ratio) => format!("{wanted}: {ratio:.2}, MISSED"),
            None => format!("{wanted}: {rival} was not measured"),
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
