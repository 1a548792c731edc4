//! `cargo xtask demo --direct`: the server goes away, and two desktops go on with Postgres and Twilio by themselves.

use std::{fs, time::Duration};

use anyhow::{Context, Result};

use super::{
    desktop::Desktop,
    histories::Histories,
    place::Place,
    screenshot,
    session::{Session, WIDTH},
    system::System,
};
use crate::{process, say::say, wait};

/// How many desktops work directly.
pub(super) const DESKTOPS: usize = 2;

const PATIENCE: Duration = Duration::from_secs(60);
/// Where one writes, in a window that stands at the left.
const COMPOSER: (u32, u32) = (800, 764);
const FIRST: &str = "Written while the server is away.";
const SECOND: &str = "And answered from another desk.";
const INBOUND: &str = "Is anybody there?";

/// Lets every agent work directly. Their desktops fetch the rest by themselves.
pub(super) fn allow(place: &Place, histories: &Histories, system: &System) -> Result<()> {
    let workspace = fs::read_to_string(place.path("team")).context("the team has not been made")?;
    for agent in &histories.agents {
        let mut command = system.admin(place);
        command.args(["agent", "direct", "allow", "--email", &agent.email, "--workspace", &workspace]);
        process::run(&format!("letting {} work directly", agent.name), &mut command, &place.log("admin"))?;
    }
    Ok(())
}

/// Stops the server once every desktop can do without, and waits until they do.
pub(super) fn stop_the_server(system: &mut System, desktops: &mut [Desktop]) -> Result<()> {
    for desktop in desktops.iter_mut() {
        desktop.window.wait_until_it_says("This desktop can work directly", PATIENCE)?;
    }
    system.stop_server();
    for desktop in desktops {
        desktop.window.wait_until_it_says("Direct", PATIENCE)?;
    }
    Ok(())
}

/// Two windows side by side, without a server between them: each writes, each sees the other's text. What a contact texts meanwhile is imported when
/// the server is back. Then the picture.
pub(super) fn show(
    place: &Place,
    session: &Session,
    histories: &Histories,
    system: &mut System,
    desktops: &mut [Desktop],
) -> Result<()> {
    let desk = session.desk().context("a picture is taken at a desk of our own")?;
    let mut windows: Vec<String> = Vec::new();
    // All of them first: one that opens over another takes its clicks.
    for (desktop, x) in desktops.iter_mut().zip([0, WIDTH]) {
        windows.push(screenshot::put(desk, desktop, x, &windows)?);
    }
    for (desktop, x) in desktops.iter_mut().zip([0, WIDTH]) {
        screenshot::open_newest(desk, desktop, place, x)?;
    }
    stop_the_server(system, desktops)?;
    say!("The server is gone; both desktops work directly");

    for ((window, x), text) in windows.iter().zip([0, WIDTH]).zip([FIRST, SECOND]) {
        desk.focus(window)?;
        // A key that is pressed before the page knows that it has the keyboard is lost; a click brings it.
        desk.click(x + COMPOSER.0, COMPOSER.1)?;
        desk.type_text(text)?;
        desk.press(&["Return"])?;
        wait::until("a text to leave without a server", PATIENCE, || Ok(system.has_sent(text)?.then_some(())))?;
    }
    desk.wait_until_drawn(&place.path("home"))?;
    say!("Each of them has sent a text through Twilio, and shows the other's");

    let contact = histories.contacts.first().context("the demonstration has contacts")?;
    // Twilio tells that nobody took it. That is how it should be.
    let told = system.text(&contact.phone, INBOUND);
    say!("{} texts, and no server takes it{}", contact.name, if told.is_ok() { "" } else { ": Twilio says so" });
    system.start_server(place)?;
    wait::until("the audit to bring what was texted meanwhile", PATIENCE, || {
        let mut audit = system.admin(place);
        audit.args(["audit", "--grace", "0"]);
        process::run("deskline-server audit", &mut audit, &place.log("admin"))?;
        let found = system.database()?.query_opt("select 1 from messages where content = $1 limit 1", &[&INBOUND])?;
        Ok(found.map(drop))
    })?;
    say!("The server is back, and its audit has imported that text");
    desk.wait_until_drawn(&place.path("home"))
}
