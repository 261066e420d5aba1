import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JumpContext, jumpTo } from '../../../lib/dashboard/desktop/jump.ts';
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

function context(env: JumpContext['env'], run: Run = runCommand): JumpContext {
  return { env: { TMUX_TMPDIR: world.folder, ...env }, run, monotonicMs: () => performance.now() };
}

function rowIn(server: string, paneId: string, target = 'work:0.0'): Row {
  const socketPath = world.socket(server);
  return row('one', 'A session', {
    process: opencode({ pane: pane({ socketPath, paneId, target: text(target) }) }),
  });
}

describe('a jump, in a real tmux', () => {
  it('switches the client that shows otop to another session of its server, and no other client', async () => {
    const otop = world.session('a', 'otop');
    const work = world.session('a', 'work');
    await world.attach('a', 'otop', 'b', 'mine');
    await world.attach('a', 'otop', 'b', 'other');
    world.session('a', 'elsewhere');
    const [mine, other] = world.clients('a').map((line) => line.split(' ')[0] ?? '');
    world.run('a', 'switch-client', '-c', other ?? '', '-t', 'elsewhere');
    const TMUX = `${world.socket('a')},1,0`;
    const jump = await jumpTo(rowIn('a', work), context({ TMUX, TMUX_PANE: otop }));
    expect(jump).toEqual({ kind: 'jumped', text: 'jumped to work:0.0' });
    expect(world.clients('a')).toContain(`${mine} ${work}`);
    expect(world.clients('a')).not.toContain(`${other} ${work}`);
  });

  it('switches the client of the session below a popup, which has no pane', async () => {
    world.session('a', 'otop');
    const work = world.session('a', 'work');
    await world.attach('a', 'otop', 'b', 'mine');
    const jump = await jumpTo(rowIn('a', work), context({ TMUX: `${world.socket('a')},1,0` }));
    expect(jump.kind).toBe('jumped');
    expect(world.clients('a')[0]).toContain(` ${work}`);
  });

  it('follows into a tmux in tmux, on another socket', async () => {
    const otop = world.session('outer', 'otop');
    const first = world.session('inner', 'first');
    const work = world.session('inner', 'work');
    const nested = await world.attach('inner', 'first', 'outer', 'nested');
    await world.attach('outer', 'otop', 'terminal', 'mine');
    expect(world.clients('inner')[0]).toContain(` ${first}`);
    const TMUX = `${world.socket('outer')},1,0`;
    const jump = await jumpTo(rowIn('inner', work), context({ TMUX, TMUX_PANE: otop }));
    expect(jump).toEqual({ kind: 'jumped', text: 'jumped to work:0.0' });
    expect(world.clients('inner')[0]).toContain(` ${work}`);
    expect(world.clients('outer')[0]).toContain(` ${nested}`);
  });

  it('switches the only client if otop runs outside tmux, and says which terminal that is', async () => {
    world.session('a', 'one');
    const work = world.session('a', 'work');
    await world.attach('a', 'one', 'b', 'mine');
    const jump = await jumpTo(rowIn('a', work), context({}));
    const [tty, shown] = (world.clients('a')[0] ?? '').split(' ');
    expect(jump).toEqual({ kind: 'jumped', text: `work:0.0 is now shown on ${tty}` });
    expect(shown).toBe(work);
  });

  it('says which command to type if no client is attached', async () => {
    const work = world.session('a', 'work');
    expect(await jumpTo(rowIn('a', work), context({}))).toEqual({
      kind: 'stayed',
      text: 'run this in another terminal: tmux -L a attach -t work:0.0',
      command: 'tmux -L a attach -t work:0.0',
    });
  });

  it('says that a pane is gone', async () => {
    world.session('a', 'work');
    expect(await jumpTo(rowIn('a', '%99'), context({}))).toEqual({
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

  it('says that tmux hangs, has ended or is not installed, and waits for it at most one second', async () => {
    const limits: number[] = [];
    const contextWith = (result: Awaited<ReturnType<Run>>): JumpContext =>
      context({}, async (_file, _args, { timeoutMs }) => {
        limits.push(timeoutMs);
        return result;
      });
    const textFor = async (result: Awaited<ReturnType<Run>>) =>
      (await jumpTo(inPane, contextWith(result))).text;
    expect(await textFor({ kind: 'timeout' })).toBe('tmux at /tmp/tmux-0/x does not answer');
    expect(await textFor({ kind: 'ended', exitCode: 1, stdout: '' })).toBe(
      'no tmux runs at /tmp/tmux-0/x any more',
    );
    expect(await textFor({ kind: 'not found' })).toBe('tmux is not installed here');
    expect(limits.every((limit) => limit <= 1000)).toBe(true);
  });

  it('says where the process is, and how to open its session', async () => {
    const jumpFrom = async (some: Partial<Row>) => await jumpTo(row('one', 'A session', some), context({}));
    const { pane: _pane, ...plain } = opencode({ pid: 42, tty: text('pts/3') });
    const { tty: _tty, ...detached } = plain;
    const { process: _process, ...alone } = row('one', 'A session');
    const texts = [
      await jumpFrom({ process: plain }),
      await jumpFrom({ process: { ...detached, orphan: true } }),
      await jumpFrom({ process: { ...detached, kind: 'serve', ports: [4096] } }),
      await jumpFrom({ process: { ...detached, kind: 'run' } }),
      await jumpTo(alone, context({})),
    ].map((jump) => jump.text);
    expect(texts).toMatchInlineSnapshot(`
      [
        "pid 42 runs on pts/3, which is not a tmux pane",
        "pid 42 has lost its terminal",
        "pid 42 (serve) has no terminal: opencode attach http://127.0.0.1:4096 --dir /home/u/projA -s ses_dfc4cf0c2ffeone",
        "pid 42 (run) has no terminal",
        "no process runs the session; to resume it: cd /home/u/projA && opencode -s ses_dfc4cf0c2ffeone",
      ]
    `);
  });
});
