//! A second copy of the outbox, encrypted like the first, and what comes back from it.
//!
//! Written by a task of `client` a moment after each change; read by `files` when the outbox itself is damaged. It takes the
//! place of the one before in one step, so that there is a whole one at any moment.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use tokio::time::{sleep, timeout};
use tracing::warn;

use super::{Outbox, mirror::Mirror};
use crate::{
    Result,
    core::Core,
    credentials::FileKey,
    database::{self, Seat},
    error::Error,
    files,
    mend::salvage::{Salvaged, salvage},
};

/// Backs up until it is dropped.
pub(crate) async fn run(core: Arc<Core>) {
    loop {
        let outbox = core.inbox().outbox;
        // Another outbox may stand in its place by then, and this one say nothing any more.
        let changed = timeout(core.options.patience.between_looks, outbox.written.notified()).await;
        if changed.is_err() || core.is_memory_only() {
            continue;
        }
        sleep(core.options.patience.before_backup).await;
        let path = core.options.data_dir.join(files::BACKUP);
        let outbox = core.inbox().outbox;
        // Not cut off half-way when the engine closes: its connection would outlive those that write the log back into the file.
        match core.careful.spawn(async move { outbox.back_up(&path).await }).await {
            Ok(Ok(())) => {}
            // Between two outboxes there is nothing to back up, and the next change tries again in any case.
            Ok(Err(error)) => warn!(%error, "The outbox could not be backed up; the backup before stays"),
            Err(error) => warn!(%error, "Backing up the outbox broke down; the backup before stays"),
        }
    }
}

impl Outbox {
    /// Writes a copy and puts it in the place of the one before. The file's time says up to when it holds everything.
    ///
    /// What is copied is what lies on the disk, and not what the open connections remember of it: so damage is noticed with the next
    /// change, and not when somebody happens to read the page.
    pub(crate) async fn back_up(&self, to: &Path) -> Result<()> {
        let _copying = self.copying.lock().await;
        // Another one may be taking its place, half restored from this very backup.
        let Some(seat) = self.seat.as_ref().filter(|_| self.is_in_its_place()) else { return Ok(()) };
        let fresh = to.with_extension("new");
        database::remove(&fresh)?;
        #[expect(
            clippy::disallowed_methods,
            reason = "it stands beside the times that the system gives to other files"
        )]
        let began = SystemTime::now();
        let from_disk = database::look_into(seat.path(), &self.key).await?;
        let written = sqlx::query("vacuum into ?").bind(fresh.to_string_lossy()).execute(&from_disk).await;
        from_disk.close().await;
        let placed = match written {
            Ok(_) if !self.is_in_its_place() => return database::remove(&fresh),
            Ok(_) => place(&fresh, to, began).map_err(|source| Error::Io { path: to.display().to_string(), source }),
            Err(error) => Err(error.into()),
        };
        if placed.is_err() {
            database::remove(&fresh)?;
        }
        placed
    }

    fn is_in_its_place(&self) -> bool {
        !self.pool.is_closed() && self.seat.as_ref().is_some_and(Seat::is_taken)
    }

    /// Brings back what damaged outboxes, newest first, and the backup hold. What the newest one still shows is the newer truth, and
    /// what memory has of it is all of it. Doing it again does no harm.
    pub(crate) async fn restore(
        &self,
        damaged: &[PathBuf],
        memory: Option<&Mirror>,
        backup: &Path,
        key: &FileKey,
    ) -> Result<Salvaged> {
        let mut salvaged = Salvaged { rows: 0, complete: true };
        let mut damaged = damaged;
        if let Some(memory) = memory {
            let poured = memory.pour_into(&self.pool).await?;
            salvaged.rows = poured.rows;
            damaged = damaged.get(usize::from(poured.complete)..).unwrap_or_default();
        }
        for file in damaged {
            let read = salvage(&self.pool, file, key).await?;
            salvaged.rows += read.rows;
            salvaged.complete &= read.complete;
        }
        if !salvaged.complete {
            salvaged.rows += salvage(&self.pool, backup, key).await?.rows;
        }
        self.requeue().await?;
        Ok(salvaged)
    }
}

fn place(fresh: &Path, to: &Path, began: SystemTime) -> std::io::Result<()> {
    let file = File::options().append(true).open(fresh)?;
    file.set_modified(began)?;
    file.sync_all()?;
    std::fs::rename(fresh, to)?;
    // The name is durable once its folder is. A system on which a folder cannot be opened does that by itself.
    if let Some(folder) = to.parent().and_then(|folder| File::open(folder).ok()) {
        folder.sync_all()?;
    }
    Ok(())
}
