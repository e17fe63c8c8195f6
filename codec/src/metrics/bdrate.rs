//! The Bjontegaard measure: the average difference in rate of two coders at equal quality.

/// Points at which the difference of the curves is integrated.
const SAMPLES: usize = 400;

/// Average difference in bytes, in percent, of `test` against `reference` at equal quality: negative
/// means that `test` needs less. A point is (bytes, quality in dB). Log-rate is interpolated over quality
/// by monotone piecewise cubics (PCHIP) and the difference averaged over the qualities both curves reach.
///
/// `None` when a curve has fewer than three distinct points or they share less than 1 dB.
pub fn bd_rate(reference: &[(f64, f64)], test: &[(f64, f64)]) -> Option<f64> {
    let (a, b) = (Curve::new(reference)?, Curve::new(test)?);
    let (lo, hi) = (a.first().max(b.first()), a.last().min(b.last()));
    if hi - lo < 1.0 {
        return None;
    }
    let step = (hi - lo) / (SAMPLES - 1) as f64;
    let difference = |i: usize| {
        let q = if i + 1 == SAMPLES { hi } else { lo + step * i as f64 };
        b.at(q) - a.at(q)
    };
    let ends = 0.5 * (difference(0) + difference(SAMPLES - 1));
    let inner: f64 = (1..SAMPLES - 1).map(difference).sum();
    let percent = (((ends + inner) * step / (hi - lo)).exp() - 1.0) * 100.0;
    percent.is_finite().then_some(percent)
}

/// Log-rate as a function of quality: a monotone piecewise cubic through the points.
struct Curve {
    /// Quality in dB, rising.
    x: Vec<f64>,
    /// Natural logarithm of the bytes.
    y: Vec<f64>,
    /// Slope at each point.
    slope: Vec<f64>,
}

impl Curve {
    fn new(points: &[(f64, f64)]) -> Option<Curve> {
        let valid =
            |&&(bytes, quality): &&(f64, f64)| bytes > 0.0 && bytes.is_finite() && quality.is_finite();
        let mut p: Vec<(f64, f64)> = points.iter().filter(valid).map(|&(b, q)| (q, b.ln())).collect();
        p.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for (q, rate) in p {
            // Points of (nearly) one quality: the cheapest counts.
            if x.last().is_none_or(|&last| q > last + 1e-3) {
                x.push(q);
                y.push(rate);
            }
        }
        if x.len() < 3 {
            return None;
        }
        let slope = slopes(&x, &y);
        Some(Curve { x, y, slope })
    }

    fn first(&self) -> f64 {
        self.x[0]
    }

    fn last(&self) -> f64 {
        self.x[self.x.len() - 1]
    }

    /// Value at `q`, which lies between the first and the last point.
    fn at(&self, q: f64) -> f64 {
        let i = self.x.partition_point(|&x| x <= q).clamp(1, self.x.len() - 1) - 1;
        let h = self.x[i + 1] - self.x[i];
        let t = (q - self.x[i]) / h;
        let (t2, t3) = (t * t, t * t * t);
        (2.0 * t3 - 3.0 * t2 + 1.0) * self.y[i]
            + (t3 - 2.0 * t2 + t) * h * self.slope[i]
            + (3.0 * t2 - 2.0 * t3) * self.y[i + 1]
            + (t3 - t2) * h * self.slope[i + 1]
    }
}

/// Slopes that keep the cubic between two points monotone (Fritsch and Butland): inside, the weighted
/// harmonic mean of the neighbouring secants, zero at a turn; at the ends a three-point estimate.
fn slopes(x: &[f64], y: &[f64]) -> Vec<f64> {
    let n = x.len();
    let h: Vec<f64> = x.windows(2).map(|w| w[1] - w[0]).collect();
    let secant: Vec<f64> = y.windows(2).zip(&h).map(|(w, h)| (w[1] - w[0]) / h).collect();
    let mut slope = vec![0.0; n];
    for i in 1..n - 1 {
        let (before, after) = (secant[i - 1], secant[i]);
        if before * after > 0.0 {
            let (w1, w2) = (2.0 * h[i] + h[i - 1], h[i] + 2.0 * h[i - 1]);
            slope[i] = (w1 + w2) / (w1 / before + w2 / after);
        }
    }
    slope[0] = end_slope(h[0], h[1], secant[0], secant[1]);
    slope[n - 1] = end_slope(h[n - 2], h[n - 3], secant[n - 2], secant[n - 3]);
    slope
}

/// Slope at an end: the parabola through three points, limited so that no new extreme appears.
fn end_slope(h0: f64, h1: f64, s0: f64, s1: f64) -> f64 {
    let slope = ((2.0 * h0 + h1) * s0 - h0 * s1) / (h0 + h1);
    if slope * s0 <= 0.0 {
        0.0
    } else if s0 * s1 < 0.0 && slope.abs() > 3.0 * s0.abs() {
        3.0 * s0
    } else {
        slope
    }
}

#[cfg(test)]
mod tests {
    use super::bd_rate;

    fn close(reference: &[(f64, f64)], test: &[(f64, f64)], expected: f64) {
        let found = bd_rate(reference, test).unwrap();
        assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{found} for {expected}");
    }

    const SLOW: [(f64, f64); 6] = [
        (397412.0, 42.1974),
        (214057.0, 38.8217),
        (112350.0, 35.604),
        (58665.0, 32.5894),
        (30834.0, 29.8013),
        (16831.0, 27.1449),
    ];

    /// The expected values are those of scipy's PchipInterpolator with numpy's trapezoid.
    #[test]
    fn agrees_with_scipy() {
        let x265 = [
            (340968.0, 42.0306),
            (184562.0, 38.7035),
            (96357.0, 35.4996),
            (49061.0, 32.503),
            (25068.0, 29.7143),
            (12458.0, 27.158),
        ];
        close(&SLOW, &x265, -14.52865527719357);
        let surveillance = [
            (488835.0, 48.619),
            (284674.0, 44.9174),
            (157955.0, 41.1055),
            (88491.0, 37.346),
            (48377.0, 33.8082),
            (25810.0, 30.7478),
        ];
        let mpeg2 = [
            (937798.0, 42.8568),
            (511993.0, 38.1472),
            (311225.0, 34.7919),
            (199386.0, 31.9791),
            (146460.0, 30.0598),
            (115974.0, 28.515),
        ];
        close(&surveillance, &mpeg2, 424.49271461199885);
    }

    /// Unsorted points, near duplicates and a turn of the curve.
    #[test]
    fn agrees_with_scipy_on_tangled_curves() {
        let a = [(1000.0, 30.0), (2500.0, 34.0), (2400.0, 34.0005), (9000.0, 41.0), (5200.0, 37.5)];
        let b = [
            (800.0, 29.0),
            (1500.0, 32.0),
            (1400.0, 33.0),
            (6000.0, 38.0),
            (30000.0, 45.0),
            (6100.0, 38.0004),
        ];
        close(&a, &b, -7.723660125314535);
    }

    #[test]
    fn a_curve_against_itself_and_scaled() {
        close(&SLOW, &SLOW, 0.0);
        let cheaper = SLOW.map(|(bytes, q)| (bytes * 0.8, q));
        close(&SLOW, &cheaper, -20.0);
    }

    #[test]
    fn refuses_what_cannot_be_compared() {
        assert_eq!(bd_rate(&SLOW[..2], &SLOW), None);
        assert_eq!(bd_rate(&SLOW, &SLOW.map(|(b, q)| (b, q + 14.5))), None);
        assert_eq!(bd_rate(&SLOW, &SLOW.map(|(_, q)| (0.0, q))), None);
        assert_eq!(bd_rate(&SLOW, &SLOW.map(|(b, _)| (b, f64::NAN))), None);
    }
}
