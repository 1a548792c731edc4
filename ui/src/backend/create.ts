// Chooses the backend: the engine inside the desktop app, seeded conversations in a plain browser.

import type { Backend } from "./backend";
import { tauriBackend } from "./tauri";

export async function createBackend(address: Location): Promise<Backend> {
  if ("__TAURI_INTERNALS__" in window) return tauriBackend();
  const { fakeBackend } = await import("./fake");
  return fakeBackend(new URLSearchParams(address.search));
}
