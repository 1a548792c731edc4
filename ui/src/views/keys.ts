// What a key does in the window: lib/keyboard.ts says what a stroke asks for, and here it is done.
//
// Used by Window.svelte, and by the palette for the same things. Takes no key that belongs to a dialog, a menu or a field.

import { tick } from "svelte";
import { actionFor, type KeyAction, type Place } from "@/lib/keyboard";
import type { Desk } from "@/state/desk.svelte";
import type { ThemeController } from "@/state/theme.svelte";
import { actionsNow } from "./actions";

function placeOf(target: EventTarget | null): Place {
  if (!(target instanceof HTMLElement)) return "elsewhere";
  if (target.matches("input, textarea, select, [contenteditable]")) return "typing";
  const place = target.closest<HTMLElement>("[data-place]")?.dataset.place;
  if (target.matches("button, a, [role^=menuitem]")) return "control";
  if (place === "list" || place === "thread") return place;
  return "elsewhere";
}

const focusOn = (selector: string) => document.querySelector<HTMLElement>(selector)?.focus();
const focusList = () => focusOn("[data-testid=conversation-list]");

function goBack(desk: Desk): void {
  const active = document.activeElement;
  if (
    active instanceof HTMLElement &&
    active.matches("[data-testid=composer], [data-testid=note], [data-testid=thread]")
  )
    focusList();
  else desk.closeConversation();
}

/** A menu of the thread's header, which takes the focus. */
function openMenu(name: string): boolean {
  const button = document.querySelector<HTMLElement>(`[data-testid=${name}-menu]`);
  button?.click();
  return button !== null;
}

function openAtCursor(desk: Desk): boolean {
  const { cursor } = desk.list;
  if (cursor === null) return false;
  desk.openConversation(cursor);
  return true;
}

/** Answers whether the action could be done. `showSheet` shows what the keys do. */
function carryOut(action: KeyAction, desk: Desk, theme: ThemeController, showSheet: () => void): boolean {
  switch (action) {
    case "next":
    case "previous":
      // Before the focus: the first key stands on the first row.
      desk.list.move(action === "next" ? 1 : -1);
      focusList();
      return true;
    case "open":
      return openAtCursor(desk);
    case "back":
      goBack(desk);
      return true;
    case "reply":
    case "note":
      if (desk.open === null) return false;
      desk.open.acting.notes = action === "note";
      void tick().then(() => focusOn(action === "note" ? "[data-testid=note]" : "[data-testid=composer]"));
      return true;
    case "search":
      desk.search.open();
      return true;
    case "close":
      if (desk.open === null) return false;
      void desk.open.acting.closeOrReopen();
      return true;
    case "unread":
      if (desk.open === null) return false;
      void desk.markUnread();
      return true;
    case "assign":
    case "label":
    case "snooze":
      return openMenu(action);
    case "panel":
      if (desk.open === null) return false;
      desk.preferences.set({ panel: !desk.preferences.value.panel });
      return true;
    case "palette":
      desk.palette.open(actionsNow(desk, theme, (chosen) => void carryOut(chosen, desk, theme, showSheet)));
      return true;
    case "sheet":
      showSheet();
      return true;
  }
}

/** Does what the stroke asks for, unless a dialog or a menu is open: keys are theirs. */
export function takeKey(
  event: KeyboardEvent,
  desk: Desk,
  theme: ThemeController,
  showSheet: () => void,
): void {
  if (
    event.defaultPrevented ||
    desk.session.signedIn === null ||
    document.querySelector("dialog[open], [role=menu]")
  )
    return;
  const action = actionFor(event, placeOf(event.target));
  if (action !== null && carryOut(action, desk, theme, showSheet)) event.preventDefault();
}
