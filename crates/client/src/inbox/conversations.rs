//! The conversation list: contacts of the cache, as the texts and commands of this machine leave them.
//!
//! Contacts about which this machine knows something that the server does not are few: they are taken out of the cache's
//! order, brought up to date here, and put back by [`page::merge`].

use std::collections::{HashMap, HashSet};

use deskline_domain::{
    command::{Action, Command},
    contact::{ConversationStatus, unknown_name},
    ids::{ContactId, MessageId, UserId},
    message::Direction,
    phone::Sender,
};

use super::{
    Inbox,
    page::{self, Place},
    state,
};
use crate::{
    Result,
    cache::{
        contacts::{CachedContact, ListQuery},
        messages::CachedMessage,
    },
    database::from_micros,
    error::Error,
    outbox::{commands::Kept, entries::Entry},
    overlay,
    view::{Attachment, Conversation, ConversationFilter, ConversationPage, ConversationQuery, MessageState, Preview},
};

/// How much of a text the list shows.
const PREVIEW_CHARACTERS: usize = 200;

/// What this machine knows about contacts and the server does not.
struct Overlay {
    echoes: HashMap<ContactId, Entry>,
    /// In the order in which they were given.
    commands: HashMap<ContactId, Vec<Command>>,
}

impl Inbox {
    /// A page, newest first. `me` is whoever is signed in.
    pub(crate) async fn conversations(&self, query: &ConversationQuery, me: UserId) -> Result<ConversationPage> {
        let limit = page::limit(query.limit);
        let before = Place::read(query.page.as_deref());
        let overlay = self.overlay(self.outbox.commands().await?).await?;

        let moved: Vec<ContactId> = overlay.contacts();
        let rows = self
            .cache
            .list(&ListQuery {
                workspace_id: query.workspace_id,
                filter: query.filter,
                label_id: query.label_id,
                me,
                before,
                without: &moved,
                limit: i64::try_from(limit).unwrap_or(500) + 1,
            })
            .await?;
        let mut brought = Vec::new();
        for contact in self.cache.contacts(&moved).await? {
            let contact = self.up_to_date(contact, &overlay).await?;
            if matches(query, me, &contact) && before.is_none_or(|before| place(&contact) < before) {
                brought.push(contact);
            }
        }
        let (contacts, next) = page::merge(rows, brought, limit, place);
        Ok(ConversationPage { conversations: self.rows(contacts, &overlay, me).await?, next })
    }

    /// What a contact is called by now, with what was done here and not told yet. `None` when it is not here.
    pub(crate) async fn contact_name(&self, id: ContactId) -> Result<Option<String>> {
        let Some(mut contact) = self.cache.contact(id).await? else { return Ok(None) };
        self.carry_out(&by_contact(self.outbox.commands_in(id).await?), &mut contact).await?;
        Ok(Some(display_name(contact.name.as_deref(), &contact.phone)))
    }

    /// One row of the list.
    pub(crate) async fn conversation(&self, id: ContactId, me: UserId) -> Result<Conversation> {
        let overlay = self.overlay(self.outbox.commands_in(id).await?).await?;
        let contact = self.cache.contact(id).await?.ok_or(Error::NotFound("contact"))?;
        let contact = self.up_to_date(contact, &overlay).await?;
        self.rows(vec![contact], &overlay, me).await?.pop().ok_or(Error::NotFound("contact"))
    }

    /// Unread texts over all teams: the rows' figures, with what was done here and not told yet.
    pub(crate) async fn unread_count(&self) -> Result<i64> {
        let commands = by_contact(self.outbox.commands().await?);
        let mut total = self.cache.unread_total().await?;
        let about: Vec<ContactId> = commands.keys().copied().collect();
        for mut contact in self.cache.contacts(&about).await? {
            total -= contact.unread_count;
            self.carry_out(&commands, &mut contact).await?;
            total += contact.unread_count;
        }
        Ok(total)
    }

    /// The contacts that commands of this machine are about, as they leave them.
    pub(crate) async fn with_commands(&self) -> Result<Vec<CachedContact>> {
        let commands = by_contact(self.outbox.commands().await?);
        let about: Vec<ContactId> = commands.keys().copied().collect();
        let mut contacts = self.cache.contacts(&about).await?;
        for contact in &mut contacts {
            self.carry_out(&commands, contact).await?;
        }
        Ok(contacts)
    }

    async fn overlay(&self, commands: Vec<Kept>) -> Result<Overlay> {
        Ok(Overlay { echoes: self.outbox.newest_entries().await?, commands: by_contact(commands) })
    }

    /// The contact as it will be once the server knows what this machine knows.
    async fn up_to_date(&self, mut contact: CachedContact, overlay: &Overlay) -> Result<CachedContact> {
        self.carry_out(&overlay.commands, &mut contact).await?;
        if let Some(echo) = overlay.echoes.get(&contact.id) {
            contact.sort_at = contact.sort_at.max(echo.created_at);
            contact.last_message_at = contact.last_message_at.max(Some(echo.created_at));
        }
        Ok(contact)
    }

    async fn carry_out(&self, commands: &HashMap<ContactId, Vec<Command>>, contact: &mut CachedContact) -> Result<()> {
        for command in commands.get(&contact.id).into_iter().flatten() {
            let unread_left = match &command.action {
                Action::MarkRead { up_to, .. } => self.cache.inbound_after(contact.id, *up_to).await?,
                _ => 0,
            };
            overlay::to_contact(command, unread_left, contact);
        }
        Ok(())
    }

    /// Contacts that are up to date, with everything else that a row of the list shows.
    async fn rows(&self, contacts: Vec<CachedContact>, overlay: &Overlay, me: UserId) -> Result<Vec<Conversation>> {
        let ids: Vec<ContactId> = contacts.iter().map(|contact| contact.id).collect();
        let drafts = self.outbox.drafts(&ids).await?;
        let mut replies = self.outbox.replies(&ids).await?;
        let attachments = self.outbox.attachments_of(&ids).await?;
        let parked: HashSet<ContactId> = self.outbox.parked_contacts().await?.into_iter().collect();
        let muted = self.outbox.muted(&ids).await?;
        let newest = self.cache.newest(&ids).await?;
        let failed = self.cache.failed(&ids).await?;
        let rows = contacts.into_iter().map(|contact| Conversation {
            contact_id: contact.id,
            workspace_id: contact.workspace_id,
            unread_count: contact.unread_count,
            status: contact.status,
            snoozed_until: contact.snoozed_until.map(from_micros),
            assigned_to: contact.assigned_to,
            labels: contact.labels,
            attributes: contact.attributes,
            blocked: contact.blocked_at.is_some(),
            muted: muted.contains(&contact.id),
            opted_out: contact.opted_out,
            can_be_answered: Sender::parse(&contact.phone).is_ok_and(|sender| sender.can_be_answered()),
            last_message_at: contact.last_message_at.map(from_micros),
            preview: preview(newest.get(&contact.id), overlay, contact.id, me),
            draft: drafts.get(&contact.id).cloned(),
            reply: replies.remove(&contact.id).unwrap_or_default(),
            attachments: attachments.get(&contact.id).into_iter().flatten().map(Attachment::from).collect(),
            has_failure: parked.contains(&contact.id)
                || failed.contains(&contact.id) && overlay.resent(contact.id).next().is_none(),
            name: display_name(contact.name.as_deref(), &contact.phone),
            phone: contact.phone,
        });
        Ok(rows.collect())
    }
}

impl Overlay {
    /// Texts of the contact that failed and that the agent sends once more.
    fn resent(&self, contact_id: ContactId) -> impl Iterator<Item = MessageId> {
        self.commands.get(&contact_id).into_iter().flatten().filter_map(overlay::resends)
    }

    fn contacts(&self) -> Vec<ContactId> {
        let ids: HashSet<ContactId> = self.echoes.keys().chain(self.commands.keys()).copied().collect();
        ids.into_iter().collect()
    }
}

fn by_contact(commands: Vec<Kept>) -> HashMap<ContactId, Vec<Command>> {
    let mut by_contact: HashMap<ContactId, Vec<Command>> = HashMap::new();
    for Kept { command, contact_id, .. } in commands {
        if let Some(contact_id) = contact_id {
            by_contact.entry(contact_id).or_default().push(command);
        }
    }
    by_contact
}

/// A contact's name, or what stands for it.
pub(crate) fn display_name(name: Option<&str>, phone: &str) -> String {
    match name.map(str::trim) {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => unknown_name(phone),
    }
}

fn place(contact: &CachedContact) -> Place {
    Place { at: contact.sort_at, id: contact.id.0 }
}

/// What [`ListQuery::statement`] says of rows in the cache.
pub(super) fn matches(query: &ConversationQuery, me: UserId, contact: &CachedContact) -> bool {
    let open = matches!(contact.status, ConversationStatus::Open | ConversationStatus::Pending);
    let lets = match query.filter {
        ConversationFilter::All => true,
        ConversationFilter::Open => open,
        ConversationFilter::Mine => open && contact.assigned_to == Some(me),
        ConversationFilter::Unassigned => open && contact.assigned_to.is_none(),
        ConversationFilter::Snoozed => contact.status == ConversationStatus::Snoozed,
        ConversationFilter::Closed => contact.status == ConversationStatus::Closed,
        ConversationFilter::Unread => contact.unread_count > 0,
    };
    lets && query.workspace_id.is_none_or(|id| id == contact.workspace_id)
        && query.label_id.is_none_or(|id| contact.labels.contains(&id))
}

/// The newer of the two; the cache's where both are the same text.
fn preview(cached: Option<&CachedMessage>, overlay: &Overlay, contact_id: ContactId, me: UserId) -> Option<Preview> {
    let echo = overlay.echoes.get(&contact_id).filter(|echo| {
        cached.is_none_or(|cached| cached.id != echo.id && (cached.created_at, cached.id) < (echo.created_at, echo.id))
    });
    if let Some(echo) = echo {
        return Some(Preview {
            text: one_line(&echo.content),
            direction: Direction::Outbound,
            mine: true,
            has_media: !echo.files.is_empty(),
            media_type: echo.files.first().map(|file| file.content_type.clone()),
            state: state::of_entry(&echo.state, echo.in_doubt),
        });
    }
    cached.map(|message| Preview {
        text: one_line(&message.content),
        direction: message.direction,
        mine: message.sent_by == Some(me.0),
        has_media: !message.media.is_empty(),
        media_type: message.media.first().and_then(|file| file.content_type.clone()),
        state: match state::of_cached(message) {
            MessageState::Failed if overlay.resent(contact_id).any(|id| id == message.id) => MessageState::Waiting,
            state => state,
        },
    })
}

fn one_line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().count() > PREVIEW_CHARACTERS {
            break;
        }
    }
    line.chars().take(PREVIEW_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_one_line_and_short() {
        assert_eq!(one_line("  see you\r\n\tat   six \u{2028}"), "see you at six");
        assert_eq!(one_line(&"é".repeat(1_000)).chars().count(), PREVIEW_CHARACTERS);
    }

    #[test]
    fn a_contact_without_a_name_is_called_by_its_number() {
        assert_eq!(display_name(Some(" "), "+15550100001"), "Unknown (+15550100001)");
        assert_eq!(display_name(None, "+15550100001"), "Unknown (+15550100001)");
        assert_eq!(display_name(Some("Ann"), "+15550100001"), "Ann");
    }
}
