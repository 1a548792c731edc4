//! What the window can call. Each command asks the engine and hands on what it says: three lines, no decision.
//!
//! A new command is added in three places: its function here, the list below, and `src-tauri/permissions/commands.toml`.

mod accounts;
mod admin;
mod conversations;
mod desktop;
mod direct;
mod files;
mod messages;
mod network;
mod notifications;
mod presence;
mod search;
mod session;
mod team;

use tauri::{Wry, ipc::Invoke};

/// All commands.
pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        accounts::accounts,
        accounts::switch_account,
        accounts::add_account,
        accounts::leave_account,
        admin::members,
        admin::add_member,
        admin::change_role,
        admin::remove_member,
        admin::allow_direct,
        admin::twilio,
        admin::connect_twilio,
        admin::change_sending,
        admin::webhooks,
        admin::point_webhooks,
        admin::dead_letters,
        admin::take_dead_letter,
        admin::opt_outs,
        admin::retention,
        admin::set_retention,
        admin::import_contacts,
        admin::export_team,
        direct::direct_work,
        direct::enter_twilio,
        direct::forget_twilio,
        session::session,
        session::sign_in,
        session::sign_out,
        session::change_password,
        session::connection,
        session::audit,
        session::local_copy,
        session::dismiss_notice,
        session::ui_ready,
        session::take_events,
        session::set_focus,
        conversations::conversations,
        conversations::conversation,
        conversations::unread_count,
        conversations::counts,
        conversations::contact_card,
        conversations::consents,
        conversations::history,
        conversations::opt_out,
        conversations::opt_in,
        conversations::mark_read,
        conversations::save_draft,
        conversations::save_reply,
        files::attach,
        files::attach_clipboard,
        files::detach,
        files::load_picture,
        files::save_file,
        messages::messages,
        messages::messages_around,
        messages::message,
        messages::send_message,
        messages::send_later,
        messages::scheduled,
        messages::reschedule,
        messages::retry,
        messages::discard,
        messages::take_back,
        messages::call_off,
        messages::hold_conditions,
        messages::set_hold_conditions,
        messages::outbox,
        messages::unsent,
        messages::outlook,
        messages::fill_reply,
        messages::ledger,
        messages::fetch_files_again,
        presence::colleagues,
        presence::set_away,
        presence::typing,
        presence::claim,
        search::search,
        notifications::notification_settings,
        notifications::set_notification_settings,
        notifications::set_muted,
        desktop::desktop_settings,
        desktop::set_desktop_settings,
        desktop::update_ready,
        desktop::restart,
        desktop::diagnostics,
        desktop::storage,
        desktop::rebuild,
        network::network_settings,
        network::set_network_settings,
        team::team,
        team::note,
        team::perform,
        team::add_note,
        team::create_label,
        team::create_canned_reply,
        team::taken_back,
        team::dismiss_taken_back,
    ]
}
