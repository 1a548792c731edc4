//! From a page of changes to the events of the contract. No I/O: what is needed besides the page comes in.
//!
//! Called by a lane once a page. Rows go out as the database spells them, every column included.

use std::{collections::HashMap, sync::Arc};

use deskline_domain::{
    change::{Change, ChangePage, Entity},
    contact::ContactRow,
    ids::{ContactId, MessageId},
    protocol::{ActivityTold, DraftTold, event},
    row::RawRow,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// One event, ready to be emitted any number of times.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The event's name.
    pub name: &'static str,
    /// Its JSON, shared by all sockets.
    pub payload: Arc<RawValue>,
    /// Set for a new text, which the socket that sent it does not hear.
    pub of_message: Option<MessageId>,
}

impl Rendered {
    fn new(name: &'static str, payload: &impl Serialize, of_message: Option<MessageId>) -> Option<Self> {
        let payload = serde_json::value::to_raw_value(payload).ok()?;
        Some(Self { name, payload: payload.into(), of_message })
    }
}

#[derive(Serialize)]
struct ContactUpdated<'a> {
    contact: &'a RawRow,
}

#[derive(Serialize)]
struct MessageUpdated<'a> {
    message: &'a RawRow,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewMessage<'a> {
    message: &'a RawRow,
    contact: Contact<'a>,
    contact_id: ContactId,
}

/// A contact that stands in the page, or that was looked up for it.
#[derive(Serialize)]
#[serde(untagged)]
enum Contact<'a> {
    Told(&'a RawRow),
    Read(&'a ContactRow),
}

/// The page itself, for desktops.
#[must_use]
pub fn page(page: &ChangePage) -> Option<Rendered> {
    Rendered::new(event::CHANGES, page, None)
}

/// What a member does right now, for everybody.
#[must_use]
pub fn activity(told: &ActivityTold) -> Option<Rendered> {
    Rendered::new(event::ACTIVITY, told, None)
}

/// That any draft may have been edited.
#[must_use]
pub fn any_draft() -> Option<Rendered> {
    Rendered::new(event::DRAFTS, &serde_json::json!({}), None)
}

/// That a draft was edited, for its author alone.
#[must_use]
pub fn draft(told: &DraftTold) -> Option<Rendered> {
    Rendered::new(event::DRAFT, told, None)
}

/// The contacts that the page's new texts belong to and that are not in the page.
#[must_use]
pub fn contacts_missing(page: &ChangePage) -> Vec<ContactId> {
    let mut missing: Vec<ContactId> = page
        .changes
        .iter()
        .filter(|change| is(change, Entity::Message) && change.created)
        .filter_map(|change| contact_id(change.row.as_ref()?))
        .filter(|id| contact_in(page, *id).is_none())
        .collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// The contract's events, in the order of the changes. A row that is gone is no event of the contract.
#[must_use]
pub fn rows(page: &ChangePage, contacts: &HashMap<ContactId, ContactRow>) -> Vec<Rendered> {
    page.changes.iter().filter_map(|change| row(page, contacts, change)).collect()
}

fn row(page: &ChangePage, contacts: &HashMap<ContactId, ContactRow>, change: &Change) -> Option<Rendered> {
    let row = change.row.as_ref()?;
    if is(change, Entity::Contact) {
        return Rendered::new(event::CONTACT_UPDATED, &ContactUpdated { contact: row }, None);
    }
    if !is(change, Entity::Message) {
        return None;
    }
    if !change.created {
        return Rendered::new(event::MESSAGE_UPDATED, &MessageUpdated { message: row }, None);
    }
    let contact_id = contact_id(row)?;
    let contact = match contact_in(page, contact_id) {
        Some(contact) => Contact::Told(contact),
        None => Contact::Read(contacts.get(&contact_id)?),
    };
    let payload = NewMessage { message: row, contact, contact_id };
    Rendered::new(event::NEW_MESSAGE, &payload, Some(MessageId(change.id)))
}

fn is(change: &Change, entity: Entity) -> bool {
    change.entity == entity.as_str()
}

fn contact_id(message: &RawRow) -> Option<ContactId> {
    #[derive(Deserialize)]
    struct Of {
        contact_id: ContactId,
    }
    message.read::<Of>().ok().map(|of| of.contact_id)
}

fn contact_in(page: &ChangePage, id: ContactId) -> Option<&RawRow> {
    page.changes.iter().find(|change| is(change, Entity::Contact) && change.id == id.0)?.row.as_ref()
}

#[cfg(test)]
mod tests {
    use deskline_domain::ids::{FeedId, WorkspaceId};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    const CONTACT: Uuid = Uuid::from_u128(1);
    const MESSAGE: Uuid = Uuid::from_u128(2);

    fn change(seq: i64, entity: &str, id: Uuid, created: bool, row: Option<Value>) -> Change {
        Change { seq, entity: entity.to_owned(), id, created, row: row.map(RawRow::from) }
    }

    fn page_of(changes: Vec<Change>) -> ChangePage {
        let up_to = changes.last().map_or(0, |change| change.seq);
        ChangePage {
            workspace_id: WorkspaceId(Uuid::nil()),
            feed: FeedId(Uuid::nil()),
            after: 0,
            up_to,
            head: up_to,
            changes,
        }
    }

    fn names(events: &[Rendered]) -> Vec<&'static str> {
        events.iter().map(|event| event.name).collect()
    }

    #[test]
    fn a_new_text_is_told_with_its_contact_and_an_older_one_without() {
        let text = json!({ "id": MESSAGE, "contact_id": CONTACT, "content": "hi", "a_column_of_tomorrow": 1 });
        let page = page_of(vec![
            change(4, "contact", CONTACT, false, Some(json!({ "id": CONTACT, "unread_count": 3 }))),
            change(5, "message", MESSAGE, true, Some(text.clone())),
            change(6, "message", Uuid::from_u128(3), false, Some(text)),
        ]);

        let events = rows(&page, &HashMap::new());

        assert_eq!(names(&events), ["contact_updated", "new_message", "message_updated"]);
        let told: Value = serde_json::from_str(events[1].payload.get()).unwrap();
        assert_eq!(told["contact"]["unread_count"], 3);
        assert_eq!(told["contactId"], CONTACT.to_string());
        assert_eq!(told["message"]["a_column_of_tomorrow"], 1);
        assert_eq!(events[1].of_message, Some(MessageId(MESSAGE)));
    }

    #[test]
    fn a_contact_that_is_not_in_the_page_is_asked_for() {
        let text = json!({ "id": MESSAGE, "contact_id": CONTACT });
        let page = page_of(vec![change(5, "message", MESSAGE, true, Some(text))]);

        assert_eq!(contacts_missing(&page), [ContactId(CONTACT)]);
    }

    #[test]
    fn what_is_gone_or_unknown_is_no_event() {
        let page = page_of(vec![
            change(1, "message", MESSAGE, false, None),
            change(2, "hologram", MESSAGE, true, Some(json!({}))),
        ]);

        assert!(rows(&page, &HashMap::new()).is_empty());
    }
}
