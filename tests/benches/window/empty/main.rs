//! A window of Tauri's with a few words in it and nothing else: what the window of Deskline is compared with.
//!
//! Built and run by `cargo xtask bench window`.

fn main() -> tauri::Result<()> {
    tauri::Builder::default().run(tauri::generate_context!("tests/benches/window/empty/tauri.conf.json"))
}
