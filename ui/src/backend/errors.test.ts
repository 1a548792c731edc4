import { expect, test } from "vitest";
import { CommandError, hintFor, toCommandError } from "./errors";

test("what a command throws keeps its code and sentence", () => {
  const error = toCommandError({ code: "unreachable", message: "The server cannot be reached." });

  expect(error).toBeInstanceOf(CommandError);
  expect([error.code, error.message]).toEqual(["unreachable", "The server cannot be reached."]);
  expect(hintFor(error.code)).not.toBe("");
});

test.each([
  ["a string", "boom"],
  ["nothing", undefined],
  ["another shape", { code: "teapot", message: "?" }],
])("%s becomes an internal error", (_, thrown) => {
  expect(toCommandError(thrown).code).toBe("internal");
  expect(toCommandError(thrown).message).not.toBe("");
});
