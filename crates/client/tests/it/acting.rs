//! What an agent does: shown at once, on the server once and in order, and taken back with its reason when that says no.

use axum::http::StatusCode;
use chrono::TimeDelta;
use deskline_client::{
    ClientEvent, ErrorCode,
    view::{ConversationFilter, ConversationQuery, search::SearchQuery},
};
use deskline_domain::{
    command::Action,
    contact::ConversationStatus,
    ids::{ContactId, LabelId, UserId},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    desk::Desk,
    server::{Fault, TeamServer, error},
};

const URGENT: LabelId = LabelId(Uuid::from_u128(0x1abe1));
const GREETING: LabelId = LabelId(Uuid::from_u128(0x1abe2));

async fn desk_with_ann_and_bob() -> (TeamServer, Desk, ContactId, ContactId) {
    let server = TeamServer::start().await;
    let bob = server.contact("Bob", "+15550100002");
    let ann = server.contact("Ann", "+15550100001");
    server.state().put_label(URGENT, "Urgent", "#ff0000");
    let me = server.state().user_id;
    server.state().put_member(me, "agent@example.com", "agent");
    let desk = Desk::signed_in(&server).await;
    desk.until("both", async |desk| desk.names(ConversationFilter::All).await == ["Ann", "Bob"]).await;
    (server, desk, ann, bob)
}

async fn act(desk: &Desk, server: &TeamServer, action: Action) -> Result<(), ErrorCode> {
    let workspace_id = server.state().workspace_id;
    desk.client.perform(workspace_id, action).await.map_err(|error| error.code())
}

async fn nothing_waits(desk: &Desk) {
    desk.until("nothing waits", async |desk| desk.client.untold_count().await.unwrap() == 0).await;
}

fn close(contact_id: ContactId) -> Action {
    Action::SetStatus { contact_id, status: ConversationStatus::Closed }
}

#[tokio::test]
async fn everything_is_shown_at_once_while_the_server_is_away_and_is_there_once_it_is_back() {
    let (server, mut desk, ann, bob) = desk_with_ann_and_bob().await;
    let me = server.state().user_id;
    server.set_down(true).await;
    let until = server.state().now() + TimeDelta::days(500);

    for action in [
        Action::Assign { contact_id: ann, user_id: me },
        Action::AddLabel { contact_id: ann, label_id: URGENT },
        Action::RenameContact { contact_id: ann, name: " Ann of the bakery ".to_owned() },
        Action::MarkUnread { contact_id: ann },
        Action::Snooze { contact_id: ann, until },
        close(bob),
    ] {
        act(&desk, &server, action).await.unwrap();
    }

    let shown = async |desk: &Desk| {
        let row = desk.client.conversation(ann).await.unwrap();
        (row.name, row.assigned_to, row.labels, row.unread_count, row.status, row.snoozed_until)
    };
    let expected =
        ("Ann of the bakery".to_owned(), Some(me), vec![URGENT], 1, ConversationStatus::Snoozed, Some(until));
    assert_eq!(shown(&desk).await, expected);
    assert_eq!(desk.client.unread_count().await.unwrap(), 1);
    assert_eq!(desk.names(ConversationFilter::Open).await, Vec::<String>::new());
    assert_eq!(desk.names(ConversationFilter::Snoozed).await, ["Ann of the bakery"]);
    assert_eq!(desk.names(ConversationFilter::Closed).await, ["Bob"]);
    desk.restart().await;
    assert_eq!(shown(&desk).await, expected, "the end of the program changes nothing");

    server.set_down(false).await;
    nothing_waits(&desk).await;
    assert_eq!(shown(&desk).await, expected);
    let row = server.state().row("contact", ann.0).clone();
    assert_eq!((&row["name"], &row["labels"]), (&json!("Ann of the bakery"), &json!([URGENT])));
    assert_eq!(server.state().commands.len(), 6);
}

#[tokio::test]
async fn the_views_of_the_list_follow_what_the_agent_does_and_what_colleagues_do() {
    let (server, desk, ann, bob) = desk_with_ann_and_bob().await;
    let me = server.state().user_id;
    let labelled = async |desk: &Desk| {
        let query = ConversationQuery {
            filter: ConversationFilter::All,
            label_id: Some(URGENT),
            limit: 10,
            ..ConversationQuery::default()
        };
        let page = desk.client.conversations(query).await.unwrap();
        page.conversations.into_iter().map(|row| row.name).collect::<Vec<_>>()
    };
    let labelled_in_search = async |desk: &Desk| {
        let query = SearchQuery { text: "label:urgent".to_owned(), limit: 10, ..SearchQuery::default() };
        let page = desk.client.search(query).await.unwrap();
        page.contacts.into_iter().map(|contact| contact.name.text).collect::<Vec<_>>()
    };
    assert_eq!(desk.names(ConversationFilter::Unassigned).await, ["Ann", "Bob"]);

    server.set_down(true).await;
    act(&desk, &server, Action::Assign { contact_id: bob, user_id: me }).await.unwrap();
    act(&desk, &server, Action::AddLabel { contact_id: bob, label_id: URGENT }).await.unwrap();
    assert_eq!(desk.names(ConversationFilter::Mine).await, ["Bob"]);
    assert_eq!(desk.names(ConversationFilter::Unassigned).await, ["Ann"]);
    assert_eq!(labelled(&desk).await, ["Bob"]);
    assert_eq!(labelled_in_search(&desk).await, ["Bob"]);
    server.set_down(false).await;
    nothing_waits(&desk).await;

    server
        .change_contact(ann, |row| {
            row["assigned_to"] = json!(me);
            row["labels"] = json!([URGENT]);
        })
        .await;
    desk.until("both are mine", async |desk| desk.names(ConversationFilter::Mine).await == ["Ann", "Bob"]).await;
    assert_eq!(labelled(&desk).await, ["Ann", "Bob"]);
    assert_eq!(labelled_in_search(&desk).await, ["Ann", "Bob"]);
    server.change_contact(bob, |row| row["labels"] = json!([])).await;
    desk.until("one is labelled", async |desk| labelled(desk).await == ["Ann"]).await;
    server.state().delete("contact", ann.0);
    server.push().await;
    desk.until("none is", async |desk| labelled(desk).await.is_empty()).await;
}

#[tokio::test]
async fn what_the_server_refuses_is_taken_back_and_kept_with_its_reason_until_it_was_seen() {
    let (server, mut desk, ann, _) = desk_with_ann_and_bob().await;
    server.set_down(true).await;
    act(&desk, &server, Action::AddLabel { contact_id: ann, label_id: URGENT }).await.unwrap();
    act(&desk, &server, Action::RenameContact { contact_id: ann, name: "Annie".to_owned() }).await.unwrap();
    assert_eq!(desk.client.conversation(ann).await.unwrap().labels, [URGENT]);
    let mut events = desk.client.events();

    server.state().delete("label", URGENT.0);
    server.set_down(false).await;

    nothing_waits(&desk).await;
    desk.until("taken back", async |desk| !desk.client.taken_back().await.unwrap().is_empty()).await;
    let row = desk.client.conversation(ann).await.unwrap();
    assert_eq!((row.labels, row.name.as_str()), (vec![], "Annie"), "the one after it is carried out");
    let told: Vec<ClientEvent> = std::iter::from_fn(|| events.try_recv().ok()).collect();
    assert!(told.contains(&ClientEvent::TakenBackChanged), "the window hears of it");
    desk.restart().await;
    let taken = desk.client.taken_back().await.unwrap();
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].reason.as_str(), taken[0].name.as_deref()), ("This label is no longer there.", Some("Annie")));
    server.set_down(true).await;
    act(&desk, &server, Action::RenameContact { contact_id: ann, name: "Annabel".to_owned() }).await.unwrap();
    let taken = desk.client.taken_back().await.unwrap();
    assert_eq!(taken[0].name.as_deref(), Some("Annabel"), "as everywhere on screen");
    desk.client.dismiss_taken_back(taken[0].id).await.unwrap();
    assert!(desk.client.taken_back().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_can_never_be_done_is_refused_at_once_and_not_queued() {
    let (server, desk, ann, _) = desk_with_ann_and_bob().await;
    let gone = ContactId(Uuid::from_u128(0xdead));
    let stranger = UserId(Uuid::from_u128(0xdead));
    server.set_down(true).await;

    let verdicts = [
        act(&desk, &server, Action::RenameContact { contact_id: ann, name: " ".to_owned() }).await,
        act(&desk, &server, Action::SetStatus { contact_id: ann, status: ConversationStatus::Snoozed }).await,
        act(
            &desk,
            &server,
            Action::CreateLabel { label_id: GREETING, name: "Hi".to_owned(), color: "#00ff00".to_owned() },
        )
        .await,
        act(&desk, &server, Action::RenameMember { user_id: stranger, name: "Eve".to_owned() }).await,
        act(&desk, &server, close(gone)).await,
        act(&desk, &server, Action::Assign { contact_id: ann, user_id: stranger }).await,
        act(&desk, &server, Action::AddLabel { contact_id: ann, label_id: GREETING }).await,
    ];

    let refused = Err(ErrorCode::Refused);
    let not_here = Err(ErrorCode::NotFound);
    assert_eq!(verdicts, [refused, refused, refused, refused, not_here, not_here, not_here]);
    assert_eq!(desk.client.untold_count().await.unwrap(), 0);
}

#[tokio::test]
async fn lost_answers_are_asked_for_again_and_every_command_is_carried_out_once_and_in_order() {
    let (server, mut desk, ann, _) = desk_with_ann_and_bob().await;
    server.fault("/commands", Fault::LoseAnswer);
    server.fault("/commands", Fault::Break);
    server.fault("/commands", Fault::CutBody);
    server.fault("/commands", Fault::Say(StatusCode::SERVICE_UNAVAILABLE, error("Not now")));

    for n in 0..20 {
        act(&desk, &server, Action::RenameContact { contact_id: ann, name: format!("Ann {n}") }).await.unwrap();
        if n % 6 == 5 {
            desk.restart().await;
        }
        assert_eq!(desk.client.conversation(ann).await.unwrap().name, format!("Ann {n}"), "what was done last shows");
    }

    nothing_waits(&desk).await;
    let names: Vec<String> = server
        .state()
        .commands
        .iter()
        .map(|command| match &command.action {
            Action::RenameContact { name, .. } => name.clone(),
            other => panic!("another command: {other:?}"),
        })
        .collect();
    assert_eq!(names, (0..20).map(|n| format!("Ann {n}")).collect::<Vec<_>>());
    desk.until("the server's row", async |desk| desk.client.conversation(ann).await.unwrap().name == "Ann 19").await;
}

#[tokio::test]
async fn a_conversation_that_the_server_stumbles_over_holds_up_no_other() {
    let (server, desk, ann, bob) = desk_with_ann_and_bob().await;
    server.set_down(true).await;
    act(&desk, &server, Action::RenameContact { contact_id: bob, name: "Bobby".to_owned() }).await.unwrap();
    act(&desk, &server, close(ann)).await.unwrap();
    act(&desk, &server, close(bob)).await.unwrap();
    act(&desk, &server, Action::RenameContact { contact_id: ann, name: "Annie".to_owned() }).await.unwrap();

    server.state().stumbles_over = Some((ann, StatusCode::INTERNAL_SERVER_ERROR));
    server.set_down(false).await;
    desk.until("Bob's", async |desk| desk.client.untold_count().await.unwrap() == 2).await;
    assert_eq!(server.state().row("contact", bob.0)["conversation_status"], "Closed");
    assert_eq!(server.state().row("contact", ann.0)["conversation_status"], "Open");
    assert_eq!(desk.client.conversation(ann).await.unwrap().name, "Annie", "what waits is shown all the while");

    server.state().stumbles_over = None;
    nothing_waits(&desk).await;
    assert_eq!(server.state().row("contact", ann.0)["name"], "Annie");
}

#[tokio::test]
async fn a_command_that_the_server_cannot_read_is_taken_back_alone() {
    let (server, desk, ann, bob) = desk_with_ann_and_bob().await;
    server.set_down(true).await;
    act(&desk, &server, close(ann)).await.unwrap();
    act(&desk, &server, close(bob)).await.unwrap();
    server.state().stumbles_over = Some((ann, StatusCode::UNPROCESSABLE_ENTITY));

    server.set_down(false).await;

    nothing_waits(&desk).await;
    let taken = desk.client.taken_back().await.unwrap();
    assert_eq!(taken.iter().map(|one| one.contact_id).collect::<Vec<_>>(), [Some(ann)]);
    assert_eq!(taken[0].reason, "The body cannot be used");
    assert_eq!(server.state().row("contact", bob.0)["conversation_status"], "Closed");
    desk.until("Ann is open", async |desk| desk.names(ConversationFilter::Open).await == ["Ann"]).await;
}

#[tokio::test]
async fn a_colleagues_change_that_came_after_ours_is_what_stays_on_screen() {
    let (server, desk, ann, _) = desk_with_ann_and_bob().await;
    server.fault("/commands", Fault::LoseAnswer);
    act(&desk, &server, Action::RenameContact { contact_id: ann, name: "Annie".to_owned() }).await.unwrap();
    desk.until("carried out", async |_| server.state().commands.len() == 1).await;

    server.change_contact(ann, |row| row["name"] = json!("Mrs Baker")).await;

    let mut events = desk.client.events();
    nothing_waits(&desk).await;
    desk.until("the colleague's", async |desk| desk.client.conversation(ann).await.unwrap().name == "Mrs Baker").await;
    drop(events.try_recv());
}
