import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const service = process.env.WANGGE_DEV_SERVICE ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    // MapLibre alone is 1.1 MB; the warning would only ever name it.
    chunkSizeWarningLimit: 1200,
    // The small fonts stay files: inlined, every page would carry all of them.
    assetsInlineLimit: 0,
    rollupOptions: { input: ['index.html', 'docs/index.html'] },
  },
  server: { proxy: { '/api': service, '/tiles': service } },
  test: { include: ['tests/**/*.test.ts'] },
});
