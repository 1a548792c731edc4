//! What the window can call. Each command asks the engine and hands on what it says: three lines, no decision.
//!
//! A new command is added in three places: its function here, the list below, and `src-tauri/permissions/commands.toml`.

mod conversations;
mod files;
mod messages;
mod search;
mod session;
mod team;

use tauri::{Runtime, ipc::Invoke};

/// All commands.
pub(crate) fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        session::session,
        session::sign_in,
        session::sign_out,
        session::connection,
        session::audit,
        session::local_copy,
        session::dismiss_notice,
        session::ui_ready,
        session::set_focus,
        conversations::conversations,
        conversations::conversation,
        conversations::unread_count,
        conversations::mark_read,
        conversations::save_draft,
        files::attach,
        files::attach_clipboard,
        files::detach,
        files::load_picture,
        files::save_file,
        messages::messages,
        messages::messages_around,
        messages::message,
        messages::send_message,
        messages::retry,
        messages::discard,
        messages::take_back,
        messages::measure,
        search::search,
        team::team,
        team::note,
        team::perform,
        team::add_note,
        team::create_label,
        team::taken_back,
        team::dismiss_taken_back,
    ]
}
