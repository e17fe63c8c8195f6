//! Events: keys, time and frames in, drawing out.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use winit::application::ApplicationHandler;
use winit::event::{ElementState, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop};
use winit::window::WindowId;

use super::keys::{self, Action};
use super::player::{Effect, Player};
use super::scale;
use super::script::Script;
use super::stage::Stage;

pub struct App {
    pub player: Player,
    title: String,
    stage: Option<Stage>,
    script: Option<Script>,
    /// End with the film.
    once: bool,
    /// A drawing shows the present state.
    drawn: bool,
    failed: Option<anyhow::Error>,
}

/// Prepares for windows.
///
/// # Errors
/// Where there is no screen.
pub fn events() -> Result<EventLoop<()>> {
    #[cfg(all(unix, not(target_os = "macos")))]
    if std::env::var_os("DISPLAY").is_none_or(|d| d.is_empty()) {
        bail!("cannot open a window: there is no display (DISPLAY is not set)");
    }
    match EventLoop::with_user_event().build() {
        Ok(events) => Ok(events),
        // The reason that it gives names a line of its source.
        Err(_) => bail!("cannot open a window: the display does not answer"),
    }
}

impl App {
    pub fn new(player: Player, title: String, script: Option<Script>, once: bool) -> Self {
        App { player, title, stage: None, script, once, drawn: false, failed: None }
    }

    pub fn run(mut self, events: EventLoop<()>) -> Result<Player> {
        let ran = events.run_app(&mut self);
        self.player.quit();
        match self.failed {
            Some(e) => Err(e),
            None if ran.is_err() => bail!("the window was lost"),
            None => Ok(self.player),
        }
    }

    fn fail(&mut self, events: &ActiveEventLoop, e: anyhow::Error) {
        self.failed.get_or_insert(e);
        events.exit();
    }

    fn request_draw(&mut self) {
        self.drawn = false;
        if let Some(stage) = &self.stage {
            stage.request_draw();
        }
    }

    fn act(&mut self, events: &ActiveEventLoop, action: Action) {
        match self.player.act(action) {
            Effect::Draw => {}
            Effect::Quit => events.exit(),
            Effect::FullScreen => {
                if let Some(stage) = &mut self.stage {
                    stage.toggle_full_screen();
                }
            }
        }
        self.request_draw();
    }

    fn draw(&mut self, events: &ActiveEventLoop) {
        let Some(stage) = &mut self.stage else { return };
        match stage.draw(&self.player) {
            Ok(()) => self.drawn = true,
            Err(e) => self.fail(events, e),
        }
    }

    /// Does what comes next without a user, once the window shows what it should.
    fn follow_script(&mut self, events: &ActiveEventLoop) {
        let ready = self.drawn && self.player.rests() && self.player.current.is_some();
        let (Some(script), Some(stage), true) = (&mut self.script, &mut self.stage, ready) else { return };
        match script.next_action() {
            Some(action) => self.act(events, action),
            None => match stage.contents(&self.player).and_then(|c| script.save(&c)) {
                Ok(()) => events.exit(),
                Err(e) => self.fail(events, e),
            },
        }
    }
}

impl ApplicationHandler for App {
    fn resumed(&mut self, events: &ActiveEventLoop) {
        if self.stage.is_some() {
            return;
        }
        let d = &self.player.description;
        let shape = scale::square(d.format.width, d.format.height, d.sample_aspect);
        match Stage::open(events, &self.title, shape) {
            Ok(stage) => self.stage = Some(stage),
            Err(e) => self.fail(events, e),
        }
        self.request_draw();
    }

    fn window_event(&mut self, events: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        match event {
            WindowEvent::CloseRequested | WindowEvent::Destroyed => events.exit(),
            WindowEvent::Resized(_) => self.request_draw(),
            WindowEvent::RedrawRequested => self.draw(events),
            WindowEvent::KeyboardInput { event, .. } if event.state == ElementState::Pressed => {
                // A key held down goes on seeking and stepping, but toggles nothing.
                let action = keys::action(&event.logical_key).filter(|a| !event.repeat || a.repeats());
                if let Some(action) = action {
                    self.act(events, action);
                }
            }
            _ => {}
        }
    }

    fn about_to_wait(&mut self, events: &ActiveEventLoop) {
        if let Some(e) = self.player.error() {
            return self.fail(events, e);
        }
        let tick = self.player.tick();
        if tick.draw {
            self.request_draw();
        }
        if self.once && self.player.has_ended() && self.drawn {
            events.exit();
        }
        self.follow_script(events);
        events.set_control_flow(match tick.next {
            Some(seconds) => {
                ControlFlow::WaitUntil(Instant::now() + Duration::from_secs_f64(seconds.min(3600.0)))
            }
            None => ControlFlow::Wait,
        });
    }
}
