//! Test that picture and sound belong together, with a sound device that only notes what would be heard.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::audio::Voice;
use super::clock::Clock;
use super::keys::Action;
use super::player::Player;
use super::queue::{Order, Queue};

const FPS: f64 = 25.0;
const SECONDS: usize = 12;
const RATE: u32 = 8000;
/// Of the device: what it asks for at once, and how long that takes to be heard.
const PERIOD: Duration = Duration::from_millis(20);
const LATENCY: Duration = Duration::from_millis(70);
/// What the steps of the test may add, in seconds; after longer steps, by a machine that is busy, nothing is measured.
const SLACK: f64 = 0.01;

/// A film without motion.
fn film(folder: &std::path::Path) -> PathBuf {
    let path = folder.join("film.y4m");
    let mut bytes = format!("YUV4MPEG2 W16 H16 F{FPS}:1 Cmono\n").into_bytes();
    for _ in 0..SECONDS * FPS as usize {
        bytes.extend(b"FRAME\n");
        bytes.extend([128; 256]);
    }
    std::fs::write(&path, bytes).expect("a film");
    path
}

/// Decodes sound whose samples are the moments that they belong to, plus one: silence is zero.
fn sing(voice: &Voice) {
    let mut next = 0usize;
    while let Some(jump) = voice.wait() {
        if let Some(at) = jump {
            next = (at * f64::from(RATE)) as usize;
        }
        let samples: Vec<f32> = (next..next + 400).map(|i| 1.0 + i as f32 / RATE as f32).collect();
        voice.with(|r| r.put(next as f64 / f64::from(RATE), &samples));
        next += samples.len();
    }
}

struct Device {
    voice: Voice,
    asked: Instant,
    /// When buffers begin to be heard.
    buffers: Vec<(Instant, Vec<f32>)>,
}

impl Device {
    fn ask(&mut self) {
        while self.asked.elapsed() >= PERIOD {
            self.asked += PERIOD;
            let mut samples = vec![0.0; (PERIOD.as_secs_f64() * f64::from(RATE)) as usize];
            // A late call leaves so much less time.
            let heard = (self.asked + LATENCY).max(Instant::now());
            self.voice.with(|r| r.give(&mut samples, heard - Instant::now()));
            self.buffers.push((heard, samples));
        }
    }

    /// The moment of the film that is heard, if any is.
    fn heard(&self) -> Option<f64> {
        let now = Instant::now();
        let (start, samples) = self.buffers.iter().rev().find(|(start, _)| *start <= now)?;
        let sample = samples.get(((now - *start).as_secs_f64() * f64::from(RATE)) as usize)?;
        (*sample > 0.0).then(|| f64::from(*sample) - 1.0)
    }
}

#[test]
fn the_frame_shown_is_the_one_that_is_heard() {
    let folder = tempfile::tempdir().expect("a folder");
    let voice = Voice::new(RATE, 1);
    let singer = voice.clone();
    let singer = thread::spawn(move || sing(&singer));
    let clock = Arc::new(Clock::new(Some(voice.clone())));
    let (queue, description) =
        Queue::start(film(folder.path()), None, Order::Number(0), clock.clone(), || ()).expect("a film");
    let mut player = Player::new(queue, clock.clone(), description, true);
    let mut device = Device { voice: voice.clone(), asked: Instant::now(), buffers: Vec::new() };
    let (mut measured, mut worst) = (0, 0.0f64);
    // Plays for a while after each action.
    for action in
        [None, Some(Action::Seek(5.0)), Some(Action::Pause), Some(Action::Pause), Some(Action::Seek(-3.0))]
    {
        if let Some(action) = action {
            player.act(action);
            // What is on its way to the ear belongs to what was shown before.
            device.buffers.clear();
        }
        let begin = Instant::now();
        let mut last = begin;
        while begin.elapsed().as_secs_f64() < 0.8 {
            device.ask();
            player.tick();
            let shown = player.current.as_ref().map(|f| f.time);
            if let Some(shown) = shown.filter(|_| player.rests() && last.elapsed().as_secs_f64() < SLACK) {
                // While it stands still what was on its way to the ear is still heard.
                let moment = if clock.runs() { device.heard() } else { Some(clock.now()) };
                if let Some(moment) = moment {
                    measured += 1;
                    worst = worst.max(shown - moment).max(moment - shown - 1.0 / FPS);
                    assert!(worst < SLACK, "{shown} is shown while {moment} is heard ({action:?})");
                }
            }
            last = Instant::now();
            thread::sleep(Duration::from_millis(2));
        }
    }
    player.quit();
    voice.quit();
    singer.join().expect("sound");
    assert!(measured > 50, "{measured} moments");
    println!("{measured} moments, {:.1} ms at worst outside of the frame's time", worst.max(0.0) * 1e3);
}
