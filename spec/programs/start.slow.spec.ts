import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announce, announcementPath, withdraw } from '../../lib/serve/announcement.ts';
import { emptyWorld, otopPath } from '../support/program.ts';
import { eventOf } from '../support/wait.ts';

/** The files and modules that a run of the built program has loaded. */
interface Start {
  readonly nodeOptions: readonly string[];
  /** The texts of otop's own files. */
  readonly texts: readonly string[];
  readonly packages: readonly string[];
  /** Node modules that otop's code imports statically; dynamic imports depend on the processes of the machine. */
  readonly builtins: ReadonlySet<string>;
}

let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-start-'));
  const record = '{ argv: process.execArgv, files: Object.keys(require.cache) }';
  writeFileSync(
    join(home, 'record.cjs'),
    `process.on('exit', () => require('fs').writeFileSync('${join(home, 'record.json')}', JSON.stringify(${record})));`,
  );
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const required = /^let \w+ = require\("node:([^"]+)"\)/gm;

/** Runs the program through its shebang line, in an empty home, without a terminal. */
async function start(args: readonly string[]): Promise<Start> {
  const env = { ...emptyWorld(), HOME: home, NODE_OPTIONS: `--require=${join(home, 'record.cjs')}` };
  // `waiting` exits with 1 here, because no session waits.
  await promisify(execFile)('sh', [otopPath, ...args], { env }).catch(() => undefined);
  const record: { argv: string[]; files: string[] } = JSON.parse(
    readFileSync(join(home, 'record.json'), 'utf8'),
  );
  const ours = record.files.filter((path) => path.startsWith(dirname(otopPath)));
  const texts = ours.map(chunkText);
  return {
    nodeOptions: record.argv,
    texts,
    packages: record.files.flatMap((path) => /node_modules\/((@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
    builtins: new Set(texts.flatMap((text) => [...text.matchAll(required)].map(([, name]) => name ?? ''))),
  };
}

/** The text of a chunk; for a large chunk it is in a file next to it. */
function chunkText(path: string): string {
  const codePath = path.replace(/\.js$/, '.code');
  return readFileSync(existsSync(codePath) ? codePath : path, 'utf8');
}

/** True if the chunk with commander was loaded. */
const parsesOptions = ({ texts }: Start) => texts.some((text) => text.includes('class CommanderError'));

describe('a start', () => {
  it.each([[['status']], [['bar-status']], [['waiting']], [['status', '--format', 'waybar']]])(
    'of %j loads the session sources, but no option parser, models, servers or screen',
    async (args) => {
      const started = await start(args);
      // sql.js is not listed, because otop removes it from the module cache after loading it.
      expect(started.packages).toEqual([]);
      expect(parsesOptions(started)).toBe(false);
      expect(started.builtins).toContain('child_process');
      for (const name of ['crypto', 'http', 'https', 'readline', 'worker_threads'])
        expect(started.builtins).not.toContain(name);
    },
  );

  it('of `status` next to a running serve loads only the code of the request', async () => {
    const serve = createServer((socket) =>
      socket.on('error', () => undefined).end('HTTP/1.1 200 OK\r\nx-otop-instance: one\r\n\r\n▶1\n'),
    );
    await eventOf(serve.listen(0, '127.0.0.1'), 'listening');
    const { port } = serve.address() as AddressInfo;
    const path = announcementPath({}, home);
    announce(path, { pid: process.pid, address: '127.0.0.1', port, instance: 'one', guarded: false });
    const started = await start(['status']);
    expect(started.packages).toEqual([]);
    expect(parsesOptions(started)).toBe(false);
    expect(started.builtins).not.toContain('child_process');
    withdraw(path, 'one');
    serve.close();
  });

  it('sets V8 flags only for the dashboard, serve and --watch, since with them Node recompiles its own modules', async () => {
    expect((await start(['status'])).nodeOptions).toEqual([]);
    expect((await start(['sessions', '--demo'])).nodeOptions).toEqual([]);
    const flags = expect.arrayContaining(['--max-semi-space-size=4']);
    expect((await start([])).nodeOptions).toEqual(flags);
    expect((await start(['--all', '--once'])).nodeOptions).toEqual(flags);
    expect((await start(['serve', '--port', 'none'])).nodeOptions).toEqual(flags);
    expect((await start(['sessions', '--watch', '--schema'])).nodeOptions).toEqual(flags);
  });
});
