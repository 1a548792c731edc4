//! Where this desktop keeps its things, and what it is called among others on the same machine.
//!
//! Asked once at start. `DESKLINE_DATA_DIR` makes a second desktop beside the first: another folder, another entry in the
//! keychain, another single instance.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::Context;

/// The folder below the platform's data directory, the keychain's service, and the base of the bus name.
pub(crate) const IDENTIFIER: &str = "app.deskline.desktop";

/// The data folder.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    dir: PathBuf,
    is_default: bool,
}

impl Place {
    /// The folder below the data folder with those of further accounts.
    pub(crate) const ACCOUNTS: &str = "accounts";

    /// The folder that `DESKLINE_DATA_DIR` names, else the platform's. It is made if it is missing, readable by its owner alone.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let named = env::var_os("DESKLINE_DATA_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from);
        let is_default = named.is_none();
        let dir = match named {
            Some(dir) => dir,
            None => dirs::data_dir()
                .context("this system names no folder for data: set DESKLINE_DATA_DIR to one")?
                .join(IDENTIFIER),
        };
        let dir = make(&dir).with_context(|| format!("the data folder {} cannot be used", dir.display()))?;
        Ok(Self { dir, is_default })
    }

    /// The folder itself, as an absolute path without links.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether it is the platform's own.
    pub(crate) const fn is_default(&self) -> bool {
        self.is_default
    }

    /// Where an account's files lie: 0 is the folder's own.
    pub(crate) fn of_account(&self, account: u32) -> Self {
        match account {
            0 => self.clone(),
            n => Self { dir: self.dir.join(Self::ACCOUNTS).join(n.to_string()), is_default: false },
        }
    }

    /// Whose entry in the keychain is this desktop's: the folder's path, so that a person who looks can tell them apart.
    pub(crate) fn keychain_user(&self) -> String {
        self.dir.display().to_string()
    }

    /// The name under which a second start finds the first. Two folders are two desktops.
    pub(crate) fn instance(&self) -> String {
        if self.is_default {
            return IDENTIFIER.to_owned();
        }
        format!("{IDENTIFIER}.folder{:016x}", fingerprint(self.dir.as_os_str().as_encoded_bytes()))
    }
}

fn make(dir: &Path) -> std::io::Result<PathBuf> {
    let missing = !dir.exists();
    fs::create_dir_all(dir)?;
    #[cfg(unix)]
    if missing {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    }
    #[cfg(not(unix))]
    let _ = missing;
    fs::canonicalize(dir)
}

/// FNV-1a, 64 bits: the same in every build, and short enough for a name on the bus.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(dir: &str, is_default: bool) -> Place {
        Place { dir: dir.into(), is_default }
    }

    #[test]
    fn two_folders_are_two_instances_and_the_default_has_the_plain_name() {
        let (one, two) = (place("/data/one", false), place("/data/two", false));

        assert_eq!(place("/data/one", true).instance(), "app.deskline.desktop");
        assert_ne!(one.instance(), two.instance());
        assert_ne!(one.keychain_user(), two.keychain_user());
        assert_eq!(one.instance(), place("/data/one", false).instance());
    }

    #[test]
    fn an_instance_is_a_name_that_the_bus_takes() {
        let name = place("/söme where/else", false).instance();

        assert!(name.len() < 200 && name.split('.').all(|part| !part.is_empty()), "{name}");
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '.'), "{name}");
    }

    #[test]
    fn each_account_has_a_folder_and_an_entry_of_its_own() {
        let place = place("/data/one", true);
        let entries = [0, 1, 2].map(|n| place.of_account(n).keychain_user());

        assert_eq!(entries, ["/data/one", "/data/one/accounts/1", "/data/one/accounts/2"]);
    }

    #[test]
    fn the_fingerprint_is_fnv_1a() {
        assert_eq!(fingerprint(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
