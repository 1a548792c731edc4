// Pictures for eyes: the browser tests' setup, with browser/screenshots.ts in place of the tests.
import { defineConfig } from "vitest/config";
import browserConfig from "./vitest.browser.config.ts";

export default defineConfig({
  ...browserConfig,
  test: { ...browserConfig.test, include: ["browser/screenshots.ts"] },
});
