//! Whose is an account, a number, a Messaging Service: what a form from Twilio is held against.
//!
//! Asked by the callbacks for many forms at once, by the routing of dead letters and by the audit. Reads only, and anew each time: an
//! account that was disconnected a moment ago verifies nothing.

use std::collections::HashMap;

use deskline_domain::ids::WorkspaceId;
use futures_util::FutureExt;

use crate::{Result, Store, TwilioAccount, config::AccountRow, rows::has_nul, store::all_or_each};

/// What a form says of itself. Empty texts ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `AC…`
    pub account_sid: String,
    /// Our side's number.
    pub number: String,
    /// `MG…`
    pub service: String,
}

/// Who has what a form names; the best claim first in each list.
#[derive(Debug, Default)]
pub struct Known {
    /// The workspaces with the account, and their credentials; an error for a token that cannot be opened.
    pub accounts: Vec<(WorkspaceId, Result<TwilioAccount>)>,
    /// The workspaces with the number. More than one only where teams share an account.
    pub by_number: Vec<WorkspaceId>,
    /// The workspaces with the Messaging Service.
    pub by_service: Vec<WorkspaceId>,
}

impl Store {
    /// Answers each form, in the order of the slice, with one statement for all of them.
    pub async fn look_up_all(&self, asked: &[Asked]) -> Vec<Result<Known>> {
        all_or_each(self, asked, |store, asked| store.look(asked).boxed()).await
    }

    /// Answers one form.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn look_up(&self, asked: Asked) -> Result<Known> {
        Ok(self.look(&[asked]).await?.pop().unwrap_or_default())
    }

    async fn look(&self, asked: &[Asked]) -> Result<Vec<Known>> {
        let words = |of: fn(&Asked) -> &String| -> Vec<String> {
            let mut words: Vec<String> =
                asked.iter().map(of).filter(|word| !word.is_empty() && !has_nul(word)).cloned().collect();
            words.sort_unstable();
            words.dedup();
            words
        };
        let rows = sqlx::query!(
            r#"
            select 1 as "kind!", account_sid as "word!", workspace_id as "workspace_id!", auth_token, is_configured as "is_configured?",
                   messaging_service_sid, created_at as "created_at?", null::bigint as position
            from workspace_twilio_config where account_sid = any($1)
            union all
            select 2, messaging_service_sid, workspace_id, null, null, null, created_at, null
            from workspace_twilio_config where messaging_service_sid = any($2)
            union all
            select 3, phone_number, workspace_id, null, null, null, null, position
            from twilio_numbers where phone_number = any($3)
            order by 1, 7, 8, 3
            "#,
            &words(|asked| &asked.account_sid),
            &words(|asked| &asked.service),
            &words(|asked| &asked.number),
        )
        .fetch_all(&self.pool)
        .await?;

        let mut accounts: HashMap<String, Vec<AccountRow>> = HashMap::new();
        let mut services: HashMap<String, Vec<WorkspaceId>> = HashMap::new();
        let mut numbers: HashMap<String, Vec<WorkspaceId>> = HashMap::new();
        for row in rows {
            match row.kind {
                1 => accounts.entry(row.word.clone()).or_default().push(AccountRow {
                    workspace_id: row.workspace_id,
                    account_sid: Some(row.word),
                    auth_token: row.auth_token,
                    is_configured: row.is_configured.unwrap_or_default(),
                    messaging_service_sid: row.messaging_service_sid,
                }),
                2 => services.entry(row.word).or_default().push(WorkspaceId(row.workspace_id)),
                _ => numbers.entry(row.word).or_default().push(WorkspaceId(row.workspace_id)),
            }
        }
        Ok(asked
            .iter()
            .map(|asked| Known {
                accounts: accounts
                    .get(&asked.account_sid)
                    .into_iter()
                    .flatten()
                    .map(|row| (WorkspaceId(row.workspace_id), self.open_account(row)))
                    .collect(),
                by_number: numbers.get(&asked.number).cloned().unwrap_or_default(),
                by_service: services.get(&asked.service).cloned().unwrap_or_default(),
            })
            .collect())
    }
}
