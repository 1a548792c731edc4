// The way in: makes the backend, the desk and the window, and nothing else.

import { mount } from "svelte";
import { createBackend } from "@/backend/create";
import { speakIn } from "@/lib/language";
import { localRegion } from "@/lib/time";
import { Desk } from "@/state/desk.svelte";
import { PreferencesController } from "@/state/preferences.svelte";
import { ThemeController } from "@/state/theme.svelte";
import Window from "@/views/Window.svelte";
import "@/styles/app.css";

/** A function, since a module that waits keeps those waiting that it waits for: the languages and the gallery take parts of this one. */
async function start(target: HTMLElement): Promise<void> {
  const wanted = new URLSearchParams(location.search);
  const theme = new ThemeController(localStorage, document.documentElement, wanted.get("theme"));
  const preferences = new PreferencesController(localStorage);
  const language = await speakIn(wanted.get("lang") ?? preferences.value.language, navigator.languages);
  const backend = await createBackend(location);
  const desk = new Desk(backend, localRegion(navigator.languages, language), preferences, language);

  // The gallery is for the browser build: the desktop app has one page, and no way to another.
  if (location.pathname.endsWith("/gallery")) {
    await desk.start();
    const { default: Gallery } = await import("@/gallery/Gallery.svelte");
    mount(Gallery, { target, props: { desk } });
  } else {
    mount(Window, { target, props: { desk, theme } });
    await desk.start();
  }
}

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app");
void start(target);
