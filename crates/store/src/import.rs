//! Contacts out of a file.
//!
//! Called by `POST /contacts/import` and by the admin command, which have read and checked the file. Never changes a contact that
//! is there already.

use std::collections::{BTreeMap, HashSet};

use deskline_domain::{
    contact::unknown_name,
    ids::{ContactId, WorkspaceId},
    phone::PhoneNumber,
};
use serde_json::{Value, json};

use crate::{Result, Store, contacts::merged_meanwhile, store::retry};

/// Contacts in one transaction.
const AT_ONCE: usize = 500;

/// A contact that may be new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewContact {
    /// Its id, if it is new.
    pub id: ContactId,
    /// Its number.
    pub phone: PhoneNumber,
    /// As the team calls it, where known.
    pub name: Option<String>,
    /// What is known besides.
    pub attributes: BTreeMap<String, String>,
}

impl Store {
    /// Stores those that are not there yet, and answers their numbers. What is stored stays when a later one fails: the same call
    /// again goes on where it stopped.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn import_contacts(&self, workspace: WorkspaceId, contacts: &[NewContact]) -> Result<HashSet<String>> {
        let mut stored = HashSet::new();
        for some in contacts.chunks(AT_ONCE) {
            let numbers = loop {
                if let Some(numbers) = retry(|| self.import_some(workspace, some)).await? {
                    break numbers;
                }
            };
            stored.extend(numbers);
        }
        Ok(stored)
    }

    /// A number of somebody who was merged into another contact is known. `None`, and nothing stored, when somebody was merged meanwhile.
    async fn import_some(&self, workspace: WorkspaceId, contacts: &[NewContact]) -> Result<Option<Vec<String>>> {
        let ids: Vec<_> = contacts.iter().map(|contact| contact.id.0).collect();
        let phones: Vec<_> = contacts.iter().map(|contact| contact.phone.to_string()).collect();
        let names: Vec<_> = contacts
            .iter()
            .map(|contact| contact.name.clone().unwrap_or_else(|| unknown_name(contact.phone.as_str())))
            .collect();
        let attributes: Vec<Value> = contacts.iter().map(|contact| json!(contact.attributes)).collect();
        let mut tx = self.pool.begin().await?;
        let stored = sqlx::query_scalar!(
            r#"
            insert into contacts (id, workspace_id, phone, name, attributes)
            select n.id, $1, n.phone, n.name, n.attributes
            from unnest($2::uuid[], $3::text[], $4::text[], $5::jsonb[]) n (id, phone, name, attributes)
            where not exists (
              select from contacts c
              where c.workspace_id = $1 and c.other_phones <> '{}' and c.other_phones @> array[n.phone]
            )
            order by n.phone
            on conflict (workspace_id, phone) do nothing
            returning phone
            "#,
            workspace.0,
            &ids,
            &phones,
            &names,
            &attributes,
        )
        .fetch_all(&mut *tx)
        .await?;
        if merged_meanwhile(&mut tx, &vec![workspace.0; stored.len()], &stored).await? {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(stored))
    }
}
