//! A picture of the window, taken at a desk of our own.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};

use super::{
    desktop::Desktop,
    place::Place,
    session::{HEIGHT, Session, WIDTH},
};
use crate::desk::Desk;

/// Waits until the window shows its conversations, opens the newest, and writes the picture.
pub(super) fn take(session: &Session, mut desktop: Desktop, place: &Place, file: &Path) -> Result<()> {
    let desk = session.desk().context("a picture is taken at a desk of our own")?;
    open_newest(desk, &mut desktop, place)?;
    desk.screenshot(file)?;
    desktop.window.stop();
    Ok(())
}

/// Waits until the window shows its conversations, and opens the newest. Answers the window.
pub(super) fn open_newest(desk: &Desk, desktop: &mut Desktop, place: &Place) -> Result<String> {
    let looks = place.path("home");
    let window = desk.wait_for_window(&mut desktop.window, "Deskline$")?;
    desk.place_window(&window, WIDTH, HEIGHT)?;
    desktop.window.wait_until_it_says("Live", PATIENCE)?;
    desk.wait_until_drawn(&looks)?;
    // A row that is clicked while the list is still being laid out may not be there any more.
    desktop.window.wait_until("the newest conversation to be open", PATIENCE, || {
        desk.click(NEWEST.0, NEWEST.1)?;
        desk.wait_until_drawn(&looks)?;
        Ok((desk.colours(&looks, BUBBLES)? >= COLOURS_OF_BUBBLES).then_some(()))
    })?;
    Ok(window)
}

/// Where the first row of the list is, in a window of [`WIDTH`] by [`HEIGHT`].
const NEWEST: (u32, u32) = (360, 145);
/// Where the newest bubbles are: empty until the conversation is open and its texts are drawn.
const BUBBLES: &str = "700x160+540+560";
const COLOURS_OF_BUBBLES: u32 = 40;
const PATIENCE: Duration = Duration::from_secs(30);
