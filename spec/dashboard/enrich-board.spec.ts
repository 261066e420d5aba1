import { describe, expect, it } from 'vitest';
import { BoardEnricher } from '../../lib/dashboard/enrich-board.ts';
import type { Board } from '../../lib/domain/board/board.ts';
import { parseFilter } from '../../lib/domain/table/filter.ts';
import { initialUiState, type UiState } from '../../lib/domain/ui/ui-state.ts';
import { board, row } from '../support/board.ts';
import { process, session, text } from '../support/builders.ts';

const inFolder = (name: string) => session({ title: text(name), directoryPath: `/src/${name}` });
const of = board(
  ['api', 'app', 'cli'].map((name) => row(name, name, { session: inFolder(name) })),
  { troubles: [{ source: 'log', text: text('it is gone') }] },
);
const git = { of: (path: string) => (path === '/src/cli' ? undefined : text(`on ${path}`)) };
const branches = ({ rows }: Board) => rows.map(({ branchName }) => branchName);

/** The first two rows are in sight, with these columns. */
const seeing = (columns: UiState['viewport']['tableColumns'], some: Partial<UiState> = {}): UiState => ({
  ...initialUiState,
  order: of.rows.map(({ key }) => key),
  viewport: { ...initialUiState.viewport, tableRows: 2, tableTop: 0, tableColumns: columns },
  ...some,
});

describe('what the screen adds to a Board', () => {
  const enricher = new BoardEnricher({ options: {}, git });

  it('is the branches of the rows in sight, if their column is', () => {
    expect(branches(enricher.enrich(of, seeing(['title', 'branch']), []))).toEqual([
      'on /src/api',
      'on /src/app',
      undefined,
    ]);
    expect(branches(enricher.enrich(of, seeing(['title']), []))).toEqual([undefined, undefined, undefined]);
  });

  it('is the branches of all rows if the screen is sorted or filtered by them', () => {
    const first = seeing(['title'], { viewport: { ...initialUiState.viewport, tableRows: 1 } });
    const read = parseFilter('branch:api');
    if ('problem' in read) throw new Error('no filter');
    const all = ['on /src/api', 'on /src/app', undefined];
    expect(branches(enricher.enrich(of, { ...first, filter: read.filter }, []))).toEqual(all);
    const sort = { column: 'branch', descending: false } as const;
    expect(branches(enricher.enrich(of, { ...first, sort }, []))).toEqual(all);
  });

  it('is no branch that is there already, and nothing at all if none is missing', () => {
    const asked: string[] = [];
    const counting = new BoardEnricher({
      options: {},
      git: {
        of(path) {
          asked.push(path);
          return git.of(path);
        },
      },
    });
    const ui = seeing(['branch']);
    const named = counting.enrich(of, ui, []);
    expect(counting.nameBranches(named, ui, 0)).toBe(named);
    expect(asked).toEqual(['/src/api', '/src/app']);
    counting.nameBranches(named, { ...ui, viewport: { ...ui.viewport, tableTop: 1 } }, 0);
    expect(asked.slice(2)).toEqual(['/src/cli']);
  });

  it('is no branch while the file system owes an answer', () => {
    const waiting = new BoardEnricher({ options: {}, git, mayRead: () => false });
    expect(branches(waiting.enrich(of, seeing(['branch']), []))).toEqual([undefined, undefined, undefined]);
  });

  it('is the lines that models write, of rows that have their branches', () => {
    const seen: Board[] = [];
    const streamed = {
      on(board: Board) {
        seen.push(board);
        return { ...board, rows: board.rows.slice(0, 1) };
      },
    };
    const whole = new BoardEnricher({ options: {}, git, streamed }).enrich(of, seeing(['branch']), []);
    expect(seen.map(branches)).toEqual([['on /src/api', 'on /src/app', undefined]]);
    expect(whole.rows).toHaveLength(1);
  });

  it('is troubles of the configuration, before those of the sources', () => {
    const { troubles } = enricher.enrich(of, seeing([]), [{ source: 'config', text: text('line 3') }]);
    expect(troubles.map(({ source }) => source)).toEqual(['config', 'log']);
  });
});

describe('the rows of the screen', () => {
  const runs = board([row('tui', 'A talk'), row('run', 'A run', { process: process({ kind: 'run' }) })]);
  const titles = (ui: UiState, options: { includeNoninteractive?: boolean }) =>
    new BoardEnricher({ options, git }).enrich(runs, ui, []).rows.map((one) => one.session?.title);

  it('are those of `opencode run` only if they are asked for, by an option or by a key', () => {
    expect(titles(initialUiState, {})).toEqual(['A talk']);
    expect(titles({ ...initialUiState, all: true }, {})).toEqual(['A talk', 'A run']);
    expect(titles(initialUiState, { includeNoninteractive: true })).toEqual(['A talk', 'A run']);
  });
});
