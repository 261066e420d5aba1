import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'rolldown';

/** What runs inside of opencode is no part of the bundle: `otop plugin install` copies it as it is. */
const opencodePlugin: Plugin = {
  name: 'opencode-plugin',
  generateBundle() {
    const source = readFileSync(join(import.meta.dirname, '../lib/plugin/otop.js'));
    this.emitFile({ type: 'asset', fileName: 'plugin/otop.js', source });
  },
};

/**
 * Node takes a file for CommonJS only where the nearest package.json says so. Its loader of ES modules, and the packages
 * that are CommonJS themselves behind it, cost a start 10 to 30 ms more.
 */
const commonJs: Plugin = {
  name: 'common-js',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
  },
};

/**
 * How `otop` starts: as a shell script whose second line is a string to JavaScript. What has to be told to V8 before it
 * starts has no other place that works everywhere (`env -S` is not in BusyBox), and is told for what stays: the dashboard,
 * `serve`, `--watch`. Measured with 10 sessions of which 3 work: a young generation of 2 MB, an old one collected from 16 MB
 * on and then whenever it has grown by two fifths, and one helper thread make 90 MB resident of 115 to 130. All are known to
 * Node 20 to 24: an unknown one would be the end. What ends at once goes without: with other flags than it was built with,
 * Node compiles its own modules anew at every start, which takes 10 to 20 ms.
 */
const launcher = `#!/bin/sh
':' //; case "$*" in ''|-*|serve*|*--watch*) exec node --max-semi-space-size=2 --initial-old-space-size=16 --heap-growing-percent=40 --v8-pool-size=1 "$0" "$@";; esac; exec node "$0" "$@"`;

/**
 * One bundle of our own modules, and of commander and jsonc-parser; other packages stay outside it. A hundred small ES
 * modules cost 30-40 ms to resolve at every start, a bundle one read. Commands are imported dynamically, so each becomes a
 * chunk of its own and `otop sessions` never loads the screen library.
 */
export default defineConfig({
  input: { otop: 'lib/cli.ts' },
  plugins: [opencodePlugin, commonJs],
  platform: 'node',
  external: /^(?!\.{0,2}\/)(?!.*\/lib\/cli\.ts$)(?!(commander|jsonc-parser)$)/,
  resolve: { mainFields: ['module', 'main'] },
  output: {
    dir: 'dist',
    format: 'cjs',
    strict: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    postBanner: (chunk) => (chunk.isEntry ? launcher : ''),
    cleanDir: true,
  },
});
