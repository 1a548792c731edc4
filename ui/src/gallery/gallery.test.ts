// The gallery shows every part: whoever adds one adds its states.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../", import.meta.url);
const FOLDERS = ["shared", "message", "compose", "conversation", "contact", "search", "palette", "settings"];

/** What lies over the window or fills it: among the states of the whole window (browser/states). */
const whole = new Set([
  "shared/Dialog.svelte",
  "message/PictureViewer.svelte",
  "message/Timeline.svelte",
  "compose/DropArea.svelte",
  "conversation/ConversationList.svelte",
  "contact/ContactPanel.svelte",
  "search/SearchField.svelte",
  "search/SearchResults.svelte",
]);

/** Every component that this one draws, itself included. */
function drawnBy(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  const source = readFileSync(new URL(path, root), "utf8");
  for (const [, from] of source.matchAll(/from "([^"]+\.svelte)"/gu)) {
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    const to = from?.startsWith("@/") === true ? from.slice(2) : `${folder}${from?.replace("./", "") ?? ""}`;
    if (existsSync(new URL(to, root))) drawnBy(to, seen);
  }
  return seen;
}

test("the gallery shows every part but those that fill the window", () => {
  const drawn = drawnBy("gallery/Gallery.svelte");
  const parts = FOLDERS.flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".svelte"))
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`),
  );
  const missing = parts.filter(
    (part) => !drawn.has(part) && !whole.has(part) && !part.endsWith("Dialog.svelte"),
  );

  expect(parts.length).toBeGreaterThan(80);
  expect(missing, "put their states into src/gallery").toEqual([]);
});
