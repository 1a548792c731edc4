//! Whether the program on the disk is another one by now than the one that runs: a package manager, an installer or a person has put a newer
//! one there, and it only has to be started.
//!
//! Made by `setup` at the start and asked by the window now and then. Looks at one file; fetches nothing, and asks no host.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The file that this program was started from, as it was then.
#[derive(Debug)]
pub(crate) struct Installed(Option<(PathBuf, Mark)>);

/// What tells one file from the next at the same place.
#[derive(Debug, PartialEq, Eq)]
struct Mark {
    bytes: u64,
    written: Option<SystemTime>,
}

impl Installed {
    pub(crate) fn at_start() -> Self {
        // An AppImage is unpacked to run: what is replaced is the file that the person started.
        let path = env::var_os("APPIMAGE").map(PathBuf::from).or_else(|| env::current_exe().ok());
        Self::of(path)
    }

    fn of(path: Option<PathBuf>) -> Self {
        Self(path.and_then(|path| look(&path).map(|mark| (path, mark))))
    }

    /// While one is being put in place there may be none: that is not said to be ready.
    pub(crate) fn is_replaced(&self) -> bool {
        self.0.as_ref().is_some_and(|(path, then)| look(path).is_some_and(|now| now != *then))
    }
}

fn look(path: &Path) -> Option<Mark> {
    let about = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some(Mark { bytes: about.len(), written: about.modified().ok() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_replaced_is_ready_and_one_that_is_gone_is_not() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("deskline");
        fs::write(&path, "this version").unwrap();
        let installed = Installed::of(Some(path.clone()));
        assert!(!installed.is_replaced());

        fs::remove_file(&path).unwrap();
        assert!(!installed.is_replaced(), "a package manager is at it");
        fs::write(&path, "the next version").unwrap();
        assert!(installed.is_replaced());
        assert!(!Installed::of(None).is_replaced(), "who cannot tell says nothing");
    }
}
