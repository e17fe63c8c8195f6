//! Turning of pictures, for films that are to be shown turned: Girih's own stream has no word for it.

use girih::{Format, Picture, Plane, Rational};

/// How a picture is brought upright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Rows become columns, before anything else.
    transpose: bool,
    flip_x: bool,
    flip_y: bool,
}

impl Turn {
    /// The turn that a display matrix asks for, if it is one by a multiple of 90 degrees.
    pub fn of(matrix: [i32; 9]) -> Self {
        // x' = a x + c y, y' = b x + d y
        let [a, b, _, c, d, ..] = matrix;
        if a != 0 && d != 0 && b == 0 && c == 0 {
            Turn { transpose: false, flip_x: a < 0, flip_y: d < 0 }
        } else if a == 0 && d == 0 && b != 0 && c != 0 {
            Turn { transpose: true, flip_x: c < 0, flip_y: b < 0 }
        } else {
            Turn::default()
        }
    }

    pub fn format(self, f: Format) -> Format {
        if self.transpose { Format { width: f.height, height: f.width, ..f } } else { f }
    }

    pub fn aspect(self, a: Rational) -> Rational {
        if self.transpose && a.num > 0 { Rational { num: a.den, den: a.num } } else { a }
    }

    /// The turned picture.
    pub fn apply(self, picture: Picture) -> Picture {
        if self == Turn::default() {
            return picture;
        }
        let mut out = Picture { pts: picture.pts, ..Picture::new(self.format(picture.format)) };
        for (to, from) in out.planes.iter_mut().zip(&picture.planes) {
            self.plane(to, from);
        }
        out
    }

    fn plane(self, to: &mut Plane, from: &Plane) {
        let (w, h) = (to.width(), to.height());
        for y in 0..h {
            let sy = if self.flip_y { h - 1 - y } else { y };
            for (x, v) in to.row_mut(y)[..w].iter_mut().enumerate() {
                let sx = if self.flip_x { w - 1 - x } else { x };
                *v = if self.transpose { from.row(sx)[sy] } else { from.row(sy)[sx] };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use girih::ChromaFormat;

    use super::*;

    #[test]
    fn a_quarter_to_the_right() {
        let format = Format { width: 3, height: 2, chroma: ChromaFormat::Mono, bit_depth: 8 };
        let mut p = Picture::new(format);
        p.planes[0].row_mut(0).copy_from_slice(&[1, 2, 3]);
        p.planes[0].row_mut(1).copy_from_slice(&[4, 5, 6]);
        let rows =
            |p: &Picture| (0..p.format.height).map(|y| p.planes[0].row(y).to_vec()).collect::<Vec<_>>();
        // x' = -y, y' = x: clockwise.
        let right = Turn::of([0, 65536, 0, -65536, 0, 0, 0, 0, 1]).apply(p.clone());
        assert_eq!(rows(&right), [[4, 1], [5, 2], [6, 3]]);
        let half = Turn::of([-65536, 0, 0, 0, -65536, 0, 0, 0, 1]).apply(p.clone());
        assert_eq!(rows(&half), [[6, 5, 4], [3, 2, 1]]);
        assert_eq!(Turn::of([65536, 0, 0, 0, 65536, 0, 0, 0, 1]).apply(p.clone()), p);
        assert_eq!(Turn::of([46341, 46341, 0, -46341, 46341, 0, 0, 0, 1]), Turn::default());
    }
}
