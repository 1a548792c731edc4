//! Databases as they lie on the disk: each with its write-ahead log, under its own name or under the one that says why it was set aside.
//!
//! Called by [`super`], by `files` and by the backup of the outbox. Never opens one.

use std::path::{Path, PathBuf};

use super::Place;
use crate::{Result, error::Error};

/// Why a file was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// Not ours, damaged, or encrypted with another key: found when it was opened.
    Unreadable,
    /// Damaged: found later.
    Damaged,
    /// Written by a newer version of this program.
    Newer,
}

impl Unusable {
    /// As it stands in the name of a file.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Unreadable => "could-not-be-opened",
            Self::Damaged => "was-damaged",
            Self::Newer => "from-a-newer-version",
        }
    }
}

/// A file that was set aside.
#[derive(Clone, Debug)]
pub(crate) struct Aside {
    pub(crate) path: PathBuf,
    pub(crate) why: Unusable,
}

/// An open file, to tell whether it is still the one under its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    path: PathBuf,
    file: Option<FileId>,
}

#[cfg(unix)]
type FileId = (u64, u64);
/// A file that is open cannot be removed or replaced on this system.
#[cfg(not(unix))]
type FileId = ();

impl Seat {
    /// Of a file that was just opened; `None` for one that lives in memory.
    pub(crate) fn of(place: &Place) -> Option<Self> {
        let Place::File(path) = place else { return None };
        Some(Self { path: path.clone(), file: file_id(path) })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether what is open would be found again.
    pub(crate) fn is_taken(&self) -> bool {
        file_id(&self.path) == self.file
    }
}

#[cfg(unix)]
fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn file_id(path: &Path) -> Option<FileId> {
    path.exists().then_some(())
}

/// Extension of the mark beside a file that was set aside, while nobody has taken out of it what can be read.
pub(super) const UNREAD: &str = "unread";

/// What [`set_aside`] made of this file and nobody has read yet, newest first. The files themselves may be gone.
pub(crate) fn unread(path: &Path) -> Vec<PathBuf> {
    let mut found = beside(path, UNREAD);
    found.reverse();
    found.iter().map(|mark| mark.with_extension("db")).collect()
}

/// What could be read of a file that was set aside is elsewhere by now.
pub(crate) fn was_read(aside: &Path) -> Result<()> {
    remove(&aside.with_extension(UNREAD))
}

/// Every file that [`set_aside`] made of this one, oldest first.
pub(crate) fn set_aside_before(path: &Path) -> Vec<PathBuf> {
    beside(path, "db")
}

fn beside(path: &Path, kind: &str) -> Vec<PathBuf> {
    let begins = [Unusable::Unreadable, Unusable::Damaged, Unusable::Newer]
        .map(|why| format!("{}-{}-", stem(path), why.words()));
    let mut found: Vec<PathBuf> = path
        .parent()
        .and_then(|folder| std::fs::read_dir(folder).ok())
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.extension().is_some_and(|extension| extension == kind))
        .filter(|file| begins.iter().any(|begin| stem(file).starts_with(begin)))
        .collect();
    found.sort();
    found
}

pub(super) fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("file")
}

/// Renames a database with its write-ahead log.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        match std::fs::rename(with_suffix(from, suffix), with_suffix(to, suffix)) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound || suffix.is_empty() => {
                return Err(Error::Io { path: from.display().to_string(), source });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Removes a database with its write-ahead log. Removing nothing is no error.
pub(crate) fn remove(path: &Path) -> Result<()> {
    // The log first: what is left if this stops half-way is a database, not a log without one.
    for suffix in ["-wal", "-shm", ""] {
        match std::fs::remove_file(with_suffix(path, suffix)) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::Io { path: path.display().to_string(), source });
            }
            _ => {}
        }
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
