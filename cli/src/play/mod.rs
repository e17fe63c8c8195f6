//! `girih play`: a film or an image in a window.

#[cfg(feature = "audio")]
mod audio;
#[cfg(not(feature = "audio"))]
#[path = "silent.rs"]
mod audio;
mod canvas;
mod clock;
mod film;
mod image;
mod keys;
mod overlay;
mod player;
mod queue;
mod reel;
mod scale;
mod script;
mod stage;
#[cfg(all(test, feature = "audio"))]
mod sync;
mod window;

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

use crate::args::Play;
use crate::codebook;
use crate::error::{self, InFile, display};
use clock::Clock;
use player::Player;
use queue::{Order, Queue};
use script::Script;
use window::App;

pub fn run(args: &Play) -> Result<()> {
    let script = Script::of(args)?;
    let codebook = codebook::load(args.given.codebook.as_deref())?;
    let (sound, silence) = match audio::open(&args.input) {
        Ok(sound) => (sound.filter(|_| script.is_none()), None),
        Err(e) => (None, Some(format!("playing without sound: {e:#}"))),
    };
    let clock = Arc::new(Clock::new(sound.as_ref().map(|s| s.voice.clone())));
    let waker = Arc::new(Mutex::new(None::<winit::event_loop::EventLoopProxy<()>>));
    let proxy = waker.clone();
    let wake = move || {
        if let Some(p) = &*proxy.lock().unwrap_or_else(PoisonError::into_inner) {
            // A window that has gone needs no waking.
            let _ = p.send_event(());
        }
    };
    let first = Order::Number(args.at);
    let (queue, description) =
        Queue::start(args.input.clone(), codebook, first, clock.clone(), wake).in_file(&args.input)?;
    let events = window::events().in_file(&args.input)?;
    error::notes(&args.input, silence.as_slice());
    *waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(events.create_proxy());
    let playing = script.is_none();
    let player = Player::new(queue, clock, description, playing);
    let title = format!("{} - girih", display(&args.input));
    let player = App::new(player, title, script, args.once).run(events).in_file(&args.input)?;
    if args.once {
        println!("{}", serde_json::json!({ "shown": player.shown, "dropped": player.dropped() }));
    }
    Ok(())
}
