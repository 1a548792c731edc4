// Lint rules, and the house's own two: who may import what, and who may read the clock.
import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

const tauri = {
  group: ["@tauri-apps/*"],
  message: "Only src/backend/ knows Tauri. Ask the Backend.",
};
const implementations = {
  group: ["@/backend/tauri", "@/backend/fake", "@/backend/fake/*", "@/backend/create"],
  message: "Take the Backend that main.ts hands down, so that tests can hand down another.",
};
const views = { group: ["@/views/*"], message: "Views compose; nothing is built on a view." };
const domains = {
  group: [
    "@/conversation/*",
    "@/contact/*",
    "@/message/*",
    "@/palette/*",
    "@/compose/*",
    "@/search/*",
    "@/settings/*",
  ],
  message: "A domain folder knows shared/, lib/ and state/, not its neighbours. Compose them in a view.",
};
const state = {
  group: ["@/state/*"],
  message: "shared/ and lib/ take values and callbacks, not controllers.",
};
const backend = {
  group: ["@/backend/*"],
  message: "Components ask their controller, which asks the Backend.",
};
const relative = { group: ["../*"], message: "Write @/folder/file, so that the tier can be seen." };

const mayNotImport = (...patterns) => ({ "no-restricted-imports": ["error", { patterns }] });

export default ts.config(
  { ignores: ["dist/", "build/", "node_modules/", "src/bindings/"] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...ts.configs.stylisticTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: { ...globals.browser, __DESKLINE_VERSION__: "readonly" },
      parserOptions: {
        projectService: { allowDefaultProject: ["eslint.config.js", "svelte.config.js"] },
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: [".svelte"],
      },
    },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: {
      parserOptions: { parser: ts.parser, svelteConfig },
    },
    rules: {
      "svelte/no-at-html-tags": "error",
      "svelte/no-target-blank": "error",
      "svelte/button-has-type": "error",
      "svelte/require-each-key": "error",
      // State here is immutable values in `$state.raw`; a Map inside a function is nobody's state.
      "svelte/prefer-svelte-reactivity": "off",
      // `$props()` is a let even where nothing is reassigned.
      "prefer-const": "off",
      "svelte/prefer-const": ["error", { excludedRunes: ["$props", "$derived"] }],
    },
  },
  {
    // ESLint does not see the types of snippets and of callbacks in markup; svelte-check does, and it is strict.
    files: ["**/*.svelte"],
    rules: {
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/restrict-plus-operands": "off",
    },
  },
  { files: ["eslint.config.js", "svelte.config.js"], ...ts.configs.disableTypeChecked },
  { files: ["browser/**", "*.ts"], languageOptions: { globals: { ...globals.node } } },
  {
    files: ["src/**"],
    ignores: ["src/backend/**", "**/*.test.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "Ask backend.now(), which tests can stop." },
      ],
      "no-restricted-syntax": [
        "error",
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "Ask backend.now()." },
      ],
    },
  },
  // The tiers: shared and lib → state → domain folders → views.
  { files: ["src/lib/**"], rules: mayNotImport(tauri, relative, views, domains, state, backend) },
  { files: ["src/shared/**"], rules: mayNotImport(tauri, relative, views, domains, state, backend) },
  {
    files: ["src/state/**"],
    ignores: ["**/*.test.ts"],
    rules: mayNotImport(tauri, relative, implementations, views, domains),
  },
  ...["conversation", "contact", "message", "compose", "palette", "search", "settings"].map((folder) => ({
    files: [`src/${folder}/**`],
    rules: mayNotImport(tauri, relative, views, backend, {
      ...domains,
      group: domains.group.filter((pattern) => !pattern.startsWith(`@/${folder}/`)),
    }),
  })),
  { files: ["src/views/**"], rules: mayNotImport(tauri, relative, backend) },
  { files: ["src/gallery/**"], rules: mayNotImport(tauri, relative) },
  { files: ["src/main.ts"], rules: mayNotImport(tauri, relative) },
);
