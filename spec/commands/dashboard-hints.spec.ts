import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentHint, pluginHint } from '../../lib/commands/dashboard-hints.ts';
import type { Board, Row } from '../../lib/domain/board/board.ts';
import { installedText, pluginPath } from '../../lib/plugin/installation.ts';
import { board, fleet, row } from '../support/board.ts';
import { text } from '../support/builders.ts';

const seconds = 1000;

let home: string;
let surroundings: Parameters<typeof pluginHint>[0];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-hint-'));
  surroundings = { env: {}, homeDir: home };
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** The hints of one start of otop that shows these Boards; by default the second is five seconds after the first. */
function hintsOf(boards: readonly Board[], mayRead?: () => boolean): string[] {
  const hint = pluginHint(surroundings, mayRead);
  return boards.flatMap((each) => hint(each) ?? []);
}
const twice = (rows: readonly Row[], some: Partial<Board> = {}) =>
  [0, 5].map((after) => ({ ...board(rows), ...some, atMs: after * seconds }));

/** The rows, as if their evidence were of another kind. */
const matchedBy = (evidence: NonNullable<Row['match']>['evidence']) =>
  fleet.map((each) => (each.match ? { ...each, match: { ...each.match, evidence } } : each));

describe('the hint at the plugin', () => {
  it('is given once, and never again', () => {
    expect(hintsOf([...twice(fleet), ...twice(fleet)])).toEqual([
      'with `otop plugin install`, waiting permissions show at once (Esc)',
    ]);
    expect(hintsOf(twice(fleet))).toEqual([]);
    const path = join(home, '.local/state/otop/hints.json');
    expect(readFileSync(path, 'utf8')).toBe('{"seen":["plugin"]}\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('waits until servers have answered, troubles are gone and the home can be read', () => {
    const [first] = twice(fleet);
    if (!first) throw new Error('no board');
    expect(hintsOf([first, { ...first, atMs: 4 * seconds }])).toEqual([]);
    const trouble = { source: 'tmux', text: text('no answer') } as const;
    expect(hintsOf(twice(fleet, { troubles: [trouble] }))).toEqual([]);
    expect(hintsOf(twice(fleet), () => false)).toEqual([]);
    expect(hintsOf(twice(fleet))).toHaveLength(1);
  });

  it.each([
    ['no session runs', []],
    ['a process has no session', [row('new', '', { session: undefined } as unknown as Partial<Row>)]],
    ['the plugin reports every session', matchedBy('marker')],
    ['a server reports every session', matchedBy('server')],
    ['another machine runs them', fleet.map((each) => ({ ...each, elsewhere: { by: 'ssh' } as const }))],
  ])('is not given if %s', (_why, rows) => {
    expect(hintsOf(twice(rows))).toEqual([]);
    expect(hintsOf(twice(fleet))).toHaveLength(1);
  });

  it('is not given if something is in the place of the plugin', () => {
    const path = pluginPath(surroundings);
    mkdirSync(dirname(path), { recursive: true });
    for (const installed of [installedText('', '0.1.0', undefined), 'export const mine = 1;']) {
      writeFileSync(path, installed);
      expect(hintsOf(twice(fleet))).toEqual([]);
    }
  });

  it('is remembered beside other hints, and not given while the file of the hints is damaged', () => {
    const path = join(home, '.local/state/otop/hints.json');
    expect(environmentHint(surroundings, false)).toBeDefined();
    expect(hintsOf(twice(fleet))).toHaveLength(1);
    expect(readFileSync(path, 'utf8')).toBe('{"seen":["ascii","plugin"]}\n');
    for (const damaged of ['', 'null', '{"seen":1}', '{']) {
      writeFileSync(path, damaged);
      expect(hintsOf(twice(fleet))).toEqual([]);
    }
  });

  it('is not given if it could not be remembered', () => {
    // A file in the place of the folder, which also stops root.
    writeFileSync(join(home, 'state'), '');
    surroundings = { env: { XDG_STATE_HOME: join(home, 'state') }, homeDir: home };
    expect(hintsOf(twice(fleet))).toEqual([]);
  });
});

describe('the hint at what the environment lacks', () => {
  it('says once that it draws in ASCII, and why', () => {
    const surroundings = { env: { LC_ALL: 'C', LANG: 'de_DE.UTF-8' }, homeDir: home };
    expect(environmentHint(surroundings, true)).toBeUndefined();
    expect(environmentHint(surroundings, false)).toMatch(/^LC_ALL is C: drawn in ASCII/);
    expect(environmentHint(surroundings, false)).toBeUndefined();
  });

  it('says at each start that it can remember nothing', () => {
    const state = join(home, 'state');
    writeFileSync(state, '');
    const surroundings = { env: { XDG_STATE_HOME: state }, homeDir: home };
    for (let start = 0; start < 2; start += 1)
      expect(environmentHint(surroundings, false)).toMatch(/^~\/state\/otop cannot be written: /);
  });
});
