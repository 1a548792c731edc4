//! Files too large for a row: each encrypted with a key of its own, which only a row of the database beside it holds.
//!
//! Used by `outbox/attachments` and `media`. Whoever forgets the row has destroyed the content, whether or not the file is gone from
//! the disk by then. A file is written once and never changed; what cannot be opened any more counts as missing.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use chacha20poly1305::{
    ChaCha20Poly1305,
    aead::{Aead, KeyInit, Payload},
};
use tokio::task::spawn_blocking;
use tracing::warn;
use uuid::Uuid;

use crate::{
    Result,
    credentials::FileKey,
    database::{Place, Trouble},
    error::Error,
    mend::bell,
};

/// A key seals one content, once: so there is no second one that the same nonce could go with.
const NONCE: [u8; 12] = [0; 12];

/// What a file is called while it is being written.
const UNFINISHED: &str = "new";

/// The folder beside a database, or what stands for it while nothing may be written to disk. Cheap to clone.
#[derive(Clone)]
pub(crate) enum Sealed {
    Folder(Arc<PathBuf>),
    Memory(Arc<Mutex<HashMap<Uuid, Vec<u8>>>>),
}

impl Sealed {
    /// Beside this database. Nothing is made before the first file.
    pub(crate) fn beside(place: &Place) -> Self {
        match place {
            Place::File(database) => Self::Folder(Arc::new(folder_of(database))),
            Place::Memory => Self::Memory(Arc::default()),
        }
    }

    /// Keeps a content, durably when this returns.
    pub(crate) async fn put(&self, id: Uuid, key: &FileKey, content: Vec<u8>) -> Result<()> {
        let cipher = ChaCha20Poly1305::new(&key.bytes().into());
        self.blocking(move |sealed| {
            let payload = Payload { msg: &content, aad: id.as_bytes() };
            let closed =
                cipher.encrypt(&NONCE.into(), payload).map_err(|_| Error::NotAllowed("This file is too large."))?;
            match sealed {
                Self::Folder(folder) => write(folder, id, &closed).map_err(|source| failed(folder, source)),
                Self::Memory(files) => {
                    files.lock().unwrap_or_else(PoisonError::into_inner).insert(id, closed);
                    Ok(())
                }
            }
        })
        .await
    }

    /// A content; `None` when it is gone, or is not what was written.
    pub(crate) async fn get(&self, id: Uuid, key: &FileKey) -> Result<Option<Vec<u8>>> {
        let cipher = ChaCha20Poly1305::new(&key.bytes().into());
        self.blocking(move |sealed| {
            let closed = match sealed {
                Self::Folder(folder) => match std::fs::read(folder.join(id.to_string())) {
                    Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                    read => read.map_err(|source| failed(folder, source))?,
                },
                Self::Memory(files) => {
                    let found = files.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
                    let Some(closed) = found else { return Ok(None) };
                    closed
                }
            };
            let opened = cipher.decrypt(&NONCE.into(), Payload { msg: &closed, aad: id.as_bytes() }).ok();
            if opened.is_none() {
                warn!(%id, "A file is not what was written");
            }
            Ok(opened)
        })
        .await
    }

    /// Takes files away. One that stays although its row is gone can be read by nobody, and [`Sealed::sweep`] finds it.
    pub(crate) async fn remove(&self, ids: Vec<Uuid>) {
        if ids.is_empty() {
            return;
        }
        let removed = self.blocking(move |sealed| {
            match sealed {
                Self::Folder(folder) => ids.iter().for_each(|id| unlink(&folder.join(id.to_string()))),
                Self::Memory(files) => {
                    files.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| !ids.contains(id));
                }
            }
            Ok(())
        });
        // Nothing in it fails.
        _ = removed.await;
    }

    /// Takes a file of another folder in, under the id and the key that it has. It is in both then: whoever reads it meanwhile finds it in one of
    /// them, until the row of the other one is gone. Answers whether it was there.
    pub(crate) async fn share(&self, from: &Self, id: Uuid) -> Result<bool> {
        let from = from.clone();
        self.blocking(move |sealed| match (sealed, &from) {
            (Self::Folder(to), Self::Folder(from)) => {
                let name = id.to_string();
                match link(&from.join(&name), to, id) {
                    Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(true),
                    linked => linked.map(|()| true).map_err(|source| failed(to, source)),
                }
            }
            (Self::Memory(to), Self::Memory(from)) => {
                let found = from.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
                let there = found.is_some();
                to.lock().unwrap_or_else(PoisonError::into_inner).extend(found.map(|content| (id, content)));
                Ok(there)
            }
            _ => Ok(false),
        })
        .await
    }

    /// Takes away whatever no row knows: left behind by a program that ended between a row and its file.
    pub(crate) async fn sweep(&self, known: HashSet<Uuid>) -> Result<()> {
        self.blocking(move |sealed| {
            let Self::Folder(folder) = sealed else { return Ok(()) };
            let entries = match std::fs::read_dir(folder.as_path()) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
                read => read.map_err(|source| failed(folder, source))?,
            };
            for entry in entries.flatten() {
                let id = entry.file_name().to_str().and_then(|name| Uuid::parse_str(name).ok());
                if id.is_none_or(|id| !known.contains(&id)) {
                    unlink(&entry.path());
                }
            }
            Ok(())
        })
        .await
    }

    async fn blocking<T: Send + 'static>(&self, run: impl FnOnce(&Self) -> Result<T> + Send + 'static) -> Result<T> {
        let sealed = self.clone();
        let done = spawn_blocking(move || run(&sealed)).await;
        done.unwrap_or_else(|_| Err(Error::NotAllowed("The program is closing.")))
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Folder(_) => "Folder",
            Self::Memory(_) => "Memory",
        })
    }
}

/// The folder of a database's files: `outbox-files` beside `outbox.db`.
pub(crate) fn folder_of(database: &Path) -> PathBuf {
    let stem = database.file_stem().and_then(|stem| stem.to_str()).unwrap_or("file");
    database.with_file_name(format!("{stem}-files"))
}

/// Moves the files of one database to another name of it. Moving none is no error.
pub(crate) fn move_all(from: &Path, to: &Path) -> Result<()> {
    let (from, to) = (folder_of(from), folder_of(to));
    match std::fs::rename(&from, &to) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(&from, error)),
        _ => Ok(()),
    }
}

/// Takes away all files of a database. Taking away none is no error.
pub(crate) fn remove_all(database: &Path) -> Result<()> {
    let folder = folder_of(database);
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(&folder, error)),
        _ => Ok(()),
    }
}

/// Under its name it is whole or not there.
fn write(folder: &Path, id: Uuid, content: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join(id.to_string());
    let unfinished = path.with_extension(UNFINISHED);
    let written = File::create(&unfinished)
        .and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&unfinished, &path));
    if written.is_err() {
        unlink(&unfinished);
        return written;
    }
    // The name is durable once its folder is. A system on which a folder cannot be opened does that by itself.
    if let Ok(folder) = File::open(folder) {
        folder.sync_all()?;
    }
    Ok(())
}

/// Gives a file a second name, in the folder of another database. Where the disk knows no such thing, it is copied.
fn link(from: &Path, folder: &Path, id: Uuid) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    match std::fs::hard_link(from, folder.join(id.to_string())) {
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists) => {
            write(folder, id, &std::fs::read(from)?)
        }
        linked => linked,
    }
}

fn unlink(path: &Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != ErrorKind::NotFound
    {
        warn!(file = %path.display(), %error, "A file could not be taken away");
    }
}

fn failed(path: &Path, source: std::io::Error) -> Error {
    if matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
        bell::ring(Trouble::Full);
        return Error::DiskFull;
    }
    Error::Io { path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::options::Dice;

    const ONE: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    fn key() -> FileKey {
        FileKey::roll(&Dice::default())
    }

    #[tokio::test]
    async fn a_content_reads_back_with_its_key_and_is_readable_by_nobody_else() {
        let folder = TempDir::new().unwrap();
        let (database, key) = (folder.path().join("outbox.db"), key());
        let sealed = Sealed::beside(&Place::File(database.clone()));

        sealed.put(ONE, &key, b"a picture of a bicycle".to_vec()).await.unwrap();

        assert_eq!(sealed.get(ONE, &key).await.unwrap().unwrap(), b"a picture of a bicycle");
        assert_eq!(sealed.get(ONE, &self::key()).await.unwrap(), None);
        let raw = std::fs::read(folder_of(&database).join(ONE.to_string())).unwrap();
        assert!(!raw.windows(7).any(|window| window == b"bicycle"));
    }

    #[tokio::test]
    async fn a_content_that_was_changed_or_swapped_counts_as_missing() {
        let folder = TempDir::new().unwrap();
        let (database, key) = (folder.path().join("outbox.db"), key());
        let sealed = Sealed::beside(&Place::File(database.clone()));
        sealed.put(ONE, &key, vec![7; 1_000]).await.unwrap();
        let path = folder_of(&database).join(ONE.to_string());

        std::fs::copy(&path, path.with_file_name(OTHER.to_string())).unwrap();
        assert_eq!(sealed.get(OTHER, &key).await.unwrap(), None, "under another name");
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(500).unwrap();
        assert_eq!(sealed.get(ONE, &key).await.unwrap(), None, "cut in half");
        std::fs::remove_file(&path).unwrap();
        assert_eq!(sealed.get(ONE, &key).await.unwrap(), None, "gone");
    }

    #[tokio::test]
    async fn what_no_row_knows_is_swept_away_half_written_files_too() {
        let folder = TempDir::new().unwrap();
        let (database, key) = (folder.path().join("cache.db"), key());
        let sealed = Sealed::beside(&Place::File(database.clone()));
        sealed.sweep(HashSet::new()).await.unwrap();
        sealed.put(ONE, &key, vec![1]).await.unwrap();
        sealed.put(OTHER, &key, vec![2]).await.unwrap();
        std::fs::write(folder_of(&database).join(OTHER.to_string()).with_extension(UNFINISHED), "half").unwrap();

        sealed.sweep(HashSet::from([ONE])).await.unwrap();

        let left: Vec<_> =
            std::fs::read_dir(folder_of(&database)).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(left, [ONE.to_string().as_str()]);
    }

    #[tokio::test]
    async fn a_file_that_another_folder_takes_in_can_be_read_in_one_of_them_at_every_moment_in_memory_too() {
        let folder = TempDir::new().unwrap();
        let places = [Place::File(folder.path().join("a.db")), Place::File(folder.path().join("b.db"))];
        for [from, to] in [places, [Place::Memory, Place::Memory]] {
            let (from, to, key) = (Sealed::beside(&from), Sealed::beside(&to), key());
            from.put(ONE, &key, vec![7]).await.unwrap();

            assert!(to.share(&from, ONE).await.unwrap());
            assert!(to.share(&from, ONE).await.unwrap(), "again, after a program that was killed in between");
            let both = (from.get(ONE, &key).await.unwrap(), to.get(ONE, &key).await.unwrap());
            assert_eq!(both, (Some(vec![7]), Some(vec![7])));
            from.remove(vec![ONE]).await;

            assert_eq!((from.get(ONE, &key).await.unwrap(), to.get(ONE, &key).await.unwrap()), (None, Some(vec![7])));
            assert!(!to.share(&from, OTHER).await.unwrap(), "what is not there cannot be taken in");
        }
    }
}
