// Unit tests: controllers and pure functions, in Node, on the fake backend with a clock that tests move.
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { icons } from "./icons.ts";

export default defineConfig({
  plugins: [svelte(), icons()],
  resolve: {
    alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) },
    conditions: ["browser"],
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
