import { accessSync, constants, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { launchdAgent, systemdUnit } from '../../lib/bar/service.ts';
import { swiftbarPlugin } from '../../lib/bar/swiftbar.ts';
import { waybarModule } from '../../lib/bar/waybar.ts';
import { statusFormats } from '../../lib/domain/board/status-format-names.ts';
import { openMetrics } from '../../lib/serve/metrics.ts';
import { board, fleet } from '../support/board.ts';
import { nowMs } from '../support/builders.ts';

const root = resolve(import.meta.dirname, '../..');
const path = (name: string) => resolve(root, 'scripts/contrib', name);
const read = (name: string) => readFileSync(path(name), 'utf8');

describe('the configuration files for other programs', () => {
  it('query only existing metrics in Grafana', async () => {
    const metrics = openMetrics({
      version: '1.2.3',
      board: () => board(fleet),
      nowMs: () => nowMs,
      ownUse: () => ({ rssBytes: 1, cpuPercent: 1 }),
      cpuMicros: () => 1,
      eventClients: () => 0,
    });
    const text = await metrics.text();
    const queried = new Set(read('grafana-dashboard.json').match(/otop_[a-z_]+/g));
    expect(queried.size).toBeGreaterThan(5);
    expect([...queried].filter((name) => !text.includes(`# TYPE ${name} `))).toEqual([]);
  });

  it('contain the lines that docs/status-bars.md shows for tmux', () => {
    const shown = readFileSync(resolve(root, 'docs/status-bars.md'), 'utf8');
    for (const line of read('tmux.conf')
      .split('\n')
      .filter((each) => each.startsWith('set ')))
      expect(shown).toContain(line);
  });

  it.each([
    ['otop.service', systemdUnit(undefined)],
    ['dev.otop.serve.plist', launchdAgent(undefined, '/tmp/dev.otop.serve.log')],
    ['otop.5s.sh', swiftbarPlugin(undefined)],
    ['waybar.jsonc', waybarExample()],
  ])('are what `otop bar` writes, with the otop of the PATH: %s', async (name, lines) => {
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(path(name));
  });

  it('run existing commands of otop', () => {
    const exec = /"exec": "otop status --format (\w+)"/.exec(read('waybar.jsonc'))?.[1];
    expect(statusFormats).toContain(exec);
    expect(() => accessSync(path('otop.5s.sh'), constants.X_OK)).not.toThrow();
  });
});

function waybarExample(): string[] {
  const comment =
    '// A waybar module: add it to waybar\'s config, and "custom/otop" to one of its module lists; or: otop bar install waybar';
  const module = { 'custom/otop': waybarModule('otop status --format waybar', undefined) };
  return [comment, ...JSON.stringify(module, null, 2).split('\n')];
}
