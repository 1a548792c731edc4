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
  // What stands in the way, as a part of another sentence.
  ["client/src/upstream.rs", /(?:needs_server\(|&str = )"(.+?)"/gu],
  ["client/src/upstream/direct.rs", /(?:needs_server\(|&str = )"(.+?)"/gu],
  ["client/src/upstream/direct/reach.rs", /(?:=> |\{\s*|format!\()"(.+?)"/gu],
  ["client/src/upstream/direct/send.rs", /(?:needs_server\(|why = )"(.+?)"/gu],
  ["client/src/upstream/direct/office.rs", /"([A-Z].+?\.)"/gu],
  ["client/src/upstream/answer.rs", /(?:=> |Some\(\s*|format!\(\s*|Direct\(|Server\(|\{ )"(.+?)"/gu],
  ["client/src/client/direct.rs", /(?:Direct\(|&str = )"(.+?)"/gu],
  ["client/src/client/act.rs", /(?:NotAllowed\(|&str = )"(.+?)"/gu],
  ["client/src/client/storage.rs", /(?:NotAllowed\(\s*|&str = )"(.+?)"/gu],
  ["client/src/network.rs", /(?:Network\(|format!\()\s*"([A-Z].+?)"/gu],
  ["twilio/src/error.rs", /#\[error\("(.+?)"[,)]/gu],
  ["client/src/sync/run.rs", /(?:=> |format!\(\s*)"([A-Z].+?\.)"/gu],
  [
    "twilio/src/explain.rs",
    /^\s*(?:\([\d_]+, \w+, |text: |Explanation \{\s*text: |Explanation \{ text: )?"([A-Z][^"]+\.)"/gmu,
  ],
];

function spoken(): string[] {
  return sources.flatMap(([file, sentence]) => {
    const source = readFileSync(new URL(`../../../crates/${file}`, import.meta.url), "utf8");
    // Without tests, and with every sentence on one line.
    const rules = (source.split("#[cfg(test)]")[0] ?? "").replaceAll(/\\\n\s*/gu, "");
    const found = [...rules.matchAll(sentence)].flatMap(([, said]) => said ?? []);
    expect(found.length, `sentences in ${file}`).toBeGreaterThan(1);
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
    expect(
      told(
        "The server cannot be reached: there is no network. Without it, the team's database: its name is not known.",
      ),
    ).toBe(
      "Der Server ist nicht erreichbar: es gibt kein Netz. Ohne ihn: die Datenbank des Teams: sein Name ist nicht bekannt.",
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
