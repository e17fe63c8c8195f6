//! Trials of palettes, and whether a picture is worth them.

use super::Search;
use super::block::TxList;
use crate::entropy::BitCounter;
use crate::picture::Picture;
use crate::syntax::layout::{self, MODELS};
use crate::syntax::palette::{Colour, MAX_COLOURS, code_palettes, has_palette};
use crate::syntax::{Block, Residuals};

/// Distinct colours from which a block is not worth a palette.
const TOO_MANY: usize = 48;
/// Difference between the darkest and the brightest of an area's few colours, of 8 bits, that speaks for drawn ones.
const CONTRAST: u16 = 16;
/// Side of the areas that are looked at to tell screen content.
const AREA: usize = 16;

/// Whether a picture has enough areas of few but different colours for palettes to pay: screen content. Few that lie
/// next to each other are a dark or blurred area of a film.
pub fn suits_palettes(picture: &Picture) -> bool {
    let luma = &picture.planes[0];
    let contrast = CONTRAST << (picture.format.bit_depth - 8);
    let (columns, rows) = (luma.width() / AREA, luma.height() / AREA);
    let few = |x: usize, y: usize| {
        // Places that are not taken yet hold the first colour again, so that all are compared at once.
        let mut colours = [luma.row(y)[x]; MAX_COLOURS];
        let mut n = 1;
        for row in y..y + AREA {
            for v in &luma.row(row)[x..x + AREA] {
                if !colours.iter().fold(false, |any, c| any | (c == v)) {
                    if n == MAX_COLOURS {
                        return false;
                    }
                    colours[n] = *v;
                    n += 1;
                }
            }
        }
        let (least, most) = colours.iter().fold((u16::MAX, 0), |(a, b), &v| (a.min(v), b.max(v)));
        most - least >= contrast
    };
    let areas = (0..rows).flat_map(|y| (0..columns).map(move |x| (x, y)));
    let suitable = areas.filter(|&(x, y)| few(x * AREA, y * AREA)).count();
    suitable * 20 > columns * rows
}

impl Search {
    /// Tries luma as a palette and what is left as residual.
    pub(super) fn luma_palette(
        &mut self,
        b: &Block,
        palette: Option<(u8, Vec<u16>)>,
        luma: &mut Option<(f32, Block, TxList)>,
    ) {
        let Some((n, tokens)) = palette else { return };
        let dc = [crate::predict::intra::DC; 4];
        let b = Block { palette: [n, 0], palette_at: [0; 2], modes: dc, tx_depth: 0, ..*b };
        self.luma_trial(&b, &[0], tokens, luma);
    }

    /// The palette of the source block in luma (group 0) or chroma (1): how many colours, and the tokens.
    pub(super) fn palette(&self, b: &Block, group: usize) -> Option<(u8, Vec<u16>)> {
        if !has_palette(&self.f, b) {
            return None;
        }
        let s = if group == 0 { 0 } else { self.f.chroma.shift() };
        let (x, y, w, h) = (usize::from(b.x) >> s, usize::from(b.y) >> s, b.w() >> s, b.h() >> s);
        let (first, second) = (&self.source.planes[group], &self.source.planes[2 * group]);
        let mut samples: Vec<Colour> = Vec::with_capacity(w * h);
        let mut counts: Vec<(usize, Colour)> = Vec::new();
        for row in y..y + h {
            let (first, second) = (&first.row(row)[x..x + w], &second.row(row)[x..x + w]);
            for colour in first.iter().zip(second).map(|(&a, &b)| [a, b]) {
                match counts.iter_mut().find(|c| c.1 == colour) {
                    Some(c) => c.0 += 1,
                    None => counts.push((1, colour)),
                }
                samples.push(colour);
            }
            if counts.len() > TOO_MANY {
                return None;
            }
        }
        if counts.len() < 2 {
            return None;
        }
        counts.sort_unstable_by(|a, b| b.cmp(a));
        counts.truncate(MAX_COLOURS);
        if counts.iter().map(|c| c.0).sum::<usize>() * 4 < samples.len() * 3 {
            return None;
        }
        let mut colours: Vec<Colour> = counts.into_iter().map(|c| c.1).collect();
        colours.sort_unstable();
        let nearest = |s: &Colour| {
            let distance = |c: &Colour| c[0].abs_diff(s[0]) + c[1].abs_diff(s[1]);
            (0..colours.len()).min_by_key(|&i| distance(&colours[i])).unwrap_or(0) as u16
        };
        let mut tokens: Vec<u16> = colours.iter().flat_map(|c| &c[..1 + group]).copied().collect();
        tokens.extend(samples.iter().map(nearest));
        Some((colours.len() as u8, tokens))
    }

    /// Cost of the palettes' tokens.
    pub(super) fn palette_rate(&mut self, b: &Block, tokens: &[u16]) -> f32 {
        if tokens.is_empty() {
            return 0.0;
        }
        // A map is long enough for its models to adapt on the way; they are put back afterwards.
        let from = layout::PALETTE.start;
        let before = self.f.ctx.models()[from..MODELS].to_vec();
        let colours = self.f.colours.clone();
        let mut res = Residuals { tokens: tokens.to_vec(), ..Residuals::default() };
        let mut c = BitCounter::<true>::default();
        code_palettes(&mut c, &mut self.f, &mut b.clone(), &mut res, &mut 0);
        for (i, m) in before.into_iter().enumerate() {
            self.f.ctx[from + i] = m;
        }
        self.f.colours = colours;
        self.rate(c.bits)
    }
}
