//! FFmpeg's time stamps and ours.

use girih::Rational;

/// Turns FFmpeg's time stamps into ours.
///
/// A file of constant frame rate gets one tick per frame: small numbers, and no rounding to the milliseconds
/// of its container. Others keep their own time base.
pub struct Clock {
    pub time_base: Rational,
    source: Rational,
    origin: Option<i64>,
    last: Option<i64>,
}

impl Clock {
    pub fn new(source: Rational, constant_rate: Option<Rational>) -> Self {
        let time_base = constant_rate.map_or(source, |r| Rational { num: r.den, den: r.num });
        Clock { time_base, source, origin: None, last: None }
    }

    /// Counts from this time stamp, that of the first frame.
    pub fn start(&mut self, timestamp: i64) {
        self.origin.get_or_insert(timestamp);
    }

    /// Says that the next frame is not the one after the last.
    pub fn jump(&mut self) {
        self.last = None;
    }

    /// The time of the next frame, always after the one before.
    pub fn time(&mut self, timestamp: Option<i64>) -> i64 {
        let next = self.last.map_or(0, |l| l.saturating_add(1));
        let time = timestamp.map_or(next, |t| {
            // Frames are counted from the first one, so that its phase does not round them unevenly.
            let origin = *self.origin.get_or_insert(t);
            self.rescale(origin).saturating_add(self.rescale(t.saturating_sub(origin)))
        });
        let time = self.last.map_or(time, |_| time.max(next));
        self.last = Some(time);
        time
    }

    /// Microseconds by which the container's time is ahead of ours, from rounding.
    pub fn shift(&self) -> i64 {
        const MICRO: Rational = Rational { num: 1, den: 1_000_000 };
        self.origin
            .map_or(0, |o| rescale(o, self.source, MICRO) - rescale(self.rescale(o), self.time_base, MICRO))
    }

    fn rescale(&self, t: i64) -> i64 {
        rescale(t, self.source, self.time_base)
    }
}

fn rescale(t: i64, from: Rational, to: Rational) -> i64 {
    super::copier::rescale(t, super::rational(from), super::rational(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_rates_count_frames() {
        let ms = Rational { num: 1, den: 1000 };
        let mut c = Clock::new(ms, Some(Rational { num: 30000, den: 1001 }));
        assert_eq!(c.time_base, Rational { num: 1001, den: 30000 });
        let times: Vec<_> = [7, 40, 73, 107, 140, 207].map(|t| c.time(Some(t))).into();
        assert_eq!(times, [0, 1, 2, 3, 4, 6]);
        assert_eq!((c.time(None), c.time(Some(3))), (7, 8));
    }

    #[test]
    fn variable_rates_keep_their_time() {
        let mut c = Clock::new(Rational { num: 1, den: 1000 }, None);
        let times: Vec<_> = [5, 38, 500, 500, 499].map(|t| c.time(Some(t))).into();
        assert_eq!(times, [5, 38, 500, 501, 502]);
    }
}
