//! What the display shows.

use std::collections::HashSet;

use x11rb::{
    connection::Connection as _,
    protocol::xproto::{ConnectionExt as _, ImageFormat},
    rust_connection::RustConnection,
};

/// So many colours has a line of text, whose letters have soft edges. A placeholder of one colour, its frame and the ground have a few.
const COLOURS_OF_TEXT: usize = 16;

/// A part of the display: left, top, width and height in pixels.
pub(crate) type Part = (i16, i16, u16, u16);

/// The display, to look at.
pub(crate) struct Screen {
    display: RustConnection,
    root: u32,
}

impl Screen {
    /// Opens it.
    pub(crate) fn open() -> Self {
        let (display, screen) = x11rb::connect(None).expect("DISPLAY names a display");
        let root = display.setup().roots[screen].root;
        Self { display, root }
    }

    /// Whether there is text in a part of it.
    pub(crate) fn has_text_in(&self, (left, top, width, height): Part) -> bool {
        let image = self.display.get_image(ImageFormat::Z_PIXMAP, self.root, left, top, width, height, u32::MAX);
        let image = image.expect("the display can be asked").reply().expect("the display answers");
        let colours: HashSet<&[u8]> = image.data.chunks_exact(4).map(|pixel| &pixel[..3]).collect();
        colours.len() >= COLOURS_OF_TEXT
    }
}
