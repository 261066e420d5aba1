import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ProcFolder, procFolder } from '../support/machine.ts';
import { OpencodeDatabase } from '../support/opencode-database.ts';
import { runOtop } from '../support/program.ts';
import type { SessionWriter } from '../support/session-writer.ts';
import { TmuxWorld } from '../support/tmux-world.ts';
import { until } from '../support/wait.ts';

let home: string;
let world: TmuxWorld;
let db: OpencodeDatabase;
let proc: ProcFolder;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-next-'));
  world = new TmuxWorld();
  proc = procFolder();
  db = new OpencodeDatabase(join(home, 'opencode.db'));
  mkdirSync(join(home, 'bin'));
  // A shell named `opencode` accepts `-s ID` and waits for terminal input, so that otop finds it and its pane.
  copyFileSync('/bin/bash', join(home, 'bin/opencode'));
});
afterEach(() => {
  world.close();
  proc.remove();
  db.close();
  rmSync(home, { recursive: true, force: true });
});

interface Tui {
  readonly session: SessionWriter;
  readonly pane: string;
}

/** Starts a TUI in its own pane, with a session whose last turn ended a minute ago. */
function tui(name: string): Tui {
  const directory = join(home, name);
  mkdirSync(directory);
  const session = db
    .session({ atMs: Date.now() - 60_000, title: `Ask ${name}`, directory })
    .turn('hi', 'hello');
  const command = `cd ${directory} && exec ${join(home, 'bin/opencode')} -s ${session.id}`;
  const pane = world.session('work', name, command);
  proc.add(Number(world.run('work', 'display-message', '-p', '-t', pane, '#{pane_pid}')));
  return { session, pane };
}

function asks({ session }: Tui, secondsLater: number): void {
  session.atMs = Date.now() + secondsLater * 1000;
  session.prompt('go').step().question('Which?');
}

describe('otop next, in a real tmux', () => {
  it('switches the current client to the pane of the session that has waited longest', async () => {
    const [younger, longest] = [tui('younger'), tui('longest')];
    const mine = world.session('work', 'mine');
    await world.attach('work', 'mine', 'outer', 'terminal');
    expect(world.clients('work')[0]).toContain(mine);
    asks(longest, 0);
    asks(younger, 1);
    const env = {
      HOME: home,
      OTOP_PROC_ROOT: proc.path,
      TMPDIR: home,
      TMUX: `${world.socket('work')},1,0`,
      TMUX_PANE: mine,
      TMUX_TMPDIR: world.folder,
    };
    const args = ['next', '--db', db.path, '--filter', 'title:ask'];
    // The shells in the panes need some time to exec their programs.
    let ended = await runOtop(args, env);
    const jumps = async () => {
      ended = await runOtop(args, env);
      return ended.code === 0;
    };
    await until('a jump', jumps, () => JSON.stringify(ended));
    expect(ended).toEqual({ code: 0, out: 'Ask longest: jumped to longest:0.0\n', err: '' });
    expect(world.clients('work')[0]).toContain(longest.pane);
  });
});
