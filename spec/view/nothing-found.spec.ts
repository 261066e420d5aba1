import { describe, expect, it } from 'vitest';
import type { Board } from '../../lib/domain/board/board.ts';
import { dashboardView } from '../../lib/view/dashboard.ts';
import { frameText } from '../../lib/view/frame.ts';
import { nothingFoundText } from '../../lib/view/nothing-found.ts';
import { board, frame, screenState } from '../support/board.ts';
import { text } from '../support/builders.ts';

const lookedFor = [text('~/.local/share/opencode/opencode.db')];
const nothing = (some: Partial<Board> = {}) =>
  ({ ...board([], some), lookedFor, today: undefined }) as unknown as Board;
const shown = (cols: number, rows: number, of = nothing()) =>
  `\n${frameText(dashboardView(of, screenState(of), frame(cols, rows)))}\n`;

describe('the screen without any opencode', () => {
  it('says what was looked at and what to do, in the middle', () => {
    expect(shown(80, 18)).toMatchInlineSnapshot(`
      "
       otop   no sessions                                                    14:30:00

         No opencode here yet.

         Looked at
           database     no ~/.local/share/opencode/opencode.db
           processes    none is opencode, in tmux or outside
           servers      none here, and none named

         Next
           opencode     start it anywhere: its session appears here within a second
           otop --demo  look around in a simulated fleet
           otop doctor  check all that otop depends on




       ? help  Enter detail  o jump  w next waiting  i inbox  / filter  otop 0.2% 84M
      "
    `);
    expect(shown(160, 45)).toMatch(/^ {43}No opencode here yet\.$/m);
  });

  it('says it in fewer words on a narrow screen, and only what to do on a low one', () => {
    expect(shown(40, 12)).toMatchInlineSnapshot(`
      "
       otop   no sessions            14:30:00
       No opencode here yet.
       Looked at
         ~/.local/share/opencode/opencode.db
         no process
         no server
       Next
         opencode     start it anywhere
         otop --demo  a simulated fleet
         otop doctor  check everything

       ? help  Enter detail  o jump
      "
    `);
    expect(shown(60, 10)).toMatch(/opencode\.db\n +no process\n +no server\n +opencode +start/);
    expect(shown(40, 6)).toMatchInlineSnapshot(`
      "
       otop   no sessions            14:30:00
       No opencode here yet.
         opencode     start it anywhere
         otop --demo  a simulated fleet
         otop doctor  check everything
       ? help  Enter detail  o jump
      "
    `);
  });

  it('has no table and no gauges until there is something to show', () => {
    expect(shown(120, 40)).not.toMatch(/STATUS|tokens|nothing known/);
    const { lookedFor: _none, ...idle } = nothing();
    expect(shown(120, 40, idle)).toMatch(/STATUS[\s\S]*No opencode is running/);
  });

  it('does not say that no process runs if the processes cannot be read', () => {
    const blind = { ...nothing(), troubles: [{ source: 'processes', text: text('ps failed') }] } as Board;
    expect(nothingFoundText(blind).join('\n')).toMatch(/processes +cannot be read$/m);
    expect(shown(40, 12, blind)).toMatch(/processes: cannot be read$/m);
  });

  it('names each database, and the servers and machines that were asked, with their answers', () => {
    const hosts: Board['hosts'] = [
      { name: text('devbox'), kind: 'ssh', link: 'away', why: text('no route to host') },
      { name: text('127.0.0.1:4096'), kind: 'server', link: 'live' },
      { name: text('lab'), kind: 'otop', link: 'connecting' },
    ];
    const many = { ...nothing(), hosts, lookedFor: [...lookedFor, text('~/other.db')] };
    expect(nothingFoundText(many).join('\n')).toMatchInlineSnapshot(`
      "No opencode here yet.
      looked at
        database     no ~/.local/share/opencode/opencode.db
        database     no ~/other.db
        processes    none is opencode, in tmux or outside
        machine      devbox: no route to host
        server       127.0.0.1:4096: no sessions
        machine      lab: it has not answered yet
      next
        opencode     start it anywhere: its session appears here within a second
        otop --demo  look around in a simulated fleet
        otop doctor  check all that otop depends on"
    `);
  });
});
