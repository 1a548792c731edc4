//! One command at a time in a folder: two runs would throw away each other's data.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
};

use anyhow::{Context, Result};

use crate::{paths, say::say};

/// Takes a folder, which is made if it is missing, until the answer is dropped. Waits for another command that has it, and says so.
pub(crate) fn claim(folder: &Path) -> Result<File> {
    fs::create_dir_all(folder)?;
    let path = folder.join("lock");
    let file = File::options().create(true).append(true).open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            say!("Waiting for another command of this repository that uses {} …", paths::shown(folder));
            file.lock()?;
            Ok(file)
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}
