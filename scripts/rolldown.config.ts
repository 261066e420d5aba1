import { execFileSync } from 'node:child_process';
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

/** Of V8, for what stays: the dashboard, `serve`, `--watch`. */
const stayFlags = ['--max-semi-space-size=4', '--initial-old-space-size=24', '--heap-growing-percent=40'];

/**
 * How `otop` starts: as a shell script whose second line is a string to JavaScript. V8's flags have no other place that
 * works everywhere (`env -S` is not in BusyBox). Together they save 12 % of the memory on Node 22 and 24 and 8 to 10 % on
 * Node 20 (10 sessions of which 3 work, medians of 5 rounds): a young generation of 4 MB, an old one collected from 24 MB
 * on and then whenever it has grown by two fifths, and one helper thread. Commands that end at once go without: with flags
 * Node compiles its own modules again, which takes 10 to 20 ms.
 */
const launcher = `#!/bin/sh
':' //; case "$*" in ''|-*|serve*|*--watch*) exec node ${stayFlags.join(' ')} --v8-pool-size=1 "$0" "$@";; esac; exec node "$0" "$@"`;

/** With `importing()` for `import()`, and in ASCII, which is read in a tenth of the time. */
function compilable(code: string): string {
  const escaped = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return code.replace(/\bimport\((?="[^."])/g, 'importing(').replace(/[^\0-\x7f]/g, escaped);
}

/** The large chunks that a start loads. */
const startChunks = ['look', 'frame', 'app', 'screen', 'command-line'];

/**
 * Compiles them while otop is built. Of the CPU time of a start this saves 14 to 17 % without sessions and 7 to 12 % with
 * the demo's 16 (Node 20, 22 and 24, medians of 20 pairs). V8 takes compiled code only from its own version with its own
 * flags: under another Node otop compiles as usual, up to 4 % slower than without all this. Compiled code has no
 * `import()`, which packages need that are ES modules: it is given one.
 */
const compiledChunks: Plugin = {
  name: 'compiled-chunks',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk' || !startChunks.includes(chunk.name)) continue;
      const fileName = chunk.fileName.replace(/\.js$/, '.code');
      this.emitFile({ type: 'asset', fileName, source: compilable(chunk.code) });
      chunk.code = "require('../compiled-chunk.js').run(module, require);\n";
    }
    const source = readFileSync(join(import.meta.dirname, 'compiled-chunk.cjs'), 'utf8');
    this.emitFile({ type: 'asset', fileName: 'compiled-chunk.js', source });
  },
  writeBundle({ dir = '' }, bundle) {
    const names = Object.keys(bundle).filter((name) => name.endsWith('.code'));
    const paths = names.map((name) => join(dir, name.replace(/\.code$/, '.js')));
    const compile = join(import.meta.dirname, 'compile-chunks.cjs');
    for (const flags of [[], stayFlags]) execFileSync(process.execPath, [...flags, compile, ...paths]);
  },
};

/**
 * The sixteen files of blessed that are used, in one chunk: found and compiled one by one they take 10 ms of a start. Its
 * terminal descriptions stay where npm put them, and its index, which would load all of it, is never asked for.
 */
const blessedParts: Plugin = {
  name: 'blessed-parts',
  resolveId(id, importer = '') {
    return importer.endsWith('/blessed/lib/unicode.js') && id === '../'
      ? { id: 'blessed', external: true }
      : null;
  },
  transform(code, id) {
    if (!id.endsWith('/blessed/lib/tput.js')) return null;
    return code.replaceAll('__dirname', "path.dirname(require.resolve('blessed/lib/tput.js'))");
  },
};

/**
 * What every start needs with what asks a running serve, and what looks at sessions: two files more, where thirty would be
 * found, read and compiled one by one.
 */
const groups = [
  { name: 'start', test: /\/lib\/(cli\/cli|commands\/status)\.ts$/, priority: 1 },
  { name: 'look', test: /\/lib\/commands\/(own-status|waiting)\.ts$/ },
  { name: 'screen', test: /\/node_modules\/(blessed|blessed-contrib|x256)\//, priority: 2 },
];

const bundled = [
  '@sinclair/typebox',
  'commander',
  'eventsource-parser',
  'get-east-asian-width',
  'jsonc-parser',
  'lru-cache',
  'x256',
];

/**
 * One bundle of our own modules, of the small packages in `bundled`, and of what is used of blessed; other packages stay
 * outside it. A hundred small ES modules cost 30-40 ms to resolve at every start, a bundle one read. Commands are imported
 * dynamically, so each becomes a chunk of its own and `otop sessions` never loads the screen library.
 */
export default defineConfig({
  input: { otop: 'lib/cli/cli.ts' },
  plugins: [blessedParts, opencodePlugin, commonJs, compiledChunks],
  platform: 'node',
  external: new RegExp(
    `^(?!\\.{0,2}/)(?!.*/lib/cli/cli\\.ts$)(?!(${bundled.join('|')})$)(?!blessed(-contrib)?/lib/)`,
  ),
  resolve: { mainFields: ['module', 'main'] },
  output: {
    dir: 'dist',
    format: 'cjs',
    strict: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    codeSplitting: { groups },
    postBanner: (chunk) => (chunk.isEntry ? launcher : ''),
    cleanDir: true,
  },
});
