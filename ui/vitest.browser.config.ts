// Browser tests: the built window in Chromium, on the fake backend, served with the policy of the real window.
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  test: {
    include: ["browser/**/*.test.ts"],
    globalSetup: ["browser/serve.ts"],
    environment: "node",
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A Chromium keeps two cores busy, with what draws and what is drawn.
    maxWorkers: Math.max(1, Math.floor(availableParallelism() / 2)),
  },
});
