// Whatever a stranger sends is text: it never becomes markup, a request or a script.

import { describe, expect, test } from "vitest";
import { opensDesks } from "./desk";
import { bubble, composer, receive, row } from "./window";

const desk = opensDesks();

const hostile = [
  `<img src=x onerror="document.title='broken'">`,
  `<script>document.title='broken'</script>`,
  `"><svg onload=document.title='broken'>`,
  `{{constructor.constructor('document.title="broken"')()}}`,
  `<a href="javascript:document.title='broken'">click</a>`,
  `&lt;b&gt;not bold&lt;/b&gt;`,
  `\u202egnp.exe`,
];

describe("a hostile text", () => {
  test.each(hostile)("%s stays what it is, everywhere", async (text) => {
    const page = await desk({ open: "maya-lindqvist" });
    await receive(page, "maya-lindqvist", text);
    await bubble(page, text).waitFor();
    await row(page, "Maya Lindqvist").getByText(text.replaceAll(/\s+/g, " ")).waitFor();

    await page.getByTestId("more-menu").click();
    await page.getByTestId("rename").click();
    await page.getByTestId("rename-field").fill(text.slice(0, 90));
    await page.getByTestId("rename-save").click();
    await page.getByTestId("panel").click();
    await page.getByTestId("attribute-add").click();
    await page.getByTestId("attribute-name").fill("what");
    await page.getByTestId("attribute-value").fill(text);
    await page.getByTestId("attribute-save").click();
    await page.getByTestId("attribute").filter({ hasText: text }).waitFor();
    await page.getByTestId("note-mode").click();
    await page.getByTestId("note").fill(text);
    await page.getByTestId("note").press("Enter");
    await page.getByTestId("note-item").filter({ hasText: text }).waitFor();

    expect(await page.title()).not.toContain("broken");
    expect(
      await page.locator("#app script, #app iframe, #app a[href], #app [onerror], #app [onload]").count(),
    ).toBe(0);
    expect(await page.locator("#app img[src=x]").count()).toBe(0);
  });

  test.each(hostile)("%s is no more as the name of a file", async (name) => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).waitFor();
    await page
      .getByTestId("attach-input")
      .setInputFiles([{ name: name.replaceAll("/", "_"), mimeType: "text/plain", buffer: Buffer.from("x") }]);
    await page.getByTestId("attachment").waitFor();
    await composer(page).press("Enter");
    await page.getByTestId("file").last().waitFor();

    expect(await page.title()).not.toContain("broken");
    expect(await page.locator("#app script, #app [onerror], #app [onload]").count()).toBe(0);
  });
});
