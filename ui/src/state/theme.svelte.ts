// Light, dark, or as the system has it. Kept in localStorage, set as data-theme on <html>; styles/tokens.css does the rest.

export type Theme = "system" | "light" | "dark";

const KEY = "deskline.theme";

function read(wanted: string | null): Theme {
  return wanted === "light" || wanted === "dark" ? wanted : "system";
}

export class ThemeController {
  value = $state<Theme>("system");
  #storage: Pick<Storage, "getItem" | "setItem">;
  #root: HTMLElement;

  /** `wanted` wins over what was kept, and is not kept: it comes from the address of the browser build. */
  constructor(storage: Pick<Storage, "getItem" | "setItem">, root: HTMLElement, wanted: string | null) {
    this.#storage = storage;
    this.#root = root;
    this.value = read(wanted ?? storage.getItem(KEY));
    this.#show();
  }

  set(theme: Theme): void {
    this.value = theme;
    this.#storage.setItem(KEY, theme);
    this.#show();
  }

  #show(): void {
    if (this.value === "system") delete this.#root.dataset.theme;
    else this.#root.dataset.theme = this.value;
  }
}
