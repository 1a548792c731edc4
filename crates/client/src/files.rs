//! The data folder: one lock, two encrypted files, and nothing else.
//!
//! Called by `client` and by signing in and out. The cache is made anew when it cannot be opened; the outbox is then set
//! aside under a name that says so, since only its owner may throw it away.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use crate::{
    Result,
    cache::Cache,
    credentials::Vault,
    database::{self, Place},
    error::Error,
    inbox::Inbox,
    options::Options,
    outbox::Outbox,
};

/// Name of the cache's file.
pub(crate) const CACHE: &str = "cache.db";
/// Name of the outbox's file.
pub(crate) const OUTBOX: &str = "outbox.db";
const LOCK: &str = "lock";

/// Makes the folder and takes it for this process, until the answer is dropped or the process ends in any way.
pub(crate) fn lock(dir: &Path) -> Result<File> {
    let failed = |source| Error::Io { path: dir.display().to_string(), source };
    make_dir(dir).map_err(failed)?;
    let file = File::create(dir.join(LOCK)).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
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

/// Opens both files with the vault's keys.
pub(crate) async fn open(options: &Options, vault: &Vault, memory_only: bool) -> Result<Inbox> {
    let place = |name: &str| if memory_only { Place::Memory } else { Place::File(options.data_dir.join(name)) };
    let now = options.clock.now();
    let (cache, _) = Cache::open(&place(CACHE), &vault.cache_key, now).await?;
    let (outbox, aside) = Outbox::open(&place(OUTBOX), &vault.outbox_key, now).await?;
    if let Some(aside) = aside {
        finish_shelving(&options.data_dir, vault, &aside)?;
    }
    Ok(Inbox { cache, outbox })
}

/// An outbox that could not be opened may be one that was about to be put on the shelf when the program was killed.
fn finish_shelving(dir: &Path, vault: &Vault, aside: &Path) -> Result<()> {
    match vault.shelved.iter().map(|shelved| dir.join(&shelved.file)).find(|path| !path.exists()) {
        Some(path) => database::rename(aside, &path),
        None => Ok(()),
    }
}

impl Inbox {
    /// Closes both files; whoever still asks for something gets an error.
    pub(crate) async fn close(&self) {
        self.cache.pool.close().await;
        self.outbox.pool.close().await;
    }
}
