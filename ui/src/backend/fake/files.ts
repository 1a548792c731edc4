// The fake's files: what is attached, what belongs to texts, and pictures that are drawn when somebody looks.

import type { Attachment } from "@/bindings/Attachment";
import type { AttachmentId } from "@/bindings/AttachmentId";
import type { MediaView } from "@/bindings/MediaView";
import type { Message } from "@/bindings/Message";
import type { NamedFile } from "../backend";
import { CommandError } from "../errors";
import type { Random } from "./random";
import type { Contact } from "./shelf";

const MOST_FILES = 10;
const MOST_BYTES = 5 * 1024 * 1024;
const SHOWN = ["image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp"];

const isPicture = (contentType: string) => SHOWN.includes(contentType);

/** A file of a text, as the server tells of it. */
export const mediaOf = (contentType: string): MediaView => ({
  name: null,
  contentType,
  size: isPicture(contentType) ? 183_204 : 2_140,
  width: isPicture(contentType) ? 1200 : null,
  height: isPicture(contentType) ? 900 : null,
  isPicture: isPicture(contentType),
  isThere: true,
  problem: null,
});

export class Files {
  #random: Random;
  /** Addresses of contents that were attached. */
  #urls = new Map<AttachmentId, string>();
  /** What went with texts that were written here. */
  #sent = new Map<string, Attachment[]>();
  #drawn = new Map<string, string>();

  constructor(random: Random) {
    this.#random = random;
  }

  attach(contact: Contact, { name, type, content }: NamedFile, now: number): Attachment {
    const together = contact.attachments.reduce((sum, { size }) => sum + size, content.size);
    if (contact.attachments.length >= MOST_FILES)
      throw refused("A text can carry ten files at most. Remove some and send again.");
    if (content.size === 0) throw refused("This file is empty.");
    if (together > MOST_BYTES)
      throw refused(
        "These files are larger than the 5 MB that Twilio takes with one text. Remove some and send again.",
      );
    if (!/^(image|audio|video|text)\/|^application\/pdf$/.test(type))
      throw refused(
        `Twilio takes no files of the type ${type || "application/octet-stream"}. Send a JPEG, PNG or GIF, or another type that phones can show.`,
      );
    const picture = isPicture(type);
    const attachment: Attachment = {
      id: this.#random.uuid(now),
      name,
      contentType: type,
      size: content.size,
      width: picture ? 640 : null,
      height: picture ? 480 : null,
      isPicture: picture,
      isHere: true,
    };
    this.#urls.set(attachment.id, URL.createObjectURL(new Blob([content], { type })));
    contact.attachments = [...contact.attachments, attachment];
    return attachment;
  }

  /** A picture is attached at the agent's other desktop: here are its name and size. */
  expect(contact: Contact, name: string, now: number): void {
    const attachment: Attachment = {
      id: this.#random.uuid(now),
      name,
      contentType: "image/jpeg",
      size: 183_204,
      width: null,
      height: null,
      isPicture: true,
      isHere: false,
    };
    contact.attachments = [...contact.attachments, attachment];
  }

  /** And here is the rest of it. */
  arrive(contact: Contact): void {
    contact.attachments = contact.attachments.map((one) => {
      if (one.isHere) return one;
      this.#urls.set(one.id, draw(Number.parseInt(one.id.slice(-4), 16) % 360));
      return { ...one, width: 1200, height: 900, isHere: true };
    });
  }

  detach(contacts: readonly Contact[], id: AttachmentId): Contact | null {
    const contact = contacts.find(({ attachments }) => attachments.some((one) => one.id === id));
    if (contact === undefined) return null;
    contact.attachments = contact.attachments.filter((one) => one.id !== id);
    return contact;
  }

  /** Files move from the draft to a text. */
  send(contact: Contact, ids: readonly AttachmentId[], message: Message): void {
    const going = contact.attachments.filter(({ id }) => ids.includes(id));
    contact.attachments = contact.attachments.filter(({ id }) => !ids.includes(id));
    if (going.length === 0) return;
    this.#sent.set(message.id, going);
    message.media = going.map(({ name, contentType, size, width, height, isPicture: shown, isHere }) => ({
      name,
      contentType,
      size,
      width,
      height,
      isPicture: shown,
      isThere: isHere,
      problem: null,
    }));
  }

  /** And back again. */
  takeBack(contact: Contact, message: Message): void {
    contact.attachments = [...(this.#sent.get(message.id) ?? []), ...contact.attachments];
    this.#sent.delete(message.id);
  }

  /** Whether the bytes are on this machine without anybody having asked the server. */
  isHere(messageId: string): boolean {
    return this.#sent.has(messageId) || [...this.#drawn.keys()].some((key) => key.startsWith(messageId));
  }

  attachmentUrl(id: AttachmentId): string {
    return this.#urls.get(id) ?? "";
  }

  pictureUrl(messageId: string, place: number): string {
    const sent = this.#sent.get(messageId)?.[place];
    if (sent) return this.attachmentUrl(sent.id);
    const key = `${messageId}/${String(place)}`;
    const url = this.#drawn.get(key) ?? draw(Number.parseInt(messageId.slice(-4), 16) % 360);
    this.#drawn.set(key, url);
    return url;
  }
}

/** Hills under a sun, in the colours of `hue`. */
function draw(hue: number): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 900">
<rect width="1200" height="900" fill="hsl(${String(hue)} 60% 78%)"/><circle cx="880" cy="240" r="110" fill="hsl(45 90% 70%)"/>
<path d="M0 620 Q300 380 620 600 T1200 520 V900 H0Z" fill="hsl(${String(hue)} 35% 52%)"/>
<path d="M0 760 Q360 560 760 740 T1200 700 V900 H0Z" fill="hsl(${String(hue)} 40% 34%)"/></svg>`;
  return URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
}

const refused = (message: string) => new CommandError("refused", message);
