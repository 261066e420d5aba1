import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Desk, jumpTo } from '../../../lib/dashboard/desktop/jump.ts';
import type { Row } from '../../../lib/domain/board/board.ts';
import { type Run, runCommand } from '../../../lib/system/run-program.ts';
import { row } from '../../support/board.ts';
import { process as opencode, pane, text } from '../../support/builders.ts';
import { TmuxWorld } from '../../support/tmux-world.ts';

let world: TmuxWorld;
beforeEach(() => {
  world = new TmuxWorld();
});
afterEach(() => world.close());

function desk(env: Desk['env'], run: Run = runCommand): Desk {
  return { env: { TMUX_TMPDIR: world.folder, ...env }, run, monotonicMs: () => performance.now() };
}

function rowIn(server: string, paneId: string, target = 'work:0.0'): Row {
  const socketPath = world.socket(server);
  return row('one', 'A session', {
    process: opencode({ pane: pane({ socketPath, paneId, target: text(target) }) }),
  });
}

describe('a jump, in a real tmux', () => {
  it('takes the client that shows otop to another session of its server, and no other client', async () => {
    const otop = world.session('a', 'otop');
    const work = world.session('a', 'work');
    await world.attach('a', 'otop', 'b', 'mine');
    await world.attach('a', 'otop', 'b', 'other');
    world.session('a', 'elsewhere');
    const [mine, other] = world.clients('a').map((line) => line.split(' ')[0] ?? '');
    world.run('a', 'switch-client', '-c', other ?? '', '-t', 'elsewhere');
    const TMUX = `${world.socket('a')},1,0`;
    const jump = await jumpTo(rowIn('a', work), desk({ TMUX, TMUX_PANE: otop }));
    expect(jump).toEqual({ kind: 'jumped', text: 'jumped to work:0.0' });
    expect(world.clients('a')).toContain(`${mine} ${work}`);
    expect(world.clients('a')).not.toContain(`${other} ${work}`);
  });

  it('from a popup, which has no pane, takes the client of the session beneath it', async () => {
    world.session('a', 'otop');
    const work = world.session('a', 'work');
    await world.attach('a', 'otop', 'b', 'mine');
    const jump = await jumpTo(rowIn('a', work), desk({ TMUX: `${world.socket('a')},1,0` }));
    expect(jump.kind).toBe('jumped');
    expect(world.clients('a')[0]).toContain(` ${work}`);
  });

  it('follows into a tmux within tmux, on another socket', async () => {
    const otop = world.session('outer', 'otop');
    const first = world.session('inner', 'first');
    const work = world.session('inner', 'work');
    const nested = await world.attach('inner', 'first', 'outer', 'nested');
    await world.attach('outer', 'otop', 'terminal', 'mine');
    expect(world.clients('inner')[0]).toContain(` ${first}`);
    const TMUX = `${world.socket('outer')},1,0`;
    const jump = await jumpTo(rowIn('inner', work), desk({ TMUX, TMUX_PANE: otop }));
    expect(jump).toEqual({ kind: 'jumped', text: 'jumped to work:0.0' });
    expect(world.clients('inner')[0]).toContain(` ${work}`);
    expect(world.clients('outer')[0]).toContain(` ${nested}`);
  });

  it('outside tmux switches the only client, and says where that is', async () => {
    world.session('a', 'one');
    const work = world.session('a', 'work');
    await world.attach('a', 'one', 'b', 'mine');
    const jump = await jumpTo(rowIn('a', work), desk({}));
    const [tty, shown] = (world.clients('a')[0] ?? '').split(' ');
    expect(jump).toEqual({ kind: 'jumped', text: `work:0.0 is in front on ${tty}` });
    expect(shown).toBe(work);
  });

  it('says how to get there where nobody is attached', async () => {
    const work = world.session('a', 'work');
    expect(await jumpTo(rowIn('a', work), desk({}))).toEqual({
      kind: 'stayed',
      text: 'in another terminal: tmux -L a attach -t work:0.0',
      command: 'tmux -L a attach -t work:0.0',
    });
  });

  it('tells of a pane that is gone', async () => {
    world.session('a', 'work');
    expect(await jumpTo(rowIn('a', '%99'), desk({}))).toEqual({
      kind: 'stayed',
      text: 'the pane work:0.0 is gone',
      outdated: true,
    });
  });
});

describe('a jump without tmux', () => {
  const inPane = row('one', 'A session', {
    process: opencode({ pane: pane({ socketPath: '/tmp/tmux-0/x', paneId: '%1' }) }),
  });

  it('tells of a tmux that hangs, is gone, or was never there, and asks it for a second at the most', async () => {
    const limits: number[] = [];
    const ending = (result: Awaited<ReturnType<Run>>): Desk =>
      desk({}, async (_file, _args, { timeoutMs }) => {
        limits.push(timeoutMs);
        return result;
      });
    const said = async (result: Awaited<ReturnType<Run>>) => (await jumpTo(inPane, ending(result))).text;
    expect(await said({ kind: 'timeout' })).toBe('tmux at /tmp/tmux-0/x gives no answer');
    expect(await said({ kind: 'ended', exitCode: 1, stdout: '' })).toBe(
      'no tmux runs at /tmp/tmux-0/x any more',
    );
    expect(await said({ kind: 'not found' })).toBe('tmux is not installed here');
    expect(limits.every((limit) => limit <= 1000)).toBe(true);
  });

  it('says where the process is, and what leads to its session', async () => {
    const told = async (some: Partial<Row>) => await jumpTo(row('one', 'A session', some), desk({}));
    const { pane: _pane, ...plain } = opencode({ pid: 42, tty: text('pts/3') });
    const { tty: _tty, ...detached } = plain;
    const { process: _process, ...alone } = row('one', 'A session');
    const texts = [
      await told({ process: plain }),
      await told({ process: { ...detached, orphan: true } }),
      await told({ process: { ...detached, kind: 'serve', ports: [4096] } }),
      await told({ process: { ...detached, kind: 'run' } }),
      await jumpTo(alone, desk({})),
    ].map((jump) => jump.text);
    expect(texts).toMatchInlineSnapshot(`
      [
        "pid 42 runs on pts/3, which is no tmux pane",
        "pid 42 has lost its terminal",
        "pid 42 (serve) has no terminal: opencode attach http://127.0.0.1:4096 --dir /home/u/projA -s ses_dfc4cf0c2ffeone",
        "pid 42 (run) has no terminal",
        "no process runs it; to resume: cd /home/u/projA && opencode -s ses_dfc4cf0c2ffeone",
      ]
    `);
  });
});
