import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Outlook } from "@/bindings/Outlook";
import { outlook } from "./outlook";

interface Vector {
  name: string;
  text: string;
  to: string;
  optedOut: boolean;
  files: number;
  at: string;
  outlook: Outlook;
}

// Written by the crate itself: the browser build must not tell another price, hour or reason.
const file = new URL("../../../../crates/domain/data/outlook.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vector[];

test.each(vectors)("$name", ({ text, to, optedOut, files, at, outlook: expected }) => {
  const from = { type: "number", number: "+12065550200", isNew: false } as const;

  expect(outlook({ text, to, optedOut, files }, from, Date.parse(at))).toEqual(expected);
});
