import { describe, expect, it } from 'vitest';
import { textWidth } from '../../lib/text/width.ts';
import { lineText } from '../../lib/view/line.ts';
import { processList } from '../../lib/view/process-list.ts';
import { board, frame, row } from '../support/board.ts';
import { ago, pane, process, text } from '../support/builders.ts';

describe('the list of processes', () => {
  it('has all processes, the largest first, with orphans and tool processes named', () => {
    const tui = process({ pid: 100, rssBytes: 500 * 2 ** 20, startedAtMs: ago(3600) });
    const orphan = process({ pid: 200, rssBytes: 11 * 2 ** 30, orphan: true, startedAtMs: ago(90_000) });
    const { tty: _tty, rssBytes: _rss, cpuPercent: _cpu, ...rest } = process({ pid: 300, kind: 'run' });
    const tool = { ...rest, startedByPid: 100 };
    const shown = board([row('a', 'Write the changelog', { process: tui })], {
      processes: [tui, { ...orphan, cwdText: text('/home/u/old') }, tool],
    });
    expect(`\n${processList(shown, frame(100, 30)).map(lineText).join('\n')}\n`).toMatchInlineSnapshot(`
      "
      3 opencode processes, 11G, 1 without their terminal
           200 tui      11G  4.1%  1d01h pts/0      orphan: its terminal is gone  /home/u/old
           100 tui     500M  4.1%  1h00m pts/0      Write the changelog
           300 run        -     - 10m00s -          started by a tool of pid 100  /home/u/projA
      "
    `);
  });

  it('aligns the last column with any names of tmux sessions', () => {
    const inPane = (pid: number, target: string) => process({ pid, pane: pane({ target: text(target) }) });
    const all = [inPane(1, '日本語の仕事:0.0'), inPane(2, 'a'.repeat(40)), process({ pid: 3 })];
    const lines = processList(board([], { processes: all }), frame(100, 30))
      .map(lineText)
      .slice(1);
    const starts = lines.map((line) => textWidth(line.slice(0, line.indexOf('/home/u'))));
    expect(starts).toEqual([starts[0], starts[0], starts[0]]);
    expect(processList(board([], { processes: all.slice(0, 1) }), frame(100, 30)).map(lineText)[0]).toContain(
      '1 opencode process,',
    );
  });

  it('says that there is no process', () => {
    expect(processList(board([]), frame(80, 24)).map(lineText)).toEqual(['no opencode process runs here']);
  });
});
