import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announce, announcementPath, withdraw } from '../../lib/serve/announcement.ts';
import { otopPath } from '../support/program.ts';

/** What a run of the built program had loaded at its end. */
interface Start {
  readonly nodeOptions: readonly string[];
  /** Of our own code. */
  readonly texts: readonly string[];
  readonly packages: readonly string[];
  /** Node's own modules that our code loads with itself; what others it loads depends on what runs on the machine. */
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

/** Runs the program as its first line says, in an empty home, with no terminal. */
async function start(args: readonly string[]): Promise<Start> {
  const { PATH } = process.env;
  const env = { PATH, HOME: home, LANG: 'C.UTF-8', NODE_OPTIONS: `--require=${join(home, 'record.cjs')}` };
  // `waiting` says no with its exit code.
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

/** A large chunk's text is beside it. */
function chunkText(path: string): string {
  const beside = path.replace(/\.js$/, '.code');
  return readFileSync(existsSync(beside) ? beside : path, 'utf8');
}

/** Where commander is bundled. */
const parsesOptions = ({ texts }: Start) => texts.some((text) => text.includes('class CommanderError'));

describe('a start', () => {
  it.each([[['status']], [['bar-status']], [['waiting']], [['status', '--format', 'waybar']]])(
    'of %j loads what looks at sessions, and neither options, models, servers nor a screen',
    async (args) => {
      const started = await start(args);
      // sql.js is not among them: it is taken out of the cache as soon as it is loaded.
      expect(started.packages).toEqual([]);
      expect(parsesOptions(started)).toBe(false);
      expect(started.builtins).toContain('child_process');
      for (const name of ['crypto', 'http', 'https', 'readline', 'worker_threads'])
        expect(started.builtins).not.toContain(name);
    },
  );

  it('of `status` beside a serve loads nothing but what asks', async () => {
    const serve = createServer((socket) =>
      socket.on('error', () => undefined).end('HTTP/1.1 200 OK\r\nx-otop-instance: one\r\n\r\n▶1\n'),
    );
    serve.listen(0, '127.0.0.1');
    await once(serve, 'listening');
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

  it('gives V8 flags only where otop stays: with them Node compiles its own modules anew', async () => {
    expect((await start(['status'])).nodeOptions).toEqual([]);
    expect((await start(['sessions', '--demo'])).nodeOptions).toEqual([]);
    const stays = expect.arrayContaining(['--max-semi-space-size=4']);
    expect((await start([])).nodeOptions).toEqual(stays);
    expect((await start(['--all', '--once'])).nodeOptions).toEqual(stays);
    expect((await start(['serve', '--port', 'none'])).nodeOptions).toEqual(stays);
    expect((await start(['sessions', '--watch', '--schema'])).nodeOptions).toEqual(stays);
  });
});
