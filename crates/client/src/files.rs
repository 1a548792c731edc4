//! The data folder: one lock, two encrypted files, the backup of one of them, a folder of encrypted files beside each, and nothing else.
//!
//! Called by `client` and by signing in and out. The cache is made anew when it cannot be used; the outbox is then set
//! aside under a name that says so, since only its owner may throw it away, and what can be read of it comes back.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use tracing::warn;

use crate::{
    Result,
    cache::Cache,
    credentials::Vault,
    database::{self, Aside, Place, Unusable},
    error::Error,
    inbox::Inbox,
    mend::salvage::Salvaged,
    options::Options,
    outbox::{Outbox, mirror::Mirror},
    sealed,
};

/// Name of the cache's file.
pub(crate) const CACHE: &str = "cache.db";
/// Name of the outbox's file.
pub(crate) const OUTBOX: &str = "outbox.db";
/// Name of the outbox's backup.
pub(crate) const BACKUP: &str = "outbox-backup.db";
const LOCK: &str = "lock";

/// A folder that is this process's alone, until this is dropped or the process ends in any way.
#[derive(Debug)]
pub(crate) struct FolderLock(File);

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Not left to the closing of the file: a child that is just being started has a copy of it for a moment, and with it the lock.
        if let Err(error) = self.0.unlock() {
            warn!(%error, "The folder stays locked until this program ends");
        }
    }
}

/// Makes the folder and takes it for this process.
pub(crate) fn lock(dir: &Path) -> Result<FolderLock> {
    let failed = |source| Error::Io { path: dir.display().to_string(), source };
    make_dir(dir).map_err(failed)?;
    let file = File::create(dir.join(LOCK)).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(FolderLock(file)),
        Err(TryLockError::WouldBlock) => Err(Error::InUse(dir.display().to_string())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Other users of the machine have no business in a folder that we make. One that is there already stays as it is.
fn make_dir(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Files that cannot be used any more.
#[derive(Debug, Default)]
pub(crate) struct Asides {
    pub(crate) cache: Option<Aside>,
    pub(crate) outbox: Option<Aside>,
    /// What memory has of the outbox, whether or not that is known to be one of them.
    pub(crate) memory: Option<Mirror>,
}

/// What had to be done until both files were open.
#[derive(Debug, Default)]
pub(crate) struct Mended {
    /// The cache is a new one, and why.
    pub(crate) cache: Option<Unusable>,
    /// The outbox is a new one.
    pub(crate) outbox: Option<Restored>,
}

/// A new outbox with what could be read of the one before.
#[derive(Debug)]
pub(crate) struct Restored {
    pub(crate) salvaged: Salvaged,
    /// Whether there was a backup.
    pub(crate) from_backup: bool,
    /// Where the one before lies now.
    pub(crate) aside: PathBuf,
}

/// Opens both files with the vault's keys.
pub(crate) async fn open(options: &Options, vault: &Vault, memory_only: bool) -> Result<(Inbox, Mended)> {
    open_after(options, vault, memory_only, Asides::default()).await
}

/// The same, after files were set aside.
pub(crate) async fn open_after(
    options: &Options,
    vault: &Vault,
    memory_only: bool,
    asides: Asides,
) -> Result<(Inbox, Mended)> {
    let dir = &options.data_dir;
    let place = |name: &str| if memory_only { Place::Memory } else { Place::File(dir.join(name)) };
    let now = options.clock.now();
    // First: one that a newer version wrote keeps everything as it is.
    let (outbox, aside) = Outbox::open(&place(OUTBOX), &vault.outbox_key, now).await?;
    let mut mended = Mended::default();
    // Also what an earlier run set aside and was killed before it had read all of it.
    let mut unread = database::unread(&dir.join(OUTBOX));
    if let Some(aside) = asides.outbox.or(aside)
        && finish_shelving(dir, vault, &aside.path)?
    {
        database::was_read(&aside.path)?;
        unread.retain(|path| *path != aside.path);
    }
    if let Some(newest) = unread.first().cloned().filter(|_| !memory_only) {
        let backup = dir.join(BACKUP);
        let salvaged = outbox.restore(&unread, asides.memory.as_ref(), &backup, &vault.outbox_key).await?;
        unread.iter().try_for_each(|aside| database::was_read(aside))?;
        mended.outbox = Some(Restored { salvaged, from_backup: backup.exists(), aside: newest });
    }
    // What lies in an outbox that was set aside, somebody may still bring back, and its files with it.
    if !memory_only && database::set_aside_before(&dir.join(OUTBOX)).is_empty() {
        outbox.sweep_files().await;
    }
    let (cache, aside) = match Cache::open(&place(CACHE), &vault.cache_key, now).await {
        // A disk without room for a new one keeps nobody from what waits to be sent: the cache is on no disk until there is some.
        Err(Error::DiskFull) => Cache::open(&Place::Memory, &vault.cache_key, now).await?,
        opened => opened?,
    };
    if !memory_only {
        cache.sweep_files().await;
    }
    if let Some(aside) = asides.cache.or(aside) {
        mended.cache = Some(aside.why);
        database::was_read(&aside.path)?;
        forget_all_but_the_last(&dir.join(CACHE))?;
    }
    Ok((Inbox { cache, outbox }, mended))
}

/// An outbox that could not be opened may be one that was about to be put on the shelf when the program was killed.
fn finish_shelving(dir: &Path, vault: &Vault, aside: &Path) -> Result<bool> {
    match vault.shelved.iter().map(|shelved| dir.join(&shelved.file)).find(|path| !path.exists()) {
        Some(path) => {
            database::rename(aside, &path)?;
            sealed::move_all(&dir.join(OUTBOX), &path).map(|()| true)
        }
        None => Ok(false),
    }
}

/// A damaged cache is kept to be looked at. One is enough: they are large.
fn forget_all_but_the_last(cache: &Path) -> Result<()> {
    let asides = database::set_aside_before(cache);
    let older = asides.len().saturating_sub(1);
    asides.iter().take(older).try_for_each(|file| database::remove(file))
}

/// Takes the cache away with its files, and whatever was kept of earlier ones.
pub(crate) fn remove_cache(dir: &Path) -> Result<()> {
    let cache = dir.join(CACHE);
    database::remove(&cache)?;
    sealed::remove_all(&cache)?;
    database::set_aside_before(&cache).iter().try_for_each(|file| database::remove(file))
}

/// Takes the outbox away, with its backup and its files.
pub(crate) fn remove_outbox(dir: &Path) -> Result<()> {
    database::remove(&dir.join(OUTBOX))?;
    database::remove(&dir.join(BACKUP))?;
    sealed::remove_all(&dir.join(OUTBOX))
}

/// Puts the outbox on the shelf, with its files. A program that ends in between finds a database that it has no key to, and
/// [`finish_shelving`] goes on: so the files go first, and never lie beside an outbox that does not know them.
pub(crate) fn shelve_outbox(dir: &Path, shelf: &Path) -> Result<()> {
    let outbox = dir.join(OUTBOX);
    sealed::move_all(&outbox, shelf)?;
    database::rename(&outbox, shelf)
}

/// Takes an outbox from the shelf, with its files: the other way round, for the same reason.
pub(crate) fn take_down_outbox(dir: &Path, shelf: &Path) -> Result<()> {
    let outbox = dir.join(OUTBOX);
    database::rename(shelf, &outbox)?;
    sealed::move_all(shelf, &outbox)
}

/// Takes away what was kept of outboxes that could not be read. Nobody has the key to them any more.
pub(crate) fn remove_old_outboxes(dir: &Path) -> Result<()> {
    let outbox = dir.join(OUTBOX);
    database::unread(&outbox).iter().try_for_each(|file| database::was_read(file))?;
    database::set_aside_before(&outbox).iter().try_for_each(|file| database::remove(file))
}

impl Inbox {
    /// Closes both files; whoever still asks for something gets an error.
    pub(crate) async fn close(&self) {
        self.cache.close().await;
        self.outbox.pool.close().await;
        // A backup that is being written goes on for a moment, and then finds that it is none any more.
        drop(self.outbox.copying.lock().await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_free_at_once_although_a_child_that_is_being_started_still_has_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let taken = lock(folder.path()).unwrap();
        // What a child has between `fork` and `exec`.
        let of_the_child = taken.0.try_clone().unwrap();
        assert!(matches!(lock(folder.path()), Err(Error::InUse(_))));

        drop(taken);

        lock(folder.path()).expect("nobody uses the folder any more");
        drop(of_the_child);
    }
}
