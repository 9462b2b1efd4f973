//! Where on an axis a figure lies.

use kuva::render::render_utils::{auto_nice_range_log, generate_ticks};

/// Below this, nothing can be told on a logarithmic axis.
const LOG_MIN: f64 = 1e-9;
/// Above this, nothing is measured, and powers of ten end.
const FIGURE_MAX: f64 = 1e30;

/// An axis from one figure to another.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    from: f64,
    to: f64,
    is_log: bool,
}

impl Axis {
    /// The axis of bars of these lengths; none if there is none to be drawn.
    ///
    /// A logarithmic one has no zero: it begins at a power of ten that leaves the shortest bar
    /// something to be seen of.
    pub(crate) fn of_bars(figures: &[f64], is_log: bool) -> Option<Self> {
        let (min, to) = range(figures, if is_log { LOG_MIN } else { 0.0 })?;
        let from = if is_log { 10_f64.powf((min / 2.0).log10().floor()) } else { 0.0 };
        Some(Self { from, to, is_log })
    }

    /// A logarithmic axis of steps, which begins and ends with one.
    pub(crate) fn of_steps(figures: &[f64]) -> Option<Self> {
        let (min, max) = range(figures, LOG_MIN)?;
        let (from, to) = if min < max { (min, max) } else { (min / 10.0, max * 10.0) };
        Some(Self { from, to, is_log: true })
    }

    /// A logarithmic axis that begins and ends with a power of ten.
    pub(crate) fn of_powers(figures: &[f64]) -> Option<Self> {
        let (min, max) = range(figures, LOG_MIN)?;
        let (from, to) = auto_nice_range_log(min, max);
        Some(Self { from, to, is_log: true })
    }

    /// Where `figure` is, from 0 to 1.
    pub(crate) fn at(&self, figure: f64) -> f64 {
        let share = if self.is_log {
            (figure.max(LOG_MIN) / self.from).log10() / (self.to / self.from).log10()
        } else {
            figure / self.to
        };
        share.clamp(0.0, 1.0)
    }

    /// Round figures on it: all powers of ten, or about as many as `count_max` at most.
    pub(crate) fn ticks(&self, count_max: usize) -> Vec<f64> {
        if !self.is_log {
            return generate_ticks(self.from, self.to, count_max);
        }
        // Computed powers may lie a little beside.
        let first = (self.from.log10() - 1e-9).ceil() as i32;
        let last = (self.to.log10() + 1e-9).floor() as i32;
        (first..=last).map(|power| 10_f64.powi(power)).collect()
    }
}

/// The least and the greatest of those that are above `min`.
fn range(figures: &[f64], min: f64) -> Option<(f64, f64)> {
    let mut above = figures.iter().copied().filter(|figure| *figure > min && *figure < FIGURE_MAX);
    let first = above.next()?;
    Some(above.fold((first, first), |(least, most), figure| (least.min(figure), most.max(figure))))
}

#[cfg(test)]
mod tests {
    use super::Axis;

    #[track_caller]
    fn check(axis: Option<Axis>, from: f64, to: f64, ticks: &[f64]) {
        let axis = axis.unwrap();
        assert!((axis.from / from - 1.0).abs() < 1e-9 || axis.from == from, "{axis:?}");
        assert!((axis.to / to - 1.0).abs() < 1e-9, "{axis:?}");
        assert_eq!(axis.ticks(5), ticks, "{axis:?}");
    }

    #[test]
    fn logarithmic_bars() {
        check(Axis::of_bars(&[512.0, 4e6], true), 100.0, 4e6, &[1e2, 1e3, 1e4, 1e5, 1e6]);
        check(Axis::of_bars(&[512.0], true), 100.0, 512.0, &[100.0]);
        check(Axis::of_bars(&[100.0], true), 10.0, 100.0, &[10.0, 100.0]);
        let decades: Vec<f64> = (-1..=9).map(|power| 10_f64.powi(power)).collect();
        check(Axis::of_bars(&[1.0, 1e9], true), 0.1, 1e9, &decades);
        check(Axis::of_bars(&[0.0, -1.0, 300.0], true), 100.0, 300.0, &[100.0]);
    }

    #[test]
    fn bars_from_zero() {
        check(Axis::of_bars(&[7.0, 40.0], false), 0.0, 40.0, &[0.0, 10.0, 20.0, 30.0, 40.0]);
        check(Axis::of_bars(&[0.5], false), 0.0, 0.5, &[0.0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    }

    #[test]
    fn steps() {
        check(Axis::of_steps(&[10.0, 1e6]), 10.0, 1e6, &[1e1, 1e2, 1e3, 1e4, 1e5, 1e6]);
        check(Axis::of_steps(&[10.0]), 1.0, 100.0, &[1.0, 10.0, 100.0]);
        check(Axis::of_powers(&[3.0, 450.0]), 1.0, 1000.0, &[1.0, 10.0, 100.0, 1000.0]);
    }

    #[test]
    fn nothing_to_draw() {
        for is_log in [false, true] {
            assert_eq!(Axis::of_bars(&[], is_log), None);
            assert_eq!(Axis::of_bars(&[0.0, -3.0, f64::NAN, f64::INFINITY], is_log), None);
        }
        assert_eq!(Axis::of_steps(&[0.0]), None);
    }

    #[test]
    fn places() {
        let axis = Axis::of_bars(&[512.0, 1e6], true).unwrap();
        let places = [0.0, 100.0, 1e4, 1e6, 1e9].map(|figure| axis.at(figure));
        assert_eq!(places, [0.0, 0.0, 0.5, 1.0, 1.0]);
        let axis = Axis::of_bars(&[80.0], false).unwrap();
        assert_eq!([-1.0, 0.0, 20.0, 80.0].map(|figure| axis.at(figure)), [0.0, 0.0, 0.25, 1.0]);
    }
}
