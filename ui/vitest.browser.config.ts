// Browser tests: the built window in Chromium, on the fake backend, served with the policy of the real window.
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
    // One Chromium at a time: the tests share two cores with everything else.
    maxWorkers: 1,
  },
});
