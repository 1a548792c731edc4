// The team of the fake: who works in the workshop, its labels and private notes, and what commands do to all of it.

import type { Action } from "@/bindings/Action";
import type { CannedReply } from "@/bindings/CannedReply";
import type { Label } from "@/bindings/Label";
import type { Member } from "@/bindings/Member";
import type { Note } from "@/bindings/Note";
import type { Team } from "@/bindings/Team";
import { CommandError } from "../errors";
import type { Contact } from "./shelf";

export const WORKSPACE = "01935b2e-0000-7000-8000-000000000001";
export const SECOND_WORKSPACE = "01935b2e-0000-7000-8000-000000000002";
export const ME = "01935b2e-0000-7000-8000-00000000000a";
export const KIM = "01935b2e-0000-7000-8000-00000000000b";
export const RAFA = "01935b2e-0000-7000-8000-00000000000c";

export const members: readonly Member[] = [
  { userId: KIM, name: "Kim Andersen", role: "admin", me: false },
  { userId: ME, name: "Nora Vance", role: "agent", me: true },
  { userId: RAFA, name: "Rafael Ortiz", role: "agent", me: false },
];

export const labels: readonly Label[] = [
  { id: "01935b2e-0000-7000-8000-0000000000a1", name: "Pickup", color: "#1a7f4b" },
  { id: "01935b2e-0000-7000-8000-0000000000a2", name: "Urgent", color: "#c02b30" },
  { id: "01935b2e-0000-7000-8000-0000000000a3", name: "Warranty", color: "#8a5a00" },
  { id: "01935b2e-0000-7000-8000-0000000000a4", name: "Fleet customers and cooperatives", color: "#3b5bdb" },
];

export const replies: readonly CannedReply[] = [
  {
    id: "01935b2e-0000-7000-8000-0000000000b1",
    name: "Directions",
    content: "We are at 4 Canal Street, next to the blue bridge. The yard is open until 6 pm.",
  },
  {
    id: "01935b2e-0000-7000-8000-0000000000b2",
    name: "Opening hours",
    content: "We are open Tuesday to Saturday, 9 am to 6 pm.\nOn Sunday and Monday we are out riding.",
  },
  {
    id: "01935b2e-0000-7000-8000-0000000000b3",
    name: "Ready for pickup",
    content:
      "Hi {{contact.first_name}}, your {{attribute.bike}} is ready. Come by until 6 pm. {{agent.name}}, {{workspace.name}}",
  },
];

export function team(workspaceId: string): Team {
  if (workspaceId !== WORKSPACE) return { workspaceId, members: [...members], labels: [], cannedReplies: [] };
  return { workspaceId: WORKSPACE, members: [...members], labels: [...labels], cannedReplies: [...replies] };
}

/** What a person is to the team before anybody does anything: by slug. */
export const starts: Readonly<
  Record<
    string,
    {
      assignedTo?: string;
      labels?: readonly number[];
      snoozedForHours?: number;
      blocked?: boolean;
      muted?: boolean;
      attributes?: Readonly<Record<string, string>>;
    }
  >
> = {
  "maya-lindqvist": {
    assignedTo: ME,
    labels: [0],
    attributes: { bike: "Kona Rove", frame_number: "KN-4471" },
  },
  "marcus-bell": { assignedTo: KIM, labels: [1, 2] },
  "owen-fitzgerald": { assignedTo: ME },
  "greta-lindholm": { assignedTo: RAFA, labels: [3, 0, 1] },
  "long-name": { assignedTo: KIM, labels: [3, 2, 1] },
  "lucas-weber": { snoozedForHours: 18 },
  "amara-diallo": { snoozedForHours: 66, labels: [2] },
  "short-code": { blocked: true },
  "tomas-rivera": { muted: true },
};

/** Notes that were written before: by slug, with minutes before the newest text. */
export const notes: Readonly<Record<string, readonly { by: string; minutes: number; content: string }[]>> = {
  "maya-lindqvist": [
    {
      by: KIM,
      minutes: 4,
      content: "She paid for the tune-up in advance. The bike hangs on hook 12, next to the compressor.",
    },
    { by: ME, minutes: 3, content: "Key is in the drawer." },
  ],
  "dolores-whitfield": [{ by: RAFA, minutes: -3, content: "Called: she wants letters instead of texts." }],
};

const refuse = (sentence: string) => new CommandError("refused", sentence);

/** Does to a contact what the engine's overlay does. Throws what the engine refuses without asking anybody. */
export function carryOut(action: Action, contact: Contact, now: number): void {
  switch (action.type) {
    case "markRead":
      contact.unread = 0;
      return;
    case "markUnread":
      contact.unread = Math.max(contact.unread, 1);
      return;
    case "assign":
      contact.assignedTo = action.userId;
      return;
    case "unassign":
      contact.assignedTo = null;
      return;
    case "setStatus":
      contact.status = action.status;
      contact.snoozedUntil = null;
      return;
    case "close":
      contact.status = "Closed";
      contact.snoozedUntil = null;
      return;
    case "snooze":
      contact.status = Date.parse(action.until) <= now ? "Open" : "Snoozed";
      contact.snoozedUntil = contact.status === "Snoozed" ? action.until : null;
      return;
    case "addLabel":
      if (!contact.labels.includes(action.labelId)) contact.labels = [...contact.labels, action.labelId];
      return;
    case "removeLabel":
      contact.labels = contact.labels.filter((label) => label !== action.labelId);
      return;
    case "renameContact":
      if (action.name.trim() === "") throw refuse("A name is missing.");
      contact.name = action.name.trim();
      return;
    case "setAttribute":
      contact.attributes = { ...contact.attributes, [action.name]: action.value };
      return;
    case "removeAttribute":
      contact.attributes = Object.fromEntries(
        Object.entries(contact.attributes).filter(([name]) => name !== action.name),
      );
      return;
    case "block":
      contact.blocked = true;
      return;
    case "unblock":
      contact.blocked = false;
      return;
    case "resend":
    case "addNote":
    case "editNote":
    case "deleteNote":
    case "createLabel":
    case "updateLabel":
    case "deleteLabel":
    case "createCannedReply":
    case "updateCannedReply":
    case "deleteCannedReply":
    case "mergeContacts":
    case "renameMember":
  }
}

/** Whether it is for owners and admins alone; Nora is neither. */
export const isForAdmins = (action: Action): boolean =>
  [
    "createLabel",
    "updateLabel",
    "deleteLabel",
    "createCannedReply",
    "updateCannedReply",
    "deleteCannedReply",
  ].includes(action.type);

export function makeNote(id: string, contactId: string, author: string, at: number, content: string): Note {
  return {
    id,
    contactId,
    content,
    authorId: author,
    mine: author === ME,
    mentions: [],
    createdAt: new Date(at).toISOString(),
    editedAt: null,
    waiting: false,
  };
}
