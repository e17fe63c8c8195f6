//! Fixed-point mathematics: sine and interpolation weights without floating point.

/// A full turn.
pub const TURN: i32 = 1 << 16;

/// Sine of `angle` (65536 = a full turn) in 1/65536, by a polynomial of degree 5.
pub fn sin(angle: i32) -> i32 {
    let a = angle.rem_euclid(TURN) as i64;
    let quarter = TURN as i64 / 4;
    let (sign, a) = if a < 2 * quarter { (1, a) } else { (-1, a - 2 * quarter) };
    let x = if a > quarter { 2 * quarter - a } else { a } << 2; // 0..=65536
    let x2 = (x * x) >> 16;
    let p = 102_933 - ((x2 * (42_155 - ((x2 * 4_765) >> 16))) >> 16);
    (sign * ((x * p) >> 16)).clamp(-65_536, 65_536) as i32
}

pub fn cos(angle: i32) -> i32 {
    sin(angle.wrapping_add(TURN / 4))
}

/// Phases of the interpolation kernel between two samples.
pub const PHASES: usize = 64;

/// Catmull-Rom weights of four neighbours for each phase; each row adds up to 4096.
pub fn cubic_weights() -> [[i32; 4]; PHASES] {
    let one = PHASES as i64;
    let scale = |v: i64| ((v * 4096 + one.pow(3)).div_euclid(2 * one.pow(3))) as i32;
    std::array::from_fn(|phase| {
        let t = phase as i64;
        let (t1, t2, t3) = (t * one * one, t * t * one, t * t * t);
        let before = scale(2 * t2 - t1 - t3);
        let after = scale(t1 + 4 * t2 - 3 * t3);
        let last = scale(t3 - t2);
        [before, 4096 - before - after - last, after, last]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sine_is_close_and_odd() {
        for a in (-TURN..2 * TURN).step_by(7) {
            let exact = (f64::from(a) / f64::from(TURN) * std::f64::consts::TAU).sin();
            assert!((f64::from(sin(a)) / 65536.0 - exact).abs() < 4e-4, "angle {a}");
        }
        assert_eq!([sin(0), cos(0)], [0, cos(TURN)]);
    }

    #[test]
    fn weights_add_up() {
        let w = cubic_weights();
        assert_eq!(w[0], [0, 4096, 0, 0]);
        assert!(w.iter().all(|r| r.iter().sum::<i32>() == 4096));
        assert_eq!(w[PHASES / 2], [-256, 2304, 2304, -256]);
    }
}
