// Pictures for eyes: the browser tests' setup, with browser/screenshots.ts in place of the tests.
import { mergeConfig } from "vitest/config";
import browserConfig from "./vitest.browser.config.ts";

const config = mergeConfig(browserConfig, {});
config.test.include = ["browser/screenshots.ts"];
export default config;
