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

/** A UI state that shows the first two rows with these columns. */
const seeing = (columns: UiState['viewport']['tableColumns'], some: Partial<UiState> = {}): UiState => ({
  ...initialUiState,
  order: of.rows.map(({ key }) => key),
  viewport: { ...initialUiState.viewport, tableRows: 2, tableTop: 0, tableColumns: columns },
  ...some,
});

describe('BoardEnricher', () => {
  const enricher = new BoardEnricher({ options: {}, git });

  it('adds the branches of visible rows if the branch column is visible', () => {
    expect(branches(enricher.enrich(of, seeing(['title', 'branch']), []))).toEqual([
      'on /src/api',
      'on /src/app',
      undefined,
    ]);
    expect(branches(enricher.enrich(of, seeing(['title']), []))).toEqual([undefined, undefined, undefined]);
  });

  it('adds the branches of all rows if the screen is sorted or filtered by branch', () => {
    const first = seeing(['title'], { viewport: { ...initialUiState.viewport, tableRows: 1 } });
    const read = parseFilter('branch:api');
    if ('problem' in read) throw new Error('no filter');
    const all = ['on /src/api', 'on /src/app', undefined];
    expect(branches(enricher.enrich(of, { ...first, filter: read.filter }, []))).toEqual(all);
    const sort = { column: 'branch', descending: false } as const;
    expect(branches(enricher.enrich(of, { ...first, sort }, []))).toEqual(all);
  });

  it('reads no branch twice, and returns the same Board if no branch is missing', () => {
    const readPaths: string[] = [];
    const counting = new BoardEnricher({
      options: {},
      git: {
        of(path) {
          readPaths.push(path);
          return git.of(path);
        },
      },
    });
    const ui = seeing(['branch']);
    const named = counting.enrich(of, ui, []);
    expect(counting.nameBranches(named, ui, 0)).toBe(named);
    expect(readPaths).toEqual(['/src/api', '/src/app']);
    counting.nameBranches(named, { ...ui, viewport: { ...ui.viewport, tableTop: 1 } }, 0);
    expect(readPaths.slice(2)).toEqual(['/src/cli']);
  });

  it('reads no branch while the file system does not respond', () => {
    const waiting = new BoardEnricher({ options: {}, git, mayRead: () => false });
    expect(branches(waiting.enrich(of, seeing(['branch']), []))).toEqual([undefined, undefined, undefined]);
  });

  it('adds streamed lines after the branches', () => {
    const seen: Board[] = [];
    const streamed = {
      addTo(board: Board) {
        seen.push(board);
        return { ...board, rows: board.rows.slice(0, 1) };
      },
    };
    const whole = new BoardEnricher({ options: {}, git, streamed }).enrich(of, seeing(['branch']), []);
    expect(seen.map(branches)).toEqual([['on /src/api', 'on /src/app', undefined]]);
    expect(whole.rows).toHaveLength(1);
  });

  it('puts the troubles of the configuration before those of the sources', () => {
    const { troubles } = enricher.enrich(of, seeing([]), [{ source: 'config', text: text('line 3') }]);
    expect(troubles.map(({ source }) => source)).toEqual(['config', 'log']);
  });
});

describe('the rows on the screen', () => {
  const runs = board([row('tui', 'A talk'), row('run', 'A run', { process: process({ kind: 'run' }) })]);
  const titles = (ui: UiState, options: { includeNoninteractive?: boolean }) =>
    new BoardEnricher({ options, git }).enrich(runs, ui, []).rows.map((one) => one.session?.title);

  it('include those of `opencode run` only if an option or a key requests them', () => {
    expect(titles(initialUiState, {})).toEqual(['A talk']);
    expect(titles({ ...initialUiState, all: true }, {})).toEqual(['A talk', 'A run']);
    expect(titles(initialUiState, { includeNoninteractive: true })).toEqual(['A talk', 'A run']);
  });
});
