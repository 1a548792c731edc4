//! Builds the crate again when a migration is added: `sqlx::migrate!` looks at the folder only while compiling.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
