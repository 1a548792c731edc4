//! Contacts in, everything out, and how long a workspace keeps its texts, from a command line.

use std::{io::Write, path::PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use deskline_domain::{
    ids::{ContactId, WorkspaceId},
    protocol::{ImportOutcome, ImportedRow},
};
use deskline_store::{RetentionError, Store};
use futures_util::StreamExt;

use super::say;
use crate::{
    edge,
    http::contacts::{country_code, line},
    import,
};

/// A file that is larger than this is no list of contacts.
const MAX_FILE: u64 = 64 << 20;

/// Imports contacts from a CSV file whose first line names the columns: phone, name, and attributes.
#[derive(Debug, Args)]
pub struct Import {
    /// The workspace that gets them.
    #[arg(long)]
    workspace: WorkspaceId,
    /// The calling code of numbers that have none, such as 1 or 49.
    #[arg(long)]
    country_code: Option<String>,
    /// The file.
    file: PathBuf,
}

/// Writes everything that is stored of a workspace to standard output, a JSON object a line.
#[derive(Debug, Args)]
pub struct Export {
    /// Which.
    #[arg(long)]
    workspace: WorkspaceId,
    /// Only the conversation with this contact.
    #[arg(long)]
    contact: Option<ContactId>,
}

/// Imports, and prints the rows that became no new contact.
///
/// # Errors
/// In plain words.
pub async fn import(store: &Store, command: Import) -> anyhow::Result<()> {
    known(store, command.workspace).await?;
    let country = command.country_code.as_deref().map(country_code).transpose();
    let Ok(country) = country else { bail!("--country-code must be a calling code such as 1 or 49.") };
    let shown = command.file.display();
    let size = std::fs::metadata(&command.file).with_context(|| format!("{shown} cannot be read"))?.len();
    if size > MAX_FILE {
        bail!("{shown} is larger than 64 MB. Split it.");
    }
    let file = std::fs::read(&command.file).with_context(|| format!("{shown} cannot be read"))?;
    let new_id = || ContactId::v7(edge::now(), edge::entropy());
    let reply = import::import(store, command.workspace, &file, country, new_id).await?;
    for ImportedRow { line, outcome } in &reply.rows {
        match outcome {
            ImportOutcome::Created { .. } => {}
            ImportOutcome::Known { phone } => say(&format!("line {line}: {phone} is known already"))?,
            ImportOutcome::Duplicate { phone, of_line } => {
                say(&format!("line {line}: {phone} is in line {of_line} too"))?;
            }
            ImportOutcome::Invalid { reason } => say(&format!("line {line}: {reason}"))?,
        }
    }
    say(&format!("{} new, {} known, {} twice, {} unusable", reply.created, reply.known, reply.duplicate, reply.invalid))
}

/// Exports.
///
/// # Errors
/// In plain words.
pub async fn export(store: &Store, command: Export) -> anyhow::Result<()> {
    known(store, command.workspace).await?;
    if let Some(contact) = command.contact
        && store.contact(command.workspace, contact).await?.is_none()
    {
        bail!("There is no contact {contact} in this workspace.");
    }
    let mut out = std::io::BufWriter::new(std::io::stdout());
    let mut rows = store.export(command.workspace, command.contact);
    while let Some(row) = rows.next().await {
        out.write_all(&line(&row?)?)?;
    }
    Ok(out.flush()?)
}

/// Sets after how many days a workspace forgets; `None` for never.
///
/// # Errors
/// In plain words.
pub(super) async fn retention(store: &Store, workspace: WorkspaceId, days: Option<i32>) -> anyhow::Result<()> {
    match store.set_retention(workspace, days).await {
        Err(RetentionError::BadDays) => bail!("A workspace keeps its texts for 30 to 36500 days, or for ever."),
        Err(RetentionError::Store(deskline_store::Error::UnknownWorkspace)) => {
            bail!("There is no workspace {workspace}.")
        }
        outcome => Ok(outcome?),
    }
}

/// # Errors
/// In plain words, when there is no such workspace.
pub(super) async fn known(store: &Store, workspace: WorkspaceId) -> anyhow::Result<()> {
    if !store.workspace_exists(workspace).await? {
        bail!("There is no workspace {workspace}. `deskline-server workspace list` shows them.");
    }
    Ok(())
}
