//! A picture of the window, taken at a desk of our own.

use std::path::Path;

use anyhow::{Context, Result};

use super::{
    desktop::Desktop,
    place::Place,
    session::{HEIGHT, Session, WIDTH},
};

/// Waits until the window shows its conversations, and writes the picture.
pub(super) fn take(session: &Session, mut desktop: Desktop, place: &Place, file: &Path) -> Result<()> {
    let desk = session.desk().context("a picture is taken at a desk of our own")?;
    // The title counts the unread texts once they have arrived: `(7) Deskline`.
    let window = desk.wait_for_window(&mut desktop.window, r"^\([0-9]+\) Deskline$")?;
    desk.place_window(&window, WIDTH, HEIGHT)?;
    desk.wait_until_still(&place.path("home"))?;
    desk.screenshot(file)?;
    desktop.window.stop();
    Ok(())
}
