// How the window is built: `vite build` writes `ui/dist`, which Tauri embeds; `vite` serves it with the fake backend.
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

/** The policy of the real window, so that the browser tests fail where the real window would. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'";

export default defineConfig({
  plugins: [tailwindcss(), svelte()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  // A strict policy knows no data: addresses.
  build: { target: ["chrome123", "safari17.5"], assetsInlineLimit: 0, reportCompressedSize: false },
  server: { port: 5183, strictPort: false },
  preview: { headers: { "Content-Security-Policy": contentSecurityPolicy } },
});
