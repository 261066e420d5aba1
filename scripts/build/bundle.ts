import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type InputOptions, type OutputOptions, type Plugin, rolldown } from 'rolldown';
import type { Build } from '../../lib/system/build.ts';

const root = resolve(import.meta.dirname, '../..');

/** Folder of an installed package. Its `package.json` need not be exported. */
function packageFolder(name: string): string {
  return join(root, 'node_modules', name);
}

/** Adds a file to the bundle as it is. */
function copied(fileName: string, path: string): { type: 'asset'; fileName: string; source: Uint8Array } {
  return { type: 'asset', fileName, source: readFileSync(path) };
}

/** What runs inside of opencode is no part of the bundle: `otop plugin install` copies it as it is. */
const opencodePlugin: Plugin = {
  name: 'opencode-plugin',
  generateBundle() {
    this.emitFile(copied('plugin/otop.js', join(root, 'lib/plugin/otop.js')));
  },
};

/**
 * Node takes a file for CommonJS only where the nearest package.json says so. Its loader of ES modules costs a start 10 to
 * 30 ms more.
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

/** In ASCII, which is read in a tenth of the time. */
function compilable(code: string): string {
  const escaped = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return code.replace(/[^\0-\x7f]/g, escaped);
}

/** The large chunks that a start loads. */
const startChunks = ['look', 'frame', 'app', 'screen', 'command-line'];

/**
 * Compiles them while otop is built. Of the CPU time of a start this saves 14 to 17 % without sessions and 7 to 12 % with
 * the demo's 16 (Node 20, 22 and 24, medians of 20 pairs). Compiled code is valid only for the Node that made it with its
 * flags: under another Node otop compiles as usual, up to 4 % slower than without all this.
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
    this.emitFile(copied('compiled-chunk.js', join(import.meta.dirname, 'compiled-chunk.cjs')));
  },
  writeBundle({ dir = '' }, bundle) {
    const names = Object.keys(bundle).filter((name) => name.endsWith('.code'));
    const paths = names.map((name) => join(dir, name.replace(/\.code$/, '.js')));
    const compile = join(import.meta.dirname, 'compile-chunks.cjs');
    for (const flags of [[], stayFlags]) execFileSync(process.execPath, [...flags, compile, ...paths]);
  },
};

/**
 * sql.js stays a file of its own, since a trapped engine is replaced by loading it again, and it reads its WebAssembly from
 * its own folder. Chunks are one folder below it.
 */
const sqlJs: Plugin = {
  name: 'sql.js',
  resolveId(id) {
    return id === 'sql.js' ? { id: sqlJsFile, external: 'absolute' } : null;
  },
  transform(code, id) {
    if (!id.endsWith('/lib/sources/sqlite/sql-engine.ts')) return null;
    return code.replace("require.resolve('sql.js')", `require.resolve('${sqlJsFile}')`);
  },
  generateBundle() {
    for (const name of ['sql-wasm.js', 'sql-wasm.wasm'])
      this.emitFile(copied(`sql.js/${name}`, join(packageFolder('sql.js'), 'dist', name)));
  },
};

const sqlJsFile = '../sql.js/sql-wasm.js';

/**
 * The sixteen files of blessed that are used, in one chunk: found and compiled one by one they take 10 ms of a start. Its
 * index, which would load all of it, is never asked for. It looks for its terminal descriptions in `usr` beside the folder
 * of its code: those for `TERM=linux`, for xterm, which stands for most, and what it falls back to.
 */
const blessedParts: Plugin = {
  name: 'blessed-parts',
  resolveId(id, importer = '') {
    return importer.endsWith('/blessed/lib/unicode.js') && id === '../' ? blessedIndex : null;
  },
  load: (id) => (id === blessedIndex ? 'module.exports = undefined;' : null),
  generateBundle() {
    for (const name of ['linux', 'xterm', 'xterm-256color'])
      this.emitFile(copied(`usr/${name}`, join(packageFolder('blessed'), 'usr', name)));
  },
};

const blessedIndex = '\0blessed-index';

/** Packages whose files are copied beside the chunks; the bundler puts their other code into chunks. */
export const copiedPackages = ['sql.js', 'blessed', 'clipboardy'];

/** clipboardy starts its own `xsel` where none is installed, from `fallbacks` beside the folder of its code. */
const clipboardPrograms: Plugin = {
  name: 'clipboard-programs',
  generateBundle() {
    this.emitFile(copied('fallbacks/linux/xsel', join(packageFolder('clipboardy'), 'fallbacks/linux/xsel')));
  },
  writeBundle({ dir = '' }) {
    chmodSync(join(dir, 'fallbacks/linux/xsel'), 0o755);
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

/** What the bundler takes, to build once or to watch. */
interface BundlerOptions extends InputOptions {
  readonly output: OutputOptions;
}

/** How a bundle is made. */
export interface BundleOptions {
  /** Folder to write; what it holds is deleted. */
  readonly dir: string;
  readonly build: Build;
  /** Compiles the large chunks for this Node, which is of use only to a build that stays on this machine. */
  readonly isCompiled: boolean;
}

/**
 * Returns how the bundler makes otop and everything that it needs one bundle: a hundred small ES modules cost 30-40 ms to
 * resolve at every start, a bundle one read. Commands are imported dynamically, so each becomes a chunk of its own and
 * `otop sessions` never loads the screen library. Nothing is minified: a crash report names functions and lines.
 */
export function bundlerOptions({ dir, build, isCompiled }: BundleOptions): BundlerOptions {
  return {
    cwd: root,
    input: { otop: 'lib/cli/cli.ts' },
    plugins: [
      sqlJs,
      blessedParts,
      clipboardPrograms,
      opencodePlugin,
      commonJs,
      ...(isCompiled ? [compiledChunks] : []),
    ],
    platform: 'node',
    resolve: { mainFields: ['module', 'main'] },
    transform: { define: { OTOP_BUILD: JSON.stringify(build) } },
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message);
    },
    output: {
      dir,
      format: 'cjs',
      strict: true,
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
      codeSplitting: { groups },
      comments: false,
      postBanner: (chunk) => (chunk.isEntry ? launcher : ''),
      cleanDir: true,
    },
  };
}

/** Writes the bundle. Returns the paths of the modules in it. Throws if the bundler warns. */
export async function writeBundle(options: BundleOptions): Promise<readonly string[]> {
  const { output: written, ...input } = bundlerOptions(options);
  const bundle = await rolldown(input);
  const { output } = await bundle.write(written);
  await bundle.close();
  return output.flatMap((each) => (each.type === 'chunk' ? each.moduleIds : []));
}
