import { accessSync, constants, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
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

  it('run existing commands of otop', () => {
    const module: unknown = parse(read('waybar.jsonc'));
    const exec = /"exec": "otop status --format (\w+)"/.exec(read('waybar.jsonc'))?.[1];
    expect(module).toMatchObject({ 'custom/otop': { 'return-type': 'json' } });
    expect(statusFormats).toContain(exec);
    expect(read('otop.5s.sh')).toMatch(/^exec otop bar-status$/m);
    expect(() => accessSync(path('otop.5s.sh'), constants.X_OK)).not.toThrow();
  });
});
