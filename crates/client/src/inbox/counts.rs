//! How many conversations each view has: figures of the cache, corrected by what this machine knows and the server does not.

use std::collections::BTreeMap;

use deskline_domain::ids::{ContactId, LabelId, UserId, WorkspaceId};

use super::Inbox;
use crate::{
    Result,
    cache::{contacts::CachedContact, json_ids},
    inbox::conversations::matches,
    view::{ConversationFilter, ConversationQuery, Counts},
};

const VIEWS: [ConversationFilter; 6] = [
    ConversationFilter::Mine,
    ConversationFilter::Unassigned,
    ConversationFilter::Open,
    ConversationFilter::Unread,
    ConversationFilter::Snoozed,
    ConversationFilter::Closed,
];

impl Inbox {
    /// Of one team, or of all. `me` is whoever is signed in.
    pub(crate) async fn counts(&self, workspace_id: Option<WorkspaceId>, me: UserId) -> Result<Counts> {
        let moved = self.with_commands().await?;
        let ids: Vec<ContactId> = moved.iter().map(|contact| contact.id).collect();
        let mut counts = Counts::default();
        for filter in VIEWS {
            let query = ConversationQuery { workspace_id, filter, ..ConversationQuery::default() };
            let here = moved.iter().filter(|contact| matches(&query, me, contact)).count();
            let rest = self.cache.count(&query, me, &ids).await?;
            *place(&mut counts, filter) = sum(rest, here);
        }
        counts.labels = self.labels(workspace_id, me, &moved, &ids).await?;
        Ok(counts)
    }

    async fn labels(
        &self,
        workspace_id: Option<WorkspaceId>,
        me: UserId,
        moved: &[CachedContact],
        ids: &[ContactId],
    ) -> Result<BTreeMap<LabelId, u32>> {
        let mut labels = self.cache.count_labels(workspace_id, json_ids(ids)).await?;
        let query = ConversationQuery { workspace_id, ..ConversationQuery::default() };
        for contact in moved.iter().filter(|contact| matches(&query, me, contact)) {
            for label in &contact.labels {
                let figure = labels.entry(*label).or_default();
                *figure = sum(*figure, 1);
            }
        }
        Ok(labels)
    }
}

fn sum(rest: u32, here: usize) -> u32 {
    rest.saturating_add(u32::try_from(here).unwrap_or(u32::MAX)).min(Counts::MOST)
}

fn place(counts: &mut Counts, filter: ConversationFilter) -> &mut u32 {
    match filter {
        ConversationFilter::Mine => &mut counts.mine,
        ConversationFilter::Unassigned => &mut counts.unassigned,
        ConversationFilter::Unread => &mut counts.unread,
        ConversationFilter::Snoozed => &mut counts.snoozed,
        ConversationFilter::Closed => &mut counts.closed,
        ConversationFilter::Open | ConversationFilter::All => &mut counts.open,
    }
}
