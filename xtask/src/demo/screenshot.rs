//! A picture of the window, taken at a desk of our own.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};

use super::{
    desktop::Desktop,
    place::Place,
    session::{HEIGHT, Session, WIDTH},
};

/// Waits until the window shows its conversations, opens the newest, and writes the picture.
pub(super) fn take(session: &Session, mut desktop: Desktop, place: &Place, file: &Path) -> Result<()> {
    let desk = session.desk().context("a picture is taken at a desk of our own")?;
    let scratch = place.path("home");
    // The title counts the unread texts once they have arrived: `(7) Deskline`.
    let window = desk.wait_for_window(&mut desktop.window, r"^\([0-9]+\) Deskline$")?;
    desk.place_window(&window, WIDTH, HEIGHT)?;
    desk.wait_until_drawn(&scratch)?;
    let unread = desk.title(&window)?;
    desk.press(&["j", "Return"])?;
    desktop.window.wait_until("the newest conversation to be open and read", PATIENCE, || {
        Ok((desk.title(&window)? != unread).then_some(()))
    })?;
    desk.wait_until_drawn(&scratch)?;
    desk.screenshot(file)?;
    desktop.window.stop();
    Ok(())
}

const PATIENCE: Duration = Duration::from_secs(30);
