// How the window is built: `vite build` writes `ui/dist`, which Tauri embeds; `vite` serves it with the fake backend.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig, type Plugin } from "vite";
import { icons } from "./icons.ts";

/** The policy of the real window, so that the browser tests fail where the real window would. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** What the window says of itself: the version of the program that it is part of. */
const version = /^version = "(.+)"$/m.exec(
  readFileSync(new URL("../Cargo.toml", import.meta.url), "utf8"),
)?.[1];

/** What no window needs at once, or at all. */
const LATER = /\/src\/(gallery|backend\/fake|lib\/words\/de)(\/|\.ts$)|emojibase-data/;

/** What an agent's window may load, compressed: it has to be there at once, on any machine. */
const LIMIT = 150_000;

/**
 * Fails the build when the desktop's own JavaScript has grown too large. The fake engine and the gallery are never loaded there. What the
 * browser tests build is Svelte's own debug build, which warns of mistakes and is larger: nobody's desktop loads it.
 */
function checksSize(): Plugin {
  const elsewhere = /^(fake|Gallery)$/;
  let ships = false;
  return {
    name: "checks-size",
    configResolved({ isProduction }) {
      ships = isProduction;
    },
    generateBundle(_options, bundle) {
      if (!ships) return;
      const chunks = Object.values(bundle).filter((one) => one.type === "chunk");
      const loaded = new Set<string>();
      const follow = (file: string): void => {
        const chunk = chunks.find(({ fileName }) => fileName === file);
        if (chunk === undefined || loaded.has(file) || elsewhere.test(chunk.name)) return;
        loaded.add(file);
        [...chunk.imports, ...chunk.dynamicImports].forEach(follow);
      };
      chunks.filter(({ isEntry }) => isEntry).forEach(({ fileName }) => follow(fileName));
      const bytes = chunks
        .filter(({ fileName }) => loaded.has(fileName))
        .reduce((sum, { code }) => sum + gzipSync(code).length, 0);
      if (bytes > LIMIT)
        this.error(
          `the window's JavaScript is ${bytes} bytes compressed, and ${LIMIT} are allowed: see what grew`,
        );
      this.info(`the window's JavaScript is ${bytes} bytes compressed, of ${LIMIT}`);
    },
  };
}

/**
 * Has the letters of most texts fetched with the script, and not once there is a text to be shown: it would be laid out and painted twice.
 */
function fetchesLettersEarly(): Plugin {
  return {
    name: "fetches-letters-early",
    transformIndexHtml: {
      order: "post",
      handler: (_html, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((file) => /\/inter-latin-wght-normal-[^/]*\.woff2$/.test(file))
          .map((file) => ({
            tag: "link",
            attrs: { rel: "preload", as: "font", type: "font/woff2", crossorigin: true, href: `/${file}` },
            injectTo: "head",
          })),
    },
  };
}

export default defineConfig({
  define: { __DESKLINE_VERSION__: JSON.stringify(version ?? "") },
  plugins: [tailwindcss(), svelte(), icons(), fetchesLettersEarly(), checksSize()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  // A strict policy knows no data: addresses.
  build: {
    target: ["chrome123", "safari17.5"],
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // What a window loads at once is one file: split by what the gallery shares with it, it compresses worse and comes in more pieces.
        codeSplitting: { groups: [{ name: "window", test: (id) => !LATER.test(id) }] },
      },
    },
  },
  server: { port: 5183, strictPort: false },
  preview: { headers: { "Content-Security-Policy": contentSecurityPolicy } },
});
