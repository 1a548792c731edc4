//! The statements of a search, apart from running them, so that a test can look at their plans and a benchmark can run them alone.

use deskline_domain::ids::WorkspaceId;
use sqlx::{QueryBuilder, Sqlite};

/// Texts that fit, newest first: number below ?1, at least ?2, at most ?3 of them, for the expression ?4.
pub(crate) const FITTING: &str = "select d.doc, d.kind, d.id, d.contact, d.inbound from search_texts cross join search_docs d on d.doc = search_texts.rowid \
     where search_texts match ?4 and search_texts.rowid < ?1 and search_texts.rowid >= ?2 \
     order by search_texts.rowid desc limit ?3";

/// All texts, newest first.
pub(crate) const ALL: &str = "select d.doc, d.kind, d.id, d.contact, d.inbound from search_docs d where d.doc < ?1 and d.doc >= ?2 order by d.doc desc limit ?3";

/// Contacts whose name or number fits ?1, the newest ?2 of them.
pub(crate) const CALLED: &str = "select s.id from search_people cross join search_contacts s on s.doc = search_people.rowid \
     where search_people match ?1 order by search_people.rowid desc limit ?2";

/// Contacts with unread texts.
pub(crate) const UNREAD: &str =
    "select id from contacts where unread_count > 0 order by sort_at desc, id desc limit 5000";

/// Contacts that carry the label ?1, in the cache.
pub(crate) const LABELLED: &str =
    "select contact_id from contact_labels where label_id = ?1 order by sort_at desc, contact_id desc limit 5000";

/// Contacts that fit, those with the newest texts first. `meant` bounds how many are looked at; `among` is a list
/// of ids in JSON.
pub(crate) fn contacts(
    expression: Option<&str>,
    among: Option<String>,
    workspace_id: Option<WorkspaceId>,
    meant: i64,
    limit: i64,
) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new(format!("select {} from contacts c where true", crate::cache::contacts::COLUMNS));
    if let Some(among) = among {
        sql.push(" and id in (select value from json_each(").push_bind(among).push("))");
    }
    if let Some(workspace_id) = workspace_id {
        sql.push(" and workspace_id = ").push_bind(workspace_id.to_string());
    }
    if let Some(expression) = expression {
        sql.push(
            " and id in (select s.id from search_people cross join search_contacts s on s.doc = search_people.rowid \
             where search_people match ",
        );
        sql.push_bind(expression.to_owned())
            .push(" order by search_people.rowid desc limit ")
            .push_bind(meant)
            .push(")");
    }
    sql.push(" order by sort_at desc, id desc limit ").push_bind(limit);
    sql
}
