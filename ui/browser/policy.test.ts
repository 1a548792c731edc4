// What the real window may load and run: its own files, and nothing that somebody else wrote into the page.

import { readFileSync } from "node:fs";
import { expect, inject, test } from "vitest";

type Policy = Record<string, string>;

const real = (
  JSON.parse(readFileSync(new URL("../../tauri.conf.json", import.meta.url), "utf8")) as {
    app: { security: { csp: Policy } };
  }
).app.security.csp;

/** What a source may be: this program itself, and the ways into it. */
const ours = [
  "'self'",
  "'none'",
  "data:",
  "blob:",
  "ipc:",
  "http://ipc.localhost",
  "deskline-media:",
  "http://deskline-media.localhost",
];

test("no inline script, no remote source, no eval", () => {
  expect(real["script-src"]).toBe("'self'");
  expect(real["style-src"]).toBe("'self'");
  expect(real["object-src"]).toBe("'none'");
  expect(real["frame-src"]).toBe("'none'");
  expect(real["base-uri"]).toBe("'none'");
  for (const [kind, sources] of Object.entries(real))
    for (const source of sources.split(" ")) expect(ours, `${kind} ${source}`).toContain(source);
});

test("the page that is built needs no more than that, and the browser build is as strict", async () => {
  const answer = await fetch(inject("base"));
  const html = await answer.text();

  for (const [tag] of html.matchAll(/<script[^>]*>/g)) expect(tag).toMatch(/ src="\.?\//);
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
  expect(
    [...html.matchAll(/(?:src|href)="([^"]+)"/g)]
      .map(([, to]) => to)
      .filter((to) => /^[a-z]+:|^\/\//.test(to ?? "")),
  ).toEqual([]);
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("script-src 'self';");
  expect(policy).not.toMatch(/unsafe|https?:\/\/(?!127)/);
});
