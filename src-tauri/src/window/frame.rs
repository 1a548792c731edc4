//! Where the window was and how large, kept in the data folder from one start to the next.
//!
//! Written when the window is closed or the app quits. A file that cannot be read counts as none.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};
use tauri::{PhysicalPosition, PhysicalSize, Runtime, WebviewWindow};

/// The file in the data folder.
const FILE: &str = "window.json";

/// In physical pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Frame {
    x: i32,
    y: i32,
    width: u32,
    height: u32,
    maximized: bool,
}

/// A screen.
#[derive(Clone, Copy, Debug)]
struct Screen {
    x: i32,
    y: i32,
    width: u32,
    height: u32,
}

/// Puts the window where it was. A place that no screen shows any more is left to the system.
pub(super) fn put_back<R: Runtime>(window: &WebviewWindow<R>, data_dir: &Path) -> tauri::Result<()> {
    let Some(frame) = read(data_dir) else { return Ok(()) };
    window.set_size(PhysicalSize::new(frame.width, frame.height))?;
    let screens: Vec<Screen> = window
        .available_monitors()?
        .iter()
        .map(|monitor| Screen {
            x: monitor.position().x,
            y: monitor.position().y,
            width: monitor.size().width,
            height: monitor.size().height,
        })
        .collect();
    if frame.can_be_reached(&screens) {
        window.set_position(PhysicalPosition::new(frame.x, frame.y))?;
    }
    if frame.maximized { window.maximize() } else { Ok(()) }
}

/// Remembers where the window is. Of a maximized one, the size from before is kept.
pub(super) fn keep<R: Runtime>(window: &WebviewWindow<R>, data_dir: &Path) -> anyhow::Result<()> {
    if window.is_minimized()? {
        return Ok(());
    }
    let now = Frame {
        x: window.outer_position()?.x,
        y: window.outer_position()?.y,
        width: window.inner_size()?.width,
        height: window.inner_size()?.height,
        maximized: window.is_maximized()?,
    };
    let frame = match read(data_dir) {
        Some(before) if now.maximized => Frame { maximized: true, ..before },
        _ => now,
    };
    Ok(write(data_dir, frame)?)
}

fn read(data_dir: &Path) -> Option<Frame> {
    serde_json::from_slice(&fs::read(data_dir.join(FILE)).ok()?).ok()
}

fn write(data_dir: &Path, frame: Frame) -> io::Result<()> {
    // Whole or not at all: a file that was cut short would be read as none.
    let unfinished = data_dir.join("window.json.new");
    fs::write(&unfinished, serde_json::to_vec(&frame)?)?;
    fs::rename(unfinished, data_dir.join(FILE))
}

impl Frame {
    /// Whether enough of its title lies on a screen to be dragged by.
    fn can_be_reached(self, screens: &[Screen]) -> bool {
        const ENOUGH: i64 = 80;
        screens.iter().any(|screen| {
            let left = i64::from(self.x).max(i64::from(screen.x));
            let right = (i64::from(self.x) + i64::from(self.width)).min(i64::from(screen.x) + i64::from(screen.width));
            let top = i64::from(self.y) - i64::from(screen.y);
            right - left >= ENOUGH && (0..i64::from(screen.height) - ENOUGH).contains(&top)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { x: 40, y: 30, width: 900, height: 600, maximized: false };
    const LEFT: Screen = Screen { x: -1920, y: 0, width: 1920, height: 1080 };
    const MAIN: Screen = Screen { x: 0, y: 0, width: 1400, height: 900 };

    #[test]
    fn a_frame_reads_back_and_rubbish_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()), None);

        write(folder.path(), FRAME).unwrap();
        assert_eq!(read(folder.path()), Some(FRAME));

        fs::write(folder.path().join(FILE), "{").unwrap();
        assert_eq!(read(folder.path()), None);
    }

    #[test]
    fn a_window_of_a_screen_that_is_gone_is_not_put_back_out_of_reach() {
        let on_the_left = Frame { x: -1500, ..FRAME };

        assert!(FRAME.can_be_reached(&[MAIN]));
        assert!(on_the_left.can_be_reached(&[MAIN, LEFT]));
        assert!(!on_the_left.can_be_reached(&[MAIN]));
        assert!(!Frame { y: -200, ..FRAME }.can_be_reached(&[MAIN]));
        assert!(!Frame { y: 890, ..FRAME }.can_be_reached(&[MAIN]));
        assert!(!FRAME.can_be_reached(&[]));
    }
}
