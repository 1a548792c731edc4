//! Saves a file where the system keeps downloads, over no other one.
//!
//! Called when the agent asks for it. What is saved is readable by every program of the agent, as any download.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

/// Further files of the same name are given up after so many.
const MOST: u32 = 1_000;

/// Saves it; answers where. An error comes with the path that failed.
pub(crate) fn save(name: &str, content: &[u8]) -> Result<PathBuf, (String, io::Error)> {
    let folder = dirs::download_dir().or_else(dirs::home_dir).unwrap_or_default();
    save_in(&folder, name, content).map_err(|error| (folder.display().to_string(), error))
}

fn save_in(folder: &Path, name: &str, content: &[u8]) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let name = plain(name);
    let (stem, ending) =
        name.rsplit_once('.').map_or((name.as_str(), String::new()), |(stem, ending)| (stem, format!(".{ending}")));
    for n in 1..=MOST {
        let path = folder.join(if n == 1 { name.clone() } else { format!("{stem} ({n}){ending}") });
        match File::create_new(&path) {
            Ok(mut file) => {
                if let Err(error) = file.write_all(content) {
                    drop(file);
                    _ = std::fs::remove_file(&path);
                    return Err(error);
                }
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// A name that every system takes, and that hides no file.
fn plain(name: &str) -> String {
    let replaced: String = name
        .chars()
        .map(|character| if character.is_control() || "/\\<>:\"|?*".contains(character) { '_' } else { character })
        .collect();
    let trimmed = replaced.trim().trim_start_matches('.').trim_end_matches(['.', ' ']);
    if trimmed.is_empty() { "file".to_owned() } else { trimmed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_saved_over_no_other_one() {
        let folder = tempfile::TempDir::new().unwrap();
        let names: Vec<_> = (0..3)
            .map(|n| save_in(folder.path(), "photo.jpg", &[n]).unwrap().file_name().unwrap().to_owned())
            .collect();

        assert_eq!(names, ["photo.jpg", "photo (2).jpg", "photo (3).jpg"]);
        assert_eq!(std::fs::read(folder.path().join("photo.jpg")).unwrap(), [0]);
    }

    #[test]
    fn no_name_leads_out_of_the_folder_or_hides_the_file() {
        for (name, expected) in [
            ("../../.bashrc", "_.._.bashrc"),
            (".profile", "profile"),
            ("a:b?.txt", "a_b_.txt"),
            ("...", "file"),
            ("Grüße.pdf", "Grüße.pdf"),
        ] {
            assert_eq!(plain(name), expected);
        }
    }
}
