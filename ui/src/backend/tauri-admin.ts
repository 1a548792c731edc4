// The commands of src-tauri/src/commands/admin.rs.

import { invoke } from "@tauri-apps/api/core";
import type { Action } from "@/bindings/Action";
import type { DeadLetter } from "@/bindings/DeadLetter";
import type { ImportReport } from "@/bindings/ImportReport";
import type { OptOuts } from "@/bindings/OptOuts";
import type { MemberAdded } from "@/bindings/MemberAdded";
import type { Team } from "@/bindings/Team";
import type { TeamMember } from "@/bindings/TeamMember";
import type { TwilioState } from "@/bindings/TwilioState";
import type { Webhooks } from "@/bindings/Webhooks";
import type { AdminBackend } from "./admin";
import { toCommandError } from "./errors";

type Command = <Answer>(name: string, given?: Record<string, unknown>) => Promise<Answer>;

/** The bytes are the body as they are; as JSON they would be several times as many. */
async function importContacts(workspaceId: string, file: Blob): Promise<ImportReport> {
  try {
    const headers = { team: workspaceId };
    return await invoke<ImportReport>("import_contacts", await file.arrayBuffer(), { headers });
  } catch (thrown) {
    throw toCommandError(thrown);
  }
}

export function tauriAdmin(command: Command): AdminBackend {
  const perform = (workspaceId: string, action: Action) =>
    command<undefined>("perform", { workspaceId, action }).then(() => undefined);
  return {
    members: (workspaceId) => command<TeamMember[]>("members", { workspaceId }),
    addMember: (workspaceId, email, role) => command<MemberAdded>("add_member", { workspaceId, email, role }),
    changeRole: (workspaceId, userId, role) => command("change_role", { workspaceId, userId, role }),
    removeMember: (workspaceId, userId) => command("remove_member", { workspaceId, userId }),
    allowDirect: (workspaceId, userId, allowed) => command("allow_direct", { workspaceId, userId, allowed }),
    twilio: (workspaceId) => command<TwilioState>("twilio", { workspaceId }),
    connectTwilio: (workspaceId, accountSid, authToken) =>
      command<TwilioState>("connect_twilio", { workspaceId, accountSid, authToken }),
    changeSending: (workspaceId, change) => command("change_sending", { workspaceId, change }),
    webhooks: (workspaceId) => command<Webhooks>("webhooks", { workspaceId }),
    pointWebhooks: (workspaceId) => command<Webhooks>("point_webhooks", { workspaceId }),
    replies: async (workspaceId) => (await command<Team>("team", { workspaceId })).cannedReplies,
    saveReply: (workspaceId, cannedReplyId, name, content) =>
      cannedReplyId === null
        ? command("create_canned_reply", { workspaceId, name, content })
        : perform(workspaceId, { type: "updateCannedReply", cannedReplyId, name, content }),
    deleteReply: (workspaceId, cannedReplyId) =>
      perform(workspaceId, { type: "deleteCannedReply", cannedReplyId }),
    labels: async (workspaceId) => (await command<Team>("team", { workspaceId })).labels,
    saveLabel: (workspaceId, labelId, name, color) =>
      labelId === null
        ? command("create_label", { workspaceId, name, color })
        : perform(workspaceId, { type: "updateLabel", labelId, name, color }),
    deleteLabel: (workspaceId, labelId) => perform(workspaceId, { type: "deleteLabel", labelId }),
    optOuts: (workspaceId, search) => command<OptOuts>("opt_outs", { workspaceId, search }),
    deadLetters: (workspaceId) => command<DeadLetter[]>("dead_letters", { workspaceId }),
    takeDeadLetter: (workspaceId, twilioSid) => command("take_dead_letter", { workspaceId, twilioSid }),
    retention: (workspaceId) => command<number | null>("retention", { workspaceId }),
    setRetention: (workspaceId, days) => command("set_retention", { workspaceId, days }),
    importContacts,
    exportTeam: (workspaceId) => command<string>("export_team", { workspaceId }),
  };
}
