// Pictures and files of texts: fetched when they come into sight, tried again when asked to, saved.
//
// One for the whole window: a picture that was here once is shown at once when its thread is opened again. Knows addresses and
// sentences, never bytes.

import { SvelteMap } from "svelte/reactivity";
import type { Backend, PictureSize } from "@/backend/backend";
import type { MessageId } from "@/bindings/MessageId";
import { t } from "@/lib/words";
import { failingFrom, type Failing } from "./failing";

export type Picture =
  { phase: "loading" } | { phase: "here"; url: string } | { phase: "failed"; failure: Failing };

/** What saving a file came to. */
export type Saved = { where: string } | { failure: Failing };

const keyOf = (messageId: MessageId, place: number) => `${messageId}/${String(place)}`;

export class Pictures {
  #backend: Backend;
  #pictures = new SvelteMap<string, Picture>();
  #saved = new SvelteMap<string, Saved>();
  #again = new SvelteMap<MessageId, Failing>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  of(messageId: MessageId, place: number): Picture {
    return this.#pictures.get(keyOf(messageId, place)) ?? { phase: "loading" };
  }

  savedAs(messageId: MessageId, place: number): Saved | null {
    return this.#saved.get(keyOf(messageId, place)) ?? null;
  }

  url(messageId: MessageId, place: number, size: PictureSize): string {
    return this.#backend.pictureUrl(messageId, place, size);
  }

  /** Fetches it, unless it is here or on its way. One that failed is tried again. */
  async load(messageId: MessageId, place: number): Promise<void> {
    const key = keyOf(messageId, place);
    const known = this.#pictures.get(key);
    if (known !== undefined && known.phase !== "failed") return;
    this.#pictures.set(key, { phase: "loading" });
    try {
      await this.#backend.loadPicture(messageId, place);
      this.#pictures.set(key, { phase: "here", url: this.url(messageId, place, "small") });
    } catch (thrown) {
      this.#pictures.set(key, { phase: "failed", failure: failingFrom(thrown) });
    }
  }

  /** The server can be reached again: what could not be fetched for that reason is asked for when it is next in sight. */
  reached(): void {
    for (const [key, picture] of this.#pictures)
      if (picture.phase === "failed" && picture.failure.code === "unreachable") this.#pictures.delete(key);
  }

  /** It was here, and cannot be shown after all. */
  lost(messageId: MessageId, place: number): void {
    const failure = { code: "internal", sentence: t("media.lost"), hint: "" } as const;
    this.#pictures.set(keyOf(messageId, place), { phase: "failed", failure });
  }

  async save(messageId: MessageId, place: number): Promise<void> {
    const key = keyOf(messageId, place);
    this.#saved.delete(key);
    try {
      this.#saved.set(key, { where: await this.#backend.saveFile(messageId, place) });
    } catch (thrown) {
      this.#saved.set(key, { failure: failingFrom(thrown) });
    }
  }

  /** Has the server try again to get files that it had given up. */
  async fetchAgain(messageId: MessageId): Promise<void> {
    this.#again.delete(messageId);
    try {
      await this.#backend.fetchFilesAgain(messageId);
    } catch (thrown) {
      this.#again.set(messageId, failingFrom(thrown));
    }
  }

  /** Why that could not be asked for. */
  againFailure(messageId: MessageId): Failing | null {
    return this.#again.get(messageId) ?? null;
  }

  /** Another agent may sign in. */
  forget(): void {
    this.#pictures.clear();
    this.#saved.clear();
    this.#again.clear();
  }
}
