import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { hear, told } from "./engine";
import { sentences } from "./words/de/engine";

afterEach(() => hear({}));

/** Where the engine and the server keep whole sentences, and how these stand there. */
const sources: readonly [file: string, sentence: RegExp][] = [
  ["client/src/error.rs", /#\[error\("(.+?)"\)\]/gu],
  ["client/src/outbox/hold.rs", /(?:=> |format!\(\s*|\{\s*)"([A-Z].+?\.)"/gu],
  ["domain/src/gate.rs", /#\[error\("(.+?)"\)\]/gu],
  ["domain/src/file.rs", /#\[error\("(.+?)"\)\]/gu],
  ["domain/src/command/rules.rs", /#\[error\("(.+?)"\)\]/gu],
  [
    "twilio/src/explain.rs",
    /^\s*(?:\([\d_]+, \w+, |text: |Explanation \{\s*text: |Explanation \{ text: )?"([A-Z][^"]+\.)"/gmu,
  ],
];

function spoken(): string[] {
  return sources.flatMap(([file, sentence]) => {
    const source = readFileSync(new URL(`../../../crates/${file}`, import.meta.url), "utf8");
    const rules = source.split("#[cfg(test)]")[0] ?? "";
    const found = [...rules.matchAll(sentence)].flatMap(([, said]) => said ?? []);
    expect(found.length, `sentences in ${file}`).toBeGreaterThan(2);
    return found.map((said) => said.replaceAll(/\{[^}]*\}/gu, "{}")).filter((said) => said !== "{}");
  });
}

describe("sentences of the engine", () => {
  test("are all there in German", () => {
    const missing = spoken().filter((said) => !Object.hasOwn(sentences, said));

    expect(missing, "write these into ui/src/lib/words/de/engine.ts").toEqual([]);
  });

  test("keep what was filled in, in its place", () => {
    for (const [english, german] of Object.entries(sentences))
      expect(german.split("{}").length, english).toBe(english.split("{}").length);
  });

  test("are said in German with what was filled in, which is said in German too", () => {
    hear(sentences);

    expect(
      told(
        "The server at https://desk.example cannot be reached: nothing answers at this address. Check the address and your connection.",
      ),
    ).toBe(
      "Der Server https://desk.example ist nicht erreichbar: unter dieser Adresse antwortet nichts. Prüfen Sie die Adresse und Ihre Verbindung.",
    );
    expect(told("You wrote this 9 hours ago, and it could not leave until now.")).toContain("vor 9 Stunden");
  });

  test("one behind the other are said one by one", () => {
    hear(sentences);

    expect(
      told(
        "The file with the texts that wait here and with your drafts was damaged. All of it could be read, and is here.",
      ),
    ).toBe(
      "Die Datei mit den wartenden Nachrichten und Ihren Entwürfen war beschädigt. Alles daraus ließ sich lesen und ist da.",
    );
  });

  test("that nobody has translated are shown as they came, and names of objects are no sentences", () => {
    hear(sentences);

    expect(told("Something new went wrong.")).toBe("Something new went wrong.");
    expect(told("constructor")).toBe("constructor");
    hear({});
    expect(told("This file is empty.")).toBe("This file is empty.");
  });
});
