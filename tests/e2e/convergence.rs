//! Two agents, dashboards and contacts change the same conversations over a network that breaks, while desktops are restarted: at
//! the end both desktops show what the server has, and nothing waits.
//!
//! The engine, its files, the server and its rules are the real ones. `crates/client/src/overlay/convergence.rs` tries thousands of
//! seeds without any of them.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use deskline_client::view::{MessageQuery, Session, SignIn};
use deskline_domain::{
    command::Action,
    contact::ConversationStatus,
    ids::{ContactId, LabelId, UserId},
};
use deskline_e2e::{Desktop, Flaky, World, database::fresh_id, eventually, flaky::Weather, seen};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use uuid::Uuid;

const ROUNDS: u64 = 10;
const STEPS: usize = 60;
/// How long a step that does nothing waits for something to happen.
const BREATH: Duration = Duration::from_millis(50);

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_on_the_way_two_desktops_end_equal_to_the_server() {
    let only: Option<u64> = std::env::var("DESKLINE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds = only.map_or(0..ROUNDS, |seed| seed..seed + 1);
    let world = World::start().await;
    let network = Flaky::start(world.server_address(), seeds.start).await;
    let mut desktops = Vec::new();
    for name in ["ann", "bob"] {
        let desktop = Desktop::new().await;
        desktop.sign_in(SignIn { server: network.url(), ..world.agent(name).await }).await;
        desktops.push(desktop);
    }

    for seed in seeds {
        network.set(Weather::Rough);
        play(&world, &mut desktops, seed).await;
        network.set(Weather::Calm);
        settle(&world, &desktops, seed).await;
    }

    assert!(network.cuts() > 0, "no connection was cut, so this run has shown nothing");
    for desktop in desktops {
        desktop.close().await;
    }
    world.end().await;
}

async fn play(world: &World, desktops: &mut Vec<Desktop>, seed: u64) {
    let mut dice = StdRng::seed_from_u64(seed);
    let agents: Vec<UserId> = desktops.iter().map(me).collect();
    let mut contacts = Vec::new();
    for n in 0..3 {
        contacts.push(world.foreign_contact(&format!("+1555{seed:04}{n:03}"), "Somebody").await);
    }
    let label = LabelId(fresh_id());
    sql(world, "insert into labels (id, workspace_id, name, color) values ($2, $1, $2::text, '#3b5bdb')", label.0)
        .await;

    for _ in 0..STEPS {
        let contact = contacts[dice.random_range(0..contacts.len())];
        let at = dice.random_range(0..desktops.len());
        match dice.random_range(0..24) {
            // What is on its way gets some of it.
            20.. => _ = tokio::time::timeout(BREATH, desktops[at].client.events().recv()).await,
            0 => {
                let place = desktops.remove(at).close().await;
                desktops.insert(at, place.open().await);
            }
            1..4 => from_outside(world, contact, label, &mut dice).await,
            4..6 => _ = desktops[at].client.mark_read(contact).await,
            6 => _ = desktops[at].client.add_note(contact, word(&mut dice), vec![]).await,
            7 => change_a_note(&desktops[at], world, contact, &mut dice).await,
            _ => {
                let action = choose(contact, label, &agents, &mut dice);
                // A desktop that has not heard of the contact or the label yet says no by itself.
                _ = desktops[at].client.perform(world.workspace, action).await;
            }
        }
    }
}

fn choose(contact_id: ContactId, label_id: LabelId, agents: &[UserId], dice: &mut StdRng) -> Action {
    match dice.random_range(0..12) {
        0 | 1 => Action::Assign { contact_id, user_id: agents[dice.random_range(0..agents.len())] },
        2 => Action::Unassign { contact_id },
        3 => Action::SetStatus { contact_id, status: ConversationStatus::Closed },
        4 => Action::SetStatus { contact_id, status: ConversationStatus::Open },
        5 => Action::Snooze {
            contact_id,
            until: DateTime::UNIX_EPOCH + TimeDelta::days(dice.random_range(30_000..31_000)),
        },
        6 => Action::AddLabel { contact_id, label_id },
        7 => Action::RemoveLabel { contact_id, label_id },
        8 => Action::RenameContact { contact_id, name: word(dice) },
        9 => Action::SetAttribute { contact_id, name: "bike".to_owned(), value: word(dice) },
        10 if dice.random_range(0..2) == 0 => Action::Block { contact_id },
        10 => Action::Unblock { contact_id },
        _ => Action::MarkUnread { contact_id },
    }
}

fn word(dice: &mut StdRng) -> String {
    format!("word {}", dice.random_range(0..1_000))
}

/// Rewrites or deletes a note that the desktop shows.
async fn change_a_note(desktop: &Desktop, world: &World, contact_id: ContactId, dice: &mut StdRng) {
    let Ok(page) = desktop.client.messages(MessageQuery { contact_id, page: None, limit: 100 }).await else { return };
    let Some(note) = page.notes.into_iter().find(|note| note.mine) else { return };
    let action = if dice.random_range(0..2) == 0 {
        Action::DeleteNote { note_id: note.id }
    } else {
        Action::EditNote { note_id: note.id, content: word(dice), mentions: vec![] }
    };
    _ = desktop.client.perform(world.workspace, action).await;
}

/// What a contact, a dashboard or an admin does.
async fn from_outside(world: &World, contact: ContactId, label: LabelId, dice: &mut StdRng) {
    const TAKE_OFF: &str = "update contacts set labels = array_remove(labels, $2) where workspace_id = $1";
    const DELETE_LABEL: &str = "delete from labels where workspace_id = $1 and id = $2";
    const DELETE: &str = "delete from contacts where workspace_id = $1 and id = $2";
    const READ: &str = "update contacts set unread_count = 0 where workspace_id = $1 and id = $2";
    const RENAME: &str = "update contacts set name = 'as others say' where workspace_id = $1 and id = $2";
    const TEXT: &str = "insert into livechatmessages (workspace_id, contact_id, content, direction) \
                        select $1, id, 'a text', 'inbound' from contacts where id = $2";
    const COUNT: &str = "update contacts set unread_count = unread_count + 1, conversation_status = 'Open' \
                         where workspace_id = $1 and id = $2";

    let (id, statements): (Uuid, &[&'static str]) = match dice.random_range(0..8) {
        0 => (label.0, &[TAKE_OFF, DELETE_LABEL]),
        1 => (contact.0, &[DELETE]),
        2 | 3 => (contact.0, &[READ]),
        4 => (contact.0, &[RENAME]),
        _ => (contact.0, &[TEXT, COUNT]),
    };
    for statement in statements {
        sql(world, statement, id).await;
    }
}

async fn sql(world: &World, statement: &'static str, id: Uuid) {
    sqlx::query(statement).bind(world.workspace.0).bind(id).execute(&world.foreign).await.unwrap();
}

fn me(desktop: &Desktop) -> UserId {
    match desktop.client.session() {
        Session::SignedIn { user_id, .. } => user_id,
        Session::SignedOut { .. } => panic!("the session of a test desktop does not end"),
    }
}

async fn settle(world: &World, desktops: &[Desktop], seed: u64) {
    for desktop in desktops {
        desktop.client.wake();
        eventually(&format!("seed {seed} (set DESKLINE_SEED to repeat): nothing waits"), || async {
            (desktop.client.untold_count().await.ok()? == 0).then_some(())
        })
        .await;
    }
    for desktop in desktops {
        let equal = eventually_equal(desktop, world).await;
        assert!(
            equal.is_ok(),
            "seed {seed} (set DESKLINE_SEED to repeat): a desktop shows something else than the server has:\n{:#?}",
            seen::differences(
                &seen::on_the_server(&world.foreign, world.workspace).await,
                &seen::at(&desktop.client).await
            )
        );
        for taken in desktop.client.taken_back().await.unwrap() {
            desktop.client.dismiss_taken_back(taken.id).await.unwrap();
        }
    }
}

/// Waits on the engine's own events. The server is asked each time: what an agent has read may still be on its way to it, and is not
/// counted among what waits.
async fn eventually_equal(desktop: &Desktop, world: &World) -> Result<(), tokio::time::error::Elapsed> {
    let mut events = desktop.client.events();
    tokio::time::timeout(deskline_e2e::PATIENCE, async {
        while seen::at(&desktop.client).await != seen::on_the_server(&world.foreign, world.workspace).await {
            _ = events.recv().await;
        }
    })
    .await
}
