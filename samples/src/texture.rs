//! Tiles of 1/f texture with soft-edged regions, as in photographs: most energy in large shapes,
//! contours between areas of different colour, fine detail everywhere.

use crate::fixed::{PHASES, cubic_weights};
use crate::rng::Rng;

/// Root mean square of each channel of a texture.
pub const UNIT: i32 = 1024;

/// A square tile of (luma, blue, red) values around zero that repeats in both directions.
pub struct Texture {
    bits: u32,
    samples: Vec<[i16; 3]>,
    weights: [[i32; 4]; PHASES],
}

impl Texture {
    /// A tile of `1 << bits` samples a side. `persistence` (of 256) is the amplitude of an octave
    /// against the next coarser one: about 150 is soft, 220 is rough.
    pub fn new(seed: u64, bits: u32, persistence: i32) -> Self {
        let mut rng = Rng::new(seed);
        let side = 1usize << bits;
        let mut regions = vec![0; side * side];
        for shift in [bits - 2, bits - 3, bits - 4] {
            add_octave(&mut regions, bits, shift, 2 << shift, &mut rng);
        }
        normalise(&mut regions);
        for v in &mut regions {
            *v = (*v * 12).clamp(-UNIT, UNIT);
        }
        let channel = |finest: u32, persistence: i32, edges: i32, rng: &mut Rng| {
            let mut plane = vec![0; side * side];
            let mut amplitude = 4096;
            for shift in (finest..bits - 1).rev() {
                add_octave(&mut plane, bits, shift, amplitude, rng);
                amplitude = amplitude * persistence / 256;
            }
            normalise(&mut plane);
            plane.iter_mut().zip(&regions).for_each(|(v, r)| *v += r * edges / 8);
            normalise(&mut plane);
            plane
        };
        let y = channel(0, persistence, 7, &mut rng);
        let u = channel(2, persistence, 9, &mut rng);
        let v = channel(2, persistence, -6, &mut rng);
        let limit = |v: i32| v.clamp(-4 * UNIT, 4 * UNIT) as i16;
        let samples = y.iter().zip(&u).zip(&v).map(|((&y, &u), &v)| [limit(y), limit(u), limit(v)]).collect();
        Texture { bits, samples, weights: cubic_weights() }
    }

    /// The values at a position in 1/65536 sample, by cubic interpolation.
    pub fn at(&self, x: i64, y: i64) -> [i32; 3] {
        let mask = (1i64 << self.bits) - 1;
        let phase = |v: i64| ((v >> 10) & (PHASES as i64 - 1)) as usize;
        let (wx, wy) = (&self.weights[phase(x)], &self.weights[phase(y)]);
        let columns: [usize; 4] = std::array::from_fn(|i| (((x >> 16) + i as i64 - 1) & mask) as usize);
        let mut sum = [0i32; 3];
        for (j, &wy) in wy.iter().enumerate() {
            let row = ((((y >> 16) + j as i64 - 1) & mask) as usize) << self.bits;
            let mut line = [0i32; 3];
            for (&column, &wx) in columns.iter().zip(wx) {
                let s = self.samples[row + column];
                for c in 0..3 {
                    line[c] += i32::from(s[c]) * wx;
                }
            }
            for c in 0..3 {
                sum[c] += (line[c] >> 12) * wy;
            }
        }
        sum.map(|v| v >> 12)
    }
}

/// Adds smooth noise whose lattice has a point every `1 << shift` samples.
fn add_octave(plane: &mut [i32], bits: u32, shift: u32, amplitude: i32, rng: &mut Rng) {
    let (side, period, cells) = (1usize << bits, 1usize << shift, 1usize << (bits - shift));
    let lattice: Vec<i32> = (0..cells * cells).map(|_| rng.range(-amplitude, amplitude)).collect();
    // Another origin for each octave, or the lattices would show.
    let (ox, oy) = (rng.below(period as u64) as usize, rng.below(period as u64) as usize);
    let ease: Vec<i32> = (0..period)
        .map(|i| {
            let t = (i * 256 / period) as i32;
            (t * t * (3 * 256 - 2 * t)) >> 16
        })
        .collect();
    for y in 0..side {
        let (cy, fy) = ((y + oy) / period, ease[(y + oy) % period]);
        let top = &lattice[(cy % cells) * cells..][..cells];
        let bottom = &lattice[((cy + 1) % cells) * cells..][..cells];
        for x in 0..side {
            let (cx, fx) = ((x + ox) / period, ease[(x + ox) % period]);
            let (l, r) = (cx % cells, (cx + 1) % cells);
            let a = top[l] * 256 + (top[r] - top[l]) * fx;
            let b = bottom[l] * 256 + (bottom[r] - bottom[l]) * fx;
            plane[y * side + x] += (a + ((b - a) / 256) * fy) / 256;
        }
    }
}

/// Removes the mean and scales to a root mean square of [`UNIT`].
fn normalise(plane: &mut [i32]) {
    let n = plane.len() as i64;
    let mean = plane.iter().map(|&v| i64::from(v)).sum::<i64>() / n;
    let square = plane.iter().map(|&v| (i64::from(v) - mean).pow(2)).sum::<i64>() / n;
    let rms = square.isqrt().max(1);
    for v in plane {
        *v = ((i64::from(*v) - mean) * i64::from(UNIT) / rms) as i32;
    }
}
