//! The pictures of `docs/screenshots`: the real window in each theme, driven by keys as an agent would.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result};

use super::{desktop::Desktop, place::Place, screenshot, session::Session};
use crate::{desk::Desk, paths, wait};

/// How the window looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Theme {
    Light,
    Dark,
}

pub(super) const THEMES: [Theme; 2] = [Theme::Light, Theme::Dark];

/// A picture: its name, the keys that lead to it from an open conversation, what is typed then, and the keys that lead back.
struct Picture {
    name: &'static str,
    there: &'static [&'static str],
    typed: &'static str,
    back: &'static [&'static str],
}

const PICTURES: [Picture; 4] = [
    Picture { name: "window", there: &[], typed: "", back: &[] },
    Picture { name: "contact", there: &["i"], typed: "", back: &["i"] },
    Picture { name: "palette", there: &["ctrl+k"], typed: "re", back: &["Escape"] },
    Picture { name: "keys", there: &["question"], typed: "", back: &["Escape"] },
];

impl Theme {
    const fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// For the next desk: the system's theme, and a cursor that does not blink, since a picture is taken once nothing changes.
    pub(super) fn set(self, place: &Place) -> Result<()> {
        let folder = place.path("home").join("config/gtk-3.0");
        fs::create_dir_all(&folder)?;
        let dark = u8::from(self == Self::Dark);
        let settings = format!(
            "[Settings]\ngtk-application-prefer-dark-theme={dark}\ngtk-cursor-blink=0\ngtk-enable-animations=0\n"
        );
        fs::write(folder.join("settings.ini"), settings)?;
        Ok(())
    }
}

/// Where they go.
pub(super) fn folder() -> PathBuf {
    paths::root().join("docs/screenshots")
}

const PATIENCE: Duration = Duration::from_secs(60);

/// Takes all of them in one theme: `window-light.png` and so on.
pub(super) fn take(session: &Session, mut desktop: Desktop, place: &Place, theme: Theme) -> Result<()> {
    let desk = session.desk().context("a picture is taken at a desk of our own")?;
    let window = screenshot::put(desk, &mut desktop, 0, &[])?;
    screenshot::open_newest(desk, &mut desktop, place, 0)?;
    let stage = Stage { desk, window, looks: place.path("home") };
    // Out of the composer, where a click on a conversation leads: there, a key is a letter.
    stage.press(&["Escape"])?;
    for picture in &PICTURES {
        stage.take(picture, theme)?;
    }
    desktop.window.stop();
    Ok(())
}

/// The window, and how it is seen.
struct Stage<'a> {
    desk: &'a Desk,
    window: String,
    looks: PathBuf,
}

impl Stage<'_> {
    fn take(&self, picture: &Picture, theme: Theme) -> Result<()> {
        self.press(picture.there)?;
        if !picture.typed.is_empty() {
            self.desk.type_text(picture.typed)?;
            self.desk.wait_until_drawn(&self.looks)?;
        }
        self.desk.screenshot(&folder().join(format!("{}-{}.png", picture.name, theme.word())))?;
        self.press(picture.back)
    }

    /// Until the window has heard them: one that has just come up may not have the keyboard yet.
    fn press(&self, keys: &[&str]) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let before = self.desk.look(&self.looks)?;
        wait::until("the window to hear a key", PATIENCE, || {
            self.desk.focus(&self.window)?;
            self.desk.press(keys)?;
            self.desk.wait_until_drawn(&self.looks)?;
            Ok((self.desk.look(&self.looks)? != before).then_some(()))
        })
    }
}
