//! Files: the work list of those to be fetched, what a text says of them, and which text holds which.

use std::time::Duration;

use deskline_domain::{
    gate::Refusal,
    ids::{FileId, WorkspaceId},
    message::{Media, MediaState, MessageRow},
};
use deskline_store::{Fetch, NewFile, NewInbound, NewOutbound, Outbound, OutboundError};

use crate::world::{ANN, LEASE, World, at, inbound, outbound, uuid};

fn file(team: WorkspaceId, size: i64) -> NewFile {
    NewFile {
        id: FileId(uuid()),
        workspace_id: team,
        content_type: "image/png".to_owned(),
        size,
        name: None,
        uploaded_by: None,
        kept_until: at(100),
        now: at(0),
    }
}

/// Ann sends two pictures.
async fn pictures(world: &World) -> MessageRow {
    let picture = |n: u8| Media {
        url: format!("https://api.twilio.com/{n}"),
        content_type: Some("image/png".to_owned()),
        ..Media::default()
    };
    let text = NewInbound { media: vec![picture(1), picture(2)], ..inbound(world.team, ANN, "") };
    world.store.record_inbound(&text).await.unwrap().message
}

async fn claim(world: &World, seconds: i64) -> Vec<Fetch> {
    let mut claimed = world.store.claim_fetches(at(seconds), LEASE, 10).await.unwrap();
    claimed.sort_by_key(|fetch| fetch.position);
    claimed
}

async fn message(world: &World, id: &MessageRow) -> MessageRow {
    world.store.message(world.team, id.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_files_of_an_inbound_text_are_on_the_list_in_their_order() {
    let world = World::start().await;

    pictures(&world).await;

    let claimed = claim(&world, 1).await;
    assert_eq!(claimed.len(), 2);
    assert_eq!((claimed[1].position, claimed[1].url.as_str()), (1, "https://api.twilio.com/2"));
    assert_eq!((claimed[0].told_type.as_deref(), claimed[0].attempt), (Some("image/png"), 1));
}

#[tokio::test]
async fn a_file_is_handed_out_once_and_again_when_its_lease_is_over() {
    let world = World::start().await;
    pictures(&world).await;

    let first = claim(&world, 1).await;
    assert_eq!((first.len(), claim(&world, 2).await.len()), (2, 0));
    assert_eq!(world.store.next_fetch().await.unwrap(), Some(at(1) + LEASE));
    let second = claim(&world, 62).await;
    assert_eq!((second.len(), second[0].attempt), (2, 2));

    assert!(!world.store.record_fetched(&first[0], &file(world.team, 1)).await.unwrap(), "the first hand-out is over");
    world.store.record_fetch_failed(&first[1], "Too late.").await.unwrap();
    assert_eq!(world.number("select count(*) from media_files").await, 0);
    assert_eq!(world.number("select count(*) from media_fetches").await, 2);
    assert_eq!(world.number("select count(*) from messages where media::text like '%state%'").await, 0);
}

#[tokio::test]
async fn many_hands_share_the_list() {
    let world = World::start().await;
    for _ in 0..10 {
        pictures(&world).await;
    }

    let hands = (0..8).map(|_| world.store.claim_fetches(at(1), LEASE, 5));
    let claimed = futures_util::future::join_all(hands).await;

    let mut all: Vec<_> =
        claimed.into_iter().flat_map(Result::unwrap).map(|fetch| (fetch.message_id, fetch.position)).collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count, "nobody got what another had");
}

#[tokio::test]
async fn what_became_of_a_file_is_told_by_its_text_and_moves_the_feed() {
    let world = World::start().await;
    let text = pictures(&world).await;
    let claimed = claim(&world, 1).await;
    let head = world.store.head(world.team).await.unwrap();
    let stored = file(world.team, 7);

    assert!(world.store.record_fetched(&claimed[0], &stored).await.unwrap());
    world.store.record_fetch_again(&claimed[1], at(30), "Not now.").await.unwrap();

    let said = message(&world, &text).await.media;
    assert_eq!((said[0].state, said[0].key, said[0].size), (Some(MediaState::Stored), Some(stored.id), Some(7)));
    assert_eq!((said[1].state, said[1].problem.as_deref()), (Some(MediaState::Waiting), Some("Not now.")));
    assert_eq!((&said[0].url, &said[0].content_type), (&text.media[0].url, &text.media[0].content_type));
    let changes = world.store.changes_after(world.team, head.seq, 10).await.unwrap().changes;
    assert_eq!(
        changes.iter().map(|change| (change.entity.as_str(), change.created)).collect::<Vec<_>>(),
        [("message", false)]
    );
    assert_eq!(world.store.file_of_message(world.team, text.id, 0).await.unwrap().unwrap().id, stored.id);
    let second_team = world.second_team().await;
    assert_eq!(world.store.file_of_message(second_team, text.id, 0).await.unwrap(), None);

    assert!(claim(&world, 29).await.is_empty());
    let again = claim(&world, 30).await;
    world.store.record_fetch_failed(&again[0], "Never.").await.unwrap();
    assert_eq!(message(&world, &text).await.media[1].problem.as_deref(), Some("Never."));
    assert_eq!(world.store.next_fetch().await.unwrap(), None);
    assert_eq!(world.store.fetch_again(second_team, text.id, at(40)).await.unwrap(), 0);
    assert_eq!(world.store.fetch_again(world.team, text.id, at(40)).await.unwrap(), 1);
    assert_eq!(world.store.fetch_again(world.team, text.id, at(40)).await.unwrap(), 0, "it waits already");
    assert_eq!(message(&world, &text).await.media[1].state, Some(MediaState::Waiting));
    assert_eq!(claim(&world, 40).await[0].position, 1);
}

#[tokio::test]
async fn a_place_that_another_program_gave_to_another_file_is_left_alone() {
    let world = World::start().await;
    let text = pictures(&world).await;
    let claimed = claim(&world, 1).await;
    world.sql("update messages set media = '[{\"url\": \"https://x/other\"}]'").await;

    world.store.record_fetch_again(&claimed[0], at(30), "Not now.").await.unwrap();

    let said = message(&world, &text).await.media;
    assert_eq!(said, [Media { url: "https://x/other".to_owned(), ..Media::default() }]);
}

#[tokio::test]
async fn a_text_that_is_removed_takes_its_list_along_and_leaves_its_files_to_the_sweep() {
    let world = World::start().await;
    pictures(&world).await;
    let claimed = claim(&world, 1).await;
    let stored = file(world.team, 7);
    assert!(world.store.record_fetched(&claimed[0], &stored).await.unwrap());
    assert!(world.store.idle_files(at(1_000), 10).await.unwrap().is_empty(), "a text holds it");

    world.sql("delete from messages").await;

    assert_eq!(world.number("select count(*) from media_fetches").await, 0);
    assert!(!world.store.record_fetched(&claimed[1], &file(world.team, 7)).await.unwrap());
    assert!(world.store.idle_files(at(99), 10).await.unwrap().is_empty(), "its time is not over");
    let idle = world.store.idle_files(at(100), 10).await.unwrap();
    assert_eq!(idle.iter().map(|file| file.id).collect::<Vec<_>>(), [stored.id]);
    world.store.forget_file(stored.id).await.unwrap();
    assert_eq!(world.store.file(stored.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_text_holds_the_files_of_its_own_team_alone() {
    let world = World::start().await;
    let (other, ann) = (world.second_team().await, world.contact(world.team, ANN).await);
    let (ours, theirs) = (file(world.team, 5), file(other, 5));
    for file in [&ours, &theirs] {
        world.store.record_file(file).await.unwrap();
    }
    let url = |id: FileId| format!("https://desk.example/media/{id}?expires=1&signature=2");
    let text = NewOutbound {
        media_urls: vec![url(theirs.id), url(ours.id), "https://x/a.png".to_owned()],
        ..outbound(world.team, ann, "look")
    };

    let Outbound::Claimed(send) = world.store.record_outbound(&text).await.unwrap() else { panic!("it is the first") };

    let keys: Vec<_> = send.message.media.iter().map(|file| file.key).collect();
    assert_eq!(keys, [None, Some(ours.id), None]);
    assert_eq!(send.message.media[1].content_type.as_deref(), Some("image/png"));
    assert_eq!(world.store.files_of_message(send.message.id).await.unwrap(), [(1, ours.id)]);
    world.store.forget_file(ours.id).await.unwrap();
    assert!(world.store.file(ours.id).await.unwrap().is_some(), "a file that a text holds stays");
}

#[tokio::test]
async fn files_over_five_megabytes_together_are_refused() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let half = file(world.team, 3 << 20);
    world.store.record_file(&half).await.unwrap();
    let url = format!("https://desk.example/media/{}", half.id);
    let text = |count| NewOutbound { media_urls: vec![url.clone(); count], ..outbound(world.team, ann, "look") };

    let refused = world.store.record_outbound(&text(2)).await;

    assert!(matches!(refused, Err(OutboundError::Refused(Refusal::FilesTooLarge))));
    assert!(world.store.record_outbound(&text(1)).await.is_ok());
}

#[tokio::test]
async fn a_role_with_rights_on_the_shared_tables_alone_stores_a_text_with_files() {
    let world = World::start().await;
    world.contact(world.team, ANN).await;
    let role = format!("media_{}", uuid().simple());
    world
        .sql(&format!("create role {role}; grant select, insert on contacts, messages, livechatmessages to {role}"))
        .await;

    world
        .sql(&format!(
            "set role {role};
             insert into livechatmessages (contact_id, direction, twilio_sid, media_url)
             select id, 'inbound', 'MM1', 'https://api.twilio.com/1' from contacts;
             reset role; drop owned by {role}; drop role {role}"
        ))
        .await;

    assert_eq!(world.store.claim_fetches(at(1_000_000_000), Duration::ZERO, 10).await.unwrap().len(), 1);
}
