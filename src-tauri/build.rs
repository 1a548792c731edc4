//! Lets Tauri check the configuration, and generate what the window may do.
//!
//! The window's files come from `ui/dist`, which `npm run build` in `ui/` makes and which is not in the repository.

use std::path::Path;

fn main() -> anyhow::Result<()> {
    // Tauri looks at them, and does not say that it did.
    println!("cargo::rerun-if-changed=src-tauri/permissions");
    anyhow::ensure!(
        Path::new("ui/dist/index.html").exists(),
        "the window is not built: run `npm ci && npm run build` in ui/ (or `cargo xtask setup`), then build again",
    );
    tauri_build::try_build(
        tauri_build::Attributes::new()
            .capabilities_path_pattern("./src-tauri/capabilities/*.json")
            .app_manifest(tauri_build::AppManifest::new().permissions_path_pattern("./src-tauri/permissions/*.toml")),
    )
}
