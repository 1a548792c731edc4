// Serves the built window for the browser tests, once for all of them. The build is the script's part (package.json).

import { preview } from "vite";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the window is served. */
    base: string;
  }
}

export default async function serve(project: TestProject): Promise<() => Promise<void>> {
  const server = await preview({
    configFile: "vite.config.ts",
    build: { outDir: "build/browser" },
    preview: { port: 0, host: "127.0.0.1" },
  });
  const address = server.httpServer.address();
  if (address === null || typeof address === "string") throw new Error("the preview server has no port");
  project.provide("base", `http://127.0.0.1:${address.port}/`);
  return () => server.close();
}
