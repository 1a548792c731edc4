// Builds the window and serves it, once for all browser tests, from a folder of this run alone.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { build, preview } from "vite";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the window is served. */
    base: string;
  }
}

export default async function serve(project: TestProject): Promise<() => Promise<void>> {
  mkdirSync("build", { recursive: true });
  const outDir = mkdtempSync("build/browser-");
  const mode = { configFile: "vite.config.ts", mode: "production", logLevel: "warn" } as const;
  await build({ ...mode, build: { outDir } });
  const server = await preview({ ...mode, build: { outDir }, preview: { port: 0, host: "127.0.0.1" } });
  const address = server.httpServer.address();
  if (address === null || typeof address === "string") throw new Error("the preview server has no port");
  project.provide("base", `http://127.0.0.1:${address.port}/`);
  return async () => {
    await server.close();
    rmSync(outDir, { recursive: true, force: true });
  };
}
