import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { screenHints } from '../../lib/commands/dashboard-hints.ts';
import type { Board, Row } from '../../lib/domain/board/board.ts';
import { installedText, pluginPath } from '../../lib/plugin/installation.ts';
import type { Context } from '../../lib/system/context.ts';
import type { Surroundings } from '../../lib/system/surroundings.ts';
import { board, fleet, row } from '../support/board.ts';
import { text } from '../support/builders.ts';

const seconds = 1000;

let home: string;
let surroundings: Surroundings;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-hint-'));
  surroundings = { env: {}, homeDir: home };
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** The hints of one start of otop that shows these Boards; by default the second is five seconds after the first. */
function hintsOf(boards: readonly Board[], mayRead?: () => boolean): string[] {
  const filesystem = mayRead && { mayRead };
  const hint = screenHints({ color: true, mouse: true }, { ...surroundings, filesystem } as Context, true);
  return boards.flatMap((each) => hint(each) ?? []);
}
const twice = (rows: readonly Row[], some: Partial<Board> = {}) =>
  [0, 1, 6].map((after) => ({ ...board(rows), ...some, atMs: after * seconds }));

/** The hints of one start on a terminal that draws all signs, or not. */
function hintsAtOnce(
  origin: Surroundings,
  drawsAll: boolean,
  boards: readonly Board[] = [board([])],
): string[] {
  const hint = screenHints({ color: true, mouse: true }, origin as Context, drawsAll);
  return boards.flatMap((each) => hint(each) ?? []);
}

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
    expect(hintsOf([first, { ...first, atMs: seconds }, { ...first, atMs: 5 * seconds }])).toEqual([]);
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
    for (const installed of [
      installedText({ source: '', version: '0.1.0', form: 'object' }),
      'export const mine = 1;',
    ]) {
      writeFileSync(path, installed);
      expect(hintsOf(twice(fleet))).toEqual([]);
    }
  });

  it('is remembered beside other hints, and not given while the file of the hints is damaged', () => {
    const path = join(home, '.local/state/otop/hints.json');
    expect(hintsAtOnce(surroundings, false)).toHaveLength(1);
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
    const muchLater = { ...board(fleet), atMs: 40 * seconds };
    expect(hintsOf([...twice(fleet), muchLater, { ...muchLater, atMs: 50 * seconds }])).toEqual([
      expect.stringContaining('cannot be written'),
    ]);
  });
});

describe('the hint at what the environment lacks', () => {
  it('says once that it draws in ASCII, and why', () => {
    const surroundings = { env: { LC_ALL: 'C', LANG: 'de_DE.UTF-8' }, homeDir: home };
    expect(hintsAtOnce(surroundings, true)).toEqual([]);
    expect(hintsAtOnce(surroundings, false)).toEqual([expect.stringMatching(/^LC_ALL is C: drawn in ASCII/)]);
    expect(hintsAtOnce(surroundings, false)).toEqual([]);
  });

  it('leaves the line to a trouble, and to the hint at the plugin half a minute later', () => {
    const troubled = { ...board(fleet), atMs: 0, troubles: [{ source: 'log', text: text('gone') }] } as Board;
    const later = [1, 20, 32, 38].map((after) => ({ ...board(fleet), atMs: after * seconds }));
    const shown = hintsAtOnce({ env: {}, homeDir: home }, false, [troubled, ...later]);
    expect(shown.map((hint) => hint.slice(0, 16))).toEqual(['no locale is set', 'with `otop plugi']);
    const demo = screenHints({ color: true, mouse: true, demo: true }, surroundings as Context, false);
    expect(demo(board(fleet))).toBeUndefined();
  });

  it('says at each start that it can remember nothing', () => {
    const state = join(home, 'state');
    writeFileSync(state, '');
    const surroundings = { env: { XDG_STATE_HOME: state }, homeDir: home };
    for (let start = 0; start < 2; start += 1)
      expect(hintsAtOnce(surroundings, false)).toEqual([
        expect.stringMatching(/^~\/state\/otop cannot be written: /),
      ]);
  });
});
