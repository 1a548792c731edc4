//! `cargo xtask package`: what people install. On Linux a Debian package, elsewhere what the platform's installers are.
//!
//! Tauri's own bundler does it, from the npm registry and pinned here. An AppImage needs tools that the bundler fetches from the
//! network by itself, so it is made only when asked for.

use anyhow::Result;

use crate::{paths, process, say::say, setup};

/// Pinned: another version may bundle differently.
const BUNDLER: &str = "@tauri-apps/cli@2.12.5";

/// Builds in release and bundles. `bundles` are the bundler's own words, such as `deb` or `appimage`.
pub(crate) fn run(bundles: &[String]) -> Result<()> {
    setup::machine()?;
    setup::built_ui()?;
    let chosen = if bundles.is_empty() { default_bundles() } else { bundles.join(",") };
    let log = paths::logs().join("package.log");
    let _ = std::fs::remove_file(&log);
    say!("Building in release and bundling {chosen}; this takes a while …");
    let mut command = setup::npm(&paths::root(), &["exec", "--yes", "--package", BUNDLER, "--", "tauri", "build"]);
    command.args(["--ci", "--bundles", &chosen]);
    process::run("tauri build", &mut command, &log)?;
    say!("The packages lie in {}", paths::shown(&paths::target().join("release/bundle")));
    Ok(())
}

fn default_bundles() -> String {
    let bundles = match std::env::consts::OS {
        "linux" => "deb",
        "macos" => "app,dmg",
        _ => "nsis",
    };
    bundles.to_owned()
}
