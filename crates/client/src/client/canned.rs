//! Canned replies: the finished text, with everything in it that is known here. The agent sees it before it is sent.

use deskline_domain::{
    canned::{self, Variable},
    command::rules::BadCommand,
    ids::{CannedReplyId, ContactId},
};

use super::Client;
use crate::{Result, error::Error, inbox::display_name, view::FilledReply};

impl Client {
    /// A canned reply for a contact.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::BadCommand`] for a reply that another program misspelt, [`Error::SignedOut`],
    /// [`Error::Database`].
    pub async fn fill_reply(&self, contact_id: ContactId, reply_id: CannedReplyId) -> Result<FilledReply> {
        let core = self.core();
        let me = core.me()?;
        let contact = core.inbox().conversation(contact_id, me).await?;
        let team = core.inbox().team(contact.workspace_id, me).await?;
        let reply = team.canned_replies.iter().find(|reply| reply.id == reply_id);
        let reply = reply.ok_or(Error::NotFound("canned reply"))?;
        let workspace = self.workspace(contact.workspace_id)?.name;

        let unnamed = contact.name == display_name(None, &contact.phone);
        let filled = canned::fill(&reply.content, |variable| match variable {
            // Nobody wants to be called by their number.
            Variable::ContactName | Variable::ContactFirstName if unnamed => None,
            Variable::ContactName => Some(contact.name.clone()),
            Variable::ContactFirstName => contact.name.split_whitespace().next().map(str::to_owned),
            Variable::ContactPhone => Some(contact.phone.clone()),
            Variable::AgentName => team.members.iter().find(|member| member.me).map(|member| member.name.clone()),
            Variable::WorkspaceName => Some(workspace.clone()),
            Variable::Attribute(name) => contact.attributes.get(name).cloned(),
        });
        let filled = filled.map_err(|bad| Error::from(BadCommand::from(bad)))?;
        Ok(FilledReply { text: filled.text, missing: filled.missing.iter().map(ToString::to_string).collect() })
    }
}
