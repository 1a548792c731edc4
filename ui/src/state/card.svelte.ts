// What stands beside the open conversation: files and notes from this machine, and who opted out, which the server knows. Asked for
// while the panel is unfolded, and not before.

import type { Backend } from "@/backend/backend";
import type { Consent } from "@/bindings/Consent";
import type { ContactCard } from "@/bindings/ContactCard";
import type { ContactId } from "@/bindings/ContactId";
import type { FoundContact } from "@/bindings/FoundContact";
import { failingFrom, type Failing } from "./failing";
import { Gather } from "./gather";

export class CardController {
  card = $state.raw<ContactCard | null>(null);
  /** `null` while it is not known. */
  consents = $state.raw<readonly Consent[] | null>(null);
  /** Why that is so. */
  failure = $state.raw<Failing | null>(null);
  #shown = false;
  #backend: Backend;
  #contactId: ContactId;
  #asking = new Gather<"card">(() => this.#ask());

  constructor(backend: Backend, contactId: ContactId) {
    this.#backend = backend;
    this.#contactId = contactId;
  }

  /** The panel is unfolded. */
  show(): Promise<void> {
    this.#shown = true;
    return this.refresh();
  }

  hide(): void {
    this.#shown = false;
  }

  /** Something changed. */
  refresh(): Promise<void> {
    return this.#shown ? this.#asking.add(["card"]) : Promise.resolve();
  }

  async loadConsents(): Promise<void> {
    this.failure = null;
    try {
      this.consents = await this.#backend.consents(this.#contactId);
    } catch (thrown) {
      this.failure = failingFrom(thrown);
    }
  }

  /** No more texts to them, or texts again. */
  async decide(what: "out" | "in", reason: string): Promise<void> {
    this.failure = null;
    try {
      await (what === "out"
        ? this.#backend.optOut(this.#contactId, reason)
        : this.#backend.optIn(this.#contactId, reason));
    } catch (thrown) {
      this.failure = failingFrom(thrown);
      return;
    }
    await this.loadConsents();
  }

  /** Whom this contact could be one person with: by name or number, and never itself. */
  async others(typed: string): Promise<readonly FoundContact[]> {
    if (typed.trim() === "") return [];
    const query = { text: typed, workspaceId: null, utcOffset: 0, page: null, limit: 1 };
    const { contacts } = await this.#backend.search(query).catch(() => ({ contacts: [] }));
    return contacts.filter(({ contactId }) => contactId !== this.#contactId);
  }

  async #ask(): Promise<void> {
    this.card = await this.#backend.contactCard(this.#contactId).catch(() => this.card);
  }
}
