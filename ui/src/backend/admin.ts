// What owners and admins ask for their team. All of it waits for the server, and none of it is kept on this machine.
//
// Part of the one inlet: `backend.admin`. Rejects with a `CommandError`, as everything there.

import type { CannedReply } from "@/bindings/CannedReply";
import type { DeadLetter } from "@/bindings/DeadLetter";
import type { ImportReport } from "@/bindings/ImportReport";
import type { Label } from "@/bindings/Label";
import type { OptOuts } from "@/bindings/OptOuts";
import type { MemberAdded } from "@/bindings/MemberAdded";
import type { SendingChange } from "@/bindings/SendingChange";
import type { TeamMember } from "@/bindings/TeamMember";
import type { TwilioState } from "@/bindings/TwilioState";
import type { UserId } from "@/bindings/UserId";
import type { Webhooks } from "@/bindings/Webhooks";
import type { WorkspaceId } from "@/bindings/WorkspaceId";

export interface AdminBackend {
  members(workspaceId: WorkspaceId): Promise<TeamMember[]>;
  /** Who is new gets a first password, which is answered once. */
  addMember(workspaceId: WorkspaceId, email: string, role: string): Promise<MemberAdded>;
  changeRole(workspaceId: WorkspaceId, userId: UserId, role: string): Promise<void>;
  removeMember(workspaceId: WorkspaceId, userId: UserId): Promise<void>;
  /** Whether the desktops of a member may work without the server. */
  allowDirect(workspaceId: WorkspaceId, userId: UserId, allowed: boolean): Promise<void>;
  /** The account, its numbers, and how texts go out. */
  twilio(workspaceId: WorkspaceId): Promise<TwilioState>;
  connectTwilio(workspaceId: WorkspaceId, accountSid: string, authToken: string): Promise<TwilioState>;
  changeSending(workspaceId: WorkspaceId, change: SendingChange): Promise<void>;
  /** Where Twilio reports the team's texts. */
  webhooks(workspaceId: WorkspaceId): Promise<Webhooks>;
  pointWebhooks(workspaceId: WorkspaceId): Promise<Webhooks>;
  /** Canned replies, kept at once and told to the server when it can be reached, as labels are. `null` for a new one. */
  saveReply(workspaceId: WorkspaceId, id: string | null, name: string, content: string): Promise<void>;
  deleteReply(workspaceId: WorkspaceId, id: string): Promise<void>;
  replies(workspaceId: WorkspaceId): Promise<readonly CannedReply[]>;
  saveLabel(workspaceId: WorkspaceId, id: string | null, name: string, color: string): Promise<void>;
  deleteLabel(workspaceId: WorkspaceId, id: string): Promise<void>;
  labels(workspaceId: WorkspaceId): Promise<readonly Label[]>;
  /** Who opted out, the latest first; of a search, whose name or number has it. */
  optOuts(workspaceId: WorkspaceId, search: string): Promise<OptOuts>;
  /** Texts that no team could take. */
  deadLetters(workspaceId: WorkspaceId): Promise<DeadLetter[]>;
  takeDeadLetter(workspaceId: WorkspaceId, twilioSid: string): Promise<void>;
  /** Days; null for ever. */
  retention(workspaceId: WorkspaceId): Promise<number | null>;
  setRetention(workspaceId: WorkspaceId, days: number | null): Promise<void>;
  /** Makes contacts of a CSV file. */
  importContacts(workspaceId: WorkspaceId, file: Blob): Promise<ImportReport>;
  /** Saves everything of the team where downloads go; answers with its path. */
  exportTeam(workspaceId: WorkspaceId): Promise<string>;
}
