import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const service = process.env.WANGGE_DEV_SERVICE ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    // MapLibre is 1.1 MB, Swagger UI 1.5; the warning would only ever name them.
    chunkSizeWarningLimit: 1600,
    // The small fonts stay files: inlined, every page would carry all of them.
    assetsInlineLimit: 0,
    rollupOptions: { input: ['index.html', 'plan/index.html', 'docs/index.html'] },
  },
  server: { proxy: { '/api': service, '/tiles': service } },
  test: { include: ['tests/**/*.test.ts'] },
});
