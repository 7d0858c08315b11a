import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const service = process.env.WANGGE_DEV_SERVICE ?? 'http://127.0.0.1:8000';

/** Leaflet, for the page of an impact: it carries the library whole, for it is read anywhere. */
function leafletForImpact(): Plugin {
  const { resolve } = createRequire(import.meta.url);
  return {
    name: 'leaflet-for-impact',
    generateBundle() {
      for (const fileName of ['leaflet.js', 'leaflet.css']) {
        const source = readFileSync(resolve(`leaflet/dist/${fileName}`), 'utf8');
        this.emitFile({ type: 'asset', fileName: `impact/${fileName}`, source });
      }
    },
  };
}

/** Beside each script and style its gzip, which the service sends as it lies there. */
function compressedOnce(): Plugin {
  return {
    name: 'compressed-once',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        for (const [name, file] of Object.entries(bundle)) {
          if (!/^assets\/.*\.(js|mjs|css)$/.test(name)) continue;
          const plain = file.type === 'chunk' ? file.code : file.source;
          this.emitFile({ type: 'asset', fileName: `${name}.gz`, source: gzipSync(plain, { level: 9 }) });
        }
      },
    },
  };
}

export default defineConfig({
  plugins: [svelte(), leafletForImpact(), compressedOnce()],
  build: {
    target: 'es2022',
    // MapLibre is 1.1 MB, Swagger UI 1.5; the warning would only ever name them.
    chunkSizeWarningLimit: 1600,
    // The small fonts stay files: inlined, every page would carry all of them.
    assetsInlineLimit: 0,
    rollupOptions: { input: ['index.html', 'plan/index.html', 'insight/index.html', 'open/index.html', 'docs/index.html'] },
  },
  server: { proxy: { '/api': service, '/tiles': service } },
  test: { include: ['tests/**/*.test.ts'] },
});
