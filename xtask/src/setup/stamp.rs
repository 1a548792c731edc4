//! Remembers that something was done for a certain state of certain files, so that it is not done again.
//!
//! Stamps lie in `target/stamps`: throwing them away costs time, nothing else.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::paths;

/// Folders that hold what was made from the sources beside them.
const MADE: [&str; 3] = ["node_modules", "dist", "build"];

/// A state of some files, and the place where the last one is noted.
pub(crate) struct Stamp {
    file: PathBuf,
    state: String,
}

impl Stamp {
    /// The present content of `sources`: files, or folders with everything in them. What is missing counts as empty.
    pub(crate) fn of(name: &str, sources: &[PathBuf]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        for source in sources {
            add(source, &mut hasher)?;
        }
        Ok(Self { file: paths::target().join("stamps").join(name), state: format!("{:016x}", hasher.finish()) })
    }

    /// Whether the files are as they were when [`Stamp::set`] was called last.
    pub(crate) fn is_set(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|noted| noted == self.state)
    }

    /// Notes that it is done for this state.
    pub(crate) fn set(&self) -> Result<()> {
        fs::create_dir_all(paths::target().join("stamps"))?;
        fs::write(&self.file, &self.state).with_context(|| format!("cannot write {}", self.file.display()))
    }
}

fn add(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if path.is_dir() {
        for entry in sorted(path)? {
            if !entry.file_name().is_some_and(|name| MADE.iter().any(|made| name == *made)) {
                add(&entry, hasher)?;
            }
        }
    } else if path.is_file() {
        path.strip_prefix(paths::root()).unwrap_or(path).hash(hasher);
        fs::read(path).with_context(|| format!("cannot read {}", path.display()))?.hash(hasher);
    }
    Ok(())
}

/// What a folder holds, in an order that does not change.
fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}
