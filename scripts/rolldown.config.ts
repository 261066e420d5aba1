import { defineConfig } from 'rolldown';

/**
 * One bundle of our own modules; packages stay outside it. A hundred small ES modules cost 30-40 ms to resolve
 * at every start, a bundle one read. Commands are imported dynamically, so each becomes a chunk of its own
 * and `otop sessions` never loads the screen library.
 */
export default defineConfig({
  input: { otop: 'lib/cli.ts' },
  platform: 'node',
  external: /^(?!\.{0,2}\/)(?!.*\/lib\/cli\.ts$)/,
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    banner: (chunk) => (chunk.isEntry ? '#!/usr/bin/env node' : ''),
    cleanDir: true,
  },
});
