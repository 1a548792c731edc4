//! Lets Tauri check the configuration and generate what the window may do.
fn main() -> anyhow::Result<()> {
    Ok(tauri_build::try_build(
        tauri_build::Attributes::new().capabilities_path_pattern("./src-tauri/capabilities/*.json"),
    )?)
}
