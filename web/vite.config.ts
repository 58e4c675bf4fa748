import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const API = process.env.FOURFRONTS_API ?? "http://127.0.0.1:8777";

export default defineConfig({
  plugins: [svelte()],
  // Relative addresses, so that the page also works behind a proxy that serves it under a path.
  base: "./",
  server: { proxy: { "/api": { target: API, ws: true } } },
  build: {
    outDir: "../src/fourfronts/web/static",
    emptyOutDir: true,
    target: "es2022",
    // The content security policy allows no data: addresses, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { include: ["test/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
