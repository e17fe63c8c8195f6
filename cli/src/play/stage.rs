//! The window and what is drawn into it.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use winit::dpi::PhysicalSize;
use winit::event_loop::{ActiveEventLoop, OwnedDisplayHandle};
use winit::window::{Fullscreen, Window};

use super::canvas::Canvas;
use super::image::Image;
use super::player::Player;
use super::scale;

/// Pictures smaller than this are shown enlarged at first.
const SMALL: (usize, usize) = (320, 240);

pub struct Stage {
    window: Rc<Window>,
    surface: softbuffer::Surface<OwnedDisplayHandle, Rc<Window>>,
    full: bool,
    /// When frames were shown lately, and how many there had been.
    lately: VecDeque<(Instant, u64)>,
}

impl Stage {
    pub fn open(events: &ActiveEventLoop, title: &str, shape: (usize, usize)) -> Result<Self> {
        let screen = events.primary_monitor().or_else(|| events.available_monitors().next());
        let screen = screen.map(|m| m.size()).filter(|s| s.width > 0 && s.height > 0);
        let (w, h) = first_size(shape, screen.map(|s| (s.width as usize, s.height as usize)));
        let attributes = Window::default_attributes()
            .with_title(title)
            .with_inner_size(PhysicalSize::new(w as u32, h as u32));
        let window = Rc::new(events.create_window(attributes).ok().context("cannot open a window")?);
        let context = softbuffer::Context::new(events.owned_display_handle()).map_err(drawing)?;
        let surface = softbuffer::Surface::new(&context, window.clone()).map_err(drawing)?;
        Ok(Stage { window, surface, full: false, lately: VecDeque::new() })
    }

    pub fn request_draw(&self) {
        self.window.request_redraw();
    }

    pub fn toggle_full_screen(&mut self) {
        self.full = !self.full;
        self.window.set_fullscreen(self.full.then_some(Fullscreen::Borderless(None)));
        self.window.set_cursor_visible(!self.full);
    }

    pub fn draw(&mut self, player: &Player) -> Result<()> {
        let size = self.window.inner_size();
        let (Some(w), Some(h)) = (NonZeroU32::new(size.width), NonZeroU32::new(size.height)) else {
            return Ok(());
        };
        let fps = self.fps(player.shown);
        self.surface.resize(w, h).map_err(drawing)?;
        let mut buffer = self.surface.buffer_mut().map_err(drawing)?;
        compose(player, fps, &mut buffer, (size.width as usize, size.height as usize));
        self.window.pre_present_notify();
        buffer.present().map_err(drawing)
    }

    /// What is in the window, read back from the screen where the system allows that.
    pub fn contents(&mut self, player: &Player) -> Result<Image> {
        let size = self.window.inner_size();
        let (width, height) = (size.width as usize, size.height as usize);
        let pixels = match self.surface.fetch() {
            Ok(pixels) => pixels.into_iter().map(|p| p & 0xff_ffff).collect(),
            Err(_) => {
                let mut pixels = vec![0; width * height];
                compose(player, 0.0, &mut pixels, (width, height));
                pixels
            }
        };
        Ok(Image { width, height, pixels })
    }

    /// Frames shown per second of late.
    fn fps(&mut self, shown: u64) -> f64 {
        let now = Instant::now();
        self.lately.push_back((now, shown));
        while self.lately.len() > 2
            && self.lately.front().is_some_and(|(t, _)| (now - *t).as_secs_f64() > 1.5)
        {
            self.lately.pop_front();
        }
        self.lately.front().map_or(0.0, |&(t, n)| (shown - n) as f64 / (now - t).as_secs_f64().max(0.01))
    }
}

/// Draws all there is to see into a window's pixels.
fn compose(player: &Player, fps: f64, pixels: &mut [u32], (width, height): (usize, usize)) {
    let Some(frame) = &player.current else {
        pixels.fill(0);
        return;
    };
    let image = &frame.image;
    let shape = scale::square(image.width, image.height, player.description.sample_aspect);
    let place = scale::fit((width, height), shape);
    scale::draw(image, place, pixels, width);
    let mut canvas = Canvas { pixels, width, height };
    if let Some(coding) = &frame.coding {
        player.overlay.draw(&mut canvas, place, (image.width, image.height), &coding.blocks);
    }
    let mut lines = if player.statistics { player.report(fps) } else { Vec::new() };
    if let Some(legend) = player.overlay.legend() {
        let known = frame.coding.is_some();
        lines.push(if known {
            legend.into()
        } else {
            "only Girih's own streams show their blocks".to_string()
        });
    }
    if !lines.is_empty() {
        canvas.panel(&lines, (8, 8));
    }
}

/// The size of the window at first: that of the picture, or what fits the screen.
fn first_size(shape: (usize, usize), screen: Option<(usize, usize)>) -> (usize, usize) {
    let enough = |n: &usize| shape.0 * n >= SMALL.0 || shape.1 * n >= SMALL.1;
    let times = (1..16).find(enough).unwrap_or(16);
    let (w, h) = (shape.0 * times, shape.1 * times);
    match screen.map(|(sw, sh)| (sw * 9 / 10, sh * 9 / 10)) {
        Some(most) if w > most.0 || h > most.1 => {
            let place = scale::fit(most, shape);
            (place.width, place.height)
        }
        Some(_) => (w, h),
        None => (w.min(4096), h.min(4096)),
    }
}

fn drawing(e: softbuffer::SoftBufferError) -> anyhow::Error {
    anyhow!("cannot draw into the window: {e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_fit_the_screen() {
        let screen = Some((1280, 1024));
        assert_eq!(first_size((640, 360), screen), (640, 360));
        assert_eq!(first_size((80, 56), screen), (320, 224));
        assert_eq!(first_size((193, 144), screen), (386, 288));
        assert_eq!(first_size((1, 1), screen), (16, 16));
        assert_eq!(first_size((3840, 2160), screen), (1152, 648));
        assert_eq!(first_size((65536, 1), screen), (1152, 1));
        assert_eq!(first_size((65536, 1), None), (4096, 1));
    }
}
