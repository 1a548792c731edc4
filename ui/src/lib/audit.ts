// The comparison with Twilio in one line, in the words of the server's own: "Twilio 412 = here 412, checked 3 minutes ago".

import type { Audit } from "@/bindings/Audit";
import { t } from "./words";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago, in one figure. A moment ahead of this machine's clock is now. */
function ago(ms: number): string {
  if (ms < MINUTE) return t("audit.now");
  if (ms < HOUR) return t("audit.minutes", Math.floor(ms / MINUTE));
  if (ms < 2 * DAY) return t("audit.hours", Math.floor(ms / HOUR));
  return t("audit.days", Math.floor(ms / DAY));
}

export function auditLine(audit: Audit, now: number): string {
  return t("audit.line", audit.twilio, audit.here, ago(now - Date.parse(audit.checkedAt)));
}
