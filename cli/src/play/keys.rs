//! What keys do.

use winit::keyboard::{Key, NamedKey};

/// What the user asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    Pause,
    /// By so many seconds.
    Seek(f64),
    Start,
    End,
    StepForward,
    StepBack,
    FullScreen,
    Statistics,
    Overlay,
    Quit,
}

impl Action {
    /// Does it go on while the key is held down?
    pub fn repeats(self) -> bool {
        matches!(self, Action::Seek(_) | Action::StepForward | Action::StepBack)
    }
}

/// The action of a key, if it has one.
pub fn action(key: &Key) -> Option<Action> {
    Some(match key {
        Key::Named(NamedKey::Space) => Action::Pause,
        Key::Named(NamedKey::ArrowLeft) => Action::Seek(-5.0),
        Key::Named(NamedKey::ArrowRight) => Action::Seek(5.0),
        Key::Named(NamedKey::PageUp) => Action::Seek(60.0),
        Key::Named(NamedKey::PageDown) => Action::Seek(-60.0),
        Key::Named(NamedKey::Home) => Action::Start,
        Key::Named(NamedKey::End) => Action::End,
        Key::Named(NamedKey::Escape) => Action::Quit,
        Key::Character(c) => match c.as_str() {
            " " => Action::Pause,
            "." => Action::StepForward,
            "," => Action::StepBack,
            "f" | "F" => Action::FullScreen,
            "i" | "I" => Action::Statistics,
            "o" | "O" => Action::Overlay,
            "q" | "Q" => Action::Quit,
            _ => return None,
        },
        _ => return None,
    })
}

/// A key by its name, for tests: `right`, `home`, `space`, `.`, ...
pub fn named(name: &str) -> Result<Key, String> {
    let key = match name {
        "space" => NamedKey::Space,
        "left" => NamedKey::ArrowLeft,
        "right" => NamedKey::ArrowRight,
        "pageup" => NamedKey::PageUp,
        "pagedown" => NamedKey::PageDown,
        "home" => NamedKey::Home,
        "end" => NamedKey::End,
        "comma" => return Ok(Key::Character(",".into())),
        c if c.chars().count() == 1 => return Ok(Key::Character(c.into())),
        _ => return Err(format!("no key {name}")),
    };
    Ok(Key::Named(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_their_actions() {
        let of = |name| named(name).ok().as_ref().and_then(action);
        assert_eq!(of("space"), Some(Action::Pause));
        assert_eq!(of("left"), Some(Action::Seek(-5.0)));
        assert_eq!(of("pageup"), Some(Action::Seek(60.0)));
        assert_eq!((of("."), of("comma")), (Some(Action::StepForward), Some(Action::StepBack)));
        assert_eq!((of("q"), of("x"), of("nonsense")), (Some(Action::Quit), None, None));
        assert_eq!(action(&Key::Named(NamedKey::Escape)), Some(Action::Quit));
    }
}
