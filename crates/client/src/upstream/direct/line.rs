//! The loop that sees to texts which did not leave at once, for as long as this desktop works directly: due retries, unknown outcomes, texts
//! behind others, and whatever a server that is gone had claimed. Other desktops and servers share the line through its leases.

use std::{sync::Arc, time::Duration};

use deskline_store::Trouble;
use tokio::time::sleep;
use tracing::{debug, warn};

use super::office::Desk;

/// Attempts of one look.
const AT_ONCE: i64 = 4;
/// The line is looked at this often even when nobody rings: whoever put a text into it may be elsewhere.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Between two looks: each text that leaves rings.
const GAP: Duration = Duration::from_millis(50);

/// Runs until it is dropped, or until Postgres takes the login no more. An attempt that is under way then goes on to its end.
pub(super) async fn work(desk: &Arc<Desk>) {
    loop {
        let rung = desk.due.notified();
        let claimed = async {
            desk.read_clock().await?;
            desk.store.claim_due(desk.now(), desk.lease(), AT_ONCE).await
        };
        match claimed.await {
            Ok(sends) => sends.into_iter().for_each(|send| start(desk, send)),
            Err(error) if error.trouble() == Some(Trouble::LoginRefused) => return,
            Err(error) => debug!(%error, "The line of texts cannot be read"),
        }
        let soonest = sleep(GAP);
        tokio::select! {
            () = async { tokio::join!(rung, soonest); } => {}
            () = sleep(LOOK_EVERY) => {}
        }
    }
}

fn start(desk: &Arc<Desk>, send: deskline_store::Send) {
    let desk = Arc::clone(desk);
    tokio::spawn(async move {
        let id = send.message.id;
        if let Err(error) = deskline_sending::attempt(&*desk, send).await {
            warn!(message = %id, %error, "The outcome of an attempt could not be written down; it is looked up later");
        }
        desk.ring();
    });
}
