// The engine in the same process, reached over Tauri commands (src-tauri/src/commands), and one bell that says when there is something to
// take (src-tauri/src/bridge.rs).

import { convertFileSrc, invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { AccountView } from "@/bindings/AccountView";
import type { Attachment } from "@/bindings/Attachment";
import type { Audit } from "@/bindings/Audit";
import type { Claim } from "@/bindings/Claim";
import type { ClientEvent } from "@/bindings/ClientEvent";
import type { Colleagues } from "@/bindings/Colleagues";
import type { Connection } from "@/bindings/Connection";
import type { Consent } from "@/bindings/Consent";
import type { ContactCard } from "@/bindings/ContactCard";
import type { Conversation } from "@/bindings/Conversation";
import type { ConversationPage } from "@/bindings/ConversationPage";
import type { Counts } from "@/bindings/Counts";
import type { DesktopSettings } from "@/bindings/DesktopSettings";
import type { DirectWork } from "@/bindings/DirectWork";
import type { FilledReply } from "@/bindings/FilledReply";
import type { HistoryLine } from "@/bindings/HistoryLine";
import type { HoldConditions } from "@/bindings/HoldConditions";
import type { LocalCopy } from "@/bindings/LocalCopy";
import type { SearchPage } from "@/bindings/SearchPage";
import type { LedgerLine } from "@/bindings/LedgerLine";
import type { LabelId } from "@/bindings/LabelId";
import type { MediaView } from "@/bindings/MediaView";
import type { Message } from "@/bindings/Message";
import type { MessagePage } from "@/bindings/MessagePage";
import type { NetworkSettings } from "@/bindings/NetworkSettings";
import type { Note } from "@/bindings/Note";
import type { Outlook } from "@/bindings/Outlook";
import type { NotificationSettings } from "@/bindings/NotificationSettings";
import type { Session } from "@/bindings/Session";
import type { Storage } from "@/bindings/Storage";
import type { TakenBack } from "@/bindings/TakenBack";
import type { Team } from "@/bindings/Team";
import type { Unsent } from "@/bindings/Unsent";
import type { Backend, NamedFile } from "./backend";
import { toCommandError } from "./errors";
import { tauriAdmin } from "./tauri-admin";

async function command<Answer>(name: string, given: Record<string, unknown> = {}): Promise<Answer> {
  try {
    return await invoke<Answer>(name, given);
  } catch (thrown) {
    throw toCommandError(thrown);
  }
}

/** The protocol of src-tauri/src/media.rs. */
const media = (path: string) => convertFileSrc(path, "deskline-media").replaceAll("%2F", "/");

/** The bytes are the body as they are; as JSON they would be several times as many. */
async function attach(contactId: string, { name, type, content }: NamedFile): Promise<Attachment> {
  try {
    const about = new URLSearchParams({ contactId, name, contentType: type }).toString();
    return await invoke<Attachment>("attach", await content.arrayBuffer(), { headers: { about } });
  } catch (thrown) {
    throw toCommandError(thrown);
  }
}

export function tauriBackend(): Backend {
  return {
    session: () => command<Session>("session"),
    signIn: (request) => command<Session>("sign_in", { request }),
    signOut: () => command("sign_out"),
    changePassword: (current, next) => command("change_password", { current, next }),
    accounts: () => command<AccountView[]>("accounts"),
    switchAccount: (id) => command("switch_account", { id }),
    addAccount: () => command("add_account"),
    leaveAccount: () => command("leave_account"),
    connection: () => command<Connection>("connection"),
    audit: () => command<Audit | null>("audit"),
    localCopy: () => command<LocalCopy>("local_copy"),
    dismissNotice: (id) => command("dismiss_notice", { id }),
    conversations: (query) => command<ConversationPage>("conversations", { query }),
    conversation: (contactId) => command<Conversation>("conversation", { contactId }),
    messages: (query) => command<MessagePage>("messages", { query }),
    messagesAround: (id, limit) => command<MessagePage>("messages_around", { id, limit }),
    message: (messageId) => command<Message>("message", { messageId }),
    search: (query) => command<SearchPage>("search", { query }),
    note: (noteId) => command<Note>("note", { noteId }),
    team: (workspaceId) => command<Team>("team", { workspaceId }),
    unreadCount: () => command<number>("unread_count"),
    sendMessage: (contactId, text, attachmentIds, messageId) =>
      command<Message>("send_message", { contactId, text, attachmentIds, messageId }),
    sendLater: (contactId, text, attachmentIds, later) =>
      command<Message>("send_later", { contactId, text, attachmentIds, later }),
    scheduled: (contactId) => command<Message[]>("scheduled", { contactId }),
    reschedule: (messageId, change) => command("reschedule", { messageId, change }),
    retry: (messageId) => command("retry", { messageId }),
    discard: (messageId) => command("discard", { messageId }),
    takeBack: (messageId) => command<string>("take_back", { messageId }),
    callOff: (messageId) => command("call_off", { messageId }),
    markRead: (contactId) => command("mark_read", { contactId }),
    saveDraft: (contactId, text) => command("save_draft", { contactId, text }),
    saveReply: (contactId, reply) => command("save_reply", { contactId, reply }),
    attach,
    attachClipboard: (contactId) => command<Attachment | null>("attach_clipboard", { contactId }),
    detach: (attachmentId) => command("detach", { attachmentId }),
    loadPicture: (messageId, place) => command<MediaView>("load_picture", { messageId, place }),
    pictureUrl: (messageId, place, size) => media(`message/${messageId}/${place}/${size}`),
    attachmentUrl: (attachmentId) => media(`attachment/${attachmentId}/small`),
    saveFile: (messageId, place) => command<string>("save_file", { messageId, place }),
    perform: (workspaceId, action) => command("perform", { workspaceId, action }),
    addNote: (contactId, content, mentions) => command<Note>("add_note", { contactId, content, mentions }),
    createLabel: (workspaceId, name, color) => command<LabelId>("create_label", { workspaceId, name, color }),
    takenBack: () => command<TakenBack[]>("taken_back"),
    dismissTakenBack: (commandId) => command("dismiss_taken_back", { commandId }),
    holdConditions: () => command<HoldConditions>("hold_conditions"),
    setHoldConditions: (conditions) => command("set_hold_conditions", { conditions }),
    outbox: () => command<Message[]>("outbox"),
    unsent: () => command<Unsent>("unsent"),
    colleagues: () => command<Colleagues>("colleagues"),
    setAway: (away) => command("set_away", { away }),
    typing: (contactId, blank) => command("typing", { contactId, blank }),
    claim: (contactId) => command<Claim | null>("claim", { contactId }),
    fillReply: (contactId, replyId) => command<FilledReply>("fill_reply", { contactId, replyId }),
    counts: (workspaceId) => command<Counts>("counts", { workspaceId }),
    contactCard: (contactId) => command<ContactCard>("contact_card", { contactId }),
    consents: (contactId) => command<Consent[]>("consents", { contactId }),
    history: (contactId) => command<HistoryLine[]>("history", { contactId }),
    optOut: (contactId, reason) => command("opt_out", { contactId, reason }),
    optIn: (contactId, reason) => command("opt_in", { contactId, reason }),
    ledger: (messageId) => command<LedgerLine[]>("ledger", { messageId }),
    fetchFilesAgain: (messageId) => command("fetch_files_again", { messageId }),
    outlook: (contactId, text) => command<Outlook>("outlook", { contactId, text }),
    setFocus: (focus) => command("set_focus", { focus }),
    notificationSettings: () => command<NotificationSettings>("notification_settings"),
    setNotificationSettings: (settings) => command("set_notification_settings", { settings }),
    setMuted: (contactId, muted) => command("set_muted", { contactId, muted }),
    desktopSettings: () => command<DesktopSettings>("desktop_settings"),
    setDesktopSettings: (settings) => command("set_desktop_settings", { settings }),
    updateReady: () => command<boolean>("update_ready"),
    restart: () => command("restart"),
    networkSettings: () => command<NetworkSettings>("network_settings"),
    setNetworkSettings: (wish) => command("set_network_settings", { wish }),
    storage: () => command<Storage>("storage"),
    rebuild: () => command("rebuild"),
    admin: tauriAdmin(command),
    direct: {
      directWork: () => command<DirectWork>("direct_work"),
      enterTwilio: (login) => command<DirectWork>("enter_twilio", { login }),
      forgetTwilio: (accountSid) => command<DirectWork>("forget_twilio", { accountSid }),
    },
    diagnostics: () => command<string>("diagnostics"),
    onEvent: async (handler) => {
      const take = async () => {
        for (const event of await command<ClientEvent[]>("take_events")) handler(event);
      };
      // One after the other: what happened first is told first.
      let taken = Promise.resolve();
      await listen("client-event", () => {
        taken = taken.then(take, take);
      });
    },
    uiReady: () => command("ui_ready"),
    now: () => Date.now(),
  };
}
