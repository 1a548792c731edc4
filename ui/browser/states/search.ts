// The palette and the search.

import type { WindowState } from "./state";

export const search: readonly WindowState[] = [
  {
    name: "palette",
    parameters: { open: "maya-lindqvist" },
    prepare: async (page) => {
      await page.getByTestId("message").last().waitFor();
      await page.keyboard.press("Control+k");
      await page.getByTestId("palette-action").first().waitFor();
    },
  },
  {
    name: "palette-found",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("conversation").first().waitFor();
      await page.keyboard.press("Control+k");
      await page.getByTestId("palette-field").fill("ma");
      await page.getByTestId("palette-message").first().waitFor();
    },
  },
  {
    name: "palette-nothing",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("conversation").first().waitFor();
      await page.keyboard.press("Control+k");
      await page.getByTestId("palette-field").fill("xylophone");
      await page.getByText("Nothing is called so.").waitFor();
    },
  },
  {
    name: "search-help",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("search").click();
      await page.getByTestId("search-help").waitFor();
    },
  },
  {
    name: "search",
    parameters: { open: "maya-lindqvist" },
    prepare: async (page) => {
      await page.getByTestId("search").fill("ma");
      await page.getByTestId("found-message").first().waitFor();
    },
  },
  {
    name: "search-kept",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("search").fill("from:marcus has:media or a search that is quite long");
      await page.getByTestId("keep-search").click();
      await page.getByTestId("saved-search").waitFor();
    },
  },
  {
    name: "search-nothing",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("search").fill("xylophone");
      await page.getByText("Nothing found").waitFor();
    },
  },
  {
    name: "search-opened",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("search").fill("brake in:owen");
      await page.getByTestId("found-message").first().click();
      await page.locator("[data-found]").waitFor();
    },
  },
];
