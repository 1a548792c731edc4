//! Whether the disk of the data folder has room.
//!
//! Asked after a write failed for want of it, and until there is some again: SQLite may find room in what its files hold
//! already, and would then say that all is well one statement before the next failure.

use std::{
    fs::File,
    io::{ErrorKind, Write},
    path::Path,
};

/// As much as the next few texts and pages need.
const ENOUGH: usize = 512 * 1024;

/// Tries it, with a file that is gone again when this returns. A folder that cannot be written for another reason has room.
pub(crate) fn is_there(dir: &Path) -> bool {
    let path = dir.join("room");
    let tried = File::create(&path).and_then(|mut file| {
        file.write_all(&vec![0; ENOUGH])?;
        file.sync_all()
    });
    // A file that could not be made need not be removed.
    _ = std::fs::remove_file(&path);
    !matches!(tried, Err(error) if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
}
