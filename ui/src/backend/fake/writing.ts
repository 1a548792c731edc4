// What an agent writes in the fake: texts, now and later, notes, and everything that is a command; and who else is at it.

import type { Action } from "@/bindings/Action";
import type { Claim } from "@/bindings/Claim";
import type { Colleagues } from "@/bindings/Colleagues";
import type { HoldConditions } from "@/bindings/HoldConditions";
import type { Message } from "@/bindings/Message";
import type { Note } from "@/bindings/Note";
import type { Unsent } from "@/bindings/Unsent";
import { CommandError } from "../errors";
import { attempt, diskFull, leaving, neverLeft, notFound, outgoing, refused, unreachable } from "./refusals";
import { makeMessage } from "./threads";
import { WORKSPACE } from "./team";
import type { Later } from "@/bindings/Later";
import type { Reschedule } from "@/bindings/Reschedule";
import { FakeAccounts } from "./accounts";

export class FakeWriting extends FakeAccounts {
  sendMessage(contactId: string, text: string, attachmentIds: string[], messageId: string): Promise<Message> {
    return this.send(contactId, text, attachmentIds, null, messageId);
  }

  protected send(
    contactId: string,
    text: string,
    attachmentIds: string[],
    sendAt: string | null,
    messageId: string | null = null,
  ): Promise<Message> {
    const contact = this.shelf.contact(contactId);
    if (!contact) return Promise.reject(notFound("conversation"));
    const refusal = refused(outgoing(contact, text, attachmentIds.length));
    if (refusal) return Promise.reject(refusal);
    if (this.localCopyNow.diskFull) return Promise.reject(diskFull());
    const message = makeMessage(this.random, contactId, this.clock.now(), {
      who: "me",
      text,
      state: "waiting",
    });
    message.id = messageId ?? message.id;
    message.sendAt = sendAt;
    this.files.send(contact, attachmentIds, message);
    this.shelf.add(message);
    // The engine clears the draft in the same transaction, and what was set for the text.
    contact.draft = null;
    contact.reply = { ...contact.reply, cancelOnReply: false };
    this.colleaguesNow.typing(contact, true);
    this.changed(message);
    this.tellWaiting();
    this.lifecycle.follow(message);
    return Promise.resolve({ ...message });
  }

  sendLater(contactId: string, text: string, attachmentIds: string[], later: Later): Promise<Message> {
    return this.send(contactId, text, attachmentIds, later.sendAt);
  }

  scheduled(contactId: string): Promise<Message[]> {
    const waiting = this.shelf.contact(contactId)?.thread.filter(({ sendAt }) => sendAt !== null) ?? [];
    const byTime = (a: Message, b: Message) => Date.parse(a.sendAt ?? "") - Date.parse(b.sendAt ?? "");
    return Promise.resolve(waiting.map((message) => ({ ...message })).sort(byTime));
  }

  reschedule(messageId: string, change: Reschedule): Promise<void> {
    const message = this.shelf.message(messageId);
    if (!message) return Promise.reject(notFound("message"));
    if (!this.isOnline()) return Promise.reject(unreachable());
    if (message.state !== "scheduled") return Promise.reject(leaving());
    if (change.type === "words") message.content = change.text;
    else {
      message.sendAt = change.type === "at" ? change.sendAt : new Date(this.clock.now()).toISOString();
      this.lifecycle.keep(message);
    }
    this.changed(message);
    return Promise.resolve();
  }

  retry(messageId: string): Promise<void> {
    const message = this.shelf.message(messageId);
    if (!message) return Promise.reject(notFound("message"));
    if (message.failure?.canRetry !== true)
      return Promise.reject(new CommandError("alreadySent", "This text has left already."));
    message.state = "waiting";
    message.failure = null;
    this.changed(message);
    this.lifecycle.follow(message);
    return Promise.resolve();
  }

  discard(messageId: string): Promise<void> {
    const message = this.shelf.message(messageId);
    if (!message) return Promise.reject(notFound("message"));
    if (!neverLeft(message))
      return Promise.reject(new CommandError("alreadySent", "This text has left already."));
    this.shelf.remove(message);
    this.changed(message);
    this.tellWaiting();
    return Promise.resolve();
  }

  async takeBack(messageId: string): Promise<string> {
    const message = this.shelf.message(messageId);
    const contact = message && this.shelf.contact(message.contactId);
    // One that failed on the server stays there, and is begun anew.
    if (message?.state !== "failed") await this.discard(messageId);
    if (!message || !contact) throw notFound("message");
    this.files.takeBack(contact, message);
    contact.draft = [message.content, contact.draft].filter((part) => part).join("\n") || null;
    return contact.draft ?? "";
  }

  callOff(messageId: string): Promise<void> {
    const message = this.shelf.message(messageId);
    if (!message) return Promise.reject(notFound("message"));
    if (this.connectionNow.state !== "live") return Promise.reject(unreachable());
    if (message.state !== "onServer" && message.state !== "scheduled") return Promise.reject(leaving());
    this.lifecycle.stop(message);
    message.state = "canceled";
    message.sendAt = null;
    this.changed(message);
    return Promise.resolve();
  }

  holdConditions(): Promise<HoldConditions> {
    return Promise.resolve({ ...this.hold });
  }

  setHoldConditions(conditions: HoldConditions): Promise<void> {
    this.hold = { ...conditions };
    return Promise.resolve();
  }

  outbox(): Promise<Message[]> {
    return Promise.resolve(this.shelf.here().map((message) => ({ ...message })));
  }

  unsent(): Promise<Unsent> {
    return Promise.resolve({ texts: this.shelf.waiting().length, actions: this.acting.waiting });
  }

  colleagues(): Promise<Colleagues> {
    return Promise.resolve(this.colleaguesNow.value);
  }

  setAway(away: boolean): Promise<void> {
    this.colleaguesNow.setAway(away);
    return Promise.resolve();
  }

  typing(contactId: string, blank: boolean): Promise<void> {
    const contact = this.shelf.contact(contactId);
    if (contact) this.colleaguesNow.typing(contact, blank);
    return Promise.resolve();
  }

  claim(contactId: string): Promise<Claim | null> {
    const contact = this.shelf.contact(contactId);
    return Promise.resolve(contact ? this.colleaguesNow.claim(contact) : null);
  }

  markRead(contactId: string): Promise<void> {
    const contact = this.shelf.contact(contactId);
    if (!contact || contact.unread === 0) return Promise.resolve();
    return this.perform(WORKSPACE, { type: "markRead", contactId, upTo: null });
  }

  perform(workspaceId: string, action: Action): Promise<void> {
    return attempt(() => this.acting.perform(workspaceId, action));
  }

  addNote(contactId: string, content: string): Promise<Note> {
    return attempt(() => this.acting.addNote(contactId, content));
  }

  createLabel(): Promise<string> {
    return attempt(() => this.acting.createLabel());
  }

  dismissTakenBack(commandId: string): Promise<void> {
    return attempt(() => this.acting.dismiss(commandId));
  }
}
