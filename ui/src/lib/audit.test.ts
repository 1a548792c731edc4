import { expect, test } from "vitest";
import { auditLine } from "./audit";

const now = Date.parse("2026-11-21T15:24:00Z");

test.each([
  [412, 412, "2026-11-21T15:21:00Z", "Twilio 412 = here 412, checked 3 minutes ago"],
  [12_000, 12_000, "2026-11-21T15:23:01Z", "Twilio 12,000 = here 12,000, checked just now"],
  [2, 1, "2026-11-21T14:24:00Z", "Twilio 2 ≠ here 1, checked 1 hour ago"],
  [0, 0, "2026-11-19T15:24:00Z", "Twilio 0 = here 0, checked 2 days ago"],
  [0, 0, "2026-11-21T15:40:00Z", "Twilio 0 = here 0, checked just now"],
])("%d and %d, checked at %s", (twilio, here, checkedAt, expected) => {
  expect(auditLine({ twilio, here, checkedAt }, now)).toBe(expected);
});
