//! What a team has: rows of the cache, as the commands of this machine leave them; and what was taken back of them.

use deskline_domain::ids::{UserId, WorkspaceId};

use super::Inbox;
use crate::{
    Result,
    cache::team::{CachedMember, CachedTeam},
    overlay,
    view::{CannedReply, Label, Member, TakenBack, Team},
};

/// What somebody is called of whom nothing is known.
const NAMELESS: &str = "Teammate";

impl Inbox {
    /// For the window.
    pub(crate) async fn team(&self, workspace_id: WorkspaceId, me: UserId) -> Result<Team> {
        let team = self.cached_team(workspace_id).await?;
        let labels = team.labels.into_iter().map(|label| Label { id: label.id, name: label.name, color: label.color });
        let replies = team.canned_replies.into_iter().map(|reply| CannedReply {
            id: reply.id,
            name: reply.name,
            content: reply.content,
        });
        let members = team.members.into_iter().map(|member| Member {
            user_id: member.user_id,
            name: name_of(&member),
            role: member.role,
            me: member.user_id == me,
        });
        let mut team = Team {
            workspace_id,
            members: members.collect(),
            labels: labels.collect(),
            canned_replies: replies.collect(),
        };
        team.labels.sort_by_cached_key(|label| (label.name.to_lowercase(), label.id));
        team.canned_replies.sort_by_cached_key(|reply| (reply.name.to_lowercase(), reply.id));
        team.members.sort_by_cached_key(|member| (member.name.to_lowercase(), member.user_id));
        Ok(team)
    }

    /// As rows.
    pub(crate) async fn cached_team(&self, workspace_id: WorkspaceId) -> Result<CachedTeam> {
        let commands = self.outbox.team_commands().await?;
        let mut team = self.cache.team(workspace_id).await?;
        for kept in commands.iter().filter(|kept| kept.command.workspace_id == workspace_id) {
            overlay::to_team(&kept.command, &mut team);
        }
        Ok(team)
    }

    /// What the server refused, oldest first.
    pub(crate) async fn taken_back(&self) -> Result<Vec<TakenBack>> {
        let mut taken = Vec::new();
        for kept in self.outbox.refused_commands().await? {
            let name = match kept.contact_id {
                Some(id) => self.contact_name(id).await?,
                None => None,
            };
            taken.push(TakenBack {
                id: kept.command.id,
                action: kept.command.action,
                contact_id: kept.contact_id,
                name,
                reason: kept.refused.unwrap_or_default(),
                at: kept.command.at,
            });
        }
        Ok(taken)
    }
}

fn name_of(member: &CachedMember) -> String {
    let given = member.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let address = member.email.as_deref().and_then(|email| email.split('@').next()).filter(|part| !part.is_empty());
    given.or(address).unwrap_or(NAMELESS).to_owned()
}
