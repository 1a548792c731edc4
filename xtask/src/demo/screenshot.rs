//! A picture of the window, taken at a desk of our own.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};

use super::{
    desktop::Desktop,
    place::Place,
    session::{HEIGHT, Session, WIDTH},
};
use crate::desk::Desk;

/// Brings one window to where a picture shows most.
pub(super) fn show(session: &Session, desktops: &mut [Desktop], place: &Place) -> Result<()> {
    let desk = session.desk().context("a picture is taken at a desk of our own")?;
    for desktop in desktops {
        put(desk, desktop, 0, &[])?;
        open_newest(desk, desktop, place, 0)?;
    }
    Ok(())
}

/// Writes the picture, and closes the windows.
pub(super) fn take(session: &Session, desktops: Vec<Desktop>, file: &Path) -> Result<()> {
    session.desk().context("a picture is taken at a desk of our own")?.screenshot(file)?;
    desktops.into_iter().for_each(|desktop| desktop.window.stop());
    Ok(())
}

/// Puts the window, which is none of `others`, so far from the left, and answers it.
pub(super) fn put(desk: &Desk, desktop: &mut Desktop, x: u32, others: &[String]) -> Result<String> {
    let window = desk.wait_for_window(&mut desktop.window, "Deskline$", others)?;
    desk.place_window(&window, x, WIDTH, HEIGHT)?;
    Ok(window)
}

/// Waits until the window that was put there shows its conversations, and opens the newest.
pub(super) fn open_newest(desk: &Desk, desktop: &mut Desktop, place: &Place, x: u32) -> Result<()> {
    let looks = place.path("home");
    desktop.window.wait_until_it_says("Live", PATIENCE)?;
    desk.wait_until_drawn(&looks)?;
    let bubbles = format!("{BUBBLES}+{}+{BELOW}", x + BESIDE);
    // A row that is clicked while the list is still being laid out may not be there any more.
    desktop.window.wait_until("the newest conversation to be open", PATIENCE, || {
        desk.click(x + NEWEST.0, NEWEST.1)?;
        desk.wait_until_drawn(&looks)?;
        Ok((desk.colours(&looks, &bubbles)? >= COLOURS_OF_BUBBLES).then_some(()))
    })
}

/// Where the first row of the list is, in a window of [`WIDTH`] by [`HEIGHT`].
const NEWEST: (u32, u32) = (360, 145);
/// Where the newest bubbles are: empty until the conversation is open and its texts are drawn.
const BUBBLES: &str = "700x160";
const BESIDE: u32 = 540;
const BELOW: u32 = 560;
const COLOURS_OF_BUBBLES: u32 = 40;
const PATIENCE: Duration = Duration::from_secs(30);
