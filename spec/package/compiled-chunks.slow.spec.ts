import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyWorld, otopPath } from '../support/program.ts';

let folder: string;
let record: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-compiled-'));
  record = join(folder, 'record.json');
  writeFileSync(
    join(folder, 'record.cjs'),
    `const vm = require('node:vm');
    const scripts = [];
    vm.Script = class extends vm.Script {
      constructor(text, options) {
        super(text, options);
        scripts.push(this);
      }
    };
    process.on('exit', () => {
      const rejected = scripts.map(({ cachedDataRejected }) => String(cachedDataRejected));
      require('node:fs').writeFileSync('${record}', JSON.stringify(rejected));
    });`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Runs an otop through its shebang line; returns whether V8 rejected the code cache of each chunk, `undefined`
 * without a cache.
 */
async function run(path: string, args: readonly string[]) {
  const env = { ...emptyWorld(), HOME: folder, NODE_OPTIONS: `--require=${join(folder, 'record.cjs')}` };
  const { stdout, stderr } = await promisify(execFile)('sh', [path, ...args], { env });
  const rejected: readonly string[] = JSON.parse(readFileSync(record, 'utf8'));
  return { rejected: new Set(rejected), isPrinted: stdout.length > 0, stderr };
}

describe('the code cache of the chunks', () => {
  it.each([
    ['a command that exits', ['status']],
    ['a command with V8 flags', ['--once']],
  ])('is accepted by V8 in %s', async (_what, args) => {
    expect((await run(otopPath, args)).rejected).toEqual(new Set(['false']));
  });

  it('is ignored if it is damaged or missing', async () => {
    const dist = join(folder, 'dist');
    cpSync(dirname(otopPath), dist, { recursive: true });
    const chunks = join(dist, 'chunks');
    const compiled = readdirSync(chunks).filter((name) => /-\d+$/.test(name));
    for (const name of compiled) truncateSync(join(chunks, name), 1000);
    const args = ['completions', 'bash'];
    const copy = join(dist, 'otop.js');
    expect(await run(copy, args)).toEqual({ rejected: new Set(['true']), isPrinted: true, stderr: '' });
    for (const name of compiled) rmSync(join(chunks, name));
    expect(await run(copy, args)).toEqual({ rejected: new Set(['undefined']), isPrinted: true, stderr: '' });
  });
});
