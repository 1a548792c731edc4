//! What became of a conversation, as its thread tells it.

use deskline_domain::{
    command::{Action, Command},
    contact::ConversationStatus::{Closed, Open},
    ids::{CommandId, ContactId},
    protocol::CommandOutcome,
};
use deskline_store::{ByHand, Role};

use crate::world::{ANN, BOB, World, at, inbound, uuid};

#[tokio::test]
async fn a_conversation_tells_who_did_what_with_it_in_its_order() {
    let world = World::start().await;
    let (agent, colleague) = (world.member(Role::Agent).await, world.member(Role::Agent).await);
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    let until = at(90_000);

    for (seconds, user, action) in [
        (1, agent, Action::MarkUnread { contact_id: ann }),
        (2, agent, Action::Assign { contact_id: ann, user_id: colleague }),
        (3, agent, Action::Assign { contact_id: bob, user_id: agent }),
        (4, colleague, Action::Snooze { contact_id: ann, until }),
        (5, colleague, Action::SetStatus { contact_id: ann, status: Open }),
        (6, colleague, Action::SetStatus { contact_id: ann, status: Closed }),
    ] {
        let command = Command { id: CommandId(uuid()), workspace_id: world.team, at: at(seconds), action };
        let outcome = world.store.execute(user, &command, at(seconds)).await.unwrap();
        assert!(matches!(outcome, CommandOutcome::Done { .. }), "{outcome:?}");
    }

    let lines = world.store.history(world.team, ann).await.unwrap().unwrap();
    let kinds: Vec<_> = lines.iter().map(|line| line.kind.as_str()).collect();
    assert_eq!(kinds, ["assigned", "snoozed", "opened", "closed"], "reading is no news, and Bob is somebody else");
    assert_eq!((lines[0].by, lines[0].assignee), (Some(agent), Some(colleague)));
    assert_eq!((lines[1].by, lines[1].until), (Some(colleague), Some(until)));
    assert_eq!(lines.iter().map(|line| line.at).collect::<Vec<_>>(), [at(2), at(4), at(5), at(6)]);
}

#[tokio::test]
async fn what_was_refused_did_not_happen() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let ann = world.contact(world.team, ANN).await;
    world.store.record_inbound(&inbound(world.team, ANN, "Wait!")).await.unwrap();

    world.does(agent, Action::Close { contact_id: ann, seen: None }).await.unwrap_err();

    assert_eq!(world.store.history(world.team, ann).await.unwrap(), Some(Vec::new()));
}

#[tokio::test]
async fn an_opt_out_stands_among_it_with_who_decided() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let ann = world.contact(world.team, ANN).await;
    let wish = ByHand { workspace_id: world.team, contact_id: ann, by: agent, reason: None, now: at(5) };
    world.store.opt_out(wish).await.unwrap();
    world.store.opt_in(ByHand { now: at(6), ..wish }).await.unwrap();
    world.store.record_inbound(&inbound(world.team, ANN, "STOP")).await.unwrap();
    world.store.record_inbound(&inbound(world.team, ANN, "HELP")).await.unwrap();

    let lines = world.store.history(world.team, ann).await.unwrap().unwrap();

    let mut told: Vec<_> = lines.iter().map(|line| (line.kind.as_str(), line.decided_by.as_str())).collect();
    told.sort_unstable();
    assert_eq!(told, [("opted_in", "agent"), ("opted_out", "agent"), ("opted_out", "contact")]);
    assert!(lines.iter().all(|line| line.by == (line.decided_by == "agent").then_some(agent)));
}

#[tokio::test]
async fn another_teams_contact_has_no_history_here() {
    let world = World::start().await;
    let other = world.second_team().await;
    let elsewhere = world.contact(other, ANN).await;

    assert_eq!(world.store.history(world.team, elsewhere).await.unwrap(), None);
    assert_eq!(world.store.history(world.team, ContactId(uuid())).await.unwrap(), None);
}
