import { expect, test } from "vitest";
import { isNumber, isSid } from "./twilio";

test("an account is told from a key, in either case and with spaces around it", () => {
  const digits = "0123456789abcdef".repeat(2);
  expect(isSid(` AC${digits} `, "AC")).toBe(true);
  expect(isSid(`ac${digits.toUpperCase()}`, "AC")).toBe(true);
  expect(isSid(`SK${digits}`, "SK")).toBe(true);
  expect(isSid(`SK${digits}`, "AC")).toBe(false);
  expect(isSid(`AC${digits}0`, "AC")).toBe(false);
  expect(isSid("", "AC")).toBe(false);
});

test("a number has its country, and any notation", () => {
  for (const number of ["+1 555 010 0199", "+15550100199", " +49 (30) 901820 "])
    expect(isNumber(number)).toBe(true);
  for (const other of ["555 010 0199", "+1555", "+1 555 010 0199 ext. 4", ""])
    expect(isNumber(other)).toBe(false);
});
