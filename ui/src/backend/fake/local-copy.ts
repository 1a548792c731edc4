// What the fake says of this machine's copy in the states that are about it. The sentences are the engine's.

import type { LocalCopy } from "@/bindings/LocalCopy";
import type { Notice } from "@/bindings/Notice";
import type { FakeState } from "./scenario";

const fine: LocalCopy = { rebuilding: null, diskFull: false, clock: null, notices: [] };

const told = (notice: Omit<Notice, "id">): LocalCopy => ({ ...fine, notices: [{ id: 1, ...notice }] });

const special: Partial<Record<FakeState, LocalCopy>> = {
  rebuilding: { ...fine, rebuilding: "The copy of the conversations on this computer was damaged." },
  diskfull: { ...fine, diskFull: true },
  wrongclock: { ...fine, clock: "The clock of this computer is 365 days ahead of your server's." },
  noaccess: told({
    kind: "accessRemoved",
    text: "You are no longer a member of Westside Bikes. Its conversations were removed from this computer.",
  }),
  restored: told({
    kind: "outboxRestored",
    text: "The file with the texts that wait here and with your drafts was damaged. It was put together from its backup and from what could be read of it. What you wrote in the last seconds before may be missing: have a look at the texts that wait.",
  }),
  leaseover: told({
    kind: "leaseOver",
    text: "This computer had no contact with your server for 14 days, so its copy of the conversations was removed, as it would be on a lost one. Sign in, and it is fetched again. What you wrote and could not send is kept.",
  }),
};

export function localCopyAtStart(state: FakeState): LocalCopy {
  return special[state] ?? fine;
}
