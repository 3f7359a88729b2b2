import { defineConfig } from "vitest/config";

const INLINE = "textElement.setAttribute('style', combinedStyle)";
const BY_PROGRAM = "textElement.style.cssText = combinedStyle";

/** Cornerstone's labels set a `style` attribute, which the server's policy forbids; a property may. */
function labelsWithoutInlineStyle() {
  return {
    name: "labels-without-inline-style",
    transform(code: string, id: string) {
      if (!id.endsWith("/drawingSvg/drawTextBox.js")) {
        return null;
      }
      if (!code.includes(INLINE)) {
        throw new Error(`${id} no longer holds ${INLINE}: look at it again.`);
      }
      return { code: code.replace(INLINE, BY_PROGRAM), map: null };
    },
  };
}

// The server sends `base` from its own folder; nothing is inlined, because its policy forbids it.
export default defineConfig({
  base: "/static/",
  plugins: [labelsWithoutInlineStyle()],
  build: {
    target: "esnext",
    outDir: "../src/myeloscope/server/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 6000,
  },
  worker: { format: "es" },
  test: { include: ["src/**/*.test.ts"] },
});
