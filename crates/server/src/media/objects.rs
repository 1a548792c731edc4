//! Where the content of files lies: a folder, or a bucket. One object a file, named after its team and its id, never changed.
//!
//! Used by the media job, its sweeps and routes. Knows nothing of types, links or texts.

use std::{ops::Range, sync::Arc};

use anyhow::{Context, anyhow};
use axum::body::Bytes;
use chrono::{DateTime, Utc};
use deskline_domain::ids::{FileId, WorkspaceId};
use futures_util::{Stream, TryStreamExt};
use object_store::{
    GetOptions, ObjectStore, ObjectStoreExt, local::LocalFileSystem, parse_url_opts, path::Path, prefix::PrefixStore,
};
use secrecy::ExposeSecret;

use crate::config::Place;

/// The object store.
#[derive(Clone)]
pub struct Objects(Arc<dyn ObjectStore>);

/// Why there is no content.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// No such object: somebody removed it.
    #[error("the file's content is not there")]
    Missing,
    /// The object store failed or is out of reach.
    #[error("the object store failed")]
    Failed(#[source] object_store::Error),
}

impl From<object_store::Error> for ObjectError {
    fn from(error: object_store::Error) -> Self {
        if matches!(error, object_store::Error::NotFound { .. }) { Self::Missing } else { Self::Failed(error) }
    }
}

impl Objects {
    /// Makes the folder, or reads the bucket's settings. Does not ask the bucket.
    ///
    /// # Errors
    /// What is wrong with the setting.
    pub fn open(place: &Place) -> anyhow::Result<Self> {
        match place {
            Place::Folder(folder) => {
                let files = open_folder(folder).map_err(|error| {
                    let folder = folder.display();
                    anyhow!("The folder for files, {folder}, cannot be used: {error}. Set DESKLINE_MEDIA_DIR to one that the server may write.")
                })?;
                Ok(Self(Arc::new(files.with_fsync(true).with_automatic_cleanup(true))))
            }
            Place::Bucket { url, options } => {
                let options = options.iter().map(|(name, value)| (name.to_lowercase(), value.expose_secret()));
                let (bucket, folder) = parse_url_opts(url, options)
                    .context("The bucket that DESKLINE_MEDIA_URL names cannot be used. Check the AWS_… settings.")?;
                Ok(Self(Arc::new(PrefixStore::new(bucket, folder))))
            }
        }
    }

    /// Stores the content of a file. When this returns, it is durable.
    ///
    /// # Errors
    /// [`ObjectError::Failed`].
    pub async fn put(&self, workspace: WorkspaceId, file: FileId, content: Vec<u8>) -> Result<(), ObjectError> {
        self.0.put(&path(workspace, file), content.into()).await?;
        Ok(())
    }

    /// A part of a file's content.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn get(&self, workspace: WorkspaceId, file: FileId, part: Range<u64>) -> Result<Bytes, ObjectError> {
        if part.is_empty() {
            return Ok(Bytes::new());
        }
        let options = GetOptions { range: Some(part.into()), ..GetOptions::default() };
        Ok(self.0.get_opts(&path(workspace, file), options).await?.bytes().await?)
    }

    /// The content that was stored before `cutoff`, in no order. What has another name than ours is passed over.
    pub fn before(
        &self,
        cutoff: DateTime<Utc>,
    ) -> impl Stream<Item = Result<(WorkspaceId, FileId), ObjectError>> + Send + use<> {
        self.0.list(None).map_err(ObjectError::from).try_filter_map(move |object| {
            let old = object.last_modified < cutoff;
            std::future::ready(Ok(old.then(|| named(&object.location)).flatten()))
        })
    }

    /// Removes the content of a file. Nothing happens when it is gone already.
    ///
    /// # Errors
    /// [`ObjectError::Failed`].
    pub async fn delete(&self, workspace: WorkspaceId, file: FileId) -> Result<(), ObjectError> {
        match self.0.delete(&path(workspace, file)).await.map_err(ObjectError::from) {
            Err(ObjectError::Missing) => Ok(()),
            done => done,
        }
    }
}

/// That it cannot be written is said now, and not when the first picture comes.
fn open_folder(folder: &std::path::Path) -> anyhow::Result<LocalFileSystem> {
    std::fs::create_dir_all(folder)?;
    tempfile::tempfile_in(folder)?;
    Ok(LocalFileSystem::new_with_prefix(folder)?)
}

fn named(path: &Path) -> Option<(WorkspaceId, FileId)> {
    let mut parts = path.parts();
    let (Some(workspace), Some(file), None) = (parts.next(), parts.next(), parts.next()) else { return None };
    Some((workspace.as_ref().parse().ok()?, file.as_ref().parse().ok()?))
}

fn path(workspace: WorkspaceId, file: FileId) -> Path {
    Path::from_iter([workspace.to_string(), file.to_string()])
}
