// The way in: makes the backend, the desk and the window, and nothing else.

import { mount } from "svelte";
import { createBackend } from "@/backend/create";
import { localRegion } from "@/lib/time";
import { Desk } from "@/state/desk.svelte";
import { ThemeController } from "@/state/theme.svelte";
import Window from "@/views/Window.svelte";
import "@/styles/app.css";

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app");

const wantedTheme = new URLSearchParams(location.search).get("theme");
const theme = new ThemeController(localStorage, document.documentElement, wantedTheme);
const backend = await createBackend(location);
const desk = new Desk(backend, localRegion(navigator.languages));

mount(Window, { target, props: { desk, theme } });
await desk.start();
