//! How many conversations a view has, read from the indexes that its list walks.

use std::collections::BTreeMap;

use deskline_domain::ids::{ContactId, LabelId, UserId, WorkspaceId};
use sqlx::Row;

use super::{Cache, contacts::ListQuery};
use crate::{
    Result,
    database::bad_cell,
    view::{ConversationQuery, Counts},
};

/// Open conversations by label, without some of them.
pub(crate) const LABELS: &str = "select l.label_id, count(*) as figure from contact_labels l cross join contacts c on c.id = l.contact_id \
     where c.conversation_status in ('Open', 'Pending') and (?1 is null or c.workspace_id = ?1) \
     and c.id not in (select value from json_each(?2)) group by l.label_id";

impl Cache {
    /// How many rows a page of this view could have, without some of them: at most [`Counts::MOST`].
    pub(crate) async fn count(&self, query: &ConversationQuery, me: UserId, without: &[ContactId]) -> Result<u32> {
        let ConversationQuery { workspace_id, filter, label_id, .. } = *query;
        let limit = i64::from(Counts::MOST);
        let mut sql = ListQuery { workspace_id, filter, label_id, me, before: None, without, limit }.counting();
        let figure: i64 = sql.build_query_scalar().fetch_one(&self.pool).await?;
        Ok(u32::try_from(figure).unwrap_or(Counts::MOST))
    }

    /// Open conversations by label. `without` is a list for `json_each`.
    pub(crate) async fn count_labels(
        &self,
        workspace_id: Option<WorkspaceId>,
        without: String,
    ) -> Result<BTreeMap<LabelId, u32>> {
        let rows =
            sqlx::query(LABELS).bind(workspace_id.map(|id| id.to_string())).bind(without).fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| {
                let id = row.try_get::<&str, _>("label_id")?.parse().map_err(bad_cell("label_id"))?;
                Ok((id, row.try_get::<u32, _>("figure")?.min(Counts::MOST)))
            })
            .collect()
    }
}
