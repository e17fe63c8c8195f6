//! How good decoded pictures are, over a whole clip.

use anyhow::{Result, bail};
use girih::metrics::{mse, psnr, ssim};
use girih::{Format, Picture};

/// Errors of one picture, or their means over several.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quality {
    /// Mean squared error per plane; `None` for planes that are not there.
    pub mse: [Option<f64>; 3],
    /// Structural similarity of luma.
    pub ssim: f64,
    pub bit_depth: u8,
}

impl Quality {
    /// Compares two pictures of one format.
    pub fn of(reference: &Picture, distorted: &Picture) -> Result<Self> {
        if reference.format != distorted.format {
            bail!("pictures differ in format: {}, {}", layout(reference.format), layout(distorted.format));
        }
        let mut q = Quality { bit_depth: reference.format.bit_depth, ..Quality::default() };
        for ((mean, a), b) in q.mse.iter_mut().zip(&reference.planes).zip(&distorted.planes) {
            *mean = Some(mse(a, b));
        }
        q.ssim = ssim(&reference.planes[0], &distorted.planes[0], q.bit_depth);
        Ok(q)
    }

    /// PSNR of a plane in dB, over the mean error of all pictures.
    pub fn psnr(&self, plane: usize) -> Option<f64> {
        self.mse[plane].map(|m| psnr(m, self.bit_depth))
    }

    /// PSNR of all planes in dB: their errors weighted 6:1:1.
    pub fn psnr_yuv(&self) -> f64 {
        let mean = match self.mse {
            [Some(y), Some(u), Some(v)] => (6.0 * y + u + v) / 8.0,
            [y, ..] => y.unwrap_or_default(),
        };
        psnr(mean, self.bit_depth)
    }

    /// SSIM on a logarithmic scale, which is nearly linear in what is seen.
    pub fn ssim_db(&self) -> f64 {
        -10.0 * (1.0 - self.ssim).max(1e-6).log10()
    }
}

/// Means over the pictures of a clip.
#[derive(Default)]
pub struct Mean {
    sum: Quality,
    pub frames: u64,
}

impl Mean {
    pub fn add(&mut self, q: Quality) {
        for (sum, m) in self.sum.mse.iter_mut().zip(q.mse) {
            *sum = m.map(|m| sum.unwrap_or_default() + m);
        }
        self.sum.ssim += q.ssim;
        self.sum.bit_depth = q.bit_depth;
        self.frames += 1;
    }

    /// The means, `None` without pictures.
    pub fn get(&self) -> Option<Quality> {
        let n = self.frames as f64;
        (self.frames > 0).then(|| Quality {
            mse: self.sum.mse.map(|m| m.map(|m| m / n)),
            ssim: self.sum.ssim / n,
            bit_depth: self.sum.bit_depth,
        })
    }
}

fn layout(f: Format) -> String {
    format!("{}x{} {} {}-bit", f.width, f.height, crate::media::chroma_name(f.chroma), f.bit_depth)
}

#[cfg(test)]
mod tests {
    use girih::ChromaFormat;

    use super::*;

    #[test]
    fn means_are_over_errors() -> Result<()> {
        let format = Format { width: 16, height: 16, chroma: ChromaFormat::Yuv420, bit_depth: 8 };
        let black = Picture::new(format);
        let mut gray = black.clone();
        (0..16).for_each(|y| gray.planes[0].row_mut(y).fill(2));
        let mut mean = Mean::default();
        mean.add(Quality::of(&black, &black)?);
        mean.add(Quality::of(&black, &gray)?);
        let Some(q) = mean.get() else { bail!("no mean") };
        assert_eq!(q.mse, [Some(2.0), Some(0.0), Some(0.0)]);
        assert!((q.psnr_yuv() - 10.0 * (65025.0f64 / 1.5).log10()).abs() < 1e-9);
        assert!(Mean::default().get().is_none());
        let other = Picture::new(Format { width: 17, ..format });
        assert!(Quality::of(&black, &other).is_err());
        Ok(())
    }
}
