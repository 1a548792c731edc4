// What the desk hears from the engine, and what is asked for again because of it. The one place where events are handled.
//
// Called by the desk, with every event. An event is a hint: it says what changed, and never what it is now. What is not on screen is
// not asked for.

import type { Backend } from "@/backend/backend";
import type { ClientEvent } from "@/bindings/ClientEvent";
import type { ContactId } from "@/bindings/ContactId";
import type { MessageId } from "@/bindings/MessageId";
import { t } from "@/lib/words";
import type { Desk } from "./desk.svelte";

/** Resolves when what is on screen is true again. */
export async function hear(desk: Desk, backend: Backend, event: ClientEvent): Promise<void> {
  const { open } = desk;
  const thread = open?.thread;
  switch (event.type) {
    case "conversationsChanged":
      void desk.counts.refresh();
      void desk.setup?.conversationsChanged();
      await Promise.all([
        desk.list.refresh(event.contactIds),
        thread !== undefined &&
          event.contactIds.includes(thread.contactId) &&
          Promise.all([thread.refreshConversation(), open?.composer.look()]),
      ]);
      desk.reading.markRead();
      return;
    case "messagesChanged":
      void desk.setup?.messagesChanged(event.messageIds);
      if (thread?.contactId !== event.contactId) return;
      await Promise.all([
        thread.refresh(event.messageIds),
        open?.composer.refreshClaim(),
        open?.card.refresh(),
        open?.later.refresh(),
      ]);
      return;
    case "colleaguesChanged":
      await Promise.all([desk.colleagues.load(), open?.composer.refreshClaim()]);
      return;
    case "draftChanged":
      await desk.reading.adoptDraft(event.contactId);
      return;
    case "received":
      if (thread?.contactId === event.contactId)
        await thread.received(event.messageIds, desk.reading.windowFocused);
      await announce(desk, backend, event.contactId, event.messageIds);
      return;
    case "searchIndexing":
      await desk.search.tellIndexing(event.indexing);
      return;
    case "notesChanged":
      if (thread?.contactId === event.contactId)
        await Promise.all([thread.refreshNotes(event.noteIds), open?.card.refresh()]);
      return;
    case "teamChanged":
      await desk.teams.load(event.workspaceId);
      return;
    case "takenBackChanged":
      await desk.standing.loadTakenBack();
      return;
    case "unreadChanged":
      desk.list.tellUnread(event.total);
      return;
    case "notificationSettingsChanged":
      await desk.settings.loadNotifications();
      return;
    case "auditChanged":
      await desk.standing.loadAudit();
      return;
    case "localCopyChanged":
      await desk.standing.loadLocalCopy();
      return;
    case "connectionChanged":
      desk.connection.tell(event.connection);
      if (event.connection.state === "live") desk.pictures.reached();
      return;
    case "accountSwitched":
      // At once: a thread that is asked for next is the new account's.
      desk.forget();
      desk.session.value = null;
      await desk.loadAll();
      return;
    case "accountsChanged":
      await desk.loadAccounts();
      return;
    case "sessionChanged":
    case "reload":
      await desk.loadAll();
      return;
    case "openConversation":
      desk.openConversation(event.contactId);
  }
}

/** Tells the newest of them to whoever listens to the window. */
async function announce(
  desk: Desk,
  backend: Backend,
  contactId: ContactId,
  messageIds: readonly MessageId[],
): Promise<void> {
  const newest = messageIds[messageIds.length - 1];
  if (newest === undefined) return;
  try {
    const [conversation, message] = await Promise.all([
      backend.conversation(contactId),
      backend.message(newest),
    ]);
    desk.announcement = t("thread.received", conversation.name, message.content || t("list.media"));
  } catch {
    // The text is gone already: nothing to tell.
  }
}
