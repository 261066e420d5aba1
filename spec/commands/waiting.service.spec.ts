import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startMs } from '../sources/process/world.ts';
import { ReleasedWorld } from '../support/released-world.ts';
import type { SessionWriterV2 } from '../support/session-writer-v2.ts';

let world: ReleasedWorld;
let writer: SessionWriterV2;

beforeEach(async () => {
  world = await ReleasedWorld.start();
  writer = world.begin().prompt('Go').step();
});

afterEach(() => world.close());

const otop = (...args: string[]) => world.otop(startMs + 60_000, ...args);

const runTool = () => writer.content(writer.tool('shell', { command: 'make test' }));

describe('a service of opencode 2 that otop cannot ask', () => {
  it('makes `waiting` unsure while a tool runs, and says why', async () => {
    runTool();
    expect(await otop('waiting')).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(
        /^otop: server: Tidy the shop may be asking, and the asks of pid 700 cannot be seen: it needs a password/,
      ),
    });
    expect(await otop('waiting', '-q')).toEqual({ code: 2, out: '', err: '' });
  });

  it('does not make it unsure while no tool runs', async () => {
    expect(await otop('waiting')).toEqual({ code: 1, out: '', err: '' });
  });

  it('is named by `doctor` and `why`, and marks the row', async () => {
    runTool();
    const lines = (await otop('doctor')).out.split('\n').map((line) => line.replace(/ {2,}/g, ' '));
    expect(lines.filter((line) => /^\w+ (database|servers) /.test(line))).toEqual([
      expect.stringMatching(/^ok database .*, tables of opencode 1 and 2$/),
      expect.stringMatching(
        /^warning servers pid 700, opencode of unknown version: it needs a password.*; its permissions cannot be seen$/,
      ),
    ]);
    expect((await otop('why', writer.id)).out).toContain(
      '  asks     may ask for a permission, which cannot be seen: it needs a password',
    );
    expect((await otop('--once', '--size', '120x20')).out).toContain('tool use?');
  });
});

describe('a service of opencode 2 that otop asks', () => {
  beforeEach(() => {
    world.writeNote();
    runTool();
  });

  it('tells of its asks', async () => {
    expect(await otop('waiting')).toEqual({ code: 1, out: '', err: '' });
    world.server.askPermission(writer.id, { resources: ['make test'] });
    const { code, out } = await otop('waiting');
    expect([code, out]).toEqual([0, expect.stringContaining('Tidy the shop')]);
  });

  it('tells its version and the API that it speaks', async () => {
    const { out } = await otop('doctor');
    expect(out).toMatch(/opencode +running: 1 opencode 2\.0\.18 service \(700\)$/m);
    expect(out).toMatch(/servers +pid 700, opencode 2\.0\.18: the released API, last heard /);
    const config = join(world.home, 'config.jsonc');
    writeFileSync(config, '{ "columns": ["title", "version"] }');
    const frame = await otop('--once', '--size', '120x20', '--config', config);
    expect(frame.out).toMatch(/Tidy the shop +2\.0\.18/);
  });
});
